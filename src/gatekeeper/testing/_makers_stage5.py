"""Makers of evidence about operating a release; see :mod:`gatekeeper.testing.facts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.testing._made import BEFORE, Items, MadeDocument, entry, make, named

if TYPE_CHECKING:
    from collections.abc import Sequence


def runbook(*, runbooks: Items = 1, covers: Sequence[str] = ("rollback",), **more: Any) -> MadeDocument:
    """Runbooks and who looked at them last.

    Args:
        runbooks: By name, or as mappings (``{"name": "roll back", "reviewed_at": ...}``).
        covers: The situations that each is for which does not say.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    made = [
        entry(item, "name", covers=list(covers), reviewed_at=BEFORE, reviewers=["ada"], locator=f"/runbooks/{at}")
        for at, item in enumerate(named(runbooks, "runbook"))
    ]
    return make("runbook", {"runbooks": made, "runbook_count": len(made)}, **more)
