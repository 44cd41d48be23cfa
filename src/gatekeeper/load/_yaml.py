"""YAML without surprises: no repeated keys, aliases, tags or dates; ``no`` is a word and ``010`` is no number.

The booleans, numbers and null of YAML 1.2's core schema (YAML 1.2.2, section 10.3.2) and nothing else is converted.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[str | int, ...]

_SCALARS: Final = (
    ("tag:yaml.org,2002:bool", re.compile(r"true|false"), "tf"),
    ("tag:yaml.org,2002:null", re.compile(r"null|~|"), ["n", "~", ""]),
    ("tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9][0-9]*)"), "-0123456789"),
    ("tag:yaml.org,2002:float", re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+"), "-0123456789"),
)


@dataclass(frozen=True, slots=True)
class Yaml:
    """A document and where each part of it stands.

    Attributes:
        value: Mappings, lists, texts, numbers, booleans, None.
        lines: The line of each part, by keys and indices.
    """

    value: Any
    lines: dict[Place, int]

    def line(self, *place: str | int) -> int:
        """The line of a part, or of the nearest part around it."""
        while place not in self.lines:
            place = place[:-1]
        return self.lines[place]


def parse(text: str, *, path: str, first_line: int) -> Yaml:
    """Read one YAML document that begins at ``first_line`` of the file ``path``.

    Raises:
        PolicyError: Not YAML, or YAML that two readers would understand differently; ``where`` has the line.
    """
    with _loading(text, path, first_line) as loader:
        node = loader.get_single_node()
        lines: dict[Place, int] = dict(_lines(node, (), first_line)) if node else {(): first_line}
        return Yaml(loader.construct_document(node) if node else None, lines)


def parse_all(text: str, *, path: str) -> list[Any]:
    """The documents of a stream (YAML 1.2.2, chapter 9), without the empty ones.

    Raises:
        PolicyError: See :func:`parse`.
    """
    found = []
    with _loading(text, path, 1) as loader:
        while loader.check_node():
            found.append(loader.construct_document(loader.get_node()))
    return [value for value in found if value is not None]


@contextmanager
def _loading(text: str, path: str, first_line: int) -> Iterator[Any]:
    import yaml

    loader = None
    try:
        loader = _loader()(text)
        yield loader
    except yaml.MarkedYAMLError as cause:
        mark = cause.problem_mark or cause.context_mark
        line = first_line + (mark.line if mark else 0)
        raise PolicyError(f"not YAML: {cause.problem}", where=f"{path}:{line}", code="policy.yaml") from cause
    except (yaml.YAMLError, ValueError, RecursionError) as cause:
        raise PolicyError(f"not YAML: {cause}", where=f"{path}:{first_line}", code="policy.yaml") from cause
    finally:
        if loader is not None:
            loader.dispose()


@cache
def _loader() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """PyYAML's safe loader with everything taken out that reads one text in two ways."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML has no types
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise yaml.composer.ComposerError(None, None, "anchors and aliases are not read", event.start_mark)
            if getattr(event, "tag", None):
                raise yaml.composer.ComposerError(None, None, "tags are not read", event.start_mark)
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyYAML's signature
            seen = set()
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                    raise yaml.constructor.ConstructorError(None, None, "a key that is not a word", key.start_mark)
                if key.value in seen:
                    problem = f"the key {key.value!r} is there twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
            return super().construct_mapping(node, deep=deep)

    Loader.yaml_implicit_resolvers = {}  # otherwise those of YAML 1.1 are copied: dates, base 60, yes and no
    for tag, pattern, first in _SCALARS:
        Loader.add_implicit_resolver(tag, re.compile(rf"(?:{pattern.pattern})\Z"), first)
    return Loader


def _lines(node: Any, place: Place, first_line: int) -> Iterator[tuple[Place, int]]:
    yield place, first_line + node.start_mark.line
    for index, item in enumerate(node.value if not isinstance(node.value, str) else ()):
        if isinstance(item, tuple):
            key, value = item
            inner = (*place, str(key.value))
            yield from _lines(value, inner, first_line)
            yield inner, first_line + key.start_mark.line
        else:
            yield from _lines(item, (*place, index), first_line)
