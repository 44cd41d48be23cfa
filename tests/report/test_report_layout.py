"""Lines that fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.report.layout import Page, Span, width_of


def wrapped(text: str, width: int = 40, lead: str = "") -> list[str]:
    return list(Page(width=width).wrap([Span(text)], lead=Span(lead)))


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("名前", 4), ("e\u0301", 1), ("\uff71", 1), ("\uff21", 2), ("🚀", 2), ("", 0)]
)
def test_wide_characters_take_two_columns_and_marks_none(text: str, width: int) -> None:
    assert width_of(text) == width


def test_later_lines_hang_below_the_first() -> None:
    assert wrapped("one two three four five six seven", 20, "  x ") == [
        "  x one two three",
        "    four five six",
        "    seven",
    ]


def test_a_long_word_is_broken_after_a_separator_and_never_cut_off() -> None:
    assert wrapped("src/gatekeeper/report/layout.py", 20) == ["src/gatekeeper/", "report/layout.py"]
    assert "".join(wrapped("x" * 95, 40)) == "x" * 95


def test_a_break_never_puts_two_colons_first() -> None:
    for before in range(30, 45):
        lines = wrapped("a" * before + "::" + "b" * 30)
        assert not [line for line in lines if line.startswith("::")]


@pytest.mark.parametrize("before", range(1, 60))
@pytest.mark.parametrize("colons", ["::", ":: ::", ":: :: :: :: :: :: :: :: :: :: :: :: :: ::"])
def test_colons_that_stand_alone_stay_with_the_word_before(before: int, colons: str) -> None:
    text = f"{'a' * before} {colons} {'b' * 30}"
    lines = [line for indent in ("", "    ") for line in wrapped(text, 40, indent)]

    assert not [line for line in lines if line.lstrip().startswith("::")]
    assert max(map(len, lines)) <= 40


def test_east_asian_text_is_wrapped_by_columns() -> None:
    assert wrapped("名" * 25) == ["名" * 20, "名" * 5]


def test_a_lead_too_wide_for_the_page_is_wrapped_with_the_rest() -> None:
    lines = wrapped("text", 40, "l" * 60)

    assert "".join(lines) == "l" * 60 + "text"
    assert max(map(len, lines)) <= 40


@pytest.mark.parametrize(("asked", "given"), [(None, 80), (1, 40), (60, 60), (500, 120)])
def test_the_width_is_one_that_can_be_printed_on(asked: int | None, given: int) -> None:
    assert Page.of(width=asked).width == given


def test_colour_is_there_only_when_asked_for() -> None:
    assert Page(color=True).paint(Span("DENY", "bad")) == "\x1b[1;31mDENY\x1b[0m"
    assert Page(color=False).paint(Span("DENY", "bad")) == "DENY"


@given(st.text(alphabet="ab :/名é ", max_size=300), st.integers(40, 120), st.integers(0, 20))
def test_no_line_is_too_wide_and_no_character_is_lost(text: str, width: int, indent: int) -> None:
    lines = wrapped(text, width, " " * indent)

    assert max(map(width_of, lines), default=0) <= width
    assert "".join("".join(lines).split()) == "".join(text.split())
