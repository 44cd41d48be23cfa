"""The same inputs give the same bytes: whatever the host, the order, the adapter or the number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.engine.child import OpaChild
from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from project import coverage, ran_tests

if TYPE_CHECKING:
    from gatekeeper.decision import Decision
    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.engine.find import OpaBinary
    from project import Project

AT = "2026-11-25T08:00:00Z"


@pytest.fixture
def denied(project: Project) -> Project:
    """A deny with several violations, warnings of order everywhere."""
    for index in range(4):
        project.attest("test_results", ran_tests(index, f"é{index}", f"b{index}"), slot="unit", name=f"unit-{index}")
        project.attest("coverage", coverage(10 * index, path=f"π{index}.py"), slot="coverage", name=f"c-{index}")
    project.attest("coverage", coverage(), slot="coverage", signer="stranger", name="stranger")
    return project


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Chatham"},
        {"LC_ALL": "C", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
        {"OPA_EVAL_STRICT": "false", "OPA_EVAL_IGNORE": "*.rego", "OPA_IGNORE": "*"},
        {"HTTP_PROXY": "http://127.0.0.1:9", "NO_COLOR": "1", "PYTHONOPTIMIZE": "2"},
    ],
    ids=",".join,
)
def test_the_host_changes_no_byte(denied: Project, environment: dict[str, str], opa_path: object) -> None:
    here = denied.decide("build", "--what-if", AT).out
    command = [sys.executable, "-m", "gatekeeper", "decide", "app.whl", "--stage", "build", "--evidence", "evidence"]
    there = subprocess.run(
        [*command, "--format", "json", "--what-if", AT],
        capture_output=True,
        check=False,
        cwd=denied.folder,
        env={**os.environ, "GATEKEEPER_OPA": str(opa_path), "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )
    assert there.returncode == 3, there.stderr
    assert there.stdout.decode() == here


def decide(project: Project, gate: Gate, evidence: Evidence) -> Decision:
    from gatekeeper._time import parse_instant

    return gate.decide(project.subject, "build", evidence, at=parse_instant(AT))


def test_the_adapter_changes_no_byte(denied: Project, binary: OpaBinary, command: OpaCommand) -> None:
    evidence = Evidence.read("evidence")
    by_command = decide(denied, Gate.load("gate.toml", engine=command), evidence)
    with OpaChild(binary) as child:
        by_child = decide(denied, Gate.load("gate.toml", engine=child), evidence)
    assert by_child.canonical == by_command.canonical
    assert not by_child


def test_threads_change_no_byte(denied: Project, command: OpaCommand) -> None:
    gate, evidence = Gate.load("gate.toml", engine=command), Evidence.read("evidence")
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: decide(denied, gate, evidence).canonical, range(8)))
    assert len(made) == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_order_and_repetition_change_no_byte(denied: Project, command: OpaCommand, data: st.DataObject) -> None:
    gate = Gate.load("gate.toml", engine=command)
    items = list(Evidence.read("evidence"))
    shuffled = data.draw(st.permutations(items)) + data.draw(st.lists(st.sampled_from(items), max_size=5))
    assert decide(denied, gate, Evidence.of(shuffled)).canonical == decide(denied, gate, Evidence.of(items)).canonical


def test_a_decision_read_back_is_the_same_bytes(denied: Project, command: OpaCommand) -> None:
    from gatekeeper import _json
    from gatekeeper.decision_json import read_decision

    decision = decide(denied, Gate.load("gate.toml", engine=command), Evidence.read("evidence"))
    assert read_decision(_json.parse(decision.canonical)).canonical == decision.canonical
