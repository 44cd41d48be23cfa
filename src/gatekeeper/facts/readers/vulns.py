"""The in-toto predicate for vulnerability scans, v0.1 and v0.2.

in-toto attestation, spec/predicates/vuln.md and vulns_02.md. Its findings name no package: what they were found in is
the statement's subject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.facts.readers import cvss, fields, severity
from gatekeeper.facts.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT: Final = "in-toto-vulns"
_OTHER_VECTORS: Final = ("CVSS:", "AV:", "(AV:")


def read(value: Any, place: str = "", *, subject: str) -> Reading:
    """Read a predicate that lies at ``place``.

    Args:
        value: The parsed predicate.
        place: Where it lies, as a JSON pointer.
        subject: What the statement is about; the package of every finding.

    Raises:
        MalformedError: A required member is absent or a member is not what it should be.
    """
    predicate = fields.document(value, place)
    scanner = fields.mapping(predicate, "scanner", place)
    database = fields.optional_mapping(scanner, "db", f"{place}/scanner")
    metadata = fields.optional_mapping(predicate, "metadata", place)
    results = fields.each(fields.items(scanner, "result", f"{place}/scanner"), f"{place}/scanner/result")
    findings = [_finding(item, here, subject) for item, here in results]
    uri = fields.text(scanner, "uri", f"{place}/scanner")
    facts = {
        "scanner": uri,
        "findings": findings,
        "counts": severity.counts(findings),
        "target": subject,
        "complete": True,
        **fields.known(
            scanned_at=fields.instant(metadata, "scanFinishedOn", f"{place}/metadata"),
            database_at=fields.instant(database, "lastUpdate", f"{place}/scanner/db"),
        ),
    }
    version = fields.optional_text(scanner, "version", f"{place}/scanner")
    return Reading(kind="vulnerabilities", format=FORMAT, facts=facts, producer=f"{uri} {version}".strip())


def _finding(item: dict[str, Any], place: str, subject: str) -> dict[str, Any]:
    if "vulnerability" in item:  # the fields of v0.1, whose own example leaves this level out
        item, place = fields.mapping(item, "vulnerability", place), f"{place}/vulnerability"
    ratings = list(_ratings(item, place))
    scores = [score for _, score in ratings if score is not None]
    return {
        "id": fields.text(item, "id", place),
        "aliases": [],
        "severity": severity.worst(word for word, _ in ratings),
        "package": subject,
        "fixed_versions": [],
        "locator": place,
        **fields.known(score=max(scores, default=None)),
    }


def _ratings(item: dict[str, Any], place: str) -> Iterator[tuple[str, float | None]]:
    stated = item.get("severity")  # "object ... contains a list", say the fields; the example has a list
    ratings = [(stated, f"{place}/severity")] if isinstance(stated, dict) else fields.each_in(item, "severity", place)
    for rating, here in ratings:
        yield _rating(fields.text(rating, "score", here), f"{here}/score")


def _rating(text: str, place: str) -> tuple[str, float | None]:
    """A severity from whatever a method's score is: a word, a number or a CVSS vector."""
    if text.startswith("CVSS:3"):
        score = cvss.base_score(text, where=place)
        return severity.of_score(score), score
    if text.startswith(_OTHER_VECTORS):
        return "unknown", None
    if text[0].isdigit():
        score = severity.score_text(text, place)
        return severity.of_score(score), score
    return severity.severity(text, place), None
