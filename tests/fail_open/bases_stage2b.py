"""A release with a scan that VEX argues away, and with what is configured, secret, private and reviewed in order."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scenario import Base

from gatekeeper.testing import facts
from project import stamp

if TYPE_CHECKING:
    from project import Project, Ran

RULES = """\
    "exploitability.vex", "exploitability.known", "misconfiguration.clean", "secrets.clean",
    "data_handling.access_reviewed", "data_handling.retention", "review.stakeholders",
"""
SLOTS = """\
scan = { kind = "vulnerabilities" }
vex = { kind = "vex" }
iac = { kind = "misconfiguration" }
leaks = { kind = "secrets" }
data = { kind = "data_handling" }
review = { kind = "review" }
"""
ACCEPTED = """\
vulnerabilities = ["ci", "scanner"]
vex = ["ci"]
misconfiguration = ["ci", "unsigned"]
secrets = ["ci", "unsigned"]
data_handling = ["ci"]
review = ["ci"]
"""
PURL = "pkg:deb/debian/zlib@1.2"
OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def found(**more: Any) -> dict[str, Any]:
    """A critical finding in a package of a known version."""
    said = {"id": "CVE-2026-1", "package": "zlib", "version": "1.2", "purl": PURL, "kev": False, "epss_ppm": 10}
    finding = {name: value for name, value in (said | more).items() if value is not None}
    return dict(facts.vulnerabilities(critical=[finding]).facts)


def us(project: Project, **more: Any) -> dict[str, Any]:
    """What is judged, as VEX names it."""
    return {"name": "app", "digests": [f"sha256:{project.subject.digest['sha256']}"], "subcomponents": [], **more}


def argued(project: Project, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Statements on the finding; each about what is judged, with a reason, unless it says otherwise."""
    said = {
        "vulnerability": "CVE-2026-1",
        "aliases": [],
        "products": [us(project)],
        "status": "not_affected",
        "justification": "vulnerable_code_not_present",
        "timestamp": OLD,
    }
    made = [
        {name: value for name, value in {**said, "locator": f"/statements/{at}", **one}.items() if value is not None}
        for at, one in enumerate(statements)
    ]
    whole = {"statements": made, "statement_count": len(made), "issued_at": OLD, "complete": True}
    return whole | more


def ran(tool: str, report: Any, **more: Any) -> str:
    """A report with how its tool ran."""
    return json.dumps({"tool_run": {"tool": tool, "exit_code": 0, "examined": 4, **more}, "report": report})


def _released(project: Project) -> None:
    project.edit("gate.toml", 'pack_dirs = ["policies"]', 'pack_dirs = ["gatekeeper", "policies"]')
    project.edit("gate.toml", 'rules = ["own.*"]', f'rules = [\n    "own.*",\n{RULES}]')
    project.edit("gate.toml", 'coverage = { kind = "coverage" }\n', f'coverage = {{ kind = "coverage" }}\n{SLOTS}')
    project.edit("trust.toml", "[accept]\n", f"[accept]\n{ACCEPTED}")
    project.lock()
    project.green()
    project.attest("vulnerabilities", found(), slot="scan", name="scan")
    project.attest("vex", argued(project, {}), slot="vex", name="vex")
    project.write("evidence/hadolint.json", ran("hadolint", []))
    project.write("evidence/gitleaks.json", ran("gitleaks", []))
    reviewed = stamp(project.now - timedelta(days=1))
    project.attest(
        "data_handling", dict(facts.data_handling(access_reviewed_at=reviewed).facts), slot="data", name="data"
    )
    project.attest("review", dict(facts.review().facts), slot="review", name="review")


def _decide(project: Project) -> Ran:
    return project.decide()


OPENVEX: dict[str, Any] = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://acme.example/vex/1",
    "author": "Ada",
    "timestamp": OLD,
    "statements": [
        {
            "vulnerability": {"name": "CVE-2026-1"},
            "products": [{"@id": PURL}],
            "status": "not_affected",
            "justification": "vulnerable_code_not_present",
        }
    ],
}


def _stated(project: Project) -> None:
    project.write("vex.json", json.dumps(OPENVEX))


RELEASED = Base("a release whose findings are argued away", _released, _decide)
STATED = Base(
    "VEX that is attested",
    _stated,
    lambda project: project.run("attest", "vex.json", "--subject", "app.whl", "--slot", "vex", "-o", "out"),
)
BASES = (RELEASED, STATED)
