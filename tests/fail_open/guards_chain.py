"""Guards over stages behind stages, links between subjects, and baselines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

from guard import Guard, always, becomes, passing, silent

from gatekeeper.links import Trace
from gatekeeper.stage import BaselineAsk

if TYPE_CHECKING:
    from collections.abc import Iterator


def _only_the_first(original: Any) -> Any:
    @wraps(original)
    def trace(walk: Any) -> Trace:
        whole: Trace = original(walk)
        return replace(whole, linked=whole.linked[:1])

    return trace


def _materials_as_sources(original: Any) -> Any:
    @wraps(original)
    def edges(document: Any) -> Iterator[tuple[str, str, str]]:
        yield from original(document)
        for material in document.facts.get("materials", ()):
            if material["digest"].startswith("gitCommit:"):
                yield "commit", material["digest"], material["uri"]

    return edges


def _sha1_as_commit(original: Any) -> Any:
    return lambda digest, algorithms: original(digest.replace("sha1:", "gitCommit:"), algorithms)


def _the_first_material(original: Any) -> Any:
    @wraps(original)
    def links(walk: Any, document: Any, digest: str, key: str) -> list[Any]:
        walk._missing = _Deaf(walk._missing)
        found: list[Any] = original(walk, document, digest, key)
        return found

    return links


class _Deaf(list[str]):
    def append(self, _problem: str) -> None:
        """Note nothing."""


def _whoever_approves(_ask: Any, _gate: Any, voices: Any, _at: Any) -> list[str]:
    return [voice.person for voice in voices if voice.approves]


def _every_record(_original: Any) -> Any:
    return lambda desk, statement: (
        desk.gate.stages[desk.stage].baseline if "/decision/" in statement.predicate_type else None
    )


def _of_any_age(name: str, entry: Any, _roles: Any) -> BaselineAsk:
    values = entry.take_all()
    return BaselineAsk(name=name, stage=values["baseline"], max_age=timedelta(days=9000))


def _no_trail(entry: Any, _after: str) -> bool:
    return bool(entry.boolean("trail", default=False))


def _any_choice(_original: Any) -> Any:
    def choice(table: Any, key: str, choices: tuple[str, ...], default: str) -> str:
        word: str = table.text(key, default)
        return word if word in choices else choices[0]

    return choice


GUARDS = (
    Guard("trail.record", "a record that is missing or exchanged", "gatekeeper.trail:_broken", silent("no signed record")),
    Guard("trail.unknown", "records behind one that is missing", "gatekeeper.trail:_unknown", always("")),
    Guard("trail.unjudged", "what has come since", "gatekeeper.trail:_unjudged", always(())),
    Guard("trail.denied", "a deny further back", "gatekeeper.trail:_denials", always(())),
    Guard("gate.trail", "a trail of nothing", "gatekeeper.load.gate_file:_trail", becomes(_no_trail)),
    Guard("links.trace", "what nothing leads to", "gatekeeper.slots:trace", always(Trace())),
    Guard("links.verified", "links that nobody has signed", "gatekeeper.links:_may_link", always(True)),
    Guard("links.about", "another commit", "gatekeeper.verify:is_about", always(True)),
    Guard("links.all", "one of several commits", "gatekeeper.links:_Walk.trace", _only_the_first),
    Guard("links.source", "what a build used as its source", "gatekeeper.links:_edges", _materials_as_sources),
    Guard("links.bound", "digests that bind nothing", "gatekeeper.links:_bound", _sha1_as_commit),
    Guard("links.materials", "one of several materials", "gatekeeper.links:_Walk._of_document", _the_first_material),
    Guard("links.slot", "slots that are of the subject", "gatekeeper.verify:_Desk._takes", always(True)),
    Guard("links.elsewhere", "evidence of something else", "gatekeeper.slots:_leads", always(True)),
    Guard("gate.links", "links that nobody may make", "gatekeeper.load._slots:_check_links", always(None)),
    Guard("config.choice", "words that nobody knows", "gatekeeper.load.table:Table.choice", _any_choice),
    Guard("baseline.missing", "no release before", "gatekeeper.baseline:_result", passing),
    Guard("baseline.excuse", "an excuse that is none", "gatekeeper.baseline:_excusing", becomes(_whoever_approves)),
    Guard("baseline.other", "a release and itself", "gatekeeper.verify:_Desk._baseline_for", _every_record),
    Guard("baseline.unfit", "a record that is no baseline", "gatekeeper.verify:unfit", always(("", ()))),
    Guard("gate.baseline", "a baseline of any age", "gatekeeper.load._slots:_baseline", becomes(_of_any_age)),
    Guard("gate.compared", "a rule without its baseline", "gatekeeper.load.gate_file:check_slots", always(None)),
)  # fmt: skip
