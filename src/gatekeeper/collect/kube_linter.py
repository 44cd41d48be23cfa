"""kube-linter ``--format json``: reports of checks that did not hold, or those with their run.

The checks that it lists are definitions; it does not say how many objects they were applied to, and a folder without
any gives the same document as one where all is well. So ``Reports: null`` alone has examined nothing: keep the number
of objects with it (:mod:`gatekeeper.collect._tool_run`). kube-linter knows no severity.

Source: stackrox/kube-linter, ``pkg/run/run.go``, ``pkg/diagnostic/context.go``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _misconfigured, _tool_run
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Reading

_TOOL: Final = "kube-linter"
_FOUND: Final = frozenset({1})
_STATUSES: Final = {"Passed": False, "Failed": True}
"""Whether there are reports, by the status of the summary (``pkg/run/run.go``, type CheckStatus)."""


def recognise(value: Any) -> bool:
    """Whether this is a report of kube-linter, or a run of it."""
    if _tool_run.is_run_of(value, _TOOL):
        return True
    summary = value.get("Summary") if isinstance(value, dict) else None
    return isinstance(summary, dict) and "ChecksStatus" in summary and "Reports" in value and "Checks" in value


def read(value: Any) -> Reading:
    """Read a report."""
    run = _tool_run.read(value, _TOOL)
    report = fields.document(run.report, run.place)
    findings = [_finding(item, place) for item, place in fields.each_in(report, "Reports", run.place)]
    summary = fields.mapping(report, "Summary", run.place)
    claimed = _tool_run.contradiction(run, findings=len(findings), found=_FOUND)
    claimed |= _claimed(summary, f"{run.place}/Summary", found=bool(findings))
    version = fields.optional_text(summary, "KubeLinterVersion", f"{run.place}/Summary")
    return _misconfigured.reading(
        "kube-linter",
        findings,
        tools=[_TOOL],
        examined=len(findings) if run.examined is None else run.examined,
        claimed=claimed,
        scanned_at=run.finished_at or fields.instant(summary, "CheckEndTime", f"{run.place}/Summary"),
        producer=f"{_TOOL} {version or run.version}".strip(),
    )


def _claimed(summary: dict[str, Any], place: str, *, found: bool) -> dict[str, Any]:
    status = fields.text(summary, "ChecksStatus", place)
    if status not in _STATUSES:
        raise MalformedError(
            f"the status {status!r} is not known",
            where=f"{place}/ChecksStatus",
            hint=f"one of {', '.join(_STATUSES)}",
            code="report.value",
        )
    return {} if _STATUSES[status] == found else {"ChecksStatus": status}


def _finding(item: dict[str, Any], place: str) -> dict[str, Any]:
    found = fields.mapping(item, "Object", place)
    metadata = fields.optional_mapping(found, "Metadata", f"{place}/Object")
    said = fields.mapping(item, "Diagnostic", place)
    return {
        "id": fields.text(item, "Check", place),
        "severity": "unknown",
        "message": fields.optional_text(said, "Message", f"{place}/Diagnostic"),
        "suppressed": False,
        "locator": place,
        **fields.known(
            path=fields.optional_text(metadata, "FilePath", f"{place}/Object/Metadata"),
            resource=_resource(fields.optional_mapping(found, "K8sObject", f"{place}/Object"), place),
        ),
    }


def _resource(named: dict[str, Any], place: str) -> str:
    here = f"{place}/Object/K8sObject"
    kind = fields.optional_text(fields.optional_mapping(named, "GroupVersionKind", here), "Kind", here)
    parts = (kind, fields.optional_text(named, "Namespace", here), fields.optional_text(named, "Name", here))
    return "/".join(part for part in parts if part)


COLLECTOR: Final = JsonFormat(format="kube-linter", kind=_misconfigured.KIND, recognise=recognise, reader=read)
