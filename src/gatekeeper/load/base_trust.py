"""The trust of a gate that extends a base: the base's, of which a project may only take away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper.errors import UsageError
from gatekeeper.load.table import read_toml
from gatekeeper.load.trust_file import load_trust, read_accept
from gatekeeper.roster import SUBJECT_REPOSITORY, Trust

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.load.base import Ground

_OF_THE_BASE: Final = ("signers", "people", "sigstore")


def trust_on(ground: Ground, repository: str) -> Trust:
    """The trust that a gate judges by.

    Args:
        ground: What the gate is read from.
        repository: What ``{subject.repository}`` stands for; it stays as it is in a base, whose project fills it in.

    Raises:
        ConfigError: With file, line and a suggestion; also where a project brings signers or people of its own.
        SourceError: A file cannot be read.
    """
    if ground.is_base and not repository:
        repository = SUBJECT_REPOSITORY
    if ground.open_trust or (ground.base is None and ground.trust is None):
        return Trust()
    if ground.base is None or ground.base.open_trust:
        return _whole(ground, repository)
    below = trust_on(ground.base, repository)
    return _narrowed(below, ground) if ground.trust else below


def _whole(ground: Ground, repository: str) -> Trust:
    assert ground.trust is not None  # noqa: S101 - told to the type checker; only an open base and a project have none
    try:
        return load_trust(ground.trust, repository=repository)
    except UsageError as cause:  # the gate names it, not the command line
        raise ground.table.error(f"{ground.trust.name}: {cause.message}", "trust") from cause


def _narrowed(below: Trust, ground: Ground) -> Trust:
    """The project's lines put over those of the base; that they believe nobody more is compared afterwards."""
    assert ground.trust is not None  # noqa: S101 - told to the type checker; the caller has looked
    try:
        table = read_toml(ground.trust)
    except UsageError as cause:
        raise ground.table.error(f"{ground.trust.name}: {cause.message}", "trust") from cause
    for key in _OF_THE_BASE:
        if table.has(key):
            hint = "take it out: a project only narrows [accept]"
            raise table.error(f"{key} come from the base alone", key, hint=hint, code="base.trust")
    _refuse_people_file(ground.trust)
    accept = read_accept(table.table("accept"), below.signers)
    stages = {name: read_accept(entry.table("accept"), below.signers) for name, entry in table.table("stages").named()}
    table.finish("accept", "stages")
    return Trust(
        signers=below.signers,
        people=below.people,
        accept={**below.accept, **accept},
        stage_accept={
            name: {**below.stage_accept.get(name, {}), **stages.get(name, {})}
            for name in sorted({*below.stage_accept, *stages})
        },
        trusted_root=below.trusted_root,
    )


def _refuse_people_file(trust: Path) -> None:
    people = trust.with_name("people.toml")
    if people.exists():
        table = read_toml(people)
        hint = "take the file away"
        raise table.error("people come from the base alone", hint=hint, code="base.trust")
