"""Who is who, and whose word counts for what: trust as values, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json, _time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SUBJECT_REPOSITORY: Final = "{subject.repository}"
"""What a signer has for its repository until a gate says which one that is; it is the name of none."""

UNSIGNED: Final = "unsigned"
"""What ``accept`` says where no signature is asked; no signer may have this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From (inclusive) and until (exclusive); None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether ``at`` lies in it."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)

    @property
    def edges(self) -> tuple[datetime, ...]:
        """The bounds there are."""
        return tuple(edge for edge in (self.start, self.end) if edge is not None)

    def as_json(self) -> dict[str, Any]:
        """Bounds as RFC 3339 text, those there are."""
        bounds = {"from": self.start, "until": self.end}
        return {name: _time.format_instant(value) for name, value in bounds.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """A public key somebody holds for a while.

    Attributes:
        text: The key as written: PEM, or one OpenSSH line. Its fingerprint, not its text, is what counts.
        fingerprint: SHA-256 over the DER SubjectPublicKeyInfo, as ``spki:sha256:<hex>``; for keys that only SSH
            knows (security keys) over the SSH blob, as ``ssh:sha256:<hex>``.
    """

    text: str
    fingerprint: str
    period: Period = field(default_factory=Period)

    def as_json(self) -> dict[str, Any]:
        """The key without its text: comments in it change nothing."""
        return {"fingerprint": self.fingerprint, **self.period.as_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySigner:
    """A signer known by key."""

    name: str
    key: HeldKey

    def as_json(self) -> dict[str, Any]:
        """The signer in the trust's digest."""
        return {"key": self.key.as_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySigner:
    """A signer known by Sigstore identity: issuer and subject alternative name, both exact.

    Attributes:
        repository: ``owner/name`` that the certificate has to name as source repository; empty for any.
        claims: Further certificate claims by name that have to be equal (``build_trigger``, ``runner_environment``).
    """

    name: str
    issuer: str
    identity: str
    repository: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The signer in the trust's digest."""
        return {
            "issuer": self.issuer,
            "identity": self.identity,
            "repository": self.repository,
            "claims": dict(self.claims),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A human: roles and keys with their periods, and logins (``github:ada``)."""

    name: str
    roles: tuple[tuple[str, Period], ...] = ()
    keys: tuple[HeldKey, ...] = ()
    logins: tuple[str, ...] = ()

    def has_role(self, role: str, at: datetime) -> bool:
        """Whether the person holds ``role`` at ``at``."""
        return any(name == role and period.covers(at) for name, period in self.roles)

    def as_json(self) -> dict[str, Any]:
        """The person in the trust's digest."""
        return {
            "roles": [{"role": name, **period.as_json()} for name, period in self.roles],
            "keys": [key.as_json() for key in self.keys],
            "logins": sorted(self.logins),
        }


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whose word counts for what.

    Attributes:
        signers: Key and identity signers by name.
        people: People by name.
        accept: Names of signers (or ``unsigned``) whose word counts, by kind; a kind not listed: nobody's.
        stage_accept: By stage, what replaces single lines of ``accept`` there.
        trusted_root: The Sigstore trusted root's bytes, already compared with their pinned digest; None where
            no signer needs it.
    """

    signers: Mapping[str, KeySigner | IdentitySigner] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    accept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stage_accept: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    trusted_root: bytes | None = None

    def accepted(self, kind: str, stage: str) -> frozenset[str]:
        """Whose word counts for ``kind`` at ``stage``."""
        return frozenset(self.stage_accept.get(stage, {}).get(kind, self.accept.get(kind, ())))

    @property
    def roles(self) -> frozenset[str]:
        """Every role that somebody holds at some time."""
        return frozenset(role for person in self.people.values() for role, _ in person.roles)

    def as_json(self) -> dict[str, Any]:
        """Everything that can change a verdict."""
        return {
            "signers": {name: signer.as_json() for name, signer in self.signers.items()},
            "people": {name: person.as_json() for name, person in self.people.items()},
            "accept": {kind: sorted(names) for kind, names in self.accept.items()},
            "stages": {
                stage: {kind: sorted(names) for kind, names in lines.items()}
                for stage, lines in self.stage_accept.items()
            },
            "trusted_root": _json.digest(self.trusted_root) if self.trusted_root is not None else None,
        }

    def as_material(self) -> dict[str, Any]:
        """What the digest covers, with the texts of keys and trusted root, for checking signatures again later."""
        held = [signer.key for signer in self.signers.values() if isinstance(signer, KeySigner)]
        held += [key for person in self.people.values() for key in person.keys]
        return {
            "trust": self.as_json(),
            "keys": {key.fingerprint: key.text for key in held},
            "trusted_root": self.trusted_root.decode() if self.trusted_root is not None else None,
        }

    @cached_property
    def digest(self) -> str:
        """The digest of all of it."""
        return _json.digest_of(self.as_json())
