"""OSV-Scanner JSON: one finding for each group of aliases and package.

OSV entries carry no severity of their own. It is the worst of what is known of the group: the databases' own words
(``database_specific.severity``), the base scores of CVSS v3 vectors, and the score that the scanner itself gives in
``max_severity``; otherwise ``unknown``. The report lists packages with findings only, so it does not say how many were
looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import cvss, fields, purl, severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION_RANGES: Final = frozenset({"ECOSYSTEM", "SEMVER"})
"""Ranges in versions (OSV schema, affected[].ranges[].type); the third type, GIT, is in commits."""

_PURL_TYPES: Final = {
    "Go": "golang",
    "Maven": "maven",
    "NuGet": "nuget",
    "Packagist": "composer",
    "PyPI": "pypi",
    "RubyGems": "gem",
    "crates." + "io": "cargo",
    "npm": "npm",
}
"""Package URL types by ecosystem (OSV schema, "Defined ecosystems"); those of distributions need more than a name."""

_Placed = tuple[dict[str, Any], str]


def recognise(value: Any) -> bool:
    """Whether this is an OSV-Scanner report; an empty one is told by its ``experimental_config``."""
    results = value.get("results") if isinstance(value, dict) else None
    if not isinstance(results, list):
        return False
    if not results:
        return "experimental_config" in value
    return all(isinstance(item, dict) and "source" in item and "packages" in item for item in results)


def read(value: Any) -> Reading:
    """Read a report."""
    report = fields.document(value)
    results = fields.each(fields.items(report, "results", ""), "/results")
    packages = [package for item, place in results for package in fields.each_in(item, "packages", place)]
    findings = [finding for item, place in packages for finding in _findings(item, place)]
    facts = {
        "scanner": "osv-scanner",
        "findings": findings,
        "counts": severity.counts(findings),
        "complete": True,
    }
    return Reading(
        kind="vulnerabilities", format="osv-scanner", facts=facts, producer="osv-scanner", media_type="application/json"
    )


def _findings(item: dict[str, Any], place: str) -> Iterator[dict[str, Any]]:
    package = fields.mapping(item, "package", place)
    known = {fields.text(entry, "id", at): (entry, at) for entry, at in fields.each_in(item, "vulnerabilities", place)}
    grouped: set[str] = set()
    for group, here in fields.each_in(item, "groups", place):
        ids = fields.optional_texts(group, "ids", here)
        if not ids:
            raise fields.missing("ids", here)
        grouped.update(ids)
        yield _finding(package, place, _Group(ids, group, here), [known[name] for name in ids if name in known])
    for name, (entry, here) in known.items():  # older versions have no groups
        if name not in grouped:
            yield _finding(package, place, _Group([name], entry, here), [(entry, here)])


class _Group:
    """Names of one vulnerability, and where they stand."""

    __slots__ = ("ids", "place", "stated")

    def __init__(self, ids: list[str], stated: dict[str, Any], place: str) -> None:
        self.ids = ids
        self.stated = stated
        self.place = place


def _finding(package: dict[str, Any], place: str, group: _Group, entries: list[_Placed]) -> dict[str, Any]:
    name = _name(package, f"{place}/package")
    aliases = fields.optional_texts(group.stated, "aliases", group.place)
    aliases += [alias for entry, at in entries for alias in fields.optional_texts(entry, "aliases", at)]
    words = [word for entry, at in entries if (word := _word(entry, at)) != "unknown"]
    scores = [score for entry, at in entries for score in _scores(entry, at)] + _stated_score(group)
    fixed = [version for entry, at in entries for version in _fixed(entry, at, name)]
    return {
        "id": group.ids[0],
        "aliases": [alias for alias in dict.fromkeys(group.ids[1:] + aliases) if alias != group.ids[0]],
        "severity": severity.worst([*words, *map(severity.of_score, scores)]),
        "package": name,
        "fixed_versions": list(dict.fromkeys(fixed)),
        "locator": group.place,
        **fields.known(
            version=fields.optional_text(package, "version", f"{place}/package"),
            purl=_purl(package, name, f"{place}/package"),
            score=max(scores, default=None),
        ),
    }


def _purl(package: dict[str, Any], name: str, place: str) -> str:
    kind = _PURL_TYPES.get(fields.optional_text(package, "ecosystem", place), "")
    path = name.replace(":", "/") if kind == "maven" else name
    return purl.of(kind, path, fields.optional_text(package, "version", place))


def _name(package: dict[str, Any], place: str) -> str:
    """The package's name; a scanned repository has its commit instead."""
    return fields.optional_text(package, "name", place) or fields.text(package, "commit", place)


def _word(entry: dict[str, Any], place: str) -> str:
    specific = fields.optional_mapping(entry, "database_specific", place)
    word = fields.optional_text(specific, "severity", f"{place}/database_specific")
    return severity.severity(word, f"{place}/database_specific/severity")


def _scores(entry: dict[str, Any], place: str) -> Iterator[float]:
    for item, here in fields.each_in(entry, "severity", place):
        if item.get("type") == "CVSS_V3":
            yield cvss.base_score(fields.text(item, "score", here), where=f"{here}/score")


def _stated_score(group: _Group) -> list[float]:
    text = fields.optional_text(group.stated, "max_severity", group.place)
    return [severity.score_text(text, f"{group.place}/max_severity")] if text else []


def _fixed(entry: dict[str, Any], place: str, name: str) -> Iterator[str]:
    for affected, here in fields.each_in(entry, "affected", place):
        if fields.optional_mapping(affected, "package", here).get("name") != name:
            continue
        for span, at in fields.each_in(affected, "ranges", here):
            if fields.optional_text(span, "type", at) in _VERSION_RANGES:
                events = fields.each_in(span, "events", at)
                yield from (fields.text(event, "fixed", where) for event, where in events if "fixed" in event)


COLLECTOR: Final = JsonFormat(format="osv-scanner", kind="vulnerabilities", recognise=recognise, reader=read)
