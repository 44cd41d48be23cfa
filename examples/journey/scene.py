"""Which report answers for which slot of ``gate.toml``, and who signs it."""

from __future__ import annotations

EVIDENCE: dict[str, dict[str, tuple[str, str]]] = {
    "build": {
        "build": ("builder", "builds/go-list.json"),
        "unit": ("ci", "junit/pytest.xml"),
        "coverage": ("ci", "coverage/coveragepy.json"),
        "lint": ("ci", "sarif/ruff.sarif"),
        "secrets": ("scanner", "secrets/gitleaks.json"),
        "artifact": ("builder", "written/image.json"),
        "sbom": ("ci", "sbom.cdx.json"),
        "dependencies": ("ci", "dependencies/pip-report.json"),
        "provenance": ("builder", "written/slsa-v1.json"),
        "manifest": ("builder", "release.toml"),
        "rebuild": ("builder", "reproducibility/rebuild.json"),
        "environment": ("builder", "written/environment.toml"),
        "review": ("ci", "written/github-reviews.json"),
        "change": ("ci", "change/git.txt"),
    },
    "integration": {
        "e2e": ("ci", "junit/surefire.xml"),
        "load": ("operations", "written/jmeter.jtl"),
        "bench": ("ci", "benchmark/pytest.json"),
        "config": ("scanner", "written/trivy-config.json"),
        "image": ("builder", "written/image.json"),
        "scan": ("scanner", "written/grype.json"),
        "vex": ("product-security", "written/openvex.json"),
        "sbom": ("ci", "sbom.cdx.json"),
        "data": ("product-security", "written/data-handling.toml"),
        "owners": ("ci", "written/gitlab-discussions.json"),
    },
    "resilience": {
        "chaos": ("operations", "chaos/held.json"),
        "endurance": ("operations", "written/endurance.toml"),
        "rollback": ("operations", "written/rollback.toml"),
        "privileges": ("scanner", "written/kubernetes-rbac.yaml"),
        "secret_use": ("scanner", "written/kubernetes-secrets.yaml"),
        "identities": ("scanner", "written/kubernetes-identity.yaml"),
        "capacity": ("operations", "written/kubernetes-hpa.json"),
        "configuration": ("operations", "written/kubernetes-live.json"),
        "baseline": ("operations", "written/kubernetes-approved.yaml"),
        "migration": ("ci", "written/migration.toml"),
        "image": ("builder", "written/image.json"),
        "notes": ("ci", "written/release-notes.toml"),
        "risk": ("ci", "written/risk.toml"),
        "deprecations": ("ci", "written/deprecations.toml"),
    },
    "canary": {
        "canary": ("operations", "written/canary-prometheus.json"),
        "analysis": ("operations", "written/argo-analysisrun.yaml"),
        "change": ("ci", "change/git.txt"),
        "provenance": ("builder", "written/slsa-v1.json"),
        "plan": ("operations", "written/terraform-plan.json"),
        "flags": ("operations", "written/flagd.flagd.json"),
        "off_switch": ("operations", "written/off-switch.toml"),
    },
    "post-release": {
        "slo": ("operations", "written/openslo-prometheus.json"),
        "deployment": ("operations", "written/devlake.csv"),
        "alerts": ("operations", "written/alerts.toml"),
        "incidents": ("operations", "written/pagerduty.json"),
        "runbook": ("operations", "written/runbook.toml"),
        "postmortem": ("operations", "written/postmortem.toml"),
        "closing": ("operations", "written/closing.toml"),
        "rescan": ("scanner", "written/grype.json"),
        "vex": ("product-security", "written/openvex.json"),
        "sbom": ("ci", "sbom.cdx.json"),
    },
}

OF_THE_COMMIT = {"review", "change"}
"""Slots whose evidence is about the commit, to which provenance leads from the image."""

KINDS = {
    "privileges": "privileges",
    "secret_use": "secret_management",
    "identities": "workload_identity",
    "configuration": "configuration",
    "baseline": "configuration",
    "deployment": "deployment",
}
"""Kinds of slots whose reports could be of several."""
