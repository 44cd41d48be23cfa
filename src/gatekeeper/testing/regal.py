"""Regal, the linter of Rego: run over packs, and what it says read from its JSON (Regal, "Output Formats").

It ends with 0, or with 2 or 3 where it found something; anything else is a failure of it. It runs in a private folder
with a copy of the Rego and of the configuration that belongs to it, so that nothing else on the machine is read. Regal
0.42 does not know ``import rego.v2``: the copy says ``rego.v1``, which is read alike but for what is undefined below
``not``.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _files, _json
from gatekeeper.engine.process import Deadline, Folder, Process
from gatekeeper.errors import EngineError, MalformedError
from gatekeeper.testing import roots

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONFIG: Final = Path(".regal/config.yaml")
"""Where Regal looks for its configuration, in the folder of packs and those above it."""

_SECONDS: Final = 300.0
_FOUND: Final = frozenset({0, 2, 3})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One violation of a Regal rule.

    Attributes:
        where: File and line.
        message: What Regal says.
        rule: ``category/name``.
    """

    where: str
    message: str
    rule: str


def installed() -> Path | None:
    """The Regal on PATH; None where there is none."""
    found = shutil.which("regal")
    return Path(found) if found else None


def lint(folders: Sequence[Path], path: Path) -> tuple[Said, ...]:
    """What Regal says of some packs.

    Args:
        folders: The packs.
        path: The program.

    Raises:
        EngineError: It could not be run, or gave no report.
        SourceError: A file could not be read.
    """
    return tuple(
        said
        for parent in sorted({folder.parent for folder in folders})
        for said in _lint(parent, [folder for folder in folders if folder.parent == parent], path)
    )


def _lint(parent: Path, folders: Sequence[Path], path: Path) -> Iterator[Said]:
    files = [file for folder in folders for file in roots.rego_files(folder)]
    room = Folder()
    try:
        room.write({f"files/{file.relative_to(parent).as_posix()}": _known(_files.read_bytes(file)) for file in files})
        config = _config(parent)
        arguments = [str(path.resolve()), "lint", "--format", "json"]
        if config is not None:
            room.write({"config.yaml": _files.read_bytes(config)})
            arguments += ["--config-file", "../config.yaml"]
        outcome = Process([*arguments, "."], folder=room, cwd="files").communicate([], Deadline(_SECONDS))
    finally:
        room.close()
    if outcome.status not in _FOUND:
        said = outcome.stderr.decode(errors="replace").strip().splitlines()
        raise EngineError(f"Regal failed: {said[0] if said else outcome.status}", code="lint.regal")
    yield from _read(outcome.stdout, parent)


def _known(text: bytes) -> bytes:
    """The text with the import of ``rego.v2`` as one that Regal knows: the same lines, for what it looks at."""
    return text.replace(b"\nimport rego.v2\n", b"\nimport rego.v1\n")


def _config(parent: Path) -> Path | None:
    return next((folder / CONFIG for folder in (parent, *parent.parents) if (folder / CONFIG).is_file()), None)


def _read(data: bytes, parent: Path) -> Iterator[Said]:
    try:
        violations = _json.parse_object(data, where="regal lint").get("violations", [])
        yield from (_said(violation, parent) for violation in violations)
    except (MalformedError, KeyError, TypeError, AttributeError) as cause:
        raise EngineError("Regal gave no report", code="lint.regal") from cause


def _said(violation: dict[str, Any], parent: Path) -> Said:
    place = violation["location"]
    named = str(place["file"]).removeprefix("./")
    return Said(
        where=f"{parent / named}:{place['row']}" if named else str(parent),
        message=str(violation["description"]),
        rule=f"{violation['category']}/{violation['title']}",
    )
