"""Approvals from GitLab together with what reviewers still ask for.

Both answers stand in one document::

    {"approvals": <GET .../merge_requests/{iid}/approvals>, "discussions": <GET .../merge_requests/{iid}/discussions>}

GitLab's approvals know no request for changes: what somebody asks for is a thread that nobody has resolved. Each
person with such threads asks for changes, in the words that began them, whether they approved or not. A page that is
full may not be the last one, and the document is then not complete; a list of pages (``glab api --paginate``, or ``jq
-s``) is read whole.

Source: GitLab REST API, "Discussions", "Merge request approvals".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _text, gitlab
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMBERS: Final = {"approvals", "discussions"}
_PAGE_SIZES: Final = frozenset({20, 100})
"""GitLab's default and largest page (REST API, "Pagination")."""

_BETWEEN: Final = "\n\n"
"""Between the requests of one person."""

_Placed = tuple[dict[str, Any], str]


def recognise(value: Any) -> bool:
    """Whether this is both answers."""
    return (
        isinstance(value, dict)
        and value.keys() == _MEMBERS
        and isinstance(value["discussions"], list)
        and gitlab.recognise(value["approvals"])
    )


def read(value: Any) -> Reading:
    """Read the approvals, and after them what is asked for, each person once."""
    answer = fields.document(value)
    approvals = gitlab.read(answer["approvals"], "/approvals")
    pages = fields.items(answer, "discussions", "")
    asked: dict[str, list[_Placed]] = {}
    for note, place in _open(pages):
        author = fields.mapping(note, "author", place)
        asked.setdefault(f"gitlab:{fields.text(author, 'username', f'{place}/author')}", []).append((note, place))
    reviews = [*approvals.facts["reviews"], *(_review(person, notes) for person, notes in asked.items())]
    facts = {
        **approvals.facts,
        "reviews": reviews,
        "review_count": len(reviews),
        "complete": approvals.facts["complete"] and not _may_have_more(pages),
    }
    return Reading(
        kind="review", format="gitlab-discussions", facts=facts, producer="gitlab", media_type="application/json"
    )


def _open(pages: list[Any]) -> Iterator[_Placed]:
    """The note that began each thread in which something is not resolved."""
    for discussion, place in _discussions(pages):
        notes = list(fields.each(fields.items(discussion, "notes", place), f"{place}/notes"))
        if any(note.get("resolvable") is True and note.get("resolved") is not True for note, _ in notes):
            yield notes[0]


def _discussions(pages: list[Any]) -> Iterator[_Placed]:
    if _is_paged(pages):
        for number, page in enumerate(pages):
            yield from fields.each(page, f"/discussions/{number}")
    else:
        yield from fields.each(pages, "/discussions")


def _is_paged(pages: list[Any]) -> bool:
    return bool(pages) and all(isinstance(page, list) for page in pages)


def _may_have_more(pages: list[Any]) -> bool:
    return not _is_paged(pages) and len(pages) in _PAGE_SIZES


def _review(person: str, notes: list[_Placed]) -> dict[str, Any]:
    first, place = notes[0]
    said = [fields.optional_text(note, "body", here) for note, here in notes]
    return {
        "reviewer": person,
        "verdict": "changes_requested",
        "locator": place,
        **fields.known(
            submitted_at=fields.instant(first, "created_at", place),
            comment=_text.message(_BETWEEN.join(text for text in said if text)),
        ),
    }


COLLECTOR: Final = JsonFormat(format="gitlab-discussions", kind="review", recognise=recognise, reader=read)
