"""Runs the real tools on parcel, as its CI would, and leaves their reports.

``python reports.py FOLDER [--change NAME] [--shards N]`` lays a copy of the service, with a change from ``changes/``
over it, into ``FOLDER/source``, runs the tools there and writes:

========================================  =================================================================
``reports/unit-1.xml`` ...                JUnit XML by pytest, one report per shard
``reports/coverage.json``, ``.xml`` ...   coverage.py's own JSON, Cobertura XML, LCOV
``reports/ruff.sarif``                    SARIF 2.1.0 by ruff
``reports/sbom.cdx.json``                 CycloneDX 1.6 by cyclonedx-py: what is installed in this environment
``reports/pip-audit.json``                pip-audit, asking the service of advisories in ``advisories.py``
``dist/parcel-1.4.0-py3-none-any.whl``    the wheel, the same bytes each time
========================================  =================================================================

Needs what is in ``requirements/demo.txt`` and ``requirements/build.txt`` of the project; nothing is fetched.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import advisories

HERE = Path(__file__).resolve().parent
PARTS = ("LICENSE", "README.md", "pyproject.toml", "src", "tests")
TESTS_FAILED = 1
"""pytest's exit code for a run that worked and found failures: a report as good as any other."""
VULNERABILITIES_FOUND = 1
"""pip-audit's exit code for a scan that worked and found some."""
EPOCH = "1767225600"
"""2026-01-01: the date of every file in the wheel, so that two builds of one source are one artifact."""


class ToolError(Exception):
    """A tool could not do its work; what it said."""


@dataclass(frozen=True)
class Workshop:
    """A copy of the service with its reports beside it."""

    folder: Path

    @property
    def source(self) -> Path:
        """The copy."""
        return self.folder / "source"

    @property
    def reports(self) -> Path:
        """Where the tools write."""
        return self.folder / "reports"

    @property
    def dist(self) -> Path:
        """Where the wheel is."""
        return self.folder / "dist"


def lay(folder: Path, change: str = "") -> Workshop:
    """Lay a fresh copy of the service into a folder, with a change over it if one is named."""
    workshop = Workshop(folder.resolve())
    for old in (workshop.source, workshop.reports, workshop.dist):
        shutil.rmtree(old, ignore_errors=True)
    workshop.reports.mkdir(parents=True)
    for part in PARTS:
        _copy(HERE / part, workshop.source / part)
    if change:
        _copy(HERE / "changes" / change, workshop.source)
    return workshop


def run_tests(workshop: Workshop, *, shards: int = 1) -> list[Path]:
    """Run the tests in shards, each with a JUnit report and its part of the coverage; failures are in the reports."""
    files = sorted(path.name for path in (workshop.source / "tests").glob("test_*.py"))
    reports = []
    for number in range(1, shards + 1):
        report = workshop.reports / (f"unit-{number}.xml" if shards > 1 else "unit.xml")
        mine = [f"tests/{name}" for name in files[number - 1 :: shards]]
        command = ["pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", f"--junitxml={report}"]
        _run(
            workshop,
            [*command, "--cov", "--cov-report=", *mine],
            COVERAGE_FILE=f".coverage.{number}",
            fine=(0, TESTS_FAILED),
        )
        reports.append(report)
    return reports


def measure_coverage(workshop: Workshop) -> list[Path]:
    """Put the parts of the coverage together and write it in its three formats."""
    _run(workshop, ["coverage", "combine", "--quiet"])
    for form, name in (("json", "coverage.json"), ("xml", "coverage.xml"), ("lcov", "coverage.lcov")):
        _run(workshop, ["coverage", form, "--quiet", "-o", str(workshop.reports / name)])
    return [workshop.reports / name for name in ("coverage.json", "coverage.xml", "coverage.lcov")]


def lint(workshop: Workshop) -> Path:
    """Have ruff look at the source; what it finds is in the report.

    Ruff writes absolute addresses of files; they are made relative to the source, so that they mean the same elsewhere.
    """
    report = workshop.reports / "ruff.sarif"
    command = ["ruff", "check", "--no-cache", "--exit-zero", "--output-format=sarif", f"--output-file={report}", "."]
    _run(workshop, command)
    text = report.read_text(encoding="utf-8")
    report.write_text(text.replace(f"{workshop.source.as_uri()}/", ""), encoding="utf-8")
    return report


def list_components(workshop: Workshop) -> Path:
    """List what is installed in the environment of this interpreter, the way the service would run."""
    report = workshop.reports / "sbom.cdx.json"
    command = ["cyclonedx_py", "environment", "--pyproject=pyproject.toml", f"--output-file={report}", sys.executable]
    _run(workshop, command)
    return report


def scan(workshop: Workshop) -> Path:
    """Have pip-audit ask about everything that was installed in this environment from an index."""
    installed = workshop.folder / "installed.txt"
    installed.write_text(_run(workshop, ["pip", "list", "--format=freeze", "--exclude-editable"]), encoding="utf-8")
    report = workshop.reports / "pip-audit.json"
    with advisories.service() as address:
        command = ["pip_audit", "--vulnerability-service=osv", f"--osv-url={address}", "--no-deps", "--disable-pip"]
        command += [f"--requirement={installed}", "--format=json", f"--output={report}", "--progress-spinner=off"]
        _run(workshop, [*command, f"--cache-dir={workshop.folder / 'cache'}"], fine=(0, VULNERABILITIES_FOUND))
    return report


def build(workshop: Workshop) -> Path:
    """Build the wheel."""
    _run(workshop, ["hatchling", "build", "-t", "wheel", "-d", str(workshop.dist)], SOURCE_DATE_EPOCH=EPOCH)
    (wheel,) = workshop.dist.glob("*.whl")
    return wheel


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    elif source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _run(workshop: Workshop, command: list[str], *, fine: tuple[int, ...] = (0,), **environment: str) -> str:
    """Run a Python tool of this environment in the copy: what it printed. Anything but its usual end is an error."""
    settings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=workshop.source, env=settings, capture_output=True, text=True, check=False
    )
    if done.returncode not in fine:
        raise ToolError(f"{command[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main(arguments: list[str]) -> int:
    """Do all of it, and say what was made."""
    parser = argparse.ArgumentParser(description="Runs the real tools on parcel and leaves their reports.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--change", default="", choices=["", *sorted(path.name for path in HERE.glob("changes/*/"))])
    parser.add_argument("--shards", type=int, default=1)
    options = parser.parse_args(arguments)
    workshop = lay(options.folder, options.change)
    for path in (
        *run_tests(workshop, shards=options.shards),
        *measure_coverage(workshop),
        lint(workshop),
        list_components(workshop),
        scan(workshop),
        build(workshop),
    ):
        print(path.relative_to(workshop.folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
