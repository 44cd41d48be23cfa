"""Mutation testing of packs: change the rules in one place at a time, and see whether their tests notice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gatekeeper.engine.process import Deadline
from gatekeeper.errors import PolicyError, UsageError
from gatekeeper.load.packs import load_packs
from gatekeeper.testing import roots
from gatekeeper.testing.mutation import _equivalent, _kept
from gatekeeper.testing.mutation._change import Words
from gatekeeper.testing.mutation._family import Family
from gatekeeper.testing.mutation._operators import changes
from gatekeeper.testing.mutation._runs import Verdict, judge
from gatekeeper.testing.mutation._source import Source, parse
from gatekeeper.testing.mutation._words import words_of
from gatekeeper.testing.mutation.report import Mutant, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.load._pack import Pack
    from gatekeeper.testing.mutation._change import Change
    from gatekeeper.testing.mutation._family import Copy

DEADLINE: Final = 3600.0
"""Seconds for all of it, where the caller does not say."""

BATCH: Final = 100
"""Mutants in one OPA."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    path: str
    source: Source
    change: Change
    text: str
    key: str


def mutate(
    paths: Sequence[Path],
    *,
    binary: OpaBinary,
    jobs: int = 1,
    cache: Path | None = None,
    deadline: float = DEADLINE,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Make every mutant of the rules and libraries at and below some paths, and run their packs' Rego tests on each.

    Args:
        paths: Folders of packs, packs, rules or files.
        binary: The OPA to run, from :func:`gatekeeper.engine.find.find`.
        jobs: How many OPAs run at once.
        cache: A folder in which verdicts are kept; None to reach all anew.
        deadline: Seconds that all of it may take.
        progress: Told how many of how many mutants are judged.

    Raises:
        PolicyError: A pack is wrong, its tests do not pass as it is, there is nothing to change, or an
            ``equivalent.toml`` names what is not there.
        UsageError: A path is not there.
        SourceError: A file could not be read, or a verdict not kept.
        EngineError: OPA could not be run, or ran past the deadline.
    """
    clock = Deadline(deadline)
    work = [_Work(pack, paths, binary, cache, clock) for pack in _packs(paths)]
    total, done = sum(len(part.candidates) for part in work), 0
    mutants: list[Mutant] = []
    for part in work:
        for judged in part.run(jobs):
            progress(done := done + judged, total)
        mutants.extend(part.mutants())
    if not mutants:
        raise PolicyError("nothing to change", where=", ".join(str(path) for path in paths), code="mutation.none")
    return Report(mutants=tuple(mutants))


def _packs(paths: Sequence[Path]) -> Iterator[Pack]:
    for path in paths:
        if not path.exists():
            raise UsageError("there is no such file or folder", where=str(path), code="usage.missing_file")
    folders = roots.packs_at(paths)
    for parent in sorted({folder.parent for folder in folders}):
        loaded = load_packs([parent]).packs
        yield from (pack for name, pack in loaded.items() if parent / name in folders)


class _Work:
    """One pack: its mutants, and their verdicts as they come."""

    def __init__(
        self, pack: Pack, paths: Sequence[Path], binary: OpaBinary, cache: Path | None, clock: Deadline
    ) -> None:
        self._pack, self._binary, self._clock = pack, binary, clock
        self._family = Family(pack)
        home = pack.folder.parent
        asked = [path.absolute() for path in paths]
        self._files = [
            path for path in self._family.changed if any((home / path).is_relative_to(folder) for folder in asked)
        ]
        self._kept = _kept.Kept(cache / f"{_kept.key(str(pack.folder), {}, '')[:32]}.json" if cache else None)
        self.candidates = tuple(self._candidates())
        self._verdicts: dict[str, Verdict] = {}

    def run(self, jobs: int) -> Iterator[int]:
        """Judge all that is not known; yields how many more are, as they are."""
        known = {one.key: verdict for one in self.candidates if (verdict := self._kept.get(one.key))}
        self._verdicts |= known
        yield sum(one.key in known for one in self.candidates)
        waiting = [one for one in self.candidates if one.key not in known]
        batches = [waiting[at : at + BATCH] for at in range(0, len(waiting), BATCH)]
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            futures = {pool.submit(self._judge, batch): len(batch) for batch in batches}
            try:
                for future in as_completed(futures):
                    self._verdicts |= future.result()
                    self._kept.add(future.result())
                    yield futures[future]
            finally:
                pool.shutdown(cancel_futures=True)

    def mutants(self) -> Iterator[Mutant]:
        """All of them, judged."""
        found = [self._mutant(candidate) for candidate in self.candidates]
        yield from _equivalent.settle(found, _equivalent.read(self._pack.folder), self._files)

    def _candidates(self) -> Iterator[_Candidate]:
        texts = {path: self._family.changed[path] for path in self._files}
        trees = parse(texts, self._binary, self._clock)
        rules = {rule.path: rule for rule in self._pack.rules}
        for path, text in sorted(texts.items()):
            source, witnesses = Source.of(text), self._family.witnesses(path)
            words = words_of(rules[path]) if path in rules else Words()
            for change in changes(trees[path], source, words):
                changed = change.applied(text)
                key = _kept.key(changed, {**witnesses, "path": path}, self._binary.version)
                yield _Candidate(path=path, source=source, change=change, text=changed, key=key)

    def _judge(self, batch: Sequence[_Candidate]) -> dict[str, Verdict]:
        refused = {one.key: reason for one in batch if (reason := self._family.refusal(one.path, one.text))}
        named = {f"m{index}": one for index, one in enumerate(batch) if one.key not in refused}
        copies = {name: self._family.copy(one.path, one.text, name) for name, one in named.items()}
        verdicts = self._verdicts_of(copies)
        found = {named[name].key: verdict for name, verdict in verdicts.items()}
        return found | {key: Verdict(fate="invalid", reason=reason) for key, reason in refused.items()}

    def _verdicts_of(self, copies: Mapping[str, Copy]) -> Mapping[str, Verdict]:
        if not copies:
            return {}
        return judge(self._family.originals(), copies, self._binary, self._clock.remaining())

    def _mutant(self, one: _Candidate) -> Mutant:
        verdict, start = self._verdicts[one.key], one.change.place(one.source.text)
        row = one.source.row(start)
        return Mutant(
            pack=self._pack.name,
            path=one.path,
            file=self._pack.folder.parent / one.path,
            row=row,
            column=start - one.source.starts[row - 1] + 1,
            line=one.source.line(start),
            operator=one.change.operator,
            change=one.change.label(one.source.text),
            before=one.source.text,
            after=one.text,
            outcome=verdict.fate,
            killers=verdict.killers,
            reason=verdict.reason,
        )
