"""A change in its file, before anything is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.testing.mutation.report import Mutant

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.testing.mutation._change import Change
    from gatekeeper.testing.mutation._runs import Verdict
    from gatekeeper.testing.mutation._source import Source
    from gatekeeper.testing.mutation.report import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mutant that nobody has judged yet.

    Attributes:
        pack, part, path, file: As the mutant will have them.
        source: The file without the change.
        change: The change.
        text: The file with it.
        key: What its verdict is kept under.
    """

    pack: str
    part: Part
    path: str
    file: Path
    source: Source
    change: Change
    text: str
    key: str

    def judged(self, verdict: Verdict) -> Mutant:
        """The mutant, with what became of it."""
        start = self.change.place(self.source.text)
        row = self.source.row(start)
        return Mutant(
            pack=self.pack,
            part=self.part,
            path=self.path,
            file=self.file,
            row=row,
            column=start - self.source.starts[row - 1] + 1,
            line=self.source.line(start),
            operator=self.change.operator,
            change=self.change.label(self.source.text),
            before=self.source.text,
            after=self.text,
            outcome=verdict.fate,
            killers=verdict.killers,
            reason=verdict.reason,
        )
