"""What the pytest plugin collects: one run of OPA for each pack, kept for the session, cut into entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.errors import GatekeeperError, PolicyError
from gatekeeper.report.inert import inert
from gatekeeper.testing import roots, showing
from gatekeeper.testing.rego import LoadError, run_tests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.testing.coverage import RegoCoverage
    from gatekeeper.testing.results import RegoCase, RegoRun, RegoTest
    from gatekeeper.testing.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item.

    Attributes:
        name: ``test_bounds[at the limit]``.
        row: Where it begins, from 1.
        duration: Seconds; of a case, its share.
        problem: Why it did not pass; empty when it did.
        skipped: Why it is skipped; empty when it is not.
        printed: What its test printed.
    """

    name: str
    row: int
    duration: float
    problem: str
    skipped: str
    printed: str


class Session:
    """All that one session of pytest needs of OPA.

    Args:
        root: Where pytest's configuration is.
        packs: Folders of packs for the fixture ``rule``; empty for the default.
        gate: The gate that names the engine; empty for the default.
        data: Folders and files that Rego tests read as ``data``.
    """

    def __init__(self, *, root: Path, packs: Sequence[str], gate: str, data: Sequence[str] = ()) -> None:
        self._root, self._packs, self._gate = root, packs, gate
        self._data = [root / path for path in data]
        self._runs: dict[Path, RegoRun | GatekeeperError] = {}
        self._binary: OpaBinary | None = None

    def entries(self, file: Path) -> list[Entry]:
        """The entries of one test file, in the order of the file.

        Raises:
            GatekeeperError: Its tests could not be run, or there are none.
        """
        run = self._run(roots.root_of(file))
        found = [entry for test in run.tests if test.file == file for entry in self._of_test(test)]
        if not found:
            raise PolicyError("there is no test", where=str(file), hint="tests are rules called test_...")
        return found

    def coverage(self, folders: Sequence[Path]) -> RegoCoverage:
        """Which lines of rules the Rego tests of some folders run.

        Raises:
            GatekeeperError: Some do not load, or OPA could not be run.
        """
        from gatekeeper.testing.coverage import RegoCoverage, measure

        return measure(folders, binary=self._opa(), data=self._data) if folders else RegoCoverage(files=())

    def rules(self) -> Rules:
        """What the fixture ``rule`` is."""
        from gatekeeper.testing.rules import Rules

        return Rules.load(self._folders(), self._opa())

    def problem(self, file: Path, error: GatekeeperError) -> str:
        """Why a file could not be collected: every fault in it, or the first elsewhere in its pack."""
        if not isinstance(error, LoadError):
            return inert(str(error))
        own = [fault for fault in error.faults if fault.file == file]
        lead = "" if own else "not run, since another file of its pack does not load: "
        shown = own or error.faults[:1]
        places = ((showing.place(fault.file, fault.row, base=self._root) if fault.file else "") for fault in shown)
        return "\n".join(f"{lead}{place}: {inert(fault.message)}" for place, fault in zip(places, shown, strict=True))

    def _run(self, root: Path) -> RegoRun:
        if root not in self._runs:
            try:
                self._runs[root] = run_tests([root], binary=self._opa(), data=self._data)
            except GatekeeperError as problem:
                self._runs[root] = problem
        run = self._runs[root]
        if isinstance(run, GatekeeperError):
            raise run
        return run

    def _opa(self) -> OpaBinary:
        if self._binary is None:
            from gatekeeper.engine.find import find
            from gatekeeper.load.engine import named_engine

            gate = self._root / (self._gate or "gate.toml")
            version, digests = named_engine(gate if self._gate or gate.is_file() else None)
            self._binary = find(version, allowed_digests=digests)
        return self._binary

    def _folders(self) -> list[Path]:
        from gatekeeper import _data
        from gatekeeper.load.packs import SHIPPED

        shipped = _data.folder("policies")
        named = self._packs or (["policies"] if (self._root / "policies").is_dir() else []) + [SHIPPED]
        folders = [shipped if name == SHIPPED else (self._root / name).resolve() for name in named]
        return list(dict.fromkeys(folders))

    def _of_test(self, test: RegoTest) -> Iterator[Entry]:
        for case in test.cases or (None,):
            yield self._entry(test, case)

    def _entry(self, test: RegoTest, case: RegoCase | None) -> Entry:
        outcome = case.outcome if case else test.outcome
        return Entry(
            name=showing.full_name(test, case),
            row=test.row,
            duration=test.duration / max(1, len(test.cases)),
            problem=showing.explanation(test, case, base=self._root) if outcome in {"failed", "errored"} else "",
            skipped="still to be written" if outcome == "skipped" else "",
            printed=showing.printed(test),
        )
