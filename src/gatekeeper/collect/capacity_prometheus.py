"""Capacity in Prometheus: for each resource the answers to two queries, in one JSON file.

::

    {"capacity": "parcel", "measured_at": "2026-11-24T10:00:00Z", "resources": [
        {"name": "cpu", "unit": "cores", "used": ANSWER, "limit": ANSWER}]}

``unit`` is ``cores``, ``bytes``, ``ratio`` or ``count``. Of ``used`` the highest value of any series at any time
counts, of ``limit`` the lowest: a peak is asked for with a range query. A resource without data is left out, and the
document is not complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _capacity, _prometheus
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from gatekeeper.collect.reading import Reading

_KEYS: Final = frozenset({"capacity", "measured_at", "resources"})
_RESOURCE_KEYS: Final = frozenset({"name", "unit", "used", "limit"})


def recognise(value: Any) -> bool:
    """Whether these are answers about capacity."""
    return isinstance(value, dict) and value.keys() >= {"capacity", "resources"}


def read(value: Any) -> Reading:
    """Read the answers for all resources."""
    report = fields.document(value)
    _refuse_others(report, _KEYS, "")
    fields.text(report, "capacity", "")
    measured_at = fields.instant(report, "measured_at", "")
    if not measured_at:
        raise fields.missing("measured_at", "")
    resources: list[dict[str, Any]] = []
    whole = True
    for item, place in fields.each_in(report, "resources", ""):
        resource, is_whole = _resource(item, place)
        resources += [resource] if resource else []
        whole = whole and is_whole
    return _capacity.reading(
        "capacity-prometheus", "prometheus", resources, measured_at, complete=whole, media_type="application/json"
    )


def _resource(item: dict[str, Any], place: str) -> tuple[dict[str, Any] | None, bool]:
    """The resource, None without data, and whether there were data and no warning."""
    _refuse_others(item, _RESOURCE_KEYS, place)
    name, unit = fields.text(item, "name", place), fields.text(item, "unit", place)
    if unit not in _capacity.UNITS:
        hint = f"one of {', '.join(_capacity.UNITS)}"
        raise MalformedError(f"the unit {unit!r} is not known", where=f"{place}/unit", hint=hint, code="report.value")
    used, limit = (_prometheus.read(item, key, place) for key in ("used", "limit"))
    most, least = used.highest(), limit.lowest()
    if most is None or least is None:
        return None, False
    return _capacity.resource(name, unit, most, least, place), used.is_whole and limit.is_whole


def _refuse_others(owner: dict[str, Any], known: AbstractSet[str], place: str) -> None:
    for name in sorted(owner.keys() - known):
        raise MalformedError("not known here", where=f"{place}/{name}", code="shape")


COLLECTOR: Final = JsonFormat(format="capacity-prometheus", kind="capacity", recognise=recognise, reader=read)
