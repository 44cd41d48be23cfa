"""Rego's traps: well-formed rules that answer nothing. Each is seen to be silent on real OPA, and refused here.

The numbers are those of the list of 42 traps that was measured on OPA 1.22.2. ``CLOSED_BY`` says for each of them who
closes it; those that the loader closes are proven in this file, with a twin that differs in the one thing and loads.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from pack_files import DENY, rule_text, write_pack

from gatekeeper.errors import PolicyError
from gatekeeper.load.packs import load_packs
from gatekeeper.load.untested import Untested, untested_rules

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary

CLOSED_BY: Final = {
    1: "engine: every answer echoes the nonce of its input, and a canary denies",
    2: "loader",
    3: "loader",
    4: "loader",
    5: "loader",
    6: "loader",
    7: "loader",
    8: "loader",
    9: "host: a fact under needs is there, or the rule is unanswered",
    10: "loader",
    11: "host: every document has its source",
    12: "loader",
    13: "facts: the schema of a kind knows no negative count, and a boolean is no number",
    14: "facts: a boolean is a boolean",
    15: "facts: an unknown word of an enumeration is refused where the report is read",
    16: "facts: an unknown word of an enumeration is refused where the report is read",
    17: "loader",
    18: "loader",
    19: "loader",
    20: "reader: times are read strictly before a rule sees them",
    21: "loader",
    22: "loader",
    23: "loader",
    24: "loader",
    25: "facts: a list is a list",
    26: "loader",
    27: "host: a fact under needs is there in every element",
    28: "host: what examined nothing is unanswered",
    29: "engine: such builtins are not on the list",
    30: "reader: numbers are bounded, in and out",
    31: "reader: JSON is read strictly, and OPA gets canonical bytes only",
    32: "engine: an answer that is no JSON is no answer",
    33: "loader",
    34: "loader",
    35: "loader",
    36: "engine: one document with a key for each rule",
    37: "loader",
    38: "engine: such builtins are not on the list",
    39: "engine: such builtins are not on the list, and memory is bounded",
    40: "loader",
    41: "loader",
    42: "reader: depth is bounded",
}


@dataclass(frozen=True, kw_only=True)
class Trap:
    """A rule that is silent where it should deny.

    Attributes:
        number: Of the list; 0 for those that were found beside it.
        name: What it is about.
        body: The rule's text after its imports.
        input: What OPA is asked about; the rule ought to deny it.
        refused: What the loader says.
        twin: The body with the one thing mended.
        answer: What OPA says instead of a full set of violations.
        needs, parameters, imports: As for :func:`pack_files.rule_text`.
        files: Further files of the pack.
    """

    number: int
    name: str
    body: str
    input: dict[str, Any]
    refused: str
    twin: str = DENY
    answer: Any = field(default_factory=list)
    needs: str = "{test_results: [failed]}"
    parameters: str = "{limit: {type: integer, minimum: 0, default: 0, tighten: down}}"
    imports: str = "import rego.v2\n"
    files: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return rule_text(self.body, needs=self.needs, parameters=self.parameters, imports=self.imports)

    @property
    def mended(self) -> str:
        return rule_text(self.twin, needs=self.needs, parameters=self.parameters)


def deny(condition: str, *, more: str = "", message: str = '"no"') -> str:
    """A rule whose body is one condition on ``report``, with other definitions after it."""
    return (
        f"\ndeny contains violation if {{\n\tsome report in input.test_results\n\t{condition}\n"
        f'\tviolation := {{"message": {message}, "source": report.source}}\n}}\n' + (f"\n{more}\n" if more else "")
    )


def over(kind: str, items: str, condition: str, *, more: str = "", rest: str = "") -> str:
    """A rule whose body is one condition on each ``item`` of a report."""
    return (
        f"\ndeny contains violation if {{\n\tsome report in input.{kind}\n\tsome item in report.{items}\n\t{condition}\n"
        f'\tviolation := {{"message": "no", "source": report.source{rest}}}\n}}\n' + (f"\n{more}\n" if more else "")
    )


RED: Final = {"test_results": [{"failed": 3, "source": {}}], "parameters": {"limit": 0}}
CITED: Final = ', "term": item.locator, "locator": item.locator'


def findings(**facts: Any) -> dict[str, Any]:
    return {"vulnerabilities": [{"source": {}, "findings": [{"locator": "/0", **facts}]}]}


FINDINGS: Final = "{vulnerabilities: [findings.severity, findings.version, findings.package, findings.locator]}"

TRAPS: Final = (
    Trap(
        number=2,
        name="with shows another input",
        body=deny('report.failed > 0 with input as {"test_results": []}').replace(
            "some report in input.test_results", 'some report in input.test_results with input as {"test_results": []}'
        ),
        input=RED,
        refused="with replaces what the rule is asked about (and 1 more)",
    ),
    Trap(
        number=2,
        name="with replaces a helper",
        body=deny(
            "red(report.failed) with data.gatekeeper.demo.probe.red as no", more="red(n) if n > 0\n\nno(_) := false"
        ),
        input=RED,
        refused="with replaces what the rule is asked about",
    ),
    Trap(
        number=3,
        name="a rule called like a builtin",
        body=deny("floor(report.failed) > 0", more="floor(_) := 0"),
        input=RED,
        refused="floor is what Rego itself calls something",
        twin=deny("floor(report.failed) > 0"),
    ),
    Trap(
        number=3,
        name="a builtin replaced for one expression",
        body=deny("floor(report.failed) > 0 with floor as zero", more="zero(_) := 0"),
        input=RED,
        refused="with replaces what the rule is asked about",
    ),
    Trap(
        number=4,
        name="a table that lacks a value",
        needs=FINDINGS,
        body=over(
            "vulnerabilities",
            "findings",
            "rank[item.severity] >= 3",
            more='rank := {"negligible": 0, "low": 1, "medium": 2, "high": 3, "unknown": 4}',
            rest=CITED,
        ),
        input=findings(severity="critical"),
        refused="rank says nothing for vulnerabilities.findings.severity critical",
        twin=over(
            "vulnerabilities",
            "findings",
            "rank[item.severity] >= 3",
            more='rank := {"negligible": 0, "low": 1, "medium": 2, "high": 3, "critical": 4, "unknown": 4}',
            rest=CITED,
        ),
    ),
    Trap(
        number=4,
        name="a function that lacks a value",
        needs=FINDINGS,
        body=over(
            "vulnerabilities",
            "findings",
            "weight(item.severity) >= 3",
            more='weight("low") := 1\n\nweight("high") := 3',
            rest=CITED,
        ),
        input=findings(severity="critical"),
        refused="weight says nothing for vulnerabilities.findings.severity critical, medium, negligible, unknown",
        twin=over(
            "vulnerabilities",
            "findings",
            "weight(item.severity) >= 3",
            more='weight(severity) := 1 if {\n\tseverity == "low"\n} else := 3',
            rest=CITED,
        ),
    ),
    Trap(
        number=5,
        name="an else chain without an end",
        body=deny(
            'size(report.failed) == "many"',
            more='size(n) := "few" if {\n\tn < 3\n} else := "many" if {\n\tn >= 7\n}',
        ),
        input=RED,
        refused="the last else of size has a condition",
        twin=deny('size(report.failed) == "many"', more='size(n) := "few" if {\n\tn < 3\n} else := "many"'),
    ),
    Trap(
        number=6,
        name="a default that is true",
        body=deny(
            "not ok",
            more="default ok := true\n\nok := false if {\n\tsome report in input.test_results\n\treport.faild > 0\n}",
        ),
        input=RED,
        refused="ok has a default other than false",
        twin=deny(
            "not ok",
            more="default ok := false\n\nok if {\n\tsome report in input.test_results\n\treport.failed == 0\n}",
        ),
    ),
    Trap(
        number=7,
        name="the default of a function",
        body=deny("bad(report.faild)", more="default bad(_) := true\n\nbad(n) := false if n == 0"),
        input=RED,
        refused="bad has a default other than false",
        twin=deny("bad(report.failed)", more="bad(n) if n > 0"),
    ),
    Trap(
        number=8,
        name="not over something absent",
        imports="import rego.v1\n",
        body=deny("not report.failed <= 0"),
        input={"test_results": [{"source": {}}]},
        refused="not is undefined where what it negates is absent",
        twin=deny("not report.failed <= 0"),
    ),
    Trap(
        number=8,
        name="not over something absent, without any import",
        imports="",
        body=deny("not report.failed <= 0"),
        input={"test_results": [{"source": {}}]},
        refused="not is undefined where what it negates is absent",
        twin=deny("not report.failed <= 0"),
    ),
    Trap(
        number=10,
        name="sprintf with too few values",
        body=deny("report.failed > 0", message='sprintf("%d of %d failed", [report.failed])'),
        input=RED,
        answer=[{"message": "3 of %!d(MISSING) failed", "source": {}}],
        refused="sprintf has 2 verbs and 1 values",
        twin=deny("report.failed > 0", message='sprintf("%d failed, %d%% may", [report.failed, 0])'),
    ),
    Trap(
        number=12,
        name="equal violations are one",
        needs=FINDINGS,
        body=over("vulnerabilities", "findings", 'item.severity == "high"'),
        input={
            "vulnerabilities": [
                {"source": {}, "findings": [{"severity": "high", "locator": f"/{index}"} for index in range(3)]}
            ]
        },
        answer=[{"message": "no", "source": {}}],
        refused="the violation has no locator (and 1 more)",
        twin=over("vulnerabilities", "findings", 'item.severity == "high"', rest=CITED),
    ),
    Trap(
        number=17,
        name="versions compared as texts",
        needs=FINDINGS,
        body=over("vulnerabilities", "findings", 'item.version < "2.10.0"', rest=CITED),
        input=findings(version="2.9.0"),
        refused="vulnerabilities.findings.version is ordered by < and is no number",
        twin=over("vulnerabilities", "findings", 'semver.compare(item.version, "2.10.0") < 0', rest=CITED),
    ),
    Trap(
        number=18,
        name="a guard that drops what is no version",
        needs=FINDINGS,
        body=over(
            "vulnerabilities",
            "findings",
            'semver.is_valid(item.version)\n\tsemver.compare(item.version, "2.0.0") < 0',
            rest=CITED,
        ),
        input=findings(version="1.0"),
        refused="semver.is_valid as a condition drops what is no version",
        twin=over("vulnerabilities", "findings", "not semver.is_valid(item.version)", rest=CITED),
    ),
    Trap(
        number=19,
        name="times compared as texts",
        needs="{vulnerabilities: [scanned_at]}",
        body=deny('report.scanned_at < "2026-01-01T00:00:00Z"').replace("test_results", "vulnerabilities"),
        input={"vulnerabilities": [{"source": {}, "scanned_at": "2026-01-01T01:00:00+05:00"}]},
        refused="vulnerabilities.scanned_at is ordered by < and is no number",
        twin=deny('report.scanned_at == "2026-01-01T00:00:00Z"').replace("test_results", "vulnerabilities"),
    ),
    Trap(
        number=21,
        name="a pattern without anchors",
        needs="{provenance: [builder]}",
        body=deny('not regex.match("https://ci/.*", report.builder)').replace("test_results", "provenance"),
        input={"provenance": [{"source": {}, "builder": "https://evil/https://ci/x"}]},
        refused="the pattern 'https://ci/.*' matches in the middle of a text",
        twin=deny('not regex.match("^https://ci/.*$", report.builder)').replace("test_results", "provenance"),
    ),
    Trap(
        number=21,
        name="a dot that is any character",
        needs="{provenance: [builder]}",
        body=deny('not regex.match("^https://github.com/acme$", report.builder)').replace("test_results", "provenance"),
        input={"provenance": [{"source": {}, "builder": "https://githubxcom/acme"}]},
        refused="a dot in '^https://github.com/acme$' stands for any character",
        twin=deny("not regex.match(`^https://github\\.com/acme$`, report.builder)").replace(
            "test_results", "provenance"
        ),
    ),
    Trap(
        number=21,
        name="anchors of one alternative each",
        needs="{provenance: [builder]}",
        body=deny('not regex.match("^acme|parcel$", report.builder)').replace("test_results", "provenance"),
        input={"provenance": [{"source": {}, "builder": "acme-evil"}]},
        refused="the anchors of '^acme|parcel$' belong to one alternative each",
        twin=deny('not regex.match("^(?:acme|parcel)$", report.builder)').replace("test_results", "provenance"),
    ),
    Trap(
        number=22,
        name="glob without delimiters",
        needs="{provenance: [builder]}",
        body=deny('not glob.match("acme/*", null, report.builder)').replace("test_results", "provenance"),
        input={"provenance": [{"source": {}, "builder": "acme/x/y"}]},
        refused="glob.match without delimiters",
        twin=deny('not glob.match("acme/*", ["/"], report.builder)').replace("test_results", "provenance"),
    ),
    Trap(
        number=23,
        name="half an identity",
        needs="{provenance: [builder]}",
        body=deny('not startswith(report.builder, "acme")').replace("test_results", "provenance"),
        input={"provenance": [{"source": {}, "builder": "acme-evil/x"}]},
        refused="startswith judges provenance.builder by a part of it",
        twin=deny('report.builder != "acme"').replace("test_results", "provenance"),
    ),
    Trap(
        number=24,
        name="in over a text",
        needs=FINDINGS,
        body=over("vulnerabilities", "findings", '"zlib" in item.package', rest=CITED),
        input=findings(package="zlib"),
        refused="vulnerabilities.findings.package is no list to be in",
        twin=over("vulnerabilities", "findings", 'item.package in ["zlib"]', rest=CITED),
    ),
    Trap(
        number=26,
        name="a set that counts equal members once",
        needs=FINDINGS,
        body=deny("count({item.severity | some item in report.findings}) > 1").replace(
            "test_results", "vulnerabilities"
        ),
        input={"vulnerabilities": [{"source": {}, "findings": [{"severity": "high"}] * 9}]},
        refused="count over a set counts equal members once",
        twin=deny("count([item.severity | some item in report.findings]) > 1").replace(
            "test_results", "vulnerabilities"
        ),
    ),
    Trap(
        number=0,
        name="the part of a text that is not there",
        needs=FINDINGS,
        body=over("vulnerabilities", "findings", 'split(item.version, ".")[2] != "9"', rest=CITED),
        input=findings(version="2.9"),
        refused="the element [2] may be absent, and the rule silent then",
        twin=over("vulnerabilities", "findings", 'not split(item.version, ".")[2] == "9"', rest=CITED),
    ),
    Trap(
        number=0,
        name="the greatest of nothing",
        body=deny("max([n | some n in [3]; n > report.failed]) < 100"),
        input=RED,
        refused="the max of an empty list is absent, and the rule silent then",
        twin=deny("not max([n | some n in [3]; n > report.failed]) > 100"),
    ),
    Trap(
        number=35,
        name="a name that nobody asks for",
        body=DENY.replace("deny", "denny"),
        input=RED,
        answer=None,
        refused="nobody asks for denny",
    ),
    Trap(
        number=35,
        name="a boolean",
        body="\ndeny if {\n\tsome report in input.test_results\n\treport.failed > 0\n}\n",
        input=RED,
        answer=True,
        refused="deny is no set of violations",
    ),
    Trap(
        number=35,
        name="an object",
        body="\ndeny.red if {\n\tsome report in input.test_results\n\treport.failed > 0\n}\n",
        input=RED,
        answer={"red": True},
        refused="deny has members defined one by one",
    ),
    Trap(
        number=35,
        name="null as a violation",
        body="\ndeny contains null if {\n\tsome report in input.test_results\n\treport.failed > 0\n}\n",
        input=RED,
        answer=[None],
        refused="a violation that is no object",
    ),
    Trap(
        number=35,
        name="a text as a violation",
        body='\ndeny contains "red" if {\n\tsome report in input.test_results\n\treport.failed > 0\n}\n',
        input=RED,
        answer=["red"],
        refused="a violation that is no object",
    ),
    Trap(
        number=40,
        name="= for ==",
        body=deny("report.failed > limit", more="limit = 99").replace(
            "report.failed > limit", "some limit\n\tlimit = 100\n\treport.failed > limit"
        ),
        input=RED,
        refused="some without in (and 3 more)",
        twin=deny("report.failed > limit", more="limit := 2"),
    ),
    Trap(
        number=0,
        name="a word that an enumeration lacks",
        needs=FINDINGS,
        body=over("vulnerabilities", "findings", 'item.severity == "hihg"', rest=CITED),
        input=findings(severity="high"),
        refused="vulnerabilities.findings.severity is never 'hihg'",
        twin=over("vulnerabilities", "findings", 'item.severity == "high"', rest=CITED),
    ),
    Trap(
        number=0,
        name="a word in a set that an enumeration lacks",
        needs=FINDINGS,
        body=over("vulnerabilities", "findings", 'item.severity in {"critical", "hihg"}', rest=CITED),
        input=findings(severity="high"),
        refused="vulnerabilities.findings.severity is never 'hihg'",
        twin=over("vulnerabilities", "findings", 'item.severity in {"critical", "high"}', rest=CITED),
    ),
    Trap(
        number=0,
        name="a number compared with a text",
        body=deny('report.failed > "0"'),
        input=RED,
        refused="the text '0' is ordered by >",
        twin=deny("report.failed > 0"),
    ),
    Trap(
        number=0,
        name="a fact misspelt behind an argument",
        body=deny("red(report)", more="red(x) if x.faild > 0"),
        input=RED,
        refused="test_results goes into red whole (and 1 more)",
        twin=deny("red(report.failed)", more="red(x) if x > 0"),
    ),
    Trap(
        number=0,
        name="a fact misspelt behind an argument that is iterated over",
        needs=FINDINGS,
        body=deny("red(report.findings)", more='red(list) if {\n\tsome x in list\n\tx.severty == "high"\n}').replace(
            "test_results", "vulnerabilities"
        ),
        input=findings(severity="high"),
        refused="vulnerabilities.findings goes into red whole (and 1 more)",
        twin=over("vulnerabilities", "findings", 'item.severity == "high"', rest=CITED),
    ),
    Trap(
        number=0,
        name="a fact misspelt behind a computed key",
        body=deny('some name in ["faild"]\n\treport[name] > 0'),
        input=RED,
        refused="a member of test_results by a name that is not written out",
    ),
    Trap(
        number=0,
        name="input handed on",
        body=deny("red(input)", more="red(x) if x.test_results[0].faild > 0"),
        input=RED,
        refused="input without a kind behind a dot (and 2 more)",
    ),
    Trap(
        number=0,
        name="a kind by a computed key",
        body=deny("report.failed > 0").replace("input.test_results", 'input["test_result"]'),
        input=RED,
        refused="input without a kind behind a dot",
    ),
    Trap(
        number=0,
        name="an import under another name",
        imports="import rego.v2\n\nimport input as data_of_today\n",
        body=deny("report.failed > 0").replace("input.", "data_of_today.").replace("report.failed", "report.faild"),
        input=RED,
        refused="imports input",
    ),
    Trap(
        number=0,
        name="a list in a data document that is not there",
        body=deny("report.failed > 0\n\tdata.config.strict"),
        input=RED,
        refused="refers to data.config.strict",
    ),
    Trap(
        number=0,
        name="some without in hides a rule",
        body=deny("some limit\n\treport.failed > limits[limit]", more="limits := [5]"),
        input=RED,
        refused="some without in",
        twin=deny("some limit in limits\n\treport.failed > limit", more="limits := [2]"),
    ),
)


@pytest.fixture
def raw(opa: Path, tmp_path: Path) -> Any:
    """Ask OPA itself, as a script around ``opa eval`` would: strictly, and without any of us."""

    def run(text: str, asked: dict[str, Any]) -> Any:
        rule = tmp_path / "probe.rego"
        rule.write_text(text)
        query = ["data.gatekeeper.demo.probe.deny", "--strict", "--strict-builtin-errors"]
        arguments = [str(opa), "eval", "-d", str(rule), "-I", *query]
        answer = subprocess.run(arguments, input=json.dumps(asked), capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout
        results = json.loads(answer.stdout).get("result")
        return results[0]["expressions"][0]["value"] if results else None

    return run


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_opa_checks_it_strictly_and_says_nothing(trap: Trap, raw: Any) -> None:
    assert raw(trap.text, trap.input) == trap.answer


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_the_loader_refuses_it(trap: Trap, tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        load_packs([write_pack(tmp_path, trap.text, files=trap.files)])

    assert caught.value.message == trap.refused
    assert caught.value.code == "policy.lint"
    assert caught.value.where.startswith(f"{tmp_path}/demo/probe/probe.rego:")


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_its_twin_loads(trap: Trap, tmp_path: Path) -> None:
    assert list(load_packs([write_pack(tmp_path, trap.mended)]).rules) == ["demo.probe"]


def ask_opa(opa: Path, folder: Path, asked: dict[str, Any]) -> Any:
    """What ``opa eval --data FOLDER`` says of the rule."""
    arguments = [
        str(opa),
        "eval",
        "-d",
        str(folder),
        "-I",
        "--strict-builtin-errors",
        "data.gatekeeper.demo.probe.deny",
    ]
    answer = subprocess.run(arguments, input=json.dumps(asked), capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)["result"][0]["expressions"][0]["value"]


def test_33_a_data_document_changes_what_opa_says_and_is_never_loaded(opa: Path, tmp_path: Path) -> None:
    limited = DENY.replace("input.parameters.limit", "data.limits.failed")
    root = write_pack(tmp_path, rule_text(limited), files={"data.json": '{"limits": {"failed": 100}}'})
    assert ask_opa(opa, root / "demo", RED) == []

    with pytest.raises(PolicyError, match=r"refers to data\.limits\.failed"):
        load_packs([root])

    (root / "demo/probe/probe.rego").write_text(rule_text())
    packs = load_packs([root])
    assert list(packs.rule_set(packs.resolve(["demo.*"])).modules) == ["demo/probe/probe.rego"]


def test_34_another_file_of_the_package_loosens_the_rule_and_is_refused(opa: Path, tmp_path: Path) -> None:
    strict = deny("not allowed(report.failed)", more="allowed(n) if n == 0")
    looser = "package gatekeeper.demo.probe\n\nallowed(3) := true\n"
    root = write_pack(tmp_path, rule_text(strict), files={"probe/more.rego": looser})
    assert ask_opa(opa, root, RED) == []

    with pytest.raises(PolicyError, match="a Rego file that nothing loads") as caught:
        load_packs([root])

    assert caught.value.where == f"{root}/demo/probe/more.rego"


def test_34_a_library_is_not_extended_from_another_pack(opa: Path, tmp_path: Path) -> None:
    library = "package gatekeeper.demo.lib\n\nallowed(n) if n == 0\n"
    looser = "package gatekeeper.demo.lib\n\nallowed(n) if n == 3\n"
    strict = rule_text(
        deny("not lib.allowed(report.failed)"), imports="import rego.v2\n\nimport data.gatekeeper.demo.lib\n"
    )
    root = write_pack(tmp_path, strict, files={"lib/numbers.rego": library})
    write_pack(tmp_path, name="other", files={"lib/numbers.rego": looser})
    assert ask_opa(opa, root, RED) == []

    with pytest.raises(PolicyError, match=r"the package is gatekeeper\.demo\.lib") as caught:
        load_packs([root])

    assert caught.value.hint == "write package gatekeeper.other.lib, as the path says"


def test_34_a_library_does_not_add_to_itself_in_a_second_file(tmp_path: Path) -> None:
    library = "package gatekeeper.demo.lib\n\nallowed(n) if n == 0\n"
    root = write_pack(tmp_path, files={"lib/a.rego": library, "lib/b.rego": library.replace("0", "3")})

    with pytest.raises(PolicyError, match=r"allowed is defined in .*/demo/lib/a.rego as well") as caught:
        load_packs([root])

    assert caught.value.where == f"{root}/demo/lib/b.rego:3"


def test_37_the_syntax_of_the_old_language_is_refused(tmp_path: Path) -> None:
    old = '\ndeny["red"] {\n\tinput.test_results[_].failed > 0\n}\n'

    with pytest.raises(PolicyError, match="deny has members defined one by one"):
        load_packs([write_pack(tmp_path, rule_text(old))])


def test_41_opa_is_content_without_any_test_and_we_are_not(opa: Path, binary: OpaBinary, tmp_path: Path) -> None:
    root = write_pack(tmp_path)
    assert subprocess.run([opa, "test", root], capture_output=True, check=False).returncode == 0

    assert untested_rules(load_packs([root]), binary) == (
        Untested(rule="demo.probe", where="demo/probe/probe.rego:12"),
    )


def test_every_trap_is_closed_by_somebody() -> None:
    ours = {number for number, closer in CLOSED_BY.items() if closer == "loader"}

    assert set(CLOSED_BY) == set(range(1, 43))
    assert ours == {trap.number for trap in TRAPS if trap.number} | {33, 34, 37, 41}
