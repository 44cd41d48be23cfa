"""Reports of one JSON object a line: told from one document, and read line by line."""

from __future__ import annotations

import pytest

from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError


@pytest.mark.parametrize(
    ("data", "are_lines"),
    [
        (b'{"a": 1}\n{"b": 2}\n', True),
        (b'{"a": 1}\r\n\r\nnot JSON', True),
        (b'{"a": 1}\n', False),
        (b'{"a": 1}', False),
        (b'{\n"a": 1}\n', False),
        (b"[1]\n[2]\n", False),
        (b'{"a": 1} {"b": 2}\n{"c": 3}\n', False),
        (b'{"a": 1, "a": 2}\n{"b": 2}\n', False),
        (b"\n", False),
    ],
)
def test_lines_are_told_from_one_document(data: bytes, are_lines: bool) -> None:
    assert Report(data, "r").is_json_lines is are_lines


def test_each_line_has_its_place_and_blank_ones_are_passed_over() -> None:
    assert Report(b'{"a": 1}\n\n{"b": 2}\n', "r").json_lines == [({"a": 1}, "line 1"), ({"b": 2}, "line 3")]


def test_a_line_that_is_no_json_is_named() -> None:
    with pytest.raises(MalformedError, match="not JSON") as refused:
        _ = Report(b'{"a": 1}\n{"b": \n', "r").json_lines
    assert refused.value.where == "line 2"
