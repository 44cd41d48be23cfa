"""pip-audit JSON: the object of today and the plain list of versions before 2.5.

pip-audit knows no severities: every finding is ``unknown``. A dependency that it skipped was not audited, so a report
with one is not complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import fields, purl, severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def recognise(value: Any) -> bool:
    """Whether this is a pip-audit report."""
    if isinstance(value, dict):
        dependencies = value.get("dependencies")
        if not isinstance(dependencies, list):
            return False
        return all(map(_is_dependency, dependencies)) if dependencies else "fixes" in value
    return isinstance(value, list) and bool(value) and all(map(_is_dependency, value))


def read(value: Any) -> Reading:
    """Read a report of either shape."""
    if isinstance(value, list):
        dependencies = list(fields.each(value, ""))
    else:
        report = fields.document(value)
        dependencies = list(fields.each(fields.items(report, "dependencies", ""), "/dependencies"))
    audited = [(item, place) for item, place in dependencies if "skip_reason" not in item]
    findings = [finding for item, place in audited for finding in _findings(item, place)]
    facts = {
        "scanner": "pip-audit",
        "findings": findings,
        "counts": severity.counts(findings),
        "packages_examined": len(audited),
        "complete": len(audited) == len(dependencies),
    }
    return Reading(
        kind="vulnerabilities", format="pip-audit", facts=facts, producer="pip-audit", media_type="application/json"
    )


def _is_dependency(item: Any) -> bool:
    return isinstance(item, dict) and "name" in item and ("vulns" in item or "skip_reason" in item)


def _findings(dependency: dict[str, Any], place: str) -> Iterator[dict[str, Any]]:
    package = fields.text(dependency, "name", place)
    version = fields.optional_text(dependency, "version", place)
    for item, here in fields.each(fields.items(dependency, "vulns", place), f"{place}/vulns"):
        yield {
            "id": fields.text(item, "id", here),
            "aliases": fields.optional_texts(item, "aliases", here),
            "severity": "unknown",
            "package": package,
            "fixed_versions": fields.optional_texts(item, "fix_versions", here),
            "locator": here,
            **fields.known(version=version, purl=purl.of("pypi", package, version)),
        }


COLLECTOR: Final = JsonFormat(format="pip-audit", kind="vulnerabilities", recognise=recognise, reader=read)
