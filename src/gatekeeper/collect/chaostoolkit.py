"""Chaos Toolkit: the journal of ``chaos run`` (chaostoolkit.org, reference, "The Journal").

``status`` is not believed: since 1.0 a run whose steady state was not met before it began is "completed", not deviated,
and did nothing. An experiment passed when the steady state was met before and after, something was run, and no
activity, rollbacks included, failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEYS: Final = frozenset({"chaoslib-version", "experiment", "steady_states", "run", "rollbacks"})
_UNFINISHED: Final = frozenset({"interrupted", "aborted"})
_FINISHED: Final = frozenset({"completed", "failed"})

_Placed = tuple[dict[str, Any], str]


def recognise(value: Any) -> bool:
    """Whether this is a journal."""
    return isinstance(value, dict) and value.keys() >= _KEYS


def read(value: Any) -> Reading:
    """Read a journal: one experiment."""
    journal = fields.document(value)
    experiment = _experiment(journal)
    status = fields.text(journal, "status", "")
    facts = {
        "tool": "chaostoolkit",
        "experiments": [experiment],
        "experiment_count": 1,
        "complete": status in _FINISHED,
        **fields.known(ran_at=experiment.get("started_at")),
    }
    version = fields.optional_text(journal, "chaoslib-version", "")
    return Reading(
        kind="chaos",
        format="chaostoolkit",
        facts=facts,
        producer=f"chaostoolkit {version}".strip(),
        media_type="application/json",
    )


def _experiment(journal: dict[str, Any]) -> dict[str, Any]:
    run, rollbacks = (list(fields.each_in(journal, name, "")) for name in ("run", "rollbacks"))
    before, after = (_met(journal, name) for name in ("before", "after"))
    probes = [*_probes(journal, "before"), *_probes(journal, "after")]
    met = sum(probe.get("tolerance_met") is True for probe, _ in probes)
    said = {
        "name": fields.text(fields.mapping(journal, "experiment", ""), "title", "/experiment"),
        "actions": len(run),
        "actions_failed": _failed(run),
        "rollbacks": len(rollbacks),
        "rollbacks_failed": _failed(rollbacks),
        "probes": len(probes),
        "probes_passed": met,
        "locator": "/experiment",
        **fields.known(
            before_met=before,
            after_met=after,
            probe_success_percent=met * 100 // len(probes) if probes else None,
            started_at=_instant(journal, "start"),
            finished_at=_instant(journal, "end"),
        ),
    }
    return {**said, "verdict": _verdict(journal, said)}


def _verdict(journal: dict[str, Any], said: dict[str, Any]) -> str:
    status = fields.text(journal, "status", "")
    if status in _UNFINISHED:
        return "stopped"
    if status not in _FINISHED:
        return "unfinished"
    held = said.get("before_met") is True and said.get("after_met") is True
    clean = said["actions"] > 0 and not said["actions_failed"] and not said["rollbacks_failed"]
    return "passed" if held and clean and status == "completed" and journal.get("deviated") is False else "failed"


def _met(journal: dict[str, Any], when: str) -> bool | None:
    state = fields.optional_mapping(fields.mapping(journal, "steady_states", ""), when, "/steady_states")
    met = state.get("steady_state_met")
    if met is None or isinstance(met, bool):
        return met
    raise fields.wrong(met, "a boolean", f"/steady_states/{when}/steady_state_met")


def _probes(journal: dict[str, Any], when: str) -> Sequence[_Placed]:
    state = fields.optional_mapping(fields.mapping(journal, "steady_states", ""), when, "/steady_states")
    return list(fields.each_in(state, "probes", f"/steady_states/{when}"))


def _failed(activities: Sequence[_Placed]) -> int:
    return sum(fields.text(activity, "status", place) != "succeeded" for activity, place in activities)


def _instant(journal: dict[str, Any], key: str) -> str:
    """A time of the journal in UTC, which versions before 1.0 wrote without a zone (``datetime.utcnow()``)."""
    text = fields.optional_text(journal, key, "")
    if not text:
        return ""
    zoned = text if text.endswith("Z") or "+" in text or text.count("-") > 2 else f"{text}Z"  # noqa: PLR2004 - a date has two
    return _time.format_instant(_time.parse_instant(zoned, where=f"/{key}"))


COLLECTOR: Final = JsonFormat(format="chaostoolkit", kind="chaos", recognise=recognise, reader=read)
