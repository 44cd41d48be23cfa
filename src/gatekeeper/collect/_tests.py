"""Test results out of cases, whatever format they stand in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper._limits import MAX_ITEMS
from gatekeeper.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_GOOD: Final = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One test, as it ran.

    Attributes:
        suite, name: What it is called.
        outcome: ``passed``, ``failed``, ``errored``, ``skipped`` or ``flaky``.
        message: Why it did not pass; empty where it did or nobody says.
        locator: Where it stands in the report.
    """

    suite: str
    name: str
    outcome: str
    locator: str
    message: str = ""


def facts(
    ran: Iterable[Ran],
    *,
    duration_ms: int | None = None,
    claimed: Mapping[str, Any] | None = None,
    complete: bool = True,
) -> dict[str, Any]:
    """The facts of the kind ``test_results``.

    Args:
        ran: Every test.
        duration_ms: How long all took; None where that is not known.
        claimed: What the report's header says otherwise; the results are then not complete.
        complete: Whether the run came to its end.

    Raises:
        LimitError: More tests than any suite has.
    """
    listed = list(ran)
    if len(listed) > MAX_ITEMS:
        raise LimitError(f"more than {MAX_ITEMS} tests", code="tests.many")
    counts = Counter(test.outcome for test in listed)
    found: dict[str, Any] = {
        "total": len(listed),
        "passed": counts[_GOOD] + counts["flaky"],
        **{name: counts[name] for name in ("failed", "errored", "skipped", "flaky")},
        "executed": len(listed) - counts["skipped"],
        "cases": [_case(test) for test in listed if test.outcome != _GOOD],
        "names": sorted(f"{test.suite}::{test.name}" for test in listed),
        "complete": complete and not claimed,
    }
    if claimed:
        found["claimed"] = dict(claimed)
    return found if duration_ms is None else found | {"duration_ms": duration_ms}


def _case(test: Ran) -> dict[str, str]:
    case = {"name": test.name, "suite": test.suite, "outcome": test.outcome, "locator": test.locator}
    return case | ({"message": test.message} if test.message else {})
