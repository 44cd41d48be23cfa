"""What takes findings away, and what says that there are none: VEX, scans of nothing, requests that stand."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bases_stage2b import NEW, OLD, OPENVEX, PURL, RELEASED, STATED, argued, found, ran, us
from harms import all_of, locked, remove, write
from scenario import DENY, USAGE, Line

from gatekeeper.testing import facts
from project import stamp

if TYPE_CHECKING:
    from scenario import Harm

    from project import Project

EXPLOITABLE = "CVE-2026-1 in zlib 1.2, severity critical"
ADVISORY = "RHSA-2026:1 in zlib 1.2, severity critical"
OTHER = "sha256:" + "0" * 64


def vex(*statements: dict[str, Any], signer: str | None = "ci", **more: Any) -> Harm:
    """Other statements."""
    return lambda project: project.attest(
        "vex", argued(project, *statements, **more), slot="vex", name="vex", signer=signer
    )


def about(**changes: Any) -> Harm:
    """A statement about what is judged, with something of it changed."""
    return lambda project: project.attest(
        "vex", argued(project, {"products": [us(project, **changes)]}), slot="vex", name="vex"
    )


def package(url: str) -> Harm:
    """A statement about a package."""
    return vex({"products": [{"name": url, "purl": url, "digests": [], "subcomponents": []}]})


def scan(**more: Any) -> Harm:
    """Another finding."""
    return lambda project: project.attest("vulnerabilities", found(**more), slot="scan", name="scan")


def untimed(project: Project) -> None:
    said = argued(project, {"timestamp": None})
    project.attest("vex", said, slot="vex", name="vex")


def stated(**changes: Any) -> Harm:
    """An OpenVEX document with other members, in its statement where that has them."""
    (statement,) = OPENVEX["statements"]
    inner = {name: value for name, value in changes.items() if name in statement}
    changed = {**OPENVEX, **changes, "statements": [statement | inner]}
    kept = {name: value for name, value in changed.items() if value is not None and name not in inner}
    return write("vex.json", json.dumps(kept))


def leaks(text: str) -> Harm:
    return write("evidence/gitleaks.json", text)


def configuration(text: str) -> Harm:
    return write("evidence/hadolint.json", text)


def data(*, ago: timedelta = timedelta(days=1), **more: Any) -> Harm:
    """Another statement on data, with access reviewed so long ago."""

    def harm(project: Project) -> None:
        said = dict(facts.data_handling(access_reviewed_at=stamp(project.now - ago), **more).facts)
        project.attest("data_handling", said, slot="data", name="data")

    return harm


def reviewed(**more: Any) -> Harm:
    return lambda project: project.attest("review", dict(facts.review(**more).facts), slot="review", name="review")


def parameter(text: str) -> Harm:
    """Set a parameter of the stage."""
    return lambda project: project.edit("gate.toml", "[stages.build.evidence]", f"{text}\n[stages.build.evidence]")


LEAK = {"RuleID": "aws", "File": "app.py", "StartLine": 3, "Commit": "", "Fingerprint": "app.py:aws:3"}
ALLOWED = 'parameters.secrets.clean.allowed = ["app.py", "aws", "app.py:aws"]'
KUBE = {"Checks": [{"name": "run-as-non-root"}], "Reports": None, "Summary": {"ChecksStatus": "Passed"}}
SUMMARY = {"passed": 0, "failed": 0, "skipped": 0, "resource_count": 0, "checkov_version": "3"}
HOG = {"level": "info-0", "ts": OLD, "logger": "trufflehog", "msg": "running source"}
TWO_CVES = {"id": "RHSA-2026:1", "aliases": ["CVE-2026-1", "CVE-2026-2"]}
ASKED = {"reviewer": "github:bo", "comment": "add a test for the empty parcel"}

denied = Line(RELEASED, DENY)
refused = Line(STATED, USAGE)

# fmt: off
VEX = (
    denied("VEX by a signer who may only scan", vex({}, signer="scanner"), "vex is accepted from ci at build", "verify.accept"),
    denied("VEX that nobody signed", vex({}, signer=None), "vex is accepted from ci at build", "verify.accept"),
    denied("no VEX where a rule counts on it", remove("evidence/vex.json"), "no vex here", "slots.missing"),
    denied("VEX about another subject", about(digests=[OTHER]), EXPLOITABLE, "evaluate.fail"),
    denied("VEX about something that it only names", about(digests=[]), EXPLOITABLE, "evaluate.fail"),
    denied("VEX about another part of the subject", about(subcomponents=[{"name": "x", "purl": "pkg:deb/debian/xz@1", "digests": []}]), EXPLOITABLE, "evaluate.fail"),
    denied("VEX about a part of the subject that it only names", about(subcomponents=[{"name": "zlib", "digests": []}]), EXPLOITABLE, "evaluate.fail"),
    denied("VEX about another version of the package", package("pkg:deb/debian/zlib@1.3"), EXPLOITABLE, "evaluate.fail"),
    denied("VEX about every version of the package", package("pkg:deb/debian/zlib"), EXPLOITABLE, "evaluate.fail"),
    denied("VEX about another architecture of the package", package(f"{PURL}?arch=arm64"), EXPLOITABLE, "evaluate.fail"),
    denied("VEX about another vulnerability", vex({"vulnerability": "CVE-2026-11"}), EXPLOITABLE, "evaluate.fail"),
    denied("VEX about one of the two CVEs of an advisory", scan(**TWO_CVES), ADVISORY, "evaluate.fail"),
    denied("not affected, and no reason why", vex({"justification": None}), EXPLOITABLE, "evaluate.fail"),
    denied("not affected, for a reason that the gate does not accept", vex({"justification": "protected_at_perimeter"}), EXPLOITABLE, "evaluate.fail"),
    denied("fixed, says VEX, and the scan still sees it", vex({"status": "fixed", "justification": None, "impact_statement": "patched"}), EXPLOITABLE, "evaluate.fail"),
    denied("under investigation, with a reason", vex({"status": "under_investigation"}), EXPLOITABLE, "evaluate.fail"),
    denied("affected after all, a day later", vex({}, {"status": "affected", "timestamp": NEW}), EXPLOITABLE, "evaluate.fail"),
    denied("affected and not affected at one time", vex({}, {"status": "affected"}), EXPLOITABLE, "evaluate.fail"),
    denied("affected after all, under another of its names", all_of(scan(aliases=["GHSA-1"]), vex({}, {"vulnerability": "GHSA-1", "status": "affected", "timestamp": NEW})), EXPLOITABLE, "evaluate.fail"),
    denied("affected after all, in every version of the package", vex({}, {"status": "affected", "timestamp": NEW, "products": [{"name": "zlib", "purl": "pkg:deb/debian/zlib", "digests": [], "subcomponents": []}]}), EXPLOITABLE, "evaluate.fail"),
    denied("VEX that is a draft", vex({}, complete=False), "vex.json (slot vex) is not complete", "evaluate.complete"),
    denied("VEX without a statement", vex(), "examined nothing: statement_count is 0", "evaluate.examined"),
    denied("VEX that counts more statements than it has", vex({}, statement_count=2), "statement_count: says 2, 1 are there", "facts.schema"),
    denied("a statement without a time", untimed, "facts.statements[0].timestamp: absent", "facts.schema"),
    refused("OpenVEX in which nothing has a time", stated(timestamp=None), "no time is stated", "vex.time"),
    refused("OpenVEX with a status that nobody knows", stated(status="not_effected"), "the word 'not_effected' is not known", "vex.word"),
    refused("OpenVEX with a reason that nobody knows", stated(justification="trust_me"), "the word 'trust_me' is not known", "vex.word"),
    refused("OpenVEX of a version that nobody has read", stated(**{"@context": "https://openvex.dev/ns/v9"}), "OpenVEX https://openvex.dev/ns/v9 is not read", "openvex.version"),
)

SCANS = (
    denied("a scanner that carries no catalogue of what is exploited", scan(kev=None), "needs vulnerabilities.findings[0].kev: absent", "evaluate.absent"),
    denied("known to be exploited, and argued away", scan(kev=True), "CVE-2026-1 in zlib 1.2 is known to be exploited", "evaluate.fail"),
    denied("the empty list of Gitleaks, alone", leaks("[]"), "no secrets here", "slots.missing"),
    denied("Gitleaks that ended with an error and found nothing", leaks(ran("gitleaks", [], exit_code=126)), "is not complete: the report says exit_code 126", "tool_run.exit_code"),
    denied("Gitleaks over no commit", leaks(ran("gitleaks", [], examined=0)), "examined nothing: examined is 0", "evaluate.examined"),
    denied("how another tool ran beside the list of Gitleaks", leaks(ran("gitleaks2", [])), "no secrets here", "slots.missing"),
    denied("a secret, allowed by parts of its fingerprint", locked(leaks(json.dumps([LEAK])), parameter(ALLOWED)), "gitleaks: aws in app.py:3", "evaluate.fail"),
    denied("TruffleHog that did not finish", leaks(f"{json.dumps(HOG)}\n{json.dumps(HOG)}\n"), "is not complete", "evaluate.complete"),
    denied("kube-linter over nothing", configuration(json.dumps(KUBE)), "examined nothing: checks_examined is 0", "evaluate.examined"),
    denied("Checkov over nothing", configuration(json.dumps(SUMMARY)), "examined nothing: checks_examined is 0", "evaluate.examined"),
    denied("Checkov that hides what passed", configuration(json.dumps({"check_type": "dockerfile", "results": {"failed_checks": []}, "summary": {"passed": 3, "failed": 0, "skipped": 0, "parsing_errors": 0}})), "is not complete: the report says dockerfile passed 3", "evaluate.complete"),
    denied("the empty list of hadolint, alone", configuration("[]"), "no misconfiguration here", "slots.missing"),
)

PEOPLE = (
    denied("access that nobody has looked at for a year", data(ago=timedelta(days=365)), "data_handling.access_reviewed_at is older than 180d", "evaluate.fail"),
    denied("access that will be looked at tomorrow", data(ago=-timedelta(days=1)), "in the future", "evaluate.fail"),
    denied("access that the owner of the data looked at", data(reviewer="github:ada"), "was reviewed by its owner, github:ada", "evaluate.fail"),
    denied("restricted data that is kept for years", data(stores=[{"name": "accounts", "classification": "restricted", "retention_days": 366}]), "restricted data for at most 365", "evaluate.fail"),
    denied("a request for changes beside an approval", reviewed(changes_requested=[ASKED]), "github:bo has asked for changes: add a test for the empty parcel", "evaluate.fail"),
)
# fmt: on

AREA = "findings and what argues them away"
SCENARIOS = (*VEX, *SCANS, *PEOPLE)
