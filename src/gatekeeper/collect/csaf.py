"""CSAF 2.0 documents of the VEX profile (OASIS CSAF 2.0, section 4.5, category ``csaf_vex``).

A product that is a component of another (``product_tree.relationships``) is a part of that one: a statement about
openssl in a distribution is not about openssl anywhere else. What is not affected needs a flag, or a threat of the
category ``impact``, that names the product or a group of it. A draft is not complete. Security advisories of the
other profiles say what to do and are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import digests, fields, vex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.facts.reading import Reading

_VERSION: Final = "2.0"
_CATEGORY: Final = "csaf_vex"
_TRACKED: Final = frozenset({"draft", "interim", "final"})
_STATUSES: Final = {
    "known_not_affected": "not_affected",
    "known_affected": "affected",
    "first_affected": "affected",
    "last_affected": "affected",
    "fixed": "fixed",
    "first_fixed": "fixed",
    "under_investigation": "under_investigation",
    "recommended": "",
}
"""What the lists of ``product_status`` say (section 3.2.3.9); a recommendation says nothing of exploitability."""

_MOST_LEVELS: Final = 20
"""Relationships on the way from a component to its product; real documents have one or two."""


def recognise(value: Any) -> bool:
    """Whether this is a CSAF document."""
    document = value.get("document") if isinstance(value, dict) else None
    return isinstance(document, dict) and "csaf_version" in document and "tracking" in document


def read(value: Any) -> Reading:
    """Read a document."""
    advisory = fields.document(value)
    document = fields.mapping(advisory, "document", "")
    vex.word(fields.text(document, "csaf_version", "/document"), {_VERSION}, "/document/csaf_version")
    vex.word(fields.text(document, "category", "/document"), {_CATEGORY}, "/document/category")
    tracking = fields.mapping(document, "tracking", "/document")
    status = vex.word(fields.text(tracking, "status", "/document/tracking"), _TRACKED, "/document/tracking/status")
    issued_at = fields.instant(tracking, "current_release_date", "/document/tracking")
    author = fields.text(fields.mapping(document, "publisher", "/document"), "name", "/document/publisher")
    tree = _Tree(fields.optional_mapping(advisory, "product_tree", ""))
    listed = fields.each(fields.items(advisory, "vulnerabilities", ""), "/vulnerabilities")
    return vex.reading(
        "csaf-vex",
        [
            {**statement, "timestamp": vex.stated_at(issued_at, place="/document/tracking"), "author": author}
            for item, place in listed
            for statement in _statements(item, place, tree)
        ],
        issued_at=issued_at,
        document_id=fields.optional_text(tracking, "id", "/document/tracking"),
        complete=status != "draft",
    )


class _Tree:
    """Products by their id (section 3.2.2): those of branches and full names, and those that relationships make."""

    def __init__(self, tree: dict[str, Any]) -> None:
        place = "/product_tree"
        names = [*fields.each_in(tree, "full_product_names", place), *_branches(tree, place)]
        self._parts = {fields.text(item, "product_id", here): _part(item, here) for item, here in names}
        self._within: dict[str, tuple[str, str]] = {}
        for item, here in fields.each_in(tree, "relationships", place):
            made = fields.mapping(item, "full_product_name", here)
            name = fields.text(made, "product_id", f"{here}/full_product_name")
            self._parts[name] = _part(made, f"{here}/full_product_name")
            inner, outer = (
                fields.text(item, "product_reference", here),
                fields.text(item, "relates_to_product_reference", here),
            )
            self._within[name] = (inner, outer)
        self.groups = {
            fields.text(item, "group_id", here): frozenset(fields.optional_texts(item, "product_ids", here))
            for item, here in fields.each_in(tree, "product_groups", place)
        }

    def product(self, name: str) -> dict[str, Any]:
        """The product of an id, with the part of it that the id is of where a relationship says so."""
        if name not in self._within:
            return vex.product(self._part(name))
        inner, outer = self._within[name]
        return vex.product(self._end(outer, 1), [self._end(inner, 0)])

    def _end(self, name: str, side: int) -> dict[str, Any]:
        """What an id stands for after following relationships to their inner (0) or outer (1) end."""
        for _ in range(_MOST_LEVELS):
            if name not in self._within:
                return self._part(name)
            name = self._within[name][side]
        return {"name": name, "digests": []}

    def _part(self, name: str) -> dict[str, Any]:
        """A product; of an id that nothing explains only the name, which identifies nothing."""
        return self._parts.get(name) or {"name": name, "digests": []}


def _branches(owner: dict[str, Any], place: str) -> Iterator[tuple[dict[str, Any], str]]:
    waiting = list(fields.each_in(owner, "branches", place))
    while waiting:
        branch, here = waiting.pop()
        waiting += fields.each_in(branch, "branches", here)
        if "product" in branch:
            product = fields.mapping(branch, "product", here)
            yield product, f"{here}/product"
            waiting += fields.each_in(product, "branches", f"{here}/product")


def _part(item: dict[str, Any], place: str) -> dict[str, Any]:
    helper = fields.optional_mapping(item, "product_identification_helper", place)
    here = f"{place}/product_identification_helper"
    url = fields.optional_text(helper, "purl", here)
    hashes = [
        digests.stated(fields.text(file, "algorithm", at), fields.text(file, "value", at), f"{at}/value")
        for group, inner in fields.each_in(helper, "hashes", here)
        for file, at in fields.each_in(group, "file_hashes", inner)
    ]
    return vex.part(fields.text(item, "name", place), identifiers=[url] if url else [], hashes=hashes)


def _statements(item: dict[str, Any], place: str, tree: _Tree) -> Iterator[dict[str, Any]]:
    name, aliases = _vulnerability(item, place)
    lists = fields.optional_mapping(item, "product_status", place)
    for key in lists:
        here = f"{place}/product_status"
        status = _STATUSES[vex.word(key, _STATUSES, f"{here}/{key}")]
        for index, product in enumerate(fields.optional_texts(lists, key, here) if status else ()):
            at = f"{here}/{key}/{index}"
            yield {
                "vulnerability": name,
                "aliases": aliases,
                "products": [tree.product(product)],
                "status": status,
                "locator": at,
                **(_arguments(item, place, product, tree) if status in {"not_affected", "fixed"} else {}),
            }


def _vulnerability(item: dict[str, Any], place: str) -> tuple[str, list[str]]:
    names = [fields.text(other, "text", here) for other, here in fields.each_in(item, "ids", place)]
    cve = fields.optional_text(item, "cve", place)
    first, *others = dict.fromkeys([cve, *names] if cve else names) or [""]
    if not first:
        raise MalformedError("it has neither a CVE nor another id", where=place, code="shape")
    return first, others


def _arguments(item: dict[str, Any], place: str, product: str, tree: _Tree) -> dict[str, Any]:
    """The flag and the statement of impact that name a product."""
    flags = [
        vex.word(fields.text(flag, "label", here), vex.JUSTIFICATIONS, f"{here}/label")
        for flag, here in fields.each_in(item, "flags", place)
        if _names(flag, here, product, tree)
    ]
    impacts = [
        fields.text(threat, "details", here)
        for threat, here in fields.each_in(item, "threats", place)
        if threat.get("category") == "impact" and _names(threat, here, product, tree)
    ]
    return fields.known(justification=next(iter(flags), ""), impact_statement=" ".join(impacts))


def _names(owner: dict[str, Any], place: str, product: str, tree: _Tree) -> bool:
    groups = fields.optional_texts(owner, "group_ids", place)
    return product in fields.optional_texts(owner, "product_ids", place) or any(
        product in tree.groups.get(group, ()) for group in groups
    )


COLLECTOR: Final = JsonFormat(format="csaf-vex", kind="vex", recognise=recognise, reader=read)
