"""Package URLs in one form, so that they can be compared as text (package-url/purl-spec, PURL-SPECIFICATION).

``pkg:type/namespace/name@version?qualifiers#subpath``: type in lower case, parts decoded and encoded again in one way,
qualifiers sorted. Names are lowered where the type's definition says that their case means nothing.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote

_SCHEME: Final = re.compile(r"pkg:/{0,2}", re.ASCII)
_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*", re.ASCII)
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*", re.ASCII)
_CASELESS: Final = frozenset({"bitbucket", "deb", "github", "oci", "pypi"})
_SAFE: Final = "~.-_:+"


def canonical(text: str) -> str:
    """The package URL in its canonical form; empty when the text is none."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return ""
    rest, _, subpath = text[scheme.end() :].partition("#")
    rest, _, qualifiers = rest.partition("?")
    kind, _, path = rest.strip("/").partition("/")
    path, version = _split_version(path)
    segments = [_again(segment) for segment in path.split("/") if segment]
    pairs = _pairs(qualifiers)
    if not _TYPE.fullmatch(kind) or not segments or pairs is None or not all(segments):
        return ""
    kind = kind.lower()
    names = "/".join(_named(kind, segment) for segment in segments)
    below = "/".join(_again(part) for part in subpath.split("/") if part not in {"", ".", ".."})
    return (
        f"pkg:{kind}/{names}"
        + (f"@{_again(version)}" if version else "")
        + (f"?{pairs}" if pairs else "")
        + (f"#{below}" if below else "")
    )


def of(kind: str, name: str, version: str) -> str:
    """The package URL of a package, the namespace before its name; empty where a part is not known."""
    if not (kind and name and version):
        return ""
    path = "/".join(quote(part, safe="") for part in name.split("/"))
    return canonical(f"pkg:{kind}/{path}@{quote(version, safe='')}")


def _split_version(path: str) -> tuple[str, str]:
    """Path and version: an ``@`` before the last slash is part of a name (``@scope/name``)."""
    head, at, version = path.rpartition("@")
    if not at or "/" in version:
        return path, ""
    return ("" if head.endswith("/") else head), version


def _again(part: str) -> str:
    return quote(unquote(part), safe=_SAFE)


def _named(kind: str, segment: str) -> str:
    lowered = segment.lower() if kind in _CASELESS else segment
    return lowered.replace("_", "-") if kind == "pypi" else lowered


def _pairs(qualifiers: str) -> str | None:
    """The qualifiers, sorted, without empty ones; None when they are none or one is there twice."""
    found: dict[str, str] = {}
    for pair in qualifiers.split("&") if qualifiers else ():
        key, equals, value = pair.partition("=")
        if not _KEY.fullmatch(key) or not equals or key.lower() in found:
            return None
        found[key.lower()] = _again(value)
    return "&".join(f"{key}={value}" for key, value in sorted(found.items()) if value)
