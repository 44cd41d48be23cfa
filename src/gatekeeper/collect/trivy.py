"""Trivy JSON: vulnerabilities of ``trivy image|fs|repo|sbom|k8s``, and of the plain list that it wrote before 0.20.

A report with results for configuration and none for packages is one of misconfigurations
(:mod:`gatekeeper.collect.trivy_config`); one with both could be read as either, and ``--kind`` says which. A report
that names no result for packages is not complete: Trivy writes the same when a target was not there, had nothing that
it knows, or was scanned for something else. Findings that an ignore file or VEX took away are findings with their
status; whether they count is for a waiver to say, not for the repository that is judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import digests, fields, purl, severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PACKAGE_CLASSES: Final = frozenset({"os-pkgs", "lang-pkgs"})
CONFIGURATION: Final = "config"
"""The class of a result for configuration."""

SCHEMA: Final = 2
"""The version of the report's schema that is read."""
_KUBERNETES: Final = ("Resources", "Vulnerabilities", "Misconfigurations")
_SCORES: Final = ("V40Score", "V3Score")

_Placed = tuple[dict[str, Any], str]


def recognise(value: Any) -> bool:
    """Whether this is a Trivy report that is about more than configuration."""
    return is_trivy(value) and (has_packages(value) or not has_configuration(value))


def has_configuration(value: Any) -> bool:
    """Whether a Trivy report has a result for configuration; never raises."""
    return any(item.get("Class") == CONFIGURATION for item in _loose_results(value))


def has_packages(value: Any) -> bool:
    """Whether a Trivy report has a result for packages; never raises."""
    return any(item.get("Class") in ("os-pkgs", "lang-pkgs") for item in _loose_results(value))


def is_trivy(value: Any) -> bool:
    """Whether this is a Trivy report; never raises."""
    if isinstance(value, dict):
        if "ClusterName" in value:
            return any(isinstance(value.get(key), list) for key in _KUBERNETES)
        return "SchemaVersion" in value and "ArtifactName" in value
    return isinstance(value, list) and bool(value) and all(_is_legacy_result(item) for item in value)


def read(value: Any) -> Reading:
    """Read a report of any of the three shapes."""
    report = value if isinstance(value, dict) else {}
    results = list(results_of(value))
    broken = any(item.get("Error") for item, _ in resources_of(report)) or report.get("SchemaVersion", SCHEMA) != SCHEMA
    findings = [finding for item, place in results for finding in _findings(item, place)]
    version = fields.optional_text(fields.optional_mapping(report, "Trivy", ""), "Version", "/Trivy")
    facts = {
        "scanner": "trivy",
        "findings": findings,
        "counts": severity.counts(findings),
        "complete": not broken and any(_is_of_packages(item, place) for item, place in results),
        **fields.known(
            packages_examined=_packages(results),
            target=fields.optional_text(report, "ArtifactName", "") or fields.optional_text(report, "ClusterName", ""),
            scanned_at=fields.instant(report, "CreatedAt", ""),
        ),
    }
    return Reading(
        kind="vulnerabilities",
        format="trivy",
        facts=facts,
        producer=f"trivy {version}".strip(),
        media_type="application/json",
        targets=_targets(report),
    )


def _is_legacy_result(item: Any) -> bool:
    return isinstance(item, dict) and "Target" in item and ("Vulnerabilities" in item or "Type" in item)


def _loose_results(value: Any) -> Iterator[dict[str, Any]]:
    """The results of what may be a report, without complaint about what is none."""
    owners = [value] if isinstance(value, dict) else []
    for key in _KUBERNETES:
        listed = value.get(key) if isinstance(value, dict) and "ClusterName" in value else None
        owners += [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    for owner in owners:
        listed = owner.get("Results")
        yield from (item for item in listed if isinstance(item, dict)) if isinstance(listed, list) else ()


def results_of(value: Any) -> Iterator[_Placed]:
    """The results of a report of any shape, each with its place."""
    if isinstance(value, list):
        yield from fields.each(value, "")
        return
    report = fields.document(value)
    if "ClusterName" not in report:
        yield from fields.each_in(report, "Results", "")
    for resource, place in resources_of(report):
        yield from fields.each_in(resource, "Results", place)


def resources_of(report: dict[str, Any]) -> Iterator[_Placed]:
    """The resources of a report of ``trivy k8s``, each with its place; none of any other report."""
    if "ClusterName" in report:
        for key in _KUBERNETES:
            yield from fields.each_in(report, key, "")


def _is_of_packages(result: dict[str, Any], place: str) -> bool:
    # before 0.20 there was no class, and nothing but packages
    if "Class" in result:
        return fields.optional_text(result, "Class", place) in _PACKAGE_CLASSES
    return "Vulnerabilities" in result


def _packages(results: list[_Placed]) -> int | None:
    listed = [fields.optional_items(item, "Packages", place) for item, place in results if "Packages" in item]
    return sum(map(len, listed)) if listed else None


def _findings(result: dict[str, Any], place: str) -> Iterator[dict[str, Any]]:
    for item, here in fields.each_in(result, "Vulnerabilities", place):
        yield _finding(item, here, fields.optional_text(item, "Status", here))
    for item, here in fields.each_in(result, "ExperimentalModifiedFindings", place):
        if item.get("Type") == "vulnerability":
            status = fields.text(item, "Status", here)
            yield _finding(fields.mapping(item, "Finding", here), f"{here}/Finding", status)


def _finding(item: dict[str, Any], place: str, status: str) -> dict[str, Any]:
    fixed = fields.optional_text(item, "FixedVersion", place)
    return {
        "id": fields.text(item, "VulnerabilityID", place),
        "aliases": fields.optional_texts(item, "VendorIDs", place),
        "severity": severity.severity(fields.optional_text(item, "Severity", place), f"{place}/Severity"),
        "package": fields.text(item, "PkgName", place),
        "fixed_versions": [version.strip() for version in fixed.split(",") if version.strip()],
        "locator": place,
        **fields.known(
            version=fields.optional_text(item, "InstalledVersion", place),
            purl=_purl(item, place),
            status=status,
            score=_score(fields.optional_mapping(item, "CVSS", place), f"{place}/CVSS"),
        ),
    }


def _purl(item: dict[str, Any], place: str) -> str:
    identifier = fields.optional_mapping(item, "PkgIdentifier", place)
    return purl.canonical(fields.optional_text(identifier, "PURL", f"{place}/PkgIdentifier"))


def _score(sources: dict[str, Any], place: str) -> float | None:
    """The highest base score that a source gives; of version 2 only where there is no later one."""
    named = [(fields.mapping(sources, name, place), f"{place}/{name}") for name in sources]
    for keys in (_SCORES, ("V2Score",)):
        scores = [severity.score(item.get(key), f"{here}/{key}") for item, here in named for key in keys]
        highest = max((score for score in scores if score is not None), default=None)
        if highest is not None:
            return highest
    return None


def _targets(report: dict[str, Any]) -> tuple[Mapping[str, str], ...]:
    # An image's id is the digest of its configuration: not what registries and signatures name. Alone it says
    # nothing of the subject, so it counts beside a repository digest only.
    metadata = fields.optional_mapping(report, "Metadata", "")
    references = fields.optional_items(metadata, "RepoDigests", "/Metadata")
    named = [digests.of_image(reference) for reference in references if isinstance(reference, str)]
    image = digests.of_image(fields.optional_text(metadata, "ImageID", "/Metadata"))
    return digests.distinct([*named, image]) if any(named) else ()


COLLECTOR: Final = JsonFormat(format="trivy", kind="vulnerabilities", recognise=recognise, reader=read)
