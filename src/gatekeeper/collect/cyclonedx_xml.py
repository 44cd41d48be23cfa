"""CycloneDX XML, 1.2 to 1.7 (ECMA-424): the same facts as from JSON, with XPaths as locators.

The namespace of the root element carries the version. Elements of other namespaces are extensions and say nothing of
components.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect import _xml
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import LimitError, MalformedError
from gatekeeper.facts.readers import cyclonedx, digests, fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from gatekeeper.collect.reading import Report

_NAMESPACE: Final = b"http://cyclonedx.org/schema/bom/"
_ROOT: Final = re.compile(r"\{http://cyclonedx\.org/schema/bom/([^}]*)\}bom")


class _CycloneDxXml:
    format: Final = "cyclonedx-xml"
    kind: Final = "sbom"

    def matches(self, report: Report) -> bool:
        return report.looks_like_xml and _xml.root_name(report.head) == "bom" and _NAMESPACE in report.head

    def read(self, report: Report) -> Reading:
        return _read(report.xml)


COLLECTOR: Final = _CycloneDxXml()


def _read(root: Element) -> Reading:
    bom = _Bom(root)
    metadata = bom.child(root, "metadata", "/bom/metadata")
    subject = bom.child(metadata, "component", "/bom/metadata/component")
    found = [
        *bom.components(root, "/bom"),
        *bom.components(subject, "/bom/metadata/component"),
    ]
    facts = {
        "format": cyclonedx.FORMAT,
        "spec_version": bom.version,
        "components": found,
        "component_count": len(found),
        "complete": cyclonedx.is_complete(bom.aggregates(root)),
        **fields.known(
            dependency_count=bom.dependencies(root),
            created_at=_instant(bom.text(metadata, "timestamp", "/bom/metadata"), "/bom/metadata/timestamp"),
        ),
    }
    return Reading(
        kind="sbom",
        format=COLLECTOR.format,
        facts=facts,
        producer=bom.producer(metadata),
        media_type="application/vnd.cyclonedx+xml",
        targets=bom.targets(subject),
    )


def _instant(text: str, place: str) -> str:
    return _time.format_instant(_time.parse_instant(text, where=place)) if text else ""


class _Bom:
    """The elements of one document, by name in its namespace; an absent element is None and has nothing in it."""

    def __init__(self, root: Element) -> None:
        match = _ROOT.fullmatch(root.tag)
        self.version = match[1] if match else ""
        if self.version not in cyclonedx.VERSIONS:
            raise MalformedError(
                f"CycloneDX {self.version or 'without version'} is not read",
                where="/bom",
                hint=f"one of {', '.join(sorted(cyclonedx.VERSIONS))}",
                code="cyclonedx.version",
            )
        self._prefix = root.tag.removesuffix("bom")

    def each(self, parent: Element | None, name: str, place: str) -> Iterator[tuple[Element, str]]:
        """The children of one name, each with its XPath."""
        tag = self._prefix + name
        for number, child in enumerate(() if parent is None else parent.iterfind(tag), start=1):
            yield child, f"{place}/{name}[{number}]"

    def child(self, parent: Element | None, name: str, place: str) -> Element | None:
        """The one child of a name; None when it is absent."""
        found = [] if parent is None else parent.findall(self._prefix + name)
        if len(found) > 1:
            raise MalformedError("there twice", where=place, code="shape")
        return found[0] if found else None

    def text(self, parent: Element | None, name: str, place: str) -> str:
        """The text of a child, without blanks around it; empty when it is absent."""
        child = self.child(parent, name, f"{place}/{name}")
        return "" if child is None else (child.text or "").strip()

    def components(self, parent: Element | None, place: str) -> list[dict[str, Any]]:
        """The components of an element that has some, nested ones behind the one that they are part of."""
        here = f"{place}/components"
        found: list[dict[str, Any]] = []
        for item, at in self.each(self.child(parent, "components", here), "component", here):
            found.append(self._component(item, at))
            found.extend(self.components(item, at))
            if len(found) > MAX_ITEMS:
                raise LimitError(f"more than {MAX_ITEMS} components", where=here, code="report.items")
        return found

    def _component(self, item: Element, place: str) -> dict[str, Any]:
        name, group, version, purl = (self.text(item, key, place) for key in ("name", "group", "version", "purl"))
        if not name:
            raise fields.missing("name", place)
        return {
            "name": cyclonedx.full_name(group, name),
            "licenses": self._licenses(item, f"{place}/licenses"),
            "hashes": self._hashes(item, f"{place}/hashes"),
            "locator": place,
            **fields.known(version=version, purl=purl, type=item.get("type")),
        }

    def _licenses(self, item: Element, place: str) -> list[str]:
        parent = self.child(item, "licenses", place)
        found: list[str] = []
        for choice, here in () if parent is None else _xml.children(parent, place):
            if not choice.tag.startswith(self._prefix):
                continue
            licence = self._licence(choice, here)
            if not licence:
                raise MalformedError("a licence without name", where=here, code="shape")
            found.append(licence)
        return found

    def _licence(self, choice: Element, place: str) -> str:
        if choice.tag == f"{self._prefix}expression":
            return (choice.text or "").strip()
        if choice.tag == f"{self._prefix}license":
            return self.text(choice, "id", place) or self.text(choice, "name", place)
        return ""

    def _hashes(self, item: Element | None, place: str) -> list[str]:
        return [
            digests.stated(child.get("alg") or "", (child.text or "").strip(), here)
            for child, here in self.each(self.child(item, "hashes", place), "hash", place)
        ]

    def dependencies(self, root: Element) -> int | None:
        """How many components' dependencies are stated; None when none are."""
        parent = self.child(root, "dependencies", "/bom/dependencies")
        return len({child.get("ref") for child, _ in self.each(parent, "dependency", "/bom/dependencies")}) or None

    def aggregates(self, root: Element) -> list[str]:
        """What compositions say of their own completeness."""
        parent = self.child(root, "compositions", "/bom/compositions")
        return [
            self.text(child, "aggregate", place)
            for child, place in self.each(parent, "composition", "/bom/compositions")
        ]

    def producer(self, metadata: Element | None) -> str:
        """The tools that wrote the document."""
        tools = self.child(metadata, "tools", "/bom/metadata/tools")
        place = "/bom/metadata/tools"
        named = list(self.each(tools, "tool", place))
        components = self.child(tools, "components", f"{place}/components")  # since 1.5
        named += self.each(components, "component", f"{place}/components")
        return ", ".join(
            f"{self.text(tool, 'name', at)} {self.text(tool, 'version', at)}".strip() for tool, at in named
        )

    def targets(self, subject: Element | None) -> tuple[Mapping[str, str], ...]:
        """The digests of what the document is about."""
        return cyclonedx.root_targets(
            self._hashes(subject, "/bom/metadata/component/hashes"),
            version=self.text(subject, "version", "/bom/metadata/component"),
            purl=self.text(subject, "purl", "/bom/metadata/component"),
        )
