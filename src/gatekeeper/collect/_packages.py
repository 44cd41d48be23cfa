"""What lock files of all ecosystems have in common: packages, where they come from, and what binds them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Origin = Literal["registry", "url", "git", "path", "unknown"]

COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
_OUTSIDE: Final = re.compile(r"(?:\.\.(?:[\\/]|$)|[\\/~]|[A-Za-z]:|file:)")
_STRENGTH: Final = ("sha512", "sha384", "sha256")
_NORMAL: Final = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package of a lock file.

    Attributes:
        name: Its name, as the ecosystem compares names.
        origin: Where it comes from.
        locator: Its place in the file.
        version: Its version; empty when the file names none.
        pinned: Whether exactly one can be installed.
        index: The index; empty when it is not known.
        files: Of each file or commit that it can be installed from, the algorithm that binds it; empty for none.
        yanked: Whether it was withdrawn; None when the file does not say.
        direct: Whether the project asks for it itself; None when the file does not say.
    """

    name: str
    origin: Origin
    locator: str
    version: str = ""
    pinned: bool = True
    index: str = ""
    files: Sequence[str] = ("",)
    yanked: bool | None = None
    direct: bool | None = None

    def as_facts(self) -> dict[str, Any]:
        """Its facts; what is unknown is absent."""
        hashed = [algorithm for algorithm in self.files if algorithm]
        return {
            "name": self.name,
            "pinned": self.pinned,
            "origin": self.origin,
            "algorithms": sorted(set(hashed)),
            "hash_count": len(hashed),
            "unhashed_count": len(self.files) - len(hashed),
            "locator": self.locator,
            **fields.known(version=self.version, index=self.index, yanked=self.yanked, direct=self.direct),
            **({} if self.origin == "unknown" else {"registry": self.origin == "registry"}),
        }


@dataclass(slots=True)
class Wanted:
    """What the project itself asks for, with the place of each request."""

    names: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, place: str) -> None:
        """One request; the first place counts."""
        self.names.setdefault(name, place)

    def without(self, locked: Iterable[str]) -> list[dict[str, str]]:
        """The requests that nothing among ``locked`` answers."""
        held = set(locked)
        return [{"name": name, "locator": place} for name, place in self.names.items() if name not in held]


def reading(
    form: str,
    ecosystem: str,
    packages: Sequence[Package],
    *,
    wanted: Wanted | None = None,
    held: Iterable[str] | None = None,
    producer: str = "",
    complete: bool = True,
    media_type: str = "application/toml",
) -> Reading:
    """The reading of a lock file.

    Args:
        form: The format.
        ecosystem: The type in package URLs.
        packages: Its packages.
        wanted: What the project asks for; None when the file does not say.
        held: What answers a request; the names of the packages when None.
        producer: The tool that wrote it.
        complete: Whether it is all there.
        media_type: Of the file.
    """
    answers = [package.name for package in packages] if held is None else held
    facts = {
        "ecosystem": ecosystem,
        "packages": [package.as_facts() for package in packages],
        "package_count": len(packages),
        "unlocked": wanted.without(answers) if wanted else [],
        "complete": complete,
        **({"direct_count": len(wanted.names)} if wanted else {}),
    }
    return Reading(kind="dependencies", format=form, facts=facts, producer=producer, media_type=media_type)


def python_name(name: str) -> str:
    """A project's name as installers compare it (PyPA specification on names, "Name normalization")."""
    return _NORMAL.sub("-", name).lower()


def strongest(algorithms: Iterable[str]) -> str:
    """The algorithm that counts where one file has several hashes; empty when it has none."""
    known = [algorithm.lower().replace("-", "") for algorithm in algorithms]
    return next((strong for strong in _STRENGTH if strong in known), min(known, default=""))


def prefixed(text: str, place: str) -> str:
    """The algorithm of ``sha256:...``; empty for no text.

    Raises:
        MalformedError: There is no algorithm, or nothing behind it.
    """
    algorithm, _, value = text.partition(":")
    if text and not (algorithm and value):
        raise MalformedError("not a hash", where=place, code="report.hash")
    return algorithm.lower()


def is_outside(path: str) -> bool:
    """Whether a path leads out of the project's tree, where no commit of it binds what is there."""
    return _OUTSIDE.match(path) is not None or ".." in re.split(r"[\\/]", path)


def of_path(path: str) -> dict[str, Any]:
    """Origin and pin of what lies in the project's own tree, or outside of it."""
    return {"origin": "path", "pinned": not is_outside(path)}


def of_git(commit: str) -> dict[str, Any]:
    """Origin, pin and binding of a repository at a commit; of one at a branch or tag, no pin."""
    pinned = COMMIT.fullmatch(commit) is not None
    return {"origin": "git", "pinned": pinned, "files": ["gitcommit" if pinned else ""]}


def table(owner: Mapping[str, Any], key: str, place: str) -> dict[str, Any]:
    """An optional table of a TOML document."""
    return fields.optional_mapping(dict(owner), key, place)
