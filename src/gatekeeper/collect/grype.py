"""Grype JSON, from the first releases (``cvssV2``, ``fixedInVersion``) to those with EPSS.

Matches that an ignore rule or VEX took away are findings with the status ``ignored``; whether they count is for a
waiver to say, not for the repository that is judged. Grype does not say how many packages it looked at.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import digests, fields, purl, severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OLD_SCORES: Final = ("cvssV3", "cvssV2")


def recognise(value: Any) -> bool:
    """Whether this is a Grype report."""
    descriptor = value.get("descriptor") if isinstance(value, dict) else None
    return isinstance(descriptor, dict) and descriptor.get("name") == "grype" and "matches" in value


def read(value: Any) -> Reading:
    """Read a report."""
    report = fields.document(value)
    descriptor = fields.mapping(report, "descriptor", "")
    source = fields.optional_mapping(report, "source", "")
    built, is_valid = _database(descriptor)
    findings = [
        _finding(item, place, "") for item, place in fields.each(fields.items(report, "matches", ""), "/matches")
    ]
    findings += [_finding(item, place, "ignored") for item, place in fields.each_in(report, "ignoredMatches", "")]
    facts = {
        "scanner": "grype",
        "findings": findings,
        "counts": severity.counts(findings),
        "complete": is_valid,
        **fields.known(
            target=_target(source),
            scanned_at=fields.instant(descriptor, "timestamp", "/descriptor"),
            database_at=built,
        ),
    }
    version = fields.optional_text(descriptor, "version", "/descriptor")
    return Reading(
        kind="vulnerabilities",
        format="grype",
        facts=facts,
        producer=f"grype {version}".strip(),
        media_type="application/json",
        targets=_targets(source),
    )


def _database(descriptor: dict[str, Any]) -> tuple[str, bool]:
    """When the database was built, and whether nothing says that it could not be used."""
    place = "/descriptor/db"
    database = fields.optional_mapping(descriptor, "db", "/descriptor")
    if "status" in database:  # since 0.88
        place += "/status"
        database = fields.optional_mapping(database, "status", "/descriptor/db")
    is_valid = not database.get("error") and database.get("valid", True) is True
    return fields.instant(database, "built", place), is_valid


def _finding(match: dict[str, Any], place: str, status: str) -> dict[str, Any]:
    vulnerability = fields.mapping(match, "vulnerability", place)
    artifact = fields.mapping(match, "artifact", place)
    here = f"{place}/vulnerability"
    identifier = fields.text(vulnerability, "id", here)
    related = list(fields.each_in(match, "relatedVulnerabilities", place))
    names = [fields.text(item, "id", at) for item, at in related]
    fix = fields.optional_mapping(vulnerability, "fix", here)
    score = _score(vulnerability, here)
    if score is None:  # a distribution's own record has no score; what it relates to has
        score = max((found for item, at in related if (found := _score(item, at)) is not None), default=None)
    return {
        "id": identifier,
        "aliases": [name for name in dict.fromkeys(names) if name != identifier],
        "severity": severity.severity(fields.optional_text(vulnerability, "severity", here), f"{here}/severity"),
        "package": fields.text(artifact, "name", f"{place}/artifact"),
        "fixed_versions": _fixed(vulnerability, fix, here),
        "locator": place,
        **fields.known(
            version=fields.optional_text(artifact, "version", f"{place}/artifact"),
            purl=purl.canonical(fields.optional_text(artifact, "purl", f"{place}/artifact")),
            **_exploitation(vulnerability, here),
            status=status or fields.optional_text(fix, "state", f"{here}/fix"),
            score=score,
        ),
    }


def _exploitation(vulnerability: dict[str, Any], place: str) -> dict[str, Any]:
    """Whether it is known to be exploited, and how likely that is, where the report is of a version that says.

    Since its database has these (Grype 0.90), every record has ``risk``; ``knownExploited`` and ``epss`` are left out
    where there is nothing to say. Nothing to say means not in the catalogue, but not a probability of zero.
    """
    estimates = [
        _ppm(fields.optional_number(item, "epss", here), f"{here}/epss")
        for item, here in fields.each_in(vulnerability, "epss", place)
    ]
    exploited = fields.optional_items(vulnerability, "knownExploited", place)
    says = "risk" in vulnerability or exploited
    return fields.known(kev=bool(exploited) if says else None, epss_ppm=max(estimates, default=None))


def _ppm(probability: float | None, place: str) -> int:
    if probability is None or not 0 <= probability <= 1:
        raise MalformedError("not a probability from 0 to 1", where=place, code="report.score")
    return math.ceil(round(probability * 1_000_000, 3))


def _fixed(vulnerability: dict[str, Any], fix: dict[str, Any], place: str) -> list[str]:
    old = fields.optional_text(vulnerability, "fixedInVersion", place)
    return [old] if old else fields.optional_texts(fix, "versions", f"{place}/fix")


def _score(vulnerability: dict[str, Any], place: str) -> float | None:
    """The highest base score of a record; of version 2 only where there is no later one."""
    later: list[float] = []
    second: list[float] = []
    for version, item, here in _metrics(vulnerability, place):
        score = severity.score(item.get("baseScore"), f"{here}/baseScore")
        if score is not None:
            (second if version.startswith("2") else later).append(score)
    return max(later or second, default=None)


def _metrics(vulnerability: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    for item, here in fields.each_in(vulnerability, "cvss", place):
        version = fields.optional_text(item, "version", here)
        yield version, fields.optional_mapping(item, "metrics", here), f"{here}/metrics"
    for key in _OLD_SCORES:
        yield key[-1], fields.optional_mapping(vulnerability, key, place), f"{place}/{key}"


def _target(source: dict[str, Any]) -> str:
    target = source.get("target")
    if isinstance(target, dict):
        return fields.optional_text(target, "userInput", "/source/target")
    return fields.optional_text(source, "target", "/source")


def _targets(source: dict[str, Any]) -> tuple[Mapping[str, str], ...]:
    target = source.get("target")
    if not isinstance(target, dict):
        return ()
    references = fields.optional_items(target, "repoDigests", "/source/target")
    names = [*references, target.get("manifestDigest"), target.get("imageID")]
    return digests.distinct(digests.of_image(name) for name in names if isinstance(name, str))


COLLECTOR: Final = JsonFormat(format="grype", kind="vulnerabilities", recognise=recognise, reader=read)
