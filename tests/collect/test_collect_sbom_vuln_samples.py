"""Real reports of real tools: the facts are those that were counted independently, or the report is refused."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import sbom_vuln_samples as samples

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Reading, Report
from gatekeeper.errors import GatekeeperError
from shared import SHARED, fixture, needs_shared

ATTESTATIONS = {
    "provenance/dsse_staging_rekor-v2.sigstore.json",
    "provenance/gha_container-based_v2.1.0.sigstore.json",
    "provenance/gha_generic_v2.1.0.intoto.jsonl",
    "provenance/gha_go_v1.4_plain-dsse.intoto.jsonl",
    "provenance/gha_go_v2.1.0.intoto.jsonl",
    "provenance/vsa_gke.bcid-vsa.jsonl",
}
"""Signed: evidence as they are, read by ``gatekeeper.attestation``; see test_facts_standard.py."""

NOT_READ_YET = {
    "approvals/ssh/local/allowed_signers": "collect.unrecognised",  # who may sign, not what was approved
    "approvals/ssh/local/approval.json": "collect.unrecognised",  # approvals are read by gatekeeper.trust
    "approvals/ssh/local/approval.json.sig": "collect.unrecognised",
    "approvals/ssh/sshsig0_allowed_signers": "collect.unrecognised",
    "approvals/ssh/sshsig0_message": "collect.unrecognised",
    "approvals/ssh/sshsig0_message.sig": "collect.unrecognised",
    "provenance/gcb_v0.3.json": "collect.unrecognised",  # several envelopes in Google's own wrapping, SLSA v0.1
    "provenance/npm_gundam-visor.json": "collect.unrecognised",  # several bundles in npm's own wrapping
    "provenance/vsa_gke_public_key.pem": "collect.unrecognised",
    "sbom/spdx3/ms_sbom-tool_manifest.spdx.json": "collect.unrecognised",
    "vuln/gitlab/dojo_dep_scan_v15.json": "collect.unrecognised",
    "vuln/snyk/dojo_single_project_many.json": "collect.unrecognised",
    "vex/csaf/go-vex_csaf.json": "collect.unrecognised",
    "vex/csaf/guac_rhsa-csaf.json": "collect.unrecognised",
    "vex/cyclonedx/case-2.vex.json": "collect.unrecognised",
    "vex/cyclonedx/case-9.vex.json": "collect.unrecognised",
    "vex/openvex/go-vex_v0.0.1.json": "collect.unrecognised",
    "vex/openvex/go-vex_v0.2.0.json": "collect.unrecognised",
    "vex/openvex/vexhub_k3s.openvex.json": "collect.unrecognised",
}
FOLDERS = ("sbom", "vuln", "provenance", "approvals", "vex")

pytestmark = needs_shared


@cache
def truths() -> dict[str, Any]:
    truth: dict[str, Any] = json.loads(fixture("ground_truth.json").read_bytes())
    return truth


@cache
def read(path: str) -> Reading:
    return registry.read(Report(fixture(path).read_bytes(), path.rpartition("/")[2]))


def test_the_tables_name_every_sample_of_these_kinds() -> None:
    assert SHARED is not None
    folders = [SHARED / "fixtures" / name for name in FOLDERS]
    there = {path.relative_to(SHARED / "fixtures").as_posix() for root in folders for path in root.rglob("*")}
    files = {name for name in there if (SHARED / "fixtures" / name).is_file()}

    assert files == samples.READ.keys() | NOT_READ_YET.keys() | ATTESTATIONS


@pytest.mark.parametrize("path", sorted(samples.READ))
def test_a_sample_says_what_was_counted_independently(path: str) -> None:
    ours, truth = samples.READ[path](read(path), truths()[path])

    assert ours == truth


@pytest.mark.parametrize("path", sorted(samples.READ))
def test_only_what_was_skipped_or_contradicts_itself_is_incomplete(path: str) -> None:
    assert read(path).facts["complete"] is (path not in samples.INCOMPLETE)


@pytest.mark.parametrize("path", sorted(NOT_READ_YET))
def test_what_is_not_read_yet_is_said_to_be_unknown(path: str) -> None:
    with pytest.raises(GatekeeperError) as caught:
        read(path)

    assert caught.value.code == NOT_READ_YET[path]


def _resolve(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


@pytest.mark.parametrize("path", sorted(name for name in samples.READ if name.endswith(".json")))
def test_every_locator_leads_to_what_the_finding_says(path: str) -> None:
    document = json.loads(fixture(path).read_bytes())
    facts = read(path).facts

    for item in (*facts.get("components", ()), *facts.get("findings", ()), *facts.get("reviews", ())):
        there = json.dumps(_resolve(document, item["locator"]), ensure_ascii=False)
        name = item.get("name") or item.get("id") or item["reviewer"].partition(":")[2]
        assert json.dumps(name.rpartition("/")[2], ensure_ascii=False).strip('"') in there
