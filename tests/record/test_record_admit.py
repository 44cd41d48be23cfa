"""Each refusal of `admit` has a twin that differs in one thing and is admitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import records

from gatekeeper import _json
from gatekeeper.admission import Demand, admit, check_admissible
from gatekeeper.errors import GatekeeperError, NotAdmittedError, SourceError, UsageError
from gatekeeper.ledger import Ledger
from gatekeeper.question import EngineIdentity
from gatekeeper.roster import Period
from gatekeeper.signatures import CLOCK_SKEW
from gatekeeper.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gatekeeper.record import Record

SECOND = timedelta(seconds=1)
UNKNOWN = EngineIdentity(name="opa", version="1.22.2", digest=_json.digest(b"a stranger"), platform="x")
NAMELESS = replace(UNKNOWN, digest="")
OTHER = Subject.of("parcel", {"sha256": "2" * 64})
BOTH = Subject.of("parcel", {"sha256": "1" * 64, "sha512": "3" * 128})


def demand(record: Record, **changes: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "subject": records.WHEEL,
        "stage": "build",
        "gate": "parcel",
        "gate_digest": record.decision.gate_digest,
        "trust": records.trust(),
        "at": records.NOW + SECOND,
    }
    return asked | changes


def refusal(record: Record, **changes: Any) -> NotAdmittedError:
    with pytest.raises(NotAdmittedError) as refused:
        admit(record, **demand(record, **changes))
    assert refused.value.exit_code == 1
    return refused.value


def allow(**changes: Any) -> Record:
    return records.sealed(records.decision(**changes))


def lasting(until: timedelta, **changes: Any) -> Record:
    return allow(lapses=((records.NOW + until, "it ends"),), **changes)


def gate_with(**changes: Any) -> Record:
    return records.sealed(records.decision(made_from=records.material(gate=records.gate(**changes))))


ROWS: list[tuple[str, Callable[[], Record], dict[str, Any], str, Callable[[], Record], dict[str, Any]]] = [
    ("a deny", lambda: allow(outcome="deny"), {}, "deny", lambda: allow(outcome="waived"), {}),
    ("unsigned", lambda: records.sealed(by=None), {}, "unsigned", records.sealed, {}),
    ("an unknown key", lambda: records.sealed(by="mallory"), {}, "signer", records.sealed, {}),
    ("a key for tests, not decisions", lambda: records.sealed(by="ci"), {}, "signer", records.sealed, {}),
    (
        "decisions accepted from nobody",
        records.sealed,
        {"trust": records.trust(accept={})},
        "signer",
        records.sealed,
        {},
    ),
    (
        "decisions accepted unsigned",
        lambda: records.sealed(by=None),
        {"trust": records.trust(accept={"decision": ("unsigned",)})},
        "unsigned",
        records.sealed,
        {},
    ),
    (
        "a key that has ended",
        records.sealed,
        {"trust": records.trust(period=Period(end=records.NOW + SECOND))},
        "signer",
        records.sealed,
        {"trust": records.trust(period=Period(end=records.NOW + 2 * SECOND))},
    ),
    (
        "a key that began after the decision",
        records.sealed,
        {"trust": records.trust(period=Period(start=records.NOW + SECOND))},
        "signer",
        records.sealed,
        {"trust": records.trust(period=Period(start=records.NOW))},
    ),
    ("another subject", records.sealed, {"subject": OTHER}, "subject", records.sealed, {"subject": BOTH}),
    (
        "a digest that contradicts",
        lambda: allow(subject=Subject.of("parcel", {"sha256": "1" * 64, "sha512": "4" * 128})),
        {"subject": BOTH},
        "subject",
        lambda: allow(subject=BOTH),
        {"subject": BOTH},
    ),
    (
        "another stage",
        records.sealed,
        {"stage": "integration"},
        "stage",
        lambda: allow(stage="integration"),
        {"stage": "integration"},
    ),
    ("another gate's name", records.sealed, {"gate": "parcels"}, "gate", records.sealed, {}),
    (
        "another gate's digest",
        records.sealed,
        {"gate_digest": _json.digest(b"")},
        "gate_digest",
        records.sealed,
        {},
    ),
    (
        "a withdrawn gate",
        records.sealed,
        {"withdrawn": [records.decision().gate_digest]},
        "withdrawn",
        records.sealed,
        {"withdrawn": [_json.digest(b"")]},
    ),
    (
        "another repository",
        records.sealed,
        {"repository": "acme/parcels"},
        "repository",
        records.sealed,
        {"repository": "acme/parcel"},
    ),
    (
        "in the future",
        records.sealed,
        {"at": records.NOW - CLOCK_SKEW - SECOND},
        "future",
        records.sealed,
        {"at": records.NOW - CLOCK_SKEW},
    ),
    (
        "at its end",
        records.sealed,
        {"at": records.NOW + timedelta(days=7)},
        "expired",
        records.sealed,
        {"at": records.NOW + timedelta(days=7) - SECOND},
    ),
    (
        "valid for longer than its gate lets it",
        lambda: lasting(timedelta(days=7, seconds=1)),
        {},
        "valid_for",
        lambda: lasting(timedelta(days=7)),
        {},
    ),
    (
        "a gate that has no such stage",
        lambda: gate_with(stages={"release": {"valid_for": "7d"}}),
        {},
        "valid_for",
        lambda: gate_with(stages={"build": {"valid_for": "7d"}}),
        {},
    ),
    (
        "resting on unsigned evidence",
        lambda: allow(rests_on_unsigned=True),
        {},
        "rests_on_unsigned",
        lambda: allow(rests_on_unsigned=True),
        {"unsigned": True},
    ),
    (
        "an engine that nobody knows",
        lambda: records.sealed(engine=UNKNOWN),
        {},
        "engine",
        lambda: records.sealed(engine=UNKNOWN),
        {"engine_digests": [UNKNOWN.digest]},
    ),
    ("an engine without digest", lambda: records.sealed(engine=NAMELESS), {}, "engine", records.sealed, {}),
]


@pytest.mark.parametrize(
    ("record", "changes", "code", "twin", "twin_changes"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_a_refusal_and_its_admitted_twin(
    record: Callable[[], Record],
    changes: dict[str, Any],
    code: str,
    twin: Callable[[], Record],
    twin_changes: dict[str, Any],
) -> None:
    assert refusal(record(), **changes).code == f"not_admitted.{code}"

    admitted = twin()
    assert admit(admitted, **demand(admitted, **twin_changes)) == admitted


@pytest.mark.parametrize("name", ["gate", "ec-gate"])
def test_a_record_signed_by_a_key_of_each_kind_is_admitted(name: str) -> None:
    record = records.sealed(by=name)

    assert admit(record.data, **demand(record, trust=records.trust(name))) == record
    assert refusal(record, trust=records.trust("another")).code == "not_admitted.signer"


def test_the_gate_is_named_by_digest_or_not_at_all() -> None:
    record = records.sealed()

    for changes in ({}, {"base": "parcel"}, {"gate_digest": "parcel"}):
        with pytest.raises(GatekeeperError) as refused:
            admit(record, **demand(record, **{"gate_digest": None, **changes}))
        assert refused.value.exit_code == 2


def test_an_instant_without_zone_is_wrong_use() -> None:
    record = records.sealed()

    with pytest.raises(UsageError):
        admit(record, **demand(record, at=datetime(2026, 11, 24)))  # noqa: DTZ001 - the point


def test_the_signature_is_checked_first() -> None:
    record = records.sealed(records.decision("deny"), by="mallory")

    assert refusal(record, subject=OTHER).code == "not_admitted.signer"


def test_a_refusal_says_what_the_record_is() -> None:
    assert str(refusal(allow(outcome="deny"))) == "it is a deny: tests.pass"
    assert str(refusal(records.sealed(by="ci"))) == "it is signed by ci; decisions are accepted from gate"
    assert (
        str(refusal(records.sealed(), at=records.NOW + timedelta(days=8))) == "it was valid until 2026-12-01T02:14:00Z"
    )
    assert str(refusal(records.sealed(), subject=OTHER)) == f"it is about another subject: {records.WHEEL}"


def test_a_file_is_admitted_and_a_changed_one_is_not(tmp_path: Path) -> None:
    record = records.sealed()
    path = tmp_path / record.file_name
    path.write_bytes(record.data)

    assert admit(path, **demand(record)) == record
    path.write_bytes(record.data.replace(b"package gatekeeper", b"package gatekeepex"))
    with pytest.raises(NotAdmittedError) as refused:
        admit(path, **demand(record))
    assert refused.value.code == "not_admitted.malformed"
    assert refused.value.where == f"{path}: $.material"


def test_a_file_that_is_not_there_is_wrong_use_and_a_device_is_no_record(tmp_path: Path) -> None:
    record = records.sealed()

    with pytest.raises(UsageError):
        admit(tmp_path / "missing.record.json", **demand(record))
    with pytest.raises(SourceError):
        admit("/dev/null", **demand(record))


def test_every_change_of_one_byte_is_refused() -> None:
    small = records.sealed(records.decision(made_from=records.material(attestations=(), verdicts=(), question="")))
    asked = Demand(**demand(small))
    check_admissible(small, asked)

    survived = [place for place in range(len(small.data)) if _survives(small.data, place, asked)]

    assert survived == []


def _survives(data: bytes, place: int, asked: Demand) -> bool:
    for bit in (0, 5):
        changed = data[:place] + bytes([data[place] ^ (1 << bit)]) + data[place + 1 :]
        try:
            admit(changed, **{name: getattr(asked, name) for name in asked.__dataclass_fields__})
        except NotAdmittedError:
            continue
        return True
    return False


# where the ledger is at hand


def test_an_allow_that_was_denied_since_is_not_admitted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "decisions.db")
    old = records.sealed()
    later = {"at": records.NOW + SECOND}
    ledger.append(old)
    for unrelated in (
        allow(outcome="deny", at=records.NOW - SECOND),
        allow(outcome="deny", stage="integration", **later),
        allow(outcome="deny", subject=OTHER, **later),
        records.sealed(
            records.decision("deny", made_from=records.material(gate=records.gate(name="parcels")), **later)
        ),
    ):
        ledger.append(unrelated)
    assert admit(old, **demand(old, ledger=ledger)) == old

    ledger.append(allow(outcome="deny", **later))

    assert refusal(old, ledger=ledger).code == "not_admitted.denied_since"
    assert str(refusal(old, ledger=ledger)) == "the gate has denied it since: entry 6 of 2026-11-24T02:14:01Z"
    assert admit(old, **demand(old)) == old


def test_a_record_that_was_never_entered_is_not_admitted_where_the_ledger_is_known(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "decisions.db")
    ledger.append(records.numbered(1))
    record = records.sealed()

    assert refusal(record, ledger=ledger).code == "not_admitted.not_entered"
    ledger.append(record)
    assert admit(record, **demand(record, ledger=ledger)) == record


def test_a_ledger_that_is_not_there_admits_nothing(tmp_path: Path) -> None:
    record = records.sealed()

    with pytest.raises(UsageError):
        admit(record, **demand(record, ledger=Ledger(tmp_path / "missing.db")))
