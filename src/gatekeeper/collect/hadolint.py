"""hadolint ``--format json``: a list of findings, or that list with its run.

The list has findings only, and ``[]`` is also what an empty Dockerfile gives, so an empty list is not recognised:
keep the exit code and the number of Dockerfiles with it (:mod:`gatekeeper.collect._tool_run`). Its levels become
severities: ``error`` high, ``warning`` medium, ``info`` low, ``style`` negligible. hadolint ``--format sarif`` is
read as any SARIF, as static analysis.

Source: hadolint/hadolint, ``src/Hadolint/Formatter/Json.hs``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _misconfigured, _tool_run
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Reading

_TOOL: Final = "hadolint"
_FOUND: Final = frozenset({1})
_KEYS: Final = frozenset({"code", "column", "file", "level", "line", "message"})
_SEVERITIES: Final = {"error": "high", "warning": "medium", "info": "low", "style": "negligible"}


def recognise(value: Any) -> bool:
    """Whether this is a list of findings, or a run of hadolint."""
    if _tool_run.is_run_of(value, _TOOL):
        return True
    return isinstance(value, list) and bool(value) and all(isinstance(i, dict) and i.keys() == _KEYS for i in value)


def read(value: Any) -> Reading:
    """Read a report."""
    run = _tool_run.read(value, _TOOL)
    findings = [_finding(item, place) for item, place in fields.each(run.report, run.place)]
    return _misconfigured.reading(
        "hadolint",
        findings,
        tools=[_TOOL],
        examined=len(findings) if run.examined is None else run.examined,
        claimed=_tool_run.contradiction(run, findings=len(findings), found=_FOUND),
        scanned_at=run.finished_at,
        producer=f"{_TOOL} {run.version}".strip(),
    )


def _finding(item: dict[str, Any], place: str) -> dict[str, Any]:
    level = fields.text(item, "level", place)
    if level not in _SEVERITIES:
        raise MalformedError(
            f"the level {level!r} is not known",
            where=f"{place}/level",
            hint=f"one of {', '.join(_SEVERITIES)}",
            code="report.severity",
        )
    return {
        "id": fields.text(item, "code", place),
        "severity": _SEVERITIES[level],
        "message": fields.optional_text(item, "message", place),
        "suppressed": False,
        "locator": place,
        **fields.known(path=fields.optional_text(item, "file", place), line=fields.whole(item, "line", place) or None),
    }


COLLECTOR: Final = JsonFormat(format="hadolint", kind=_misconfigured.KIND, recognise=recognise, reader=read)
