"""NUnit 2 (``test-results``) and NUnit 3 (``test-run``) result files (docs.nunit.org, "Test Result XML Format").

What is inconclusive, ignored, explicit or not runnable did not run, and an invalid test is an error. A fixture that
fails in its set-up or tear-down, where no test of it says so, is a case of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _numbers, _tests, _text, _xml
from gatekeeper.collect.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from gatekeeper.collect.reading import Report

_RESULTS: Final[Mapping[str, str]] = {
    "success": "passed",
    "passed": "passed",
    "failure": "failed",
    "failed": "failed",
    **dict.fromkeys(("ignored", "inconclusive", "skipped", "notrunnable"), "skipped"),
}
_LABELS: Final[Mapping[str, str]] = {"error": "errored", "invalid": "errored", "cancelled": "errored"}
_ROOTS: Final = frozenset({"test-results", "test-run"})
_SITES: Final = frozenset({"setup", "teardown"})


class _NUnit:
    format: Final = "nunit"
    kind: Final = "test_results"

    def matches(self, report: Report) -> bool:
        return report.looks_like_xml and _xml.root_name(report.head) in _ROOTS

    def read(self, report: Report) -> Reading:
        root = report.xml
        ran = list(_suite(root, f"/{root.tag}", ""))
        facts = _tests.facts(ran, claimed=_claimed(root, ran), complete=root.get("result", "") != "Cancelled")
        return Reading(kind=self.kind, format=self.format, facts=facts, media_type="application/xml")


COLLECTOR: Final = _NUnit()


def _suite(element: Element, place: str, name: str) -> Iterator[_tests.Ran]:
    said: list[_tests.Ran] = []
    for child, here in _xml.children(element, place):
        match child.tag:
            case "test-case":
                said.append(_case(child, here, name))
            case "test-suite":
                said += _suite(child, here, child.get("fullname") or child.get("name") or name)
            case "results":  # NUnit 2 holds the children of a suite in it
                said += _suite(child, here, name)
    yield from said
    if element.tag == "test-suite" and _broke(element) and not any(_is_bad(test) for test in said):
        message = _text.message(element.findtext("failure/message") or "")
        yield _tests.Ran(suite=name, name="(fixture)", outcome="errored", message=message, locator=place)


def _is_bad(test: _tests.Ran) -> bool:
    return test.outcome in {"failed", "errored"}


def _broke(suite: Element) -> bool:
    word = suite.get("result", "").lower()
    return _RESULTS.get(word, "errored" if word else "passed") not in {"passed", "skipped"} or (
        suite.get("site", "").lower() in _SITES
    )


def _case(case: Element, place: str, suite: str) -> _tests.Ran:
    word, label = case.get("result", ""), case.get("label", "")
    outcome = _LABELS.get(label.lower()) or _RESULTS.get(word.lower(), "errored")
    if outcome == "passed" and case.get("success", "True") != "True":
        outcome = "errored"
    said = case.findtext("failure/message") or case.findtext("reason/message") or f"its result is {word!r}"
    return _tests.Ran(
        suite=suite,
        name=case.get("fullname") or case.get("name") or "(unnamed)",
        outcome=outcome,
        message=_text.message(said) if outcome != "passed" else "",
        locator=place,
    )


def _claimed(root: Element, ran: list[_tests.Ran]) -> dict[str, Any]:
    """What the header says that the cases do not give. NUnit 2 counts those that ran, NUnit 3 has both numbers."""
    cases = [test for test in ran if test.name != "(fixture)"]
    bad = sum(_is_bad(test) for test in cases)
    if root.tag == "test-run":
        stated = {"testcasecount": len(cases), "failed": bad}
    else:
        stated = {}
        failures = [_numbers.whole(root.get(name)) for name in ("errors", "failures")]
        if None not in failures and sum(filter(None, failures)) > bad:
            return {"locator": f"/{root.tag}", "failures": sum(filter(None, failures))}
    wrong = {
        name: said
        for name, there in stated.items()
        if (said := _numbers.whole(root.get(name))) is not None and said != there
    }
    return {"locator": f"/{root.tag}", **wrong} if wrong else {}
