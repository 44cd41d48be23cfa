"""The allowed builtins: reviewed, complete, and proven to reach nothing."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from engine_rules import body, rule_set

from gatekeeper import _json
from gatekeeper.engine import capabilities, probe
from gatekeeper.engine.process import Deadline
from gatekeeper.errors import EngineError, PolicyError

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.engine.command import OpaCommand


@pytest.fixture(scope="module")
def current(opa_path: Path) -> bytes:
    return subprocess.run([opa_path, "capabilities", "--current"], check=True, capture_output=True).stdout


def test_the_file_is_what_the_reviewed_lists_make_of_this_opa(current: bytes) -> None:
    assert capabilities.read() == capabilities.reviewed(current), "run scripts/make_capabilities.py"


def test_the_list_of_hosts_is_there_and_empty() -> None:
    assert json.loads(capabilities.read())["allow_net"] == []


def test_nothing_flagged_as_nondeterministic_or_deprecated_is_allowed(current: bytes) -> None:
    flagged = {
        builtin["name"]
        for builtin in json.loads(current)["builtins"]
        if builtin.get("nondeterministic") or builtin.get("deprecated")
    }
    allowed = {builtin["name"] for builtin in json.loads(capabilities.read())["builtins"]}
    assert flagged
    assert not flagged & allowed


def test_every_builtin_is_on_one_list_only() -> None:
    names = [name for group in capabilities.ALLOWED.values() for name in group]
    names += [name for group in capabilities.REFUSED for name in group.names]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("change", ["new", "gone"])
def test_a_builtin_that_was_not_reviewed_is_refused(current: bytes, change: str) -> None:
    known = json.loads(current)
    if change == "new":
        known["builtins"].append({"name": "telepathy.read", "decl": {"type": "function"}})
    else:
        known["builtins"] = [builtin for builtin in known["builtins"] if builtin["name"] != "count"]
    with pytest.raises(EngineError, match="telepathy.read" if change == "new" else "count"):
        capabilities.reviewed(_json.canonical(known))


CALLS = {
    "http.send": 'http.send({"method": "get", "url": "http://localhost"})',
    "time.now_ns": "time.now_ns()",
    "time.clock": 'time.clock([0, "Local"])',
    "rand.intn": 'rand.intn("x", 5)',
    "opa.runtime": "opa.runtime()",
    "object.get": 'object.get(input, "coverge", [])',
    "walk": "[value | walk(input, [_, value])]",
    "object.union": 'object.union({"limit": 1}, {"limit": 2})',
    "json.unmarshal": 'json.unmarshal("{}")',
    "numbers.range": "numbers.range(1, 100000000)",
    "net.lookup_ip_addr": 'net.lookup_ip_addr("localhost")',
    "io.jwt.decode": 'io.jwt.decode("a.b.c")',
    "to_number": 'to_number("+1")',
    "trace": 'trace("x")',
    "rego.metadata.rule": "rego.metadata.rule()",
}


@pytest.mark.parametrize("name", CALLS)
def test_a_builtin_that_is_not_allowed_is_explained(command: OpaCommand, name: str) -> None:
    refused = capabilities.refusal(name)
    assert refused is not None
    with pytest.raises(PolicyError) as caught:
        command.check(rule_set(body(f"deny contains {CALLS[name]}")), deadline=20)
    assert caught.value.message == f"{name} is not allowed, because it {refused.why}"
    assert caught.value.where == "coverage/lines/lines.rego:5"
    assert caught.value.hint == refused.instead


def test_print_is_called_by_the_name_its_author_used(command: OpaCommand) -> None:
    with pytest.raises(PolicyError, match="print is not allowed, because it writes past the answer"):
        command.check(rule_set(body('deny contains "x" if print(input)')), deadline=20)


def test_nothing_is_reached(opa_path: Path) -> None:
    probe.prove_closed(str(opa_path), deadline=30)


def test_the_probe_notices_an_open_door(opa_path: Path) -> None:
    clock = Deadline(30)
    everything = _json.canonical(probe.current(str(opa_path), clock))
    for name in ("http.send", "json.match_schema"):
        assert probe.attempt(str(opa_path), probe.ATTEMPTS[name], everything, clock)[1]
