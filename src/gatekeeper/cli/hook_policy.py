"""For ``hook policy``: whether the packs that change are well-formed, and whether their tests pass."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatekeeper.engine.find import OpaBinary

PACK_FILE: Final = "pack.toml"
_SECONDS: Final = 120.0


def check(tree: Path, files: Sequence[str], gate: Path) -> list[str]:
    """Faults of every pack that changes, one a line; none when all is well.

    Args:
        tree: The files as they are staged.
        files: What changes, from the top of the repository; what is deleted is looked up.
        gate: The gate, if there is one, whose OPA is used.

    Raises:
        GatekeeperError: OPA or git cannot be run.
    """
    from gatekeeper.cli.hook_index import deleted
    from gatekeeper.engine.find import find
    from gatekeeper.load.engine import named_engine

    packs = sorted({pack for name in (*files, *deleted()) if (pack := _pack_of(name, tree)) is not None})
    if not packs:
        return []
    version, digests = named_engine(gate if gate.is_file() else None)
    binary = find(version, allowed_digests=digests)
    return [fault for pack in packs for fault in _faults(tree, pack, binary)]


def _pack_of(name: str, tree: Path) -> Path | None:
    """The folder of the pack that a file belongs to, below the tree; a pack that is gone has nothing to check."""
    path = Path(os.path.normpath(name))
    if path.is_absolute() or ".." in path.parts:
        return None
    return next((folder for folder in path.parents if (tree / folder / PACK_FILE).is_file()), None)


def _faults(tree: Path, pack: Path, binary: OpaBinary) -> Iterator[str]:
    """Faults of one pack, alone in a folder of packs: the others need not be right yet."""
    with tempfile.TemporaryDirectory(prefix="gatekeeper-") as folder:
        shutil.copytree(tree / pack, Path(folder) / pack.name, symlinks=True)
        try:
            yield from (f"{pack.parent / fault}" for fault in _unformatted(Path(folder), binary))
            yield from (f"{pack.parent / fault}" for fault in _unsound(Path(folder), binary))
        except PolicyError as problem:
            hint = f" ({problem.hint})" if problem.hint else ""
            where = problem.where.removeprefix(f"{folder}/")
            yield f"{pack.parent / where}: {problem.message}{hint}".replace(folder, str(pack.parent))


def _unformatted(folder: Path, binary: OpaBinary) -> Iterable[str]:
    from gatekeeper.engine.process import Deadline, Folder, Process

    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.rego") if path.is_file())
    room = Folder()
    try:
        room.write({f"files/{name}": (folder / name).read_bytes() for name in names})
        process = Process([str(binary.path), "fmt", "--list", "."], folder=room, cwd="files")
        outcome = process.communicate([], Deadline(_SECONDS))
    finally:
        room.close()
    if outcome.status != 0:  # it does not parse: compiling says where
        return []
    listed = {line.removeprefix("./") for line in outcome.stdout.decode(errors="replace").splitlines()}
    return [f"{name}: not formatted: run opa fmt --write on it" for name in names if name in listed]


def _unsound(folder: Path, binary: OpaBinary) -> Iterable[str]:
    """METADATA and lint by loading, types by compiling, the tests, and one of them for every denial.

    Raises:
        PolicyError: The pack or its tests do not load or compile.
    """
    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.load.packs import load_packs
    from gatekeeper.load.untested import untested_rules
    from gatekeeper.testing.rego import run_tests

    packs = load_packs([folder])
    OpaCommand(binary).check(packs.rule_set(tuple(packs.rules.values())), deadline=_SECONDS)
    failing = [
        f"{test.file.relative_to(folder)}:{test.row}: {test.name} {test.outcome}"
        for pack in packs.packs.values()
        if pack.tests
        for test in run_tests([pack.folder], binary=binary, deadline=_SECONDS).tests
        if test.outcome != "passed"
    ]
    return failing or [
        f"{item.where}: no test of {item.rule} has seen this deny"
        for item in untested_rules(packs, binary, deadline=_SECONDS)
    ]
