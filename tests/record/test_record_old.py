"""Every record version ever written stays readable: the files in ``old/`` are never made again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import records

from gatekeeper.admission import admit
from gatekeeper.record import Record

OLD = Path(__file__).parent / "old"
IDS = {
    "v1-allow.record.json": "sha256:8676da70b4f83af9807b5b2fd11448028489f8ade5c0bce01707c1c4b89c1a76",
    "v1-deny-unsigned.record.json": "sha256:0f1d4b7fb51f39717e8d7e8a2ed1957a7bf9b86796a90b8f3c2c5830a5952c65",
}


@pytest.mark.parametrize("name", sorted(IDS))
def test_an_old_record_is_read_to_the_same_decision(name: str) -> None:
    record = Record.read(OLD / name)

    assert record.decision_id == IDS[name]
    assert record.decision.outcome == ("deny" if "deny" in name else "allow")
    assert record.material.attestations


def test_every_old_record_is_read() -> None:
    assert sorted(path.name for path in OLD.iterdir()) == sorted(IDS)


def test_an_old_allow_is_admitted_at_its_time() -> None:
    record = Record.read(OLD / "v1-allow.record.json")

    admitted = admit(
        OLD / "v1-allow.record.json",
        subject=records.WHEEL,
        stage="build",
        gate="parcel",
        gate_digest=record.decision.gate_digest,
        trust=records.trust(),
        at=record.decision.at + timedelta(hours=1),
        unsigned=True,
    )

    assert admitted == record
    assert admitted.checkpoint is not None
