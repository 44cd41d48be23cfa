"""flagd: flag definitions (open-feature/flagd-schemas, ``json/flags.json``), ``flags`` being a map or a list.

Targeting is kept as a fact and not evaluated. A default that no variant has is an error of the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

_STATES: Final = {"ENABLED": True, "DISABLED": False}


def recognise(value: Any) -> bool:
    """Whether these are flag definitions of flagd."""
    flags = value.get("flags") if isinstance(value, dict) else None
    listed = list(flags.values()) if isinstance(flags, dict) else flags
    if not isinstance(listed, list):
        return False
    named = str(value.get("$schema", "")).startswith("https://flagd.dev/schema/")
    return named or (bool(listed) and all(isinstance(flag, dict) and "state" in flag for flag in listed))


def read(value: Any) -> Reading:
    """Read all definitions."""
    flags = [_flag(name, item, place) for name, item, place in _flags(fields.document(value)["flags"])]
    names = [flag["name"] for flag in flags]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise MalformedError(f"a second flag {name!r}", where=flags[index]["locator"], code="flagd.twice")
    facts = {"tool": "flagd", "flags": flags, "flag_count": len(flags), "complete": True}
    return Reading(kind="feature_flags", format="flagd", facts=facts, producer="flagd", media_type="application/json")


def _flags(flags: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    if isinstance(flags, list):
        for item, place in fields.each(flags, "/flags"):
            yield fields.text(item, "key", place), item, place
        return
    for name, item in flags.items():
        place = f"/flags{_json.pointer(name)}"
        if not name:
            raise MalformedError("a flag without a name", where=place, code="shape")
        yield name, fields.document(item, place), place


def _flag(name: str, item: dict[str, Any], place: str) -> dict[str, Any]:
    state = fields.text(item, "state", place)
    if state not in _STATES:
        raise MalformedError(f"the state {state!r} is not known", where=f"{place}/state", code="report.value")
    variants = fields.mapping(item, "variants", place)
    default = fields.optional_text(item, "defaultVariant", place)
    if default and default not in variants:
        raise MalformedError(f"no variant is called {default!r}", where=f"{place}/defaultVariant", code="flagd.default")
    return {
        "name": name,
        "enabled": _STATES[state],
        "variants": sorted(variants),
        "off_variants": sorted(variant for variant, value in variants.items() if value is False),
        **fields.known(default_variant=default),
        "targeted": bool(fields.optional_mapping(item, "targeting", place)),
        "locator": place,
    }


COLLECTOR: Final = JsonFormat(format="flagd", kind="feature_flags", recognise=recognise, reader=read)
