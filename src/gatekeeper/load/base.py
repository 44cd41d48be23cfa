"""A gate that extends a base gate: both read, and the project's lines put over those of the base.

What comes out of here is what a project's file means; whether that is no looser than the base is compared afterwards,
as values (:mod:`gatekeeper.tighten`). Lists of rules, packs, approvals and freezes grow; everything else is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import UsageError
from gatekeeper.load.extends import find
from gatekeeper.load.lock import lock_path, locked_base
from gatekeeper.load.table import LayeredFile, Table, read_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.load._source import Source

MAX_CHAIN: Final = 4
"""How many gates may stand one on another: an organisation's, a department's and a product line's below a project's."""

_OWN: Final = ("extends", "open_trust", "trust")
"""Keys that say something of one gate alone and are not handed on."""

_GROWING: Final = frozenset({("pack_dirs",), ("stages", "*", "rules"), ("emergency", "never")})


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a gate is read from.

    Attributes:
        table: Its keys, those of its base beneath them.
        path: Its file.
        trust: Its trust file; None where it brings none.
        base: The ground of its base; None where it extends nothing.
        source: Where the base was found; None where there is none.
        is_base: It is extended by another gate, and judged by that one's repository.
        open_trust: It says nothing of whose word counts; whoever extends it does.
    """

    table: Table
    path: Path
    trust: Path | None
    base: Ground | None = None
    source: Source | None = None
    is_base: bool = False
    open_trust: bool = False


def read_ground(path: Path, *, refresh: bool = False, is_base: bool = False, label: str = "") -> Ground:
    """Read ``gate.toml`` and every base below it.

    Args:
        path: The file.
        is_base: It is read as what others extend: it may leave its trust and its repository open.
        label: What errors call the file; its name where nothing is said.
        refresh: Resolve a tag or branch of a base in git again, whatever the lock says.

    Raises:
        ConfigError: With file and line.
        UsageError: The file is not there.
        SourceError: A file cannot be read, or a base cannot be fetched.
    """
    ground = _ground(path, label or path.name, (), refresh=refresh)
    if ground.open_trust and not is_base:
        _refuse_open(ground.table)
    return replace(ground, is_base=is_base)


def _ground(path: Path, label: str, above: tuple[Path, ...], *, refresh: bool) -> Ground:
    table = read_toml(path, label=label)
    open_trust = table.boolean("open_trust", default=False)
    if not table.has("extends"):
        trust = None if open_trust else path.parent / table.text("trust", "trust.toml")
        return Ground(table=table, path=path, trust=trust, is_base=bool(above), open_trust=open_trust)
    return _extended(table, path, (*above, path.resolve()), open_trust=open_trust, refresh=refresh)


def _refuse_open(table: Table) -> None:
    raise table.error("a gate with open_trust is only there to be extended", "open_trust")


def _extended(table: Table, path: Path, chain: tuple[Path, ...], *, open_trust: bool, refresh: bool) -> Ground:
    text = table.text("extends")
    pinned = None if refresh else locked_base(lock_path(path), text)
    source = find(text, path.parent, where=table.where("extends"), pinned=pinned)
    base_path = source.folder / "gate.toml"
    if base_path.resolve() in chain or len(chain) >= MAX_CHAIN:
        problem = "the bases go round in a circle" if base_path.resolve() in chain else f"more than {MAX_CHAIN} gates"
        raise table.error(f"{problem} stand one on another", "extends", code="base.chain")
    try:
        base = _ground(base_path, f"{source.name}/gate.toml", chain, refresh=refresh)
    except UsageError as cause:
        raise table.error(f"{text}: {cause.message}: gate.toml", "extends", code="base.missing") from cause
    if open_trust and not base.open_trust:
        raise table.error("its base says whose word counts, so it cannot leave that open", "open_trust")
    return Ground(
        table=_over(table, base),
        path=path,
        trust=_trust(table, path, base, open_trust=open_trust),
        base=base,
        source=source,
        is_base=len(chain) > 1,
        open_trust=open_trust,
    )


def _trust(table: Table, path: Path, base: Ground, *, open_trust: bool) -> Path | None:
    """The file in which a project narrows its base's trust, where it has one; or the whole trust above an open base."""
    if open_trust:
        return None
    named = path.parent / table.text("trust", "trust.toml")
    is_needed = table.has("trust") or base.open_trust
    return named if is_needed or named.exists() else None


def _over(table: Table, base: Ground) -> Table:
    below = {name: value for name, value in base.table.values.items() if name not in _OWN}
    own = {name: value for name, value in table.values.items() if name not in {"extends", "open_trust"}}
    values = _merged(_anchored(below, base.path.parent), _anchored(own, table.file.path.parent), ())
    return Table(values, LayeredFile(table.file.path, table.file.text, table.file.label, below=base.table.file))


def _anchored(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Names of files and folders made absolute, so that they mean the same wherever they are read next."""
    anchored = dict(values)
    if isinstance(folders := values.get("pack_dirs"), list):
        anchored["pack_dirs"] = [_absolute(name, folder) if name != "gatekeeper" else name for name in folders]
    server = values.get("engine_server")
    if isinstance(server, dict) and "ca" in server:
        anchored["engine_server"] = {**server, "ca": _absolute(server["ca"], folder)}
    return anchored


def _absolute(name: Any, folder: Path) -> Any:
    return str((folder / name).resolve()) if isinstance(name, str) else name


def _merged(below: Mapping[str, Any], own: Mapping[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    values = dict(below)
    for name, value in own.items():
        values[name] = _member(below[name], value, (*place, name)) if name in below else value
    return values


def _member(below: Any, own: Any, place: tuple[str, ...]) -> Any:
    if isinstance(below, dict) and isinstance(own, dict):
        return _merged(below, own, place)
    if not (isinstance(below, list) and isinstance(own, list)):
        return own
    general = tuple("*" if index == 1 and place[0] == "stages" else name for index, name in enumerate(place))
    if general in _GROWING:
        return [*below, *(item for item in own if item not in below)]
    key = _KEYS.get(general)
    return _joined(below, own, key) if key else own


def _joined(below: Sequence[Any], own: Sequence[Any], key: Callable[[Any], Any]) -> list[Any]:
    """Entries of the project put over the one of the base that has the same name; the others added."""
    joined = list(below)
    for item in own:
        same = [index for index, other in enumerate(below) if key(item) is not None and key(other) == key(item)]
        if len(same) == 1:
            joined[same[0]] = {**below[same[0]], **item}
        else:
            joined.append(item)
    return joined


def _named(key: str) -> Callable[[Any], Any]:
    return lambda item: item.get(key) if isinstance(item, dict) else None


_KEYS: Final[Mapping[tuple[str, ...], Callable[[Any], Any]]] = {
    ("stages", "*", "approvals"): _named("role"),
    ("stages", "*", "freezes"): _named("name"),
}
