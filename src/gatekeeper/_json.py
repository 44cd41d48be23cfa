"""Strict JSON in, canonical JSON out, one digest.

Python, Go and the specification disagree about duplicate keys, ``NaN``, ``1e400``, lone surrogates, byte order
marks and depth; wherever they do, reading is an error here, so that OPA and the library cannot see two different
documents. Canonical form is RFC 8785 (JCS).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any, Final

from gatekeeper import _gc, _json_place
from gatekeeper._limits import MAX_DOCUMENT_BYTES, MAX_JSON_DEPTH, MAX_NUMBER_CHARACTERS, MAX_SAFE_INTEGER
from gatekeeper.errors import LimitError, MalformedError

_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ALL_BUT_MARKS: Final = bytes(set(range(256)) - set(b'[]{}"'))
_MARKED_STRING: Final = re.compile(rb'"[^"]*"')
_SURROGATE_PAIR: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_NEEDS_JCS: Final = re.compile(rb"\d[.eE]|\d{16}")
_MAY_NEED_JCS: Final = (
    re.compile(rb'":-?(?:\d{16}|\d+[.eE])'),
    re.compile(rb"[,\[]-?(?:\d{16}|\d+[.eE])"),
)
"""The same where a number can stand in a compact object or array. They find it in strings too, so this is only a first
look; it costs half of taking the strings out."""

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_ASTRAL_LEADS: Final = re.compile(rb"[\xf0-\xf4]")


class _RefusedError(ValueError):
    """A number or key that the decoder's hooks refuse; the place is looked up afterwards."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse(data: bytes, *, where: str = "", wide: bool = False, limit: int = MAX_DOCUMENT_BYTES) -> Any:
    """Read one JSON document (RFC 8259), strictly.

    Args:
        data: The document, UTF-8 without a byte order mark.
        where: What to call the document in errors, such as its file name.
        wide: Accept integers past 2^53-1. Only for reading producers' reports, whose nanoseconds are dropped.
        limit: The most bytes that are read.

    Raises:
        LimitError: Too large or too deep.
        MalformedError: Not JSON, or JSON that two readers would understand differently; ``where`` has the place.
    """
    if len(data) > limit:
        raise LimitError(f"{len(data)} bytes, at most {limit} are read", where=where, code="json.size")
    text = _decode(data, where)
    _check_depth(data, where)
    try:
        with _gc.paused():
            value = json.loads(
                text,
                object_pairs_hook=_object,
                parse_constant=_constant,
                parse_float=_float,
                parse_int=_wide_int if wide else _int,
            )
    except json.JSONDecodeError as cause:
        place = f"line {cause.lineno} column {cause.colno}"
        raise MalformedError(f"not JSON: {cause.msg}", where=_join(where, place), code="json.syntax") from cause
    except _RefusedError as cause:
        place = _json_place.find(text, cause.code)
        raise MalformedError(str(cause), where=_join(where, place), code=cause.code) from cause
    except RecursionError as cause:
        raise LimitError("nested too deeply", where=where, code="json.depth") from cause
    if _has_lone_surrogate(text):
        _check_surrogates(value, where)
    return value


def parse_object(data: bytes, *, where: str = "", wide: bool = False) -> dict[str, Any]:
    """Read one JSON document whose root is an object; see :func:`parse`."""
    value = parse(data, where=where, wide=wide)
    if not isinstance(value, dict):
        raise MalformedError("the document is not a JSON object", where=_join(where, "$"), code="json.root")
    return value


def canonical(value: Any) -> bytes:
    """Write ``value`` in the one canonical form, RFC 8785.

    Raises:
        MalformedError: Not JSON: NaN, an integer past 2^53-1, a lone surrogate, a type JSON lacks.
    """
    try:
        fast = json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
        ).encode()
        return _jcs(value) if _needs_jcs(fast) else fast
    except (ValueError, TypeError, RecursionError) as cause:
        raise MalformedError(f"cannot be written as canonical JSON: {cause}", code="json.canonical") from cause


def _needs_jcs(fast: bytes) -> bool:
    if not fast.isascii() and _ASTRAL_LEADS.search(fast):
        return True
    if fast[0] in b"{[" and not any(pattern.search(fast) for pattern in _MAY_NEED_JCS):
        return False
    return _NEEDS_JCS.search(_STRING.sub(b"", fast)) is not None


def _jcs(value: Any) -> bytes:
    # Sorting differs for keys outside the basic plane, and numbers are written as ECMAScript does: leave both to
    # the library that knows (RFC 8785, sections 3.2.2.3 and 3.2.3). Its errors are ValueErrors.
    import rfc8785

    return rfc8785.dumps(value)


def digest(data: bytes) -> str:
    """The SHA-256 of ``data``, as ``sha256:`` and 64 lower-case hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def digest_of(value: Any) -> str:
    """The digest of the canonical form of ``value``."""
    return digest(canonical(value))


def check_digest(text: object, *, where: str = "") -> str:
    """Return ``text`` if it is a digest as :func:`digest` writes it.

    Raises:
        MalformedError: It is not.
    """
    if not isinstance(text, str) or not _DIGEST.fullmatch(text):
        raise MalformedError(
            "not a digest", where=where, hint="sha256: and 64 lower-case hexadecimal digits", code="digest"
        )
    return text


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901) to the member named by ``parts``."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _decode(data: bytes, where: str) -> str:
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise MalformedError("a byte order mark", where=where, hint="write UTF-8 without one", code="json.encoding")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as cause:
        place = _join(where, f"byte {cause.start}")
        raise MalformedError("not UTF-8", where=place, code="json.encoding") from cause
    if not text.strip(" \t\r\n"):
        raise MalformedError("the document is empty", where=where, code="json.empty")
    return text


def _check_depth(data: bytes, where: str) -> None:
    if data.count(b"[") + data.count(b"{") <= MAX_JSON_DEPTH:
        return
    brackets = _brackets(data)
    for _ in range(MAX_JSON_DEPTH):  # each round takes the innermost pairs away
        shorter = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(shorter) == len(brackets):
            return  # nothing left, or brackets that do not match: the decoder says where
        brackets = shorter
    if brackets:
        raise LimitError(f"nested deeper than {MAX_JSON_DEPTH}", where=where, code="json.depth")


def _brackets(data: bytes) -> bytes:
    """The brackets outside strings. Whole-buffer steps: a regular expression over the text costs more than parsing."""
    if b"\\" in data:  # escaped backslashes first, so that what is left before a quote escapes it
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = data.translate(None, _ALL_BUT_MARKS).replace(b'""', b"")
    return _MARKED_STRING.sub(b"", marks)


def _has_lone_surrogate(text: str) -> bool:
    """Whether an escape may stand for half of a surrogate pair; the parsed value says for certain, and where."""
    if not _SURROGATE_ESCAPE.search(text):
        return False
    escapes = text.replace("\\\\", "  ")  # of two blanks, so that nothing moves together that was apart
    return _SURROGATE_ESCAPE.search(_SURROGATE_PAIR.sub("", escapes)) is not None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _RefusedError("json.duplicate_key", f"the key {twice!r} is there twice")
    return members


def _constant(text: str) -> float:
    raise _RefusedError("json.not_a_number", f"{text} is not JSON")


def _float(text: str) -> float:
    value = float(text) if len(text) <= MAX_NUMBER_CHARACTERS else math.inf
    if math.isinf(value):
        raise _RefusedError("json.number", "a number too large or too long")
    return value


def _int(text: str) -> int:
    if len(text) > 15 and (len(text) > MAX_NUMBER_CHARACTERS or abs(int(text)) > MAX_SAFE_INTEGER):  # noqa: PLR2004
        raise _RefusedError("json.number", "an integer past 2^53-1")
    return int(text)


def _wide_int(text: str) -> int:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise _RefusedError("json.number", "a number too large or too long")
    return int(text)


def _check_surrogates(value: Any, where: str) -> None:
    pending: list[tuple[str, Any]] = [("$", value)]
    while pending:
        place, item = pending.pop()
        if isinstance(item, str) and not _is_text(item):
            raise MalformedError("a lone surrogate", where=_join(where, place), code="json.surrogate")
        if isinstance(item, list):
            pending.extend((f"{place}[{index}]", member) for index, member in enumerate(item))
        if isinstance(item, dict):
            if not all(map(_is_text, item)):
                raise MalformedError("a lone surrogate in a key", where=_join(where, place), code="json.surrogate")
            pending.extend((f"{place}.{key}", member) for key, member in item.items())


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _join(where: str, place: str) -> str:
    return f"{where}: {place}" if where and place else where or place
