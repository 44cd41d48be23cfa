"""Makers of evidence about what a release withstands; see :mod:`gatekeeper.testing.facts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.testing._made import BEFORE, SHA256, Items, MadeDocument, entry, make, named

if TYPE_CHECKING:
    from collections.abc import Mapping


def chaos(*, passed: Items = 1, failed: Items = (), **more: Any) -> MadeDocument:
    """Chaos experiments.

    Args:
        passed: Experiments that held, by name or as mappings (``{"name": "lost node", "rollbacks": 2}``).
        failed: Experiments after which the steady state was not met.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    held = [_experiment(item, "passed") for item in named(passed, "experiment")]
    experiments = held + [_experiment(item, "failed") for item in named(failed, "failed")]
    for at, experiment in enumerate(experiments):
        experiment.setdefault("locator", f"/experiments/{at}")
    facts = {"tool": "chaos", "ran_at": BEFORE, "experiments": experiments, "experiment_count": len(experiments)}
    return make("chaos", facts, **more)


def _experiment(item: Any, verdict: str) -> dict[str, Any]:
    held = verdict == "passed"
    probes = {"probes": 2, "probes_passed": 2 if held else 1, "probe_success_percent": 100 if held else 50}
    steps = {"actions": 1, "actions_failed": 0, "rollbacks": 1, "rollbacks_failed": 0}
    return entry(item, "name", verdict=verdict, before_met=True, after_met=held, **probes, **steps)


def rollback(*, rehearsals: Items = 1, **more: Any) -> MadeDocument:
    """Rehearsed rollbacks.

    Args:
        rehearsals: By the version that was gone back from, or as mappings
            (``{"from_version": "1.4.0", "outcome": "failed"}``); from :data:`SHA256` to another digest otherwise.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    made = [
        entry(
            item,
            "from_version",
            from_digest=f"sha256:{SHA256}",
            to_version="1.0.0",
            to_digest=f"sha256:{SHA256[::-1]}",
            outcome="succeeded",
            data_intact=True,
            finished_at=BEFORE,
            duration_ms=60_000,
            steps=[],
            checks=[{"name": "it answers", "outcome": "passed", "locator": f"/rehearsals/{at}/checks/0"}],
            verified_by=["github:grace"],
            locator=f"/rehearsals/{at}",
        )
        for at, item in enumerate(named(rehearsals, "version"))
    ]
    return make("rollback", {"rehearsals": made, "rehearsal_count": len(made)}, **more)


def privileges(*, grants: Items = 1, **more: Any) -> MadeDocument:
    """Who may do what.

    Args:
        grants: By subject, or as mappings (``{"subject": "User ada", "verbs": ["*"]}``).
        more: See :mod:`gatekeeper.testing.facts`.
    """
    made = [
        entry(
            item,
            "subject",
            role="reader",
            verbs=["get"],
            resources=["configmaps"],
            scope="namespace shop",
            locator=f"/grants/{at}",
        )
        for at, item in enumerate(named(grants, "User user"))
    ]
    return make("privileges", {"format": "other", "grants": made, "grant_count": len(made)}, **more)


def secret_management(*, secrets: Items = 1, held: str = "reference", objects: int = 1, **more: Any) -> MadeDocument:
    """How workloads get their secrets.

    Args:
        secrets: By name, or as mappings.
        held: How each is held that does not say: ``manager``, ``encrypted``, ``reference``, ``inline``, ``literal``.
        objects: How many objects were looked at.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    made = [
        entry(item, "name", owner="Deployment shop/web", held=held, locator=f"/secrets/{at}")
        for at, item in enumerate(named(secrets, "SECRET"))
    ]
    return make("secret_management", {"objects": objects, "secrets": made, "secret_count": len(made)}, **more)


def workload_identity(*, workloads: Items = 1, **more: Any) -> MadeDocument:
    """Under whose name workloads run.

    Args:
        workloads: By name, or as mappings (``{"name": "Deployment shop/web", "account": "default"}``).
        more: See :mod:`gatekeeper.testing.facts`.
    """
    made = [
        entry(
            item,
            "name",
            account="own",
            token_mounted=False,
            federated=True,
            static_credentials=[],
            locator=f"/workloads/{at}",
        )
        for at, item in enumerate(named(workloads, "Deployment shop/web"))
    ]
    return make("workload_identity", {"workloads": made, "workload_count": len(made)}, **more)


def endurance(*, phases: Items = 1, requests: int = 1000, errors: int = 0, **more: Any) -> MadeDocument:
    """A load test over time.

    Args:
        phases: By name, or as mappings (``{"name": "peak", "cpu_percent": 97}``).
        requests: Of each phase that does not say.
        errors: Likewise.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    usual = {"duration_ms": 3_600_000, "p95_ms": 100, "cpu_percent": 50, "memory_percent": 50}
    made = [
        entry(item, "name", requests=requests, errors=errors, locator=f"/phases/{at}", **usual)
        for at, item in enumerate(named(phases, "phase"))
    ]
    facts = {
        "tool": "load generator",
        "requests": sum(phase["requests"] for phase in made),
        "errors": sum(phase["errors"] for phase in made),
        "duration_ms": sum(phase.get("duration_ms", 0) for phase in made),
        "finished_at": BEFORE,
        "recovery_ms": 0,
        "recovered": True,
        "phases": made,
        "phase_count": len(made),
    }
    return make("endurance", facts, **more)


def release_notes(*, releases: Items = ("1.0.0",), **more: Any) -> MadeDocument:
    """What is said of releases.

    Args:
        releases: By version, or as mappings (``{"version": "1.0.0", "state": "draft"}``).
        more: See :mod:`gatekeeper.testing.facts`.
    """
    made = [
        entry(
            item,
            "version",
            state="published",
            prerelease=False,
            entries=3,
            summary="What changes for those who use it.",
            author="github:ada",
            reviewed_by=["github:grace"],
            locator=f"/releases/{at}",
        )
        for at, item in enumerate(named(releases, "1.0"))
    ]
    return make("release_notes", {"releases": made, "release_count": len(made)}, **more)


def risk(*, risks: Items = 1, severity: str = "high", status: str = "accepted", **more: Any) -> MadeDocument:
    """An assessment of risks.

    Args:
        risks: By id, or as mappings.
        severity: Of each that does not say.
        status: Likewise: ``open``, ``in_progress``, ``accepted``, ``mitigated``, ``false_positive``.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    made = [
        entry(item, "id", severity=severity, status=status, locator=f"/risks/{at}")
        for at, item in enumerate(named(risks, "risk"))
    ]
    facts = {"assessed_at": BEFORE, "reviewed_by": ["github:grace"], "risks": made, "risk_count": len(made)}
    return make("risk", facts, **more)


def configuration(
    *, settings: Mapping[str, str] | None = None, deviations: Items = (), action: str = "update", **more: Any
) -> MadeDocument:
    """Settings of resources, and where they deviate.

    Args:
        settings: Values by path.
        deviations: By path, or as mappings (``{"path": "web/spec/replicas", "expected": "2", "actual": "3"}``).
        action: Of each that does not say: ``create``, ``update``, ``delete``, ``replace``, ``drift``.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    found = {"Deployment.web/spec/replicas": "2"} if settings is None else settings
    made = [
        entry(item, "path", action=action, expected="2", actual="3", locator=f"/deviations/{at}")
        for at, item in enumerate(named(deviations, "Deployment.web/spec"))
    ]
    facts = {
        "tool": "kubernetes",
        "resources": ["Deployment.web"],
        "resource_count": 1,
        "settings": [{"path": path, "value": value} for path, value in found.items()],
        "deviations": made,
    }
    return make("configuration", facts, **more)
