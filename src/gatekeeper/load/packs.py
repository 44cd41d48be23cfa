"""Packs: versioned rules on a topic, read from folders and checked before anybody asks them anything.

::

    <folder>/<pack>/pack.toml                  name, version, description
    <folder>/<pack>/<rule>/<rule>.rego         package gatekeeper.<pack>.<rule>; the rule's id is <pack>.<rule>
    <folder>/<pack>/<rule>/<rule>_test.rego
    <folder>/<pack>/lib/*.rego                 package gatekeeper.<pack>.lib

Nothing else is loaded: no tests, no data documents, no hidden folders. A ``.rego`` file anywhere else is an error, so
that no rule is thought to be asked that is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _data
from gatekeeper.errors import PolicyError
from gatekeeper.load import _pack
from gatekeeper.load.table import suggestion
from gatekeeper.policy import Rule, RuleSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.load._pack import Pack

SHIPPED: Final = "gatekeeper"
"""What ``pack_dirs`` calls the packs that come with the library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packs:
    """All packs that were loaded.

    Attributes:
        packs: By name, sorted.
    """

    packs: Mapping[str, Pack] = field(default_factory=dict)

    @property
    def rules(self) -> dict[str, Rule]:
        """All rules that were read, by id, sorted."""
        found = (rule for pack in self.packs.values() for rule in pack.rules)
        return {rule.id: rule for rule in sorted(found, key=lambda rule: rule.id)}

    @property
    def known(self) -> list[str]:
        """The ids of all rules there are, read or not, sorted."""
        return sorted(name for pack in self.packs.values() for name in pack.known)

    def within(self, folders: Sequence[Path | str]) -> Packs:
        """Those that lie in some folders, as :func:`load_packs` takes them, and no others."""
        roots = {_root(folder).resolve() for folder in folders}
        return Packs(packs={name: pack for name, pack in self.packs.items() if pack.folder.parent.resolve() in roots})

    def libraries(self, pack: str) -> Mapping[str, str]:
        """Text of a pack's library modules by path below the folder of packs.

        Raises:
            PolicyError: There is no such pack.
        """
        if pack not in self.packs:
            raise PolicyError(f"there is no pack {pack!r}", hint=suggestion(pack, self.packs), code="pack.unknown")
        return self.packs[pack].libraries

    def resolve(self, patterns: Sequence[str], *, where: str = "") -> tuple[Rule, ...]:
        """The rules that ``tests.*`` and exact ids name, sorted, each once.

        Args:
            patterns: An id, or a pack and ``*``.
            where: The place of the patterns, for errors.

        Raises:
            PolicyError: A pattern that is neither, or that names no rule.
        """
        found: dict[str, Rule] = {}
        for pattern in patterns:
            found.update(self._matching(pattern, where))
        return tuple(found[id_] for id_ in sorted(found))

    def rule_set(self, rules: Sequence[Rule]) -> RuleSet:
        """Rules with the libraries of their own packs, and of no others."""
        ordered = tuple(sorted(rules, key=lambda rule: rule.id))
        packs = sorted({rule.pack for rule in ordered})
        return RuleSet(
            rules=ordered, libraries={path: text for pack in packs for path, text in self.libraries(pack).items()}
        )

    def _matching(self, pattern: str, where: str) -> dict[str, Rule]:
        rules = self.rules
        pack, dot, name = pattern.partition(".")
        if not dot or not name or "*" in pack or (name != "*" and not name.replace("_", "").isalnum()):
            hint = "write tests.* for a pack, or tests.passed for a rule"
            raise PolicyError(f"{pattern!r} names no rule", where=where, hint=hint, code="rule.pattern")
        matching = {id_: rule for id_, rule in rules.items() if fnmatchcase(id_, pattern)}
        if not matching:
            known = [f"{name}.*" for name in self.packs] if name == "*" else self.known
            raise PolicyError(
                f"{pattern} names no rule", where=where, hint=suggestion(pattern, known), code="rule.unknown"
            )
        return matching


def load_packs(folders: Sequence[Path | str], *, only: Sequence[str] | None = None) -> Packs:
    """Read and check the packs in some folders.

    Args:
        folders: Folders of packs; ``gatekeeper`` stands for those that come with the library.
        only: Patterns of rules, as :meth:`Packs.resolve` takes them. Rules that none of them names are told by their
            places alone and not read, and so are libraries of packs of which no rule is named. All are read when this
            is None. Layout, names and each ``pack.toml`` are checked in any case.

    Raises:
        PolicyError: A pack, a rule or its METADATA is wrong, or would never deny; ``where`` has file and line.
        SourceError: A folder or file could not be read.
    """
    packs: dict[str, Pack] = {}
    for folder in folders:
        for pack in _pack.read_folder(_root(folder), only):
            if pack.name in packs:
                raise PolicyError(
                    f"a pack called {pack.name} is there twice",
                    where=str(pack.folder),
                    hint=f"the other one is {packs[pack.name].folder}; give one of them another name",
                    code="pack.twice",
                )
            packs[pack.name] = pack
    return Packs(packs={name: packs[name] for name in sorted(packs)})


def _root(folder: Path | str) -> Path:
    return _data.folder("policies") if str(folder) == SHIPPED else Path(folder)
