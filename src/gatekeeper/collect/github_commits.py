"""Who made a change, from GitHub: ``GET /repos/{owner}/{repo}/pulls/{n}/commits``.

Written to the published format (REST API, pulls). GitHub lists the commits oldest first and 250 of them at most, 30 or
100 on a page; a list that is as long as one of these may have been cut. A commit whose address belongs to no account
has its address as identity. GitHub's own web-flow commits merges for the person who merged; the name stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.github import GHOST, login
from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTHS: Final = frozenset({30, 100, 250})
_KEYS: Final = frozenset({"sha", "commit", "author", "committer", "parents"})


def recognise(value: Any) -> bool:
    """Whether this is a list of commits, or a list of such pages."""
    commits = _flat(value)
    return bool(commits) and all(
        isinstance(item, dict) and item.keys() >= _KEYS and isinstance(item["commit"], dict) for item in commits
    )


def read(value: Any) -> Reading:
    """Read the commits of a change."""
    commits = list(_commits(value))
    newest, place = commits[-1]
    head = fields.text(newest, "sha", place)
    facts = {
        "commit": head,
        "authors": _people(commits, "author"),
        "committers": _people(commits, "committer"),
        "complete": isinstance(value[0], list) or len(commits) not in _LENGTHS,
    }
    return Reading(
        kind="change", format="github-commits", facts=facts, producer="github", media_type="application/json"
    )  # no target: a change is attested for the artifact that was built from it, too; its commit is a fact


def _flat(value: Any) -> list[Any]:
    if not isinstance(value, list):
        return []
    if value and all(isinstance(page, list) for page in value):
        return [item for page in value for item in page]
    return value


def _commits(value: list[Any]) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(value[0], list):
        for number, page in enumerate(value):
            yield from fields.each(page, f"/{number}")
    else:
        yield from fields.each(value, "")


def _people(commits: list[tuple[dict[str, Any], str]], role: str) -> list[str]:
    return sorted({_person(item, place, role) for item, place in commits})


def _person(item: dict[str, Any], place: str, role: str) -> str:
    account = login(item.get(role) or None, f"{place}/{role}")  # an unknown committer is an empty object
    if account != GHOST:
        return account
    person = fields.mapping(fields.mapping(item, "commit", place), role, f"{place}/commit")
    return f"email:{fields.text(person, 'email', f'{place}/commit/{role}').strip().lower()}"


COLLECTOR: Final = JsonFormat(format="github-commits", kind="change", recognise=recognise, reader=read)
