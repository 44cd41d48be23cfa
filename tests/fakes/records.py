"""Decisions and records with real signatures. No gate decided these, which neither the ledger nor `admit` asks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from gatekeeper import _json
from gatekeeper.decision import Decision, Item, Result, Violation
from gatekeeper.material import Material
from gatekeeper.question import EngineIdentity
from gatekeeper.record import Record
from gatekeeper.record_form import assemble, statement
from gatekeeper.roster import HeldKey, KeySigner, Period, Trust
from gatekeeper.sealing import environment
from gatekeeper.subject import Subject
from gatekeeper.trust import signer as trust_signer
from gatekeeper.trust.private_keys import PrivateKey, load_private_key

if TYPE_CHECKING:
    from gatekeeper.checkpoint import Checkpoint
    from gatekeeper.trust.signer import Signer

NOW = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)
WHEEL = Subject.of("parcel-1.4.0-py3-none-any.whl", {"sha256": "1" * 64})
OPA = EngineIdentity(name="opa", version="1.22.2", digest=f"sha256:{'e' * 64}", platform="linux/amd64")
ATTESTATION = b'{"_type":"https://in-toto.io/Statement/v1","subject":[],"note":"b\xc3\xa4d"}'


@cache
def key(name: str) -> PrivateKey:
    """A key that is the same in every test run; names that begin with ``ec`` are ECDSA P-256."""
    seed = _json.digest(name.encode()).removeprefix("sha256:")
    material: Any = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    if name.startswith("ec"):
        material = ec.derive_private_key(int(seed[:60], 16), ec.SECP256R1())
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return load_private_key(material.private_bytes(encoding, form, serialization.NoEncryption()))


def signer(name: str = "gate") -> Signer:
    return trust_signer.KeySigner(key=key(name))


def held(name: str, period: Period | None = None) -> HeldKey:
    public = key(name).public
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    text = key(name).material.public_key().public_bytes(encoding, form).decode()
    return HeldKey(text=text, fingerprint=public.fingerprint, period=period or Period())


def trust(name: str = "gate", *, period: Period | None = None, **changes: Any) -> Trust:
    """A trust in which the key called ``name`` is the signer ``gate`` and accepted for decisions."""
    signers = {"gate": KeySigner(name="gate", key=held(name, period)), "ci": KeySigner(name="ci", key=held("ci"))}
    accept = {"decision": ("gate",), "test_results": ("ci",)}
    return Trust(**{"signers": signers, "accept": accept, **changes})


def gate(**changes: Any) -> dict[str, Any]:
    stages = {name: {"valid_for": "7d"} for name in ("build", "integration")}
    return {
        "name": "parcel",
        "repository": "acme/parcel",
        "engine": "opa 1.22.2",
        "engine_digests": [OPA.digest],
        "stages": stages,
        **changes,
    }


def material(**changes: Any) -> Material:
    members: dict[str, Any] = {
        "gate": gate(),
        "trust": trust().as_material(),
        "rules": {"modules": {"tests/pass/pass.rego": "package gatekeeper.tests.pass\n"}},
        "question": '{"ask":["tests.pass"],"nonce":"sha256:00"}',
        "verdicts": ({"item": {"digest": _json.digest(ATTESTATION), "status": "verified"}},),
        "attestations": (ATTESTATION, b"\xff\x00 not text"),
    }
    return Material(**{**members, **changes})


def decision(outcome: str = "allow", *, made_from: Material | None = None, **changes: Any) -> Decision:
    """A decision of the stage ``build``, consistent with what it was made from."""
    source = made_from or material()
    members: dict[str, Any] = {
        "subject": WHEEL,
        "stage": "build",
        "at": NOW,
        "gate_name": str(source.gate["name"]),
        "gate_digest": _json.digest_of(source.gate),
        "trust": _json.digest_of(source.trust["trust"]),
        "rules_digest": _json.digest_of(source.rules),
        "engine": "opa 1.22.2",
        "evidence_digest": _json.digest(b"evidence"),
        "items": (
            Item(
                digest=_json.digest(ATTESTATION),
                kind="test_results",
                slot="unit",
                status="verified",
                signers=("ci",),
                read_by="facts/1",
            ),
        ),
        "results": results(outcome),
        "material": source,
        "engine_identity": OPA,
    }
    members |= changes
    members.setdefault("lapses", ((members["at"] + timedelta(days=7), "an allow of build is valid for 7d"),))
    return Decision(**members)


def results(outcome: str) -> tuple[Result, ...]:
    violation = Violation(message="1 test failed", term="test_a", expected=0, actual=1, unit="tests", remedy="mend it")
    last = {
        "allow": Result(id="tests.pass", title="Tests pass", outcome="pass"),
        "deny": Result(id="tests.pass", title="Tests pass", outcome="fail", violations=(violation,)),
        "waived": Result(
            id="tests.pass", title="Tests pass", outcome="waived", waived=(violation,), waiver=(_json.digest(b"w"),)
        ),
    }[outcome]
    return Result(id="slot.unit", title="Unit tests are here", outcome="pass"), last


def sealed(
    made: Decision | None = None,
    *,
    by: str | Signer | None = "gate",
    checkpoint: Checkpoint | None = None,
    engine: EngineIdentity = OPA,
) -> Record:
    """A record without `seal`, so that records that `seal` would refuse can be made as well."""
    made = decision() if made is None else made  # a deny is falsy
    assert made.material is not None
    material_bytes = _json.canonical(made.material.as_json())
    payload = statement(
        made, material=_json.digest(material_bytes), environment=environment(engine), checkpoint=checkpoint
    )
    signs = signer(by) if isinstance(by, str) else by
    envelope = signs.sign(payload) if signs is not None else None
    return Record(assemble(payload=payload, envelope=envelope, material=material_bytes))


def numbered(number: int, **changes: Any) -> Record:
    """A record unlike the others: one second after the one before."""
    return sealed(decision(at=NOW + timedelta(seconds=number), **changes))


def edited(record: Record, *path: str | int, value: Any = None, drop: bool = False) -> bytes:
    """The bytes of a record with one member set or dropped, canonical again but not signed again."""
    document: Any = json.loads(record.data)
    place = document
    for step in path[:-1]:
        place = place[step]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return _json.canonical(document)


def resigned(record: Record, change: Any, *, by: str = "gate") -> bytes:
    """The bytes of a record whose statement was changed by ``change(statement)`` and signed again."""
    payload = json.loads(record.payload)
    change(payload)
    material_bytes = _json.canonical(record.material.as_json())
    return assemble(
        payload=_json.canonical(payload), envelope=signer(by).sign(_json.canonical(payload)), material=material_bytes
    )
