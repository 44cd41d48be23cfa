"""``cargo build --message-format=json`` (the Cargo book, "External tools", "JSON messages").

The log ends with ``build-finished``. One without it was cut off, and one with something behind it is of two builds:
neither is complete. Messages of other reasons than are known are refused, since nobody can say what they hide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _builds
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Reading, Report

_ARTIFACT: Final = "compiler-artifact"
_MESSAGE: Final = "compiler-message"
_FINISHED: Final = "build-finished"
_KNOWN: Final = frozenset({_ARTIFACT, _MESSAGE, _FINISHED, "build-script-executed", "timing-info"})
_START: Final = re.compile(
    rb'\{\s*"reason"\s*:\s*"(?:compiler-artifact|compiler-message|build-script-executed|build-finished)"'
)
_LEVELS: Final = {
    "error": "error",
    "error: internal compiler error": "error",
    "warning": "warning",
    "note": "note",
    "help": "note",
    "failure-note": "note",
}
"""Levels of rustc's diagnostics (the rustc book, "JSON output")."""

_Placed = tuple[dict[str, Any], int]


class _Cargo:
    format: Final = "cargo-build"
    kind: Final = "build"

    def matches(self, report: Report) -> bool:
        return _START.match(report.head) is not None

    def read(self, report: Report) -> Reading:
        events = [(fields.document(value, f"line {line}"), line) for value, line in report.documents]
        reasons = [_reason(event, line) for event, line in events]
        ends = [event for event, reason in zip(events, reasons, strict=True) if reason == _FINISHED]
        finished = _is_finished(reasons)
        return _builds.reading(
            self.format,
            tool="cargo",
            succeeded=finished and all(_succeeded(*end) for end in ends),
            units=[_unit(event, line) for event, line in events if event["reason"] in {_ARTIFACT, _MESSAGE}],
            diagnostics=list(_diagnostics(events)),
            complete=finished,
        )


COLLECTOR: Final = _Cargo()


def _reason(event: dict[str, Any], line: int) -> str:
    reason = fields.text(event, "reason", f"line {line}")
    if reason not in _KNOWN:
        raise MalformedError(f"the reason {reason!r} is not known", where=f"line {line}", code="cargo.reason")
    return reason


def _is_finished(reasons: list[str]) -> bool:
    return reasons.count(_FINISHED) == 1 and reasons[-1] == _FINISHED


def _succeeded(event: dict[str, Any], line: int) -> bool:
    if not isinstance(event.get("success"), bool):
        raise MalformedError("success is true or false", where=f"line {line}/success", code="shape")
    return event["success"] is True


def _unit(event: dict[str, Any], line: int) -> str:
    """The target and what it is: a crate may hold a library and programs of one name."""
    target = fields.mapping(event, "target", f"line {line}")
    kinds = fields.optional_texts(target, "kind", f"line {line}/target")
    return " ".join([fields.text(target, "name", f"line {line}/target"), *kinds])


def _diagnostics(events: list[_Placed]) -> Iterator[dict[str, Any]]:
    for event, line in events:
        if event["reason"] != _MESSAGE:
            continue
        place = f"line {line}/message"
        message = fields.mapping(event, "message", f"line {line}")
        level = fields.text(message, "level", place)
        if level not in _LEVELS:
            raise MalformedError(f"the level {level!r} is not known", where=f"{place}/level", code="cargo.level")
        yield _builds.diagnostic(
            _LEVELS[level],
            fields.optional_text(message, "message", place),
            f"line {line}",
            unit=_unit(event, line),
            code=fields.optional_text(fields.optional_mapping(message, "code", place), "code", f"{place}/code"),
            **_span(message, place),
        )


def _span(message: dict[str, Any], place: str) -> dict[str, Any]:
    for span, here in fields.each_in(message, "spans", place):
        if span.get("is_primary") is True:
            return {"path": fields.text(span, "file_name", here), "line": fields.whole(span, "line_start", here)}
    return {}
