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


def alerts(
    *,
    quiet: Items = 1,
    firing: Items = (),
    unhealthy: Items = (),
    actionable: Items = 1,
    noise: Items = (),
    severity: str = "high",
    **more: Any,
) -> MadeDocument:
    """Alerting rules, and what they fired.

    Args:
        quiet: Rules that fire nothing, by name, or as mappings.
        firing: Rules that fire now, likewise.
        unhealthy: Rules that could not be evaluated, likewise.
        actionable: Alerts that fired and were worth it, likewise.
        noise: Alerts that fired for nothing, likewise.
        severity: Of each that does not say.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    rules = [
        entry(item, "name", severity=severity, state=state, healthy=healthy)
        for items, word, state, healthy in (
            (quiet, "quiet", "inactive", True),
            (firing, "firing", "firing", True),
            (unhealthy, "unhealthy", "inactive", False),
        )
        for item in named(items, word)
    ]
    fired = [
        entry(item, "name", severity=severity, fired_at=BEFORE, outcome=outcome)
        for outcome, items in (("actionable", actionable), ("noise", noise))
        for item in named(items, outcome)
    ]
    facts = {
        "rules": _placed(rules, "/rules"),
        "rule_count": len(rules),
        "fired": _placed(fired, "/fired"),
        "fired_count": len(fired),
        "observed_at": BEFORE,
    }
    return make("alerts", facts, **more)


def incidents(*, open: Items = (), resolved: Items = 1, severity: str = "high", **more: Any) -> MadeDocument:  # noqa: A002 - the field's word
    """Incidents in operation.

    Args:
        open: Those that nobody has resolved, by id, or as mappings.
        resolved: The others, likewise.
        severity: Of each that does not say.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    listed = [
        entry(item, "id", title="parcel is slow", severity=severity, status=status, opened_at=BEFORE)
        for status, items in (("open", open), ("resolved", resolved))
        for item in named(items, f"{status}-incident")
    ]
    return make("incidents", {"incidents": _placed(listed, "/incidents"), "incident_count": len(listed)}, **more)


def migration(
    *, migrations: Items = 1, state: str = "pending", way_back: str = "reversible", **more: Any
) -> MadeDocument:
    """Migrations of a database.

    Args:
        migrations: By name, or as mappings.
        state: Of each that does not say.
        way_back: Likewise.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    listed = [
        entry(item, "name", state=state, way_back=way_back, tested_at=BEFORE) for item in named(migrations, "migration")
    ]
    return make("migration", {"migrations": _placed(listed, "/migrations"), "migration_count": len(listed)}, **more)


def deprecations(*, changes: Items = 1, breaking: bool = True, **more: Any) -> MadeDocument:
    """Changes of an interface; announced half a year before they take effect.

    Args:
        changes: By name, or as mappings.
        breaking: Whether each that does not say breaks its users.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    defaults = {
        "interface": "HTTP",
        "breaking": breaking,
        "announced_at": "2025-07-01T00:00:00Z",
        "effective_at": BEFORE,
    }
    listed = [entry(item, "name", **defaults) for item in named(changes, "change")]
    return make("deprecations", {"changes": _placed(listed, "/changes"), "change_count": len(listed)}, **more)


def postmortem(*, incident: str = "I-1", done: Items = 1, open: Items = (), **more: Any) -> MadeDocument:  # noqa: A002 - the field's word
    """The postmortem of one incident.

    Args:
        incident: The incident.
        done: Its actions that are done, by title, or as mappings.
        open: The others, likewise.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    actions = [
        entry(item, "title", owner="ada", done=is_done)
        for is_done, items in ((True, done), (False, open))
        for item in named(items, "action")
    ]
    place = "/postmortems/0"
    one = {
        "incident": incident,
        "published_at": BEFORE,
        "actions": _placed(actions, f"{place}/actions"),
        "action_count": len(actions),
        "locator": place,
    }
    return make("postmortem", {"postmortems": [one], "postmortem_count": 1}, **more)


def deployment(
    *,
    failed: Items = (),
    rolled_back: Items = (),
    succeeded: Items = 5,
    environment: str = "production",
    **more: Any,
) -> MadeDocument:
    """Deployments, each a minute after the one before, those that succeeded last.

    Args:
        failed: By id, or as mappings.
        rolled_back: Likewise.
        succeeded: Likewise.
        environment: Of each that does not say.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    groups = {"failed": failed, "rolled_back": rolled_back, "succeeded": succeeded}
    listed = [
        entry(item, "id", environment=environment, outcome=outcome)
        for outcome, items in groups.items()
        for item in named(items, outcome)
    ]
    timed = [{"finished_at": f"2026-01-01T10:{at % 60:02d}:00Z", **item} for at, item in enumerate(listed)]
    facts = {"deployments": _placed(timed, "/deployments"), "deployment_count": len(timed)}
    return make("deployment", facts, **more)


def closing(
    *,
    version: str = "1.0.0",
    done: Items = 1,
    open: Items = (),  # noqa: A002 - the field's word
    follow_ups: Items = (),
    **more: Any,
) -> MadeDocument:
    """The closing record of a release.

    Args:
        version: The release.
        done: Items that are done, by name, or as mappings.
        open: Items that are not, likewise.
        follow_ups: What is left, by title, or as mappings.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    items = [
        entry(item, "name", done=is_done)
        for is_done, listed in ((True, done), (False, open))
        for item in named(listed, "item")
    ]
    facts = {
        "version": version,
        "released_at": BEFORE,
        "closed_at": BEFORE,
        "closed_by": ["ada"],
        "items": _placed(items, "/items"),
        "item_count": len(items),
        "follow_ups": _placed([entry(item, "title", owner="ada") for item in named(follow_ups, "rest")], "/follow_ups"),
    }
    return make("closing", facts, **more)


def _placed(items: Sequence[dict[str, Any]], below: str) -> list[dict[str, Any]]:
    return [{"locator": f"{below}/{at}", **item} for at, item in enumerate(items)]
