"""CycloneDX JSON whose vulnerabilities have an analysis: VEX, or a vulnerability disclosure report with one.

A document with components and an analysis is a bill of materials too: ``--kind`` says what it is read as.
Vulnerabilities without an analysis beside others that have one are under investigation; a document without any
analysis says nothing of exploitability and is no VEX.

A statement is about the components in ``affects``. Those of a document that names what it is about
(``metadata.component``) are parts of that; a reference to another document (BOM-Link) names something and identifies
nothing. Where versions are listed, what is not affected is nothing that this reader could match: one version of
several.

Source: CycloneDX/specification, JSON schema 1.4 to 1.7, ``vulnerability``; the states are those of
``impactAnalysisState``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.facts.readers import cyclonedx, digests, fields, vex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.facts.reading import Reading

_STATES: Final = {
    "exploitable": "affected",
    "in_triage": "under_investigation",
    "false_positive": "not_affected",
    "not_affected": "not_affected",
    "resolved": "fixed",
    "resolved_with_pedigree": "fixed",
}
_SAME_ARGUMENTS: Final = {
    "code_not_present": "vulnerable_code_not_present",
    "code_not_reachable": "vulnerable_code_not_in_execute_path",
}
_OWN_ARGUMENTS: Final = frozenset(
    {
        "requires_configuration",
        "requires_dependency",
        "requires_environment",
        "protected_by_compiler",
        "protected_at_runtime",
        "protected_at_perimeter",
        "protected_by_mitigating_control",
    }
)
_ARGUMENTS: Final = {**_SAME_ARGUMENTS, **{argument: argument for argument in _OWN_ARGUMENTS}}

Products = dict[str, dict[str, Any]]
"""What a reference in ``affects`` stands for, by the reference."""


def recognise(value: Any) -> bool:
    """Whether a vulnerability of a CycloneDX document has an analysis."""
    if not isinstance(value, dict) or value.get("bomFormat") != "CycloneDX":
        return False
    listed = value.get("vulnerabilities")
    return isinstance(listed, list) and any(isinstance(item, dict) and "analysis" in item for item in listed)


def read(value: Any) -> Reading:
    """Read a document."""
    bom = fields.document(value)
    cyclonedx.check_version(bom, "")
    metadata = fields.optional_mapping(bom, "metadata", "")
    issued_at = fields.instant(metadata, "timestamp", "/metadata")
    known = _known(bom, fields.optional_mapping(metadata, "component", "/metadata"))
    listed = fields.each(fields.items(bom, "vulnerabilities", ""), "/vulnerabilities")
    return vex.reading(
        "cyclonedx-vex",
        [_statement(item, place, issued_at, known) for item, place in listed],
        issued_at=issued_at,
        document_id=fields.optional_text(bom, "serialNumber", ""),
    )


def _known(bom: dict[str, Any], root: dict[str, Any]) -> Products:
    """What each ``bom-ref`` stands for: the component as a part of what the document is about."""
    owner = _part(root, "/metadata/component") if root else None
    known = {root["bom-ref"]: vex.product(owner)} if owner and isinstance(root.get("bom-ref"), str) else {}
    for item, place in _components(bom, root):
        reference = fields.optional_text(item, "bom-ref", place)
        if reference in known:  # it could be either
            known[reference] = _unidentified(reference)
        elif reference:
            part = _part(item, place)
            known[reference] = vex.product(owner, [part]) if owner else vex.product(part)
    return known


def _components(bom: dict[str, Any], root: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    waiting = [*fields.each_in(bom, "components", ""), *fields.each_in(root, "components", "/metadata/component")]
    while waiting:
        item, place = waiting.pop()
        waiting += fields.each_in(item, "components", place)
        yield item, place


def _unidentified(reference: str) -> dict[str, Any]:
    return vex.product({"name": reference, "digests": []})


def _part(item: dict[str, Any], place: str) -> dict[str, Any]:
    group = fields.optional_text(item, "group", place)
    name = cyclonedx.full_name(group, fields.text(item, "name", place))
    hashes = [
        digests.stated(fields.text(entry, "alg", here), fields.text(entry, "content", here), f"{here}/content")
        for entry, here in fields.each_in(item, "hashes", place)
    ]
    url = fields.optional_text(item, "purl", place)
    return vex.part(name, identifiers=[url] if url else [], hashes=hashes)


def _statement(item: dict[str, Any], place: str, issued_at: str, known: Products) -> dict[str, Any]:
    analysis, here = fields.optional_mapping(item, "analysis", place), f"{place}/analysis"
    state = fields.optional_text(analysis, "state", here)
    status = _STATES[vex.word(state, _STATES, f"{here}/state")] if state else "under_investigation"
    why = fields.optional_text(analysis, "justification", here)
    name = fields.text(item, "id", place)
    others = [fields.text(other, "id", at) for other, at in fields.each_in(item, "references", place)]
    return {
        "vulnerability": name,
        "aliases": [alias for alias in dict.fromkeys(others) if alias != name],
        "products": [
            _product(affected, at, known, clears=status in {"not_affected", "fixed"})
            for affected, at in fields.each_in(item, "affects", place)
        ],
        "status": status,
        "timestamp": vex.stated_at(
            fields.instant(analysis, "lastUpdated", here),
            fields.instant(analysis, "firstIssued", here),
            fields.instant(item, "updated", place),
            issued_at,
            place=place,
        ),
        "locator": place,
        **fields.known(
            justification=why and _ARGUMENTS[vex.word(why, _ARGUMENTS, f"{here}/justification")],
            impact_statement=fields.optional_text(analysis, "detail", here),
        ),
    }


def _product(affected: dict[str, Any], place: str, known: Products, *, clears: bool) -> dict[str, Any]:
    reference = fields.text(affected, "ref", place)
    if clears and fields.optional_items(affected, "versions", place):
        return _unidentified(reference)
    return known.get(reference) or _unidentified(reference)


COLLECTOR: Final = JsonFormat(format="cyclonedx-vex", kind="vex", recognise=recognise, reader=read)
