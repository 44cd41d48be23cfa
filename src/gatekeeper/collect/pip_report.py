"""``pip install --report`` (pip, "Installation Report", version 1): what pip chose to install, and from where.

Indexes say here what lock files do not: whether a release was withdrawn (``is_yanked``). pip does not say which index a
file came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _packages
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect._packages import Package, Wanted
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Reading

_FORMAT: Final = "pip-report"
_VERSION: Final = "1"


def recognise(value: Any) -> bool:
    """Whether this is pip's report on an installation."""
    return isinstance(value, dict) and {"version", "pip_version", "install"} <= value.keys()


def read(value: Any) -> Reading:
    """Read a report."""
    report = fields.document(value)
    if fields.text(report, "version", "") != _VERSION:
        raise MalformedError("another version than 1", where="/version", code="lock.version")
    packages = [_package(item, place) for item, place in fields.each(fields.items(report, "install", ""), "/install")]
    wanted = Wanted()
    for package in packages:
        if package.direct:
            wanted.add(package.name, package.locator)
    producer = f"pip {fields.text(report, 'pip_version', '')}"
    return _packages.reading(_FORMAT, "pypi", packages, wanted=wanted, producer=producer, media_type="application/json")


COLLECTOR: Final = JsonFormat(format=_FORMAT, kind="dependencies", recognise=recognise, reader=read)


def _package(item: dict[str, Any], place: str) -> Package:
    metadata = fields.mapping(item, "metadata", place)
    download = fields.mapping(item, "download_info", place)
    here = f"{place}/download_info"
    known: dict[str, Any] = {
        "name": _packages.python_name(fields.text(metadata, "name", f"{place}/metadata")),
        "version": fields.text(metadata, "version", f"{place}/metadata"),
        "locator": place,
        "direct": _flag(item, "requested", place),
        "yanked": _flag(item, "is_yanked", place) if "is_yanked" in item else None,
    }
    vcs = fields.optional_mapping(download, "vcs_info", here)
    if vcs:
        return Package(**known, **_packages.of_git(fields.text(vcs, "commit_id", f"{here}/vcs_info")))
    if "dir_info" in download:
        return Package(**known, origin="path")
    archive = fields.mapping(download, "archive_info", here)
    hashes = fields.optional_mapping(archive, "hashes", f"{here}/archive_info")
    origin: Any = "registry"
    if _flag(item, "is_direct", place):
        origin = "path" if fields.text(download, "url", here).startswith("file:") else "url"
    return Package(**known, origin=origin, files=[_packages.strongest(hashes)])


def _flag(item: dict[str, Any], key: str, place: str) -> bool:
    value = item.get(key)
    if not isinstance(value, bool):
        raise fields.wrong(value, "true or false", f"{place}/{key}")
    return value
