"""Approvals from GitLab: ``GET /projects/{id}/merge_requests/{iid}/approvals`` or ``.../approval_state``.

GitLab names who approved and, before 17, not when; it never names the commit, because approvals may outlive pushes
unless the project resets them. A rule that says of itself that it is approved with fewer approvals than it needs
contradicts itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

_Placed = tuple[dict[str, Any], str]


def recognise(value: Any) -> bool:
    """Whether this is either answer."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("approved_by"), list):
        return "approvals_required" in value or "approvals_left" in value or "approved" in value
    rules = value.get("rules")
    return isinstance(rules, list) and "approval_rules_overwritten" in value


def read(value: Any, place: str = "") -> Reading:
    """Read the approvals, which lie at ``place``, each person once."""
    answer = fields.document(value, place)
    by_person = {_person(item, here): (item, here) for item, here in reversed(list(_approvals(answer, place)))}
    reviews = [_review(person, item, here) for person, (item, here) in reversed(by_person.items())]
    contradictions = [
        _claim(item, here) for item, here in fields.each_in(answer, "rules", place) if _is_short(item, here)
    ]
    facts: dict[str, Any] = {"reviews": reviews, "review_count": len(reviews), "complete": not contradictions}
    if contradictions:
        facts["claimed"] = {"rules": contradictions}
    return Reading(
        kind="review", format="gitlab-approvals", facts=facts, producer="gitlab", media_type="application/json"
    )


def _approvals(answer: dict[str, Any], place: str) -> Iterator[_Placed]:
    yield from fields.each_in(answer, "approved_by", place)
    for rule, here in fields.each_in(answer, "rules", place):
        yield from fields.each_in(rule, "approved_by", here)


def _person(item: dict[str, Any], place: str) -> str:
    user = fields.mapping(item, "user", place) if "user" in item else item
    return f"gitlab:{fields.text(user, 'username', f'{place}/user' if 'user' in item else place)}"


def _review(person: str, item: dict[str, Any], place: str) -> dict[str, Any]:
    submitted = fields.instant(item, "approved_at", place)
    return {"reviewer": person, "verdict": "approved", "locator": place, **fields.known(submitted_at=submitted)}


def _is_short(rule: dict[str, Any], place: str) -> bool:
    needed = fields.whole(rule, "approvals_required", place) if "approvals_required" in rule else 0
    return rule.get("approved") is True and len(fields.optional_items(rule, "approved_by", place)) < needed


def _claim(rule: dict[str, Any], place: str) -> dict[str, Any]:
    return {"locator": place, "approved": True, "approvals_required": rule["approvals_required"]}


COLLECTOR: Final = JsonFormat(format="gitlab-approvals", kind="review", recognise=recognise, reader=read)
