"""``package-lock.json`` and ``npm-shrinkwrap.json``, lockfileVersion 2 and 3 (npm, "package-lock.json").

The keys of ``packages`` are places: ``""`` and others outside of ``node_modules`` are the project's own. The tarball of
a package from an index lies at ``INDEX/NAME/-/FILE``; one from any other address is from a URL. What is bundled comes
inside the package above it, whose hash binds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.collect import _packages
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect._packages import Package, Wanted
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Reading

_FORMAT: Final = "package-lock"
_VERSIONS: Final = (2, 3)
_FOLDER: Final = "node_modules/"
_REQUESTS: Final = ("dependencies", "devDependencies", "optionalDependencies")
_GIT: Final = ("git+", "git:", "git@")


def recognise(value: Any) -> bool:
    """Whether this is a lock file of npm, of whichever version."""
    return isinstance(value, dict) and "lockfileVersion" in value


def read(value: Any) -> Reading:
    """Read a lock file."""
    lock = fields.document(value)
    if lock.get("lockfileVersion") not in _VERSIONS:
        hint = "npm install --package-lock-only --lockfile-version=3"
        raise MalformedError(
            "a lock of version 2 or 3 is read", where="/lockfileVersion", hint=hint, code="lock.version"
        )
    entries = fields.mapping(lock, "packages", "")
    wanted, answered = Wanted(), {}
    for owner, name, place in _requests(entries):
        wanted.add(name, place)
        places = (f"{owner}/{_FOLDER}{name}", f"{_FOLDER}{name}")
        answered.update({found: name for found in places if found in entries})
    packages = [
        _package(key, entry, place, direct=key in answered)
        for key, entry, place in _placed(entries)
        if not _is_own(key, entry, entries)
    ]
    return _packages.reading(
        _FORMAT, "npm", packages, wanted=wanted, held=answered.values(), producer="npm", media_type="application/json"
    )


COLLECTOR: Final = JsonFormat(format=_FORMAT, kind="dependencies", recognise=recognise, reader=read)


def _placed(entries: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    for key in entries:
        yield key, fields.mapping(entries, key, "/packages"), "/packages" + _json.pointer(key)


def _is_own(key: str, entry: dict[str, Any], entries: dict[str, Any]) -> bool:
    """The project itself, a workspace of it, or the link to one."""
    if entry.get("link") is True:
        target = entry.get("resolved")
        return isinstance(target, str) and target in entries and not _packages.is_outside(target)
    return _FOLDER not in key and not _packages.is_outside(key)


def _requests(entries: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Who of the project asks for what: the place of the one who asks, the name, and where it says so."""
    for owner, entry, place in _placed(entries):
        if _FOLDER in owner or _packages.is_outside(owner):
            continue
        for key in _REQUESTS:
            for name in fields.optional_mapping(entry, key, place):
                yield owner, name, place + _json.pointer(key, name)


def _package(key: str, entry: dict[str, Any], place: str, *, direct: bool) -> Package:
    name = fields.optional_text(entry, "name", place) or key.rpartition(_FOLDER)[2]
    version = fields.optional_text(entry, "version", place)
    resolved = fields.optional_text(entry, "resolved", place)
    known: dict[str, Any] = {"name": name, "locator": place, "version": version, "direct": direct}
    if entry.get("link") is True or _packages.is_outside(key):
        return Package(**known, **_packages.of_path(resolved or key))
    if resolved.startswith(_GIT):
        return Package(**known, **_packages.of_git(resolved.rpartition("#")[2]))
    if entry.get("inBundle") is True:
        return Package(**known, origin="unknown", files=[])
    files = [_packages.strongest(part.partition("-")[0] for part in _integrity(entry, place))]
    if resolved.startswith("file:"):
        return Package(**known, origin="path", files=files, pinned=any(files))
    index = _index(resolved, name, version)
    if resolved and not index:
        return Package(**known, origin="url", files=files, pinned=any(files))
    return Package(**known, origin="registry", index=index, files=files, pinned=bool(version))


def _integrity(entry: dict[str, Any], place: str) -> list[str]:
    """The hashes of one file (W3C, "Subresource Integrity"); npm checks the strongest."""
    return fields.optional_text(entry, "integrity", place).split()


def _index(resolved: str, name: str, version: str) -> str:
    tail = f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
    return resolved.removesuffix(tail) if version and resolved.endswith(tail) else ""
