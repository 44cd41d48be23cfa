"""Handmade decisions, built with the real values, that every form is rendered from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.decision import Decision, Item, Result, Violation
from gatekeeper.facts import Source
from gatekeeper.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gatekeeper.decision import Outcome

AT: Final = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)
WHEEL: Final = Subject.of("parcel-1.4.0-py3-none-any.whl", {"sha256": "9f2c41ab03de" + "07" * 26})


def digest(name: str) -> str:
    """A digest that looks like one and is always the same."""
    return _json.digest(name.encode())


def source(name: str, kind: str, slot: str, **more: Any) -> dict[str, Any]:
    """A source as a violation carries it."""
    members: dict[str, Any] = {"digest": digest(name), "signers": ("ci",), "verified_at": "2026-11-24T01:58:07Z"}
    return Source(name=name, kind=kind, slot=slot, **(members | more)).as_json()


JUNIT: Final = source("junit-2.xml", "test_results", "unit", shard=(2, 4), producer="pytest 9.2.0")
COVERAGE: Final = source(
    "coverage.xml", "coverage", "coverage", signers=(), verified_at="", producer="coverage.py 7.6.1"
)
SCAN: Final = source("scan.json", "vulnerabilities", "scan", signers=("scanner",), producer="trivy 0.58.1")
LINT: Final = source("ruff.sarif", "static_analysis", "lint", verified_at="", producer="ruff 0.17.6")

TESTS: Final[dict[str, Any]] = {
    "id": "tests.passed",
    "title": "Every test passed",
    "description": "A test that fails is a fault that somebody already knows.",
    "severity": "high",
    "controls": ("SSDF-PW.8.2",),
}
VULNERABILITIES: Final[dict[str, Any]] = {
    "id": "vulnerabilities.fixable",
    "title": "No known hole that an update closes",
    "description": "A published hole with a published fix is the cheapest attack there is.",
    "severity": "critical",
    "controls": ("SSDF-RV.2.2", "SOC2-CC7.1"),
}
LINES: Final[dict[str, Any]] = {
    "id": "coverage.lines",
    "title": "Enough of the code is exercised",
    "description": "Untested lines are where stage two finds what stage one should have.",
    "severity": "medium",
}
LINTED: Final[dict[str, Any]] = {
    "id": "naming.conventions",
    "title": "Names follow the convention",
    "description": "A name that surprises costs every reader.",
    "severity": "low",
}


def passed(*ids: str) -> tuple[Result, ...]:
    """Results that passed, named after what they ask."""
    return tuple(Result(id=id_, title=id_.replace(".", " ").capitalize(), outcome="pass") for id_ in ids)


def decide(*results: Result, stage: str = "integration", **more: Any) -> Decision:
    """A decision of the parcel gate."""
    members: dict[str, Any] = {
        "subject": WHEEL,
        "at": AT,
        "gate_name": "parcel",
        "gate_digest": digest("gate"),
        "trust": digest("trust"),
        "rules_digest": digest("rules"),
        "engine": "opa 1.22.2",
        "evidence_digest": digest("evidence"),
        "items": ITEMS[:4],
        "lapses": ((AT + timedelta(days=7), "valid_for 7d"),),
    }
    ordered = tuple(sorted(results, key=lambda result: result.id))
    return Decision(results=ordered, stage=stage, **(members | more))


def item(name: str, kind: str, slot: str, status: Any, **more: Any) -> Item:
    """What became of one attestation."""
    signers = ("ci",) if status == "verified" else ()
    return Item(name=name, digest=digest(name), kind=kind, slot=slot, status=status, **({"signers": signers} | more))


ITEMS: Final = (
    item("unit-1.intoto.json", "test_results", "unit", "verified"),
    item("unit-2.intoto.json", "test_results", "unit", "verified"),
    item("scan.intoto.json", "vulnerabilities", "scan", "verified", signers=("scanner",)),
    item("sbom.intoto.json", "sbom", "sbom", "verified"),
    item("coverage.intoto.json", "coverage", "coverage", "unsigned"),
    item("approval-dee.json", "approval", "", "rejected", reason="the key was revoked on 2026-10-01"),
    item("load.intoto.json", "performance", "load", "rejected", reason="the subject has another sha256 digest"),
    item("npm.sigstore.json", "provenance", "", "unsupported", reason="in-toto 0.0.2 statement in a Sigstore bundle"),
)

CVE: Final = Violation(
    message="CVE-2026-21441 in urllib3 2.5.0 is critical and fixed in 2.6.3",
    term="CVE-2026-21441:urllib3",
    source=SCAN,
    locator="/Results/0/Vulnerabilities/3",
    expected="none",
    actual="critical",
    remedy="Update urllib3 to 2.6.3 or later, or ask for a waiver.",
)
FAILED_TESTS: Final = tuple(
    Violation(
        message=f"{name} {outcome}",
        term=name,
        source=JUNIT,
        locator=f"/testsuites/testsuite[1]/testcase[{number}]",
        remedy="Mend the code or the test; a skipped test does not pass.",
    )
    for number, name, outcome in (
        (17, "tests.test_checkout.test_refund_is_idempotent", "failed: AssertionError: 2 refunds for one order"),
        (31, "tests.test_checkout.test_timeout", "did not run: fixture 'broker' not found"),
        (44, "tests.test_rates.test_münchen", "failed: 8.1 is not 7.0"),
    )
)
WAITING: Final = Violation(
    message="1 of 2 approvals: ada; bo does not count, being the author of this commit",
    expected=2,
    actual=1,
    unit="approvals",
    remedy="gatekeeper approve parcel-1.4.0-py3-none-any.whl --stage integration --gate gate.toml --key KEY",
    waiting=True,
)
WAIVER: Final = {
    "digest": digest("waiver"),
    "status": "used",
    "rule": "coverage.lines",
    "terms": ["src/parcel/legacy.py"],
    "requester": "bo",
    "approved_by": ["cy"],
    "reason": "replaced in 1.5",
    "ticket": "PAR-812",
    "expires": "2026-12-01T00:00:00Z",
}
EXPIRED: Final = {
    **WAIVER,
    "digest": digest("expired"),
    "status": "expired",
    "terms": ["src/parcel/old.py"],
    "ticket": "PAR-700",
    "expires": "2026-11-01T00:00:00Z",
    "why": "it expired at 2026-11-01T00:00:00Z",
}


def approval(person: str, *, counted: bool) -> dict[str, Any]:
    """An approval as a decision shows it."""
    times = {"issued_at": "2026-11-23T16:40:00Z", "expires": "2026-11-30T16:40:00Z"}
    return {"person": person, "digest": digest(person), "verdict": "approve", "counted": counted, **times}


def allow() -> Decision:
    """Everything is as it should be."""
    ids = ("coverage.lines", "naming.conventions", "slot.coverage", "slot.scan", "slot.unit", "subject.digest")
    return decide(
        *passed(*ids, "tests.passed", "vulnerabilities.fixable"),
        lapses=((AT + timedelta(days=7), "valid_for 7d"), (AT + timedelta(days=26), "freeze year end")),
    )


def allow_unsigned() -> Decision:
    """An allow that rests on unsigned evidence."""
    return decide(
        *passed("coverage.lines", "slot.coverage", "slot.unit", "tests.passed"),
        stage="build",
        items=(*ITEMS[:2], ITEMS[4]),
        rests_on_unsigned=True,
    )


def deny() -> Decision:
    """One of everything."""
    lines: dict[str, Any] = {
        "actual": 702,
        "expected": 850,
        "unit": "lines",
        "source": COVERAGE,
        "locator": "/coverage/@lines-covered",
    }
    return decide(
        Result(outcome="fail", violations=(CVE,), **VULNERABILITIES),
        Result(outcome="fail", violations=FAILED_TESTS, **TESTS),
        Result(
            id="performance.latency",
            title="It answers fast enough",
            description="Users leave when a page is slower than the budget.",
            outcome="unanswered",
            severity="high",
            violations=(
                Violation(message="needs performance: there is none", remedy="attest performance for this subject"),
            ),
        ),
        Result(
            outcome="waived",
            waived=(
                Violation(
                    message="702 of 1000 lines of src/parcel/legacy.py are covered, 85% are needed",
                    term="src/parcel/legacy.py",
                    remedy="Add tests for the files listed, or ask for a waiver.",
                    **lines,
                ),
            ),
            waiver=(digest("waiver"),),
            **LINES,
        ),
        Result(
            outcome="warn",
            effective_on="2027-01-01",
            violations=(
                Violation(
                    message="N802: function name `getRate` should be lowercase",
                    term="N802",
                    source=LINT,
                    locator="src/parcel/rates.py:41",
                    remedy="Rename it.",
                ),
            ),
            **LINTED,
        ),
        Result(
            id="approval.release-manager", title="A release manager approved", outcome="fail", violations=(WAITING,)
        ),
        *passed("slot.coverage", "slot.scan", "slot.unit", "stage.build", "subject.digest", "freeze.year_end"),
        items=ITEMS,
        waivers=(WAIVER, EXPIRED),
        approvals=(approval("ada", counted=True), approval("bo", counted=False)),
        lapses=(
            (datetime(2026, 12, 1, tzinfo=UTC), "waiver PAR-812 ends"),
            (AT + timedelta(days=7), "valid_for 7d"),
            (datetime(2026, 12, 20, tzinfo=UTC), "freeze year end"),
            (datetime(2027, 1, 1, tzinfo=UTC), "naming.conventions takes effect"),
        ),
    )


def waiting() -> Decision:
    """Nothing is wrong; two things have not arrived."""
    slot = Violation(
        message="slot e2e is empty: 0 of 1 test_results", remedy="run the job that makes it, then attest", waiting=True
    )
    return decide(
        Result(
            id="approval.release-manager", title="A release manager approved", outcome="fail", violations=(WAITING,)
        ),
        Result(id="slot.e2e", title="test_results in slot e2e", outcome="fail", violations=(slot,)),
        *passed("slot.unit", "subject.digest", "tests.passed"),
    )


def many() -> Decision:
    """A thousand findings of one rule, and a second rule beside it."""
    codes = ("E501", "F401", "N802", "D103")
    findings = tuple(
        Violation(
            message=f"{codes[number % 4]} at line {number + 1}",
            term=codes[number % 4],
            source=LINT,
            locator=f"src/parcel/module_{number % 40:02}.py:{number + 1}",
            remedy="Mend the code, or agree on another level.",
        )
        for number in range(1000)
    )
    return decide(
        Result(outcome="fail", violations=findings, **LINTED),
        Result(outcome="fail", violations=(CVE,), **VULNERABILITIES),
        *passed("slot.lint"),
    )


NASTY: Final = (
    "::error file=gate.toml::hello ##[add-mask]x \x1b[2J\x1b]8;;http://evil\x07\u202eWOLLA\r\nALLOW @team #1 "
    "[x](javascript:alert(1)) ![i](http://evil/i.png) <img src=x onerror=alert(1)> | </details> ``` `~ $x$ :tada: "
    "=HYPERLINK(1) 名前 e\u0301\u200b\ufeff\ud7ff\ufffe"
)


def hostile() -> Decision:
    """Text made to act on whatever prints it, wherever evidence can put text."""
    return everywhere([NASTY])


def everywhere(texts: Sequence[str]) -> Decision:
    """One decision whose every text ends in one of ``texts``, in turn; its shape does not depend on them."""
    turn = cycle(texts)

    def say(name: str) -> str:
        return f"{name} {next(turn)}"

    waiver = {name: [say("w")] if isinstance(value, list) else say("w") for name, value in WAIVER.items()}
    return decide(
        *_strange_results(say),
        subject=Subject.of(say("s"), {"sha256": "ab" * 32}),
        stage=say("s"),
        gate_name=say("g"),
        engine=say("e"),
        items=tuple(
            item(say("n"), say("k"), say("s"), status, reason=say("r"), signers=(say("s"),))
            for status in ("rejected", "unsupported", "unsigned")
        ),
        waivers=(waiver | {"digest": digest("waiver")},),
        approvals=({name: say("a") for name in approval("", counted=True)} | {"counted": False},),
        lapses=((AT + timedelta(days=1), say("l")), (AT + timedelta(days=2), say("l"))),
    )


def _strange_results(say: Callable[[str], str]) -> Iterator[Result]:
    def violation(tag: str = "", *, waiting: bool = False) -> Violation:
        names = ("name", "kind", "slot", "producer", "verified_at")
        origin: dict[str, Any] = {name: say(name + tag) for name in names}
        strange = Source(digest=digest("report"), signers=(say(f"s{tag}"),), **origin).as_json()
        texts = {
            name: say(name + tag) for name in ("message", "term", "locator", "expected", "actual", "unit", "remedy")
        }
        return Violation(source=strange, waiting=waiting, **texts)

    def result(number: int, outcome: Outcome, **more: Any) -> Result:
        meta: dict[str, Any] = {name: say(name) for name in ("title", "description", "severity")}
        return Result(id=say(f"{number}"), outcome=outcome, controls=(say("c"),), **meta, **more)

    yield result(1, "fail", violations=(violation("1"), violation("2")))
    yield result(2, "unanswered", violations=(violation(),))
    yield result(3, "waived", waived=(violation(),), waiver=(digest("waiver"),))
    yield result(4, "warn", violations=(violation(),), effective_on=say("e"))
    yield result(5, "fail", violations=(violation(waiting=True),))
    yield result(6, "pass")


ALL: Final = {
    "allow": allow,
    "allow-unsigned": allow_unsigned,
    "deny": deny,
    "waiting": waiting,
    "many": many,
    "hostile": hostile,
}
