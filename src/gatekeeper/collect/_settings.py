"""Structured values as flat settings: a path and a value for each leaf, secrets as digests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect import _text
from gatekeeper.collect._secret_names import says_secret
from gatekeeper.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ABSENT: Final = "absent"
"""The value of a setting that is not there."""

LONGEST: Final = 200
"""Characters of a value that is shown; of a longer one the digest is."""


def resource_path(resource: str) -> str:
    """A resource as the first step of a path (RFC 6901, section 3)."""
    return _json.pointer(resource).removeprefix("/")


def flatten(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each leaf with its path: scalars, and lists and objects that are empty."""
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from flatten(item, path + _json.pointer(name))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from flatten(item, f"{path}/{index}")
    else:
        yield path, value


def bounded(leaves: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    """Leaves by path.

    Raises:
        LimitError: More than :data:`gatekeeper._limits.MAX_ITEMS`.
    """
    found = {}
    for path, value in leaves:
        found[path] = value
        if len(found) > MAX_ITEMS:
            raise LimitError(f"more than {MAX_ITEMS} settings", where="/", code="report.items")
    return found


def shown(value: Any, *, path: str, secret: bool = False) -> str:
    """A value as JSON; its digest where it is secret, looks or is called like one, or is long."""
    written = json.dumps(value, ensure_ascii=False, sort_keys=True)
    names = (step for step in path.split("/") if not step.isdigit())
    last = list(names)[-1:]
    hidden = secret or any(map(says_secret, last)) or (isinstance(value, str) and _text.redact(value) != value)
    if (hidden and isinstance(value, str)) or len(written) > LONGEST or _text.redact(written) != written:
        return _json.digest(written.encode("utf-8", "surrogatepass"))
    return written


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The paths at which two sets of settings differ, sorted."""
    missing = object()
    return sorted(path for path in {*before, *after} if not same(before.get(path, missing), after.get(path, missing)))


def same(one: Any, two: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return type(one) is type(two) and bool(one == two)
