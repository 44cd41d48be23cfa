"""Guards over base gates."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guard import Everything, Guard, always, becomes, unsaid

from gatekeeper.load._source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator


def _nothing_fetched(text: str, *, where: str, commit: str = "") -> Source:
    return Source(text=text, folder=Path("not-here"), name=text, commit=commit)


def _links_followed(original: Any) -> Any:
    """A listing in which a link is a file like others."""

    @wraps(original)
    def entries(repository: Path, wanted: Any, commit: str) -> Iterator[tuple[str, str]]:
        yield from original(repository, replace(wanted, folder="policies"), commit)

    return entries


ADMISSION = (
    ("base", "a gate on another base, or on none"),
    ("base_trust", "a base that leaves the trust to the project"),
    ("base_stage", "a stage that is the project's own"),
)
GUARDS = (
    Guard("base.insisted", "another base than the one insisted on", "gatekeeper.gate:base_of",
          always({"stages": Everything()})),
    Guard("base.loosened", "a project that asks less than its base", "gatekeeper.load.gate_file:refuse_loosening",
          always(None)),
    Guard("base.trust", "signers of a project's own", "gatekeeper.load.base_trust:_OF_THE_BASE", becomes(())),
    Guard("base.people", "people of a project's own", "gatekeeper.load.base_trust:_refuse_people_file", always(None)),
    Guard("base.open", "a gate that names no trust", "gatekeeper.load.base:_refuse_open", always(None)),
    Guard("base.moved", "a tag that moved", "gatekeeper.load.extends_git:_check_commit", always(None)),
    Guard("base.git", "a base that cannot be fetched", "gatekeeper.load.extends_git:find", becomes(_nothing_fetched)),
    Guard("base.files", "links in a repository", "gatekeeper.load.extends_git:_entries", _links_followed),
    *(Guard(f"admit.{code}", stops, "gatekeeper.admission:_on_base", unsaid(f"'{code}'")) for code, stops in ADMISSION),
    Guard("admit.base_repository", "a repository that the project named", "gatekeeper.admission:_on_base",
          unsaid("'repository'")),
)  # fmt: skip
