"""A new rule: its file, its tests, and the pack where there is none. What is written loads and passes at once."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Final

from gatekeeper import _data, _files
from gatekeeper.errors import PolicyError, SourceError, UsageError
from gatekeeper.facts import kind as kind_named
from gatekeeper.load.packs import load_packs
from gatekeeper.testing._templates import PACK, rule_text, tests_text

_ID: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", re.ASCII)


def new_rule(rule_id: str, *, kind: str, folder: Path) -> tuple[Path, ...]:
    """Write a rule and its tests below a folder of packs; nothing that is there is touched.

    Args:
        rule_id: ``<pack>.<rule>``.
        kind: The kind of evidence that it reads.
        folder: The folder of packs; made where it is missing.

    Returns:
        The files that were written.

    Raises:
        UsageError: The id or kind is none, the rule is there already, or the library has a pack of that name.
        SourceError: Something could not be written.
    """
    kind_named(kind)
    pack, _, rule = rule_id.partition(".")
    texts = {f"{rule}.rego": rule_text(rule_id, kind), f"{rule}_test.rego": tests_text(rule_id, kind)}
    _check_id(rule_id, texts)
    _check_free(folder / pack / rule, pack, folder)
    new_pack = not (folder / pack / "pack.toml").exists()
    try:
        (folder / pack).mkdir(parents=True, exist_ok=True)
        if new_pack:
            _files.write_atomic(folder / pack / "pack.toml", PACK.format(pack=pack).encode())
        _put_whole(folder / pack / rule, texts)
    except OSError as cause:
        raise SourceError(
            f"cannot be written: {cause.strerror}", where=str(folder / pack), code="source.write"
        ) from cause
    written = [folder / pack / rule / name for name in texts]
    return ((folder / pack / "pack.toml",) if new_pack else ()) + tuple(written)


def _check_id(rule_id: str, texts: dict[str, str]) -> None:
    """Have the loader say what it makes of it, somewhere else, so that nothing has to be taken back."""
    if not _ID.fullmatch(rule_id):
        hint = "write PACK.RULE, each of small letters, digits and underscores: supply_chain.pinned"
        raise UsageError(f"{rule_id!r} is no id of a rule", hint=hint, code="usage.rule")
    pack, _, rule = rule_id.partition(".")
    with tempfile.TemporaryDirectory(prefix="gk-") as trial:
        place = Path(trial) / pack
        (place / rule).mkdir(parents=True)
        (place / "pack.toml").write_text(PACK.format(pack=pack), encoding="utf-8")
        for name, text in texts.items():
            (place / rule / name).write_text(text, encoding="utf-8")
        try:
            load_packs([trial])
        except PolicyError as cause:
            raise UsageError(cause.message, where=rule_id, hint=cause.hint, code="usage.rule") from cause


def _check_free(target: Path, pack: str, folder: Path) -> None:
    shipped = _data.folder("policies")
    if (shipped / pack).is_dir() and folder.resolve() != shipped.resolve():
        hint = "a gate that reads both folders would refuse it; give yours another name"
        raise UsageError(f"the library has a pack called {pack}", hint=hint, code="usage.pack")
    if target.exists():
        raise UsageError("it is there already, and nothing is overwritten", where=str(target), code="usage.exists")


def _put_whole(target: Path, texts: dict[str, str]) -> None:
    """The rule's folder, there whole or not at all."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as staging:
        made = Path(staging) / target.name
        made.mkdir(mode=0o755)
        for name, text in texts.items():
            _files.write_atomic(made / name, text.encode())
        made.rename(target)
