"""Reviews from GitHub: ``GET /repos/{owner}/{repo}/pulls/{n}/reviews``, or a ``pull_request_review`` webhook event.

A draft (``PENDING``) is no review yet and is passed over. A review whose author's account is gone is by
``github:ghost``, as GitHub itself shows it; if it approved or asked for changes, nobody can answer for it, and the
document is not complete until it is dismissed. A single page that is full may not be the last one: it is not complete
either; ``gh api --paginate --slurp`` fetches all pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.collect import _text
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

GHOST: Final = "github:ghost"
_PENDING: Final = "pending"
_VERDICTS: Final = frozenset({"approved", "changes_requested", "commented", "dismissed"})
_BINDING: Final = frozenset({"approved", "changes_requested"})
_PAGE_SIZES: Final = frozenset({30, 100})
"""GitHub's default and largest page (REST API, pagination)."""

_KEYS: Final = frozenset({"state", "user", "pull_request_url", "submitted_at", "commit_id"})

_Placed = tuple[dict[str, Any], str]


def recognise(value: Any) -> bool:
    """Whether this is a list of reviews, a list of such pages, or a review event."""
    if isinstance(value, dict):
        return isinstance(value.get("review"), dict) and "pull_request" in value and "action" in value
    if not isinstance(value, list) or not value:
        return False
    items = [item for page in value for item in page] if _is_paged(value) else value
    return bool(items) and all(isinstance(item, dict) and _is_review(item) for item in items)


def read(value: Any) -> Reading:
    """Read reviews, in the order in which they were submitted."""
    placed = [(item, place) for item, place in _reviews(value) if _state(item, place) != _PENDING]
    placed.sort(key=_submitted)
    reviews = [_review(item, place) for item, place in placed]
    facts = {
        "reviews": reviews,
        "review_count": len(reviews),
        "complete": not _may_have_more(value) and not any(map(_is_orphan, reviews)),
    }
    return Reading(
        kind="review", format="github-reviews", facts=facts, producer="github", media_type="application/json"
    )


def login(user: Any, place: str) -> str:
    """A GitHub user as ``github:login``; the ghost where there is none."""
    if user is None:
        return GHOST
    return f"github:{fields.text(fields.document(user, place), 'login', place)}"


def _is_paged(value: list[Any]) -> bool:
    return all(isinstance(page, list) for page in value)


def _is_review(item: dict[str, Any]) -> bool:
    return item.keys() & _KEYS >= {"state", "user", "pull_request_url"} or item.keys() >= _KEYS - {"pull_request_url"}


def _reviews(value: Any) -> Iterator[_Placed]:
    if isinstance(value, dict):
        yield fields.mapping(value, "review", ""), "/review"
    elif _is_paged(value):
        for number, page in enumerate(value):
            yield from fields.each(page, f"/{number}")
    else:
        yield from fields.each(value, "")


def _may_have_more(value: Any) -> bool:
    return isinstance(value, list) and not _is_paged(value) and len(value) in _PAGE_SIZES


def _state(review: dict[str, Any], place: str) -> str:
    # webhooks write lower case, the REST API upper case
    state = fields.text(review, "state", place).lower()
    if state != _PENDING and state not in _VERDICTS:
        hint = f"one of {', '.join(sorted(_VERDICTS))}"
        raise MalformedError(
            f"the state {state!r} is not known", where=f"{place}/state", hint=hint, code="report.value"
        )
    return state


def _submitted(placed: _Placed) -> str:
    review, place = placed
    time = fields.instant(review, "submitted_at", place)
    return _time.parse_instant(time).isoformat(timespec="microseconds") if time else ""


def _review(review: dict[str, Any], place: str) -> dict[str, Any]:
    return {
        "reviewer": login(review.get("user"), f"{place}/user"),
        "verdict": _state(review, place),
        "locator": place or "/",
        **fields.known(
            commit=fields.optional_text(review, "commit_id", place),
            submitted_at=fields.instant(review, "submitted_at", place),
            comment=_text.message(fields.optional_text(review, "body", place)),
        ),
    }


def _is_orphan(review: dict[str, Any]) -> bool:
    return review["reviewer"] == GHOST and review["verdict"] in _BINDING


COLLECTOR: Final = JsonFormat(format="github-reviews", kind="review", recognise=recognise, reader=read)
