"""The bytes of a record, as they are written and as they are compared when they are read."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.attestation import RECORD_SCHEMA, statement_bytes
from gatekeeper.decision import DECISION_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.checkpoint import Checkpoint
    from gatekeeper.decision import Decision

DECISION_TYPE: Final = DECISION_SCHEMA
"""Predicate type of the statement in a record."""


def statement(
    decision: Decision, *, material: str, environment: Mapping[str, Any], checkpoint: Checkpoint | None
) -> bytes:
    """The bytes to sign: a Statement v1 about the decision's subject. ``material`` is the material's digest."""
    predicate = {
        "decision": decision.as_json(),
        "decision_id": decision.id,
        "material": material,
        "environment": dict(environment),
        "checkpoint": checkpoint.as_json() if checkpoint else None,
    }
    return statement_bytes(subject=decision.subject.as_json(), predicate_type=DECISION_TYPE, predicate=predicate)


def assemble(*, payload: bytes, envelope: bytes | None, material: bytes) -> bytes:
    """The bytes of a record.

    Args:
        payload: The statement's bytes.
        envelope: A DSSE envelope or Sigstore bundle around them, as a signer gives it; None for unsigned.
        material: The canonical form of the material; it is copied once and not written again.

    Raises:
        MalformedError: The envelope is none.
    """
    if envelope is None:
        return b"".join((head(None), material, tail(base64.b64encode(payload).decode())))
    return b"".join((head(_tidy(_json.parse_object(envelope))), material, tail(None)))


def head(envelope: dict[str, Any] | None) -> bytes:
    """What stands before the material."""
    return b'{"envelope":%s,"material":' % _json.canonical(envelope)


def tail(statement_text: str | None) -> bytes:
    """What stands after the material; ``statement_text`` is the statement in base64 where there is no envelope."""
    member = b"" if statement_text is None else b',"statement":%s' % _json.canonical(statement_text)
    return b',"schema":%s%s}' % (_json.canonical(RECORD_SCHEMA), member)


def _tidy(envelope: dict[str, Any]) -> dict[str, Any]:
    """A DSSE envelope without what no signature covers: key ids and members nobody knows. A bundle as it is."""
    signatures = envelope.get("signatures")
    if "mediaType" in envelope or not isinstance(signatures, list):
        return envelope
    kept = {name: envelope[name] for name in ("payload", "payloadType") if name in envelope}
    return kept | {
        "signatures": [{"keyid": "", "sig": item.get("sig")} for item in signatures if isinstance(item, dict)]
    }
