"""Gitleaks JSON: the lists of version 8 (``RuleID``) and 7 (``rule``, ``offender``), or either with its run.

The secret is in the report (``Secret``, ``Match``, ``line``), and nothing of those members becomes a fact. An empty
list, and the ``null`` of version 7, are what Gitleaks writes for a clean repository and for one it never saw, so
neither is recognised: keep the number of commits that it says it scanned (:mod:`gatekeeper.collect._tool_run`). A
list of findings shows that the places in it were looked at.

Source: gitleaks/gitleaks, ``report/finding.go`` (v8), ``scan/leak.go`` (v7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _tool_run
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOOL: Final = "gitleaks"
_LEAKS_FOUND: Final = frozenset({1})
_V8: Final = frozenset({"RuleID", "File", "StartLine"})
_V7: Final = frozenset({"rule", "offender", "file"})


def recognise(value: Any) -> bool:
    """Whether this is a list of findings, or a run of Gitleaks."""
    if _tool_run.is_run_of(value, _TOOL):
        return True
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and (item.keys() >= _V8 or item.keys() >= _V7) for item in value)
    )


def read(value: Any) -> Reading:
    """Read a report."""
    run = _tool_run.read(value, _TOOL)
    listed = [] if run.report is None else run.report
    findings = [_finding(item, place) for item, place in fields.each(listed, run.place)]
    claimed = _tool_run.contradiction(run, findings=len(findings), found=_LEAKS_FOUND)
    facts = {
        "tool": _TOOL,
        "findings": findings,
        "finding_count": len(findings),
        "examined": examined(findings) if run.examined is None else run.examined,
        "complete": not claimed,
        **fields.known(scanned_at=run.finished_at, claimed=claimed or None),
    }
    return Reading(
        kind="secrets",
        format="gitleaks",
        facts=facts,
        producer=f"{_TOOL} {run.version}".strip(),
        media_type="application/json",
    )


def examined(findings: Iterable[dict[str, Any]]) -> int:
    """How many files in how many states the findings show to have been looked at."""
    return len({(finding.get("commit", ""), finding["path"]) for finding in findings})


def fingerprint(*, commit: str, path: str, rule: str, line: int) -> str:
    """What Gitleaks calls a finding (``report/finding.go``): where it is, and nothing of the secret."""
    return ":".join([*([commit] if commit else []), path, rule, str(line)])


def _finding(item: dict[str, Any], place: str) -> dict[str, Any]:
    is_old = "RuleID" not in item
    path = fields.text(item, "file" if is_old else "File", place)
    rule = fields.text(item, "rule" if is_old else "RuleID", place)
    commit = fields.optional_text(item, "commit" if is_old else "Commit", place)
    line = fields.whole(item, "lineNumber" if is_old else "StartLine", place)
    stated = fields.optional_text(item, "Fingerprint", place)
    return {
        "rule": rule,
        "path": path,
        "fingerprint": stated or fingerprint(commit=commit, path=path, rule=rule, line=line),
        "locator": place,
        **fields.known(
            line=line or None, commit=commit, message="" if is_old else fields.optional_text(item, "Description", place)
        ),
    }


COLLECTOR: Final = JsonFormat(format="gitleaks", kind="secrets", recognise=recognise, reader=read)
