"""Trivy JSON: misconfigurations of ``trivy config`` and of ``--scanners misconfig`` of other commands.

A result for configuration lists what failed and counts what did not (``MisconfSummary``); where the list has another
number of failures than the summary (``--severity`` hides the rest), the report is not complete. What an ignore file
took away is a finding that is suppressed.

Source: aquasecurity/trivy, ``pkg/types/report.go``, ``pkg/types/misconfiguration.go``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _misconfigured, trivy
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields, severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Reading

_STATUSES: Final = frozenset({"FAIL", "PASS", "EXCEPTION"})

_Placed = tuple[dict[str, Any], str]


def recognise(value: Any) -> bool:
    """Whether this is a Trivy report with a result for configuration."""
    return trivy.is_trivy(value) and trivy.has_configuration(value)


def read(value: Any) -> Reading:
    """Read a report."""
    report = fields.document(value)
    results = [item for item in trivy.results_of(report) if item[0].get("Class") == trivy.CONFIGURATION]
    broken = any(item.get("Error") for item, _ in trivy.resources_of(report))
    broken |= report.get("SchemaVersion", trivy.SCHEMA) != trivy.SCHEMA
    failures = [(item, place) for result in results for item, place in _of_status("FAIL", *result)]
    version = fields.optional_text(fields.optional_mapping(report, "Trivy", ""), "Version", "/Trivy")
    return _misconfigured.reading(
        "trivy-config",
        [finding for result in results for finding in _findings(*result)],
        tools=["trivy"],
        examined=len(failures) + sum(_successes(*result) for result in results),
        complete=not broken,
        claimed=_claimed(results, len(failures)),
        scanned_at=fields.instant(report, "CreatedAt", ""),
        producer=f"trivy {version}".strip(),
    )


def _of_status(status: str, result: dict[str, Any], place: str) -> Iterator[_Placed]:
    for item, here in fields.each_in(result, "Misconfigurations", place):
        stated = fields.text(item, "Status", here) if "Status" in item else "FAIL"  # there was none before 0.20
        if stated not in _STATUSES:
            raise MalformedError(f"the status {stated!r} is not known", where=f"{here}/Status", code="report.value")
        if stated == status:
            yield item, here


def _successes(result: dict[str, Any], place: str) -> int:
    """Checks that held: counted where they are listed, else as the summary has them, which lists nobody."""
    listed = sum(1 for _ in _of_status("PASS", result, place))
    return listed or _summary(result, place).get("Successes", 0)


def _summary(result: dict[str, Any], place: str) -> dict[str, int]:
    summary, here = fields.optional_mapping(result, "MisconfSummary", place), f"{place}/MisconfSummary"
    return {name: fields.whole(summary, name, here) for name in ("Successes", "Failures") if name in summary}


def _claimed(results: list[_Placed], failures: int) -> dict[str, int]:
    summaries = [_summary(*result) for result in results]
    stated = sum(summary.get("Failures", 0) for summary in summaries)
    return {"Failures": stated} if any(summaries) and stated != failures else {}


def _findings(result: dict[str, Any], place: str) -> Iterator[dict[str, Any]]:
    target = fields.optional_text(result, "Target", place)
    for item, here in _of_status("FAIL", result, place):
        yield _finding(item, here, target, suppressed=False)
    for item, here in _of_status("EXCEPTION", result, place):
        yield _finding(item, here, target, suppressed=True)
    for item, here in fields.each_in(result, "ExperimentalModifiedFindings", place):
        if item.get("Type") == "misconfiguration":
            yield _finding(fields.mapping(item, "Finding", here), f"{here}/Finding", target, suppressed=True)


def _finding(item: dict[str, Any], place: str, target: str, *, suppressed: bool) -> dict[str, Any]:
    cause = fields.optional_mapping(item, "CauseMetadata", place)
    here = f"{place}/CauseMetadata"
    line = fields.whole(cause, "StartLine", here) if "StartLine" in cause else 0
    return {
        "id": fields.text(item, "ID", place),
        "severity": severity.severity(fields.optional_text(item, "Severity", place), f"{place}/Severity"),
        "message": fields.optional_text(item, "Message", place) or fields.optional_text(item, "Title", place),
        "suppressed": suppressed,
        "locator": place,
        **fields.known(path=target, line=line or None, resource=fields.optional_text(cause, "Resource", here)),
    }


COLLECTOR: Final = JsonFormat(format="trivy-config", kind=_misconfigured.KIND, recognise=recognise, reader=read)
