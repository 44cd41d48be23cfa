"""Makers of evidence for tests of rules, one for each kind: valid by its schema, with counts computed.

::

    facts.test_results(passed=3, failed=["test_login"])
    facts.coverage(files={"src/app.py": (90, 100)}, slot="unit").without("branches_valid")
    facts.vulnerabilities(critical=1, complete=False)

Without arguments each makes evidence of a build that has nothing wrong with it. Items are given as numbers, as names,
or as mappings that say more of them. Every maker takes ``slot``, ``shard``, ``signers`` and ``verified_at`` (and
``report``, a file name) for ``source``, and any fact by its name to say it otherwise; ``None`` leaves a fact out that
may be absent.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import UsageError
from gatekeeper.testing._made import BEFORE, COMMIT, SHA256, Items, MadeDocument, entry, make, named
from gatekeeper.testing._makers_compat import document
from gatekeeper.testing._makers_stage1 import build, dependencies, environment, release_manifest, reproducibility
from gatekeeper.testing._makers_stage2a import benchmark
from gatekeeper.testing._makers_stage2b import data_handling, misconfiguration, secrets, vex
from gatekeeper.testing._makers_stage3 import (
    chaos,
    configuration,
    endurance,
    privileges,
    release_notes,
    risk,
    rollback,
    secret_management,
    workload_identity,
)
from gatekeeper.testing._makers_stage4 import analysis, canary, capacity, feature_flags, off_switch, slo
from gatekeeper.testing._makers_stage5 import (
    alerts,
    closing,
    deployment,
    deprecations,
    incidents,
    migration,
    postmortem,
    runbook,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Items",
    "alerts",
    "analysis",
    "artifact",
    "benchmark",
    "build",
    "canary",
    "capacity",
    "change",
    "chaos",
    "closing",
    "configuration",
    "coverage",
    "data_handling",
    "dependencies",
    "deployment",
    "deprecations",
    "document",
    "endurance",
    "environment",
    "feature_flags",
    "incidents",
    "migration",
    "misconfiguration",
    "off_switch",
    "performance",
    "postmortem",
    "privileges",
    "provenance",
    "release_manifest",
    "release_notes",
    "reproducibility",
    "review",
    "risk",
    "rollback",
    "runbook",
    "sbom",
    "secret_management",
    "secrets",
    "slo",
    "static_analysis",
    "test_results",
    "vex",
    "vulnerabilities",
    "workload_identity",
]

_LEVELS: Final = ("error", "warning", "note", "none")
_SEVERITIES: Final = ("critical", "high", "medium", "low", "negligible", "unknown")


def test_results(
    *,
    passed: Items = 3,
    failed: Items = (),
    errored: Items = (),
    skipped: Items = (),
    flaky: Items = (),
    suite: str = "suite",
    **more: Any,
) -> MadeDocument:
    """Results of a test suite.

    Args:
        passed: Cases that passed at once; ``flaky`` ones passed later and are counted as passed too.
        failed: Cases by name, or as ``{"name": ..., "message": ...}``.
        errored: Likewise.
        skipped: Likewise.
        flaky: Likewise.
        suite: The suite of all of them.
        more: See the module.
    """
    groups = {"failed": failed, "errored": errored, "skipped": skipped, "flaky": flaky}
    cases = [
        entry(item, "name", suite=suite, outcome=outcome)
        for outcome, items in groups.items()
        for item in named(items, f"test_{outcome}")
    ]
    for at, case in enumerate(cases, start=1):
        case.setdefault("locator", f"/testsuite/testcase[{at}]")
    fine = [entry(item, "name")["name"] for item in named(passed, "test_passed")]
    counts = Counter(case["outcome"] for case in cases)
    total = len(fine) + len(cases)
    facts = {
        **{outcome: counts[outcome] for outcome in groups},
        "passed": len(fine) + counts["flaky"],
        "total": total,
        "executed": total - counts["skipped"],
        "duration_ms": 1000,
        "cases": cases,
        "names": sorted([*(f"{suite}::{name}" for name in fine), *(f"{c['suite']}::{c['name']}" for c in cases)]),
    }
    return make("test_results", facts, **more)


test_results.__test__ = False  # type: ignore[attr-defined]  # pytest would take the bare name for a test


def coverage(
    *,
    lines: tuple[int, int] | None = None,
    branches: tuple[int, int] | None = None,
    files: Mapping[str, tuple[int, int]] | None = None,
    **more: Any,
) -> MadeDocument:
    """Code coverage.

    Args:
        lines: ``(covered, valid)`` of one file; ``(90, 100)`` where neither this nor ``files`` is given.
        branches: ``(covered, valid)``; not measured when None.
        files: ``(covered, valid)`` lines by path, instead of ``lines``.
        more: See the module.
    """
    if lines is not None and files is not None:
        raise UsageError("lines are the sums over files", hint="give lines or files, not both", code="testing.lines")
    by_path = files if files is not None else {"src/app.py": lines or (90, 100)}
    measured = {"branches_covered": branches[0], "branches_valid": branches[1]} if branches else {}
    facts = {
        "lines_covered": sum(covered for covered, _ in by_path.values()),
        "lines_valid": sum(valid for _, valid in by_path.values()),
        "files": [
            {"path": path, "lines_covered": covered, "lines_valid": valid} for path, (covered, valid) in by_path.items()
        ],
    }
    return make("coverage", facts | measured, **more)


def static_analysis(
    *,
    errors: Items = 0,
    warnings: Items = 0,
    notes: Items = 0,
    tool: str = "linter",
    files_examined: int | None = 10,
    **more: Any,
) -> MadeDocument:
    """Findings of a linter or analyser.

    Args:
        errors: Findings by rule, or as mappings (``{"rule": "E501", "path": "src/app.py", "suppressed": True}``).
        warnings: Likewise.
        notes: Likewise.
        tool: The analyser.
        files_examined: How many files it looked at; None where it does not say.
        more: See the module.
    """
    findings = [
        entry(item, "rule", level=level, message=f"{level} found", path="src/app.py", line=1, suppressed=False)
        for level, items in zip(_LEVELS, (errors, warnings, notes), strict=False)
        for item in named(items, level)
    ]
    for at, finding in enumerate(findings):
        finding.setdefault("locator", f"/runs/0/results/{at}")
    counts = Counter(finding["level"] for finding in findings if not finding["suppressed"])
    facts = {
        "tool": tool,
        "findings": findings,
        "counts": {level: counts[level] for level in _LEVELS},
        "files_examined": files_examined,
    }
    return make("static_analysis", facts, **more)


def sbom(*, components: Items = 2, **more: Any) -> MadeDocument:
    """A bill of materials.

    Args:
        components: By name (``requests`` or ``requests@2.32.0``) or as mappings; each has a version, a package URL, a
            licence and a hash unless it says otherwise.
        more: See the module.
    """
    held = [_component(item, at) for at, item in enumerate(named(components, "component"))]
    facts = {
        "format": "cyclonedx",
        "spec_version": "1.6",
        "components": held,
        "component_count": len(held),
        "dependency_count": len(held),
        "created_at": BEFORE,
    }
    return make("sbom", facts, **more)


def _component(item: Any, at: int) -> dict[str, Any]:
    own = entry(item, "name")
    name, _, version = own["name"].partition("@")
    version = version or own.get("version") or "1.0.0"
    defaults = {
        "version": version,
        "purl": f"pkg:generic/{name}@{version}",
        "licenses": ["MIT"],
        "hashes": [f"sha256:{SHA256}"],
        "type": "library",
        "locator": f"/components/{at}",
    }
    return entry({**(item if isinstance(item, dict) else {}), "name": name}, "name", **defaults)


def vulnerabilities(
    *,
    critical: Items = 0,
    high: Items = 0,
    medium: Items = 0,
    low: Items = 0,
    negligible: Items = 0,
    unknown: Items = 0,
    scanner: str = "scanner",
    packages_examined: int | None = 10,
    **more: Any,
) -> MadeDocument:
    """Findings of a vulnerability scanner.

    Args:
        critical: Findings by id, or as mappings
            (``{"id": "CVE-2026-1", "package": "left-pad", "fixed_versions": ["2.0.0"]}``).
        high: Likewise.
        medium: Likewise.
        low: Likewise.
        negligible: Likewise.
        unknown: Likewise.
        scanner: The scanner.
        packages_examined: How many packages it looked at; None where it does not say.
        more: See the module.
    """
    groups = (critical, high, medium, low, negligible, unknown)
    findings = [
        entry(item, "id", severity=severity, aliases=[], package="package", version="1.0.0", fixed_versions=[])
        for severity, items in zip(_SEVERITIES, groups, strict=True)
        for item in named(items, severity)
    ]
    for at, finding in enumerate(findings):
        finding.setdefault("locator", f"/findings/{at}")
    counts = Counter(finding["severity"] for finding in findings)
    facts = {
        "scanner": scanner,
        "findings": findings,
        "counts": {severity: counts[severity] for severity in _SEVERITIES},
        "packages_examined": packages_examined,
        "scanned_at": BEFORE,
        "database_at": BEFORE,
    }
    return make("vulnerabilities", facts, **more)


def provenance(
    *,
    builder: str = "https://ci.example.org/builder",
    source_uri: str | None = "git+https://example.org/app",
    source_digest: str | None = f"gitCommit:{COMMIT}",
    materials: Items = (),
    **more: Any,
) -> MadeDocument:
    """How an artifact was built.

    Args:
        builder: Who built it.
        source_uri: From what; None where it is not said.
        source_digest: From which state of it, ``algorithm:hex``; None where it is not said.
        materials: By address or as ``{"uri": ..., "digest": ...}``.
        more: See the module.
    """
    facts = {
        "builder": builder,
        "build_type": "https://ci.example.org/build/v1",
        "source_uri": source_uri,
        "source_digest": source_digest,
        "materials": [entry(item, "uri") for item in named(materials, "pkg:generic/material")],
        "started_at": BEFORE,
        "finished_at": BEFORE,
    }
    return make("provenance", facts, **more)


def change(
    *, authors: Iterable[str] = ("github:ada",), committers: Iterable[str] | None = None, **more: Any
) -> MadeDocument:
    """Who made a change.

    Args:
        authors: ``provider:login`` or ``email:address``.
        committers: Likewise; the authors when None.
        more: See the module.
    """
    wrote = named(authors, "github:author")
    committed = wrote if committers is None else named(committers, "github:committer")
    return make("change", {"commit": COMMIT, "authors": wrote, "committers": committed}, **more)


def review(
    *,
    approved: Items = ("github:grace",),
    changes_requested: Items = (),
    commented: Items = (),
    commit: str | None = COMMIT,
    **more: Any,
) -> MadeDocument:
    """Reviews of a change.

    Args:
        approved: Reviewers as ``provider:login``, or as mappings.
        changes_requested: Likewise.
        commented: Likewise.
        commit: What they looked at; None where it is not said.
        more: See the module.
    """
    groups = {"approved": approved, "changes_requested": changes_requested, "commented": commented}
    reviews = [
        entry(item, "reviewer", verdict=verdict, commit=commit, submitted_at=BEFORE)
        for verdict, items in groups.items()
        for item in named(items, f"github:{verdict}")
    ]
    for at, one in enumerate(reviews):
        one.setdefault("locator", f"/{at}")
    return make("review", {"reviews": reviews, "review_count": len(reviews)}, **more)


def artifact(*, name: str = "app", version: str = "1.0.0", **more: Any) -> MadeDocument:
    """Metadata of a built artifact: a wheel, unless ``format`` and ``file_name`` say otherwise."""
    facts = {
        "file_name": f"{name}-{version}-py3-none-any.whl",
        "format": "wheel",
        "name": name,
        "version": version,
        "licenses": ["Apache-2.0"],
        "contributors": ["Ada Lovelace"],
        "urls": ["https://example.org/app"],
        "digest": f"sha256:{SHA256}",
    }
    return make("artifact", facts, **more)


def performance(
    *,
    route: str = "/",
    p95_ms: int = 100,
    routes: Mapping[str, int | Mapping[str, Any]] | None = None,
    requests: int = 1000,
    errors: int = 0,
    **more: Any,
) -> MadeDocument:
    """Results of a load test.

    Args:
        route: The one endpoint.
        p95_ms: Its 95th percentile in milliseconds; its other percentiles follow from it.
        routes: Several endpoints instead: the 95th percentile by route, or what is known of each.
        requests: Of each endpoint that does not say.
        errors: Likewise.
        more: See the module.
    """
    measured = {route: p95_ms} if routes is None else routes
    endpoints = [_endpoint(name, said, at, requests, errors) for at, (name, said) in enumerate(measured.items())]
    facts = {
        "tool": "load generator",
        "requests": sum(endpoint["requests"] for endpoint in endpoints),
        "errors": sum(endpoint["errors"] for endpoint in endpoints),
        "duration_ms": 60000,
        "endpoints": endpoints,
    }
    return make("performance", facts, **more)


def _endpoint(name: str, said: Any, at: int, requests: int, errors: int) -> dict[str, Any]:
    own = {"p95_ms": said} if isinstance(said, int) else dict(said)
    p95 = own.get("p95_ms", 100)
    defaults = {"requests": requests, "errors": errors, "p50_ms": p95 // 2, "p95_ms": p95, "p99_ms": p95, "max_ms": p95}
    return entry({**own, "name": name}, "name", **defaults, locator=f"/endpoints/{at}")
