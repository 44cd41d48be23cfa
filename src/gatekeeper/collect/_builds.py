"""What builds of any language have in common: diagnostics, and an outcome that nothing contradicts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _text
from gatekeeper.collect.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_PLACED: Final = re.compile(r"(?P<path>[^\s:][^:\n]*):(?P<line>\d{1,9})(?::\d{1,9})?: (?P<message>.+)", re.ASCII)


def diagnostic(level: str, message: str, locator: str, **known: Any) -> dict[str, Any]:
    """One diagnostic; what is unknown is left out."""
    members = {name: value for name, value in known.items() if value not in ("", None)}
    text = _text.message(message) or "no message"
    return {"level": level, "message": text, "locator": locator, **members}


def go_errors(text: str, locator: str, unit: str) -> Iterator[dict[str, Any]]:
    """The errors in what the Go compiler prints: a line each, continued by lines that begin with a tab."""
    for line in text.splitlines():
        if not line.strip() or line.startswith(("# ", "\t")):
            continue
        placed = _PLACED.fullmatch(line)
        if placed:
            where = {"path": placed["path"], "line": int(placed["line"])}
            yield diagnostic("error", placed["message"], locator, unit=unit, **where)
        else:
            yield diagnostic("error", line, locator, unit=unit)


def reading(
    form: str,
    *,
    tool: str,
    succeeded: bool,
    units: Iterable[str],
    diagnostics: Sequence[dict[str, Any]],
    complete: bool,
) -> Reading:
    """The reading of a build; one that claims to have succeeded in spite of errors did not."""
    levels = [item["level"] for item in diagnostics]
    worked_on = sorted(set(units))
    contradicted = _contradicted(levels, succeeded=succeeded)
    facts = {
        "tool": tool,
        "succeeded": succeeded and not contradicted,
        "units": worked_on,
        "unit_count": len(worked_on),
        "diagnostics": list(diagnostics),
        "error_count": levels.count("error"),
        "warning_count": levels.count("warning"),
        "complete": complete and not contradicted,
        **({"claimed": {"succeeded": True}} if contradicted else {}),
    }
    return Reading(kind="build", format=form, facts=facts, producer=tool, media_type="application/x-ndjson")


def _contradicted(levels: Sequence[str], *, succeeded: bool) -> bool:
    return succeeded and "error" in levels
