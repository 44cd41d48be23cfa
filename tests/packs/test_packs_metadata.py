"""METADATA: it has to be there, be known to the last key, and say what can be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pack_files import HEAD, rule_text, write_pack

from gatekeeper import _data
from gatekeeper.errors import PolicyError
from gatekeeper.load.packs import load_packs

if TYPE_CHECKING:
    from pathlib import Path


WITHOUT = rule_text()[rule_text().index("package") :]


def refusal(root: Path, rule: str) -> tuple[str, int, str]:
    """Message, line and hint with which a rule is refused."""
    with pytest.raises(PolicyError) as caught:
        load_packs([write_pack(root, rule)])
    path, _, line = caught.value.where.rpartition(":")
    assert path == f"{root}/demo/probe/probe.rego"
    return caught.value.message, int(line), caught.value.hint


def with_custom(**changes: str) -> str:
    """A rule whose ``custom`` has these keys beside or instead of its own; an empty text takes one out."""
    keys = {"needs": "{test_results: [failed]}", "remedy": "Do something."}
    keys |= {"parameters": "{limit: {type: integer, minimum: 0, default: 0}}"} | changes
    lines = "".join(f"#   {name}: {value}\n" for name, value in keys.items() if value)
    return HEAD[: HEAD.index("#   needs")] + lines + WITHOUT


@pytest.mark.parametrize(
    ("name", "rule", "message", "line", "hint"),
    [
        ("no block", WITHOUT, "there is no METADATA directly above package", 1, "write # METADATA and the block there"),
        (
            "a blank line between block and package",
            rule_text().replace("package", "\npackage"),
            "there is no METADATA directly above package",
            9,
            "move the block of line 1 there",
        ),
        (
            "a letter lost",
            rule_text().replace("METADATA", "METADTA"),
            "the comment above package begins with '# METADTA'",
            1,
            "did you mean # METADATA?",
        ),
        (
            "small letters",
            rule_text().replace("# METADATA", "# metadata"),
            "the comment above package begins with '# metadata'",
            1,
            "did you mean # METADATA?",
        ),
        (
            "no space",
            rule_text().replace("# METADATA", "#METADATA"),
            "the comment above package begins with '#METADATA'",
            1,
            "did you mean # METADATA?",
        ),
        (
            "a line of prose first",
            "# Limits.\n" + rule_text(),
            "the comment above package begins with '# Limits.'",
            1,
            "begin it with # METADATA",
        ),
        ("nothing in it", "# METADATA\n" + WITHOUT, "the block says nothing", 2, ""),
        ("a list", "# METADATA\n# - title\n" + WITHOUT, "the block says nothing", 2, ""),
        (
            "another block on a rule",
            rule_text().replace("\ndeny contains", "\n# METADATA\n# schemas:\n#   - input: schema.all\ndeny contains"),
            "a METADATA block",
            12,
            "METADATA belongs to a rule's package; give it a comment",
        ),
        (
            "a second block in the block",
            rule_text().replace("# description", "# METADATA\n# description"),
            "not YAML: could not find expected ':'",
            4,
            "",
        ),
        (
            "an unknown key",
            rule_text().replace("# description", "# descripton"),
            "descripton is no part of METADATA",
            3,
            "did you mean description?",
        ),
        (
            "a key of OPA's that gives the rule another input",
            rule_text().replace("# custom", "# schemas: []\n# custom"),
            "schemas is no part of METADATA",
            4,
            "known here: custom, description, related_resources, title",
        ),
        (
            "a key in the wrong place",
            rule_text().replace("# custom", "# remedy: x\n# custom"),
            "remedy is no part of METADATA",
            4,
            "known here: custom, description, related_resources, title",
        ),
        ("an unknown key below", with_custom(remdy="x"), "custom.remdy is no part of METADATA", 8, "did you mean remedy?"),
        ("no title", rule_text().replace("# title: A title\n", ""), "title: absent", 2, ""),
        ("an empty title", rule_text().replace("A title", '""'), "title: empty", 2, ""),
        ("a title that is a number", rule_text().replace("A title", "80"), "title: integer, where string is needed", 2, ""),
        ("no remedy", with_custom(remedy=""), "custom.remedy: absent", 4, ""),
        ("no needs", with_custom(needs=""), "custom.needs: absent", 4, ""),
        (
            "an unknown severity",
            with_custom(severity="hihg"),
            "custom.severity: 'hihg' is none of low, medium, high, critical",
            8,
            "",
        ),
        ("a control twice", with_custom(controls="[A-1, A-1]"), "custom.controls: an item is there twice", 8, ""),
        ("an unknown on_fail", with_custom(on_fail="rollback"), "custom.on_fail: 'rollback' is none of hold, roll_back", 8, ""),
        ("waivable as a word", with_custom(waivable="no"), "custom.waivable: string, where boolean is needed", 8, ""),
        ("30 February", with_custom(effective_on="2026-02-30"), "effective_on: 2026-02-30 is no day", 8, "write 2026-12-24"),
        ("a month", with_custom(effective_on="2026-02"), "effective_on: 2026-02 is no day", 8, "write 2026-12-24"),
        ("another calendar", with_custom(effective_on="2026-W10-1"), "effective_on: 2026-W10-1 is no day", 8, "write 2026-12-24"),
        ("a key twice", with_custom().replace("# custom", "# title: x\n# custom"), "not YAML: the key 'title' is there twice", 4, ""),
        ("an alias", rule_text().replace("A title", "&x A title"), "not YAML: anchors and aliases are not read", 2, ""),
        ("a tag", rule_text().replace("A title", "!!str A title"), "not YAML: tags are not read", 2, ""),
        ("no YAML", rule_text().replace("A title", "[A title"), "not YAML: expected ',' or ']', but got ':'", 3, ""),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 60 else "",
)  # fmt: skip
def test_what_is_wrong_with_the_block_is_named_with_its_line(
    tmp_path: Path, name: str, rule: str, message: str, line: int, hint: str
) -> None:
    assert refusal(tmp_path, rule) == (message, line, hint), name


@pytest.mark.parametrize(
    ("needs", "message", "hint"),
    [
        ("{}", "the rule needs no facts", "name them by kind: needs: {coverage: [lines_valid, lines_covered]}"),
        ("{test_result: [failed]}", "no kind of evidence is called test_result", "did you mean test_results?"),
        ("{test_results: [faild]}", "test_results has no faild", "did you mean failed?"),
        ("{test_results: [cases.nme]}", "test_results.cases has no nme", "did you mean name?"),
        ("{test_results: [failed.count]}", "test_results.failed has no count", ""),
        ("{test_results: [cases]}", "test_results.cases holds more facts", "name those that are read, such as cases.locator"),
        ("{vulnerabilities: [counts]}", "vulnerabilities.counts holds more facts", "name those that are read, such as counts.critical"),
        ("{provenance: [parameters.x]}", "provenance.parameters has no x", ""),
        ("{test_results: []}", "needs.test_results is no list of facts", "write [findings.severity]"),
        ("{test_results: failed}", "needs.test_results is no list of facts", "write [findings.severity]"),
        ("{test_results: [1]}", "needs.test_results is no list of facts", "write [findings.severity]"),
        ("{test_results: [failed, failed]}", "needs.test_results names a fact twice", ""),
        ("{test_results: ['']}", "test_results has no ", "known here: cases, claimed, complete, duration_ms, errored, executed, failed, flaky, names, passed, skipped, total"),
        ("[test_results]", "custom.needs: array, where object is needed", ""),
    ],
)  # fmt: skip
def test_needs_name_facts_that_exist(tmp_path: Path, needs: str, message: str, hint: str) -> None:
    assert refusal(tmp_path, with_custom(needs=needs)) == (message, 5, hint)


@pytest.mark.parametrize("needs", ["{sbom: [components.licenses, components.hashes]}", "{provenance: [parameters]}"])
def test_lists_of_texts_and_open_objects_are_facts(tmp_path: Path, needs: str) -> None:
    rule = with_custom(needs=needs.replace("{", "{test_results: [failed], "))

    assert set(load_packs([write_pack(tmp_path, rule)]).rules["demo.probe"].needs) == {
        "test_results",
        needs[1 : needs.index(":")],
    }


def test_reads_name_facts_that_exist(tmp_path: Path) -> None:
    rule = with_custom(reads="{test_results: [duration]}")

    assert refusal(tmp_path, rule) == ("test_results has no duration", 8, "did you mean duration_ms?")


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("integer", "a schema is needed"),
        ("{minimum: 0}", "type is None (at #)"),
        ("{type: int}", "type is 'int' (at #)"),
        ("{type: integer, mininum: 0}", "mininum is no part of a parameter"),
        ("{type: integer, minimum: '0'}", "minimum cannot be '0'"),
        ("{type: integer, minimum: true}", "minimum cannot be True"),
        ("{type: string, enum: a}", "enum cannot be 'a'"),
        ("{type: string, pattern: a}", "pattern is no part of a parameter"),
        ("{type: integer, minimum: 5, default: 4}", "default: 4 is below 5"),
        ("{type: integer, default: true}", "default: boolean, where integer is needed"),
        ("{type: integer, default: 1.5}", "default: number, where integer is needed"),
        ("{type: integer, default: null}", "default: null, where integer is needed"),
        ("{type: integer, default: 0x10}", "default: string, where integer is needed"),
        ("{type: integer, default: 010}", "default: string, where integer is needed"),
        ("{type: boolean, default: yes}", "default: string, where boolean is needed"),
        ("{type: string, enum: [a, b], default: c}", "default: 'c' is none of a, b"),
        ("{type: array, items: {type: string}, default: [1]}", "default[0]: integer, where string is needed"),
        ("{type: array, items: {type: strng}}", "type is 'strng' (at #/items)"),
        ("{type: array, items: {type: string, pattern: a}}", "pattern is no part of a parameter"),
        ("{type: array, items: {type: object, properties: {a: {type: string}}}}", "an object has additionalProperties: false and requires all its properties"),
        ("{type: object, additionalProperties: false, required: [], properties: {a: {type: string}}}", "an object has additionalProperties: false and requires all its properties"),
        ("{type: integer, tighten: upwards}", "tighten: 'upwards' is no direction for the type integer"),
        ("{type: integer, tighten: subset}", "tighten: 'subset' is no direction for the type integer"),
        ("{type: array, items: {type: string}, tighten: up}", "tighten: 'up' is no direction for the type array"),
        ("{type: string, tighten: up}", "tighten: 'up' is no direction for the type string"),
        ("{type: boolean, tighten: up}", "tighten: 'up' is no direction for the type boolean"),
        ("{type: integer, tighten: null}", "tighten: None is no direction for the type integer"),
    ],
)  # fmt: skip
def test_parameters_are_schemas_with_a_default_that_fits(tmp_path: Path, schema: str, message: str) -> None:
    found, line, _ = refusal(tmp_path, with_custom(parameters=f"{{limit: {schema}}}"))

    assert (found, line) == (f"limit: {message}", 7)


def test_a_parameter_has_a_plain_name(tmp_path: Path) -> None:
    rule = with_custom(parameters="{max-failed: {type: integer}}")

    message = "max-failed: a name of small letters, digits and underscores is needed"
    assert refusal(tmp_path, rule) == (message, 7, "")


AGED = {
    "needs": "{test_results: [failed], vulnerabilities: [scanned_at]}",
    "parameters": "{limit: {type: integer}, age: {type: string, default: 24h}}",
    "ages": "{vulnerabilities.scanned_at: age}",
}


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"ages": "{vulnerabilities.scanned_at: ago}"}, "there is no parameter 'ago'", "did you mean age?"),
        ({"ages": "{vulnerabilities.scanned_at: 24}"}, "there is no parameter 24", "known here: age, limit"),
        (
            {"needs": "{test_results: [failed], vulnerabilities: [scanner]}"},
            "vulnerabilities.scanned_at has an age and is not needed",
            "add scanned_at to needs.vulnerabilities",
        ),
        ({"ages": "{test_results.failed: age}"}, "test_results.failed is no time", ""),
        (
            {"needs": "{runbook: [runbooks.name]}", "ages": "{runbook.runbooks.name: age}"},
            "runbook.runbooks.name is no time",
            "",
        ),
        ({"ages": "{test_results.age: age}"}, "test_results.age has an age and is not needed", "add age to needs.test_results"),
        (
            {"parameters": "{limit: {type: integer}, age: {type: integer}}"},
            "the parameter of an age is a text such as 24h",
            "",
        ),
        (
            {"parameters": "{limit: {type: integer}, age: {type: string, default: 1 day}}"},
            "the default '1 day' is no duration",
            "write 30m, 24h or 7d",
        ),
    ],
)  # fmt: skip
def test_ages_compare_a_time_that_is_there_with_a_duration(
    tmp_path: Path, changes: dict[str, str], message: str, hint: str
) -> None:
    assert refusal(tmp_path, with_custom(**(AGED | changes))) == (message, 8, hint)


def test_an_age_gets_stricter_downwards(tmp_path: Path) -> None:
    changes = AGED | {"parameters": "{limit: {type: integer}, age: {type: string, default: 24h, tighten: down}}"}

    rule = load_packs([write_pack(tmp_path, with_custom(**changes))]).rules["demo.probe"]

    assert rule.parameters["age"].tighten == "down"


def test_the_schema_for_editors_names_the_keys_that_are_read() -> None:
    schema = json.loads((_data.folder("schemas") / "rule-metadata.json").read_text())

    assert set(schema["properties"]) == {"title", "description", "related_resources", "custom"}
    assert set(schema["properties"]["custom"]["properties"]) == {
        *(
            "needs",
            "reads",
            "baseline",
            "parameters",
            "remedy",
            "severity",
            "controls",
            "effective_on",
            "ages",
            "waivable",
            "on_fail",
        ),
    }
    assert "x-kind" not in schema
