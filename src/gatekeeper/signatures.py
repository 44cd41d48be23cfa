"""Whose signatures hold on an attestation, and whether their keys count at the time.

Signatures are checked over the bytes received, under the keys and identities of one trust. What the statement says
is for :mod:`gatekeeper.verify`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.approval import APPROVAL_NAMESPACE, APPROVAL_TYPE, WAIVER_NAMESPACE, WAIVER_TYPE
from gatekeeper.attestation import parse_statement
from gatekeeper.emergency import EMERGENCY_NAMESPACE, EMERGENCY_TYPE, REVIEW_NAMESPACE, REVIEW_TYPE
from gatekeeper.roster import HeldKey, IdentitySigner, KeySigner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from gatekeeper.attestation import Attestation
    from gatekeeper.decision import Status
    from gatekeeper.memory import Memory
    from gatekeeper.roster import Trust

CLOCK_SKEW: Final = timedelta(seconds=60)
"""How far a proven time may lie ahead of ``at``: clocks differ, but not by more between synchronised machines."""

SIGNING_WINDOW: Final = timedelta(minutes=3)
"""How far the proven time of a record's signature may be from the instant that it states: it is sealed within a minute
of that, by clocks that differ by one either way."""


class NotBelievedError(Exception):
    """An attestation is not believed; the text says why, and ``until`` when that may change."""

    def __init__(self, reason: str, status: Status = "rejected", *, until: Iterable[datetime] = ()) -> None:
        super().__init__(reason)
        self.status = status
        self.until = tuple(sorted(until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Whose signatures hold on an attestation.

    Attributes:
        signers, people: Names from the trust.
        verified_at: The proven time of signing.
        lapses: When a key that signed it begins or ends.
    """

    signers: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    verified_at: datetime | None = None
    lapses: tuple[datetime, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Signatures:
    """Checks signatures under one trust, at one instant; keys are read once.

    Attributes:
        trust: Whose keys and identities are believed.
        at: The instant at which they have to count.
        memory: Which keys hold on which bytes, as far as that was found out before.
        keys: The keys of the trust that have been read, by fingerprint.
    """

    trust: Trust
    at: datetime
    memory: Memory
    keys: dict[str, Any] = field(default_factory=dict)

    def check(self, received: Attestation) -> tuple[Signed, bytes]:
        """Whose signatures hold, and the bytes they are over.

        Raises:
            NotBelievedError: Nobody's do, or nothing here can tell.
            MalformedError: A signature or envelope cannot be read.
        """
        match received.form:
            case "unreadable":
                raise NotBelievedError(received.problem)
            case "plain":
                return Signed(), received.payload
            case "dsse":
                return self._dsse(received), received.payload
            case "record":
                return self._record(received)
            case "ssh":
                return self._ssh(received), received.payload
            case "sigstore":
                return self._sigstore(received)

    def _dsse(self, received: Attestation) -> Signed:
        from gatekeeper.trust import dsse

        held = dict(self._held_keys())
        follows_from = ("dsse", self.trust.digest, received.payload_digest, received.payload_type, received.signatures)
        found = self.memory.recall(
            follows_from, len(received.payload), lambda: dsse.verify(received, [self._key(key) for key in held])
        )
        return self._holders(found, held)

    def _ssh(self, received: Attestation) -> Signed:
        from gatekeeper.trust import ssh

        statement = parse_statement(received.payload, where=received.name)
        namespace = _namespace(statement.predicate_type)
        found = frozenset(signature.fingerprint for signature in ssh.verify(received, namespace=namespace))
        return self._holders(found, dict(self._held_keys()))

    def _sigstore(self, received: Attestation) -> tuple[Signed, bytes]:
        from gatekeeper.trust import sigstore

        if self.trust.trusted_root is None:
            raise NotBelievedError("trust.toml names no Sigstore trusted root", "unsupported")
        verdict = sigstore.verify(received.raw, trusted_root=self.trust.trusted_root)
        if verdict.status != "verified":
            raise NotBelievedError(verdict.reason, verdict.status)
        signers = frozenset(name for name, signer in self.trust.signers.items() if is_identity(signer, verdict))
        if not signers:
            raise NotBelievedError(f"signed by {verdict.identity} of {verdict.issuer}, who is no signer here")
        return Signed(signers=signers, verified_at=verdict.verified_at), verdict.payload

    def _record(self, received: Attestation) -> tuple[Signed, bytes]:
        from gatekeeper.record import Record

        record = Record(received.raw)
        if record.attestation is None:
            return Signed(), received.payload
        signed, payload = self.check(record.attestation)
        return self._when_made(signed, record.decision.at), payload

    def _when_made(self, signed: Signed, made: datetime) -> Signed:
        """The signers of a record who could have signed it when it says it was made: nobody backdates a decision."""
        stated = _time.format_instant(made)
        if signed.verified_at is not None and abs(signed.verified_at - made) > SIGNING_WINDOW:
            proven = _time.format_instant(signed.verified_at)
            raise NotBelievedError(f"it was signed at {proven}, and says it is of {stated}")
        counted = frozenset(name for name in signed.signers if _counts(self.trust.signers[name], made))
        if signed.signers and not counted:
            names = ", ".join(sorted(signed.signers))
            raise NotBelievedError(f"the key of {names} did not count at {stated}, when it says it was made")
        return replace(signed, signers=counted)

    def _held_keys(self) -> Iterator[tuple[HeldKey, tuple[str, bool]]]:
        for name, signer in self.trust.signers.items():
            if isinstance(signer, KeySigner):
                yield signer.key, (name, False)
        for name, person in self.trust.people.items():
            for key in person.keys:
                yield key, (name, True)

    def _key(self, key: HeldKey) -> Any:
        from gatekeeper.trust import keys

        if key.fingerprint not in self.keys:
            self.keys[key.fingerprint] = keys.load_public_key(key.text, where=key.fingerprint)
        return self.keys[key.fingerprint]

    def _holders(self, fingerprints: frozenset[str], held: Mapping[HeldKey, tuple[str, bool]]) -> Signed:
        holders = [(key, *owner) for key, owner in held.items() if key.fingerprint in fingerprints]
        if not holders:
            raise NotBelievedError("no signature holds under a key of trust.toml")
        current = [(key, name, human) for key, name, human in holders if key.period.covers(self.at)]
        edges = {edge for key, _, _ in holders for edge in key.period.edges if edge > self.at}
        if not current:
            names = ", ".join(sorted({name for _, name, _ in holders}))
            raise NotBelievedError(f"the key of {names} does not count at this time", until=edges)
        return Signed(
            signers=frozenset(name for _, name, human in current if not human),
            people=frozenset(name for _, name, human in current if human),
            lapses=tuple(sorted(edges)),
        )


def is_identity(signer: KeySigner | IdentitySigner, verdict: Any) -> bool:
    """Whether a Sigstore verdict is about this signer: issuer, identity, repository and claims, all of them exact."""
    if not isinstance(signer, IdentitySigner):
        return False
    if (signer.issuer, signer.identity) != (verdict.issuer, verdict.identity):
        return False
    if signer.repository and signer.repository != verdict.repository:
        return False
    return all(verdict.claims.get(name) == value for name, value in signer.claims.items())


_NAMESPACES: Final = {
    APPROVAL_TYPE: APPROVAL_NAMESPACE,
    WAIVER_TYPE: WAIVER_NAMESPACE,
    EMERGENCY_TYPE: EMERGENCY_NAMESPACE,
    REVIEW_TYPE: REVIEW_NAMESPACE,
}


def _namespace(predicate_type: str) -> str:
    """What an SSH signature over such a statement has to be made for."""
    namespace = _NAMESPACES.get(predicate_type)
    if namespace is None:
        raise NotBelievedError("SSH signatures count for what people sign only: approvals, waivers, emergencies")
    return namespace


def _counts(signer: KeySigner | IdentitySigner, at: datetime) -> bool:
    return not isinstance(signer, KeySigner) or signer.key.period.covers(at)
