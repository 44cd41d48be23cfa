# ruff: noqa: S608 - the statements are the attacks
"""A ledger in any order of appends, refused appends, crashes, copies and cuts, against a list in memory."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import records
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gatekeeper.errors import LedgerError
from gatekeeper.ledger import Ledger, layout

if TYPE_CHECKING:
    from gatekeeper.checkpoint import Checkpoint
    from gatekeeper.record import Record


class CrashError(BaseException):
    """The process ends here."""


class LedgerMachine(RuleBasedStateMachine):
    """What is in the list was acknowledged; the ledger has to hold exactly that."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = Ledger(self.folder / "decisions.db")
        self.entered: list[Record] = []
        self.heads: list[Checkpoint] = []
        self.made = 0
        self.forks = 0

    def _record(self, **changes: Any) -> Record:
        self.made += 1
        return records.sealed(records.decision(at=records.NOW + timedelta(seconds=self.made)), **changes)

    @rule(outcome=st.booleans())
    def append(self, *, outcome: bool) -> None:
        record = self._record(checkpoint=self.ledger.checkpoint() if outcome else None)
        entry = self.ledger.append(record)
        self.entered.append(record)
        self.heads.append(entry.head)

    @precondition(lambda self: self.entered)
    @rule(pick=st.randoms(use_true_random=False))
    def append_again(self, pick: Any) -> None:
        with pytest.raises(LedgerError):
            self.ledger.append(pick.choice(self.entered))

    @rule()
    def append_and_crash(self) -> None:
        """The process ends after the row was written and before it was committed."""
        insert = layout.insert

        def fail(connection: sqlite3.Connection, row: Any) -> None:
            insert(connection, row)
            raise CrashError

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(layout, "insert", fail)
            with pytest.raises(CrashError):
                self.ledger.append(self._record())

    @precondition(lambda self: len(self.entered) > 1)
    @rule(data=st.data())
    def cut_a_copy(self, data: st.DataObject) -> None:
        keep = data.draw(st.integers(min_value=1, max_value=len(self.entered) - 1))
        copy = self._copy()
        with closing(sqlite3.connect(copy.path)) as connection:
            connection.execute("DROP TRIGGER entries_stay")
            connection.execute("DELETE FROM entries WHERE sequence > ?", (keep,))
            connection.execute(
                "CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries stay'); END"
            )
            connection.commit()
        assert copy.verify()
        assert [check.standing for check in copy.verify([self.heads[-1]]).heads] == ["cut"]
        while len(list(copy.query())) <= len(self.entered):
            copy.append(self._record())
        standing = [check.standing for check in copy.verify([self.heads[keep - 1], self.heads[-1]]).heads]
        assert standing == ["extended", "forked"]

    @precondition(lambda self: self.entered)
    @rule(data=st.data())
    def change_a_copy(self, data: st.DataObject) -> None:
        sequence = data.draw(st.integers(min_value=1, max_value=len(self.entered)))
        column = data.draw(st.sampled_from(("stage", "at", "outcome", "subject", "previous", "digest")))
        copy = self._copy()
        with closing(sqlite3.connect(copy.path)) as connection:
            connection.execute("DROP TRIGGER entries_keep")
            connection.execute(f"UPDATE entries SET {column} = {column} || 'x' WHERE sequence = ?", (sequence,))
            connection.execute(layout._OBJECTS[2][2])
            connection.commit()
        found = copy.verify()
        assert not found
        assert found.broken is not None
        assert found.broken.sequence == sequence
        assert found.size == sequence - 1

    def _copy(self) -> Ledger:
        self.forks += 1
        copy = Ledger(self.folder / f"copy-{self.forks}.db")
        shutil.copy(self.ledger.path, copy.path)
        return copy

    @invariant()
    def holds_what_was_acknowledged(self) -> None:
        if not self.entered:
            return
        verification = self.ledger.verify(self.heads)
        assert verification
        assert verification.head == self.heads[-1]
        assert [entry.record for entry in self.ledger.query()] == [record.digest for record in self.entered]

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(
    max_examples=20, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
