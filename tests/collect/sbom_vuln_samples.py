"""How facts and ground truth name the same numbers, for every sample of SBOMs, scans, reviews and load tests."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatekeeper.collect.reading import Reading

    Comparison = Callable[[Reading, Mapping[str, Any]], tuple[Any, Any]]
    """What was read and what is true, in one form."""


def _sbom(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    facts = reading.facts
    components = facts["components"]
    ours = {
        "components_all_nested": facts["component_count"],
        "components_top": sum(item["locator"].count("/component") == 1 for item in components),
        "specVersion": facts["spec_version"],
        "dependencies": facts.get("dependency_count", 0),
        "tools": [part.strip() for part in reading.producer.split(",")],
        "with_hashes": sum(bool(item["hashes"]) for item in components),
        "with_licences": sum(bool(item["licenses"]) for item in components),
        "with_purl": sum("purl" in item for item in components),
        "without_version": sum("version" not in item for item in components),
    }
    types = Counter(item["type"] for item in components if item["locator"].count("/component") == 1)
    return ours | {"types": types}, {key: truth[key] for key in (*ours, "types")}


def _sbom_xml(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    facts = reading.facts
    components = facts["components"]
    ours = {
        "components_all_nested": facts["component_count"],
        "components_top": sum(item["locator"].count("/component[") == 1 for item in components),
        "components_types": Counter(item["type"] for item in components),
        "dependencies": facts.get("dependency_count", 0),
        "namespace": f"{{http://cyclonedx.org/schema/bom/{facts['spec_version']}}}",
        "with_purl": sum("purl" in item for item in components),
    }
    return ours, {key: truth[key] for key in ours}


def _spdx(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    facts = reading.facts
    ours = {
        "packages": facts["component_count"],
        "spdxVersion": f"SPDX-{facts['spec_version']}",
        "with_purl": sum("purl" in item for item in facts["components"]),
        "without_versionInfo": sum("version" not in item for item in facts["components"]),
        "tools": {f"Tool: {tool}" for tool in reading.producer.split(", ")},
    }
    tools = {creator for creator in truth["creators"] if creator.startswith("Tool: ")}
    return ours, {key: truth[key] for key in ours if key != "tools"} | {"tools": tools}


def _severities(facts: Mapping[str, Any]) -> dict[str, int]:
    return {name.lower(): number for name, number in facts["counts"].items() if number}


def _trivy(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    facts = reading.facts
    findings = facts["findings"]
    ours = {
        "vulns": len(findings),
        "unique_vuln_ids": len({item["id"] for item in findings}),
        "fixable": sum(bool(item["fixed_versions"]) for item in findings),
        "severity": _severities(facts),
        "status": Counter(item["status"] for item in findings if "status" in item),
    }
    severity = {name.lower(): number for name, number in truth["vuln_severity"].items()}
    wanted = {key: truth[key] for key in ("vulns", "unique_vuln_ids", "fixable")}
    return ours, wanted | {"severity": severity, "status": truth.get("vuln_status", {})}


def _grype(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    facts = reading.facts
    findings = facts["findings"]
    ours = {
        "matches": len(findings),
        "ignored": sum(item.get("status") == "ignored" for item in findings),
        "unique_vuln_ids": len({item["id"] for item in findings}),
        "version": reading.producer.removeprefix("grype "),
        "severity": _severities(facts),
    }
    severity = {name.lower(): number for name, number in truth["severity"].items()}
    return ours, {key: truth[key] for key in ours} | {"severity": severity}


def _osv(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    findings = reading.facts["findings"]
    # aliases in the facts are more than the ids of a group: the places count groups, results and packages
    places = [item["locator"].split("/") for item in findings]
    ours = {
        "groups": len(findings),
        "packages": len({tuple(place[:5]) for place in places}),
        "sources": len({place[2] for place in places}),
    }
    return ours, {key: truth[key] for key in ours}


def _pip_audit(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    facts = reading.facts
    findings = facts["findings"]
    ours = {
        "vulns": len(findings),
        "audited": facts["packages_examined"],
        "with_vulns": len({item["package"] for item in findings}),
        "no_fix": sum(not item["fixed_versions"] for item in findings),
        "complete": facts["complete"],
    }
    wanted = {key: truth[key] for key in ("vulns", "with_vulns", "no_fix")}
    audited = truth["dependencies"] - truth["skipped"]
    return ours, wanted | {"audited": audited, "complete": truth["skipped"] == 0}


def _github_list(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    drafts = truth["state"].get("PENDING", 0)
    return reading.facts["review_count"], truth["reviews"] - drafts


def _github_event(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    (review,) = reading.facts["reviews"]
    ours = {"verdict": review["verdict"], "user": review["reviewer"], "commit": review["commit"][:12]}
    return ours, {
        "verdict": truth["state"],
        "user": f"github:{truth['user']}",
        "commit": truth["review_commit"],
    }


def _gitlab(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    reviewers = [review["reviewer"] for review in reading.facts["reviews"]]
    return reviewers, [f"gitlab:{name}" for name in truth["approved_by"]]


def _gitlab_state(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    # approved, by one of two that are needed: the answer contradicts itself and says so
    (claim,) = reading.facts["claimed"]["rules"]
    (rule,) = truth["rules"]
    ours = {"approved": claim["approved"], "required": claim["approvals_required"]}
    return ours | {"complete": reading.facts["complete"]}, {
        "approved": rule["approved"],
        "required": rule["required"],
        "complete": False,
    }


def _predicate(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    keys = {"builder", "buildType", "invocation", "metadata", "materials"}
    return reading.kind, "provenance" if keys == set(truth["keys"]) else ""


def _k6(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    (endpoint,) = reading.facts["endpoints"]
    ours = {"requests": reading.facts["requests"], "p95": endpoint["p95_ms"]}
    return ours, {"requests": truth["http_reqs_count"], "p95": math.ceil(truth["http_req_duration_p95"])}


def _locust(reading: Reading, truth: Mapping[str, Any]) -> tuple[Any, Any]:
    ours = [[item["name"], item["requests"], item["errors"]] for item in reading.facts["endpoints"]]
    return ours, [[f"{method} {name}", *counts] for name, method, *counts in truth["entries"]]


READ: dict[str, Comparison] = {
    "sbom/cyclonedx/cyclonedx-py_7.5_env_1.6.json": _sbom,
    "sbom/cyclonedx/guac_big-mongo.json": _sbom,
    "sbom/cyclonedx/guac_quarkus-deps.json": _sbom,
    "sbom/cyclonedx/juice-shop_bare_1.4.json": _sbom,
    "sbom/cyclonedx/juice-shop_v11.1.2.xml": _sbom_xml,
    "sbom/cyclonedx/keycloak-10.0.2.json": _sbom,
    "sbom/cyclonedx/laravel-7.12.0_1.4.json": _sbom,
    "sbom/cyclonedx/spec_valid-1.5.xml": _sbom_xml,
    "sbom/cyclonedx/spec_valid-1.6.json": _sbom,
    "sbom/cyclonedx/trivy_fluentd.cdx.json": _sbom,
    "sbom/spdx/guac_alpine.spdx.json": _spdx,
    "sbom/spdx/guac_kubectl_oci.spdx.json": _spdx,
    "sbom/spdx/protobom_nginx.spdx.json": _spdx,
    "sbom/spdx/tools-python_example-2.3.json": _spdx,
    "vuln/grype/dojo_many_vulns.json": _grype,
    "vuln/grype/dojo_many_vulns_epss.json": _grype,
    "vuln/osv-scanner/dojo_many_findings.json": _osv,
    "vuln/osv-scanner/osv_filter_some.json": _osv,
    "vuln/pip-audit/dojo_many_vulns_new.json": _pip_audit,
    "vuln/pip-audit/dojo_zero_vulns_new.json": _pip_audit,
    "vuln/trivy/alpine-310.json": _trivy,
    "vuln/trivy/dojo_all_statuses.json": _trivy,
    "vuln/trivy/dojo_kubernetes.json": _trivy,
    "vuln/trivy/dojo_legacy_many_vulns.json": _trivy,
    "vuln/trivy/dojo_misconfig_and_secrets.json": _trivy,
    "vuln/trivy/npm-with-dev.json": _trivy,
    "vuln/trivy/ubuntu-1804.json": _trivy,
    "provenance/sigstore-python_slsa_predicate_v0_2.json": _predicate,
    "approvals/github/api_pr482_reviews.json": _github_list,
    "approvals/github/webhook_review_dismissed.json": _github_event,
    "approvals/github/webhook_review_submitted.json": _github_event,
    "approvals/gitlab/approvals.json": _gitlab,
    "approvals/gitlab/approval-state.json": _gitlab_state,
    "perf/k6/handlesummary_http.json": _k6,
    "perf/locust/locust_2.47.json": _locust,
}
