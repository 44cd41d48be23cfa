"""TruffleHog 3 with ``--json``: a finding or a log message a line, standard error kept with standard output.

Findings alone do not say what was looked at. TruffleHog logs that at the end (``finished scanning``, with ``chunks``
and ``bytes``), on standard error: ``trufflehog git file://. --json > report.jsonl 2>&1`` keeps both. Without that
message the report is not complete. The secret is in it (``Raw``, ``RawV2``, ``Redacted``, ``ExtraData``), and nothing
of those members becomes a fact.

Source: trufflesecurity/trufflehog, ``pkg/output/json.go``, ``main.go``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect.gitleaks import examined, fingerprint
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Report

_FINDING: Final = frozenset({"SourceMetadata", "DetectorName", "Verified", "Raw"})
_LOG: Final = frozenset({"level", "ts", "logger", "msg"})
_END: Final = "finished scanning"
_BROKEN: Final = ("error", "fatal", "panic", "dpanic")

_Placed = tuple[dict[str, Any], str]


class _TruffleHog:
    format: Final = "trufflehog"
    kind: Final = "secrets"

    def matches(self, report: Report) -> bool:
        if not report.looks_like_json or (b'"DetectorName"' not in report.head and b'"trufflehog"' not in report.head):
            return False
        try:
            return all(_is_line(value) for value, _ in _lines(report))
        except MalformedError:
            return False

    def read(self, report: Report) -> Reading:
        lines = _lines(report)
        findings = [_finding(item, place) for item, place in lines if "DetectorName" in item]
        logged = [(item, place) for item, place in lines if "DetectorName" not in item]
        ends = [(item, place) for item, place in logged if item["msg"] == _END]
        claimed = _claimed(ends, findings)
        is_whole = len(ends) == 1 and not any(_is_error(item) for item, _ in logged)
        facts = {
            "tool": "trufflehog",
            "findings": findings,
            "finding_count": len(findings),
            "examined": sum(fields.whole(item, "chunks", place) for item, place in ends) or examined(findings),
            "complete": is_whole and not claimed,
            **fields.known(
                scanned_at=max((fields.instant(item, "ts", place) for item, place in ends), default=""),
                claimed=claimed or None,
            ),
        }
        versions = [fields.optional_text(item, "trufflehog_version", place) for item, place in ends]
        return Reading(
            kind=self.kind,
            format=self.format,
            facts=facts,
            producer=" ".join(["trufflehog", *versions]).strip(),
            media_type="application/jsonl",
        )


COLLECTOR: Final = _TruffleHog()


def _lines(report: Report) -> list[_Placed]:
    return [(value, f"line {line}") for value, line in report.documents]


def _is_line(value: Any) -> bool:
    return isinstance(value, dict) and (value.keys() >= _FINDING or value.keys() >= _LOG)


def _is_error(message: dict[str, Any]) -> bool:
    return str(message["level"]).lower().startswith(_BROKEN)


def _claimed(ends: list[_Placed], findings: list[dict[str, Any]]) -> dict[str, Any]:
    verified = sum(finding["verified"] for finding in findings)
    counted = {"verified_secrets": verified, "unverified_secrets": len(findings) - verified}
    return {
        name: item[name]
        for item, place in ends
        for name, present in counted.items()
        if name in item and fields.whole(item, name, place) != present
    }


def _finding(item: dict[str, Any], place: str) -> dict[str, Any]:
    data = fields.mapping(fields.mapping(item, "SourceMetadata", place), "Data", f"{place}/SourceMetadata")
    here = f"{place}/SourceMetadata/Data"
    source = next((fields.mapping(data, name, here) for name in data), {})
    rule, path, commit, line = (
        fields.text(item, "DetectorName", place),
        _path(source),
        source.get("commit"),
        _line(source),
    )
    known_commit = commit if isinstance(commit, str) else ""
    if not isinstance(item["Verified"], bool):
        raise fields.wrong(item["Verified"], "a boolean", f"{place}/Verified")
    return {
        "rule": rule,
        "path": path,
        "verified": item["Verified"],
        "fingerprint": fingerprint(commit=known_commit, path=path, rule=rule, line=line),
        "locator": place,
        **fields.known(commit=known_commit, line=line or None),
    }


def _path(source: dict[str, Any]) -> str:
    """Where it is, in the words that sources have for it (``pkg/pb/source_metadatapb``)."""
    words = (source.get(name) for name in ("file", "path", "key", "link", "image", "url", "uuid"))
    return next((word for word in words if isinstance(word, str) and word), "unknown")


def _line(source: dict[str, Any]) -> int:
    line = source.get("line")
    return line if isinstance(line, int) and not isinstance(line, bool) and line > 0 else 0
