"""What collectors of misconfigurations have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import fields, severity

if TYPE_CHECKING:
    from collections.abc import Sequence

KIND: Final = "misconfiguration"


def reading(
    format_: str,
    findings: list[dict[str, Any]],
    *,
    tools: Sequence[str],
    examined: int,
    complete: bool = True,
    claimed: dict[str, Any] | None = None,
    scanned_at: str = "",
    producer: str = "",
) -> Reading:
    """A reading of findings, counted; what its header claims otherwise makes it incomplete."""
    facts = {
        "tools": list(tools),
        "findings": findings,
        "counts": severity.counts(finding for finding in findings if not finding["suppressed"]),
        "checks_examined": examined,
        "complete": complete and not claimed,
        **fields.known(scanned_at=scanned_at, claimed=claimed or None),
    }
    return Reading(kind=KIND, format=format_, facts=facts, producer=producer, media_type="application/json")
