"""Checkov ``-o json``: one object for one framework, a list of them for several, or a bare summary for none.

The bare summary (``{"passed": 0, "failed": 0, ...}``) is what Checkov writes when no framework found a file, so it
shows that nothing was examined. Checks that are not listed are not counted: with ``--quiet`` the passed ones are left
out, the summary says otherwise, and the report is not complete. Severities are there for users of a platform key
only; elsewhere they are ``null`` and unknown here. What a comment skipped is a finding that is suppressed. ``-o
sarif`` is read as any SARIF, as static analysis.

Source: bridgecrewio/checkov, ``checkov/common/output/report.py``, ``record.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _misconfigured
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields, severity

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Reading

_BARE: Final = frozenset({"passed", "failed", "skipped", "resource_count", "checkov_version"})
_BARE_OLD: Final = frozenset({"passed", "failed", "skipped", "resourcecount", "checkov_version"})
_LISTS: Final = {"passed_checks": "passed", "failed_checks": "failed", "skipped_checks": "skipped"}
"""The lists of results, and the member of the summary that counts each."""

_Placed = tuple[dict[str, Any], str]


def recognise(value: Any) -> bool:
    """Whether this is a report of Checkov of any of the three shapes."""
    if isinstance(value, list):
        return bool(value) and all(_is_report(item) for item in value)
    return _is_report(value) or _is_bare(value)


def read(value: Any) -> Reading:
    """Read a report."""
    if _is_bare(value):
        return _nothing_examined(value)
    reports = list(fields.each(value, "")) if isinstance(value, list) else [(fields.document(value), "")]
    findings = [finding for report, place in reports for finding in _findings(report, place)]
    frameworks = [fields.text(report, "check_type", place) for report, place in reports]
    claimed = {
        f"{framework} {name}": stated
        for framework, (report, place) in zip(frameworks, reports, strict=True)
        for name, stated in _claimed(report, place).items()
    }
    return _misconfigured.reading(
        "checkov",
        findings,
        tools=[f"checkov ({framework})" for framework in frameworks],
        examined=sum(len(found) for report, place in reports for found, _ in _lists(report, place)),
        complete=not any(_parsing_errors(report, place) for report, place in reports),
        claimed=claimed,
        producer=f"checkov {_version(reports)}".strip(),
    )


def _is_report(value: Any) -> bool:
    return isinstance(value, dict) and "check_type" in value and isinstance(value.get("results"), dict)


def _is_bare(value: Any) -> bool:
    return isinstance(value, dict) and (value.keys() >= _BARE or value.keys() >= _BARE_OLD)


def _nothing_examined(value: dict[str, Any]) -> Reading:
    counted = {name: fields.whole(value, name, "") for name in _LISTS.values()}
    version = fields.optional_text(value, "checkov_version", "")
    return _misconfigured.reading(
        "checkov",
        [],
        tools=["checkov"],
        examined=0,
        claimed={name: count for name, count in counted.items() if count},
        producer=f"checkov {version}".strip(),
    )


def _lists(report: dict[str, Any], place: str) -> list[tuple[list[Any], str]]:
    results = fields.mapping(report, "results", place)
    here = f"{place}/results"
    return [(fields.optional_items(results, name, here), f"{here}/{name}") for name in _LISTS]


def _findings(report: dict[str, Any], place: str) -> list[dict[str, Any]]:
    _, failed, skipped = _lists(report, place)
    found = [_finding(item, here, suppressed=False) for item, here in fields.each(*failed)]
    return found + [_finding(item, here, suppressed=True) for item, here in fields.each(*skipped)]


def _parsing_errors(report: dict[str, Any], place: str) -> list[Any]:
    return fields.optional_items(fields.mapping(report, "results", place), "parsing_errors", f"{place}/results")


def _claimed(report: dict[str, Any], place: str) -> dict[str, int]:
    """What the summary counts and the lists do not have."""
    summary, here = fields.mapping(report, "summary", place), f"{place}/summary"
    stated = {name: fields.whole(summary, name, here) for name in (*_LISTS.values(), "parsing_errors")}
    present = dict(zip(_LISTS.values(), (len(found) for found, _ in _lists(report, place)), strict=True))
    present["parsing_errors"] = len(_parsing_errors(report, place))
    return {name: count for name, count in stated.items() if count != present[name]}


def _version(reports: list[_Placed]) -> str:
    summaries = ((fields.mapping(report, "summary", place), f"{place}/summary") for report, place in reports)
    return next((fields.optional_text(summary, "checkov_version", here) for summary, here in summaries), "")


def _finding(item: dict[str, Any], place: str, *, suppressed: bool) -> dict[str, Any]:
    reason = fields.optional_text(
        fields.optional_mapping(item, "check_result", place), "suppress_comment", f"{place}/check_result"
    )
    name = fields.optional_text(item, "check_name", place)
    return {
        "id": fields.text(item, "check_id", place),
        "severity": severity.severity(fields.optional_text(item, "severity", place), f"{place}/severity"),
        "message": f"{name} (skipped: {reason})" if reason else name,
        "suppressed": suppressed,
        "locator": place,
        **fields.known(
            path=fields.optional_text(item, "file_path", place),
            resource=fields.optional_text(item, "resource", place),
            line=_first_line(item, place),
        ),
    }


def _first_line(item: dict[str, Any], place: str) -> int | None:
    lines = fields.optional_items(item, "file_line_range", place)
    if not lines:
        return None
    if not isinstance(lines[0], int) or isinstance(lines[0], bool) or lines[0] < 0:
        raise MalformedError("no line", where=f"{place}/file_line_range/0", code="shape")
    return lines[0] or None


COLLECTOR: Final = JsonFormat(format="checkov", kind=_misconfigured.KIND, recognise=recognise, reader=read)
