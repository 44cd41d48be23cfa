"""Helm's history: which revisions went back, from what, and what it does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError


def revision(number: int, description: str = "Upgrade complete", **more: Any) -> dict[str, Any]:
    said = {"updated": "2026-01-15T12:00:00Z", "status": "superseded", "chart": f"app-{number}", "app_version": ""}
    return {"revision": number, "description": description, **said, **more}


def facts_of(*revisions: Any) -> Any:
    return registry.read(Report(json.dumps(revisions).encode(), "history.json")).facts


def test_a_revision_that_went_back_is_a_rollback() -> None:
    facts = facts_of(revision(2), revision(3, "Rollback to 1", status="deployed", app_version="1.0.0"), revision(1))
    assert facts == {
        "tool": "helm",
        "rehearsals": [
            {
                "outcome": "succeeded",
                "from_version": "app-2",
                "to_version": "1.0.0",
                "finished_at": "2026-01-15T12:00:00Z",
                "locator": "/1",
            }
        ],
        "rehearsal_count": 1,
        "complete": True,
    }


@pytest.mark.parametrize("description", ["Upgrade complete", "Will Rollback to 1", "rollback to 1", "Rollback to one"])
def test_other_revisions_are_none(description: str) -> None:
    assert facts_of(revision(1), revision(2, description))["rehearsal_count"] == 0


@pytest.mark.parametrize(
    ("status", "outcome", "complete"),
    [
        ("deployed", "succeeded", True),
        ("superseded", "succeeded", True),
        ("failed", "failed", True),
        ("pending-rollback", "unfinished", False),
        ("uninstalling", "unfinished", False),
    ],
)
def test_how_it_ended(status: str, outcome: str, complete: bool) -> None:
    facts = facts_of(revision(1), revision(2, "Rollback to 1", status=status))
    assert (facts["rehearsals"][0]["outcome"], facts["complete"]) == (outcome, complete)


def test_where_it_began_is_absent_when_that_revision_is() -> None:
    (found,) = facts_of(revision(9, "Rollback to 1"))["rehearsals"]
    assert "from_version" not in found


@pytest.mark.parametrize(
    ("revisions", "code"),
    [
        ([revision(1), revision(1)], "helm.revision"),
        ([revision(1, "Rollback to 1", status="fine")], "helm.status"),
        ([revision(1, "Rollback to 1", updated="yesterday")], "time"),
    ],
)
def test_what_cannot_be_is_refused(revisions: Any, code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        facts_of(*revisions)
    assert refused.value.code == code
