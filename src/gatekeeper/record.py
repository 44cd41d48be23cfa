"""A record: a decision, signed, with what replay needs.

The file is canonical JSON. What is signed is an in-toto Statement v1 about the decision's subject; it holds the
decision, the digest of the material and the environment. A record is its bytes: every attribute is read from them,
so that no value can be put beside what was signed.

::

    {"schema": "https://gatekeeper.dev/record/v1",
     "envelope": {"payload", "payloadType", "signatures": [{"keyid": "", "sig"}]},   or a Sigstore bundle, or null
     "statement": "base64",                                                          only where the envelope is null
     "material": {"attestations", "gate", "question", "raw", "rules", "trust", "verdicts"}}

    predicate: {"decision", "decision_id", "material": "sha256:...", "checkpoint": {"size", "head"} or null,
                "environment": {"library", "engine", "schemas"}}
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _files, _json, _time
from gatekeeper.attestation import (
    PAYLOAD_TYPE,
    RECORD_SCHEMA,
    Attestation,
    decode_base64,
    parse_statement,
    read_attestation,
    statement_bytes,
)
from gatekeeper.checkpoint import Checkpoint
from gatekeeper.decision_json import read_decision
from gatekeeper.errors import GatekeeperError, MalformedError
from gatekeeper.material import Material
from gatekeeper.question import EngineIdentity
from gatekeeper.record_form import DECISION_TYPE, head, tail
from gatekeeper.reversal import Reversal
from gatekeeper.verified import Earlier

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from datetime import datetime

    from gatekeeper.decision import Decision

SEAL_WINDOW: Final = timedelta(seconds=60)
"""How far a decision's instant may be from the clock, either way, when it is sealed. Deciding on the largest real
evidence takes seconds; an hour would let a job decide before a freeze and seal in it."""

RECORD_VERSIONS: Final = "https://gatekeeper.dev/record/"
_PREDICATE: Final = frozenset({"checkpoint", "decision", "decision_id", "environment", "material"})
_ENVIRONMENT: Final = frozenset({"engine", "library", "schemas"})
_ENGINE: Final = frozenset({"digest", "name", "platform", "version"})


@dataclass(frozen=True, slots=True)
class Record:
    """A sealed decision.

    Two records are equal when their bytes are.

    Attributes:
        data: The bytes of the record, exactly.
        name: Where they were read, for people.
        digest: The digest of the bytes.
        attestation: The envelope around the statement, read and not believed; None when it is unsigned.
        payload: The statement's bytes: what is signed.
        decision: The decision, outcome recomputed from its results.
        material: What it was made from; its digest is in the statement.
        engine: Which engine answered, with the digest of its binary and its platform.
        environment: Library, engine and schema versions; outside the decision's bytes.
        checkpoint: The head of the ledger before this record; None where there was none.

    Raises:
        MalformedError: The bytes are not a record, or not exactly what a record writes; ``where`` has the place.
        LimitError: Too large or nested too deeply.
    """

    data: bytes = field(repr=False)
    name: str = field(default="", compare=False)
    digest: str = field(init=False, compare=False)
    attestation: Attestation | None = field(init=False, compare=False, repr=False)
    payload: bytes = field(init=False, compare=False, repr=False)
    decision: Decision = field(init=False, compare=False, repr=False)
    material: Material = field(init=False, compare=False, repr=False)
    engine: EngineIdentity = field(init=False, compare=False, repr=False)
    environment: Mapping[str, Any] = field(init=False, compare=False, repr=False)
    checkpoint: Checkpoint | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Read everything from the bytes."""
        try:
            members = _read(self.data)
        except GatekeeperError as problem:
            raise (problem.within(self.name) if self.name else problem) from problem.__cause__
        for name, value in members.items():
            object.__setattr__(self, name, value)

    @classmethod
    def read(cls, source: bytes | str | os.PathLike[str]) -> Record:
        """Read a record from its bytes or from a file.

        Raises:
            UsageError: There is no such file.
            SourceError: The file cannot be read.
            MalformedError: It is no record; see the class.
        """
        if isinstance(source, bytes):
            return cls(source)
        return cls(_files.read_bytes(source), str(source))

    @property
    def decision_id(self) -> str:
        """The SHA-256 of the decision's canonical form."""
        return self.decision.id

    @property
    def is_signed(self) -> bool:
        """There is an envelope around it; whose, and whether it holds, is for ``admit``."""
        return self.attestation is not None

    @property
    def valid_for(self) -> timedelta:
        """How long the gate in the material lets an allow of this stage stand.

        Raises:
            MalformedError: The gate in the material has no such stage.
        """
        where = f"$.material.gate.stages.{self.decision.stage}.valid_for"
        stages = self.material.gate.get("stages")
        stage = stages.get(self.decision.stage) if isinstance(stages, dict) else None
        return _time.parse_duration(stage.get("valid_for") if isinstance(stage, dict) else None, where=where)

    @property
    def file_name(self) -> str:
        """What the file is called: stage and the first 16 digits of the decision id."""
        return f"{self.decision.stage}-{self.decision_id.removeprefix('sha256:')[:16]}.record.json"


def read_earlier(data: bytes) -> Earlier:
    """What a later stage asks about a record.

    Args:
        data: The bytes of the record as received.

    Raises:
        MalformedError: They are no record; see :class:`Record`.
    """
    return earlier_of(Record(data))


def earlier_of(record: Record) -> Earlier:
    """What a later stage asks about a record that was read."""
    decision = record.decision
    return Earlier(
        stage=decision.stage,
        gate=decision.gate_name,
        gate_digest=decision.gate_digest,
        decision=decision.id,
        outcome=decision.outcome,
        at=decision.at,
        valid_until=decision.valid_until,
        valid_for_seconds=int(record.valid_for.total_seconds()),
        rests_on_unsigned=decision.rests_on_unsigned,
        emergency_since=_emergency_since(decision),
        rests_on=(decision.after or {}).get("decision", ""),
        seen=tuple(sorted(_seen(record.material))),
        approved_by=tuple(sorted({str(said["person"]) for said in decision.approvals if said.get("counted") is True})),
    )


def read_reversal(data: bytes) -> tuple[Reversal, bool]:
    """What a stage that rolls back asks about the record of a canary of another subject, and if it rests on unsigned.

    Args:
        data: The bytes of the record as received.

    Raises:
        MalformedError: They are no record; see :class:`Record`.
    """
    decision = Record(data).decision
    said = Reversal(
        stage=decision.stage,
        gate=decision.gate_name,
        gate_digest=decision.gate_digest,
        decision=decision.id,
        next=decision.next or "",
        at=decision.at,
        subject=decision.subject,
    )
    return said, decision.rests_on_unsigned


def _emergency_since(decision: Decision) -> datetime | None:
    """When the emergency was declared that opened it; None for an ordinary decision."""
    if decision.emergency is None or not decision.broken:
        return None
    return _time.parse_instant(decision.emergency.get("declared_at"), where="$.emergency.declared_at")


def _seen(material: Material) -> set[str]:
    """Payload digests of the documents that a decision believed, as its verdicts say."""
    found: set[str] = set()
    for verdict in material.verdicts:
        content, payload = verdict.get("content"), verdict.get("payload_digest")
        if isinstance(content, dict) and "document" in content and isinstance(payload, str):
            found.add(payload)
    return found


def _read(data: bytes) -> dict[str, Any]:
    value = _json.parse_object(data)
    _check_members(value)
    attestation, payload = _payload(value)
    material_bytes = _material_bytes(data, value)
    predicate = parse_statement(payload).predicate
    decision = _decision(payload, predicate)
    _check_material(material_bytes, predicate["material"])
    environment = _environment(predicate["environment"], decision)
    material = Material.from_json(value["material"], where="$.material")
    _check_digests(decision, material)
    return {
        "digest": _json.digest(data),
        "attestation": attestation,
        "payload": payload,
        "decision": decision,
        "material": material,
        "engine": EngineIdentity(**environment["engine"]),
        "environment": environment,
        "checkpoint": _checkpoint(predicate["checkpoint"]),
    }


def _check_material(data: bytes, signed: str) -> None:
    if _json.digest(data) != signed:
        raise MalformedError("the material is not what was signed", where="$.material", code="record.material")


def _check_members(value: dict[str, Any]) -> None:
    schema = value.get("schema")
    if schema != RECORD_SCHEMA:
        later = isinstance(schema, str) and schema.startswith(RECORD_VERSIONS)
        problem = f"a record of the version {schema!r}, which this library does not know" if later else "not a record"
        raise MalformedError(problem, where="$.schema", hint="update gatekeeper" if later else "", code="record.schema")
    wanted = {"schema", "envelope", "material"} | ({"statement"} if value.get("envelope") is None else set())
    _same_members(value, frozenset(wanted), "$")


def _payload(value: dict[str, Any]) -> tuple[Attestation | None, bytes]:
    if value["envelope"] is None:
        return None, _canonical_base64(value["statement"], "$.statement")
    attestation = read_attestation(_json.canonical(value["envelope"]), name="$.envelope")
    if attestation is None or attestation.form not in {"dsse", "sigstore"}:
        problem = attestation.problem if attestation else ""
        raise MalformedError(problem or "no envelope", where="$.envelope", code="record.envelope")
    if attestation.payload_type != PAYLOAD_TYPE:
        raise MalformedError(f"not {PAYLOAD_TYPE}", where="$.envelope.payloadType", code="record.envelope")
    if attestation.form == "dsse":
        _check_envelope(value["envelope"])
    else:
        _canonical_base64(value["envelope"]["dsseEnvelope"]["payload"], "$.envelope.dsseEnvelope.payload")
    return attestation, attestation.payload


def _check_envelope(envelope: dict[str, Any]) -> None:
    """Refuse whatever a signature does not cover, so that no byte of a record can change unnoticed."""
    _same_members(envelope, frozenset({"payload", "payloadType", "signatures"}), "$.envelope")
    _canonical_base64(envelope["payload"], "$.envelope.payload")
    if len(envelope["signatures"]) != 1:
        raise MalformedError("not one signature", where="$.envelope.signatures", code="record.envelope")
    where, signature = "$.envelope.signatures[0]", envelope["signatures"][0]
    _same_members(signature, frozenset({"keyid", "sig"}), where)
    if signature["keyid"] != "":
        raise MalformedError("a key id, which nobody signed", where=f"{where}.keyid", code="record.envelope")
    _canonical_base64(signature["sig"], f"{where}.sig")


def _material_bytes(data: bytes, value: dict[str, Any]) -> bytes:
    before, after = head(value["envelope"]), tail(value.get("statement"))
    if not (data.startswith(before) and data.endswith(after) and len(data) > len(before) + len(after)):
        raise MalformedError(
            "not canonical JSON", where="$", hint="keep records byte for byte", code="record.canonical"
        )
    return data[len(before) : len(data) - len(after)]


def _decision(payload: bytes, predicate: dict[str, Any]) -> Decision:
    where = "$.statement.predicate"
    _same_members(predicate, _PREDICATE, where)
    decision = read_decision(predicate["decision"], where=f"{where}.decision")
    if predicate["decision_id"] != decision.id:
        raise MalformedError("not the digest of the decision", where=f"{where}.decision_id", code="record.decision_id")
    again = statement_bytes(subject=decision.subject.as_json(), predicate_type=DECISION_TYPE, predicate=predicate)
    if again != payload:
        raise MalformedError(
            "not the canonical statement about the decision's subject", where="$.statement", code="record.statement"
        )
    return decision


def _check_digests(decision: Decision, material: Material) -> None:
    """The material is what the decision's digests are of, as far as that takes no engine."""
    if _json.digest_of(material.gate) != decision.gate_digest:
        raise MalformedError("not the gate that the decision names", where="$.material.gate", code="record.gate")
    if material.base_digest != decision.gate_base:
        raise MalformedError("not the base that the decision names", where="$.material.gate.bases", code="record.gate")
    if _json.digest_of(material.trust.get("trust")) != decision.trust:
        raise MalformedError("not the trust that the decision names", where="$.material.trust", code="record.trust")


def _environment(value: Any, decision: Decision) -> dict[str, Any]:
    where = "$.statement.predicate.environment"
    _same_members(value, _ENVIRONMENT, where)
    for name, members in value.items():
        if not isinstance(members, dict) or not all(isinstance(member, str) for member in members.values()):
            raise MalformedError("not an object of texts", where=f"{where}.{name}", code="record.environment")
    engine = value["engine"]
    _same_members(engine, _ENGINE, f"{where}.engine")
    if str(EngineIdentity(**engine)) != decision.engine:
        raise MalformedError(
            f"another engine than the decision's, {decision.engine}", where=f"{where}.engine", code="record.environment"
        )
    return {name: dict(members) for name, members in value.items()}


def _checkpoint(value: Any) -> Checkpoint | None:
    if value is None:
        return None
    where = "$.statement.predicate.checkpoint"
    _same_members(value, frozenset({"head", "size"}), where)
    if type(value["size"]) is not int or value["size"] < 1:
        raise MalformedError("not a size", where=f"{where}.size", code="record.checkpoint")
    return Checkpoint(size=value["size"], head=_json.check_digest(value["head"], where=f"{where}.head"))


def _same_members(value: Any, wanted: frozenset[str], where: str) -> None:
    if not isinstance(value, dict):
        raise MalformedError("not an object", where=where, code="record.members")
    for name in sorted(value.keys() ^ wanted):
        problem = "absent" if name in wanted else "not known here"
        raise MalformedError(problem, where=f"{where}.{name}", code="record.members")


def _canonical_base64(text: Any, where: str) -> bytes:
    data = decode_base64(text, where=where)
    if base64.b64encode(data).decode() != text:
        raise MalformedError("base64 in another form than the canonical one", where=where, code="record.base64")
    return data
