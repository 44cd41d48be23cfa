"""A record as a SLSA Verification Summary or a Simple Verification Result, for consumers who know nothing of gates.

Both are projections: they say that the gate was asked and what it said, not what ``admit`` proves. Neither has an end
of validity among its own fields; the record's is in an annotation of the policy, which few consumers will read. Where
the end matters (it usually does), admit the record.

Sources: SLSA verification summary v1 (slsa.dev/spec/v1.2/verification_summary), in-toto attestation
``spec/predicates/vsa.md`` and ``svr.md`` (v0.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _files, _time
from gatekeeper.attestation import statement_bytes
from gatekeeper.errors import GatekeeperError, SealError, UsageError

if TYPE_CHECKING:
    import os

    from gatekeeper.record import Record
    from gatekeeper.trust.signer import Signer

VSA_TYPE: Final = "https://slsa.dev/verification_summary/v1"
SVR_TYPE: Final = "https://in-toto.io/attestation/svr/v0.2"
SLSA_VERSION: Final = "1.2"
GATE_URI: Final = "https://gatekeeper.dev/gates/"


def summary(record: Record, *, verifier: str, resource: str) -> bytes:
    """The statement of a verification summary, to be signed.

    A gate judges no SLSA levels: the build track is stated as unevaluated, and the stage that is allowed as a property
    of our own, ``GATEKEEPER_STAGE_<STAGE>``. An allow by an emergency is summarised as FAILED: it broke through what
    was to be verified, and consumers of summaries have no way to accept that or not.

    Args:
        record: What is summarised, allow or deny.
        verifier: URI of who verified; consumers trust it together with the key.
        resource: URI of the subject, as its consumers know it.

    Raises:
        UsageError: ``verifier`` or ``resource`` is no URI.
    """
    decision = record.decision
    passed = bool(decision) and not decision.broken
    levels = ["SLSA_BUILD_LEVEL_UNEVALUATED", _property(decision.stage)] if passed else ["FAILED"]
    predicate = {
        "verifier": _verifier(record, verifier),
        "timeVerified": _time.format_instant(decision.at),
        "resourceUri": _uri(resource, "resource"),
        "policy": _policy(record),
        "inputAttestations": [{"digest": _digest_set(item.digest)} for item in decision.items],
        "verificationResult": "PASSED" if passed else "FAILED",
        "verifiedLevels": levels,
        "slsaVersion": SLSA_VERSION,
    }
    return _statement(record, VSA_TYPE, predicate)


def result(record: Record, *, verifier: str) -> bytes:
    """The statement of a simple verification result, to be signed.

    Its properties are those that hold: ``GATEKEEPER_STAGE_<STAGE>`` when the decision is an allow, and the id of each
    rule and requirement that passes. What is waived or only warned of has not passed.

    Raises:
        UsageError: ``verifier`` is no URI.
    """
    decision = record.decision
    allowed = [_property(decision.stage)] if decision and not decision.broken else []
    passed = [found.id for found in decision.results if found.outcome == "pass"]
    predicate = {
        "verifier": _verifier(record, verifier) | {"policies": [_policy(record)]},
        "timeCreated": _time.format_instant(decision.at),
        "properties": [*allowed, *passed],
    }
    return _statement(record, SVR_TYPE, predicate)


def write(statement: bytes, path: str | os.PathLike[str], *, signer: Signer) -> None:
    """Sign a statement and write the envelope, whole or not at all.

    Raises:
        SealError: The signer gave nothing.
        SourceError: The file cannot be written.
        GatekeeperError: The signer cannot sign.
    """
    try:
        envelope = signer.sign(statement)
    except GatekeeperError:
        raise
    except Exception as cause:  # a signer is anybody's code
        raise SealError(f"cannot be signed: {cause}", code="seal.signer") from cause
    if not isinstance(envelope, bytes):
        raise SealError("the signer gave no envelope", code="seal.signer")
    _files.write_atomic(path, envelope)


def _verifier(record: Record, uri: str) -> dict[str, Any]:
    library = record.environment["library"]
    return {"id": _uri(uri, "verifier"), "version": {library["name"]: library["version"]}}


def _policy(record: Record) -> dict[str, Any]:
    decision = record.decision
    return {
        "name": decision.gate_name,
        "uri": f"{GATE_URI}{decision.gate_name}",
        "digest": _digest_set(decision.gate_digest),
        "annotations": {
            "stage": decision.stage,
            "decision": decision.id,
            "record": record.digest,
            "valid_until": _time.format_instant(decision.valid_until),
        },
    }


def _statement(record: Record, predicate_type: str, predicate: dict[str, Any]) -> bytes:
    return statement_bytes(
        subject=record.decision.subject.as_json(), predicate_type=predicate_type, predicate=predicate
    )


def _property(stage: str) -> str:
    return f"GATEKEEPER_STAGE_{stage.upper().replace('-', '_')}"


def _digest_set(digest: str) -> dict[str, str]:
    algorithm, _, value = digest.partition(":")
    return {algorithm: value}


def _uri(text: str, what: str) -> str:
    if ":" not in text.partition("/")[0] or text.startswith(":") or any(mark.isspace() for mark in text):
        raise UsageError(f"{what} is no URI: {text!r}", hint="such as https://acme.example/gate", code="usage.uri")
    return text
