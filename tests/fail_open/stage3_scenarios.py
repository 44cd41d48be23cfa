"""Resilience, the way back, access, risks, configuration: runs that did nothing, patterns that cover, plans cut short."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bases_stage3 import (
    APPROVED,
    CHAOS,
    COURSE,
    HELD,
    LITMUS,
    LOADED,
    NAMED,
    PLANNED,
    POLICY,
    REHEARSED,
    ROLES,
    STEADY,
    WEIGHED,
)
from harms import append, edit
from scenario import DENY, Line

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenario import Harm

    from project import Project


def said(name: str, change: Callable[[Any], object]) -> Harm:
    """Edit a report in JSON."""

    def harm(project: Project) -> None:
        value = json.loads((project.folder / "evidence" / name).read_text())
        change(value)
        project.write(f"evidence/{name}", json.dumps(value))

    return harm


def journal(**more: Any) -> Harm:
    return said("chaos.json", lambda value: value.update(more))


def state(when: str, met: Any) -> Harm:
    return said("chaos.json", lambda value: value["steady_states"].update({when: {"steady_state_met": met}}))


def litmus(old: str, new: str) -> Harm:
    return edit("evidence/chaos.yaml", old, new)


def rehearsal(old: str, new: str) -> Harm:
    return edit("evidence/rollback.toml", old, new)


def to_itself(project: Project) -> None:
    """It goes back to the version that it came from."""
    rehearsal("1" * 64, project.subject.digest["sha256"])(project)


def roles(text: str) -> Harm:
    """One more object beside the roles."""
    return append("evidence/rbac.yaml", f"---\n{text}")


def policy(**more: Any) -> Harm:
    """One more statement that allows."""
    statement = {"Sid": "More", "Effect": "Allow", "Resource": "arn:aws:s3:::x", **more}
    return said("iam.json", lambda value: value["PolicyVersion"]["Document"]["Statement"].append(statement))


def web(old: str, new: str) -> Harm:
    return edit("evidence/web.yaml", old, new)


def variable(name: str, value: str) -> Harm:
    return web("name: COLOUR, value: blue", f"name: {name}, value: {value}")


def plan(**more: Any) -> Harm:
    return said("plan.json", lambda value: value.update(more))


def changed(*actions: str, before: Any = None, after: Any = None, address: str = "a.b") -> dict[str, Any]:
    return {"address": address, "change": {"actions": list(actions), "before": before, "after": after}}


def planned_change(*actions: str, **more: Any) -> Harm:
    return said("plan.json", lambda value: value["resource_changes"].append(changed(*actions, **more)))


def live(change: Callable[[list[Any]], object]) -> Harm:
    return said("live.json", lambda value: change(value["items"]))


def failing_last(project: Project) -> None:
    """The last row counts one failure more."""
    path = project.folder / "evidence/history.csv"
    lines = path.read_text().splitlines()
    names, cells = lines[0].split(","), lines[-1].split(",")
    cells[names.index("Total Failure Count")] = "1"
    project.write("evidence/history.csv", "\n".join([*lines[:-1], ",".join(cells)]) + "\n")


ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{ name: more, namespace: shop }}\n"
RULES = ROLE + "rules: [{{ apiGroups: [''], resources: [pods], verbs: [{verb}] }}]\n"
BOUND = ROLE + "roleRef: {{ kind: ClusterRole, name: {name} }}\nsubjects: [{{ kind: User, name: eve }}]\n"
LEAVES = "apiVersion: v1\nkind: Rollout\nmetadata: { name: web }\n"

passed = Line(CHAOS, DENY)
steady = Line(STEADY, DENY)
by_litmus = Line(LITMUS, DENY)
rehearsed = Line(REHEARSED, DENY)
of_roles = Line(ROLES, DENY)
of_policy = Line(POLICY, DENY)
held = Line(HELD, DENY)
named = Line(NAMED, DENY)
loaded = Line(LOADED, DENY)
course = Line(COURSE, DENY)
weighed = Line(WEIGHED, DENY)
planned = Line(PLANNED, DENY)
approved = Line(APPROVED, DENY)

# fmt: off
EXPERIMENTS = (
    passed("an experiment that is called completed and did nothing", journal(run=[]), "the experiment The service keeps its labels (held) failed", "chaos.verdict"),
    passed("an experiment whose steady state was not met before", state("before", False), "the experiment The service keeps its labels (held) failed", "chaos.verdict"),
    passed("an activity that failed in an experiment", journal(run=[{"status": "succeeded"}, {"status": "failed"}]), "the experiment The service keeps its labels (held) failed", "chaos.verdict"),
    passed("an experiment that deviated", journal(deviated=True), "the experiment The service keeps its labels (held) failed", "chaos.verdict"),
    passed("an experiment that was interrupted", journal(status="interrupted"), "chaos.json (slot chaos) is not complete", "chaos.finished"),
    steady("a steady state that nobody looked at afterwards", said("chaos.json", lambda value: value["steady_states"].pop("after")), "the steady state was not met afterwards", "evaluate.fail"),
    steady("a steady state that nobody looked at before", said("chaos.json", lambda value: value["steady_states"].pop("before")), "needs chaos.experiments[0].before_met: absent", "evaluate.absent"),
    steady("an experiment of last year", journal(start="2020-01-01T00:00:00+00:00"), "chaos.ran_at is older than 90d", "evaluate.fail"),
    steady("an experiment without a time", said("chaos.json", lambda value: value.pop("start")), "needs chaos.ran_at: absent", "evaluate.absent"),
    steady("a rollback that failed", journal(rollbacks=[{"status": "failed"}]), "1 of 1 rollbacks of The service keeps its labels (held) failed", "evaluate.fail"),
    by_litmus("a verdict that is awaited", litmus("verdict: Pass\n", "verdict: Awaited\n"), "chaos.yaml (slot chaos) is not complete", "litmus.verdict"),
    by_litmus("a verdict of an experiment that still runs", litmus("phase: Completed", "phase: Running"), "chaos.yaml (slot chaos) is not complete", "litmus.verdict"),
    by_litmus("a percentage that the probes contradict", litmus("        verdict: Passed\n    - name: answers-all", "        verdict: Failed\n    - name: answers-all"), "chaos.yaml (slot chaos) is not complete: the report says probeSuccessPercentage 100", "litmus.claimed"),
)

WAY_BACK = (
    rehearsed("a rehearsal from another build of the version", rehearsal('from_digest  = "sha256:', 'from_digest  = "sha512:'), "no rehearsal goes back from app.whl as it is here", "evaluate.fail"),
    rehearsed("a rehearsal that does not say whether data is whole", rehearsal("data_intact  = true\n", ""), "needs rollback.rehearsals[0].data_intact: absent", "evaluate.absent"),
    rehearsed("a rehearsal to itself", to_itself, "to itself", "evaluate.fail"),
    rehearsed("a rehearsal whose check was skipped", rehearsal('"passed"', '"skipped"'), "a label can be printed skipped after going back", "evaluate.fail"),
    rehearsed("no rehearsal at all", lambda project: project.write("evidence/rollback.toml", 'statement = "rollback"\nrehearsals = []\n'), "examined nothing: rehearsal_count is 0", "evaluate.examined"),
)

RIGHTS = (
    of_roles("a role that binds others", roles(RULES.format(kind="Role", verb="bind")), "unbound may bind as more", "evaluate.fail"),
    of_roles("a verb in capitals", roles(RULES.format(kind="Role", verb="ESCALATE")), "unbound may escalate as more", "evaluate.fail"),
    of_roles("cluster-admin in one namespace", roles(BOUND.format(kind="RoleBinding", name="cluster-admin")), "User eve may do everything as cluster-admin (namespace shop)", "evaluate.fail"),
    of_roles("a binding to a role that is not there", roles(BOUND.format(kind="RoleBinding", name="admin")), "rbac.yaml (slot privileges) is not complete", "rbac.known"),
    of_roles("an object of a kind that nobody knows", roles("apiVersion: example.org/v1\nkind: SuperBinding\nmetadata: { name: x }\n"), "rbac.yaml (slot privileges) is not complete", "manifests.known"),
    of_roles("a list that says there is more", roles("apiVersion: v1\nkind: RoleList\nmetadata: { continue: abc }\nitems: []\n"), "rbac.yaml (slot privileges) is not complete", "manifests.cut"),
    of_policy("all actions but a few", policy(NotAction="s3:GetObject"), "attached may * as More", "iam.but"),
    of_policy("a pattern over passing a role on", policy(Action="IAM:Pass*"), "attached may iam:pass* as More", "evaluate.fail"),
    of_policy("two stars for one", policy(Action="**"), "attached may ** as More", "evaluate.fail"),
    of_policy("every resource but one", policy(Action="s3:PutObject", NotResource="arn:aws:s3:::x"), "attached has rights on * as More", "iam.but"),
)

SECRETS = (
    held("a password written down", variable("DATABASE_PASSWORD", "hunter22"), "DATABASE_PASSWORD of Deployment shop/web is held as literal", "secrets.named"),
    held("a key under an innocent name", variable("COLOUR", "AKIA" + "Z" * 16), "COLOUR of Deployment shop/web is held as literal", "secrets.shape"),
    held("a password in a container that starts first", web("      containers:", "      initContainers: [{ name: i, env: [{ name: TOKEN, value: abcd }] }]\n      containers:"), "TOKEN of Deployment shop/web is held as literal", "manifests.containers"),
    held("a workload of a kind that nobody knows", append("evidence/web.yaml", f"---\n{LEAVES}"), "web.yaml (slot secret_management) is not complete", "manifests.known"),
    named("a workload without an account of its own", web("      serviceAccountName: web\n", ""), "Deployment shop/web runs as default", "evaluate.fail"),
    named("a token that is mounted without a word", web("      automountServiceAccountToken: false\n", ""), "a token of web is mounted into Deployment shop/web", "identity.mounted"),
    named("keys of a cloud in a variable", variable("AWS_SECRET_ACCESS_KEY", "x"), "holds credentials that do not expire in AWS_SECRET_ACCESS_KEY", "identity.static"),
)

LOAD = (
    loaded("errors that the sum hides", edit("evidence/load.toml", "errors      = 36", "errors      = 0"), "says 0, 36 are there", "facts.recount"),
    loaded("a phase with more errors than requests", edit("evidence/load.toml", "requests = 1200000", "requests = 12"), "says 3600000, 2400012 are there", "facts.recount"),
    loaded("a machine that nobody watched", edit("evidence/load.toml", "cpu_percent = 83\n", ""), "needs endurance.phases[1].cpu_percent: absent", "evaluate.absent"),
    course("requests that fail when the test ends", failing_last, "requests still failed when the test ended", "endurance.outages"),
    course("a history without a row", lambda project: project.write("evidence/history.csv", (project.folder / "evidence/history.csv").read_text().splitlines()[0] + "\n"), "examined nothing", "evaluate.examined"),
)

RISKS = (
    weighed("a critical risk that is discussed", said("risks.json", lambda value: value[0].update(severity="critical", risk_status="in-discussion")), "(critical) is open", "evaluate.fail"),
    weighed("a risk with a severity that nobody knows", said("risks.json", lambda value: value[0].update(severity="none")), "'none' is not known", "threagile.word"),
    weighed("a risk with a status that nobody knows", said("risks.json", lambda value: value[0].update(risk_status="wont-fix")), "'wont-fix' is not known", "threagile.word"),
)

PLANS = (
    planned("a replacement, the new one first", planned_change("create", "delete"), "a.b would be destroyed (replace)", "evaluate.fail"),
    planned("a resource that is forgotten", planned_change("forget"), "a.b would be destroyed (delete)", "evaluate.fail"),
    planned("an action that nobody knows", planned_change("obliterate"), "the actions obliterate are not known", "terraform.actions"),
    planned("a plan that failed", plan(errored=True), "plan.json (slot configuration) is not complete", "terraform.whole"),
    planned("a plan that put something off", plan(deferred_changes=[{"reason": "unknown"}]), "plan.json (slot configuration) is not complete", "terraform.whole"),
    planned("a format to come", plan(format_version="2.0"), "the format '2.0' is not known", "terraform.version"),
    planned("a drift beside a plan without changes", plan(resource_drift=[changed("update", before={"a": 1}, after={"a": 2})]), "a.b/a deviates (drift)", "terraform.drift"),
    planned("an update of what is secret alone", planned_change("update", before={"a": 1}, after={"a": 1}), "a.b deviates (update)", "evaluate.fail"),
    planned("true where one was approved", planned_change("update", before={"a": 1}, after={"a": True}), "a.b/a deviates (update)", "settings.same"),
    approved("a setting that nobody approved", live(lambda items: items[0]["data"].update(debug="true")), "ConfigMap.shop.parcel/data/debug is there and was not approved", "evaluate.fail"),
    approved("an object that is gone", live(lambda items: items.pop()), "Secret.shop.parcel/kind was approved and is not there", "evaluate.fail"),
    approved("another secret", live(lambda items: items[1]["data"].update({"password": "b3RoZXI="})), "Secret.shop.parcel/data/password is set to something else than approved", "evaluate.fail"),
    approved("one object twice", live(lambda items: items.append(items[0])), "ConfigMap.shop.parcel is there twice", "configuration.twice"),
    approved("a live object in the place of the baseline", lambda project: project.write("evidence/approved.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: parcel, namespace: shop }\n"), "was not approved", "evaluate.fail"),
)
# fmt: on

AREA = "resilience"
SCENARIOS = (*EXPERIMENTS, *WAY_BACK, *RIGHTS, *SECRETS, *LOAD, *RISKS, *PLANS)
