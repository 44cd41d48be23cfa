"""Flyway: ``flyway info -outputType=json``. A migration is reversible when Flyway has an undo script for it.

Repeatable migrations are written to be run again and have no undo script: what mends them is a further version, a
forward fix. Whether a way back was ever tried Flyway does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Success", "Out of Order", "Baseline", "Below Baseline", "Superseded", "Future"), "applied"),
    **dict.fromkeys(("Pending", "Outdated", "Above Target", "Available"), "pending"),
    **dict.fromkeys(("Failed", "Missing", "Failed (Missing)", "Failed (Future)"), "failed"),
    "Undone": "undone",
}


def recognise(value: Any) -> bool:
    """Whether this is what ``flyway info`` says."""
    return isinstance(value, dict) and value.get("operation") == "info" and isinstance(value.get("migrations"), list)


def read(value: Any) -> Reading:
    """Read the state of each migration."""
    report = fields.document(value)
    migrations = [_migration(item, place) for item, place in fields.each_in(report, "migrations", "")]
    facts = {
        "migrations": migrations,
        "migration_count": len(migrations),
        "complete": report.get("error") is None,
        **fields.known(database=fields.optional_text(report, "database", "")),
    }
    version = fields.optional_text(report, "flywayVersion", "")
    producer = f"flyway {version}".strip()
    return Reading(kind="migration", format="flyway", facts=facts, producer=producer, media_type="application/json")


def _migration(item: dict[str, Any], place: str) -> dict[str, Any]:
    state = fields.text(item, "state", place)
    if state not in _STATES:
        raise MalformedError(f"the state {state!r} is not known", where=f"{place}/state", code="flyway.state")
    name = f"{fields.optional_text(item, 'version', place)} {fields.optional_text(item, 'description', place)}".strip()
    return {
        "name": name or fields.text(item, "filepath", place),
        "state": _STATES[state],
        "way_back": _way_back(item, place),
        "locator": place,
    }


def _way_back(item: dict[str, Any], place: str) -> str:
    if fields.optional_text(item, "category", place) == "Repeatable":
        return "forward_fix"
    return "reversible" if fields.optional_text(item, "undoable", place) == "Yes" else "none"


COLLECTOR: Final = JsonFormat(format="flyway", kind="migration", recognise=recognise, reader=read)
