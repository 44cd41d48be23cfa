"""What OPA is given."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest
from engine_rules import LIBRARY, body, question, rule, rule_set, severe
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.engine import bundle
from gatekeeper.engine.program import Prepared, build
from gatekeeper.errors import PolicyError

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand


def test_the_bundle_holds_the_author_s_lines_where_they_were() -> None:
    program = build(rule_set(rule(), severe()))
    with tarfile.open(fileobj=io.BytesIO(program.checked)) as archive:
        member = archive.extractfile("coverage/lines/lines.rego")
        assert member
        lines = member.read().decode().splitlines()
    assert lines[:5] == ["", "", "", "", "package gatekeeper.coverage.lines"]
    assert lines[8] == "deny contains violation if {"


def test_the_same_rules_give_the_same_bytes() -> None:
    assert build(rule_set(rule(), severe())).checked == build(rule_set(severe(), rule())).checked


def test_the_digest_is_that_of_the_rules() -> None:
    rules = rule_set(rule())
    assert build(rules).digest == rules.digest
    assert rules.digest in build(rules).generated["gatekeeper/entry.rego"]


def test_a_kept_rule_set_is_prepared_once() -> None:
    prepared = Prepared(most=2)
    rules = rule_set(rule())
    first = prepared.of(rules)
    assert prepared.of(rules) is first
    assert prepared.of(rule_set(rule())) is not first
    for _ in range(2):
        prepared.of(rule_set(rule()))
    assert prepared.of(rules) is not first


def test_another_namespace_changes_packages_and_imports_only() -> None:
    ours, moved = build(rule_set(severe())), build(rule_set(severe()), namespace="gatekeeper_x")
    before = ours.sources["vulnerabilities/severe/severe.rego"].splitlines()
    after = moved.sources["vulnerabilities/severe/severe.rego"].splitlines()
    assert [line for line in after if line not in before] == [
        "package gatekeeper_x.vulnerabilities.severe",
        "import data.gatekeeper_x.vulnerabilities.lib",
    ]
    assert len(before) == len(after)
    assert moved.query == "data.gatekeeper_x_entry.answers"


def test_names_that_differ_only_in_their_joints_keep_their_own_types(command: OpaCommand) -> None:
    one = body(
        "deny contains input.coverage[0].lines_valid", rule_id="coverage_a.b", needs={"coverage": ["lines_valid"]}
    )
    two = body("deny contains input.coverage[0].files", rule_id="coverage.a_b", needs={"coverage": ["files"]})
    command.check(rule_set(one, two), deadline=20)


@pytest.mark.parametrize("rule_id", ["coverage.lines.more", "Coverage.lines", "coverage", "coverage.li-nes", 'a".b'])
def test_an_id_that_is_none(rule_id: str) -> None:
    with pytest.raises(PolicyError, match="is no rule id"):
        build(rule_set(rule(rule_id=rule_id)))


def test_a_rule_twice() -> None:
    with pytest.raises(PolicyError, match=r"coverage\.lines is there twice"):
        build(rule_set(rule(), rule()))


def test_a_library_of_another_pack_cannot_be_reached_by_its_path() -> None:
    from gatekeeper.policy import RuleSet

    with pytest.raises(PolicyError, match=r"the package is gatekeeper\.vulnerabilities\.lib"):
        build(RuleSet(rules=(rule(),), libraries={"coverage/lib/rank.rego": LIBRARY}))


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,40}/[a-z]{1,50}\.rego", fullmatch=True), st.text(st.characters(codec="utf-8"))
    )
)
def test_a_bundle_is_an_archive_of_its_files(files: dict[str, str]) -> None:
    with tarfile.open(fileobj=io.BytesIO(bundle.pack(files))) as archive:
        held = {member.name: archive.extractfile(member) for member in archive}
        assert {name: file.read().decode() for name, file in held.items() if file} == files


def test_a_path_too_long_for_an_archive() -> None:
    with pytest.raises(PolicyError, match="the path is longer than 100 bytes"):
        bundle.pack({"a" * 101: ""})


def test_a_rule_set_of_one_hundred_rules(command: OpaCommand) -> None:
    names = [f"coverage.rule_{index:03}" for index in range(100)]
    (answer,) = command.evaluate(rule_set(*(rule(rule_id=name) for name in names)), [question(ask=names)], deadline=30)
    assert [len(answer[name].deny) for name in names] == [1] * 100
