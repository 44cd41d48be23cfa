"""Arithmetic of service level objectives: from a target and counts to budget and burn rate, in whole numbers.

Burn rate and error budget are those of the Site Reliability Workbook (Beyer et al. 2018), chapter 5: the budget is what
the target leaves, the burn rate the share that failed by the budget.
"""

from __future__ import annotations

from typing import Any, Final

MILLION: Final = 1_000_000


def shares(target_ppm: int, good: int, total: int) -> dict[str, Any]:
    """What counts say of an objective; nothing when there are none.

    Args:
        target_ppm: The share that has to be good.
        good: What was good.
        total: All there was; at least ``good``.
    """
    if not total:
        return {}
    return {
        "actual_ppm": good * MILLION // total,
        "met": good * MILLION >= target_ppm * total,
        **_budget(target_ppm, total - good, total),
    }


def shares_of(target_ppm: int, actual_ppm: int) -> dict[str, Any]:
    """The same where only the share is known."""
    known = {"actual_ppm": actual_ppm, "met": actual_ppm >= target_ppm}
    return known | _budget(target_ppm, MILLION - actual_ppm, MILLION)


def _budget(target_ppm: int, bad: int, total: int) -> dict[str, int]:
    budget = (MILLION - target_ppm) * total
    if not budget:
        return {"budget_left_ppm": -MILLION if bad else 0}
    spent = -(-bad * MILLION * MILLION // budget)
    return {"budget_left_ppm": MILLION - spent, "burn_rate_thousandths": -(-bad * MILLION * 1000 // budget)}
