"""The pytest plugin: every Rego test is an item, and the fixture ``rule`` asks a rule through real OPA.

It is imported in every run of pytest where the library is installed. So it imports nothing that pytest has not, and
looks for OPA only when there is a ``*_test.rego`` to collect or a test that asks for ``rule``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from gatekeeper.testing.items import Entry, Session
    from gatekeeper.testing.rules import Rules

_session: pytest.StashKey[Session] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the two settings."""
    group = parser.getgroup("gatekeeper", "Rego tests and rules")
    group.addoption("--no-rego", action="store_true", help="do not collect the tests in *_test.rego files")
    group.addoption("--rego-coverage", action="store_true", help="say which lines of rules no Rego test has run")
    group.addoption(
        "--rego-coverage-min", type=_percent, metavar="PERCENT", help="fail where less of the lines is covered"
    )
    group.addoption("--rego-coverage-lcov", type=Path, metavar="FILE", help="write the coverage as an LCOV tracefile")
    group.addoption("--rego-coverage-json", type=Path, metavar="FILE", help="write the coverage as JSON")
    parser.addini(
        "gatekeeper_packs",
        "folders of packs for the fixture `rule`; `gatekeeper` stands for those that come with the library "
        "(default: policies/ where it is there, then gatekeeper)",
        type="linelist",
    )
    parser.addini(
        "gatekeeper_gate",
        "the gate whose version of OPA is meant (default: gate.toml where it is there, else the library's own version)",
    )
    parser.addini(
        "gatekeeper_data", "folders and files of JSON and YAML that Rego tests read as `data`", type="linelist"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RegoFile | None:
    """Collect ``*_test.rego``."""
    if not file_path.name.endswith("_test.rego") or parent.config.getoption("no_rego"):
        return None
    return RegoFile.from_parent(parent, path=file_path)


def _percent(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 100:  # noqa: PLR2004 - percent
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 to 100")
    return int(text)


def _session_of(config: pytest.Config) -> Session:
    from gatekeeper.testing.items import Session

    if _session not in config.stash:
        config.stash[_session] = Session(
            root=config.rootpath,
            packs=config.getini("gatekeeper_packs"),
            gate=config.getini("gatekeeper_gate"),
            data=config.getini("gatekeeper_data"),
        )
    return config.stash[_session]


class Covered:
    """What ``--rego-coverage`` and its companions ask for; in the process that reports, not in a worker of xdist.

    Coverage is of all Rego tests of the packs that a collected test file belongs to: with ``-k`` too, since OPA runs
    the tests of a pack together.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._folders: set[Path] = set()
        self._lines: list[str] = []

    @classmethod
    def is_asked(cls, config: pytest.Config) -> bool:
        """Any of the options is there."""
        names = ("rego_coverage", "rego_coverage_lcov", "rego_coverage_json")
        return any(config.getoption(name) for name in names) or config.getoption("rego_coverage_min") is not None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember whose tests ran, wherever they did."""
        from gatekeeper.testing import roots

        file = self._config.rootpath / report.nodeid.partition("::")[0]
        if roots.is_test_file(file):
            self._folders.add(roots.root_of(file))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Measure, write the files, and fail where too little is covered or nothing could be measured."""
        from gatekeeper.errors import GatekeeperError

        try:
            reached = self._measure()
        except (GatekeeperError, OSError) as problem:
            self._lines, reached = [f"Rego coverage could not be measured: {problem}"], False
        if not reached and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _measure(self) -> bool:
        base, option = self._config.rootpath, self._config.getoption
        found = _session_of(self._config).coverage(sorted(self._folders))
        self._lines = list(found.as_text(base=base))
        for name, text in (("lcov", found.as_lcov), ("json", found.as_json)):
            if option(f"rego_coverage_{name}"):
                option(f"rego_coverage_{name}").write_text(text(base=base), encoding="utf-8")
        least = option("rego_coverage_min")
        if least is not None and not found.reaches(least):
            self._lines.append(f"that is less than the {least} % that --rego-coverage-min asks for")
            return False
        return True

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show it."""
        terminalreporter.section("Rego coverage")
        for line in self._lines:
            terminalreporter.write_line(line)


def pytest_configure(config: pytest.Config) -> None:
    """Measure coverage where that is asked."""
    if Covered.is_asked(config) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Covered(config), "gatekeeper-rego-coverage")


class RegoFile(pytest.File):
    """A file of Rego tests. Its pack's tests run once, when the first of its files is collected."""

    def collect(self) -> Iterator[RegoItem]:
        """One item for each test, and for each case of a parametrised one."""
        from gatekeeper.errors import GatekeeperError

        try:
            entries = _session_of(self.config).entries(self.path)
        except GatekeeperError as problem:
            raise self.CollectError(_session_of(self.config).problem(self.path, problem)) from problem
        for entry in entries:
            yield RegoItem.from_parent(self, name=entry.name, entry=entry)


class RegoFailedError(Exception):
    """A Rego test did not pass."""


class RegoItem(pytest.Item):
    """One Rego test, or one case of it."""

    def __init__(self, *, entry: Entry, **options: Any) -> None:
        super().__init__(**options)
        self.entry = entry
        if entry.skipped:
            self.add_marker(pytest.mark.skip(reason=entry.skipped))

    def runtest(self) -> None:
        """Report what became of it."""
        if self.entry.printed:
            self.add_report_section("call", "print", self.entry.printed)
        if self.entry.problem:
            raise RegoFailedError(self.entry.problem)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The failure in words, without a Python traceback."""
        if isinstance(excinfo.value, RegoFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line from zero, name."""
        return self.path, self.entry.row - 1, self.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say how long OPA took for a test, which is not how long it took to report that."""
    report = yield
    if isinstance(item, RegoItem) and call.when == "call":
        report.duration = item.entry.duration
    return report


@pytest.fixture(scope="session")
def rule(pytestconfig: pytest.Config) -> Iterator[Rules]:
    """Ask a rule about documents: ``rule("coverage.lines").given(facts.coverage(lines=(90, 100)))``."""
    with _session_of(pytestconfig).rules() as rules:
        yield rules
