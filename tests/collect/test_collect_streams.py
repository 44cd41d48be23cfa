"""JSON lines and other streams of objects: split where objects end, each read strictly, with its line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError, UsageError

LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5) | st.just("}\n{")
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=3)


@given(
    objects=st.lists(OBJECTS, min_size=2, max_size=5),
    indent=st.sampled_from([None, 0, 1, "\t"]),
    end=st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_what_is_written_one_after_the_other_is_read_so(objects: list[Any], indent: Any, end: str) -> None:
    report = Report(end.join(json.dumps(item, indent=indent) for item in objects).encode())

    assert report.is_stream
    assert [value for value, _ in report.documents] == objects


@given(value=OBJECTS, indent=st.sampled_from([None, 0, 1]))
def test_one_document_is_no_stream(value: Any, indent: Any) -> None:
    report = Report(json.dumps(value, indent=indent).encode())

    assert not report.is_stream
    assert report.documents == ((value, 1),)


def test_each_object_has_the_line_it_begins_in() -> None:
    assert [line for _, line in Report(b'{"a": 1}\n{\n"b": 2\n}\n\n{"c": 3}\n').documents] == [1, 2, 6]


@pytest.mark.parametrize(
    ("data", "where", "code"),
    [
        (b'{"a": 1}\n{"b": 1, "b": 2}\n', "log: from line 2", "json.duplicate_key"),
        (b'{"a": 1}\n{"b": NaN}\n', "log: from line 2", "json.not_a_number"),
        (b'{"a": 1}\n{"b": ', "log: from line 2", "json.syntax"),
        (b'{"a": 1}\nnoise\n{"b": 2}\n{"c": 3}', "log: from line 1", "json.syntax"),
        (b'{"a": 1}\n{"b": 2}\nnoise', "log: from line 2", "json.syntax"),
        (b'\xef\xbb\xbf{"a": 1}\n{"b": 2}', "log: from line 1", "json.encoding"),
    ],
)
def test_whatever_is_no_object_is_refused_with_its_line(data: bytes, where: str, code: str) -> None:
    report = Report(data, "log")
    assert report.is_stream

    with pytest.raises(MalformedError) as caught:
        _ = report.documents

    assert caught.value.code == code
    assert caught.value.where.startswith(where)


def test_a_stream_that_nothing_reads_is_no_broken_document() -> None:
    with pytest.raises(UsageError) as caught:
        registry.read(Report(b'{"a": 1}\n{"b": 2}\n', "log"))

    assert caught.value.code == "collect.unrecognised"
