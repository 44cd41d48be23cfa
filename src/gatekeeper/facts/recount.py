"""Counts are counts of items really present: they are counted again whenever facts are read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError
from gatekeeper.facts import _recount_stage1 as stage1
from gatekeeper.facts import _recount_stage2b as stage2b
from gatekeeper.facts import _recount_stage3 as stage3
from gatekeeper.facts import _recount_stage4 as stage4

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Facts = dict[str, Any]
_Count = tuple[str, int, int]
"""Place of a count, what it says, and what is there."""


def recount(kind: str, facts: Facts, *, where: str = "$") -> None:
    """Compare the counts in valid facts with the items beside them.

    Raises:
        MalformedError: A count says something else; ``where`` has its place.
    """
    for place, stated, present in counts(kind, facts):
        if stated != present:
            raise MalformedError(f"says {stated}, {present} are there", where=f"{where}.{place}", code="facts.count")


def counts(kind: str, facts: Facts) -> Iterator[_Count]:
    """Each count in valid facts: its place, what it says, and how many are there."""
    return _COUNTERS.get(kind, _nothing)(facts)


def check_claimed(facts: Facts, *, where: str = "$") -> None:
    """Refuse facts that call themselves complete although the report's own header says otherwise.

    Raises:
        MalformedError: They do.
    """
    if facts.get("claimed") and facts.get("complete") is True:
        raise MalformedError(
            "complete, and its own header says otherwise", where=f"{where}.claimed", code="facts.claimed"
        )


def _nothing(_facts: Facts) -> Iterator[_Count]:
    return iter(())


def _test_results(facts: Facts) -> Iterator[_Count]:
    outcomes = Counter(case["outcome"] for case in facts["cases"])
    for name in ("failed", "errored", "skipped", "flaky"):
        yield name, facts[name], outcomes[name]
    yield "flaky", facts["flaky"], min(facts["flaky"], facts["passed"])
    yield "total", facts["total"], facts["passed"] + facts["failed"] + facts["errored"] + facts["skipped"]
    yield "names", len(facts["names"]), facts["total"]
    yield "executed", facts["executed"], facts["total"] - facts["skipped"]


def _coverage(facts: Facts) -> Iterator[_Count]:
    for index, file in enumerate(facts["files"]):
        yield f"files[{index}].lines_covered", file["lines_covered"], min(file["lines_covered"], file["lines_valid"])
    for name in ("lines_valid", "lines_covered"):
        yield name, facts[name], sum(file[name] for file in facts["files"])
    if "branches_covered" in facts or "branches_valid" in facts:
        covered, valid = facts.get("branches_covered", -1), facts.get("branches_valid", -1)
        yield "branches_covered", covered, max(min(covered, valid), 0)
        yield "branches_valid", valid, max(valid, 0)


def _static_analysis(facts: Facts) -> Iterator[_Count]:
    return _by(facts, "level", (finding for finding in facts["findings"] if not finding["suppressed"]))


def _vulnerabilities(facts: Facts) -> Iterator[_Count]:
    return _by(facts, "severity", iter(facts["findings"]))


def _by(facts: Facts, key: str, findings: Iterator[Mapping[str, Any]]) -> Iterator[_Count]:
    present = Counter(finding[key] for finding in findings)
    for name, stated in facts["counts"].items():
        yield f"counts.{name}", stated, present[name]


def _sbom(facts: Facts) -> Iterator[_Count]:
    yield "component_count", facts["component_count"], len(facts["components"])


def _document(facts: Facts) -> Iterator[_Count]:
    yield "document_count", facts["document_count"], len(facts["documents"])


def _review(facts: Facts) -> Iterator[_Count]:
    yield "review_count", facts["review_count"], len(facts["reviews"])


def _performance(facts: Facts) -> Iterator[_Count]:
    for name in ("requests", "errors"):
        yield name, facts[name], sum(endpoint[name] for endpoint in facts["endpoints"])


_COUNTERS: Final[Mapping[str, Callable[[Facts], Iterator[_Count]]]] = {
    "test_results": _test_results,
    "coverage": _coverage,
    "static_analysis": _static_analysis,
    "vulnerabilities": _vulnerabilities,
    "sbom": _sbom,
    "document": _document,
    "review": _review,
    "performance": _performance,
    "build": stage1.build,
    "reproducibility": stage1.reproducibility,
    "analysis": stage4.analysis,
    "canary": stage4.canary,
    "capacity": stage4.capacity,
    "feature_flags": stage4.feature_flags,
    "slo": stage4.slo,
    "misconfiguration": stage2b.misconfiguration,
    "chaos": stage3.chaos,
    "endurance": stage3.endurance,
}
