"""``gatekeeper doctor``: what is wrong with this machine, and what to do about it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from gatekeeper._version import __version__
from gatekeeper.cli.arguments import Parser, add_format, add_gate
from gatekeeper.cli.gate import size
from gatekeeper.errors import GatekeeperError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.stage import GateSpec

UNWELL: Final = 3
_PYTHON: Final = (3, 11)
_PROBE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What it is.
        state: ``ok``; ``problem``: no decision can be reached like this; ``note``: something optional is missing.
        detail: What was seen.
        hint: What to do about it; empty when there is nothing to do.
    """

    name: str
    state: Literal["ok", "problem", "note"]
    detail: str
    hint: str = ""


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(
        prog="gatekeeper doctor", description="Say what is wrong with this machine. Exit 3 when there is a problem."
    )
    add_gate(made)
    add_format(made, ("text", "json"))
    return made


def run(arguments: argparse.Namespace) -> int:
    """Look at everything, and print it all."""
    found = list(_examine(Path(arguments.gate)))
    is_well = all(finding.state != "problem" for finding in found)
    if arguments.format == "json":
        value = {"ok": is_well, "findings": [asdict(finding) for finding in found]}
        sys.stdout.write(json.dumps(value, indent=2, sort_keys=True) + "\n")
    else:
        sys.stdout.write("".join(_lines(found)))
    return 0 if is_well else UNWELL


def _lines(found: list[Finding]) -> Iterator[str]:
    for finding in found:
        yield f"{finding.state:<8}{finding.name:<11}{_shown(finding.detail)}\n"
        if finding.hint:
            yield f"{'':<19}→ {_shown(finding.hint)}\n" if _can_show("→") else f"{'':<19}{_shown(finding.hint)}\n"


def _examine(gate: Path) -> Iterator[Finding]:
    yield _python()
    yield Finding(name="gatekeeper", state="ok", detail=f"{__version__} in {Path(__file__).parents[1]}")
    yield _cache()
    binary, opa = _opa(gate)
    yield opa
    if binary is not None:
        yield _network(binary)
    yield _program("git", "subjects like commit:HEAD and the pre-commit hooks need it")
    yield _program("ssh-keygen", "people whose key is in an agent or a security device sign through it")
    yield from _gate(gate)


def _python() -> Finding:
    is_new = sys.version_info >= _PYTHON
    detail = f"{platform.python_version()} ({sys.executable})"
    hint = "" if is_new else f"install Python {_PYTHON[0]}.{_PYTHON[1]} or newer"
    return Finding(name="python", state="ok" if is_new else "problem", detail=detail, hint=hint)


def _cache() -> Finding:
    from gatekeeper.engine.find import folder

    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as cause:
        hint = "OPA is then examined at each run, and opa install has no place; mend it, or set XDG_CACHE_HOME"
        return Finding(name="cache", state="problem", detail=f"{place}: {cause.strerror}", hint=hint)
    return Finding(name="cache", state="ok", detail=str(place))


def _opa(gate: Path) -> tuple[OpaBinary | None, Finding]:
    from gatekeeper.engine.find import find
    from gatekeeper.load.engine import named_engine

    try:
        version, digests = named_engine(gate if gate.is_file() else None)
        binary = find(version, allowed_digests=digests)
    except GatekeeperError as problem:
        return None, _problem("opa", problem)
    detail = f"{binary.version} {binary.platform} {binary.digest[:19]} ({binary.path})"
    return binary, Finding(name="opa", state="ok", detail=detail)


def _network(binary: OpaBinary) -> Finding:
    from gatekeeper.engine.probe import prove_closed

    try:
        prove_closed(str(binary.path), deadline=_PROBE_SECONDS)
    except GatekeeperError as problem:
        return _problem("network", problem)
    return Finding(name="network", state="ok", detail="rules cannot reach it: each way was tried")


def _program(name: str, use: str) -> Finding:
    place = shutil.which(name)
    if place is None:
        return Finding(name=name, state="note", detail="not there", hint=f"{use}: install it if you want that")
    return Finding(name=name, state="ok", detail=place)


def _gate(path: Path) -> Iterator[Finding]:
    """The gate with its trust and packs, the lock, and that its rules compile; a note when there is no gate."""
    if not path.is_file():
        yield Finding(name="gate", state="note", detail=f"no {path} here", hint="gatekeeper init writes one")
        return
    from gatekeeper.load.gate_file import load_gate

    try:
        spec = load_gate(path)
    except GatekeeperError as problem:
        yield _problem("gate", problem)
        return
    yield Finding(name="gate", state="ok", detail=size(spec))
    signers = len(spec.trust.signers), len(spec.trust.people)
    yield Finding(name="trust", state="ok", detail="signers: {}, people: {}".format(*signers))
    yield _lock(spec, path)


def _lock(spec: GateSpec, path: Path) -> Finding:
    from gatekeeper.load.lock import check_lock, lock_path

    try:
        check_lock(spec, lock_path(path))
    except GatekeeperError as problem:
        return _problem("lock", problem)
    return Finding(name="lock", state="ok", detail="the rules are those that were locked")


def _problem(name: str, error: GatekeeperError) -> Finding:
    where = f"{error.where}: " if error.where else ""
    return Finding(name=name, state="problem", detail=f"{where}{error.message}", hint=error.hint)


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


def _can_show(glyph: str) -> bool:
    try:
        glyph.encode(sys.stdout.encoding or os.environ.get("PYTHONIOENCODING", "ascii"))
    except (UnicodeEncodeError, LookupError):
        return False
    return True
