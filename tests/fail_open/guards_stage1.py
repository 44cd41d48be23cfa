"""Guards over builds, lock files and comparisons of builds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from guard import Everything, Guard, always, becomes

from gatekeeper.collect.diffoscope import _difference
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator


class _AsNotes(Everything):
    """Levels, of which every unknown one is a note."""

    def __getitem__(self, level: str) -> str:
        return {"error": "error", "warning": "warning"}.get(level, "note")


def _what_is_there(original: Any) -> Any:
    """The part of a TOML document that can be read."""

    def parse(data: bytes, *, where: str = "") -> Any:
        try:
            return original(data, where=where)
        except MalformedError:
            return parse(data.rpartition(b"\n[")[0], where=where)

    return parse


def _only_metadata(_diff: str, name: str, place: str, parents: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    yield _difference(parents, "metadata", place, name)


GUARDS = (
    Guard("toml.whole", "a document that was cut off", "gatekeeper.collect._toml:parse", _what_is_there),
    Guard("cargo.finished", "a log without its end", "gatekeeper.collect.cargo:_is_finished", always(True)),
    Guard("cargo.reason", "messages of an unknown reason", "gatekeeper.collect.cargo:_KNOWN", becomes(Everything())),
    Guard("cargo.level", "diagnostics of an unknown level", "gatekeeper.collect.cargo:_LEVELS", becomes(_AsNotes())),
    Guard(
        "build.contradicted", "success in spite of errors", "gatekeeper.collect._builds:_contradicted", always(False)
    ),
    Guard("go_list.compiled", "packages that were not compiled", "gatekeeper.collect.go_list:_problem", always("")),
    Guard("lock.outside", "paths out of the project", "gatekeeper.collect._packages:is_outside", always(False)),
    Guard("lock.commit", "branches for commits", "gatekeeper.collect._packages:COMMIT", becomes(re.compile(".*"))),
    Guard("lock.unhashed", "a file without hash", "gatekeeper.collect._packages:prefixed", always("sha256")),
    Guard("lock.strongest", "a weak hash", "gatekeeper.collect._packages:strongest", always("sha512")),
    Guard("lock.requests", "requests without answer", "gatekeeper.collect._packages:Wanted.without", always([])),
    Guard(
        "lock.names", "a name spelt otherwise", "gatekeeper.collect._packages:python_name", becomes(lambda name: name)
    ),
    Guard(
        "pip.exact",
        "ranges for versions",
        "gatekeeper.collect.pip_requirements:_EXACT",
        becomes(re.compile(r"\W*(?P<version>\w.*)")),
    ),
    Guard(
        "pip.option",
        "options that nobody knows",
        "gatekeeper.collect.pip_requirements:_PASSED_OVER",
        becomes(Everything()),
    ),
    Guard(
        "pip.index",
        "a second index",
        "gatekeeper.collect.pip_requirements:_Options.index",
        becomes(property(lambda options: options.indexes[0])),
    ),
    Guard(
        "diffoscope.listing", "files behind dates", "gatekeeper.collect.diffoscope:_listing", becomes(_only_metadata)
    ),
)
