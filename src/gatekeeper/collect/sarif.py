"""SARIF 2.1.0 (OASIS): findings with their effective levels, and whether the scan says that it finished.

Results of a kind other than ``fail`` are no findings, but for ``open`` and ``review``: those say that somebody must
look, and are kept at the level ``none`` (section 3.27.9).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect import _sarif_rules, _shape, _text
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Report

_VERSION: Final = "2.1.0"
_NO_FINDING: Final = frozenset({"pass", "informational", "notApplicable"})
_ELSEWHERE: Final = frozenset({"results", "driver", "extensions", "invocations"})
"""What makes a file say less than the run, when it is in another file (3.15.3)."""


class _Sarif:
    format: Final = "sarif"
    kind: Final = "static_analysis"

    def matches(self, report: Report) -> bool:
        document = report.json
        if not isinstance(document, dict) or "runs" not in document:
            return False
        return "version" in document or "sarif" in str(document.get("$schema", "")).lower()

    def read(self, report: Report) -> Reading:
        document = report.json
        version = document.get("version")
        if version != _VERSION:
            raise MalformedError(
                f"SARIF {version!r} is not read", where="/version", hint=f"write {_VERSION}", code="sarif.version"
            )
        runs = [_Run(run, place) for run, place in _shape.each(_shape.need(document, "runs", list, ""), dict, "/runs")]
        if not runs:
            raise MalformedError("no runs: nothing was scanned", where="/runs", code="sarif.no_runs")
        return Reading(
            kind=self.kind,
            format=self.format,
            facts=_facts(runs),
            producer=", ".join(dict.fromkeys(run.producer for run in runs)),
            media_type="application/sarif+json",
        )


COLLECTOR: Final = _Sarif()


def _facts(runs: list[_Run]) -> dict[str, Any]:
    findings = [finding for run in runs for finding in run.findings]
    counts = Counter(finding["level"] for finding in findings if not finding["suppressed"])
    facts: dict[str, Any] = {
        "tool": ", ".join(dict.fromkeys(run.name for run in runs)),
        "findings": findings,
        "counts": {level: counts[level] for level in _sarif_rules.LEVELS},
        "complete": all(run.complete for run in runs),
    }
    examined = [run.files_examined for run in runs if run.files_examined is not None]
    if len(examined) == len(runs):
        facts["files_examined"] = sum(examined)
    return facts


class _Run:
    """One run of one tool (3.14)."""

    def __init__(self, run: dict[str, Any], place: str) -> None:
        self._place = place
        self._rules = _sarif_rules.Rules(_shape.need(run, "tool", dict, place), f"{place}/tool")
        self._artifacts = _objects(run, "artifacts", place)
        self._invocations = _objects(run, "invocations", place)
        driver = self._rules.driver
        self.name = _shape.need(driver, "name", str, f"{place}/tool/driver") or "(unnamed)"
        version = driver.get("version") or driver.get("semanticVersion") or ""
        self.producer = f"{self.name} {version}".strip()
        results = run.get("results")  # null: the run failed before it could have any (3.14.23)
        self.complete = results is not None and not self._failed() and not self._is_elsewhere(run)
        self.findings: list[dict[str, Any]] = []
        for result, result_place in _shape.each(_results(results, place), dict, f"{place}/results"):
            self._read(result, result_place)

    @property
    def files_examined(self) -> int | None:
        """How many artifacts the run names as its targets; None when it names none, which says nothing (3.24.6)."""
        targets = [item for item in self._artifacts if "analysisTarget" in _listed(item.get("roles"))]
        return len(targets) or None

    def _read(self, result: dict[str, Any], place: str) -> None:
        kind = _shape.check(result.get("kind", "fail"), str, f"{place}/kind")
        if kind not in _sarif_rules.KINDS:
            raise MalformedError(f"no kind of result is called {kind!r}", where=place, code="sarif.kind")
        if kind in _NO_FINDING or result.get("baselineState") == "absent":  # 3.27.24: no longer there
            return
        rules = self._rules.of(result, place)
        level = _sarif_rules.level(result, rules, self._overrides(result), place) if kind == "fail" else "none"
        finding: dict[str, Any] = {
            "rule": _sarif_rules.rule_id_of(result, place)
            or str(rules[0].get("id", "") if rules else "")
            or "(no rule)",
            "level": level,
            "suppressed": _is_suppressed(result, place),
            "locator": place,
        }
        message = _text.message(self._rules.message(result, rules, place))
        self.findings.append(finding | ({"message": message} if message else {}) | self._location(result, place))

    def _location(self, result: dict[str, Any], place: str) -> dict[str, Any]:
        """Path and line of the first location (3.28, 3.29), as far as they are there."""
        locations = _objects(result, "locations", place)
        physical = _shape.may(locations[0], "physicalLocation", dict, f"{place}/locations/0") if locations else None
        if physical is None:
            return {}
        place = f"{place}/locations/0/physicalLocation"
        artifact = _shape.may(physical, "artifactLocation", dict, place) or {}
        region = _shape.may(physical, "region", dict, place) or {}
        path = _shape.may(artifact, "uri", str, f"{place}/artifactLocation") or self._uri(artifact.get("index"))
        line = _shape.may(region, "startLine", int, f"{place}/region")
        found: dict[str, Any] = {"path": unquote(path)} if path else {}
        return found | ({"line": line} if line is not None and line >= 0 else {})

    def _uri(self, index: Any) -> str:
        if not isinstance(index, int) or not 0 <= index < len(self._artifacts):
            return ""
        location = self._artifacts[index].get("location")
        return str(location.get("uri", "")) if isinstance(location, dict) else ""

    def _overrides(self, result: dict[str, Any]) -> list[dict[str, Any]]:
        """The rule configuration of the invocation that made a result (3.27.10)."""
        provenance = result.get("provenance")
        index = provenance.get("invocationIndex", -1) if isinstance(provenance, dict) else -1
        if not isinstance(index, int) or not 0 <= index < len(self._invocations):
            return []
        place = f"{self._place}/invocations/{index}"
        return _objects(self._invocations[index], "ruleConfigurationOverrides", place)

    def _failed(self) -> bool:
        """Some invocation does not say that it succeeded, or notes an error while it ran (3.20.14, 3.20.21)."""
        return any(
            invocation.get("executionSuccessful") is not True
            or any(
                notification.get("level") == "error"
                for notification in _objects(invocation, "toolExecutionNotifications", self._place)
            )
            for invocation in self._invocations
        )

    def _is_elsewhere(self, run: dict[str, Any]) -> bool:
        references = _shape.may(run, "externalPropertyFileReferences", dict, self._place) or {}
        return bool(_ELSEWHERE & references.keys())


def _results(results: Any, place: str) -> list[Any]:
    listed = _shape.check([] if results is None else results, list, f"{place}/results")
    if len(listed) > MAX_ITEMS:
        raise LimitError(f"more than {MAX_ITEMS} results", where=f"{place}/results", code="sarif.results")
    return listed


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(parent: dict[str, Any], name: str, place: str) -> list[dict[str, Any]]:
    items = _shape.may(parent, name, list, place) or []
    return [item for item, _ in _shape.each(items, dict, f"{place}/{name}")]


def _is_suppressed(result: dict[str, Any], place: str) -> bool:
    """There is a suppression, and all of them are accepted; one without a status is (3.27.23, 3.35.3)."""
    suppressions = _objects(result, "suppressions", place)
    return bool(suppressions) and all(item.get("status", "accepted") == "accepted" for item in suppressions)
