"""SPDX 2.2 and 2.3 in JSON (ISO/IEC 5962): the packages; files and snippets are no components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import digests, fields
from gatekeeper.facts.readers.cyclonedx import root_targets
from gatekeeper.facts.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = "spdx"
VERSIONS: Final = frozenset({"SPDX-2.2", "SPDX-2.3"})
_NOT_STATED: Final = frozenset({"", "NOASSERTION", "NONE"})
_MANAGERS: Final = frozenset({"PACKAGE-MANAGER", "PACKAGE_MANAGER"})
"""The specification's word and the one that most tools write."""

_DOCUMENT: Final = "SPDXRef-DOCUMENT"
_NEEDS: Final = frozenset({"DEPENDS_ON"})
"""Relationships whose first element states its dependencies; ``..._DEPENDENCY_OF`` state those of the second."""


def recognise(value: Any) -> bool:
    """Whether this is an SPDX 2 document."""
    return isinstance(value, dict) and str(value.get("spdxVersion", "")).startswith("SPDX-2.")


def read(value: Any, place: str = "") -> Reading:
    """Read a document.

    Args:
        value: The parsed document.
        place: Where it lies in what locators point into, as a JSON pointer.

    Raises:
        MalformedError: It is no SPDX of a version that is read, or a member is not what it should be.
    """
    document = fields.document(value, place)
    version = _version(document, place)
    creation = fields.optional_mapping(document, "creationInfo", place)
    packages = list(fields.each_in(document, "packages", place))
    components = [_component(item, here) for item, here in packages]
    facts = {
        "format": FORMAT,
        "spec_version": version.removeprefix("SPDX-"),
        "components": components,
        "component_count": len(components),
        "complete": True,
        **fields.known(
            dependency_count=_dependencies(document, place),
            created_at=fields.instant(creation, "created", f"{place}/creationInfo"),
        ),
    }
    return Reading(
        kind="sbom",
        format=FORMAT,
        facts=facts,
        producer=_producer(creation, f"{place}/creationInfo"),
        media_type="application/spdx+json",
        targets=_targets(document, packages, place),
    )


def _version(document: dict[str, Any], place: str) -> str:
    version = fields.text(document, "spdxVersion", place)
    if version not in VERSIONS:
        raise MalformedError(
            f"{version} is not read",
            where=f"{place}/spdxVersion",
            hint=f"one of {', '.join(sorted(VERSIONS))}",
            code="spdx.version",
        )
    return version


def _component(package: dict[str, Any], place: str) -> dict[str, Any]:
    purpose = fields.optional_text(package, "primaryPackagePurpose", place)
    return {
        "name": fields.text(package, "name", place),
        "licenses": _licenses(package, place),
        "hashes": _hashes(package, place),
        "locator": place,
        **fields.known(
            version=fields.optional_text(package, "versionInfo", place),
            purl=_purl(package, place),
            type=purpose.lower().replace("_", "-"),
        ),
    }


def _licenses(package: dict[str, Any], place: str) -> list[str]:
    # What was concluded does not undo what was declared: where they differ, both are there to be judged.
    stated = [fields.optional_text(package, key, place) for key in ("licenseConcluded", "licenseDeclared")]
    return list(dict.fromkeys(licence for licence in stated if licence not in _NOT_STATED))


def _hashes(package: dict[str, Any], place: str) -> list[str]:
    return [
        digests.stated(
            fields.text(item, "algorithm", here), fields.text(item, "checksumValue", here), f"{here}/checksumValue"
        )
        for item, here in fields.each_in(package, "checksums", place)
    ]


def _purl(package: dict[str, Any], place: str) -> str:
    for item, here in fields.each_in(package, "externalRefs", place):
        category = fields.optional_text(item, "referenceCategory", here)
        if item.get("referenceType") == "purl" and category in _MANAGERS:
            return fields.text(item, "referenceLocator", here)
    return ""


def _dependencies(document: dict[str, Any], place: str) -> int | None:
    stated: set[str] = set()
    for item, here in fields.each_in(document, "relationships", place):
        relation = fields.text(item, "relationshipType", here)
        if relation in _NEEDS:
            stated.add(fields.text(item, "spdxElementId", here))
        elif relation.endswith("DEPENDENCY_OF"):
            stated.add(fields.text(item, "relatedSpdxElement", here))
    return len(stated) or None


def _producer(creation: dict[str, Any], place: str) -> str:
    creators = fields.optional_texts(creation, "creators", place)
    return ", ".join(creator.removeprefix("Tool: ") for creator in creators if creator.startswith("Tool: "))


def _targets(
    document: dict[str, Any], packages: list[tuple[dict[str, Any], str]], place: str
) -> tuple[Mapping[str, str], ...]:
    described = _described(document, place)
    found: list[Mapping[str, str]] = []
    for item, here in packages:
        if fields.optional_text(item, "SPDXID", here) in described:
            version = fields.optional_text(item, "versionInfo", here)
            found.extend(root_targets(_hashes(item, here), version=version, purl=_purl(item, here)))
    return digests.distinct(found)


def _described(document: dict[str, Any], place: str) -> set[str]:
    found = set(fields.optional_texts(document, "documentDescribes", place))
    for item, here in fields.each_in(document, "relationships", place):
        first = fields.text(item, "spdxElementId", here)
        if item.get("relationshipType") == "DESCRIBES" and first == _DOCUMENT:
            found.add(fields.text(item, "relatedSpdxElement", here))
        elif item.get("relationshipType") == "DESCRIBED_BY":
            found.add(first)
    return found
