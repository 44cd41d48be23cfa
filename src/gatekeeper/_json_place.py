"""Find where in a JSON text something is that the fast decoder refused without knowing the place.

Slow and only run on documents that are refused already. The text is well-formed up to the place looked for.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final

from gatekeeper._limits import MAX_NUMBER_CHARACTERS, MAX_SAFE_INTEGER

_BLANK: Final = re.compile(r"[ \t\r\n]*")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?|-?Infinity|NaN")
_scan_string: Final = json.decoder.scanstring  # type: ignore[attr-defined]


class _FoundError(Exception):
    pass


def find(text: str, code: str) -> str:
    """The place of the first duplicate key, ``NaN`` or unusable number, as ``$.a.b[0]``; empty if not found."""
    finder = _Finder(text, code)
    try:
        finder.value(0, "$")
    except _FoundError as found:
        return str(found)
    except (ValueError, IndexError, RecursionError):
        return ""
    return ""


class _Finder:
    def __init__(self, text: str, code: str) -> None:
        self._text = text
        self._code = code

    def value(self, at: int, place: str) -> int:
        at = self._blank(at)
        match self._text[at]:
            case "{":
                return self._members(at + 1, place)
            case "[":
                return self._items(at + 1, place)
            case '"':
                return int(_scan_string(self._text, at + 1)[1])
            case _:
                return self._scalar(at, place)

    def _members(self, at: int, place: str) -> int:
        seen: set[str] = set()
        at = self._blank(at)
        while self._text[at] != "}":
            key, at = _scan_string(self._text, self._blank(at) + 1)
            if key in seen and self._code == "json.duplicate_key":
                raise _FoundError(f"{place}.{key}")
            seen.add(key)
            at = self._comma(self.value(self._blank(at) + 1, f"{place}.{key}"))
        return at + 1

    def _items(self, at: int, place: str) -> int:
        index = 0
        at = self._blank(at)
        while self._text[at] != "]":
            at = self._comma(self.value(at, f"{place}[{index}]"))
            index += 1
        return at + 1

    def _scalar(self, at: int, place: str) -> int:
        number = _NUMBER.match(self._text, at)
        if number is None:  # true, false, null
            return at + (5 if self._text[at] == "f" else 4)
        if self._code != "json.duplicate_key" and _is_unusable(number[0], self._code):
            raise _FoundError(place)
        return number.end()

    def _comma(self, at: int) -> int:
        at = self._blank(at)
        return self._blank(at + 1) if self._text[at] == "," else at

    def _blank(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return match.end() if match else at


def _is_unusable(text: str, code: str) -> bool:
    if code == "json.not_a_number":
        return not text[-1].isdigit()
    if len(text) > MAX_NUMBER_CHARACTERS:
        return True
    if text.lstrip("-").isdigit():
        return abs(int(text)) > MAX_SAFE_INTEGER
    return math.isinf(float(text))
