"""Requirements files of pip, as pip-compile and ``uv pip compile`` write them with hashes.

pip, "Requirements File Format", and the PyPA specification on dependency specifiers. A file that includes others is not
whole by itself. The index is known where the file names exactly one and no further place to look: with two, pip takes
the higher version from either, which is what dependency confusion is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect import _packages
from gatekeeper.collect._packages import Package
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Reading, Report

_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_REQUIREMENT: Final = re.compile(
    rf"(?P<name>{_NAME})\s*(?:\[[^\]]*\])?\s*(?:@\s*(?P<url>\S+)|\(?(?P<specifier>(?:===?|[!~<>]=|[<>])[^;()]*?)\)?)?\s*(?:;.*)?",
    re.ASCII,
)
_EXACT: Final = re.compile(r"(?:==|===)\s*(?P<version>[A-Za-z0-9][A-Za-z0-9.!+_-]*)", re.ASCII)
_HASH: Final = re.compile(r"\s--hash[=\s]\s*(\S+)")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_OPTION: Final = re.compile(r"(-[A-Za-z]|--[a-z][a-z-]*)(?:\s*=\s*|\s+|(?<=^-[A-Za-z])(?=\S)|$)(.*)")
_TOLD_BY: Final = re.compile(rb"^[A-Za-z0-9][^\n#]*?(?:[=~!<>]=|\s@\s*\S|\s--hash[= ])", re.MULTILINE)

_INDEX: Final = frozenset({"-i", "--index-url", "--pypi-url"})
_MORE: Final = frozenset({"--extra-index-url", "-f", "--find-links"})
_INCLUDES: Final = frozenset({"-r", "--requirement", "-c", "--constraint"})
_EDITABLE: Final = frozenset({"-e", "--editable"})
_PASSED_OVER: Final = frozenset(
    {
        *("--no-index", "--no-binary", "--only-binary", "--prefer-binary", "--require-hashes", "--pre"),
        *("--trusted-host", "--use-feature"),
    }
)


@dataclass(slots=True)
class _Options:
    """What the options of a file say."""

    indexes: list[str]
    more: bool = False
    whole: bool = True

    @property
    def index(self) -> str:
        return self.indexes[0] if len(self.indexes) == 1 and not self.more else ""


class _Requirements:
    format: Final = "pip-requirements"
    kind: Final = "dependencies"

    def matches(self, report: Report) -> bool:
        if report.looks_like_json or report.looks_like_xml or _TOLD_BY.search(report.data) is None:
            return False
        try:
            return all(_reads(line) for _, line in _lines(report))
        except MalformedError:
            return False

    def read(self, report: Report) -> Reading:
        options = _Options(indexes=[])
        found: list[tuple[str, str]] = []
        for number, line in _lines(report):
            place = f"line {number}"
            if line.startswith("-"):
                found += [(line, place)] if _option(line, place, options) else []
            else:
                found.append((line, place))
        packages = [_package(line, place, options.index) for line, place in found]
        return _packages.reading(
            self.format, "pypi", packages, complete=options.whole, producer="pip", media_type="text/plain"
        )


COLLECTOR: Final = _Requirements()


def _lines(report: Report) -> Iterator[tuple[int, str]]:
    """The logical lines, each with the number of its first; comments and blank ones are left out."""
    try:
        lines = report.data.removeprefix(b"\xef\xbb\xbf").decode().splitlines()
    except UnicodeDecodeError as cause:
        raise MalformedError("not UTF-8", where=f"byte {cause.start}", code="requirements.encoding") from cause
    if len(lines) > MAX_ITEMS:
        raise LimitError(f"more than {MAX_ITEMS} lines", code="report.items")
    start, held = 0, ""
    for number, line in enumerate([*lines, ""], start=1):
        start = start or number
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            held += line[:-1] + " "
            continue
        # one blank for many: the patterns for requirements have several places for blanks, one after the other
        text = " ".join(_COMMENT.sub("", held + line).split())
        if text:
            yield start, text
        start, held = 0, ""


def _reads(line: str) -> bool:
    if line.startswith("-"):
        return _OPTION.match(line) is not None
    return _is_address(line) or _REQUIREMENT.fullmatch(_HASH.sub("", line)) is not None


def _is_address(line: str) -> bool:
    return line.startswith((".", "/", "~")) or re.match(r"[a-z+]+:", line) is not None


def _option(line: str, place: str, options: _Options) -> bool:
    """Take an option in; true for one that names a package."""
    match = _OPTION.match(line)
    name = match[1] if match else line
    if name in _EDITABLE:
        return True
    if name in _INDEX and match:
        options.indexes.append(match[2].strip())
    elif name in _MORE:
        options.more = True
    elif name in _INCLUDES:
        options.whole = False
    elif name not in _PASSED_OVER:
        raise MalformedError(f"the option {name} is not known", where=place, code="requirements.option")
    return False


def _package(line: str, place: str, index: str) -> Package:
    hashes = [_packages.prefixed(text, place) for text in _HASH.findall(line)]
    text = _HASH.sub("", line).strip()
    if text.startswith("-"):
        match = _OPTION.match(text)
        text = match[2].strip() if match else ""
    if _is_address(text):
        return _of_address(text, text, place, hashes)
    match = _REQUIREMENT.fullmatch(text)
    if match is None:
        raise MalformedError("not a requirement", where=place, code="requirements.syntax")
    name = _packages.python_name(match["name"])
    if match["url"]:
        return _of_address(name, match["url"], place, hashes)
    exact = _EXACT.fullmatch((match["specifier"] or "").strip())
    version = exact["version"] if exact else ""
    return Package(
        name=name,
        origin="registry",
        locator=place,
        version=version,
        index=index,
        pinned=bool(exact),
        files=hashes or [""],
    )


def _of_address(name: str, address: str, place: str, hashes: list[str]) -> Package:
    known: dict[str, Any] = {"name": name, "locator": place}
    target, _, fragment = address.partition("#")
    if target.startswith("git+"):
        return Package(**known, **_packages.of_git(target.rpartition("@")[2]))
    hashes = hashes or [part.partition("=")[0] for part in fragment.split("&") if _names_a_hash(part)]
    if target.startswith(("http:", "https:")):
        return Package(**known, origin="url", files=hashes or [""], pinned=bool(hashes))
    if target.startswith(("hg+", "svn+", "bzr+")):
        return Package(**known, origin="url", pinned=False)
    of_path = _packages.of_path(target)
    return Package(**known, origin="path", files=hashes or [""], pinned=of_path["pinned"] or bool(hashes))


def _names_a_hash(part: str) -> bool:
    return part.partition("=")[0] in {"sha256", "sha384", "sha512", "md5", "sha1"} and bool(part.partition("=")[2])
