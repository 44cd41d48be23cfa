"""Records and ledgers: what cannot be written, what was changed since, what is sealed at another time than now."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

from bases import (
    LEDGER,
    LEDGER_URL,
    LEDGERED,
    RECORDED,
    REPLAYED,
    SEALED_IN_PYTHON,
    SIGNED,
    decide_into,
    decided_in_python,
    seal_in_python,
)
from guard import replaced
from harms import all_of, edit, nothing, write
from scenario import DENY, NO_DECISION, USAGE, Line

from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from gatekeeper.ledger import Ledger
from gatekeeper.sealing import seal
from gatekeeper.trust.signer import KeySigner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scenario import Harm, Run

    from project import Project, Ran

RECORD = "release.record.json"
HEAD_OF_ANOTHER = "1:sha256:" + "0" * 64


def _full(*_arguments: object, **_options: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


FULL_DISK = replaced("gatekeeper._files:tempfile", SimpleNamespace(mkstemp=_full))


@contextmanager
def held() -> Iterator[None]:
    """Somebody else writes into the ledger, and does not end."""
    with replaced("gatekeeper.ledger.layout:BUSY_SECONDS", 0.1)():
        other = sqlite3.connect("decisions.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            other.close()


def _entered_tomorrow(project: Project) -> None:
    """The ledger has an entry of tomorrow: the clock was set back since."""
    later = datetime.now(UTC) + timedelta(days=1)
    decision = decided_in_python(project, at=later)
    seal(decision, signer=KeySigner.load("keys/gate.key"), ledger=Ledger.open(LEDGER_URL), now=later)


def sql(*statements: str) -> Harm:
    """Edit the ledger past its triggers, and put them back."""

    def harm(project: Project) -> None:
        connection = sqlite3.connect(project.folder / "decisions.db")
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in (*statements, *(text for _, text in triggers)):
            connection.execute(statement)
        connection.commit()
        connection.close()

    return harm


def sealing(**options: Any) -> Run:
    return lambda project: seal_in_python(project, **options)


def _seal_a_preview(project: Project) -> Ran:
    evidence = Evidence.read("evidence")
    preview = Gate.load("gate.toml").preview(project.subject, "build", evidence, at=datetime.now(UTC))
    return seal_in_python(project, decision=preview.decision)


def verify_ledger(*more: str) -> Run:
    return lambda project: project.run("ledger", "verify", "--ledger", LEDGER_URL, *more)


unwritten = Line(RECORDED, NO_DECISION)
misused = Line(RECORDED, USAGE)
unentered = Line(LEDGERED, NO_DECISION)
unsealed = Line(SEALED_IN_PYTHON, NO_DECISION)
broken = Line(LEDGER, DENY)
unreplayed = Line(REPLAYED, USAGE)

# fmt: off
SEALING = (
    unwritten("a file where the folder of records should be", write("records", "taken"), "cannot be written", "cli.sealed_first"),
    unwritten("a full disk", nothing, "cannot be written: No space left on device", "cli.sealed_first", under=FULL_DISK),
    misused("a key that is none", write("keys/gate.key", "not a key"), "not a private key", "cli.signer"),
    misused("a key that is not there", nothing, "there is no such file", "cli.signer", run=decide_into("--record", "records", "--key", "keys/gates.key")),
    misused("a key and nothing to sign", nothing, "nothing to sign", "cli.check", run=decide_into("--key", "keys/gate.key")),
    misused("a preview to be sealed", nothing, "a preview is never sealed", "cli.check", run=decide_into("--record", "records", "--what-if", "2096-01-01T00:00:00Z")),
    unsealed("a decision of 61 seconds ago", nothing, "the decision is about an instant 61 s ago", "seal.window", run=sealing(away=timedelta(seconds=61))),
    unsealed("a decision of tomorrow", nothing, "s in the future, at most 60 s is sealed", "seal.window", run=sealing(away=-timedelta(days=1))),
    unsealed("a preview, from Python", nothing, "only what Gate.decide returned can be sealed", "seal.preview", run=_seal_a_preview),
)

ENTERING = (
    unentered("an unsigned record for the ledger", nothing, "a ledger takes signed records only", "seal.signer", run=decide_into("--ledger", LEDGER_URL)),
    unentered("a ledger that is a folder", lambda project: (project.folder / "decisions.db").mkdir(), "decisions.db", "cli.sealed_first"),
    unentered("a ledger that is no database", write("decisions.db", "no database" * 100), "SQLite says: file is not a database", "cli.sealed_first"),
    unentered("a ledger that somebody holds", nothing, "SQLite says: database is locked", "cli.sealed_first", under=held),
    unentered("a clock that was set back", _entered_tomorrow, "which is later: the clock was set back", "ledger.late"),
    unentered("a ledger whose last entry was edited", all_of(decide_into("--ledger", LEDGER_URL, *SIGNED), sql("UPDATE entries SET outcome = 'deny'")), "the ledger is broken: entry 1", "ledger.last"),
)

LEDGERS = (
    broken("an entry that was edited", sql("UPDATE entries SET stage = 'integration'"), "its columns are not what was written", "ledger.whole"),
    broken("a record that was exchanged", sql("UPDATE entries SET data = x'7b7d'"), "the bytes of its record are not what was entered", "ledger.record"),
    broken("an entry that was renumbered", sql("UPDATE entries SET sequence = 7"), "was written as entry 1", "ledger.whole"),
    broken("all entries deleted", sql("DELETE FROM entries"), "there is no entry at all", "ledger.empty"),
    broken("a trigger that lets entries be deleted", sql("CREATE TRIGGER more AFTER INSERT ON entries BEGIN DELETE FROM entries; END"), "a trigger 'more' that no ledger has", "ledger.layout"),
    broken("a ledger of another history than a head that was kept", nothing, "1:sha256:0000", "ledger.heads", run=verify_ledger("--head", HEAD_OF_ANOTHER)),
)

REPLAYS = (
    unreplayed("a parameter in a record that was edited", edit(RECORD, '"minimum_percent":80', '"minimum_percent":10'), "the material is not what was signed", "record.material"),
    unreplayed("a record in another layout", edit(RECORD, '{"envelope":', '{ "envelope":'), "not canonical JSON", "record.canonical"),
)
# fmt: on

AREA = "records and ledgers"
SCENARIOS = (*SEALING, *ENTERING, *LEDGERS, *REPLAYS)
