"""Projects whose resilience, way back, access, risks and configuration are judged, and the command says yes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scenario import Base

from project import stamp

if TYPE_CHECKING:
    from scenario import Run

    from project import Project

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      serviceAccountName: web
      automountServiceAccountToken: false
      containers:
        - name: web
          env: [{ name: COLOUR, value: blue }]
"""


def fixture(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def _asks(project: Project, kind: str, *rules: str, slots: tuple[str, ...] = ()) -> None:
    """A gate whose first stage asks standard rules about raw reports of a kind."""
    listed = "".join(f'{slot} = {{ kind = "{kind}" }}\n' for slot in slots or (kind,))
    project.edit("gate.toml", 'pack_dirs = ["policies"]', 'pack_dirs = ["gatekeeper", "policies"]')
    project.edit("gate.toml", 'rules = ["own.*"]', f"rules = {json.dumps(rules)}")
    project.edit("gate.toml", 'unit = { kind = "test_results" }\ncoverage = { kind = "coverage" }\n', listed)
    accepted = f'[stages.build.accept]\n{kind} = ["unsigned"]\n[accept]\n{kind} = ["ci"]'
    project.edit("trust.toml", "[accept]", accepted)
    project.lock()


def given(**paths: str) -> Run:
    """Decide with files of ``evidence`` named for slots."""
    named = tuple(f"{slot}=evidence/{path}" for slot, path in paths.items())
    return lambda project: project.decide("build", evidence=named)


def _chaos(project: Project) -> None:
    _asks(project, "chaos", "resilience.experiments")
    project.write("evidence/chaos.json", fixture("chaos/held.json"))


def _steady(project: Project) -> None:
    _asks(project, "chaos", "resilience.steady_state", "resilience.rollbacks")
    lately = stamp(project.now - timedelta(hours=1))
    journal = json.loads(fixture("chaos/held.json")) | {"start": lately, "end": lately}
    project.write("evidence/chaos.json", json.dumps(journal))


def _litmus(project: Project) -> None:
    _asks(project, "chaos", "resilience.experiments")
    project.write("evidence/chaos.yaml", fixture("written/litmus.yaml"))


def _rehearsed(project: Project) -> None:
    _asks(project, "rollback", "rollback.rehearsed", "rollback.duration", "rollback.checked")
    said = fixture("written/rollback.toml").replace("0" * 64, project.subject.digest["sha256"])
    said = said.replace("2026-11-20T10:07:30Z", stamp(project.now - timedelta(days=1)))
    project.write("evidence/rollback.toml", said)


def _roles(project: Project) -> None:
    _asks(project, "privileges", "access.least_privilege", "access.cluster_admin")
    project.write("evidence/rbac.yaml", fixture("written/kubernetes-rbac.yaml"))


def _policy(project: Project) -> None:
    _asks(project, "privileges", "access.least_privilege", "access.cluster_admin")
    project.write("evidence/iam.json", fixture("written/aws-iam.json"))


def _held(project: Project) -> None:
    _asks(project, "secret_management", "access.secrets_managed")
    project.write("evidence/web.yaml", DEPLOYMENT)


def _named(project: Project) -> None:
    _asks(project, "workload_identity", "access.workload_identity")
    project.write("evidence/web.yaml", DEPLOYMENT)


def _loaded(project: Project) -> None:
    _asks(project, "endurance", "resilience.endurance", "resilience.recovery", "resilience.saturation")
    project.write("evidence/load.toml", fixture("written/endurance.toml"))


def _course(project: Project) -> None:
    _asks(project, "endurance", "resilience.recovery")
    project.write("evidence/history.csv", fixture("endurance/locust_stats_history.csv"))


def _weighed(project: Project) -> None:
    _asks(project, "risk", "change_record.risk")
    project.write("evidence/risks.json", fixture("written/threagile.json"))


def _planned(project: Project) -> None:
    _asks(project, "configuration", "configuration.deviations", "configuration.no_destroy")
    project.write("evidence/plan.json", fixture("written/terraform-plan.json"))


def _approved(project: Project) -> None:
    _asks(project, "configuration", "configuration.baseline", slots=("baseline", "live"))
    project.write("evidence/approved.yaml", fixture("written/kubernetes-approved.yaml"))
    project.write("evidence/live.json", fixture("written/kubernetes-live.json"))


CHAOS = Base("an experiment that passed", _chaos, given(chaos="chaos.json"))
STEADY = Base("an experiment around which all was well", _steady, given(chaos="chaos.json"))
LITMUS = Base("an experiment of Litmus that passed", _litmus, given(chaos="chaos.yaml"))
REHEARSED = Base("a way back that was rehearsed", _rehearsed, given(rollback="rollback.toml"))
ROLES = Base("roles that grant what is needed", _roles, given(privileges="rbac.yaml"))
POLICY = Base("a policy that allows what is needed", _policy, given(privileges="iam.json"))
HELD = Base("a workload without literal secrets", _held, given(secret_management="web.yaml"))  # noqa: S106 - a slot
NAMED = Base("a workload under a name of its own", _named, given(workload_identity="web.yaml"))
LOADED = Base("a test that lasted long enough", _loaded, given(endurance="load.toml"))
COURSE = Base("a load that never failed", _course, given(endurance="history.csv"))
WEIGHED = Base("risks that were decided upon", _weighed, given(risk="risks.json"))
PLANNED = Base("a plan without changes", _planned, given(configuration="plan.json"))
APPROVED = Base("what runs is what was approved", _approved, given(baseline="approved.yaml", live="live.json"))
BASES = (
    CHAOS,
    STEADY,
    LITMUS,
    REHEARSED,
    ROLES,
    POLICY,
    HELD,
    NAMED,
    LOADED,
    COURSE,
    WEIGHED,
    PLANNED,
    APPROVED,
)
