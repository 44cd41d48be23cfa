"""Digests as reports write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError
from gatekeeper.subject import DIGEST_LENGTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEX: Final = re.compile(r"[0-9a-fA-F]{2,256}", re.ASCII)
_IMAGE: Final = re.compile(r"(?:^|@)sha256(?::|%3[aA])([0-9a-f]{64})(?:$|[?#])", re.ASCII)
_PREFERRED: Final = ("sha256", "sha512", "gitCommit", "sha384", "sha1")


def stated(algorithm: str, value: str, place: str = "") -> str:
    """A hash as facts carry it: ``algorithm:hex``, the algorithm in lower case without dashes.

    Raises:
        MalformedError: There is no algorithm, or the value is no hexadecimal text: it would look like a pin and pin
            nothing.
    """
    if not algorithm or not _HEX.fullmatch(value):
        raise MalformedError("not a hash in hexadecimal", where=place, code="report.hash")
    return f"{algorithm.lower().replace('-', '')}:{value.lower()}"


def target(hashes: Iterable[str]) -> dict[str, str]:
    """The digest set of hashes as :func:`stated` writes them, cut down to what subjects are bound by."""
    return bound(dict(item.split(":", 1) for item in hashes))


def bound(digest_set: Mapping[str, Any]) -> dict[str, str]:
    """A digest set cut down to well-formed digests of algorithms that subjects are bound by."""
    return {
        name: value
        for name, value in digest_set.items()
        if isinstance(value, str) and DIGEST_LENGTHS.get(name) == len(value) and _HEX.fullmatch(value)
    }


def of_image(reference: str) -> dict[str, str]:
    """The digest set that an image reference, a package URL or a digest ends in; empty when it has none."""
    match = _IMAGE.search(reference)
    return {"sha256": match[1]} if match else {}


def distinct(targets: Iterable[Mapping[str, str]]) -> tuple[Mapping[str, str], ...]:
    """The digest sets that are not empty, each once, in order."""
    found: list[Mapping[str, str]] = []
    for item in targets:
        if item and item not in found:
            found.append(item)
    return tuple(found)


def chosen(digest_set: Mapping[str, Any], place: str) -> str:
    """One digest of an in-toto DigestSet (spec/v1/digest_set.md) as ``algorithm:value``; empty when there is none.

    The first of sha256, sha512, gitCommit, sha384 and sha1 that is there, else the first by name.
    """
    for name, value in digest_set.items():
        if not isinstance(value, str) or not value:
            raise MalformedError("a digest is text", where=f"{place}/{name}", code="shape")
    names = [name for name in _PREFERRED if name in digest_set] or sorted(digest_set)
    if not names:
        return ""
    value = digest_set[names[0]]
    return f"{names[0]}:{value.lower() if _HEX.fullmatch(value) else value}"
