"""Packs as folders: what is read, what is passed over, what is refused with its place."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from pack_files import DENY, rule_text, write_pack

from gatekeeper.errors import GatekeeperError, PolicyError
from gatekeeper.load.packs import load_packs
from gatekeeper.policy import Parameter

if TYPE_CHECKING:
    from pathlib import Path

FULL = """\
# METADATA
# title: Scans are young
# description: >-
#   Why it is there,
#   in two lines.
# related_resources:
#   - https://example.org/standard
# custom:
#   severity: high
#   needs: {vulnerabilities: [scanned_at, findings.id, findings.locator]}
#   reads: {vulnerabilities: [findings.score]}
#   parameters:
#     longest: {type: string, default: 24h, tighten: down}
#     allowed: {type: array, items: {type: string}, default: [], tighten: subset}
#     level: {type: integer, minimum: 0}
#   ages: {vulnerabilities.scanned_at: longest}
#   effective_on: 2026-12-24
#   remedy: Scan again.
#   controls: [SSDF-RV.1.1, ISO27001-A.8.8]
#   waivable: false
package gatekeeper.demo.probe

import rego.v2

deny contains violation if {
	some report in input.vulnerabilities
	some finding in report.findings
	not finding.id in input.parameters.allowed
	violation := {
		"message": $"{finding.id} ({finding.score})",
		"term": finding.id,
		"source": report.source,
		"locator": finding.locator,
	}
}

warn contains violation if {
	some report in input.vulnerabilities
	violation := {"message": "look", "source": report.source}
}
"""


def refusal(root: Path) -> GatekeeperError:
    with pytest.raises(GatekeeperError) as caught:
        load_packs([root])
    return caught.value


def test_a_rule_is_all_that_its_file_says(tmp_path: Path) -> None:
    rule = load_packs([write_pack(tmp_path, FULL)]).rules["demo.probe"]

    assert rule.path == "demo/probe/probe.rego"
    assert rule.text == FULL
    assert rule.title == "Scans are young"
    assert rule.description == "Why it is there, in two lines."
    assert rule.remedy == "Scan again."
    assert rule.severity == "high"
    assert rule.controls == ("ISO27001-A.8.8", "SSDF-RV.1.1")
    assert rule.needs == {"vulnerabilities": ("findings.id", "findings.locator", "scanned_at")}
    assert rule.reads == {"vulnerabilities": ("findings.score",)}
    assert rule.facts == {"vulnerabilities": ("findings.id", "findings.locator", "findings.score", "scanned_at")}
    assert rule.ages == {"vulnerabilities.scanned_at": "longest"}
    assert rule.effective_on == date(2026, 12, 24)
    assert rule.waivable is False
    assert rule.answers == ("deny", "warn")
    assert rule.parameters == {
        "allowed": Parameter(schema={"type": "array", "items": {"type": "string"}}, default=[], tighten="subset"),
        "level": Parameter(schema={"type": "integer", "minimum": 0}),
        "longest": Parameter(schema={"type": "string"}, default="24h", tighten="down"),
    }
    assert [name for name, parameter in rule.parameters.items() if not parameter.has_default] == ["level"]


def test_what_may_be_left_out_has_the_stated_meaning(tmp_path: Path) -> None:
    rule = load_packs([write_pack(tmp_path)]).rules["demo.probe"]

    assert (rule.severity, rule.controls, rule.effective_on, rule.ages) == ("", (), None, {})
    assert rule.waivable is True
    assert rule.reads == {}
    assert rule.answers == ("deny",)


def test_a_pack_is_what_its_pack_toml_says(tmp_path: Path) -> None:
    pack = load_packs([write_pack(tmp_path, files={"probe/probe_test.rego": "package x"})]).packs["demo"]

    assert (pack.name, pack.version, pack.description) == ("demo", "1.0.0", "For a test.")
    assert pack.folder == tmp_path / "demo"
    assert pack.tests == (tmp_path / "demo/probe/probe_test.rego",)


def test_tests_data_hidden_folders_and_pages_are_never_loaded(tmp_path: Path) -> None:
    root = write_pack(
        tmp_path,
        files={
            "data.json": "{",
            "data.yaml": "{",
            "README.md": "A page.",
            "probe/probe_test.rego": "not even Rego",
            "probe/data.json": "{",
            "probe/probe.md": "A page.",
            "probe/__pycache__/x.pyc": "",
            "__pycache__/x.pyc": "",
            ".regal/rules/custom.rego": "not even Rego",
            "probe/.draft/old.rego": "not even Rego",
            "probe/.probe.rego": "not even Rego",
            "lib/numbers_test.rego": "not even Rego",
        },
    )
    (root / ".git").mkdir()
    (root / "README.md").write_text("A page.")

    packs = load_packs([root])

    assert list(packs.rule_set(packs.resolve(["demo.*"])).modules) == ["demo/probe/probe.rego"]


def test_a_library_goes_with_the_rules_of_its_own_pack_only(tmp_path: Path) -> None:
    library = "package gatekeeper.demo.lib\n\nallowed(n) if n == 0\n"
    root = write_pack(tmp_path, files={"lib/numbers.rego": library})
    write_pack(tmp_path, name="other")

    packs = load_packs([root])

    assert packs.libraries("demo") == {"demo/lib/numbers.rego": library}
    assert packs.libraries("other") == {}
    assert packs.rule_set(packs.resolve(["other.probe"])).libraries == {}
    assert list(packs.rule_set(packs.resolve(["demo.probe", "other.probe"])).libraries) == ["demo/lib/numbers.rego"]


def test_prose_and_tests_change_no_digest_and_rules_do(tmp_path: Path) -> None:
    root = write_pack(tmp_path)
    packs = load_packs([root])
    before = packs.rule_set(packs.resolve(["demo.*"])).digest

    write_pack(tmp_path, files={"probe/probe_test.rego": "package other", "pack.toml": PACK_TOML.replace("For", "Of")})
    packs = load_packs([root])
    assert packs.rule_set(packs.resolve(["demo.*"])).digest == before

    write_pack(tmp_path, rule_text(DENY.replace("> input", ">= input")))
    packs = load_packs([root])
    assert packs.rule_set(packs.resolve(["demo.*"])).digest != before


PACK_TOML = 'name = "demo"\nversion = "1.0.0"\ndescription = "For a test."\n'


@pytest.mark.parametrize(
    ("path", "text", "where", "message"),
    [
        ("stray.rego", "package x", "stray.rego", "a Rego file that nothing loads"),
        ("probe/other.rego", "package x", "probe/other.rego", "a Rego file that nothing loads"),
        ("probe/PROBE.REGO", "package x", "probe/PROBE.REGO", "a Rego file that nothing loads"),
        ("probe/deeper/deeper.rego", "package x", "probe/deeper/deeper.rego", "a Rego file that nothing loads"),
        ("lib/deeper/x.rego", "package x", "lib/deeper/x.rego", "a Rego file that nothing loads"),
        ("empty/notes.md", "", "empty", "the folder has no empty.rego"),
        ("other/other_test.rego", "package x", "other", "the folder has no other.rego"),
        ("Other/Other.rego", "package x", "Other", "'Other' is no name for a pack or rule"),
        ("every/every.rego", "package x", "every", "'every' is no name for a pack or rule"),
        ("x_test/x_test.rego", "package x", "x_test", "'x_test' is no name for a pack or rule"),
        ("a-b/a-b.rego", "package x", "a-b", "'a-b' is no name for a pack or rule"),
        ("pack.toml", "name = ", "pack.toml", "not TOML: Invalid value (at end of document)"),
        ("pack.toml", PACK_TOML + 'nmae = "x"\n', "pack.toml:4", "nmae is no part of a pack.toml"),
        ("pack.toml", PACK_TOML.replace('"demo"', '"dem"'), "pack.toml:1", "the name is not that of the folder, demo"),
        ("pack.toml", PACK_TOML.replace("1.0.0", "1.0"), "pack.toml:2", "'1.0' is no version"),
        ("pack.toml", PACK_TOML.replace("For a test.", " "), "pack.toml:3", "description is missing or no text"),
        ("pack.toml", 'name = "demo"\n', "pack.toml:1", "version is missing or no text"),
        ("probe/probe.rego", "", "probe/probe.rego", "the file is empty"),
        ("probe/probe.rego", "# only\n", "probe/probe.rego", "the file is empty"),
        ("probe/probe.rego", "import rego.v2\n", "probe/probe.rego:1", "the file does not begin with its package"),
        ("probe/probe.rego", rule_text() + " more\n", "probe/probe.rego:17", LAYOUT := "a rule begins in the first column, and whatever else belongs into brackets or on the same line"),
        ("probe/probe.rego", rule_text() + "5 if true\n", "probe/probe.rego:17", "not a rule"),
        ("probe/probe.rego", rule_text() + "x := [1\n", "probe/probe.rego:17", "'[' is not closed"),
        ("probe/probe.rego", rule_text() + "}\n", "probe/probe.rego:17", "'}' closes nothing"),
        ("probe/probe.rego", rule_text() + "x := [1}\n", "probe/probe.rego:17", "'}' closes nothing"),
        ("probe/probe.rego", rule_text() + "x := 'a'\n", "probe/probe.rego:17", '"\'" starts nothing that Rego knows'),
        ("probe/probe.rego", rule_text() + 'x := "a\n', "probe/probe.rego:17", "'\"' starts nothing that Rego knows"),
        ("probe/probe.rego", rule_text() + 'x := $"a{\n', "probe/probe.rego:18", "a template string without end"),
        ("probe/probe.rego", rule_text() + "# \u202e\n", "probe/probe.rego:17", "the character U+202E, which nobody sees"),
        ("probe/probe.rego", rule_text().replace("\n", "\r\n"), "probe/probe.rego:1", "the character U+000D, which nobody sees"),
        ("probe/probe.rego", rule_text().replace(".probe", ".prob"), "probe/probe.rego:8", "the package is gatekeeper.demo.prob"),
        ("probe/probe.rego", rule_text().replace("gatekeeper.demo", "demo"), "probe/probe.rego:8", "the package is demo.probe"),
        ("lib/x.rego", "package gatekeeper.demo.lob\n", "lib/x.rego:1", "the package is gatekeeper.demo.lob"),
        ("lib/x.rego", "package gatekeeper.demo.lib\n\nx := input.coverage\n", "lib/x.rego:3", "a library reads input"),
        ("lib/x.rego", "# METADATA\n# title: x\npackage gatekeeper.demo.lib\n", "lib/x.rego:1", "a METADATA block"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_pack_is_named_with_its_place(
    tmp_path: Path, path: str, text: str, where: str, message: str
) -> None:
    error = refusal(write_pack(tmp_path, files={path: text}))

    assert (type(error), error.message) == (PolicyError, message)
    assert error.where == f"{tmp_path}/demo/{where}"


def test_not_utf_8_and_too_large(tmp_path: Path) -> None:
    root = write_pack(tmp_path)
    rule = root / "demo/probe/probe.rego"

    rule.write_bytes(b"package x # \xff\n")
    assert refusal(root).message == "not UTF-8 (byte 12)"

    rule.write_bytes(b"#" * (1024 * 1024 + 1))
    assert refusal(root).message == "larger than 1048576 bytes"


@pytest.mark.parametrize("name", ["slot", "approval", "stage", "freeze", "subject", "lib", "waiver", "evidence", "gatekeeper"])  # fmt: skip
def test_names_of_requirements_are_reserved(tmp_path: Path, name: str) -> None:
    assert refusal(write_pack(tmp_path, name=name)).message == f"the name {name} is reserved"


def test_two_packs_of_one_name(tmp_path: Path) -> None:
    ours, theirs = write_pack(tmp_path / "ours"), write_pack(tmp_path / "theirs")

    with pytest.raises(PolicyError, match="a pack called demo is there twice") as caught:
        load_packs([ours, theirs])

    assert caught.value.where == str(theirs / "demo")
    assert str(ours / "demo") in caught.value.hint


def test_one_folder_twice(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="a pack called demo is there twice"):
        load_packs([write_pack(tmp_path), tmp_path])


def test_a_pack_of_ours_does_not_take_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="a pack called tests is there twice"):
        load_packs(["gatekeeper", write_pack(tmp_path, name="tests")])


def test_folders_that_hold_no_packs(tmp_path: Path) -> None:
    missing = refusal(tmp_path / "missing")
    assert (missing.message, missing.where) == ("there is no such folder of packs", str(tmp_path / "missing"))

    empty = refusal(tmp_path)
    assert (empty.message, empty.where) == ("holds no pack", str(tmp_path))

    (tmp_path / "rule.rego").write_text("package x")
    stray = refusal(tmp_path)
    assert (stray.message, stray.where) == ("belongs to no pack", str(tmp_path / "rule.rego"))


def test_folders_without_a_rule(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    assert refusal(tmp_path).message == "there is no pack.toml"

    (tmp_path / "demo/pack.toml").write_text(PACK_TOML)
    assert refusal(tmp_path).message == "the pack has no rule"


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    root = write_pack(tmp_path / "packs")
    elsewhere = write_pack(tmp_path / "elsewhere", name="other")
    (root / "demo/more").symlink_to(elsewhere / "other/probe")

    assert refusal(root).message == "a link to a folder"


@pytest.mark.parametrize(
    ("patterns", "ids"),
    [
        (["one.probe"], ["one.probe"]),
        (["two.*", "one.*"], ["one.probe", "two.probe"]),
        (["two.probe", "two.*", "two.probe"], ["two.probe"]),
        ([], []),
    ],
)
def test_patterns_name_rules_once_and_in_order(tmp_path: Path, patterns: list[str], ids: list[str]) -> None:
    write_pack(tmp_path, name="one")
    packs = load_packs([write_pack(tmp_path, name="two")])

    assert [rule.id for rule in packs.resolve(patterns)] == ids


@pytest.mark.parametrize(
    ("pattern", "message", "hint"),
    [
        ("demo.prob", "demo.prob names no rule", "did you mean demo.probe?"),
        ("dmo.*", "dmo.* names no rule", "did you mean demo.*?"),
        ("*", "'*' names no rule", "write tests.* for a pack, or tests.passed for a rule"),
        ("*.probe", "'*.probe' names no rule", "write tests.* for a pack, or tests.passed for a rule"),
        ("demo.pro*", "'demo.pro*' names no rule", "write tests.* for a pack, or tests.passed for a rule"),
        ("demo.[p]robe", "'demo.[p]robe' names no rule", "write tests.* for a pack, or tests.passed for a rule"),
        ("demo", "'demo' names no rule", "write tests.* for a pack, or tests.passed for a rule"),
        ("demo.", "'demo.' names no rule", "write tests.* for a pack, or tests.passed for a rule"),
        ("", "'' names no rule", "write tests.* for a pack, or tests.passed for a rule"),
    ],
)
def test_a_pattern_that_names_no_rule_is_an_error(tmp_path: Path, pattern: str, message: str, hint: str) -> None:
    packs = load_packs([write_pack(tmp_path)])

    with pytest.raises(PolicyError) as caught:
        packs.resolve(["demo.probe", pattern], where="gate.toml:7")

    assert (caught.value.message, caught.value.hint, caught.value.where) == (message, hint, "gate.toml:7")
