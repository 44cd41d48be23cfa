"""The three adapters give the same answers to the same questions, problems included, to the byte."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from engine_rules import body, coverage, question, rule, rule_set, severe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper import _json
from gatekeeper.engine.child import OpaChild
from gatekeeper.engine.server import OpaServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.question import Engine

RULES = rule_set(
    rule(),
    severe(),
    body(  # a builtin error for some reports
        'deny contains "x" if {\n\tsome report in input.coverage\n'
        '\tsubstring("abc", report.lines_covered - 2, 1) == "b"\n}',
        rule_id="coverage.touchy",
    ),
    body(  # a conflict when there are two reports that differ
        "limit := report.lines_covered if some report in input.coverage\n\ndeny contains limit", rule_id="coverage.torn"
    ),
    body("deny contains report if some report in input.coverage", rule_id="coverage.echo"),
    body("deny contains report.lines_valid * 1000000 if some report in input.coverage", rule_id="coverage.huge"),
    body('denny contains "x"', rule_id="coverage.denny"),
)
NAMES = [each.id for each in RULES.rules]


@pytest.fixture(scope="module")
def engines(opa_path: Path, binary: OpaBinary, command: OpaCommand) -> Iterator[list[Engine]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = "{}:{}".format(*free.getsockname())
    arguments = [str(opa_path), "run", "--server", "--addr", address, "--log-level", "error", "--skip-version-check"]
    with (
        OpaChild(binary) as child,
        subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running,
    ):
        for _ in range(500):
            with suppress(OSError), socket.create_connection(address.split(":")):  # type: ignore[arg-type]
                break
            time.sleep(0.01)
        yield [command, child, OpaServer(f"http://{address}", command=command)]
        running.kill()


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
reports = st.builds(
    lambda covered, valid, name: coverage(covered, valid, name=name),
    st.integers(0, 2**53 - 1) | st.integers(0, 5),
    st.integers(0, 2**53 - 1) | st.integers(0, 100),
    words,
)
findings = st.fixed_dictionaries(
    {
        "id": words,
        "severity": st.sampled_from(["critical", "high", "medium", "low", "negligible", "unknown", "new"]),
        "locator": words,
        "fixed_versions": st.lists(words, max_size=2),
    }
)
questions = st.builds(
    lambda some, found, ask: question(
        ask=ask,
        documents={"coverage": some, "vulnerabilities": [{"findings": found, "complete": True, "source": {}}]},
    ),
    st.lists(reports, max_size=3),
    st.lists(findings, max_size=4),
    st.lists(st.sampled_from(NAMES), unique=True),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(questions, min_size=1, max_size=3))
def test_the_same_bytes(engines: list[Engine], asked: list[Any]) -> None:
    given = [engine.evaluate(RULES, asked, deadline=60) for engine in engines]
    written = [
        _json.canonical([{name: asdict(answer) for name, answer in each.items()} for each in answers])
        for answers in given
    ]
    assert written[0] == written[1] == written[2]
    for answers in given:
        assert [sorted(answer) for answer in answers] == [list(each.ask) for each in asked]
