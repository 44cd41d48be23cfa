"""Severities: scanners' words and CVSS scores into one closed vocabulary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SEVERITIES: Final = ("critical", "high", "medium", "low", "negligible", "unknown")
"""From the worst to the one nobody assessed."""

WORDS: Final[Mapping[str, str]] = {
    **{word: word for word in SEVERITIES},
    "moderate": "medium",  # GitHub Advisory Database
}
"""What producers write, in lower case, and what it is here."""

_BANDS: Final = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
_MAXIMUM: Final = 10.0
_DECIMAL: Final = re.compile(r"\d{1,2}(?:\.\d{1,6})?", re.ASCII)


def severity(word: str, place: str) -> str:
    """The severity that a producer's word stands for; ``unknown`` for no word at all.

    Raises:
        MalformedError: A word that is not known: guessing would hide a finding.
    """
    found = WORDS.get(word.lower()) if word else "unknown"
    if found is None:
        raise MalformedError(
            f"the severity {word!r} is not known",
            where=place,
            hint=f"one of {', '.join(WORDS)}",
            code="report.severity",
        )
    return found


def of_score(score: float) -> str:
    """The rating of a CVSS base score (CVSS v3.1, section 5); a score of zero is negligible."""
    return next((name for least, name in _BANDS if score >= least), "negligible")


def worst(severities: Iterable[str]) -> str:
    """The worst that is known; ``unknown`` when none is."""
    return min(severities, key=SEVERITIES.index, default="unknown")


def score(value: Any, place: str) -> float | None:
    """A CVSS score, 0 to 10, from a number; None for no score, which some write as zero."""
    if value is None or value == 0:
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value <= _MAXIMUM:
        raise MalformedError("not a CVSS score from 0 to 10", where=place, code="report.score")
    return value


def score_text(text: str, place: str) -> float:
    """A CVSS score written as text, such as ``9.8``.

    Raises:
        MalformedError: Not a number from 0 to 10.
    """
    value = float(text) if _DECIMAL.fullmatch(text) else -1.0
    if not 0 <= value <= _MAXIMUM:
        raise MalformedError("not a CVSS score from 0 to 10", where=place, code="report.score")
    return value


def counts(findings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many findings there are of each severity."""
    found = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        found[finding["severity"]] += 1
    return found
