"""What a decision rests on beside its own evidence: records behind it, an earlier release, links between subjects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.report.node import Node


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that a decision rests on.

    Attributes:
        what: In words, to be quoted.
        digests: Digests of what is named, shortened for print.
        at: The instant of a record, RFC 3339; empty for a link.
        more: Further words.
    """

    what: str
    digests: tuple[str, ...]
    at: str = ""
    more: tuple[str, ...] = ()


def read_ground(root: Node) -> tuple[Ground, ...]:
    """Read ``trail``, ``baseline`` and ``links`` of a decision.

    Raises:
        MalformedError: A member is not what it should be.
    """
    return (*_trail(root), *_baseline(root), *_links(root))


def _trail(root: Node) -> Iterator[Ground]:
    for step in root.nodes("trail", optional=True):
        people = [f"signed by {', '.join(step.texts('signers')) or 'nobody'}"]
        people += [f"approved by {', '.join(step.texts('approved_by'))}"] if step.texts("approved_by") else []
        people += ["let through in an emergency"] if "emergency" in step.value else []
        yield Ground(f"{step.text('stage')} allowed it", (step.text("decision"),), step.text("at"), tuple(people))


def _baseline(root: Node) -> Iterator[Ground]:
    if root.value.get("baseline") is None:
        return
    said = root.node("baseline")
    slot, without = said.text("slot"), ", ".join(said.texts("without"))
    approved = (f"{without} says that there is none",) if without else ()
    if "record" not in said.value:
        yield Ground(f"no baseline {slot}", (), more=approved)
        return
    name = said.node("subject").text("name")
    signed = f"signed by {', '.join(said.texts('signers')) or 'nobody'}"
    what = f"compared with {name}, which {said.text('stage')} allowed"
    yield Ground(what, (said.text("record"),), said.text("at"), (signed, *approved))


def _links(root: Node) -> Iterator[Ground]:
    for link in root.nodes("links", optional=True):
        steps = link.nodes("path")
        kinds = ", ".join(step.text("kind").replace("_", " ") for step in steps)
        what = f"slot {link.text('slot')} is of the {link.text('of')}"
        yield Ground(what, (link.text("subject"),), more=(f"by {kinds}", *(step.text("attestation") for step in steps)))
