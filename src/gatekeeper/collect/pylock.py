"""``pylock.toml``, lock version 1.0 (PyPA specification "pylock.toml", PEP 751).

It names what is to be installed and does not say what the project itself asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _packages
from gatekeeper.collect._packages import Package
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Reading, Report

_VERSION: Final = "1.0"


class _PyLock:
    format: Final = "pylock"
    kind: Final = "dependencies"

    def matches(self, report: Report) -> bool:
        if b"lock-version" not in report.head or b"created-by" not in report.head:
            return False
        try:
            return {"lock-version", "created-by", "packages"} <= report.toml.keys()
        except MalformedError:
            return True  # said to be broken when it is read

    def read(self, report: Report) -> Reading:
        lock = report.toml
        if fields.text(lock, "lock-version", "") != _VERSION:
            raise MalformedError("another lock-version than 1.0", where="/lock-version", code="lock.version")
        packages = [_package(entry, place) for entry, place in fields.each(lock["packages"], "/packages")]
        producer = fields.text(lock, "created-by", "")
        return _packages.reading(self.format, "pypi", packages, producer=producer)


COLLECTOR: Final = _PyLock()


def _package(entry: dict[str, Any], place: str) -> Package:
    version = fields.optional_text(entry, "version", place)
    known: dict[str, Any] = {"name": _packages.python_name(fields.text(entry, "name", place)), "locator": place}
    known["version"] = version
    vcs, directory, archive = (fields.optional_mapping(entry, key, place) for key in ("vcs", "directory", "archive"))
    if vcs:
        return Package(**known, **_packages.of_git(fields.text(vcs, "commit-id", f"{place}/vcs")))
    if directory:
        return Package(**known, **_packages.of_path(fields.text(directory, "path", f"{place}/directory")))
    if archive:
        origin: Any = "url" if "url" in archive else "path"
        return Package(**known, origin=origin, files=[_hash(archive, f"{place}/archive")])
    index = fields.optional_text(entry, "index", place)
    return Package(
        **known, origin="registry", index=index, files=list(_files(entry, place)) or [""], pinned=bool(version)
    )


def _files(entry: dict[str, Any], place: str) -> Iterator[str]:
    sdist = fields.optional_mapping(entry, "sdist", place)
    listed = [(sdist, f"{place}/sdist")] if sdist else []
    for file, here in [*listed, *fields.each_in(entry, "wheels", place)]:
        yield _hash(file, here)


def _hash(file: dict[str, Any], place: str) -> str:
    hashes = fields.optional_mapping(file, "hashes", place)
    return _packages.strongest(name for name in hashes if fields.text(hashes, name, f"{place}/hashes"))
