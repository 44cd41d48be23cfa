"""``uv.lock``, version 1 (uv, "Locking and syncing"): the packages of a project for all platforms at once.

The project's own packages have a source in its tree; what they depend on is what the project asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _packages
from gatekeeper.collect._packages import Package, Wanted
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Reading, Report

_VERSION: Final = 1
_LOCAL: Final = ("virtual", "editable", "directory")

_Placed = tuple[dict[str, Any], str]


class _UvLock:
    format: Final = "uv-lock"
    kind: Final = "dependencies"

    def matches(self, report: Report) -> bool:
        if b"requires-python" not in report.head or b"\nversion = " not in b"\n" + report.head:
            return False
        try:
            return report.toml.get("version") is not None and "lock-version" not in report.toml
        except MalformedError:
            return b"[[package]]" in report.head  # said to be broken when it is read

    def read(self, report: Report) -> Reading:
        lock = report.toml
        if lock.get("version") != _VERSION:
            raise MalformedError(
                f"version {lock.get('version')!r} of uv.lock is not read", where="/version", code="lock.version"
            )
        members = fields.optional_texts(_packages.table(lock, "manifest", ""), "members", "/manifest")
        entries = list(fields.each_in(lock, "package", ""))
        own = [(entry, place) for entry, place in entries if _is_own(entry, place, members)]
        wanted = Wanted()
        for entry, place in own:
            for name, here in _requests(entry, place):
                wanted.add(name, here)
        packages = [_package(entry, place, wanted) for entry, place in entries if (entry, place) not in own]
        held = [fields.text(entry, "name", place) for entry, place in entries]
        return _packages.reading(self.format, "pypi", packages, wanted=wanted, held=held, producer="uv")


COLLECTOR: Final = _UvLock()


def _source(entry: dict[str, Any], place: str) -> tuple[str, str]:
    source = fields.mapping(entry, "source", place)
    kind = next((name for name in ("registry", "git", "url", "path", *_LOCAL) if name in source), None)
    if kind is None:
        raise MalformedError("a source of no known kind", where=f"{place}/source", code="lock.source")
    return kind, fields.text(source, kind, f"{place}/source")


def _is_own(entry: dict[str, Any], place: str, members: list[str]) -> bool:
    kind, value = _source(entry, place)
    return kind in _LOCAL and (value == "." or (entry.get("name") in members and not _packages.is_outside(value)))


def _requests(entry: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    """What one of the project's own packages depends on, with its extras and groups."""
    lists = [(entry, "dependencies", place)]
    for table in ("optional-dependencies", "dev-dependencies"):
        groups = fields.optional_mapping(entry, table, place)
        lists += [(groups, group, f"{place}/{table}") for group in groups]
    for owner, key, where in lists:
        for item, here in fields.each_in(owner, key, where):
            yield fields.text(item, "name", here), here


def _package(entry: dict[str, Any], place: str, wanted: Wanted) -> Package:
    name = fields.text(entry, "name", place)
    kind, value = _source(entry, place)
    version = fields.optional_text(entry, "version", place)
    known: dict[str, Any] = {"name": name, "locator": place, "version": version, "direct": name in wanted.names}
    if kind in _LOCAL:
        return Package(**known, **_packages.of_path(value))
    if kind == "git":
        return Package(**known, **_packages.of_git(value.rpartition("#")[2]))
    files = list(_files(entry, place)) or [""]
    if kind == "path":
        return Package(**known, origin="path", files=files, pinned=any(files) or not _packages.is_outside(value))
    if kind == "url":
        return Package(**known, origin="url", files=files)
    return Package(**known, origin="registry", index=value, files=files, pinned=bool(version))


def _files(entry: dict[str, Any], place: str) -> Iterator[str]:
    sdist = fields.optional_mapping(entry, "sdist", place)
    listed = [(sdist, f"{place}/sdist")] if sdist else []
    for file, here in [*listed, *fields.each_in(entry, "wheels", place)]:
        yield _packages.prefixed(fields.optional_text(file, "hash", here), f"{here}/hash")
