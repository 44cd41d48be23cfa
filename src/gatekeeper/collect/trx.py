"""TRX of Visual Studio and ``dotnet test --logger trx`` (vstst.xsd, TeamTest/2010).

The results of a data-driven test stand inside of it and are counted, it is not. What is inconclusive or was not
executed is skipped; every other word but ``Passed`` is no pass. A run that was aborted or timed out is not complete,
and an error outside of a test is a case of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _numbers, _tests, _text, _xml
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from gatekeeper.collect.reading import Report

_NAMESPACE: Final = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"
_OUTCOMES: Final[Mapping[str, str]] = {
    "passed": "passed",
    "failed": "failed",
    **dict.fromkeys(("notexecuted", "inconclusive", "pending", "notrunnable"), "skipped"),
    **dict.fromkeys(
        ("error", "timeout", "aborted", "passedbutrunaborted", "disconnected", "warning", "completed", "inprogress"),
        "errored",
    ),
}
_ENDED: Final = frozenset({"passed", "failed", "completed", "warning", "inconclusive", "notexecuted"})
_RESULTS: Final = frozenset({"UnitTestResult", "TestResultAggregation", "WebTestResult", "ManualTestResult"})


class _Trx:
    format: Final = "trx"
    kind: Final = "test_results"

    def matches(self, report: Report) -> bool:
        return report.looks_like_xml and _xml.root_name(report.head) == "TestRun"

    def read(self, report: Report) -> Reading:
        root = report.xml
        if root.tag != f"{_NAMESPACE}TestRun":
            raise MalformedError("no TRX of TeamTest/2010", where="/TestRun", code="trx.namespace")
        ran = [*_tests_in(root), *_errors(root)]
        summary = root.find(f"{_NAMESPACE}ResultSummary")
        facts = _tests.facts(ran, claimed=_claimed(summary, ran), complete=_ended(summary))
        return Reading(kind=self.kind, format=self.format, facts=facts, media_type="application/xml")


COLLECTOR: Final = _Trx()


def _tests_in(root: Element) -> Iterator[_tests.Ran]:
    seen = 0
    for child, place in _xml.children(root, "/TestRun"):
        if _xml.local_name(child.tag) == "Results":
            for result, here in _xml.children(child, place):
                for ran in _result(result, here):
                    seen += 1
                    yield ran
    everywhere = sum(_xml.local_name(item.tag) in _RESULTS and not _inner(item) for item in root.iter())
    if seen != everywhere:
        raise MalformedError(
            f"{everywhere} results, {seen} of them where they belong", where="/TestRun", code="trx.hidden"
        )


def _inner(result: Element) -> list[Element]:
    inner = result.find(f"{_NAMESPACE}InnerResults")
    return [] if inner is None else list(inner)


def _result(result: Element, place: str) -> Iterator[_tests.Ran]:
    if _xml.local_name(result.tag) not in _RESULTS or not result.tag.startswith(_NAMESPACE):
        raise MalformedError("no result of a test", where=place, code="trx.element")
    inner = _inner(result)
    for index, part in enumerate(inner, start=1):
        yield from _result(part, f"{place}/InnerResults/*[{index}]")
    if inner:
        return
    word = result.get("outcome", "")
    outcome = _OUTCOMES.get(word.lower(), "errored")
    said = result.find(f"{_NAMESPACE}Output/{_NAMESPACE}ErrorInfo/{_NAMESPACE}Message")
    message = (said.text or "") if said is not None else f"its outcome is {word!r}"
    yield _tests.Ran(
        suite="",
        name=result.get("testName") or "(unnamed)",
        outcome=outcome,
        message=_text.message(message) if outcome != "passed" else "",
        locator=place,
    )


def _errors(root: Element) -> Iterator[_tests.Ran]:
    """What the run says went wrong outside of a test."""
    infos = root.findall(f"{_NAMESPACE}ResultSummary/{_NAMESPACE}RunInfos/{_NAMESPACE}RunInfo")
    for index, info in enumerate(infos, start=1):
        if info.get("outcome", "").lower() in {"error", "failed", "aborted", "timeout"}:
            said = info.find(f"{_NAMESPACE}Text")
            place = f"/TestRun/ResultSummary/RunInfos/RunInfo[{index}]"
            text = _text.message(said.text or "") if said is not None else ""
            yield _tests.Ran(suite="", name="(run)", outcome="errored", message=text, locator=place)


def _ended(summary: Element | None) -> bool:
    return summary is not None and summary.get("outcome", "").lower() in _ENDED


def _claimed(summary: Element | None, ran: list[_tests.Ran]) -> dict[str, Any]:
    counters = summary.find(f"{_NAMESPACE}Counters") if summary is not None else None
    if counters is None:
        return {}
    cases = [test for test in ran if test.name != "(run)"]
    counted = {"total": len(cases), "passed": sum(test.outcome == "passed" for test in cases)}
    wrong = {
        name: said
        for name, there in counted.items()
        if (said := _numbers.whole(counters.get(name))) is not None and said < there
    }
    failed = _numbers.whole(counters.get("failed")) or 0
    if failed > sum(test.outcome in {"failed", "errored"} for test in cases):
        wrong["failed"] = failed
    more = _numbers.whole(counters.get("total"))
    if more is not None and more > len(cases) and not wrong:
        wrong["total"] = more
    return {"locator": "/TestRun/ResultSummary/Counters", **wrong} if wrong else {}
