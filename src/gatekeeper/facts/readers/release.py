"""The in-toto predicate for releases, v0.1 and v0.2 (in-toto attestation, spec/predicates/release.md).

Its members are the statement's subjects: files of a package, or an image where the package URL is of a container
registry. It knows neither source nor configuration, so a rule that asks for those will not be content with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import digests, fields
from gatekeeper.facts.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT: Final = "in-toto-release"
TYPES: Final = ("https://in-toto.io/attestation/release/v0.1", "https://in-toto.io/attestation/release/v0.2")
_IMAGES: Final = frozenset({"docker", "oci"})
_PREFERRED: Final = ("sha256", "sha512", "gitCommit", "gitTree")


def read(value: Any, place: str, subjects: Sequence[tuple[str, Mapping[str, Any]]]) -> Reading:
    """Read a predicate that lies at ``place``.

    Args:
        value: The parsed predicate.
        place: Where it lies, as a JSON pointer.
        subjects: Name and digest set of each subject of its statement.

    Raises:
        MalformedError: There is no package URL with a version, or a subject without name or a digest that binds.
    """
    predicate = fields.document(value, place)
    role, name, version = _package(fields.text(predicate, "purl", place), f"{place}/purl")
    members = [_member(item, f"/subject/{at}", role, version) for at, item in enumerate(subjects)]
    facts = {"name": name, "version": version, "members": members, "member_count": len(members), "complete": True}
    return Reading(kind="release_manifest", format=FORMAT, facts=facts)


def _package(purl: str, place: str) -> tuple[str, str, str]:
    """Role, name and version of a package URL (purl specification, "Rules for each purl component")."""
    scheme, _, rest = purl.partition("#")[0].partition("?")[0].partition(":")
    kind, _, path = rest.strip("/").partition("/")
    name, at, version = path.rpartition("@")
    if scheme != "pkg" or not kind or not name or not at or not version:
        raise MalformedError("not a package URL with a version", where=place, code="release.purl")
    return "image" if kind.lower() in _IMAGES else "artifact", unquote(name), unquote(version)


def _member(subject: tuple[str, Mapping[str, Any]], place: str, role: str, version: str) -> dict[str, Any]:
    name, digest_set = subject
    known = digests.bound(digest_set)
    chosen = next((algorithm for algorithm in _PREFERRED if algorithm in known), None)
    if not name or chosen is None:
        raise MalformedError("a subject without name or digest", where=place, code="release.subject")
    digest = {"alg": chosen, "value": known[chosen].lower()}
    return {"name": name, "role": role, "version": version, "digest": digest, "locator": place}
