"""TOML with places: typed reading of tables, where every mistake is an error with file, line and a suggestion."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from gatekeeper import _files, _time
from gatekeeper.errors import ConfigError, GatekeeperError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

T = TypeVar("T")

_HEADER: Final = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(
    r'\s*((?:[A-Za-z0-9_-]+|"[^"]*"|\'[^\']*\')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|\'[^\']*\'))*)\s*='
)
_PART: Final = re.compile(r'[A-Za-z0-9_-]+|"[^"]*"|\'[^\']*\'')

LATER: Final = "it comes with a later version and is refused until then, not ignored"


@dataclass(frozen=True)
class TomlFile:
    """A TOML file with its text, so that a key can be found again.

    Attributes:
        path, text: The file.
        label: What errors call it; its name where nothing is said.
    """

    path: Path
    text: str
    label: str = ""

    def line(self, keys: tuple[str, ...]) -> int:
        """The line of a key, of the first thing below it, or of the nearest table around it; 1 when none is found."""
        found = self._keys
        below = next((number for number, path in found if keys and path[: len(keys)] == keys), None)
        if below is not None:
            return below
        around = [(len(path), -number) for number, path in found if path == keys[: len(path)]]
        return -max(around)[1] if around else 1

    @cached_property
    def _keys(self) -> list[tuple[int, tuple[str, ...]]]:
        return list(_keys(self.text))

    def place(self, keys: tuple[str, ...]) -> str:
        """``file:line`` of a key."""
        return f"{self.label or self.path.name}:{self.line(keys)}"

    def names(self, keys: tuple[str, ...]) -> bool:
        """Whether the key, or something below it, is written here."""
        return any(path[: len(keys)] == keys for _, path in self._keys)


@dataclass(frozen=True)
class LayeredFile(TomlFile):
    """A project's file over that of its base: a key is where it was written last.

    Attributes:
        below: The file of the base.
    """

    below: TomlFile = field(kw_only=True)

    def line(self, keys: tuple[str, ...]) -> int:
        """The line in the project's own file: where it has none of the key, that of ``extends``."""
        return super().line(keys if self.names(keys) else ("extends",))

    def place(self, keys: tuple[str, ...]) -> str:
        """``file:line`` of a key, in the file that has it."""
        return super().place(keys) if self.names(keys) or not self.below.names(keys) else self.below.place(keys)


def _keys(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = _parts(header[1])
            yield number, table
            continue
        key = _KEY.match(line)
        if key:
            yield number, table + _parts(key[1])


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def read_toml(path: Path, *, label: str = "") -> Table:
    """Read a TOML file.

    Args:
        path: The file.
        label: What errors call it; its name where nothing is said.

    Raises:
        UsageError: It is not there.
        ConfigError: It is not TOML; with the place.
    """
    data = _files.read_bytes(path)
    try:
        text = data.decode()
        values = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as cause:
        line = re.search(r"at line (\d+)", str(cause))
        name = label or path.name
        where = f"{name}:{line[1]}" if line else name
        raise ConfigError(f"not TOML: {cause}", where=where, code="config.toml") from cause
    return Table(values, TomlFile(path, text, label))


@dataclass
class Table:
    """One table of a file; keys are taken once, and what is left over at the end is an error."""

    values: Mapping[str, Any]
    file: TomlFile
    path: tuple[str, ...] = ()
    taken: set[str] = field(default_factory=set)

    def where(self, key: str = "") -> str:
        """``file:line`` of a key, or of the table."""
        return self.file.place((*self.path, key) if key else self.path)

    def error(self, message: str, key: str = "", *, hint: str = "", code: str = "config") -> ConfigError:
        """An error at a key."""
        return ConfigError(message, where=self.where(key), hint=hint, code=code)

    def has(self, key: str) -> bool:
        """Whether the key is there; does not take it."""
        return key in self.values

    def text(self, key: str, default: str | None = None, *, pattern: str = "") -> str:
        """A text, whole-matching ``pattern`` if one is given."""
        value = self._take(key, str, "text", default)
        if pattern and value != default and not re.fullmatch(pattern, value):
            raise self.error(f"{key} is {value!r}", key, hint=f"it has the form {pattern}")
        if not value and default is None:
            raise self.error(f"{key} is empty", key)
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in choices:
            raise self.error(f"{key} is {value!r}", key, hint=suggestion(value, choices))
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        """True or false."""
        return self._take(key, bool, "true or false", default)

    def integer(self, key: str, default: int | None = None, *, minimum: int = 1) -> int:
        """A whole number; ``true`` is none."""
        value = self._take(key, int, "a whole number", default)
        if isinstance(value, bool):
            raise self.error(f"{key} is true or false, a whole number is needed", key)
        if value < minimum:
            raise self.error(f"{key} is {value}, at least {minimum} is needed", key)
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts."""
        value = self._take(key, list, "a list of texts", None if default is None else list(default))
        if not all(isinstance(item, str) and item for item in value):
            raise self.error(f"{key} holds something that is not text", key)
        if len(set(value)) != len(value):
            raise self.error(f"{key} names something twice", key)
        return tuple(value)

    def duration(self, key: str) -> timedelta | None:
        """A duration such as ``24h``; None when absent."""
        if not self.has(key):
            return None
        return self._with_place(key, lambda: _time.parse_duration(self._take(key, object, "a duration", None)))

    def instant(self, key: str) -> datetime | None:
        """A date-time with a zone; None when absent."""
        if not self.has(key):
            return None
        value = self._take(key, datetime, "a time such as 2026-12-20T00:00:00Z", None)
        if value.tzinfo is None:
            raise self.error(f"{key} has no time zone", key, hint=f"write {value.isoformat()}Z for UTC")
        return value.astimezone(UTC)

    def table(self, key: str, *, required: bool = False) -> Table:
        """A table below this one; an empty one when it is absent and not required."""
        value = self._take(key, dict, "a table", None if required else {})
        return Table(value, self.file, (*self.path, key))

    def tables(self, key: str) -> list[Table]:
        """A list of tables; empty when absent."""
        value = self._take(key, list, "a list of tables", [])
        if not all(isinstance(item, dict) for item in value):
            raise self.error(f"{key} holds something that is not a table", key)
        return [Table(item, self.file, (*self.path, key)) for item in value]

    def named(self) -> Iterator[tuple[str, Table]]:
        """Every member as a table, by name."""
        for name in self.values:
            yield name, self.table(name, required=True)

    def take_all(self) -> dict[str, Any]:
        """Every member as it stands, for what somebody else checks."""
        self.taken.update(self.values)
        return dict(self.values)

    def refuse_later(self, *keys: str) -> None:
        """Refuse keys that a later version will know."""
        for key in keys:
            if key in self.values:
                raise self.error(f"{key} is not known yet", key, hint=LATER, code="config.later")

    def finish(self, *known: str) -> None:
        """Refuse whatever was not taken.

        Args:
            known: Further names to suggest.
        """
        for key in self.values:
            if key not in self.taken:
                raise self.error(
                    f"{key!r} is not known here",
                    key,
                    hint=suggestion(key, {*self.taken, *known}),
                    code="config.unknown",
                )

    def _take(self, key: str, kind: type[T], needed: str, default: T | None) -> T:
        self.taken.add(key)
        if key not in self.values:
            if default is None:
                raise self.error(f"{key} is missing", hint=f"add {key} = ...", code="config.missing")
            return default
        value = self.values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise self.error(f"{key} is not {needed}", key, code="config.type")
        return value

    def _with_place(self, key: str, read: Callable[[], T]) -> T:
        try:
            return read()
        except ConfigError:
            raise
        except GatekeeperError as cause:
            raise self.error(f"{key}: {cause.message}", key, hint=cause.hint, code=cause.code) from cause


def suggestion(word: str, known: Any) -> str:
    """``did you mean ...?`` or the list of what is known."""
    import difflib

    close = difflib.get_close_matches(word, sorted(known), n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"known here: {', '.join(sorted(known))}" if known else ""
