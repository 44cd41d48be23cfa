"""OpenVEX 0.0.1 and 0.2.0 (openvex/spec, OPENVEX-SPEC.md).

What a statement does not say it inherits from its document: time and author; and from the attestation around it: the
product, which then is the attestation's subject. Version 0.0.1 has text where 0.2.0 has objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import digests, fields, vex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.facts.reading import Reading

FORMAT: Final = "openvex"
CONTEXTS: Final = (
    "https://openvex.dev/ns",
    "https://openvex.dev/ns/v0.0.1",
    "https://openvex.dev/ns/v0.2.0",
)
"""The contexts of documents that are read; predicate types are the same addresses."""

_PREFIX: Final = "https://openvex.dev/ns"

Subjects = tuple[tuple[str, "Mapping[str, str]"], ...]
"""Name and digest set of each subject of the statement that a document lies in."""


def recognise(value: Any) -> bool:
    """Whether this is an OpenVEX document."""
    if not isinstance(value, dict) or "statements" not in value:
        return False
    context = value.get("@context")
    return isinstance(context, str) and context.startswith(_PREFIX)


def read(value: Any, place: str = "", *, subjects: Subjects = ()) -> Reading:
    """Read a document that lies at ``place``.

    Args:
        value: The parsed document.
        place: Where it lies, as a JSON pointer.
        subjects: Of the attestation around it.

    Raises:
        MalformedError: It is of a version that is not read, a statement has no time or says a word that is not known,
            or a member is not what it should be.
    """
    document = fields.document(value, place)
    context = fields.text(document, "@context", place)
    if context not in CONTEXTS:
        hint = f"one of {', '.join(CONTEXTS)}"
        raise MalformedError(
            f"OpenVEX {context} is not read", where=f"{place}/@context", hint=hint, code="openvex.version"
        )
    issued_at = fields.instant(document, "timestamp", place)
    author = fields.optional_text(document, "author", place)
    inherited = [_subject(name, digest_set) for name, digest_set in subjects]
    listed = fields.each(fields.items(document, "statements", place), f"{place}/statements")
    return vex.reading(
        FORMAT,
        [_statement(item, here, issued_at, author, inherited) for item, here in listed],
        issued_at=fields.instant(document, "last_updated", place) or issued_at,
        document_id=fields.optional_text(document, "@id", place),
        producer=fields.optional_text(document, "tooling", place),
    )


def _subject(name: str, digest_set: Mapping[str, str]) -> dict[str, Any]:
    bound = digests.bound(digest_set)
    hashes = [f"{algorithm}:{value}" for algorithm, value in sorted(bound.items())]
    return vex.product({"name": name or hashes[0], "digests": hashes})


def _statement(
    item: dict[str, Any], place: str, issued_at: str, author: str, inherited: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    name, aliases = _vulnerability(item, place)
    why = fields.optional_text(item, "justification", place)
    updated = fields.instant(item, "last_updated", place)
    return {
        "vulnerability": name,
        "aliases": [alias for alias in dict.fromkeys(aliases) if alias != name],
        "products": _products(item, place) or list(inherited),
        "status": vex.word(fields.text(item, "status", place), vex.STATUSES, f"{place}/status"),
        "timestamp": vex.stated_at(updated, fields.instant(item, "timestamp", place), issued_at, place=place),
        "locator": place,
        **fields.known(
            justification=why and vex.word(why, vex.JUSTIFICATIONS, f"{place}/justification"),
            impact_statement=fields.optional_text(item, "impact_statement", place),
            action_statement=fields.optional_text(item, "action_statement", place),
            author=fields.optional_text(item, "supplier", place) or author,
        ),
    }


def _vulnerability(item: dict[str, Any], place: str) -> tuple[str, list[str]]:
    if isinstance(item.get("vulnerability"), str):
        return fields.text(item, "vulnerability", place), []
    found, here = fields.mapping(item, "vulnerability", place), f"{place}/vulnerability"
    named = "name" if "name" in found or "@id" not in found else "@id"
    return fields.text(found, named, here), fields.optional_texts(found, "aliases", here)


def _products(item: dict[str, Any], place: str) -> list[dict[str, Any]]:
    beside = _parts(item, "subcomponents", place)  # 0.0.1 has them beside the products
    found = []
    for index, given in enumerate(fields.optional_items(item, "products", place)):
        here = f"{place}/products/{index}"
        own = _parts(given, "subcomponents", here) if isinstance(given, dict) else []
        found.append(vex.product(_part(given, here), own or beside))
    return found


def _parts(owner: dict[str, Any], key: str, place: str) -> list[dict[str, Any]]:
    listed = enumerate(fields.optional_items(owner, key, place))
    return [_part(item, f"{place}/{key}/{index}") for index, item in listed]


def _part(given: Any, place: str) -> dict[str, Any]:
    if isinstance(given, str) and given:
        return vex.part(given)
    item = fields.document(given, place)
    identifiers = fields.optional_mapping(item, "identifiers", place)
    hashes = fields.optional_mapping(item, "hashes", place)
    names = [fields.text(identifiers, key, f"{place}/identifiers") for key in ("purl",) if key in identifiers]
    name = fields.optional_text(item, "@id", place) or next(iter(names), "")
    if not name:
        raise fields.missing("@id", place)
    stated = [
        digests.stated(key, fields.text(hashes, key, f"{place}/hashes"), f"{place}/hashes/{key}") for key in hashes
    ]
    return vex.part(name, identifiers=names, hashes=stated)
