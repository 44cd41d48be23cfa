"""Projects in which the command says yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenario import Base

from project import change, coverage, ran_tests

if TYPE_CHECKING:
    from pathlib import Path

    from project import Project, Ran


def _green(project: Project) -> None:
    project.green()


def _integration(project: Project) -> None:
    """Everything that the second stage asks: the record of the first, two shards, the change, an approval."""
    project.green()
    record = project.record()
    for path in (project.folder / "evidence").iterdir():
        path.unlink()
    project.write("evidence/build.record.json", record.read_bytes())
    for index in (1, 2):
        project.attest("test_results", ran_tests(index), slot="e2e", name=f"e2e-{index}", shard=f"{index}/2")
    project.attest("change", change("github:bo"), slot="change", name="change")
    project.approve("ada")


def _waived(project: Project) -> None:
    project.green()
    project.attest("coverage", coverage(10), slot="coverage", name="coverage")
    project.waive("ada", "cy")


def _sealed(project: Project) -> None:
    project.green()
    record = project.record()
    project.write("release.record.json", record.read_bytes())


def _raw(project: Project) -> None:
    """Raw reports, unsigned, where the stage accepts that."""
    project.edit(
        "trust.toml",
        "[accept]",
        '[stages.build.accept]\ntest_results = ["unsigned"]\ncoverage = ["unsigned"]\n[accept]',
    )
    project.write("evidence/unit.xml", JUNIT)
    project.write("evidence/coverage.xml", COBERTURA)


JUNIT = """\
<testsuites><testsuite name="s" tests="2" failures="0" errors="0" skipped="0">
<testcase classname="s" name="a" time="0.1"/><testcase classname="s" name="b" time="0.1"/>
</testsuite></testsuites>
"""
COBERTURA = """\
<?xml version="1.0" ?>
<coverage lines-valid="2" lines-covered="2" line-rate="1" version="7.0"><packages><package name="p"><classes>
<class name="a" filename="a.py"><lines><line number="1" hits="1"/><line number="2" hits="1"/></lines></class>
</classes></package></packages></coverage>
"""


def decide(project: Project) -> Ran:
    return project.decide()


def decide_integration(project: Project) -> Ran:
    return project.decide("integration")


def admit(project: Project) -> Ran:
    return project.admit("release.record.json", "--format", "json")


def record_of(project: Project) -> Path:
    return project.folder / "release.record.json"


GREEN = Base("green", _green, decide)
INTEGRATION = Base("integration", _integration, decide_integration)
WAIVED = Base("waived", _waived, decide)
SEALED = Base("sealed", _sealed, admit)
RAW = Base("raw", _raw, decide)
BASES = (GREEN, INTEGRATION, WAIVED, SEALED, RAW)
