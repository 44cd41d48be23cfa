"""For those who test rules: makers of evidence, the fixture ``rule``, and Rego tests as values.

With pytest nothing has to be set up: Rego tests are collected, and the fixture ``rule`` is there::

    from gatekeeper.testing import facts


    def test_a_slow_route_is_denied(rule):
        outcome = rule("performance.latency").given(facts.performance(route="/pay", p95_ms=620), max_p95_ms=500)
        assert outcome.messages == ["p95 of /pay is 620 ms, its budget 500 ms"]
"""

from __future__ import annotations

from gatekeeper.testing import facts
from gatekeeper.testing._made import NOW, MadeDocument
from gatekeeper.testing.rego import LoadError, run_tests
from gatekeeper.testing.results import RegoRun, RegoTest
from gatekeeper.testing.rules import AskedRule, Outcome, Rules

__all__ = [
    "NOW",
    "AskedRule",
    "LoadError",
    "MadeDocument",
    "Outcome",
    "RegoRun",
    "RegoTest",
    "Rules",
    "facts",
    "run_tests",
]
