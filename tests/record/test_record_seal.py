"""Sealing: what is refused, what is written, in which order, and what is left when it fails."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import records

from gatekeeper import _json
from gatekeeper.attestation import PAYLOAD_TYPE
from gatekeeper.errors import GatekeeperError, LedgerError, SealError, UsageError
from gatekeeper.gate import Preview
from gatekeeper.ledger import Ledger
from gatekeeper.record import SEAL_WINDOW, Record
from gatekeeper.sealing import Sealable, seal
from gatekeeper.trust import dsse
from gatekeeper.trust.signer import SshSigner

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.trust.public_key import PublicKey

SECOND = timedelta(seconds=1)


def sealing(made: Any = None, **options: Any) -> Record:
    return seal(
        records.decision() if made is None else made, **{"signer": records.signer(), "now": records.NOW, **options}
    )


def refusal(made: Any = None, **options: Any) -> GatekeeperError:
    with pytest.raises(GatekeeperError) as refused:
        sealing(made, **options)
    assert refused.value.exit_code == 3
    return refused.value


@pytest.mark.parametrize("outcome", ["allow", "deny", "waived"])
def test_allow_and_deny_are_sealed_alike(tmp_path: Path, outcome: str) -> None:
    made = records.decision(outcome)
    ledger = Ledger(tmp_path / "decisions.db")

    record = sealing(made, ledger=ledger, directory=tmp_path / "records")

    assert record.decision == made
    assert [path.name for path in (tmp_path / "records").iterdir()] == [record.file_name]
    assert Record.read(tmp_path / "records" / record.file_name) == record
    assert [entry.record for entry in ledger.query()] == [record.digest]


def test_the_signature_is_the_signers_over_the_statement() -> None:
    record = sealing()

    assert record.attestation is not None
    keys: list[PublicKey] = [records.key("gate").public, records.key("mallory").public]
    assert dsse.verify(record.attestation, keys) == {records.key("gate").public.fingerprint}
    statement = json.loads(record.payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [records.WHEEL.as_json()]
    assert statement["predicateType"] == "https://gatekeeper.dev/decision/v1"
    assert statement["predicate"]["environment"]["engine"] == {
        "name": "opa",
        "version": "1.22.2",
        "digest": records.OPA.digest,
        "platform": "linux/amd64",
    }


def test_the_environment_is_outside_the_decision() -> None:
    elsewhere = replace(records.OPA, digest=_json.digest(b"another build"), platform="darwin/arm64")

    one, two = sealing(), sealing(records.decision(engine_identity=elsewhere))

    assert one.decision.canonical == two.decision.canonical
    assert one.digest != two.digest


def test_a_record_names_the_head_of_the_ledger_before_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "decisions.db")

    first = sealing(ledger=ledger)
    head = ledger.checkpoint()
    second = sealing(records.decision(at=records.NOW + SECOND), ledger=ledger)

    assert first.checkpoint is None
    assert second.checkpoint == head
    assert ledger.verify([str(second.checkpoint)])


def test_an_unsigned_record_may_lie_in_a_folder_and_not_in_a_ledger(tmp_path: Path) -> None:
    record = sealing(signer=None, directory=tmp_path)

    assert not record.is_signed
    assert (tmp_path / record.file_name).read_bytes() == record.data
    assert refusal(signer=None, ledger=Ledger(tmp_path / "decisions.db")).code == "seal.unsigned"
    assert not (tmp_path / "decisions.db").exists()


@pytest.mark.parametrize("away", [SEAL_WINDOW, -SEAL_WINDOW, timedelta(0)])
def test_an_instant_near_the_clock_is_sealed(away: timedelta) -> None:
    assert sealing(now=records.NOW + away).is_signed


@pytest.mark.parametrize(
    "away", [SEAL_WINDOW + SECOND, -SEAL_WINDOW - SECOND, timedelta(days=365), timedelta(days=-365)]
)
def test_an_instant_away_from_the_clock_is_not_sealed(tmp_path: Path, away: timedelta) -> None:
    error = refusal(now=records.NOW + away, directory=tmp_path)

    assert error.code == "seal.clock"
    assert ("in the future" in str(error)) == (away < timedelta(0))
    assert list(tmp_path.iterdir()) == []


def test_the_clock_is_read_when_no_instant_is_given() -> None:
    now = datetime.now(UTC).replace(microsecond=0)

    assert seal(records.decision(at=now), signer=records.signer()).decision.at == now
    with pytest.raises(SealError, match="is sealed"):
        seal(records.decision(), signer=records.signer())
    assert refusal(now=records.NOW.replace(tzinfo=None)).code == "seal.clock"


def test_a_preview_is_never_sealed(tmp_path: Path) -> None:
    preview = Preview(replace(records.decision(), material=None))

    assert refusal(preview, directory=tmp_path).code == "seal.preview"
    assert refusal(preview.decision, directory=tmp_path).code == "seal.preview"
    assert list(tmp_path.iterdir()) == []


@dataclass(frozen=True)
class Forged:
    """Looks like a decision to whoever asks for its attributes only."""

    decision: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.decision, name)


def test_something_that_only_looks_like_a_decision_is_not_sealed() -> None:
    assert refusal(Forged(records.decision())).code == "seal.preview"


def test_a_decision_whose_bytes_were_set_from_outside_is_sealed_as_what_it_says() -> None:
    deny = records.decision("deny")
    deny.__dict__["canonical"] = records.decision("allow").canonical

    assert refusal(deny).code == "seal.unreadable"


def test_an_engine_elsewhere_has_to_be_confirmed_by_one_here() -> None:
    elsewhere = records.decision(engine_identity=replace(records.OPA, digest=""))
    unnamed = records.decision(engine_identity=None)

    for made in (elsewhere, unnamed):
        assert refusal(made).code == "seal.unconfirmed"
        assert refusal(made, confirm=lambda made: made).code == "seal.unconfirmed"
        assert refusal(made, confirm=lambda _: records.decision("deny")).code == "seal.unconfirmed"
        assert sealing(made, confirm=lambda _: records.decision()).engine == records.OPA


def test_a_confirmation_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def confirm(_: Sealable) -> Sealable:
        raise GatekeeperError("no engine here")

    assert str(refusal(confirm=confirm, directory=tmp_path)) == "no engine here"
    assert list(tmp_path.iterdir()) == []


@dataclass(frozen=True)
class BadSigner:
    answer: Callable[[bytes], Any]
    name: str = "bad"
    fingerprint: str = ""

    def sign(self, payload: bytes) -> bytes:
        answer: bytes = self.answer(payload)
        return answer


def _raise(problem: Exception) -> Any:
    raise problem


def _unsigned(payload: bytes) -> bytes:
    envelope = json.loads(dsse.sign(payload, PAYLOAD_TYPE, records.key("gate")))
    return _json.canonical(envelope | {"signatures": []})


DENY = records.sealed(records.decision("deny"))
PERSON = SshSigner(namespace="git", path="", fingerprint="", key=records.key("gate"))
BAD = [
    ("raises anything", lambda _: _raise(RuntimeError("the agent is locked")), "seal.signer"),
    ("signs something else", lambda _: records.signer().sign(DENY.payload), "seal.signer"),
    ("another payload type", lambda payload: dsse.sign(payload, "text/plain", records.key("gate")), "seal.unreadable"),
    ("gives no JSON", lambda _: b"-----BEGIN", "seal.unreadable"),
    ("gives no envelope", lambda _: b"{}", "seal.unreadable"),
    ("gives no signature", _unsigned, "seal.unreadable"),
    ("signs as a person", PERSON.sign, "seal.unreadable"),
    ("gives nothing", lambda _: None, "seal.signer"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "code"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_signer_that_fails_leaves_nothing(tmp_path: Path, answer: Callable[[bytes], Any], code: str) -> None:
    ledger = Ledger(tmp_path / "decisions.db")

    assert refusal(signer=BadSigner(answer), ledger=ledger, directory=tmp_path).code == code
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_signer_comes_through(tmp_path: Path) -> None:
    signer = BadSigner(lambda _: _raise(UsageError("there is no such key")))

    with pytest.raises(UsageError, match="no such key"):
        sealing(signer=signer, directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_signed_is_left_out_of_the_envelope() -> None:
    def chatty(payload: bytes) -> bytes:
        envelope = json.loads(dsse.sign(payload, PAYLOAD_TYPE, records.key("gate")))
        return _json.canonical(envelope | {"comment": "hello"})

    assert sealing(signer=BadSigner(chatty)) == sealing()


def test_raw_reports_are_kept_when_asked() -> None:
    report = b"<testsuites/>"

    record = sealing(with_raw=[report, report])

    assert record.material.raw == (report,)
    assert sealing().material.raw == ()


def test_a_record_too_large_to_be_read_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["gatekeeper.sealing"], "MAX_DOCUMENT_BYTES", 1000)

    assert refusal(directory=tmp_path).code == "seal.size"
    assert list(tmp_path.iterdir()) == []


def test_material_that_is_not_json_is_not_sealed() -> None:
    made = records.decision()
    broken = replace(made, material=replace(records.material(), question="\ud800"))

    assert refusal(broken).code == "seal.unreadable"


# files


def test_sealing_again_keeps_the_file_that_is_there(tmp_path: Path) -> None:
    record = sealing(directory=tmp_path)

    assert sealing(directory=tmp_path) == record
    assert refusal(signer=records.signer("another"), directory=tmp_path).code == "seal.exists"
    assert (tmp_path / record.file_name).read_bytes() == record.data


def test_a_folder_that_cannot_be_made_or_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    for directory in (tmp_path / "a" / "b", tmp_path / "file"):
        assert refusal(directory=directory).code == "seal.write"


def test_a_record_that_the_ledger_refuses_does_not_stay_in_the_folder(tmp_path: Path) -> None:
    ledger, folder = Ledger(tmp_path / "decisions.db"), tmp_path / "records"
    ledger.append(records.sealed(records.decision(at=records.NOW + timedelta(hours=1))))

    assert refusal(ledger=ledger, directory=folder).code == "ledger.late"
    assert list(folder.iterdir()) == []


def test_a_file_that_was_there_stays_when_the_ledger_refuses(tmp_path: Path) -> None:
    ledger, folder = Ledger(tmp_path / "decisions.db"), tmp_path / "records"
    record = sealing(ledger=ledger, directory=folder)
    again = records.sealed(checkpoint=ledger.checkpoint())
    assert again.file_name == record.file_name

    assert refusal(ledger=ledger, directory=folder).code == "seal.exists"
    assert (folder / record.file_name).read_bytes() == record.data
    assert ledger.verify(records=folder)


class KilledError(BaseException):
    """The process ends here."""


def test_a_process_killed_between_file_and_entry_leaves_a_file_that_is_named_and_can_be_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, folder = Ledger(tmp_path / "decisions.db"), tmp_path / "records"
    sealing(records.decision(at=records.NOW - SECOND), ledger=ledger, directory=folder, now=records.NOW)

    def die(*_: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", die)
        with pytest.raises(KilledError):
            sealing(ledger=ledger, directory=folder)

    [stray] = ledger.verify(records=folder).strays
    assert not ledger.verify(records=folder)
    assert sealing(ledger=ledger, directory=folder) == Record.read(stray)  # sealed again: entered
    assert ledger.verify(records=folder)


class Faults:
    """Fails the n-th call of the functions it stands before."""

    def __init__(self, left: int) -> None:
        self.left = left

    def before(self, function: Callable[..., Any], problem: Exception) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                raise problem
            return function(*args, **options)

        return call


def test_a_fault_at_any_call_leaves_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = OSError(28, "No space left on device")
    number, errors = 0, []
    while True:
        number += 1
        root = tmp_path / str(number)
        root.mkdir()
        faults = Faults(number)
        with monkeypatch.context() as patch:
            for owner, name in (
                (os, "fsync"),
                (os, "fchmod"),
                (tempfile, "mkstemp"),
                (Path, "replace"),
                (Path, "mkdir"),
            ):
                patch.setattr(owner, name, faults.before(getattr(owner, name), full))
            patch.setattr(sqlite3, "connect", faults.before(sqlite3.connect, sqlite3.OperationalError("disk full")))
            try:
                record = sealing(ledger=Ledger(root / "decisions.db"), directory=root / "records")
                break
            except GatekeeperError as problem:
                errors.append(type(problem))
        left = [path for path in root.rglob("*") if path.is_file() and path.name != "decisions.db"]
        written = [path for path in left if path.name.endswith(".record.json") and not path.name.startswith(".")]
        assert left == written  # nothing half written
        assert not (root / "decisions.db").exists() or not written

    assert set(errors) == {SealError, LedgerError}
    assert number > 6
    assert Ledger(root / "decisions.db").verify(records=root / "records")
    assert record.is_signed
