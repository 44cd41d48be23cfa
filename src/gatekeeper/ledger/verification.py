"""What checking a ledger found, and what no chain can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.checkpoint import Checkpoint
    from gatekeeper.ledger.chain import Broken, Chain

UNSEEN: Final = (
    "entries cut off at the end",
    "an older copy put in its place",
    "another ledger put in its place",
    "a record that was never entered",
)
"""What a chain alone cannot see; a head kept elsewhere shows the first three, the folder of records the last."""

_WHOLE: Final = {0: "no entry is whole", 1: "1 entry is whole, with its record"}
Standing = Literal["equal", "extended", "cut", "forked", "other"]
_MESSAGES: Final[dict[Standing, str]] = {
    "equal": "the ledger ends there",
    "extended": "the ledger goes on from there",
    "cut": "the ledger is shorter: its end was cut off, or an older copy or another ledger is in its place",
    "forked": "the ledger has another entry there, after a head that it has: two histories",
    "other": "the ledger has another entry there: it was written again, or another ledger is in its place",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCheck:
    """How the ledger stands to a head that was kept elsewhere."""

    head: Checkpoint
    standing: Standing

    @property
    def holds(self) -> bool:
        """The ledger is what it was at that head, or has grown since."""
        return self.standing in {"equal", "extended"}

    def __str__(self) -> str:
        return f"{self.head}: {self.standing}: {_MESSAGES[self.standing]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What checking a ledger found. ``bool`` of it is True when nothing is wrong.

    Attributes:
        size: How many entries are whole, from the first on.
        head: The head after them; None when there is none.
        broken: The first entry that is not what was written; None when all are.
        heads: Each head that was given, in order of size.
        strays: Files of records that are not in the ledger: its end was cut off, or sealing died on the way.
        folder: The folder of records that was looked through; empty when none was.
    """

    size: int
    head: Checkpoint | None
    broken: Broken | None = None
    heads: tuple[HeadCheck, ...] = ()
    strays: tuple[str, ...] = ()
    folder: str = ""

    def __bool__(self) -> bool:
        return self.broken is None and not self.strays and all(check.holds for check in self.heads)

    def __str__(self) -> str:
        """Everything that was found and what could not be, in lines."""
        whole = _WHOLE.get(self.size, f"{self.size} entries are whole, each with its record")
        return "\n".join(
            (
                f"broken: {self.broken}" if self.broken else f"whole: {whole}",
                *((f"before that, {whole}",) if self.broken else ()),
                *((f"head {self.head}",) if self.head else ()),
                *(f"head {check}" for check in self.heads),
                *(f"not entered: {path}" for path in self.strays),
                *(f"cannot be seen here: {what}" for what in self.unseen),
            )
        )

    @property
    def unseen(self) -> tuple[str, ...]:
        """What this verification could not have seen; say it whenever the result is shown."""
        chain = (f"entries cut off after entry {self.heads[-1].head.size}",) if self.heads else UNSEEN[:3]
        return (*chain, f"{UNSEEN[3]}, whose file is not in {self.folder}" if self.folder else UNSEEN[3])


def compare(chain: Chain, heads: Iterable[Checkpoint]) -> tuple[HeadCheck, ...]:
    """How a chain stands to heads kept elsewhere."""
    checks: list[HeadCheck] = []
    for head in sorted(set(heads), key=lambda head: (head.size, head.head)):
        known = any(check.holds for check in checks)
        checks.append(HeadCheck(head=head, standing=_standing(chain, head, after_known=known)))
    return tuple(checks)


def _standing(chain: Chain, head: Checkpoint, *, after_known: bool) -> Standing:
    if chain.holds(head):
        return "equal" if head.size == len(chain.digests) else "extended"
    if head.size > len(chain.digests):
        return "cut"
    return "forked" if after_known else "other"
