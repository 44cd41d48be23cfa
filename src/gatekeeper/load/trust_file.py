"""``trust.toml`` and ``people.toml``: who is who, and whose word counts for what."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from gatekeeper import _files
from gatekeeper.errors import ConfigError, GatekeeperError, UsageError
from gatekeeper.facts import kinds
from gatekeeper.load.table import Table, read_toml, suggestion
from gatekeeper.roster import SUBJECT_REPOSITORY, UNSIGNED, HeldKey, IdentitySigner, KeySigner, Period, Person, Trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

DECISION_KIND: Final = "decision"
"""The kind of a sealed record, which ``accept`` names beside the kinds of facts."""


_CLAIMS: Final = (
    "build_config_uri",
    "build_signer_digest",
    "build_signer_uri",
    "build_trigger",
    "runner_environment",
    "source_repository_identifier",
    "source_repository_owner_identifier",
    "source_repository_owner_uri",
    "source_repository_ref",
    "source_repository_uri",
    "source_repository_visibility",
)
"""Claims of a Fulcio certificate that a signer may be bound to (sigstore/fulcio, docs/oid-info.md)."""


def load_trust(path: Path, *, repository: str = "") -> Trust:
    """Read ``trust.toml``, with ``people.toml`` beside it when there is one.

    Args:
        path: The file.
        repository: What ``{subject.repository}`` stands for.

    Raises:
        ConfigError: With file, line and a suggestion.
        UsageError: The file is not there.
        SourceError: A file cannot be read.
    """
    table = read_toml(path)
    table.refuse_later("extends")
    signers = {name: _signer(name, entry, path.parent, repository) for name, entry in table.table("signers").named()}
    people = {name: _person(name, entry) for name, entry in table.table("people").named()}
    people |= _people_file(path.with_name("people.toml"), people)
    accept = read_accept(table.table("accept"), signers)
    stages = {name: _stage_accept(entry, signers) for name, entry in table.table("stages").named()}
    trusted_root = _trusted_root(table, path.parent)
    table.finish("signers", "people", "accept", "stages", "sigstore")
    _check_apart(signers, people, table)
    _check_root_named(trusted_root, signers, table)
    return Trust(signers=signers, people=people, accept=accept, stage_accept=stages, trusted_root=trusted_root)


def _signer(name: str, entry: Table, folder: Path, repository: str) -> KeySigner | IdentitySigner:
    if name == UNSIGNED:
        raise entry.error(f"no signer can be called {UNSIGNED}")
    if entry.has("key"):
        key = _key_file(entry, folder)
        signer: KeySigner | IdentitySigner = KeySigner(name=name, key=key)
    else:
        signer = _identity(name, entry, repository)
    entry.finish("key", "issuer", "identity", "repository", "claims", "from", "until")
    return signer


def _identity(name: str, entry: Table, repository: str) -> IdentitySigner:
    bound = entry.text("repository", "")
    if bound == SUBJECT_REPOSITORY:
        if not repository:
            raise entry.error(
                f"{SUBJECT_REPOSITORY} has no value", "repository", hint='add repository = "owner/name" to gate.toml'
            )
        bound = repository
    claims = entry.table("claims")
    values = {claim: claims.text(claim) for claim in claims.values if claim in _CLAIMS}
    claims.finish(*_CLAIMS)
    return IdentitySigner(
        name=name, issuer=entry.text("issuer"), identity=entry.text("identity"), repository=bound, claims=values
    )


def _key_file(entry: Table, folder: Path) -> HeldKey:
    named = entry.text("key")
    if named.startswith(("ssh-", "ecdsa-", "sk-", "-----BEGIN")):
        text = named
    else:
        text = _read_named(folder / named, entry, "key").decode("utf-8", "replace")
    return held_key(text, entry, "key")


def _read_named(path: Path, entry: Table, key: str) -> bytes:
    """A file that the trust names; it is not the command line that is wrong when it is not there."""
    try:
        return _files.read_bytes(path)
    except UsageError as cause:
        raise entry.error(f"{path.name}: {cause.message}", key) from cause


def held_key(text: str, entry: Table, key: str) -> HeldKey:
    """A public key as text, with its fingerprint and its period.

    Raises:
        ConfigError: It is no public key that is read.
    """
    from gatekeeper.trust import keys

    try:
        fingerprint = keys.load_public_key(text, where=entry.where(key)).fingerprint
    except GatekeeperError as cause:
        raise ConfigError(cause.message, where=entry.where(key), hint=cause.hint, code="config.key") from cause
    return HeldKey(text=text, fingerprint=fingerprint, period=_period(entry))


def _period(entry: Table) -> Period:
    period = Period(start=entry.instant("from"), end=entry.instant("until"))
    if period.start and period.end and period.end <= period.start:
        raise entry.error("it ends before it begins", "until")
    return period


def _person(name: str, entry: Table) -> Person:
    if name == UNSIGNED:
        raise entry.error(f"no person can be called {name}")
    roles = [(role, Period()) for role in entry.texts("roles", ())] if _plain_roles(entry) else _dated_roles(entry)
    keys = [held_key(key.text("key"), key, "key") for key in _finished(entry.tables("keys"), "key", "from", "until")]
    person = Person(name=name, roles=tuple(roles), keys=tuple(keys), logins=entry.texts("logins", ()))
    entry.finish("roles", "keys", "logins")
    return person


def _plain_roles(entry: Table) -> bool:
    roles = entry.values.get("roles", [])
    return not isinstance(roles, list) or all(isinstance(role, str) for role in roles)


def _dated_roles(entry: Table) -> list[tuple[str, Period]]:
    tables = _finished(entry.tables("roles"), "role", "from", "until")
    return [(role.text("role"), _period(role)) for role in tables]


def _finished(tables: list[Table], *known: str) -> list[Table]:
    for table in tables:
        for key in table.values:
            if key not in known:
                raise table.error(f"{key!r} is not known here", key, hint=suggestion(key, known), code="config.unknown")
    return tables


def _people_file(path: Path, already: dict[str, Person]) -> dict[str, Person]:
    if not path.is_file():
        return {}
    table = read_toml(path)
    entries = table.table("people") if table.has("people") else table
    found = {}
    for name, entry in entries.named():
        if name in already:
            raise entry.error(f"{name} is in trust.toml too", hint="keep each person in one file")
        found[name] = _person(name, entry)
    table.finish("people")
    return found


def read_accept(entry: Table, signers: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """The lines of ``accept``: by kind, whose word counts.

    Raises:
        ConfigError: A kind or signer that is not known; with file, line and a suggestion.
    """
    accepted = {}
    for kind in entry.values:
        _check_kind(kind, entry)
        names = entry.texts(kind)
        _check_names(kind, names, signers, entry)
        _check_signed(kind, names, entry)
        accepted[kind] = names
    return accepted


def _check_kind(kind: str, entry: Table) -> None:
    known = {*kinds(), DECISION_KIND}
    if kind not in known:
        raise entry.error(f"no kind of evidence is called {kind!r}", kind, hint=suggestion(kind, known))


def _check_names(kind: str, names: Iterable[str], signers: Mapping[str, object], entry: Table) -> None:
    for name in names:
        if name not in signers and name != UNSIGNED:
            raise entry.error(f"{name!r} is no signer", kind, hint=suggestion(name, {*signers, UNSIGNED}))


def _check_signed(kind: str, names: Iterable[str], entry: Table) -> None:
    if kind == DECISION_KIND and UNSIGNED in names:
        raise entry.error("a decision is accepted signed only", kind)


def _stage_accept(entry: Table, signers: dict[str, KeySigner | IdentitySigner]) -> dict[str, tuple[str, ...]]:
    accepted = read_accept(entry.table("accept"), signers)
    entry.finish("accept")
    return accepted


def _trusted_root(table: Table, folder: Path) -> bytes | None:
    section = table.table("sigstore")
    if not section.has("trusted_root"):
        section.finish("trusted_root")
        return None
    entry = section.table("trusted_root")
    path, pinned = entry.text("path"), entry.text("sha256", pattern="[0-9a-f]{64}")
    entry.finish("path", "sha256")
    section.finish("trusted_root")
    data = _read_named(folder / path, entry, "path")
    _check_pin(data, pinned, path, section)
    from gatekeeper.trust import sigstore

    sigstore.check_trusted_root(data)
    return data


def _check_pin(data: bytes, pinned: str, path: str, section: Table) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != pinned:
        raise section.error(
            f"{path} is not the trusted root that is pinned",
            "trusted_root",
            hint=f"pinned sha256 {pinned}, found {found}",
            code="config.trusted_root",
        )


def _check_root_named(
    trusted_root: bytes | None, signers: Mapping[str, KeySigner | IdentitySigner], table: Table
) -> None:
    if trusted_root is None and any(isinstance(signer, IdentitySigner) for signer in signers.values()):
        raise table.error(
            "a signer is a Sigstore identity, and no trusted root is named",
            "signers",
            hint='add [sigstore] trusted_root = { path = "trusted_root.json", sha256 = "..." }',
        )


def _check_apart(signers: dict[str, KeySigner | IdentitySigner], people: dict[str, Person], table: Table) -> None:
    """One key belongs to one holder: a key of two names would let one be counted as two."""
    held = [(signer.key.fingerprint, name) for name, signer in signers.items() if isinstance(signer, KeySigner)]
    held += [(key.fingerprint, name) for name, person in people.items() for key in person.keys]
    owner: dict[str, str] = {}
    for fingerprint, name in held:
        if owner.setdefault(fingerprint, name) != name:
            raise table.error(f"{owner[fingerprint]} and {name} hold the same key", hint="one key, one holder")
    logins: dict[str, str] = {}
    for name, person in people.items():
        for login in person.logins:
            if logins.setdefault(login, name) != name:
                raise table.error(f"{logins[login]} and {name} have the same login {login}")
    for name in signers.keys() & people.keys():
        raise table.error(f"{name} is a signer and a person", hint="use two names")
