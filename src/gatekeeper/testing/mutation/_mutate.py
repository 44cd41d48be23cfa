"""Mutation testing: change rules, METADATA and wiring in one place at a time, and see whether tests notice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gatekeeper.engine.process import Deadline
from gatekeeper.errors import PolicyError, UsageError
from gatekeeper.load._pack_toml import CONFTEST
from gatekeeper.load.packs import load_packs
from gatekeeper.testing import roots
from gatekeeper.testing.mutation import _equivalent, _kept
from gatekeeper.testing.mutation._candidate import Candidate
from gatekeeper.testing.mutation._change import Words
from gatekeeper.testing.mutation._family import Family
from gatekeeper.testing.mutation._operators import changes
from gatekeeper.testing.mutation._runs import BrokenDownError, Verdict, judge, unreached
from gatekeeper.testing.mutation._source import Source, parse
from gatekeeper.testing.mutation._whole import Python, WholeWork
from gatekeeper.testing.mutation._words import words_of
from gatekeeper.testing.mutation.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.load._pack import Pack
    from gatekeeper.testing.mutation._family import Copy
    from gatekeeper.testing.mutation.report import Mutant

DEADLINE: Final = 3600.0
"""Seconds for all of OPA's work, where the caller does not say."""

BATCH: Final = 100
"""Mutants in one OPA, at most."""

BATCH_CHARACTERS: Final = 600_000
"""Text in one OPA, at most: a hundred mutants of a long rule with long tests took more than three gigabytes."""


def mutate(
    paths: Sequence[Path],
    *,
    binary: OpaBinary,
    data: Sequence[Path] = (),
    python: Python | None = None,
    jobs: int = 1,
    cache: Path | None = None,
    deadline: float = DEADLINE,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Make every mutant of the rules and libraries at and below some paths, and run their packs' Rego tests on each.

    Args:
        paths: Folders of packs, packs, rules or files.
        binary: The OPA to run, from :func:`gatekeeper.engine.find.find`.
        data: Folders and files of JSON and YAML that the Rego tests read as ``data``.
        python: The Python tests that judge mutants of METADATA and of a gate's wiring; None makes no such mutants.
        jobs: How many OPAs, or copies of the project, run at once.
        cache: A folder in which verdicts are kept; None to reach all anew.
        deadline: Seconds that OPA may take in all.
        progress: Told how many of how many mutants are judged.

    Raises:
        PolicyError: A pack is wrong, its tests do not pass as it is, there is nothing to change, or an
            ``equivalent.toml`` names what is not there.
        UsageError: A path is not there, or not below the folder that is copied.
        SourceError: A file could not be read, or a verdict not kept.
        EngineError: OPA or pytest could not be run, or OPA ran past the deadline.
    """
    clock = Deadline(deadline)
    packs = list(_packs(paths))
    work: list[_PackWork | WholeWork] = [
        _PackWork(pack, Family(pack, data), _asked(pack, paths), binary, cache, jobs, clock) for pack in packs
    ]
    if python:
        work.append(WholeWork(python, [(pack, _asked(pack, paths)) for pack in packs], binary, cache, jobs))
    total, done = sum(len(part.candidates) for part in work), 0
    for part in work:
        for judged in part.run():
            progress(done := done + judged, total)
    mutants = [mutant for part in work for mutant in part.mutants()]
    if not mutants:
        raise PolicyError("nothing to change", where=", ".join(str(path) for path in paths), code="mutation.none")
    folders = [pack.folder for pack in packs] + ([python.gate.absolute().parent] if python and python.gate else [])
    listed = [entry for folder in dict.fromkeys(folders) for entry in _equivalent.read(folder)]
    return Report(mutants=tuple(_equivalent.settle(mutants, listed, metadata=python is not None)))


def _packs(paths: Sequence[Path]) -> Iterator[Pack]:
    for path in paths:
        if not path.exists():
            raise UsageError("there is no such file or folder", where=str(path), code="usage.missing_file")
    folders = roots.packs_at(paths)
    for parent in sorted({folder.parent for folder in folders}):
        asked = [folder.name for folder in folders if folder.parent == parent]
        loaded = load_packs([parent], only=[f"{name}.*" for name in asked]).packs
        for pack in (pack for name, pack in loaded.items() if name in asked):
            if pack.style == CONFTEST:
                hint = "name the folders of the other packs"
                message = "packs in the style of conftest are not mutated"
                raise PolicyError(message, where=str(pack.folder), hint=hint, code="mutation.conftest")
            yield pack


def _asked(pack: Pack, paths: Sequence[Path]) -> list[str]:
    """The rules and libraries of a pack that are at or below the paths, below the folder of packs."""
    named = [path.absolute() for path in paths]
    known = [*pack.libraries, *(rule.path for rule in pack.rules)]
    return [path for path in known if any((pack.folder.parent / path).is_relative_to(folder) for folder in named)]


class _PackWork:
    """The Rego of one pack: its mutants, and their verdicts as they come."""

    def __init__(
        self,
        pack: Pack,
        family: Family,
        files: Sequence[str],
        binary: OpaBinary,
        cache: Path | None,
        jobs: int,
        clock: Deadline,
    ) -> None:
        self._pack, self._family, self._files = pack, family, files
        self._binary, self._clock, self._jobs = binary, clock, jobs
        self._sizes = {path: self._size(path) for path in self._files}
        self._kept = _kept.Kept(cache / f"{_kept.key(str(pack.folder), {}, '')[:32]}.json" if cache else None)
        self.candidates = tuple(self._candidates())
        self._verdicts: dict[str, Verdict] = {}

    def run(self) -> Iterator[int]:
        """Judge all that is not known; yields how many more are, as they are."""
        known = {one.key: verdict for one in self.candidates if (verdict := self._kept.get(one.key))}
        self._verdicts |= known
        yield sum(one.key in known for one in self.candidates)
        waiting = [one for one in self.candidates if one.key not in known]
        batches = list(self._batches(waiting))
        with ThreadPoolExecutor(max_workers=self._jobs) as pool:
            futures = {pool.submit(self._judge, batch): len(batch) for batch in batches}
            try:
                for future in as_completed(futures):
                    self._verdicts |= future.result()
                    self._kept.add(future.result())
                    yield futures[future]
            finally:
                pool.shutdown(cancel_futures=True)
                self._kept.rescue(futures)
        if len(self._files) == len(self._family.changed):
            self._kept.only({one.key for one in self.candidates})

    def mutants(self) -> Iterator[Mutant]:
        """All of them, judged; of the survivors it is known whether a test runs their line."""
        found = [one.judged(self._verdicts[one.key]) for one in self.candidates]
        missed: dict[str, set[int]] = {}
        if any(mutant.outcome == "survived" for mutant in found):
            missed = unreached(self._family.originals(), self._binary, self._clock.remaining())
        for one in found:
            alive = one.outcome == "survived"
            yield replace(one, reached=False) if alive and one.row in missed.get(one.path, ()) else one

    def _size(self, path: str) -> int:
        """Characters of a mutant of this file with its tests."""
        return sum(map(len, self._family.copy(path, self._family.changed[path], "m0").files.values()))

    def _candidates(self) -> Iterator[Candidate]:
        texts = {path: self._family.changed[path] for path in self._files}
        trees = parse(texts, self._binary, self._clock)
        rules = {rule.path: rule for rule in self._pack.rules}
        for path, text in sorted(texts.items()):
            source, witnesses = Source.of(text), self._family.witnesses(path)
            words = words_of(rules[path]) if path in rules else Words()
            for change in changes(trees[path], source, words):
                changed = change.applied(text)
                yield Candidate(
                    pack=self._pack.name,
                    part="rego",
                    path=path,
                    file=self._pack.folder.parent / path,
                    source=source,
                    change=change,
                    text=changed,
                    key=_kept.key(changed, {**witnesses, "path": path}, self._binary.version),
                )

    def _batches(self, waiting: Sequence[Candidate]) -> Iterator[list[Candidate]]:
        """Mutants of one file after the other, as many at once as one OPA holds."""
        batch: list[Candidate] = []
        size = 0
        for one in waiting:
            more = self._sizes[one.path]
            if batch and (len(batch) == BATCH or size + more > BATCH_CHARACTERS):
                yield batch
                batch, size = [], 0
            batch.append(one)
            size += more
        if batch:
            yield batch

    def _judge(self, batch: Sequence[Candidate]) -> dict[str, Verdict]:
        refused = {one.key: reason for one in batch if (reason := self._family.refusal(one.path, one.text))}
        named = {f"m{index}": one for index, one in enumerate(batch) if one.key not in refused}
        copies = {name: self._family.copy(one.path, one.text, name) for name, one in named.items()}
        found = {named[name].key: verdict for name, verdict in self._verdicts_of(copies).items()}
        return found | {key: Verdict(fate="invalid", reason=reason) for key, reason in refused.items()}

    def _verdicts_of(self, copies: Mapping[str, Copy]) -> Mapping[str, Verdict]:
        """Judged together, or by halves where OPA breaks down; a mutant that it breaks down on alone is killed."""
        if not copies:
            return {}
        try:
            return judge(self._family.originals(), copies, self._binary, self._clock.remaining())
        except BrokenDownError as problem:
            names = list(copies)
            if len(names) == 1:
                return {names[0]: Verdict(fate="killed", killers=(problem.message,))}
        halves = (names[: len(names) // 2], names[len(names) // 2 :])
        return {
            name: verdict
            for half in halves
            for name, verdict in self._verdicts_of({name: copies[name] for name in half}).items()
        }
