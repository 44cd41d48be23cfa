"""Documents made for tests: valid by the schema of their kind, until a test takes something away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from gatekeeper import _json, _time
from gatekeeper.errors import UsageError
from gatekeeper.facts import Document, Shard, Source, kind
from gatekeeper.load.table import suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""The instant of tests: what makers say happened lies one hour before it, and rules are asked as of it."""

BEFORE: Final = "2026-01-01T11:00:00Z"
SHA256: Final = "0123456789abcdef" * 4
COMMIT: Final = "0123456789" * 4


Items = int | Iterable[str | dict[str, Any]]
"""How many, or which: by name, or by what is known of each."""


class MadeDocument(Document):
    """A document made for a test."""

    __slots__ = ()

    def without(self, *facts: str) -> Self:
        """The document without some facts, in every element: ``without("branches_valid", "findings.score")``.

        What is left may be invalid, as nothing that was read ever is. It is for seeing what a rule makes of it.

        Raises:
            UsageError: There is no such fact in it.
        """
        left: Any = dict(self.facts)
        for path in facts:
            left, found = _without(left, path.split("."))
            if not found:
                hint = suggestion(path, self.facts)
                raise UsageError(f"the document has no {path}", hint=hint, code="testing.fact")
        return replace(self, facts=left)


def make(
    kind_name: str,
    facts: Mapping[str, Any],
    *,
    slot: str = "",
    shard: Shard = (1, 1),
    report: str = "",
    signers: Sequence[str] = (),
    verified_at: datetime | None = None,
    **more: Any,
) -> MadeDocument:
    """A document of a kind. What is None is left out.

    Args:
        kind_name: The kind.
        facts: Its facts.
        slot: The slot it is for, as a rule reads it in ``source``.
        shard: Which of how many, likewise.
        report: The report's file name, likewise.
        signers: Names of the signers, likewise.
        verified_at: Proven time, likewise.
        more: Facts to add or to say otherwise.

    Raises:
        MalformedError: The facts are not valid by the schema of their kind, or their counts are not those of the items.
    """
    said = {key: value for key, value in {"complete": True, **facts, **more}.items() if value is not None}
    kind(kind_name).validate(said, where=kind_name)
    source = Source(
        digest=_json.digest_of(said),
        kind=kind_name,
        slot=slot,
        shard=shard,
        name=report or f"{kind_name}.json",
        format="made",
        signers=tuple(sorted(signers)),
        verified_at=_time.format_instant(verified_at) if verified_at else "",
    )
    return MadeDocument(source=source, facts=said)


def named(items: int | Iterable[Any], word: str) -> list[Any]:
    """``2`` as ``word-1``, ``word-2``; anything else as it is."""
    if isinstance(items, int):
        return [f"{word}-{number}" for number in range(1, items + 1)]
    if isinstance(items, str):
        raise UsageError(f"{items!r} is a text, where a list is needed", hint=f"write [{items!r}]", code="testing.list")
    return list(items)


def entry(given: Any, key: str, **defaults: Any) -> dict[str, Any]:
    """An item as a test writes it, a name or a mapping, with what it leaves out; None is left out."""
    own = dict(given) if isinstance(given, dict) else {key: given}
    return {name: value for name, value in {**defaults, **own}.items() if value is not None}


def _without(value: Any, path: Sequence[str]) -> tuple[Any, bool]:
    if isinstance(value, list):
        parts = [_without(item, path) for item in value]
        return [part for part, _ in parts], any(found for _, found in parts)
    if not isinstance(value, dict) or path[0] not in value:
        return value, False
    head, *rest = path
    if not rest:
        return {name: member for name, member in value.items() if name != head}, True
    inner, found = _without(value[head], rest)
    return {**value, head: inner}, found
