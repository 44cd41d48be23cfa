"""Text from evidence is inert in every form, wherever in a decision it stands."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import decisions
import defusedxml.ElementTree
import pytest
from hostile import FRAGMENTS, TEXTS, assert_calm
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gatekeeper.errors import ConfigError, MalformedError
from gatekeeper.report import github, render, render_error, render_inspection, render_records, render_verdicts
from gatekeeper.report.inert import code_span, inert, markdown
from gatekeeper.report.layout import width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

BATCH = 10
many_texts = st.lists(TEXTS, min_size=BATCH, max_size=BATCH)
"""Ten texts for one decision; a hundred decisions are a thousand texts."""

thousand = settings(max_examples=100, deadline=None)


def encodable(texts: Sequence[str]) -> list[str]:
    """Texts as they come out of strict JSON, which has no lone surrogates."""
    return [text.encode("utf-8", "replace").decode() for text in texts]


@thousand
@given(many_texts, st.sampled_from([40, 57, 80, 120]), st.booleans())
def test_no_line_of_text_acts_or_is_too_wide(texts: list[str], width: int, ascii_only: bool) -> None:
    decision = decisions.everywhere(encodable(texts)).as_json()

    page = render(decision, width=width, ascii=ascii_only, verbose=True)

    assert_calm(page)
    assert page.isascii() or not ascii_only
    assert max(map(width_of, page.split("\n"))) <= width


@thousand
@given(many_texts)
def test_colours_are_the_only_control_characters(texts: list[str]) -> None:
    decision = decisions.everywhere(encodable(texts)).as_json()

    page = render(decision, color=True)

    assert re.sub(r"\x1b\[[0-9;]*m", "", page) == render(decision)


def outline(page: str) -> list[Any]:
    """The tree that Markdown is read as, with runs of text and code as one ``text``."""
    parsed = MarkdownIt("gfm-like").parse(page)
    return [(token.type, token.tag, token.markup, spoken(token.children or [])) for token in parsed]


def spoken(children: list[Token]) -> list[Any]:
    kinds = [
        "text" if child.type in {"text", "code_inline", "text_special"} else (child.type, child.attrs)
        for child in children
    ]
    return [kind for number, kind in enumerate(kinds) if kind != "text" or kinds[number - 1 : number] != ["text"]]


PLAIN_OUTLINE = outline(github.step_summary(decisions.everywhere(["x"]).as_json()))


@thousand
@given(many_texts)
def test_markdown_reads_evidence_as_text(texts: list[str]) -> None:
    page = github.step_summary(decisions.everywhere(encodable(texts)).as_json())

    assert_calm(page)
    assert outline(page) == PLAIN_OUTLINE
    for token in MarkdownIt("gfm-like").parse(page):
        prose = "".join(child.content for child in token.children or [] if child.type in {"text", "text_special"})
        assert not re.search(r"@|://|\$|#\w|!\d|~[\w\"]|\bwww\.|\bGH-\d", prose, re.IGNORECASE)
        assert not re.search(r":(?!\d)[\w+-]+:", prose)


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=ascii)
def test_markdown_reads_each_fragment_as_text(fragment: str) -> None:
    for text in encodable([fragment, f"{fragment} a {fragment}", f"a{fragment}b"]):
        page = github.step_summary(decisions.everywhere([text]).as_json())

        assert_calm(page)
        assert outline(page) == PLAIN_OUTLINE


@thousand
@given(many_texts)
def test_sarif_reads_back(texts: list[str]) -> None:
    page = render(decisions.everywhere(encodable(texts)).as_json(), "sarif")

    assert_calm(page)
    run = json.loads(page)["runs"][0]
    assert len(run["results"]) == 6
    for result in run["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9_.~/%-]+", uri)
        assert not uri.startswith("/")
        assert ".." not in uri.split("/")
        assert not re.search(r"(?<!\\)[\[\]]|(?<!\{)\{(?!\{)(?<!\{\{)", result["message"]["text"].replace("\\\\", ""))
    marks = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(marks)) == len(marks)


@thousand
@given(many_texts)
def test_junit_reads_back_with_unique_names(texts: list[str]) -> None:
    page = render(decisions.everywhere(encodable(texts)).as_json(), "junit")

    assert_calm(page)
    suite = defusedxml.ElementTree.fromstring(page.encode())[0]
    cases = suite.findall("testcase")
    assert Counter(child.tag for case in cases for child in case if child.tag != "system-out") == {
        "failure": 3,
        "error": 1,
        "skipped": 1,
    }
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases) == 7
    assert suite.get("tests") == str(len(cases))


def as_runner(line: str) -> tuple[str, dict[str, str], str] | None:
    """A line as the runner takes it for a command: name, properties, data. None when it prints it."""
    line = line.lstrip()
    if not line.startswith("::"):
        assert not re.search(r"##\[", line)
        return None
    command, _, data = line[2:].partition("::")
    name, _, rest = command.partition(" ")
    properties = dict(pair.partition("=")[::2] for pair in rest.split(","))
    return name.lower(), properties, data


@thousand
@given(many_texts)
def test_annotations_are_the_only_commands(texts: list[str]) -> None:
    page = render(decisions.everywhere(encodable(texts)).as_json(), "github")

    assert_calm(page, commands=True)
    lines = page.rstrip("\n").split("\n")
    commands = [command for command in map(as_runner, lines) if command]
    assert Counter(name for name, _, _ in commands) == {"error": 4, "warning": 3}
    assert all(set(properties) == {"file", "line", "title"} for _, properties, _ in commands)
    assert len(lines) == 8


@thousand
@given(many_texts)
def test_json_is_the_same_value_and_acts_on_nothing(texts: list[str]) -> None:
    decision = decisions.everywhere(encodable(texts)).as_json()

    page = render(decision, "json")

    assert json.loads(page) == decision
    assert page.count("\n") == 1
    assert not re.search(r"##\w*\[", page)
    assert not [character for character in page[:-1] if character != "\u3000" and not character.isprintable()]


@thousand
@given(many_texts)
def test_other_pages_are_calm(texts: list[str]) -> None:
    texts = encodable(texts)
    entries = [{"sequence": 1, "subject": {"name": text, "digest": {"sha256": text}}, "at": text} for text in texts]
    found = [{"name": text, text: text, "facts": {text: [text], "x": text}} for text in texts]

    assert_calm(render_records(entries))
    assert_calm(render_verdicts([{"name": text, "status": text, "signers": [text], "reason": text} for text in texts]))
    assert_calm(render_inspection(found))


@thousand
@given(many_texts)
def test_csv_reads_back_and_holds_no_formula(texts: list[str]) -> None:
    rows = [{"sequence": 1, "stage": text, "gate": text, "waived": [text]} for text in encodable(texts)]

    page = render_records(rows, "csv")

    assert_calm(page.replace("\r\n", "\n"))
    cells = list(csv.reader(io.StringIO(page, newline=""), strict=True))
    assert len(cells) == BATCH + 1
    assert {len(row) for row in cells} == {15}
    assert not [cell for row in cells for cell in row if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))]


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from(["text", "json", "markdown", "sarif", "junit", "github"]))
def test_errors_are_calm_even_with_names_that_are_not_unicode(text: str, form: str) -> None:
    page = render_error(ConfigError(f"m {text}", where=f"w {text}", hint=f"h {text}"), form)

    assert_calm(page, commands=form == "github")
    assert len([line for line in page.split("\n") if line.lstrip().startswith("::")]) == (form == "github")


def read_back(page: str) -> str:
    """The text of Markdown that is one paragraph of nothing but text."""
    opening, inline, closing = MarkdownIt("gfm-like").parse(page)
    assert (opening.type, closing.type) == ("paragraph_open", "paragraph_close")
    assert {child.type for child in inline.children or []} <= {"text", "text_special", "code_inline"}
    return "".join(child.content for child in inline.children or [])


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_markdown_says_what_the_text_says(text: str) -> None:
    shown = inert(text, limit=600)

    assert read_back(f"x{code_span(text)}") == f"x{shown or ' '}"
    if shown.strip():
        assert read_back(markdown(text)).strip() == shown.strip()


@pytest.mark.parametrize("text", ["&lt;b&gt; &amp;", "- a", "+ a", "1. a", "12) a", "= a", "a - b", "2026-12-01", "\\"])
def test_prose_that_looks_like_markdown_says_what_it_says(text: str) -> None:
    assert "`" not in markdown(text)
    assert read_back(markdown(text)) == text


@pytest.mark.parametrize("form", ["text", "json", "markdown", "sarif", "junit", "github"])
def test_an_error_about_a_name_that_is_not_unicode_is_printed(form: str) -> None:
    page = render_error(ConfigError("not there", where="evidence/\udcff.xml"), form)

    assert "\\udcff.xml" in page.replace("\\\\", "\\")
    page.encode()


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=ascii)
def test_inert_text_is_stable(fragment: str) -> None:
    assert inert(inert(fragment)) == inert(fragment)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain: 85% of a::b", "plain: 85% of a::b"),
        ("::error::x", "\\u003a\\u003aerror::x"),
        ("x\u3000::error::", "x\u3000\\u003a\\u003aerror::"),
        ("  ::error::x", "  \\u003a\\u003aerror::x"),
        ("a  ::error::x", "a  \\u003a\\u003aerror::x"),
        ("License :: OSI Approved :: MIT License", "License :: OSI Approved :: MIT License"),
        ("suite::name [a :: b]", "suite::name [a :: b]"),
        ("std::vector", "std::vector"),
        ("a::::b", "a\\u003a\\u003a\\u003a\\u003ab"),
        ("##[error] ##vso[x] ## [x]", "#\\u0023[error] #\\u0023vso[x] ## [x]"),
        ("a\r\nALLOW", "a\\u000d\\u000aALLOW"),
        ("\x1b[2J\x9b", "\\u001b[2J\\u009b"),
        ("\u202eLIVE \U000e0041", "\\u202eLIVE \\U000e0041"),
        ("名前 e\u0301", "名前 e\u0301"),
        ("\u0301e", "\\u0301e"),
        ("e\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\\u0301"),
        ("x" * 4_005, "x" * 4_000 + " (5 more characters)"),
    ],
)
def test_what_acts_or_hides_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_outputs_hold_closed_values_between_delimiters_nobody_can_guess() -> None:
    decision = decisions.hostile()

    first, second = github.outputs(decision.as_json()), github.outputs(decision.as_json())

    pattern = r"([a-z-]+)<<(end-[0-9a-f]{32})\n(.*)\n\2\n"
    assert {name: value for name, _, value in re.findall(pattern, first)} == {
        "outcome": "deny",
        "waiting": "false",
        "decision": decision.id,
        "valid-until": "2026-11-25T02:14:00Z",
        "rests-on-unsigned": "false",
    }
    assert re.sub(pattern, "", first) == ""
    assert first != second


def test_an_output_that_is_no_plain_value_is_refused() -> None:
    decision = decisions.allow().as_json() | {"valid_until": "2026-12-01\noutcome=allow"}

    with pytest.raises(MalformedError, match="valid-until is not a plain value"):
        github.outputs(decision)


def test_a_path_output_stays_on_its_line() -> None:
    assert re.fullmatch(
        r"record<<(end-[0-9a-f]{32})\nout/a b\.json\n\1\n", github.path_output("record", "out/a b.json")
    )
    with pytest.raises(MalformedError, match="record is not a plain path"):
        github.path_output("record", "a\noutcome=allow")
