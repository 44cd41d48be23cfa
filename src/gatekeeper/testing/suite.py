"""All Rego tests in some folders, and the rules that none of them has seen deny."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.engine.process import Deadline
from gatekeeper.errors import PolicyError
from gatekeeper.load.packs import Packs, load_packs
from gatekeeper.load.untested import untested_rules
from gatekeeper.testing import roots
from gatekeeper.testing.rego import NO_TESTS, run_tests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.load.untested import Untested
    from gatekeeper.testing.results import RegoTest, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What became of all tests.

    Attributes:
        tests: Sorted by file, row and name.
        untested: Denials that no test has seen; of packs whose tests pass.
        bare: Paths and test files in which there is no test.
    """

    tests: tuple[RegoTest, ...]
    untested: tuple[Untested, ...]
    bare: tuple[Path, ...]

    @property
    def passed(self) -> bool:
        """Some test passed, none did not, none is missing. Tests still to be written change nothing."""
        good = self.count("passed")
        return good > 0 and good + self.count("skipped") == len(self.tests) and not self.untested and not self.bare

    def count(self, outcome: Verdict) -> int:
        """How many tests came out so."""
        return sum(test.outcome == outcome for test in self.tests)


def run_suite(paths: Sequence[Path], *, binary: OpaBinary, deadline: float, data: Sequence[Path] = ()) -> Suite:
    """Run the tests at and below some paths, pack by pack.

    Args:
        paths: Folders and test files.
        binary: The OPA to run.
        deadline: Seconds that all of it may take.
        data: What tests read as ``data``; see :func:`gatekeeper.testing.rego.run_tests`.

    Raises:
        LoadError: A Rego file does not compile.
        PolicyError: A pack, rule or METADATA is wrong.
        UsageError: A path is not there.
        SourceError: A folder or file could not be read.
        EngineError: OPA could not be run, or ran past the deadline.
    """
    clock = Deadline(deadline)
    by_root = roots.by_root(paths)
    runs = {root: tuple(_tests_in(root, data, binary, clock)) for root in by_root}
    tests = [test for root, held in runs.items() for test in held if test.file in by_root[root]]
    unsound = {root for root, held in runs.items() if any(test.bad for test in held)}
    packs = [folder for folder in roots.packs_at(paths) if folder not in unsound]
    tested = {test.file for test in tests}
    files = [file for held in by_root.values() for file in held]
    return Suite(
        tests=tuple(tests),
        untested=tuple(_untested(packs, paths, data, binary, clock)),
        bare=(
            *(path for path in paths if not any(file.is_relative_to(path.absolute()) for file in files)),
            *(file for file in files if file not in tested),
        ),
    )


def _tests_in(root: Path, data: Sequence[Path], binary: OpaBinary, clock: Deadline) -> Iterator[RegoTest]:
    try:
        run = run_tests([root], binary=binary, data=data, deadline=clock.remaining())
    except PolicyError as problem:
        if problem.code != NO_TESTS:
            raise
        return
    yield from run.tests


def _untested(
    folders: Sequence[Path], paths: Sequence[Path], data: Sequence[Path], binary: OpaBinary, clock: Deadline
) -> Iterator[Untested]:
    asked = [path.absolute() if path.is_dir() else path.absolute().parent for path in paths]
    for parent in sorted({folder.parent for folder in folders}):
        loaded = load_packs([parent]).packs
        packs = Packs(packs={name: pack for name, pack in loaded.items() if parent / name in folders})
        for found in untested_rules(packs, binary, deadline=clock.remaining(), data=data):
            file = parent / found.where.rpartition(":")[0]
            if any(file.is_relative_to(folder) for folder in asked):
                yield found
