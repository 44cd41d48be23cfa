"""Facts equal what was counted independently: ``ground_truth.json`` beside the shared samples."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.collect import registry
from samples import SAMPLES, Sample
from shared import SHARED, needs_shared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = needs_shared

Facts = dict[str, Any]


@cache
def truths() -> dict[str, Any]:
    assert SHARED is not None
    loaded: dict[str, Any] = json.loads((SHARED / "fixtures" / "ground_truth.json").read_bytes())
    return loaded


def junit(truth: Facts) -> Facts:
    """Outcomes there are those of elements; a case whose status is disabled was not run and is skipped here."""
    outcomes: Counter[str] = Counter(truth["outcome_by_case"])
    disabled = truth.get("status_attrs", {}).get("disabled", 0)
    return {
        "total": truth["cases"],
        "passed": outcomes["passed"] - disabled,
        "failed": outcomes["failure"],
        "errored": outcomes["error"],
        "skipped": outcomes["skipped"] + disabled,
    }


def cobertura(truth: Facts) -> Facts:
    facts = {name: truth[f"recount_{name}"] for name in ("lines_valid", "lines_covered")}
    if truth["recount_branches_valid"]:
        facts |= {name: truth[f"recount_{name}"] for name in ("branches_valid", "branches_covered")}
    header = {f"{name}": int(truth[name.replace("_", "-")]) for name in facts}
    if header != facts:
        facts["claimed"] = {name: stated for name, stated in header.items() if stated != facts[name]}
    return facts


def coveragepy(truth: Facts) -> Facts:
    totals = truth["totals"]
    facts = {"lines_valid": totals["num_statements"], "lines_covered": totals["covered_lines"]}
    if truth["meta"]["branch_coverage"]:
        facts |= {"branches_valid": totals["num_branches"], "branches_covered": totals["covered_branches"]}
    return facts


def lcov(truth: Facts) -> Facts:
    facts = {"lines_valid": truth["DA_lines"], "lines_covered": truth["DA_hit"]}
    if truth["BRF_sum"]:
        facts |= {"branches_valid": truth["BRF_sum"], "branches_covered": truth["BRH_sum"]}
    return facts


def jacoco(truth: Facts) -> Facts:
    """There it is the counters of the report, as covered and missed."""
    counters = truth["report_counters"]
    return {
        "lines_covered": counters["LINE"][0],
        "lines_valid": sum(counters["LINE"]),
        "branches_covered": counters["BRANCH"][0],
        "branches_valid": sum(counters["BRANCH"]),
    }


def sarif(truth: Facts) -> Facts:
    """There, results that passed and those that are suppressed have levels as well."""
    return {"levels": truth["effective_level"], "findings": truth["kind"].get("fail", 0)}


EXPECTED: Mapping[str, Callable[[Facts], Facts]] = {
    "junit": junit,
    "cobertura": cobertura,
    "coveragepy": coveragepy,
    "lcov": lcov,
    "jacoco": jacoco,
}

FILES: Mapping[str, str] = {"cobertura": "files", "coveragepy": "files", "lcov": "records_SF", "jacoco": "sourcefiles"}


def read(formats: set[str]) -> list[Sample]:
    return [sample for sample in SAMPLES if sample.format in formats]


@pytest.mark.parametrize("sample", read(set(EXPECTED) - {"jacoco"}), ids=lambda sample: sample.path)
def test_counts_are_those_that_were_counted(sample: Sample) -> None:
    facts = registry.read(sample.report).facts
    expected = EXPECTED[sample.format](truths()[sample.path])

    assert {name: facts[name] for name in expected} == expected
    assert ("branches_valid" in facts) == ("branches_valid" in expected)


@pytest.mark.parametrize("sample", read({"jacoco"}), ids=lambda sample: sample.path)
def test_jacoco_counts_are_those_of_the_report_or_the_report_contradicts_itself(sample: Sample) -> None:
    facts = registry.read(sample.report).facts
    stated = facts.get("claimed", facts)
    expected = jacoco(truths()[sample.path])

    assert {name: stated[name] for name in expected} == expected
    assert facts["complete"] is ("claimed" not in facts)


@pytest.mark.parametrize("sample", read(set(FILES)), ids=lambda sample: sample.path)
def test_files_are_those_that_were_counted(sample: Sample) -> None:
    assert len(registry.read(sample.report).facts["files"]) == truths()[sample.path][FILES[sample.format]]


@pytest.mark.parametrize("sample", read({"sarif"}), ids=lambda sample: sample.path)
def test_levels_are_those_that_were_resolved(sample: Sample) -> None:
    facts, truth = registry.read(sample.report).facts, truths()[sample.path]
    findings = facts["findings"]
    suppressed = sum(truth.get("suppressed", {}).values())
    levels = Counter(finding["level"] for finding in findings)
    if "pass" in truth["kind"]:  # the one result that passed is a note
        levels["note"] += truth["kind"]["pass"]

    assert levels == truth["effective_level"]
    assert len(findings) == truth["kind"]["fail"]
    assert sum(finding["suppressed"] for finding in findings) == suppressed
    assert sum(facts["counts"].values()) == len(findings) - suppressed
    if "executionSuccessful" in truth and not all(truth["executionSuccessful"]):
        assert facts["complete"] is False


def test_one_run_says_the_same_in_three_formats() -> None:
    names = ("coveragepy-json/packaging_branch.json", "cobertura/packaging_branch.xml", "lcov/packaging_branch.lcov")
    readings = [registry.read(Sample(path=f"coverage/{name}").report) for name in names]
    counts = [
        {name: value for name, value in reading.facts.items() if name.startswith(("lines", "branches"))}
        for reading in readings
    ]

    assert counts[0] == counts[1] == counts[2]
    assert counts[0]["lines_covered"] == 3341
    files = [sorted((fact["lines_covered"], fact["lines_valid"]) for fact in r.facts["files"]) for r in readings]
    assert files[0] == files[1] == files[2]
