"""Projects in which the command says yes, for what lies between stages, subjects and releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenario import Base

from project import change, coverage, ran_tests

if TYPE_CHECKING:
    from project import Project, Ran

COMMIT, OTHER_COMMIT = "c" * 40, "d" * 40
AT_COMMIT = {"name": "commit", "digest": {"gitCommit": COMMIT}}
AT_OTHER = {"name": "commit", "digest": {"gitCommit": OTHER_COMMIT}}
UNIT = 'unit = { kind = "test_results" }'

PRODUCTION = """
[stages.production]
after = "integration"
trail = true
rules = ["own.tests"]
valid_for = "1d"
[stages.production.evidence]
smoke = { kind = "test_results" }
"""

VANISHED = """\
# METADATA
# title: No test has vanished
# description: A test that is gone finds nothing.
# custom:
#   needs: {test_results: [names]}
#   baseline: {test_results: [names, total]}
#   remedy: Bring it back.
package gatekeeper.own.vanished

import rego.v2

deny contains violation if {
	some before in input.baseline.test_results
	some name in before.names
	not name in names
	violation := {"message": $"{name} has vanished", "term": name, "source": before.source}
}

names contains name if {
	some report in input.test_results
	some name in report.names
}
"""


def provenance(source: str = f"gitCommit:{COMMIT}", *materials: tuple[str, str]) -> dict[str, Any]:
    """Facts of how an artifact was built; without ``source`` of no commit."""
    facts = {
        "builder": "https://ci.example.com",
        "build_type": "https://example.com/build/v1",
        "source_uri": "git+https://example.com/acme/parcel" if source else "",
        "source_digest": source,
        "materials": [{"uri": uri, "digest": digest} for uri, digest in materials],
        "complete": True,
    }
    return {name: value for name, value in facts.items() if value != ""}


def _chained(project: Project) -> None:
    """Three stages, the first two decided; all that they had is still there."""
    project.write("gate.toml", (project.folder / "gate.toml").read_text() + PRODUCTION)
    project.lock()
    project.green()
    project.write("evidence/build.record.json", project.record("build").read_bytes())
    for index in (1, 2):
        project.attest("test_results", ran_tests(index), slot="e2e", name=f"e2e-{index}", shard=f"{index}/2")
    project.attest("change", change("github:bo"), slot="change", name="change")
    project.approve("ada")
    project.write("evidence/integration.record.json", project.record("integration").read_bytes())
    project.attest("test_results", ran_tests(7), slot="smoke", name="smoke")


def _linked(project: Project) -> None:
    """Tests of the commit, and the provenance that leads there."""
    slots = 'unit = { kind = "test_results", of = "commit" }\nbuilt = { kind = "provenance" }'
    project.edit("gate.toml", UNIT, slots)
    project.edit("trust.toml", 'decision = ["gate"]', 'decision = ["gate"]\nprovenance = ["ci"]')
    project.lock()
    project.attest("test_results", ran_tests(), slot="unit", name="unit", subject=AT_COMMIT)
    project.attest("coverage", coverage(), slot="coverage", name="coverage")
    project.attest("provenance", provenance(), slot="built", name="built")


def _compared(project: Project) -> None:
    """A release before, sealed, and one that follows with the same tests."""
    project.write("policies/own/vanished/vanished.rego", VANISHED)
    slot = 'previous = { baseline = "build", max_age = "90d", without = "release-manager" }'
    project.edit("gate.toml", UNIT, f"{UNIT}\n{slot}")
    project.lock()
    project.write("app.whl", "the release before")
    project.green()
    excuse = project.approve("ada", stage="build", without_baseline=["previous"])
    record = project.record("build").read_bytes()
    excuse.unlink()
    project.write("app.whl", "the artifact")
    project.write("evidence/before.record.json", record)
    project.green()


def _production(project: Project) -> Ran:
    return project.decide("production")


def _build(project: Project) -> Ran:
    return project.decide()


CHAINED = Base("a third stage with the trail of all before it", _chained, _production)
LINKED = Base("an artifact whose commit was tested", _linked, _build)
COMPARED = Base("a release compared with the one before", _compared, _build)
BASES = (CHAINED, LINKED, COMPARED)
