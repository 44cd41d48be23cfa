"""A report together with how its tool ran, for tools whose report is empty when nothing was found.

Gitleaks and hadolint write ``[]`` when all is well, and when they were pointed at nothing. What proves the difference
is the exit code and what the tool printed beside the report (``12 commits scanned``). Whoever runs the tool keeps
both::

    {"tool_run": {"tool": "gitleaks", "version": "8.30.1", "exit_code": 0, "examined": 12, "unit": "commits"},
     "report": []}

``finished_at`` may say when. It is as good as the signature of the one who ran the tool, like any report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from gatekeeper.facts.readers import fields

_RUN: Final = "tool_run"
_REPORT: Final = "report"
_PLACE: Final = f"/{_RUN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a tool ran, and its report.

    Attributes:
        report: The report.
        place: Where it lies, as a JSON pointer.
        version: Of the tool; empty when it is not said.
        exit_code: Of the tool; None when nobody says how it ran.
        examined: What it looked at; None likewise.
        finished_at: When; empty when it is not said.
    """

    report: Any
    place: str = ""
    version: str = ""
    exit_code: int | None = None
    examined: int | None = None
    finished_at: str = ""


def report_of(value: Any, tool: str) -> Any:
    """The report of ``tool`` in a document that says how it ran; the document itself where it does not say.

    For telling formats apart; never raises. None where it is about another tool.
    """
    if not isinstance(value, dict) or _RUN not in value:
        return value
    run = value[_RUN]
    return value.get(_REPORT) if isinstance(run, dict) and run.get("tool") == tool else None


def is_run_of(value: Any, tool: str) -> bool:
    """Whether a document says how ``tool`` ran, and has its report; never raises."""
    if not isinstance(value, dict) or value.keys() != {_RUN, _REPORT}:
        return False
    return isinstance(value[_RUN], dict) and value[_RUN].get("tool") == tool


def read(value: Any, tool: str) -> Run:
    """Read a document that :func:`is_run_of` the tool, or a bare report.

    Raises:
        MalformedError: A member is absent or not what it should be.
    """
    if not is_run_of(value, tool):
        return Run(report=value)
    run = fields.mapping(value, _RUN, "")
    return Run(
        report=value[_REPORT],
        place=f"/{_REPORT}",
        version=fields.optional_text(run, "version", _PLACE),
        exit_code=fields.whole(run, "exit_code", _PLACE),
        examined=fields.whole(run, "examined", _PLACE),
        finished_at=fields.instant(run, "finished_at", _PLACE),
    )


def contradiction(run: Run, *, findings: int, found: frozenset[int]) -> dict[str, Any]:
    """What a tool's exit code says that its report does not; empty when they agree.

    Args:
        run: How it ran.
        findings: How many findings the report has.
        found: Exit codes with which the tool says that it found something.
    """
    if run.exit_code in {None, 0} or (findings and run.exit_code in found):
        return {}
    return {"exit_code": run.exit_code}
