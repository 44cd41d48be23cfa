"""Links: how a release hangs together with its images, artifacts and commit, as verified statements say.

Tests speak of a commit, the gate judges an artifact. Provenance of the artifact says from which commit it was built; a
release manifest says what belongs to a release. Only a document that is *verified* links, and only from what it is
about; whatever cannot be followed is a link that is missing, never one that is assumed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError
from gatekeeper.facts import Document
from gatekeeper.subject import Subject, check_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatekeeper.stage import Slot
    from gatekeeper.verified import Verdict

LINK_KINDS: Final = frozenset({"provenance", "release_manifest"})
"""Kinds that say how subjects hang together."""

MOST_LINKS: Final = 16
"""Longest way that is followed: a release, an image, an artifact and a commit are three links."""

_SELF: Final = ""
_WHAT: Final = {"provenance": "the provenance", "release_manifest": "the release manifest"}
_ROLES: Final[Mapping[str, frozenset[str]]] = {
    "commit": frozenset({"commit"}),
    "artifact": frozenset({"artifact", "material"}),
    "image": frozenset({"image"}),
}
"""Roles of what a slot may be ``of``."""

_BYTES: Final = frozenset({"sha256", "sha512"})
"""Algorithms that bind the bytes of an artifact or image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One step: what a document says of where it leads.

    Attributes:
        kind, attestation: The document that says so: its kind, and the digest of its attestation.
        start, end: The subject it is about and the one it leads to, as ``algorithm:hex``.
        role: What the end is: ``commit``, ``artifact``, ``image``, or ``material`` of a build.
        name: What the document calls it.
    """

    kind: str
    attestation: str
    start: str
    end: str
    role: str
    name: str

    def as_json(self) -> dict[str, Any]:
        """As the decision shows it."""
        return {"kind": self.kind, "attestation": self.attestation, "from": self.start, "to": self.end}


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A subject that evidence may be about, and the way to it.

    Attributes:
        digest: ``algorithm:hex``; empty for the subject itself.
        path: Link after link from the subject; empty for the subject itself.
    """

    digest: str
    path: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Where a slot's links lead.

    Attributes:
        linked: Every subject that evidence has to be about, sorted.
        missing: Why a link could not be followed, in words; then the slot is not filled.
        reached: Everything that was passed on the way.
    """

    linked: tuple[Linked, ...] = ()
    missing: tuple[str, ...] = ()
    reached: frozenset[str] = frozenset()


def trace(slot: Slot, subject: Subject, verdicts: Iterable[Verdict]) -> Trace:
    """Follow the links from a subject to what a slot is ``of``.

    All that is linked has to have the evidence, so that nobody chooses which of two commits is the green one.
    """
    if slot.of == "commit" and "gitCommit" in subject.digest:
        return Trace(linked=(Linked(digest=_SELF),))
    return _Walk(slot, subject, _Links(verdicts)).trace()


def reached(slots: Iterable[Slot], subject: Subject, verdicts: Sequence[Verdict]) -> frozenset[str]:
    """Every subject that the links of some slots pass or lead to."""
    return frozenset(key for slot in slots if slot.of for key in trace(slot, subject, verdicts).reached if key != _SELF)


def is_about(key: str, digests: Mapping[str, Any]) -> bool:
    """Whether a statement's digest set names what a link leads to."""
    algorithm, _, value = key.partition(":")
    return Subject.of(key, {algorithm: value}).match(digests) == "same"


class _Links:
    """The documents that link, by what they are about."""

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        self._by_subject: dict[str, dict[str, tuple[Document, str]]] = {}
        for verdict in verdicts:
            document = verdict.content
            if isinstance(document, Document) and document.kind in LINK_KINDS and _may_link(verdict):
                for key in verdict.about or (_SELF,):
                    self._by_subject.setdefault(key, {})[verdict.payload_digest] = (document, verdict.item.digest)

    def about(self, key: str) -> list[tuple[Document, str]]:
        """The documents about a subject, one for each statement, in one order."""
        held = self._by_subject.get(key, {})
        return [held[payload] for payload in sorted(held)]


def _may_link(verdict: Verdict) -> bool:
    """Only what somebody has signed whose word counts for it."""
    return verdict.item.status == "verified"


class _Walk:
    def __init__(self, slot: Slot, subject: Subject, links: _Links) -> None:
        self._slot, self._subject, self._links = slot, subject, links
        self._found: dict[str, Linked] = {}
        self._missing: list[str] = []
        self._passed: set[str] = {_SELF}
        self._own = {":".join(digest) for digest in subject.digests}

    def trace(self) -> Trace:
        waiting: deque[Linked] = deque([Linked(digest=_SELF)])
        while waiting:
            waiting.extend(self._onwards(waiting.popleft()))
        if not self._found and not self._missing:
            self._missing.append(f"no link leads from {self._name(_SELF)} to {_a(self._slot.of)}")
        return Trace(
            linked=tuple(self._found[key] for key in sorted(self._found)),
            missing=tuple(sorted(set(self._missing))),
            reached=frozenset(self._passed),
        )

    def _onwards(self, here: Linked) -> Iterator[Linked]:
        """Note what this subject leads to, and give what has to be followed further."""
        wanted = list(self._links_of(here.digest))
        ends = [link for link in wanted if link.role in _ROLES[self._slot.of]]
        further = [link for link in wanted if link not in ends] if self._slot.of == "commit" else []
        if not wanted:
            return
        if len(here.path) >= MOST_LINKS:
            self._missing.append(f"the way from {self._name(_SELF)} is longer than {MOST_LINKS} links")
            return
        for link in ends:
            self._found.setdefault(link.end, Linked(digest=link.end, path=(*here.path, link)))
            self._passed.add(link.end)
        for link in further:
            if link.end not in self._passed | self._own:  # a manifest lists what it is about among its members
                self._passed.add(link.end)
                yield Linked(digest=link.end, path=(*here.path, link))

    def _links_of(self, key: str) -> list[Link]:
        """The links that count from a subject on; what keeps them from being followed is noted as missing."""
        documents = self._links.about(key)
        name = self._name(key)
        if not documents:
            self._missing.append(f"no verified provenance or release manifest of {name} is here")
            return []
        noted = len(self._missing)
        found = [link for document, digest in documents for link in self._of_document(document, digest, key)]
        if not found and len(self._missing) == noted:
            self._missing.append(f"the provenance of {name} does not lead to {_a(self._slot.of)}")
        return found

    def _of_document(self, document: Document, digest: str, key: str) -> list[Link]:
        if document.facts.get("complete") is not True:
            self._missing.append(f"what belongs to {self._name(key)} is not complete")
            return []
        links = [
            Link(kind=document.kind, attestation=digest, start=self._key(key), end=end, role=role, name=name)
            for role, end, name in _edges(document)
        ]
        sources = [link for link in links if link.role == "commit"]
        if document.kind == "provenance" and self._slot.of == "commit" and sources:
            return self._bound_ones(sources, key)
        if self._slot.of == "image":
            return self._bound_ones([link for link in links if link.role == "image" and self._is_named(link)], key)
        named = [link for link in links if link.role == "commit" or self._is_named(link)]
        materials = [link for link in named if link.role == "material"]
        if len({(link.end, link.end or link.name) for link in materials}) > 1 and not self._slot.named:
            problem = f"the provenance of {self._name(key)} lists {len(materials)} materials, and the slot names none"
            self._missing.append(problem)
            return []
        return self._bound_ones(named, key)

    def _bound_ones(self, links: Sequence[Link], key: str) -> list[Link]:
        """Those that can be followed; each of the others is a link that is missing, whatever else is linked."""
        wanted = _ROLES[self._slot.of]
        for link in links:
            if not link.end and (self._slot.of == "commit" or link.role in wanted):
                through = "" if link.kind == "provenance" else f" through {link.name}, which no digest binds"
                what = f"{_WHAT[link.kind]} of {self._name(key)}"
                self._missing.append(f"{what} does not lead to {_a(self._slot.of)}{through}")
        return [link for link in links if link.end]

    def _is_named(self, link: Link) -> bool:
        return not self._slot.named or fnmatchcase(link.name, self._slot.named)

    def _key(self, key: str) -> str:
        return key or ":".join(self._subject.digests[0])

    def _name(self, key: str) -> str:
        return key or str(self._subject)


def _edges(document: Document) -> Iterator[tuple[str, str, str]]:
    """What a document leads to: role, ``algorithm:hex`` and name; the digest is empty where none binds it."""
    facts = document.facts
    if document.kind == "provenance":
        if "source_digest" in facts or "source_uri" in facts:
            source = _bound(facts.get("source_digest", ""), frozenset({"gitCommit"}))
            yield "commit", source, facts.get("source_uri", "")
        for material in facts["materials"]:
            yield "material", _bound(material.get("digest", ""), _BYTES), material["uri"]
    else:
        for member in facts["members"]:
            yield from _member(member)


def _member(member: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    digest = f"{member['digest']['alg']}:{member['digest']['value']}"
    role = {"source": "commit"}.get(member["role"], member["role"])
    end = _bound(digest, frozenset({"gitCommit"}) if role == "commit" else _BYTES)
    if role != "configuration":
        yield role, end, member["name"]


def _bound(digest: str, algorithms: frozenset[str]) -> str:
    """The digest, if it is well-formed and of an algorithm that binds such a thing; else empty."""
    algorithm, _, value = digest.partition(":")
    if algorithm not in algorithms:
        return ""
    try:
        check_digest(algorithm, value)
    except MalformedError:
        return ""
    return digest


def _a(of: str) -> str:
    return f"an {of}" if of[0] in "ai" else f"a {of}"
