"""Mutants of what Rego tests do not reach: METADATA, which the host reads, and the wiring of a gate.

Their killers are the project's Python tests, run for each mutant in a copy of the project.
"""

from __future__ import annotations

import queue
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gatekeeper.engine.command import OpaCommand
from gatekeeper.errors import GatekeeperError
from gatekeeper.load.gate_file import load_gate
from gatekeeper.load.lock import lock_path, write_lock
from gatekeeper.load.packs import load_packs
from gatekeeper.testing.mutation import _kept
from gatekeeper.testing.mutation._candidate import Candidate
from gatekeeper.testing.mutation._metadata import metadata_changes
from gatekeeper.testing.mutation._projects import Project, below
from gatekeeper.testing.mutation._source import Source
from gatekeeper.testing.mutation._wiring import wiring_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.load._pack import Pack
    from gatekeeper.testing.mutation._change import Change
    from gatekeeper.testing.mutation._runs import Verdict
    from gatekeeper.testing.mutation.report import Mutant, Part

WIRING: Final = "wiring"
METADATA: Final = "metadata"
_CHECK_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """What judges METADATA and wiring.

    Attributes:
        root: The folder that is copied for each run; packs and gate lie in it.
        tests: What pytest is given.
        gate: The gate whose wiring is changed too; None for none.
    """

    root: Path
    tests: Sequence[str]
    gate: Path | None = None


class WholeWork:
    """The METADATA of some packs and the wiring of a gate: their mutants, and their verdicts as they come.

    Args:
        python: Tests, and what they test.
        files: For each pack the files whose METADATA is changed, below the folder of packs.
        binary: The OPA that checks the types of what is changed.
        cache: Where verdicts are kept; None keeps none.
        jobs: How many copies of the project are tested at once.
    """

    def __init__(
        self,
        python: Python,
        files: Sequence[tuple[Pack, Sequence[str]]],
        binary: OpaBinary,
        cache: Path | None,
        jobs: int,
    ) -> None:
        self._python, self._files, self._binary = python, files, binary
        self._jobs = jobs
        self._kept = _kept.Kept(cache / f"{_kept.key(str(python.root), {}, 'python')[:32]}.json" if cache else None)
        self._first = Project(python.root, python.tests)
        self.candidates = tuple(self._candidates(self._first.digest()))
        self._verdicts: dict[str, Verdict] = {}

    def run(self) -> Iterator[int]:
        """Judge all that is not known; yields how many more are, as they are."""
        try:
            known = {one.key: verdict for one in self.candidates if (verdict := self._kept.get(one.key))}
            self._verdicts |= known
            yield sum(one.key in known for one in self.candidates)
            waiting = [one for one in self.candidates if one.key not in known]
            if waiting:
                self._first.check()
                yield from self._run(waiting)
            self._kept.only({one.key for one in self.candidates})
        finally:
            self._first.close()

    def mutants(self) -> Iterator[Mutant]:
        """All of them, judged."""
        yield from (one.judged(self._verdicts[one.key]) for one in self.candidates)

    def _run(self, waiting: Sequence[Candidate]) -> Iterator[int]:
        more = [self._first.twin(self._python.root) for _ in range(min(self._jobs, len(waiting)) - 1)]
        free: queue.SimpleQueue[Project] = queue.SimpleQueue()
        for project in (self._first, *more):
            free.put(project)
        with ThreadPoolExecutor(max_workers=len(more) + 1) as pool:
            futures = [pool.submit(self._judge, one, free) for one in waiting]
            try:
                for future in as_completed(futures):
                    self._verdicts |= future.result()
                    self._kept.add(future.result())
                    yield 1
            finally:
                pool.shutdown(cancel_futures=True)
                self._kept.rescue(futures)
                for project in more:
                    project.close()

    def _judge(self, one: Candidate, free: queue.SimpleQueue[Project]) -> dict[str, Verdict]:
        project = free.get()
        try:
            place = below(self._python.root, one.file)
            return {one.key: project.judge(place, one.text, lambda: self._refusal(one, project))}
        finally:
            free.put(project)

    def _refusal(self, one: Candidate, project: Project) -> str:
        """Why the loader refuses what is changed; where it does not, the lock of the gate is written anew."""
        try:
            if one.part == METADATA:
                self._check(one, project)
            if self._python.gate:
                _relock(project.folder / below(self._python.root, self._python.gate))
        except GatekeeperError as problem:
            return problem.message
        return ""

    def _check(self, one: Candidate, project: Project) -> None:
        """Load the rule and compile it, as a gate would."""
        pack, name = one.path.split("/")[:2]
        folder = (project.folder / below(self._python.root, one.file)).parents[2]
        packs = load_packs([folder], only=[f"{pack}.{name}"])
        rules = packs.rule_set(packs.packs[pack].rules)
        OpaCommand(self._binary).check(rules, deadline=_CHECK_SECONDS)

    def _candidates(self, project: str) -> Iterator[Candidate]:
        for pack, paths in self._files:
            for rule in pack.rules:
                if rule.path in paths:
                    place = pack.folder.parent / rule.path
                    yield from self._of(pack.name, METADATA, rule.path, place, rule.text, metadata_changes, project)
        if self._python.gate:
            gate = self._python.gate
            text = gate.read_text(encoding="utf-8")
            name = below(self._python.root, gate)
            yield from self._of(name, WIRING, name, gate.absolute(), text, wiring_changes, project)

    def _of(
        self,
        pack: str,
        part: Part,
        path: str,
        file: Path,
        text: str,
        changes: Callable[[str], Sequence[Change]],
        project: str,
    ) -> Iterator[Candidate]:
        source = Source.of(text)
        for change in changes(text):
            changed = change.applied(text)
            key = _kept.key(changed, {"path": path, "tests": "\0".join(self._python.tests)}, project)
            yield Candidate(
                pack=pack, part=part, path=path, file=file, source=source, change=change, text=changed, key=key
            )


def _relock(gate: Path) -> None:
    spec = load_gate(gate)
    if lock_path(gate).is_file():
        write_lock(spec, lock_path(gate))
