"""``gatekeeper policy lint`` and ``docs``: what is wrong with rules, at once; and pages that say what the rules say."""

from __future__ import annotations

import json
import shutil
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from rego_files import GOOD, RULE, TESTS, pack, write

from gatekeeper import _data
from gatekeeper.errors import EngineError
from gatekeeper.load import gate_diff
from gatekeeper.load.packs import load_packs
from gatekeeper.pages.site import pages
from gatekeeper.testing import regal
from gatekeeper.testing.linting import lint
from tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from project import Project

TEMPLATES = ("container-service", "python-package", "regulated-service")
CLEAN = RULE.replace("#   remedy:", "#   severity: medium\n#   controls: [SSDF-PW.8.2]\n#   remedy:").replace(
    "[lines_covered, lines_valid]", "[lines_covered]"
)


def found(folder: Path, binary: OpaBinary) -> list[tuple[str, str]]:
    return [(item.check, item.message) for item in lint([folder], binary=binary)]


def our_pack(rule: str = CLEAN, tests: str = GOOD) -> dict[str, str]:
    return pack(tests) | {"policies/own/lines/lines.rego": rule}


def test_a_clean_rule_is_clean(tmp_path: Path, binary: OpaBinary) -> None:
    assert found(write(tmp_path, our_pack()) / "policies", binary) == []


@pytest.mark.parametrize(
    ("change", "check", "message"),
    [
        (lambda rule: rule.replace("#   severity: medium\n", ""), "metadata.severity", "METADATA names no severity"),
        (lambda rule: rule.replace("#   controls: [SSDF-PW.8.2]\n", ""), "metadata.controls", "METADATA names no control"),
        (
            lambda rule: rule.replace("Enough lines are covered", "enough lines are covered."),
            "metadata.title",
            "the title is no sentence without its stop",
        ),
        (
            lambda rule: rule.replace("[lines_covered]", "[lines_covered, files.path]"),
            "metadata.needs",
            "needs declares coverage.files.path, which it never reads",
        ),
        (
            lambda rule: rule.replace("parameters: {", "parameters: {spare: {type: string, default: x}, "),
            "metadata.parameters",
            "the parameter spare is used by nothing",
        ),
        (
            lambda rule: rule.replace(", tighten: up", ""),
            "metadata.tighten",
            "the parameter minimum does not say which way is stricter",
        ),
        (
            lambda rule: rule.replace("report.lines_covered <", "report.lines_covred <"),
            "policy.fact",
            "",
        ),
    ],
)  # fmt: skip
def test_each_fault_is_found(
    change: Callable[[str], str], check: str, message: str, tmp_path: Path, binary: OpaBinary
) -> None:
    changed = change(CLEAN)
    assert changed != CLEAN
    [(named, said)] = found(write(tmp_path, our_pack(changed)) / "policies", binary)
    assert not message or (named, said) == (check, message)


def test_denials_that_no_test_has_seen_and_rules_without_tests(tmp_path: Path, binary: OpaBinary) -> None:
    write(tmp_path, our_pack(tests="test_pass if denied(80) == set()\n"))
    assert found(tmp_path / "policies", binary) == [("test.unseen", "no test has seen this deny")]
    (tmp_path / "policies/own/lines/lines_test.rego").unlink()
    assert ("test.missing", "there is no test beside it") in found(tmp_path / "policies", binary)


def test_the_words_of_an_enumeration_are_tested(tmp_path: Path, binary: OpaBinary) -> None:
    rule = CLEAN.replace(
        "needs: {coverage: [lines_covered]}", "needs: {coverage: [lines_covered], build: [diagnostics.level]}"
    )
    rule = rule.replace("	some report in input.coverage\n", "	some report in input.coverage\n	not none_bad\n")
    rule += (
        '\nnone_bad if {\n	some one in input.build\n	some said in one.diagnostics\n	said.level == "error"\n}\n'
    )
    named = {
        message
        for check, message in found(write(tmp_path, our_pack(rule)) / "policies", binary)
        if check == "test.words"
    }
    assert "no test mentions diagnostics.level error" in named


def test_every_rule_that_does_not_load_is_named(tmp_path: Path, binary: OpaBinary) -> None:
    other = {
        f"policies/own/more/{name}": text.replace("own.lines", "own.more")
        for name, text in (("more.rego", CLEAN), ("more_test.rego", TESTS + GOOD))
    }
    broken = {path: text.replace("needs: {coverage", "needs: {covrage") for path, text in (our_pack() | other).items()}
    faults = lint([write(tmp_path, broken) / "policies"], binary=binary)
    assert [(fault.rule, fault.message) for fault in faults] == [
        ("own.lines", "no kind of evidence is called covrage"),
        ("own.more", "no kind of evidence is called covrage"),
    ]


def test_the_packs_of_the_library_are_clean(binary: OpaBinary) -> None:
    program = regal.installed()
    said = lint([_data.folder("policies")], binary=binary, regal_path=program)
    assert [(item.where, item.message) for item in said] == []


REPORT = {
    "violations": [
        {
            "title": "line-length",
            "description": "Line too long",
            "category": "style",
            "level": "error",
            "location": {"col": 1, "row": 7, "file": "own/lines/lines.rego"},
        }
    ]
}


def fake_regal(folder: Path, body: str) -> Path:
    """A program in place of Regal: what is tested is how its answers are read, not what it finds."""
    program = folder / "regal"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return program


def test_what_regal_says_is_in_the_same_list(tmp_path: Path, binary: OpaBinary) -> None:
    write(tmp_path, our_pack())
    program = fake_regal(tmp_path, f"echo '{json.dumps(REPORT)}'; exit 3")
    [said] = lint([tmp_path / "policies"], binary=binary, regal_path=program)
    assert (said.where, said.message, said.check, said.by) == (
        f"{tmp_path}/policies/own/lines/lines.rego:7",
        "Line too long",
        "style/line-length",
        "regal",
    )


@pytest.mark.parametrize("body", ["exit 1", "exit 0", "echo '[]'; exit 0", "echo '{\"violations\": [{}]}'; exit 3"])
def test_a_regal_that_gives_no_report_is_an_error(body: str, tmp_path: Path, binary: OpaBinary) -> None:
    write(tmp_path, our_pack())
    with pytest.raises(EngineError, match="Regal"):
        lint([tmp_path / "policies"], binary=binary, regal_path=fake_regal(tmp_path, body))


def test_the_command_says_what_is_wrong_and_ends_with_1(project: Project) -> None:
    shutil.rmtree(project.folder / "policies")
    write(project.folder, our_pack(RULE))
    ran = project.run("policy", "lint", "--no-regal")
    assert ran.code == 1
    assert "policies/own/lines/lines.rego:1  own.lines  METADATA names no severity" in ran.out
    report = json.loads(project.run("policy", "lint", "--no-regal", "--format", "json").out)
    assert report["outcome"] == "fail"
    assert {item["rule"] for item in report["findings"]} == {"own.lines"}
    write(project.folder, our_pack())
    assert project.run("policy", "lint", "--no-regal").code == 0


def test_a_rule_that_no_stage_asks_is_named(project: Project) -> None:
    write(
        project.folder,
        {
            f"policies/spare/{name}": text.replace("own", "spare")
            for name, text in (
                ("pack.toml", 'name = "own"\nversion = "1.0.0"\ndescription = "For a test."\n'),
                ("lines/lines.rego", CLEAN),
                ("lines/lines_test.rego", TESTS + GOOD),
            )
        },
    )
    ran = project.run("policy", "lint", "policies/spare", "--no-regal", "--gate", "gate.toml")
    assert ran.code == 1
    assert "spare.lines  no stage of" in ran.out


def test_the_pages_of_the_library_are_fresh() -> None:
    gates = [gate_diff.read(f"gatekeeper:{name}").spec for name in TEMPLATES]
    made = pages(load_packs([_data.folder("policies")]), gates)
    kept = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs/rules").iterdir()}
    stale = sorted(name for name in {*made, *kept} if made.get(name) != kept.get(name))
    assert stale == [], "run: scripts/make_rule_pages"


def test_pages_of_a_gate_and_both_forms(project: Project) -> None:
    ran = project.run("policy", "docs", "policies", "--gate", "gate.toml", "-o", "pages", "--format", "html")
    assert ran.code == 0
    names = {path.name for path in (project.folder / "pages").iterdir()}
    assert {"index.html", "controls.html", "own.tests.html"} <= names
    [gate] = [name for name in names if name.startswith("gate-")]
    for name in names:
        check_html((project.folder / "pages" / name).read_text(encoding="utf-8"), names)
    assert 'href="own.tests.html"' in (project.folder / "pages" / gate).read_text(encoding="utf-8")
    assert (
        project.run(
            "policy", "docs", "policies", "--gate", "gate.toml", "-o", "pages", "--format", "html", "--check"
        ).code
        == 0
    )


def check_html(text: str, names: set[str]) -> None:
    """Every element is closed in its order, and every link leads to a page."""
    open_now: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            target = dict(attrs).get("href")
            assert target is None or target in names
            if tag != "meta":
                open_now.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_now.pop() == tag

    Reader().feed(text)
    assert open_now == []


def test_texts_of_a_rule_are_no_markup(tmp_path: Path) -> None:
    hostile = CLEAN.replace("Add tests.", "'<script>alert(1)</script> | [x](javascript:1) `a`'")
    packs = load_packs([write(tmp_path, our_pack(hostile)) / "policies"])
    page = pages(packs, form="html")["own.lines.html"]
    assert "<script>" not in page
    table = pages(packs)["own.lines.md"]
    assert "<script>" not in table
    assert "](javascript:1)" not in table.replace("\\](", "")


def test_a_page_that_is_not_as_it_would_be_is_named(project: Project) -> None:
    shutil.rmtree(project.folder / "policies")
    write(project.folder, our_pack())
    assert project.run("policy", "docs").out.splitlines() == [
        "docs/rules/README.md",
        "docs/rules/controls.md",
        "docs/rules/own.lines.md",
    ]
    assert project.run("policy", "docs", "--check").code == 0
    write(project.folder, our_pack(CLEAN.replace("Add tests.", "Write tests.")))
    (project.folder / "docs/rules/notes.md").write_text("mine")
    gone = project.folder / "docs/rules/own.gone.md"
    gone.write_text((project.folder / "docs/rules/own.lines.md").read_text())
    ran = project.run("policy", "docs", "--check")
    assert (ran.code, ran.out.splitlines()) == (1, ["docs/rules/own.gone.md", "docs/rules/own.lines.md"])
    assert project.run("policy", "docs").code == 0
    assert not gone.exists()
    assert (project.folder / "docs/rules/notes.md").read_text() == "mine"
