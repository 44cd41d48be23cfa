"""The pytest plugin: every Rego test is an item, and the fixture ``rule`` asks a rule through real OPA.

It is imported in every run of pytest where the library is installed. So it imports nothing but pytest, and looks for
OPA only when there is a ``*_test.rego`` to collect or a test that asks for ``rule``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from gatekeeper.testing.items import Entry, Session
    from gatekeeper.testing.rules import Rules

_session: pytest.StashKey[Session] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--no-rego`` and the two settings."""
    group = parser.getgroup("gatekeeper", "Rego tests and rules")
    group.addoption("--no-rego", action="store_true", help="do not collect the tests in *_test.rego files")
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


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RegoFile | None:
    """Collect ``*_test.rego``."""
    if not file_path.name.endswith("_test.rego") or parent.config.getoption("no_rego"):
        return None
    return RegoFile.from_parent(parent, path=file_path)


def _session_of(config: pytest.Config) -> Session:
    from gatekeeper.testing.items import Session

    if _session not in config.stash:
        config.stash[_session] = Session(
            root=config.rootpath, packs=config.getini("gatekeeper_packs"), gate=config.getini("gatekeeper_gate")
        )
    return config.stash[_session]


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
