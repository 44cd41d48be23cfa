"""Text of reports on its way into facts: made visible, freed of secrets, cut.

What is attested travels: to ledgers, pull-request comments, auditors. So a secret goes out here, before the facts are
signed, and not where they are shown.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper._limits import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REDACTED: Final = "[redacted]"
CUT: Final = " [cut]"
"""Stands where the rest of a text longer than :data:`gatekeeper._limits.MAX_TEXT` was."""

SECRETS: Final[Mapping[str, tuple[tuple[str, ...], re.Pattern[str]]]] = {
    "AWS access key id": (("akia", "asia"), re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", re.ASCII)),
    "GitHub token": (
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"\bgh[pousr]_[0-9A-Za-z]{30,}|\bgithub_pat_[0-9A-Za-z_]{30,}", re.ASCII),
    ),
    "GitLab token": (("glpat-",), re.compile(r"\bglpat-[0-9A-Za-z_-]{20,}", re.ASCII)),
    "Slack token": (("xox",), re.compile(r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}", re.ASCII)),
    "private key": (
        ("private key",),
        # to the end of the text where the closing line is cut off
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,60}-----|\Z)",
            re.ASCII | re.DOTALL,
        ),
    ),
    "JSON Web Token": (
        ("eyj",),
        re.compile(r"\beyJ[0-9A-Za-z_-]{8,250}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]+", re.ASCII),
    ),
    "bearer token": (("bearer ",), re.compile(r"(?<=bearer )[0-9A-Z._~+/-]{16,}=*", re.ASCII | re.IGNORECASE)),
    "password in a URL": (("://",), re.compile(r"(?P<name>://)[^\s/@:]{1,200}:[^\s/@]{1,200}(?=@)", re.ASCII)),
    "password given by name": (
        ("password", "passwd", "api_key", "apikey", "api-key", "secret_key", "client_secret", "access_token"),
        re.compile(
            r"""(?P<name>(?:password|passwd|api[_-]?key|secret_key|client_secret|access_token)["']?\s{0,3}[=:]\s{0,3})"""
            r"""(?:"[^"\n]{4,300}"|'[^'\n]{4,300}'|(?!\[redacted\])[^\s"',;&<>]{4,})""",
            re.ASCII | re.IGNORECASE,
        ),
    ),
}
"""Well-known shapes of secrets: for each the words without which it cannot be there, in lower case, and the shape."""

_HIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HIDDEN_BYTES: Final = re.compile(rb"\\u00|\\[bfr]|\x7f|\xc2[\x80-\x9f]|\xef\xbf[\xbe\xbf]")
_WORDS: Final = tuple((word, shape) for words, shape in SECRETS.values() for word in words)
_WINDOW: Final = 450
"""How far around one of its words a secret of each shape can be told: no shape needs more."""
_KEPT: Final = frozenset({"locator"})
"""Members that say where something was read; a place that is changed is no place."""


def visible(text: str) -> str:
    r"""The text with control characters, lone surrogates and non-characters written as ``\u001b``.

    Those cannot be written in XML 1.0 (section 2.2) or in UTF-8, and act on terminals. Line ends become a line feed.
    """
    if text.isprintable():
        return text
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n").replace("\r", "\n"))


def redact(text: str) -> str:
    """The text with every secret of a shape of :data:`SECRETS` replaced by ``[redacted]``."""
    lowered = text.lower()
    for word, shape in _WORDS:
        if word in lowered:
            text = shape.sub(_replacement, text)
    return text


def message(text: str | None) -> str:
    """A message as facts carry it: visible, without secrets, at most MAX_TEXT characters and a mark."""
    clean = redact(visible((text or "").strip()))
    return clean if len(clean) <= MAX_TEXT else clean[:MAX_TEXT] + CUT


def clean(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with every text in them visible and without secrets, but for locators."""
    cleaned: dict[str, Any] = _clean(facts) if _is_suspect(facts) else dict(facts)
    return cleaned


def _replacement(found: re.Match[str]) -> str:
    return (found.groupdict().get("name") or "") + REDACTED


def _is_suspect(facts: Mapping[str, Any]) -> bool:
    # Looking once through all the text, as JSON, is what large reports without anything suspect pay; only the others
    # are walked. It may find too much, never too little.
    try:
        written = json.dumps(facts, ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError):
        return True  # a surrogate, or no facts at all: the walk mends the first, the schema finds the second
    if _HIDDEN_BYTES.search(written.replace(rb"\\", b"")):  # an escaped backslash begins no escape
        return True
    # quotation marks are part of some shapes, and others begin where a word does
    unquoted = written.replace(b'\\"', b'"').replace(rb"\n", b"\n").replace(rb"\t", b"\t")
    text, lowered = unquoted.decode("latin-1"), unquoted.lower().decode("latin-1")
    return any(
        shape.search(text, max(at - _WINDOW, 0), at + _WINDOW)
        for word, shape in _WORDS
        for at in _places(lowered, word)
    )


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redact(visible(value))
    if isinstance(value, dict):
        return {name: member if name in _KEPT else _clean(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(member) for member in value]
    return value
