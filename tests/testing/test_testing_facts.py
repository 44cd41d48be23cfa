"""Makers of evidence: valid by the schema of their kind, counted, and able to lack what a test takes away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import GatekeeperError, MalformedError, UsageError
from gatekeeper.facts import Document, kind, kinds
from gatekeeper.testing import NOW, MadeDocument, facts

Maker = Callable[..., MadeDocument]

NAMES = st.text("abcdefgh-_./: é", min_size=1, max_size=8)
ITEMS = st.integers(0, 4) | st.lists(NAMES, max_size=4)
PAIRS = st.tuples(st.integers(0, 50), st.integers(50, 90))

ARGUMENTS: dict[str, dict[str, Any]] = {
    "analysis": {
        "outcome": st.sampled_from(["pass", "fail", "inconclusive", "error", "running"]),
        "passed": ITEMS,
        "failed": ITEMS,
        "dry_run": ITEMS,
    },
    "artifact": {"name": NAMES, "version": NAMES},
    "build": {"units": ITEMS, "errors": ITEMS, "warnings": ITEMS, "notes": ITEMS, "tool": NAMES},
    "canary": {
        "exposures": st.lists(st.integers(0, 100), min_size=1, max_size=4),
        "requests": st.integers(0, 3000),
        "errors": st.integers(0, 40),
        "slower_ms": st.integers(0, 20),
        "finished": st.booleans(),
        "next_exposure_percent": st.none() | st.integers(0, 100),
    },
    "capacity": {"used_percent": st.none() | st.dictionaries(NAMES, st.integers(0, 300), max_size=4)},
    "feature_flags": {"flags": ITEMS, "enabled": st.booleans()},
    "off_switch": {"passed": ITEMS, "failed": ITEMS},
    "change": {"authors": st.lists(NAMES, max_size=3), "committers": st.none() | st.lists(NAMES, max_size=3)},
    "chaos": {"passed": ITEMS, "failed": ITEMS},
    "configuration": {"settings": st.none() | st.dictionaries(NAMES, NAMES, max_size=3), "deviations": ITEMS},
    "coverage": {"branches": st.none() | PAIRS, "files": st.none() | st.dictionaries(NAMES, PAIRS, max_size=4)},
    "dependencies": {"packages": ITEMS, "unlocked": ITEMS},
    "document": {
        "contents": st.none() | st.dictionaries(NAMES, st.dictionaries(NAMES, NAMES, max_size=2), max_size=3),
        "redacted": st.lists(NAMES, max_size=2),
    },
    "endurance": {"phases": ITEMS, "requests": st.integers(5, 9), "errors": st.integers(0, 5)},
    "environment": {
        "name": NAMES,
        "tools": st.none() | st.dictionaries(NAMES, NAMES, max_size=4),
        "images": st.none() | st.dictionaries(NAMES, NAMES, max_size=4),
    },
    "data_handling": {"stores": ITEMS, "reviewer": NAMES},
    "misconfiguration": {"critical": ITEMS, "medium": ITEMS, "unknown": ITEMS, "checks_examined": st.integers(0, 9)},
    "performance": {
        "routes": st.none() | st.dictionaries(NAMES, st.integers(0, 10**6), max_size=4),
        "requests": st.integers(0, 9),
    },
    "privileges": {"grants": ITEMS},
    "provenance": {"materials": ITEMS, "source_uri": st.none() | NAMES, "builder": NAMES},
    "release_manifest": {"name": NAMES, "version": NAMES},
    "reproducibility": {"builders": ITEMS, "differences": ITEMS},
    "release_notes": {"releases": ITEMS},
    "review": {"approved": ITEMS, "changes_requested": ITEMS, "commented": ITEMS, "commit": st.none() | NAMES},
    "risk": {"risks": ITEMS},
    "rollback": {"rehearsals": ITEMS},
    "benchmark": {"benchmarks": ITEMS, "median_ns": st.integers(0, 10**9), "rounds": st.integers(1, 9)},
    "runbook": {"runbooks": ITEMS},
    "alerts": {"quiet": ITEMS, "firing": ITEMS, "unhealthy": ITEMS, "actionable": ITEMS, "noise": ITEMS},
    "incidents": {"open": ITEMS, "resolved": ITEMS},
    "migration": {"migrations": ITEMS},
    "deprecations": {"changes": ITEMS, "breaking": st.booleans()},
    "postmortem": {"done": ITEMS, "open": ITEMS, "incident": NAMES},
    "deployment": {"failed": ITEMS, "rolled_back": ITEMS, "succeeded": ITEMS, "environment": NAMES},
    "closing": {"version": NAMES, "done": ITEMS, "open": ITEMS, "follow_ups": ITEMS},
    "sbom": {"components": ITEMS},
    "secrets": {"found": ITEMS, "tool": NAMES, "examined": st.integers(0, 9)},
    "secret_management": {"secrets": ITEMS, "objects": st.integers(0, 3)},
    "slo": {
        "objectives": st.none() | st.dictionaries(NAMES, PAIRS, max_size=4),
        "target_ppm": st.integers(0, 10**6),
        "unmeasured": ITEMS,
    },
    "static_analysis": {"errors": ITEMS, "warnings": ITEMS, "notes": ITEMS, "files_examined": st.none() | st.just(3)},
    "test_results": {
        "passed": ITEMS,
        "failed": ITEMS,
        "errored": ITEMS,
        "skipped": ITEMS,
        "flaky": ITEMS,
        "suite": NAMES,
    },
    "vex": {"not_affected": ITEMS, "affected": ITEMS, "fixed": ITEMS},
    "vulnerabilities": {"critical": ITEMS, "high": ITEMS, "low": ITEMS, "unknown": ITEMS},
    "workload_identity": {"workloads": ITEMS},
}


def maker(name: str) -> Maker:
    made: Maker = getattr(facts, name)
    return made


def test_there_is_a_maker_for_every_kind() -> None:
    assert set(ARGUMENTS) == set(kinds())


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_without_arguments_nothing_is_wrong_with_it(name: str) -> None:
    document = maker(name)()
    assert isinstance(document, Document)
    assert document.kind == name
    assert document.facts["complete"] is True
    examined = kind(name).examined
    assert not examined or document.facts[examined] > 0
    for time in kind(name).times:
        assert datetime.fromisoformat(document.facts.get(time, "2026-01-01T11:00:00Z")) < NOW


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_whatever_is_asked_for_is_valid_by_schema_and_counted(name: str) -> None:
    @given(st.fixed_dictionaries({}, optional=ARGUMENTS[name]))
    def check(arguments: dict[str, Any]) -> None:
        document = maker(name)(**arguments)
        kind(name).validate(document.facts)
        assert document.as_input()["source"]["kind"] == name

    check()


def test_results_are_counted() -> None:
    made = facts.test_results(
        passed=["test_fine"],
        failed=["test_login", {"name": "test_pay", "message": "402"}],
        skipped=1,
        flaky=1,
        suite="web",
    ).facts
    assert {name: made[name] for name in ("total", "passed", "failed", "errored", "skipped", "flaky", "executed")} == {
        "total": 5,
        "passed": 2,
        "failed": 2,
        "errored": 0,
        "skipped": 1,
        "flaky": 1,
        "executed": 4,
    }
    assert [case.get("message") for case in made["cases"]] == [None, "402", None, None]
    assert made["names"] == [
        "web::test_fine",
        "web::test_flaky-1",
        "web::test_login",
        "web::test_pay",
        "web::test_skipped-1",
    ]


def test_coverage_sums_files() -> None:
    made = facts.coverage(files={"a.py": (1, 2), "b.py": (3, 4)}, branches=(1, 3)).facts
    assert (made["lines_covered"], made["lines_valid"], made["branches_covered"], made["branches_valid"]) == (
        4,
        6,
        1,
        3,
    )
    with pytest.raises(UsageError, match="sums over files"):
        facts.coverage(lines=(1, 2), files={})


def test_suppressed_findings_are_not_counted() -> None:
    made = facts.static_analysis(errors=["E1", {"rule": "E2", "suppressed": True}]).facts
    assert made["counts"]["error"] == 1
    assert len(made["findings"]) == 2


def test_components_are_named_with_or_without_a_version() -> None:
    first, second = facts.sbom(
        components=["left-pad@2.0.0", {"name": "right-pad", "hashes": [], "version": None}]
    ).facts["components"]
    assert (first["name"], first["version"], first["purl"]) == ("left-pad", "2.0.0", "pkg:generic/left-pad@2.0.0")
    assert (second["hashes"], "version" in second) == ([], False)


def test_findings_are_given_by_severity() -> None:
    made = facts.vulnerabilities(critical=["CVE-1"], low=2).facts
    assert made["counts"] == {"critical": 1, "high": 0, "medium": 0, "low": 2, "negligible": 0, "unknown": 0}
    assert [finding["id"] for finding in made["findings"]] == ["CVE-1", "low-1", "low-2"]


def test_endpoints_are_given_by_route() -> None:
    made = facts.performance(routes={"/pay": 620, "/": {"p95_ms": 80, "errors": 3, "p99_ms": None}}).facts
    assert made["errors"] == 3
    assert made["requests"] == 2000
    assert "p99_ms" not in made["endpoints"][1]


def test_where_it_comes_from_can_be_said() -> None:
    made = facts.coverage(
        slot="unit", shard=(2, 4), report="c.xml", signers=["ci", "bot"], verified_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert made.source.as_json() == {
        "digest": made.source.digest,
        "kind": "coverage",
        "slot": "unit",
        "shard": "2/4",
        "name": "c.xml",
        "format": "made",
        "verified_at": "2026-01-01T00:00:00Z",
        "signers": ["bot", "ci"],
    }


def test_other_facts_make_another_source() -> None:
    assert (
        facts.coverage().source.digest == facts.coverage().source.digest != facts.coverage(lines=(1, 2)).source.digest
    )


def test_any_fact_can_be_said_otherwise_and_is_checked() -> None:
    assert facts.coverage(complete=False).facts["complete"] is False
    assert "created_at" not in facts.sbom(created_at=None).facts
    assert facts.artifact(licenses=[]).facts["licenses"] == []
    for wrong in ({"lines_valid": 7}, {"colour": "green"}, {"lines_covered": "many"}):
        with pytest.raises(MalformedError):
            facts.coverage(**wrong)


def test_a_fact_can_be_taken_away_in_every_element() -> None:
    whole = facts.vulnerabilities(critical=[{"id": "CVE-1", "score": 9.8}], low=1)
    less = whole.without("findings.score", "scanned_at", "counts.low")
    assert [finding.get("score") for finding in less.facts["findings"]] == [None, None]
    assert "scanned_at" not in less.facts
    assert "low" not in less.facts["counts"]
    assert whole.facts["findings"][0]["score"] == 9.8
    assert isinstance(less, MadeDocument)


@pytest.mark.parametrize("path", ["branches_valid", "files.colour", "lines_valid.x", ""])
def test_what_is_not_there_cannot_be_taken_away(path: str) -> None:
    with pytest.raises(UsageError, match="the document has no"):
        facts.coverage().without(path)


@pytest.mark.parametrize("wrong", ["github:ada", "test_login"])
def test_a_text_is_no_list(wrong: str) -> None:
    with pytest.raises(GatekeeperError, match="is a text, where a list is needed"):
        facts.test_results(failed=wrong)
