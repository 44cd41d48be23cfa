"""Keptn: the event ``sh.keptn.event.evaluation.finished`` (keptn/spec, ``cloudevents.md``).

Each indicator was compared with its criteria. ``info`` has none and is left out, ``warning`` did not pass. A failure
that no indicator explains, and an indicator whose value could not be had, are not complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _slo
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.collect.reading import Reading

_TYPE: Final = "sh.keptn.event.evaluation.finished"
_MET: Final[Mapping[str, bool]] = {"pass": True, "warning": False, "fail": False}
_INFO: Final = "info"
_PLACE: Final = "/data/evaluation"


def recognise(value: Any) -> bool:
    """Whether this is the event."""
    return isinstance(value, dict) and value.get("type") == _TYPE


def read(value: Any) -> Reading:
    """Read the evaluation."""
    event = fields.document(value)
    data = fields.mapping(event, "data", "")
    evaluation = fields.mapping(data, "evaluation", "/data")
    indicators = list(fields.each_in(evaluation, "indicatorResults", _PLACE))
    objectives = [_objective(item, place) for item, place in indicators if item.get("status") != _INFO]
    result = _met(fields.text(evaluation, "result", _PLACE), f"{_PLACE}/result")
    whole = (
        fields.text(data, "status", "/data") == "succeeded"
        and all(_has_value(item, place) for item, place in indicators)
        and (result or not all(objective["met"] for objective in objectives))
    )
    ended = fields.instant(evaluation, "timeEnd", _PLACE)
    return _slo.reading("keptn", "keptn-evaluation", objectives, [ended], complete=whole)


def _objective(item: dict[str, Any], place: str) -> dict[str, Any]:
    value = fields.mapping(item, "value", place)
    name = fields.optional_text(item, "displayName", place) or fields.text(value, "metric", f"{place}/value")
    return {
        "name": name,
        "met": _met(fields.text(item, "status", place), f"{place}/status"),
        "locator": place,
    }


def _met(word: str, place: str) -> bool:
    if word not in _MET:
        raise MalformedError(f"the result {word!r} is not known", where=place, code="report.value")
    return _MET[word]


def _has_value(item: dict[str, Any], place: str) -> bool:
    return fields.mapping(item, "value", place).get("success") is True


COLLECTOR: Final = JsonFormat(format="keptn-evaluation", kind="slo", recognise=recognise, reader=read)
