"""Policies in the style of conftest's public examples: what runs, what is refused, and what no longer passes silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.engine.program import build
from gatekeeper.errors import MalformedError, PolicyError, UsageError
from gatekeeper.load.packs import Packs, load_packs
from gatekeeper.load.recorded import _rule_set
from gatekeeper.load.untested import untested_rules
from gatekeeper.testing import facts
from gatekeeper.testing.linting import lint
from gatekeeper.testing.mutation import mutate
from gatekeeper.testing.rules import Outcome, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary

PACK = """\
name = "cluster"
version = "1.0.0"
description = "What runs in the cluster."
style = "conftest"

[rules.workloads]
namespace = "main"
title = "Workloads keep to the rules of the cluster"
description = "What the cluster refuses is better refused before."
remedy = "Mend the manifest."
severity = "high"
controls = ["SSDF-PS.1.1"]
requires = ["kind", "metadata.name"]
"""

HELPERS = """\
package kubernetes

import rego.v1

is_deployment if input.kind = "Deployment"

is_service if input.kind = "Service"
"""

POLICY = """\
package main

import data.kubernetes
import rego.v1

name := input.metadata.name

has_labels if {
	input.metadata.labels.app
	input.metadata.labels.release
}

# METADATA
# title: Root
deny_run_as_root contains msg if {
	kubernetes.is_deployment
	not input.spec.template.spec.securityContext.runAsNonRoot

	msg = sprintf("%s runs as root", [name])
}

deny contains msg if {
	input.kind == "Deployment"
	container := input.spec.template.spec.containers[_]
	not container.securityContext.allowPrivilegeEscalation == false
	msg := "a container may gain privileges"
}

deny contains "labels are missing" if {
	kubernetes.is_deployment
	not has_labels
}

violation contains {"msg": msg, "details": {"type": input.spec.type}} if {
	kubernetes.is_service
	input.spec.type == "LoadBalancer"
	msg := sprintf("%s is open to the world", [name])
}
"""

WARNINGS = """\
package main

import data.kubernetes as k8s

warn contains sprintf("services are not allowed: %s", [input.metadata.name]) if {
	k8s.is_service
}
"""

FILES = {
    "pack.toml": PACK,
    "policy/kubernetes.rego": HELPERS,
    "policy/base.rego": POLICY,
    "policy/warn.rego": WARNINGS,
    "policy/base_test.rego": "package main\n\nimport rego.v1\n\ntest_it if true\n",
}

GOOD: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web", "release": "1"}},
    "spec": {
        "template": {
            "spec": {
                "securityContext": {"runAsNonRoot": True},
                "containers": [{"securityContext": {"allowPrivilegeEscalation": False}}],
            }
        }
    },
}
SERVICE = {"kind": "Service", "metadata": {"name": "web"}, "spec": {"type": "ClusterIP"}}


def write(root: Path, files: dict[str, str]) -> Packs:
    for path, text in files.items():
        target = root / "cluster" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return load_packs([root])


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory, binary: OpaBinary) -> Iterator[Rules]:
    held = Rules(write(tmp_path_factory.mktemp("packs"), FILES), binary)
    yield held
    held.close()


def asked(rules: Rules, *contents: dict[str, Any], **more: Any) -> Outcome:
    made = facts.document(contents={f"{at}.yaml": content for at, content in enumerate(contents)}, **more)
    return rules("cluster.workloads").given(made)


def test_a_namespace_is_a_rule(tmp_path: Path) -> None:
    packs = write(tmp_path, FILES)
    rule = packs.rules["cluster.workloads"]
    assert (rule.title, rule.severity) == ("Workloads keep to the rules of the cluster", "high")
    assert rule.needs == {"document": ("documents.content", "documents.path", "documents.redacted")}
    assert rule.answers == ("deny", "warn")
    assert packs.packs["cluster"].style == "conftest"
    assert [path.name for path in packs.packs["cluster"].tests] == ["base_test.rego"]


def test_what_keeps_to_the_policies_passes(rules: Rules) -> None:
    assert asked(rules, GOOD).outcome == "pass"


def test_each_policy_denies_with_its_message_its_name_and_the_document(rules: Rules) -> None:
    bare = {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"template": {"spec": {"containers": [{}]}}}}
    outcome = asked(rules, GOOD, bare, SERVICE | {"spec": {"type": "LoadBalancer"}})
    assert {(one.message, one.term, one.locator) for one in outcome.violations} == {
        ("web runs as root", "deny_run_as_root 1.yaml", "1.yaml"),
        ("a container may gain privileges", "deny 1.yaml", "1.yaml"),
        ("labels are missing", "deny 1.yaml", "1.yaml"),
        ("web is open to the world", "violation 2.yaml", "2.yaml"),
    }
    assert {one.remedy for one in outcome.violations} == {"Mend the manifest."}
    assert [one.message for one in outcome.warnings] == ["services are not allowed: web"]


def test_a_warning_warns(rules: Rules) -> None:
    outcome = asked(rules, SERVICE)
    assert (outcome.outcome, outcome.messages) == ("warn", ["services are not allowed: web"])


@pytest.mark.parametrize(
    ("content", "absent"),
    [
        ({}, ["kind", "metadata.name"]),
        ({"kind": None, "metadata": {"name": "web"}}, ["kind"]),
        ({"kind": "Deploymnet"}, ["metadata.name"]),
        ({"knid": "Deployment", "metadata": "web"}, ["kind", "metadata.name"]),
    ],
)
def test_a_document_without_what_the_policies_read_denies(
    content: dict[str, Any], absent: list[str], rules: Rules
) -> None:
    outcome = asked(rules, GOOD, content)
    found = sorted(one.message for one in outcome.violations if "cannot judge" in one.message)
    assert outcome.outcome == "fail"
    assert found == [f"{path} is absent: the policies cannot judge the document" for path in absent]


def test_no_document_is_no_pass(rules: Rules) -> None:
    assert asked(rules).outcome == "unanswered"
    assert rules("cluster.workloads").given().outcome == "unanswered"


def test_what_was_taken_out_as_a_secret_is_said(rules: Rules) -> None:
    outcome = asked(rules, GOOD, redacted=["/spec/token"])
    assert (outcome.outcome, outcome.messages) == (
        "warn",
        ["/spec/token was taken out as a secret: no policy can judge it"],
    )


@pytest.mark.parametrize(
    "member", ["1", "true", "null", "[]", '""', '" "', '{"message": "x"}', '{"msg": 1}', '{"msg": ""}']
)
def test_an_answer_that_is_no_message_denies(member: str, tmp_path: Path, binary: OpaBinary) -> None:
    text = f"package main\n\ndeny contains {member}\n"
    with_rules = Rules(write(tmp_path, {"pack.toml": PACK, "policy/base.rego": text}), binary)
    try:
        outcome = asked(with_rules, GOOD)
    finally:
        with_rules.close()
    assert (outcome.outcome, outcome.messages) == ("fail", ["the policy answers something that is no message"])


COMBINED = """\
package main

deny contains msg if {
	input[i].contents.kind == "Deployment"
	app := input[i].contents.metadata.name
	not has_service(app)
	msg := sprintf("%s: %s has no service", [input[i].path, app])
}

has_service(app) if {
	input[i].contents.kind == "Service"
	input[i].contents.metadata.name == app
}
"""


def test_documents_are_judged_together_where_the_pack_says_so(tmp_path: Path, binary: OpaBinary) -> None:
    files = {"pack.toml": PACK + "combine = true\n", "policy/base.rego": COMBINED}
    rules = Rules(write(tmp_path, files), binary)
    try:
        assert asked(rules, GOOD, SERVICE).outcome == "pass"
        assert asked(rules, GOOD).messages == ["0.yaml: web has no service"]
        assert asked(rules, GOOD, SERVICE, {"kind": "Service"}).outcome == "fail"
    finally:
        rules.close()


@pytest.mark.parametrize(
    ("changes", "where", "message"),
    [
        ({"policy/base.rego": "package mian\n\ndeny contains 1\n"}, "policy/base.rego:3", "nobody asks for the namespace mian"),
        ({"policy/base.rego": "package main\n\nx := 1\n", "policy/warn.rego": ""}, "pack.toml:6", "the namespace main has no rule"),
        ({"policy/base.rego": "package main\n\nx := 1\n"}, "pack.toml:6", "the namespace main only warns"),
        ({"policy/base.rego": "package main\n\ndeny[msg] { msg := 1 }\n"}, "policy/base.rego:3", "deny is no set of messages"),
        ({"policy/base.rego": "package main\n\ndeny if input.x\n"}, "policy/base.rego:3", "deny is no set of messages"),
        ({"policy/base.rego": "package main\n\ndenies contains 1\n"}, "policy/base.rego:3", "nobody asks for denies"),
        ({"policy/base.rego": "package main\n\nDeny_x contains 1\n"}, "policy/base.rego:3", "nobody asks for Deny_x"),
        ({"policy/base.rego": "package main\n\nviolations contains 1\n"}, "policy/base.rego:3", "nobody asks for violations"),
        ({"policy/base.rego": "package main\n\nexception contains [1]\n"}, "policy/base.rego:3", "exception takes violations away"),
        ({"policy/base.rego": "package main\n\nimport data.services\n"}, "policy/base.rego:3", "imports data.services, which is no package of the pack"),
        ({"policy/base.rego": "package main\n\ndeny contains data.x.y\n"}, "policy/base.rego:3", "refers to data"),
        ({"policy/base.rego": "package main\n\ndeny contains 1 if f with input as 1\n"}, "policy/base.rego:3", "with replaces what the policy is asked about"),
        ({"policy/base.rego": "package main\n\ndeny contains input[i].contents\n"}, "policy/base.rego:3", "reads contents"),
        ({"policy/base.rego": POLICY.replace("kubernetes.is_service", "kubernetes.is_servce")}, "policy/base.rego:35", "kubernetes has no is_servce"),
        ({"pack.toml": PACK + "combine = true\n"}, "policy/base.rego:6", "reads a member of input"),
        ({"policy/base.rego": "deny contains 1\n"}, "policy/base.rego:1", "the file does not begin with its package"),
        ({"pack.toml": PACK.partition("[rules")[0]}, "pack.toml:4", "the pack names no rule"),
        ({"pack.toml": PACK.replace("conftest", "contest")}, "pack.toml:4", "style is 'contest'"),
        ({"pack.toml": PACK.replace('style = "conftest"', "")}, "pack.toml:6", "rules stand in their own folders"),
        ({"pack.toml": PACK.replace('["kind", "metadata.name"]', "[]")}, "pack.toml:13", "requires names no members"),
        ({"pack.toml": PACK.replace('["kind", "metadata.name"]', '["a b"]')}, "pack.toml:13", "requires names no members"),
        ({"pack.toml": PACK.replace("requires", "require")}, "pack.toml:6", "requires is missing"),
        ({"pack.toml": PACK + "exceptions = true\n"}, "pack.toml:14", "'exceptions' is not known here"),
        ({"pack.toml": PACK.replace("rules.workloads", "rules.Work")}, "pack.toml:6", "'Work' is no name for a rule"),
    ],
)  # fmt: skip
def test_what_conftest_passes_in_silence_is_refused(
    changes: dict[str, str], where: str, message: str, tmp_path: Path
) -> None:
    files = {path: text for path, text in (FILES | changes).items() if text}
    with pytest.raises(PolicyError) as refused:
        write(tmp_path, files)
    assert refused.value.message == message
    assert refused.value.where.endswith(f"cluster/{where}")


def test_the_record_makes_the_same_rules_again(tmp_path: Path) -> None:
    packs = write(tmp_path, FILES)
    rule_set = packs.rule_set(tuple(packs.rules.values()))
    again = _rule_set(rule_set.as_json())
    assert again.digest == rule_set.digest
    assert build(again).checked == build(rule_set).checked


def test_lines_stay_where_they_were(tmp_path: Path) -> None:
    texts = write(tmp_path, FILES).libraries("cluster")
    moved = texts["cluster/policy/base.rego"].split("\n")
    changed = {at for at, (old, new) in enumerate(zip(POLICY.split("\n"), moved, strict=True), 1) if old != new}
    assert changed == {1, 3, 4}
    assert moved[2] == "import data.gatekeeper.cluster.lib.conftest.kubernetes"
    assert moved[3] == "import rego.v2"


DEPLOY = b"""\
kind: Deployment
metadata: {name: web}
spec: {env: [{name: DB_PASSWORD, value: hunter2}, {name: DEBUG, value: "1"}], replicas: 2}
---
---
kind: Secret
metadata: {name: s}
data: {a: Zm9v}
stringData: {b: bar, c: ""}
"""


def read(data: bytes, name: str = "k8s/deploy.yaml") -> dict[str, Any]:
    reading = registry.read(Report(data, name), kind="document")
    assert reading.facts["document_count"] == len(reading.facts["documents"])
    return dict(reading.facts)


def test_documents_are_read_as_they_stand_without_secrets() -> None:
    first, second = read(DEPLOY)["documents"]
    assert first["path"] == "deploy.yaml#0"
    assert first["content"]["spec"] == {
        "env": [{"name": "DB_PASSWORD", "value": "[redacted]"}, {"name": "DEBUG", "value": "1"}],
        "replicas": 2,
    }
    assert first["redacted"] == ["/spec/env/0/value"]
    assert (second["path"], second["redacted"]) == ("deploy.yaml#1", ["/data/a", "/stringData/b"])
    assert second["content"]["stringData"] == {"b": "[redacted]", "c": ""}


@pytest.mark.parametrize(
    ("data", "contents"),
    [
        (b'{"a": 1.5}', [{"a": 1.5}]),
        (b'{"a": 1}\n{"b": 2}\n', [{"a": 1}, {"b": 2}]),
        (b"# made\n[a]\nb = 1\n", [{"a": {"b": 1}}]),
        (b"a: no\n", [{"a": "no"}]),
        (b"# nothing\n---\n", []),
        (b"{}", [{}]),
    ],
)
def test_json_yaml_and_toml_are_read(data: bytes, contents: list[Any]) -> None:
    assert [item["content"] for item in read(data)["documents"]] == contents


@pytest.mark.parametrize(
    "data", [b"[1]", b"- a\n", b"just words\n", b"a: 1\na: 2\n", b'{"a": ', b"\xff: 1\n", b"a: &x 1\nb: *x\n"]
)
def test_what_cannot_be_read_for_certain_is_an_error(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read(data)


def test_only_who_asks_for_documents_gets_them() -> None:
    with pytest.raises(UsageError, match="not recognised"):
        registry.read(Report(b"a: 1\n", "a.yaml"))


TESTS = """\
package main

import rego.v1

test_root if deny_run_as_root with input as {"kind": "Deployment", "metadata": {"name": "x"}}

test_gain if deny["a container may gain privileges"] with input as {
	"kind": "Deployment",
	"spec": {"template": {"spec": {"containers": [{"securityContext": {"allowPrivilegeEscalation": true}}]}}},
}
"""


def test_its_own_tests_run_and_the_denials_that_they_never_saw_are_named(tmp_path: Path, binary: OpaBinary) -> None:
    packs = write(tmp_path, FILES | {"policy/base_test.rego": TESTS})
    found = [(item.rule, item.where) for item in untested_rules(packs, binary)]
    assert found == [("cluster", "cluster/policy/base.rego:29"), ("cluster", "cluster/policy/base.rego:34")]


def test_lint_speaks_of_the_pack_toml(tmp_path: Path, binary: OpaBinary) -> None:
    write(tmp_path, FILES | {"pack.toml": PACK.replace('severity = "high"\n', ""), "policy/base_test.rego": TESTS})
    found = lint([tmp_path / "cluster"], binary=binary)
    assert [(item.check, item.where.removeprefix(f"{tmp_path}/")) for item in found] == [
        ("metadata.severity", "cluster/pack.toml"),
        ("test.unseen", "cluster/policy/base.rego:29"),
        ("test.unseen", "cluster/policy/base.rego:34"),
    ]


def test_mutation_testing_says_that_it_does_not_know_them(tmp_path: Path, binary: OpaBinary) -> None:
    write(tmp_path, FILES)
    with pytest.raises(PolicyError, match="packs in the style of conftest are not mutated"):
        mutate([tmp_path / "cluster"], binary=binary, deadline=60)
