"""Records signed by a Sigstore identity, against a stand-in of its services with keys of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import fake_sigstore
import pytest
import records

from gatekeeper.admission import admit
from gatekeeper.attestation import read_attestation
from gatekeeper.errors import MalformedError, NotAdmittedError
from gatekeeper.record import Record, read_earlier
from gatekeeper.roster import IdentitySigner, Trust
from gatekeeper.sealing import seal
from gatekeeper.signatures import SIGNING_WINDOW

FAKE = fake_sigstore.FakeSigstore()
NOW = fake_sigstore.NOW


@dataclass(frozen=True)
class Signer:
    """The identity of a CI job."""

    at: datetime = NOW
    name: str = "ci"
    fingerprint: str = ""
    leaf: dict[str, Any] = field(default_factory=dict)

    def sign(self, payload: bytes) -> bytes:
        leaf = FAKE.leaf(at=self.at, **self.leaf)
        return json.dumps(FAKE.sign(payload, at=self.at, leaf=leaf)).encode()


def trust(**changes: Any) -> Trust:
    members = {"issuer": fake_sigstore.ISSUER, "identity": fake_sigstore.IDENTITY, "repository": "acme/parcel"}
    gate = IdentitySigner(**{"name": "gate", **members, **changes})
    return Trust(signers={"gate": gate}, accept={"decision": ("gate",)}, trusted_root=FAKE.trusted_root())


def sealed(signer: Signer | None = None) -> Record:
    return seal(records.decision(at=NOW), signer=signer or Signer(), now=NOW)


def admitted(record: Record, believed: Trust) -> Record:
    return admit(
        record,
        subject=records.WHEEL,
        stage="build",
        gate="parcel",
        gate_digest=record.decision.gate_digest,
        trust=believed,
        at=NOW + timedelta(hours=1),
    )


def test_a_record_signed_by_an_identity_is_admitted() -> None:
    record = sealed()

    assert record.attestation is not None
    assert record.attestation.form == "sigstore"
    assert admitted(record, trust()) == record
    assert read_earlier(record.data).outcome == "allow"


def test_as_evidence_it_holds_the_same_statement() -> None:
    record = sealed()

    attestation = read_attestation(record.data)

    assert attestation is not None
    assert (attestation.form, attestation.payload, attestation.signatures) == ("record", record.payload, ())


OTHERS = [
    ("another issuer", {"issuer": "https://issuer.example"}, {}, "not_admitted.signer"),
    ("another workflow", {"identity": fake_sigstore.IDENTITY + "0"}, {}, "not_admitted.signer"),
    ("another repository", {"repository": "acme/parcels"}, {}, "not_admitted.signer"),
    ("another trigger", {"claims": {"build_trigger": "pull_request"}}, {}, "not_admitted.signer"),
    ("no certificate timestamp", {}, {"sct": False}, "not_admitted.signature"),
]


@pytest.mark.parametrize(("believed", "leaf", "code"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS])
def test_another_identity_is_not_believed(believed: dict[str, Any], leaf: dict[str, Any], code: str) -> None:
    with pytest.raises(NotAdmittedError) as refused:
        admitted(sealed(Signer(leaf=leaf)), trust(**believed))

    assert refused.value.code == code
    assert refused.value.exit_code == 1


def test_without_a_trusted_root_nothing_is_believed() -> None:
    record = sealed()
    blind = Trust(signers=trust().signers, accept={"decision": ("gate",)})

    with pytest.raises(NotAdmittedError, match="no trusted root"):
        admitted(record, blind)
    assert admitted(record, trust()) == record


@pytest.mark.parametrize("way", [1, -1])
def test_a_record_signed_at_another_time_than_it_states_is_not_believed(way: int) -> None:
    late = sealed(Signer(at=NOW + way * (SIGNING_WINDOW + timedelta(seconds=1))))
    near = sealed(Signer(at=NOW + way * SIGNING_WINDOW))

    with pytest.raises(NotAdmittedError, match="and says it is of 2026-03-01T12:00:00Z") as refused:
        admitted(late, trust())
    assert refused.value.code == "not_admitted.signature"
    assert admitted(near, trust()) == near


def test_a_bundle_around_another_statement_does_not_carry_the_material() -> None:
    one, two = (
        json.loads(sealed().data),
        json.loads(seal(records.decision("deny", at=NOW), signer=Signer(), now=NOW).data),
    )
    question = {**one["material"], "question": "other"}

    for mixed in ({**one, "material": question}, {**one, "statement": "e30="}):
        with pytest.raises(MalformedError):
            Record(json.dumps(mixed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
    swapped = json.dumps(
        {**one, "envelope": two["envelope"]}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    with pytest.raises(NotAdmittedError) as refused:
        admitted(Record(swapped.encode()), trust())
    assert refused.value.code == "not_admitted.deny"
