"""A record is its bytes: what is read from them, and everything that is refused."""

from __future__ import annotations

import base64
import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
import records

from gatekeeper import _json
from gatekeeper.attestation import read_attestation
from gatekeeper.checkpoint import Checkpoint
from gatekeeper.decision import Violation
from gatekeeper.errors import MalformedError, UsageError
from gatekeeper.record import Record, read_earlier

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_record_gives_back_what_was_sealed() -> None:
    made = records.decision("waived")
    checkpoint = Checkpoint(size=3, head=_json.digest(b"head"))

    record = records.sealed(made, checkpoint=checkpoint)

    assert record.decision == made
    assert record.decision.canonical == made.canonical
    assert record.decision_id == made.id
    assert made.material is not None
    assert record.material.as_json() == made.material.as_json()
    assert record.engine == records.OPA
    assert record.checkpoint == checkpoint
    assert record.is_signed
    assert record.digest == _json.digest(record.data)
    assert record.environment["library"] == {"name": "gatekeeper-policy", "version": "0.1.0"}
    assert record.file_name == f"build-{made.id[7:23]}.record.json"


def test_an_unsigned_record_holds_the_same_statement() -> None:
    unsigned, signed = records.sealed(by=None), records.sealed()

    assert not unsigned.is_signed
    assert unsigned.payload == signed.payload
    assert unsigned.decision == signed.decision


def test_a_record_is_read_from_a_file_and_named_in_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.record.json"
    path.write_bytes(records.sealed().data)

    assert Record.read(path) == records.sealed()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(MalformedError, match=r"a\.record\.json"):
        Record.read(path)
    with pytest.raises(UsageError):
        Record.read(tmp_path / "missing.record.json")


def test_a_record_is_canonical_json_and_an_attestation() -> None:
    record = records.sealed()

    assert _json.canonical(json.loads(record.data)) == record.data
    attestation = read_attestation(record.data)
    assert attestation is not None
    assert attestation.form == "record"
    assert attestation.payload == record.payload


def test_no_value_can_be_put_beside_the_bytes() -> None:
    deny = records.sealed(records.decision("deny"))

    with pytest.raises((ValueError, TypeError)):
        replace(deny, decision=records.decision())
    assert {field.name for field in fields(deny) if field.init} == {"data", "name"}


def test_what_a_later_stage_asks() -> None:
    made = records.decision()

    earlier = read_earlier(records.sealed(made).data)

    assert (earlier.stage, earlier.gate, earlier.gate_digest) == ("build", "parcel", made.gate_digest)
    assert (earlier.decision, earlier.outcome, earlier.at) == (made.id, "allow", made.at)
    assert (earlier.valid_until, earlier.valid_for_seconds) == (made.valid_until, 7 * 86_400)
    assert not earlier.rests_on_unsigned


MEMBERS = [
    ("an unknown member", ("extra",), 1, "record.members"),
    ("another schema", ("schema",), "https://gatekeeper.dev/record/v9", "record.schema"),
    ("no record at all", ("schema",), "https://example.com", "record.schema"),
    ("a statement beside the envelope", ("statement",), "e30=", "record.members"),
    ("an envelope that is none", ("envelope",), 7, "record.envelope"),
    ("a key id", ("envelope", "signatures", 0, "keyid"), "gate", "record.envelope"),
    ("an unknown member of the envelope", ("envelope", "note"), "x", "record.members"),
    ("another payload type", ("envelope", "payloadType"), "text/plain", "record.envelope"),
    ("another question", ("material", "question"), "", "record.material"),
    ("another attestation", ("material", "attestations"), {}, "record.material"),
    ("another trust", ("material", "trust"), {"trust": None}, "record.material"),
]


@pytest.mark.parametrize(("path", "value", "code"), [row[1:] for row in MEMBERS], ids=[row[0] for row in MEMBERS])
def test_an_edited_member_is_refused(path: tuple[str | int, ...], value: Any, code: str) -> None:
    with pytest.raises(MalformedError) as refusal:
        Record(records.edited(records.sealed(), *path, value=value))

    assert refusal.value.code == code
    assert refusal.value.where.startswith("$")


@pytest.mark.parametrize("member", ["schema", "envelope", "material"])
def test_a_missing_member_is_refused(member: str) -> None:
    with pytest.raises(MalformedError):
        Record(records.edited(records.sealed(), member, drop=True))


def test_a_second_signature_is_refused() -> None:
    record = records.sealed()
    one = json.loads(record.data)["envelope"]["signatures"][0]

    with pytest.raises(MalformedError, match="not one signature"):
        Record(records.edited(record, "envelope", "signatures", value=[one, one]))


def test_base64_in_another_form_is_refused() -> None:
    record = records.sealed()
    text = json.loads(record.data)["envelope"]["signatures"][0]["sig"]
    assert text.endswith("==")
    twin = text[:-3] + chr(ord(text[-3]) + 1) + "=="
    assert base64.b64decode(twin) == base64.b64decode(text)

    with pytest.raises(MalformedError) as refusal:
        Record(records.edited(record, "envelope", "signatures", 0, "sig", value=twin))

    assert refusal.value.code == "record.base64"


def _set(*path: str, value: Any) -> Callable[[Any], None]:
    def change(statement: Any) -> None:
        place = statement
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


P = ("predicate",)
D = (*P, "decision")
STATEMENTS = [
    ("two outcomes", _set(*D, "outcome", value="deny"), "decision.difference"),
    ("waiting", _set(*D, "waiting", value=True), "decision.difference"),
    ("a longer life", _set(*D, "valid_until", value="2027-01-01T00:00:00Z"), "decision.difference"),
    ("an unknown member", _set(*D, "preview", value=True), "decision.difference"),
    ("an emergency", _set(*D, "emergency", value={}), "emergency.status"),
    (
        "an emergency that says too little",
        _set(*D, "emergency", value={"status": "used", "asked": "x"}),
        "schema",
    ),
    ("a base", _set(*D, "gate", "base", value=_json.digest(b"")), "record.decision_id"),
    ("a base that is no digest", _set(*D, "gate", "base", value="sha256:00"), "digest"),
    ("a number for a text", _set(*D, "stage", value=1), "decision.type"),
    ("no results", _set(*D, "results", value=[]), "decision.empty"),
    ("no end", _set(*D, "lapses", value=[]), "decision.lapses"),
    ("another id", _set(*P, "decision_id", value=_json.digest(b"")), "record.decision_id"),
    ("another material", _set(*P, "material", value=_json.digest(b"")), "record.material"),
    ("another engine", _set(*P, "environment", "engine", "version", value="1.0.0"), "record.environment"),
    ("an environment of numbers", _set(*P, "environment", "library", "version", value=1), "record.environment"),
    ("an unknown member of the predicate", _set(*P, "note", value=1), "record.members"),
    ("a checkpoint of nothing", _set(*P, "checkpoint", value={"size": 0, "head": "x"}), "record.checkpoint"),
    ("another subject", _set("subject", value=[{"name": "x", "digest": {"sha256": "2" * 64}}]), "record.statement"),
    ("another type", _set("predicateType", value="https://example.com"), "record.statement"),
    ("an unknown member of the statement", _set("note", value=1), "record.statement"),
]


@pytest.mark.parametrize(("change", "code"), [row[1:] for row in STATEMENTS], ids=[row[0] for row in STATEMENTS])
def test_a_statement_that_contradicts_itself_is_refused_though_signed(change: Callable[[Any], None], code: str) -> None:
    with pytest.raises(MalformedError) as refusal:
        Record(records.resigned(records.sealed(), change))

    assert refusal.value.code == code
    assert refusal.value.where.startswith("$.")


def test_the_gate_in_the_material_is_the_one_decided_by() -> None:
    with pytest.raises(MalformedError) as refusal:
        records.sealed(records.decision(gate_digest=_json.digest(b"another gate")))

    assert refusal.value.code == "record.gate"


def test_the_trust_in_the_material_is_the_one_decided_by() -> None:
    with pytest.raises(MalformedError) as refusal:
        records.sealed(records.decision(trust=_json.digest(b"another trust")))

    assert refusal.value.code == "record.trust"


def test_a_result_that_its_violations_contradict_is_refused() -> None:
    first, last = records.results("allow")
    passed = replace(last, violations=(Violation(message="no"),))

    with pytest.raises(MalformedError) as refusal:
        records.sealed(records.decision(results=(first, passed)))

    assert refusal.value.code == "decision.incoherent"


def test_a_result_there_twice_is_refused() -> None:
    first, last = records.results("allow")

    with pytest.raises(MalformedError) as refusal:
        records.sealed(records.decision(results=(first, last, last)))

    assert refusal.value.code == "decision.order"


def test_duplicate_keys_are_refused() -> None:
    data = records.sealed().data

    with pytest.raises(MalformedError) as refusal:
        Record(data[:-1] + b',"schema":"https://gatekeeper.dev/record/v1"}')

    assert refusal.value.code == "json.duplicate_key"


@pytest.mark.parametrize(
    "change", [lambda data: data + b"\n", lambda data: b" " + data, lambda data: data[:-1] + b" }"]
)
def test_other_json_text_of_the_same_record_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(MalformedError) as refusal:
        Record(change(records.sealed().data))

    assert refusal.value.code == "record.canonical"


def test_a_record_cut_anywhere_is_refused() -> None:
    data = records.sealed().data

    for length in range(0, len(data), 97):
        with pytest.raises(MalformedError):
            Record(data[:length])
