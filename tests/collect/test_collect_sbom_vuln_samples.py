"""Real reports of real tools: the facts are those that were counted independently, or the report is refused."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import sbom_vuln_samples as comparisons

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Reading, Report
from samples import SAMPLES
from shared import fixture, needs_shared

WITHOUT_TRUTH = {"licences/trivy_license-npm.json"}  # counts what is not read
TWO_KINDS = {"vuln/trivy/dojo_kubernetes.json", "vuln/trivy/dojo_misconfig_and_secrets.json"}
FORMATS = {"cyclonedx", "cyclonedx-xml", "spdx", "grype", "osv-scanner", "pip-audit", "trivy", "slsa-provenance"}
FORMATS |= {"github-reviews", "gitlab-approvals", "k6", "locust"}

pytestmark = needs_shared


@cache
def truths() -> dict[str, Any]:
    truth: dict[str, Any] = json.loads(fixture("ground_truth.json").read_bytes())
    return truth


@cache
def read(path: str) -> Reading:
    kind = "vulnerabilities" if path in TWO_KINDS else None
    return registry.read(Report(fixture(path).read_bytes(), path.rpartition("/")[2]), kind=kind)


def test_every_sample_of_these_formats_is_compared() -> None:
    read_at_all = {sample.path for sample in SAMPLES if sample.format in FORMATS}

    assert comparisons.READ.keys() == (read_at_all | TWO_KINDS) - WITHOUT_TRUTH


@pytest.mark.parametrize("path", sorted(comparisons.READ))
def test_a_sample_says_what_was_counted_independently(path: str) -> None:
    ours, truth = comparisons.READ[path](read(path), truths()[path])

    assert ours == truth


def _resolve(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


@pytest.mark.parametrize("path", sorted(name for name in comparisons.READ if name.endswith(".json")))
def test_every_locator_leads_to_what_the_finding_says(path: str) -> None:
    document = json.loads(fixture(path).read_bytes())
    facts = read(path).facts

    for item in (*facts.get("components", ()), *facts.get("findings", ()), *facts.get("reviews", ())):
        there = json.dumps(_resolve(document, item["locator"]), ensure_ascii=False)
        name = item.get("name") or item.get("id") or item["reviewer"].partition(":")[2]
        assert json.dumps(name.rpartition("/")[2], ensure_ascii=False).strip('"') in there
