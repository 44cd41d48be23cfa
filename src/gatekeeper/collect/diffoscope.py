"""``diffoscope --json``, version 1: where two files differ, inside and out.

It names files, not builds, so no build is listed; and where there is no difference it writes no report at all. That two
builds are equal is what their digests say, in a statement. A file that only one of the two has is seen in the listing
alone; listings are read line by line, so that allowing another time of day does not allow another file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _text
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMAT: Final = "diffoscope"
_MARK: Final = "diffoscope-json-version"
_LISTINGS: Final = ("file list", "zipinfo ")
_METADATA: Final = ("stat ", "zipdetails ", "getfacl ", "lsattr ", "getfattr ")
_LISTED: Final = re.compile(r"(?P<side>[-+]).*?\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s(?P<name>.+)", re.ASCII)
_CUT: Final = re.compile(r"^[-+ ]?\[ .*(?:lines? removed|reached).*\]$|Max (?:diff|report|output)", re.MULTILINE)


def recognise(value: Any) -> bool:
    """Whether this is a report of diffoscope."""
    return isinstance(value, dict) and _MARK in value


def read(value: Any) -> Reading:
    """Read a report."""
    report = fields.document(value)
    if fields.whole(report, _MARK, "") != 1:
        raise MalformedError("another version than 1", where=f"/{_MARK}", code="diffoscope.version")
    differences = [*_differences(report, "", ())]
    facts = {
        "builds": [],
        "compared_count": 2,
        "differences": differences,
        "difference_count": len(differences),
        "complete": not any(_CUT.search(text) for text in _texts(report, "")),
    }
    return Reading(
        kind="reproducibility", format=_FORMAT, facts=facts, producer="diffoscope", media_type="application/json"
    )


COLLECTOR: Final = JsonFormat(format=_FORMAT, kind="reproducibility", recognise=recognise, reader=read)


def _texts(node: dict[str, Any], place: str) -> Iterator[str]:
    yield fields.optional_text(node, "unified_diff", place)
    for child, here in fields.each_in(node, "details", place):
        yield from _texts(child, here)


def _differences(node: dict[str, Any], place: str, parents: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The differences of a node and below it; the root is the two files as wholes, and no part of a path."""
    name = fields.text(node, "source1", place)
    other = fields.text(node, "source2", place)
    diff = fields.optional_text(node, "unified_diff", place)
    children = list(fields.each_in(node, "details", place))
    path = (*parents, name) if place and not _is_view(name) else parents
    if name.startswith(_LISTINGS):
        yield from _listing(diff, name, place, parents)
    elif diff or not children:
        kind = "metadata" if name.startswith(_METADATA) else "content"
        shown = name if name == other or _is_view(name) else f"{name} and {other}"
        yield _difference(path, kind, place, shown)
    for child, here in children:
        yield from _differences(child, here, path)


def _is_view(name: str) -> bool:
    """A look at the file above rather than a file in it."""
    return name.startswith((*_LISTINGS, *_METADATA))


def _listing(diff: str, name: str, place: str, parents: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """What a listing says: files that only one has; else times, owners, modes or order."""
    sides: dict[str, set[str]] = {"-": set(), "+": set()}
    for line in diff.splitlines():
        match = _LISTED.fullmatch(line)
        if match:
            sides[match["side"]].add(match["name"])
    only_one = sorted(sides["-"] ^ sides["+"])
    for file in only_one:
        yield _difference((*parents, file), "missing", place, name)
    if sides["-"] & sides["+"] or not only_one:
        yield _difference(parents, "metadata" if sides["-"] & sides["+"] else "unknown", place, name)


def _difference(path: tuple[str, ...], kind: str, place: str, detail: str) -> dict[str, Any]:
    return {
        "path": "/".join(path) or ".",
        "kind": kind,
        "detail": _text.message(detail),
        "locator": place or "/",
    }
