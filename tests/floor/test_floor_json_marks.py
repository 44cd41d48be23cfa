"""Depth and surrogates are found by whole-buffer steps; slower ways that are plainly right agree with them."""

from __future__ import annotations

import gc
import json
import re
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import _gc, _json
from gatekeeper._limits import MAX_JSON_DEPTH
from gatekeeper.errors import LimitError, MalformedError

TEXT = st.text(alphabet=st.sampled_from('[]{}"\\/nu ab\u00e9\U0001f600'), max_size=12)
VALUES = st.recursive(
    TEXT | st.integers(0, 9) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
ESCAPES = st.lists(
    st.sampled_from([r"\ud83d", r"\ude00", r"\\", r"\"", r"\n", "ud83d", "a", r"\u0041", r"\uD83D\uDE00"]), max_size=8
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@given(VALUES, st.booleans())
def test_the_brackets_are_those_outside_strings(value: Any, ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode()
    plain = re.sub(rb'"[^"\\]*(?:\\.[^"\\]*)*"', b"", data, flags=re.DOTALL)

    assert _json._brackets(data) == bytes(byte for byte in plain if byte in b"[]{}")


@given(st.lists(TEXT, min_size=1, max_size=5), st.integers(MAX_JSON_DEPTH - 3, MAX_JSON_DEPTH + 3))
def test_no_text_hides_how_deep_a_document_is(texts: list[str], levels: int) -> None:
    inner = ",".join(json.dumps(text) for text in texts)
    data = (f"[{inner}," * levels + "0" + f",{inner}]" * levels).encode()

    if levels > MAX_JSON_DEPTH:
        with pytest.raises(LimitError) as caught:
            _json.parse(data)
        assert caught.value.code == "json.depth"
    else:
        assert depth(_json.parse(data)) == levels


@given(ESCAPES, st.booleans())
def test_a_lone_surrogate_is_refused_and_a_pair_is_read(parts: list[str], as_key: bool) -> None:
    text = f'"{"".join(parts)}"'
    data = (f"{{{text}: 0}}" if as_key else f"[{text}]").encode()
    is_text = _json._is_text(json.loads(text))

    if is_text:
        assert _json.parse(data) == json.loads(data)
    else:
        with pytest.raises(MalformedError) as caught:
            _json.parse(data)
        assert caught.value.code == "json.surrogate"


def test_the_collector_is_on_again_whatever_happened() -> None:
    assert gc.isenabled()
    with pytest.raises(MalformedError):
        _json.parse(b"[1,")
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with _gc.paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TRICKY = (
    st.sampled_from(['":1.5', ",1.5", "[1e5", '\\":1.5', "1234567890123456", "\\", '"', "\U0001f600", "\ufb33"]) | TEXT
)
WRITTEN = st.recursive(
    NUMBERS | TRICKY | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TRICKY, inner, max_size=4),
    max_leaves=12,
)


@given(WRITTEN)
def test_the_canonical_form_is_that_of_the_library_that_knows(value: Any) -> None:
    assert _json.canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("text", "written"),
    [("1e2", b"100"), ("[0,1.0]", b"[0,1]"), ('{"a":-1E-7}', b'{"a":-1e-7}'), ('{"\\\\":1.50}', b'{"\\\\":1.5}')],
)
def test_a_number_is_found_wherever_it_stands(text: str, written: bytes) -> None:
    assert _json.canonical(json.loads(text)) == written
