"""`gatekeeper doctor`: each thing that can be wrong is said to be, with what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from doors_tools import gatekeeper

if TYPE_CHECKING:
    from project import Project, Ran


def findings(ran: Ran) -> dict[str, Any]:
    return {finding["name"]: finding for finding in ran.json["findings"]}


def test_all_is_well(project: Project) -> None:
    ran = gatekeeper("doctor")
    assert ran.code == 0, ran.out
    names = ["python", "gatekeeper", "cache", "opa", "network", "git", "ssh-keygen", "gate", "trust", "lock"]
    assert [line.split()[1] for line in ran.out.splitlines()] == names
    assert {line.split()[0] for line in ran.out.splitlines()} == {"ok"}
    assert gatekeeper("doctor", "--format", "json").json["ok"] is True


def test_no_gate_is_no_problem(project: Project) -> None:
    Path("gate.toml").unlink()
    ran = gatekeeper("doctor", "--format", "json")
    found = findings(ran)
    assert (ran.code, found["gate"]["state"], found["gate"]["hint"]) == (0, "note", "gatekeeper init writes one")


def test_no_opa(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEKEEPER_OPA", "/nowhere/opa")
    ran = gatekeeper("doctor", "--format", "json")
    found = findings(ran)
    assert (ran.code, found["opa"]["state"]) == (3, "problem")
    assert "gatekeeper opa install" in found["opa"]["hint"]
    assert "network" not in found


def test_another_opa_than_the_gate_names(project: Project) -> None:
    project.edit("gate.toml", "opa 1.22.2", "opa 1.22.1")
    ran = gatekeeper("doctor", "--format", "json")
    assert (ran.code, findings(ran)["opa"]["state"]) == (3, "problem")


def test_a_program_that_calls_itself_opa(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = tmp_path / "opa"
    liar.write_text("#!/bin/sh\necho Version: 1.22.2\n")
    liar.chmod(0o755)
    monkeypatch.setenv("GATEKEEPER_OPA", str(liar))
    ran = gatekeeper("doctor")
    assert ran.code == 3
    assert "this OPA is none that is known" in ran.out


def test_an_opa_that_reaches_the_network_is_a_problem(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from gatekeeper.engine import capabilities

    real = capabilities.read()
    opened = real.replace(b'"builtins":[', b'"builtins":[' + HTTP_SEND + b",", 1)
    assert opened != real
    monkeypatch.setattr(capabilities, "read", lambda: opened)
    ran = gatekeeper("doctor")
    assert ran.code == 3
    assert "problem network    " in ran.out
    assert "http.send compiles, and it reaches the network" in ran.out


HTTP_SEND = (
    b'{"name":"http.send","nondeterministic":true,"decl":{"type":"function",'
    b'"args":[{"type":"object","dynamic":{"key":{"type":"string"},"value":{"type":"any"}}}],'
    b'"result":{"type":"object","dynamic":{"key":{"type":"any"},"value":{"type":"any"}}}}}'
)


@pytest.mark.parametrize(
    ("file", "old", "new", "name", "said"),
    [
        ("gate.toml", 'rules = ["own.*"]', 'rules = ["onw.*"]', "gate", "onw.* names no rule"),
        ("trust.toml", 'coverage = ["ci"]', 'covrage = ["ci"]', "gate", "trust.toml:"),
        ("gate.lock", '"own.tests"', '"own.test"', "lock", "own.test"),
    ],
)
def test_files_that_do_not_load(project: Project, file: str, old: str, new: str, name: str, said: str) -> None:
    project.edit(file, old, new)
    ran = gatekeeper("doctor", "--format", "json")
    found = findings(ran)[name]
    assert (ran.code, found["state"]) == (3, "problem")
    assert said in found["detail"]
    assert found["hint"]


def test_programs_that_are_optional_are_notes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    ran = gatekeeper("doctor", "--format", "json")
    found = findings(ran)
    assert {found[name]["state"] for name in ("git", "ssh-keygen")} == {"note"}
    assert ran.code == 0


def test_a_cache_that_cannot_be_written(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gatekeeper.engine import find

    (tmp_path / "file").write_text("")
    monkeypatch.setattr(find, "folder", lambda: tmp_path / "file" / "opa")
    ran = gatekeeper("doctor", "--format", "json")
    assert (ran.code, findings(ran)["cache"]["state"]) == (3, "problem")
