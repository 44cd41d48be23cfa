"""What readers of VEX have in common: products, statuses, times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import digests, fields, purl
from gatekeeper.facts.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

STATUSES: Final = frozenset({"not_affected", "affected", "fixed", "under_investigation"})
JUSTIFICATIONS: Final = frozenset(
    {
        "component_not_present",
        "vulnerable_code_not_present",
        "vulnerable_code_not_in_execute_path",
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "inline_mitigations_already_exist",
    }
)
"""Those of OpenVEX and of CSAF flags (CISA, VEX Status Justifications, June 2022)."""


def word(stated: str, known: Iterable[str], place: str) -> str:
    """``stated`` itself, which has to be one of the known words.

    Raises:
        MalformedError: It is none: guessing could take a finding away.
    """
    if stated not in known:
        hint = f"one of {', '.join(sorted(known))}"
        raise MalformedError(f"the word {stated!r} is not known", where=place, hint=hint, code="vex.word")
    return stated


def part(name: str, *, identifiers: Iterable[str] = (), hashes: Iterable[str] = ()) -> dict[str, Any]:
    """A product or component: the first package URL among its names, and every digest that is stated.

    Args:
        name: What the document calls it; looked at as an identifier too.
        identifiers: Other names.
        hashes: Digests as ``algorithm:hex``.
    """
    names = [name, *identifiers]
    urls = [url for text in names if (url := purl.canonical(text))]
    images = [f"sha256:{value}" for text in names for value in digests.of_image(text).values()]
    return {
        "name": name,
        "digests": list(dict.fromkeys([*hashes, *images])),
        **fields.known(purl=urls[0] if urls else ""),
    }


def product(owner: Mapping[str, Any], parts: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """A product with those of its parts that are spoken of; of all of it where there are none."""
    return {**owner, "subcomponents": [dict(item) for item in parts]}


def stated_at(*times: str, place: str) -> str:
    """The first time that is known.

    Raises:
        MalformedError: None is: which of two statements is the last one, nobody could tell.
    """
    known = next((time for time in times if time), "")
    if not known:
        raise MalformedError("no time is stated", where=place or "/", code="vex.time")
    return known


def reading(
    format_: str,
    statements: Sequence[Mapping[str, Any]],
    *,
    issued_at: str,
    document_id: str = "",
    complete: bool = True,
    producer: str = "",
) -> Reading:
    """A reading of statements. Without a time of its own a document is as new as its newest statement."""
    newest = max((item["timestamp"] for item in statements), key=_time.parse_instant, default="")
    facts = {
        "statements": list(statements),
        "statement_count": len(statements),
        "issued_at": stated_at(issued_at, newest, place=""),
        "complete": complete,
        **fields.known(document_id=document_id),
    }
    return Reading(kind="vex", format=format_, facts=facts, producer=producer, media_type="application/json")
