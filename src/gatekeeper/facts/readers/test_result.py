"""The in-toto predicate for test results, v0.1 (in-toto attestation, spec/predicates/test-result.md).

A test that passed with warnings passed. Nothing in the specification forces the result to agree with the lists; here
a result that does not is kept as ``claimed``, and the document is not complete.
"""

from __future__ import annotations

from typing import Any, Final

from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields
from gatekeeper.facts.reading import Reading

FORMAT: Final = "in-toto-test-result"
_RESULTS: Final = frozenset({"PASSED", "WARNED", "FAILED"})


def read(value: Any, place: str = "") -> Reading:
    """Read a predicate that lies at ``place``.

    Raises:
        MalformedError: A required member is absent, a member is not what it should be, or the result is unknown.
    """
    predicate = fields.document(value, place)
    result = fields.text(predicate, "result", place)
    if result not in _RESULTS:
        hint = f"one of {', '.join(sorted(_RESULTS))}"
        raise MalformedError(
            f"the result {result!r} is not known", where=f"{place}/result", hint=hint, code="report.value"
        )
    passed, warned, failed = (
        fields.optional_texts(predicate, key, place) for key in ("passedTests", "warnedTests", "failedTests")
    )
    names = sorted(f"::{name}" for name in (*passed, *warned, *failed))
    facts = {
        "total": len(names),
        "passed": len(passed) + len(warned),
        "failed": len(failed),
        "errored": 0,
        "skipped": 0,
        "flaky": 0,
        "executed": len(names),
        "cases": [
            {"name": name, "suite": "", "outcome": "failed", "locator": f"{place}/failedTests/{index}"}
            for index, name in enumerate(failed)
        ],
        "names": names,
        "complete": result == _expected(warned, failed),
    }
    if not facts["complete"]:
        facts["claimed"] = {"result": result}
    return Reading(kind="test_results", format=FORMAT, facts=facts)


def _expected(warned: list[str], failed: list[str]) -> str:
    if failed:
        return "FAILED"
    return "WARNED" if warned else "PASSED"
