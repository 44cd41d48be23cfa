"""CycloneDX JSON, 1.2 to 1.7 (ECMA-424): the components, however deep they lie.

Components are those of ``components`` and those nested in them or in ``metadata.component``; the component that the
document is about is not one of its own parts. Pedigree, services and the tools that wrote the document are no
components either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper._limits import MAX_ITEMS
from gatekeeper.errors import LimitError, MalformedError
from gatekeeper.facts.readers import digests, fields
from gatekeeper.facts.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMAT: Final = "cyclonedx"
VERSIONS: Final = frozenset({"1.2", "1.3", "1.4", "1.5", "1.6", "1.7"})
_IMAGE_PROPERTIES: Final = frozenset({"aquasecurity:trivy:RepoDigest", "aquasecurity:trivy:ImageID"})


def recognise(value: Any) -> bool:
    """Whether this is a CycloneDX bill of materials; one that lists vulnerabilities only is none."""
    if not isinstance(value, dict) or value.get("bomFormat") != "CycloneDX":
        return False
    return "components" in value or not value.get("vulnerabilities")


def read(value: Any, place: str = "") -> Reading:
    """Read a document.

    Args:
        value: The parsed document.
        place: Where it lies in what locators point into, as a JSON pointer.

    Raises:
        MalformedError: It is no CycloneDX of a version that is read, or a member is not what it should be.
    """
    bom = fields.document(value, place)
    version = check_version(bom, place)
    metadata = fields.optional_mapping(bom, "metadata", place)
    root = fields.optional_mapping(metadata, "component", f"{place}/metadata")
    found: list[dict[str, Any]] = []
    _collect(bom.get("components"), f"{place}/components", found)
    _collect(root.get("components"), f"{place}/metadata/component/components", found)
    facts = {
        "format": FORMAT,
        "spec_version": version,
        "components": found,
        "component_count": len(found),
        "complete": is_complete(item.get("aggregate") for item, _ in fields.each_in(bom, "compositions", place)),
        **fields.known(
            dependency_count=_dependencies(bom, place),
            created_at=fields.instant(metadata, "timestamp", f"{place}/metadata"),
        ),
    }
    return Reading(
        kind="sbom",
        format=FORMAT,
        facts=facts,
        producer=_producer(metadata, f"{place}/metadata"),
        media_type="application/vnd.cyclonedx+json",
        targets=_targets(root, f"{place}/metadata/component"),
    )


def check_version(bom: dict[str, Any], place: str) -> str:
    """The version of the specification, one that is read."""
    if bom.get("bomFormat") != "CycloneDX":
        raise MalformedError("not CycloneDX", where=f"{place}/bomFormat", code="cyclonedx.format")
    version = fields.text(bom, "specVersion", place)
    if version not in VERSIONS:
        raise MalformedError(
            f"CycloneDX {version} is not read",
            where=f"{place}/specVersion",
            hint=f"one of {', '.join(sorted(VERSIONS))}",
            code="cyclonedx.version",
        )
    return version


def is_complete(aggregates: Iterable[Any]) -> bool:
    """Whether no composition says of itself that it is incomplete (CycloneDX, compositions/aggregate)."""
    return not any(isinstance(word, str) and word.startswith("incomplete") for word in aggregates)


def full_name(group: str, name: str) -> str:
    """A component's name with its group, as in its package URL: without it ``core`` could be anybody's."""
    return f"{group}/{name}" if group else name


def _collect(values: Any, place: str, found: list[dict[str, Any]]) -> None:
    if values is None:
        return
    for index, item in enumerate(fields.sequence(values, place)):
        here = f"{place}/{index}"
        if not isinstance(item, dict):
            raise fields.wrong(item, "an object", here)
        found.append(_component(item, here))
        if "components" in item:
            _collect(item["components"], f"{here}/components", found)
    if len(found) > MAX_ITEMS:
        raise LimitError(f"more than {MAX_ITEMS} components", where=place, code="report.items")


def _component(item: dict[str, Any], place: str) -> dict[str, Any]:
    licences, hashes = item.get("licenses"), item.get("hashes")
    component: dict[str, Any] = {
        "name": full_name(fields.optional_text(item, "group", place), fields.text(item, "name", place)),
        "licenses": [] if licences is None else _licenses(licences, f"{place}/licenses"),
        "hashes": [] if hashes is None else _hashes(hashes, f"{place}/hashes"),
        "locator": place,
    }
    for key in ("version", "purl", "type"):
        text = fields.optional_text(item, key, place)
        if text:
            component[key] = text
    return component


def _licenses(values: Any, place: str) -> list[str]:
    found: list[str] = []
    for choice, here in fields.each(values, place):
        if "expression" in choice:
            found.append(fields.text(choice, "expression", here))
        else:
            licence = fields.mapping(choice, "license", here)
            key = "id" if licence.get("id") else "name"
            found.append(fields.text(licence, key, f"{here}/license"))
    return found


def _hashes(values: Any, place: str) -> list[str]:
    found: list[str] = []
    for index, item in enumerate(fields.sequence(values, place)):
        try:  # eight hashes for each component are usual: places are made up when something is wrong
            found.append(digests.stated(item["alg"], item["content"]))
        except (MalformedError, LookupError, TypeError, AttributeError):
            here = f"{place}/{index}"
            hashed = fields.document(item, here)
            algorithm, content = fields.text(hashed, "alg", here), fields.text(hashed, "content", here)
            found.append(digests.stated(algorithm, content, f"{here}/content"))
    return found


def _dependencies(bom: dict[str, Any], place: str) -> int | None:
    stated = {fields.text(item, "ref", here) for item, here in fields.each_in(bom, "dependencies", place)}
    return len(stated) or None


def _producer(metadata: dict[str, Any], place: str) -> str:
    tools = metadata.get("tools")
    if isinstance(tools, dict):  # since 1.5
        found = list(fields.each_in(tools, "components", f"{place}/tools"))
    else:
        found = list(fields.each_in(metadata, "tools", place))
    return ", ".join(
        f"{fields.optional_text(tool, 'name', here)} {fields.optional_text(tool, 'version', here)}".strip()
        for tool, here in found
    )


def _targets(root: dict[str, Any], place: str) -> tuple[Mapping[str, str], ...]:
    properties = (
        fields.optional_text(item, "value", here)
        for item, here in fields.each_in(root, "properties", place)
        if fields.optional_text(item, "name", here) in _IMAGE_PROPERTIES
    )
    return root_targets(
        _hashes(fields.optional_items(root, "hashes", place), f"{place}/hashes"),
        version=fields.optional_text(root, "version", place),
        purl=fields.optional_text(root, "purl", place),
        properties=properties,
    )


def root_targets(
    hashes: Iterable[str], *, version: str, purl: str, properties: Iterable[str] = ()
) -> tuple[Mapping[str, str], ...]:
    """The digests of what a document is about: its hashes, an image's version or package URL, Trivy's properties.

    An image's id alone says nothing of the digest that registries and signatures know, so it counts only beside
    another digest.
    """
    named = [digests.target(hashes), digests.of_image(version)]
    named.append(digests.of_image(purl) if purl.startswith(("pkg:oci/", "pkg:docker/")) else {})
    values = list(properties)
    named += [digests.of_image(value) for value in values if "@" in value]
    if any(named):
        named += [digests.of_image(value) for value in values]
    return digests.distinct(named)
