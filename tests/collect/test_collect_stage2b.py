"""VEX, misconfigurations and secrets: what each small report says, exactly, and what is not believed of it."""

from __future__ import annotations

from typing import Any

import pytest
import small_reports as small
import small_stage2b as ours
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Reading, Report
from gatekeeper.errors import MalformedError, UsageError
from gatekeeper.facts.readers import purl

AB = f"sha256:{'ab' * 32}"
NONE = dict.fromkeys(("critical", "high", "medium", "low", "negligible", "unknown"), 0)


def read(report: Any, kind: str | None = None) -> Reading:
    return registry.read(Report(small.encoded(report), "r.json"), kind=kind)


def changed(report: Any, **places: Any) -> Any:
    """A report with members at places, whose slashes are double underscores here, changed."""
    for place, value in places.items():
        report = small.changed(report, "/" + place.replace("__", "/"), value)
    return report


def test_openvex_says_exactly_this() -> None:
    reading = read(ours.OPENVEX)

    assert reading.facts == {
        "statements": [
            {
                "vulnerability": "CVE-1",
                "aliases": ["GHSA-1"],
                "products": [
                    {
                        "name": f"pkg:oci/parcel@sha256%3A{'ab' * 32}",
                        "purl": f"pkg:oci/parcel@{AB}",
                        "digests": [f"sha512:{'cd' * 64}", AB],
                        "subcomponents": [
                            {"name": "urn:zlib", "purl": "pkg:deb/debian/zlib@1.2+dfsg?arch=amd64", "digests": []}
                        ],
                    },
                    {
                        "name": "pkg:npm/%40acme/parcel@1",
                        "purl": "pkg:npm/%40acme/parcel@1",
                        "digests": [],
                        "subcomponents": [],
                    },
                ],
                "status": "not_affected",
                "justification": "vulnerable_code_not_present",
                "impact_statement": "not compiled in",
                "timestamp": "2026-11-24T04:00:00Z",  # when it was last updated, before when it was made
                "author": "Acme",
                "locator": "/statements/0",
            },
            {
                "vulnerability": "https://nvd.example/CVE-2",
                "aliases": [],
                "products": [
                    {
                        "name": "pkg:pypi/Parcel_App@1",
                        "purl": "pkg:pypi/parcel-app@1",
                        "digests": [],
                        "subcomponents": [],
                    }
                ],
                "status": "affected",
                "action_statement": "update",
                "timestamp": "2026-11-24T01:14:00Z",  # the document's
                "author": "Ada",
                "locator": "/statements/1",
            },
        ],
        "statement_count": 2,
        "issued_at": "2026-11-24T01:14:00Z",
        "document_id": "https://acme.example/vex/1",
        "complete": True,
    }
    assert reading.producer == "vexctl"


def test_the_first_openvex_has_subcomponents_beside_products() -> None:
    (statement,) = read(ours.OPENVEX_001).facts["statements"]

    assert (statement["vulnerability"], statement["status"]) == ("CVE-1", "under_investigation")
    assert statement["products"] == [
        {
            "name": f"pkg:oci/parcel@{AB}",
            "purl": f"pkg:oci/parcel@{AB}",
            "digests": [AB],
            "subcomponents": [{"name": "pkg:deb/debian/zlib@1.2", "purl": "pkg:deb/debian/zlib@1.2", "digests": []}],
        }
    ]


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        ("@context", "https://openvex.dev/ns/v1.0.0", "openvex.version"),
        ("timestamp", None, "vex.time"),
        ("statements__1__status", "harmless", "vex.word"),
        ("statements__0__justification", "code_not_reachable", "vex.word"),
    ],
)
def test_openvex_that_could_be_understood_in_two_ways_is_refused(place: str, value: Any, code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        read(changed(ours.OPENVEX, **{place: value}))
    assert refused.value.code == code


def test_cyclonedx_vex_speaks_of_parts_of_what_it_is_about() -> None:
    reading = read(ours.CYCLONEDX_VEX)
    first, second = reading.facts["statements"]
    root = {"name": "parcel", "digests": [AB]}
    zlib = {"name": "org.acme/zlib", "purl": "pkg:deb/debian/zlib@1.2", "digests": []}

    assert first == {
        "vulnerability": "CVE-1",
        "aliases": ["GHSA-1"],
        "products": [
            {**root, "subcomponents": [zlib]},
            {**root, "subcomponents": []},
            {"name": "urn:cdx:1/1#x", "digests": [], "subcomponents": []},
        ],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
        "impact_statement": "never called",
        "timestamp": "2026-11-24T03:00:00Z",
        "locator": "/vulnerabilities/0",
    }
    assert second["status"] == "under_investigation"  # it has no analysis
    assert second["products"] == [{**root, "subcomponents": [zlib]}]  # what does not clear is about every version
    assert second["timestamp"] == "2026-11-24T02:30:00Z"


def test_a_version_of_several_is_not_what_was_cleared() -> None:
    report = changed(
        ours.CYCLONEDX_VEX, vulnerabilities__0__affects=[{"ref": "zlib", "versions": [{"version": "1.2"}]}]
    )

    assert read(report).facts["statements"][0]["products"] == [{"name": "zlib", "digests": [], "subcomponents": []}]


def test_two_components_of_one_reference_are_neither() -> None:
    twin = {"bom-ref": "zlib", "type": "library", "name": "other", "purl": "pkg:deb/debian/other@1"}
    inner = [*ours.CYCLONEDX_VEX["metadata"]["component"]["components"], twin]
    report = changed(ours.CYCLONEDX_VEX, metadata__component__components=inner)

    assert read(report).facts["statements"][1]["products"] == [{"name": "zlib", "digests": [], "subcomponents": []}]


STATES = [
    ("exploitable", "affected"),
    ("in_triage", "under_investigation"),
    ("false_positive", "not_affected"),
    ("not_affected", "not_affected"),
    ("resolved", "fixed"),
    ("resolved_with_pedigree", "fixed"),
]


@pytest.mark.parametrize(("state", "status"), STATES)
def test_states_of_cyclonedx(state: str, status: str) -> None:
    report = changed(ours.CYCLONEDX_VEX, vulnerabilities__0__analysis__state=state)
    assert read(report).facts["statements"][0]["status"] == status


def test_a_bill_of_materials_with_an_analysis_is_both_and_has_to_be_called_one() -> None:
    both = ours.CYCLONEDX_VEX | {"components": [{"bom-ref": "a", "type": "library", "name": "a"}]}
    with pytest.raises(UsageError, match=r"read as cyclonedx \(sbom\) and as cyclonedx-vex \(vex\)") as refused:
        read(both)
    assert (refused.value.code, refused.value.hint) == ("collect.ambiguous", "say which: --kind sbom or vex")
    assert read(both, "sbom").facts["component_count"] == 2
    assert read(both, "vex").facts["statement_count"] == 2


def test_vulnerabilities_without_any_analysis_are_no_vex() -> None:
    disclosure = {**ours.CYCLONEDX_VEX, "vulnerabilities": [{"id": "CVE-1"}]}
    with pytest.raises(UsageError, match="not recognised"):
        read(disclosure)
    assert read({**disclosure, "components": []}).kind == "sbom"


def test_csaf_says_exactly_this() -> None:
    facts = read(ours.CSAF).facts
    common = {"vulnerability": "CVE-1", "aliases": ["GHSA-1"], "timestamp": "2026-11-24T01:14:00Z", "author": "Acme"}
    place = "/vulnerabilities/0/product_status"
    parcel = {"name": "parcel", "digests": [AB]}
    zlib = {"name": "zlib 1.2", "purl": "pkg:deb/debian/zlib@1.2", "digests": []}

    assert facts["statements"] == [
        {
            **common,
            "status": "not_affected",
            "products": [{**parcel, "subcomponents": [zlib]}],
            "justification": "vulnerable_code_not_present",
            "impact_statement": "patched",  # by the group that it is in
            "locator": f"{place}/known_not_affected/0",
        },
        {
            **common,
            "status": "affected",
            "products": [{**zlib, "subcomponents": []}],
            "locator": f"{place}/known_affected/0",
        },
        {
            **common,
            "status": "fixed",
            "products": [{**parcel, "subcomponents": []}],
            "impact_statement": "patched",
            "locator": f"{place}/fixed/0",
        },
        {
            **common,
            "status": "under_investigation",
            "products": [{"name": "nobody", "digests": [], "subcomponents": []}],
            "locator": f"{place}/under_investigation/0",
        },
    ]
    assert (facts["document_id"], facts["issued_at"], facts["complete"]) == ("ACME-1", "2026-11-24T01:14:00Z", True)


def test_a_draft_is_not_complete_and_other_profiles_are_refused() -> None:
    assert read(changed(ours.CSAF, document__tracking__status="draft")).facts["complete"] is False
    assert read(changed(ours.CSAF, document__tracking__status="interim")).facts["complete"] is True
    for place, value in (("category", "csaf_security_advisory"), ("csaf_version", "3.0")):
        with pytest.raises(MalformedError, match="is not known"):
            read(changed(ours.CSAF, **{f"document__{place}": value}))


def test_relationships_in_a_circle_end() -> None:
    circle = [
        {
            "product_reference": other,
            "relates_to_product_reference": other,
            "full_product_name": {"name": name, "product_id": name},
        }
        for name, other in (("A", "B"), ("B", "A"))
    ]
    report = changed(ours.CSAF, product_tree__relationships=circle)
    report = changed(report, vulnerabilities__0__product_status={"known_not_affected": ["A"]})

    (statement,) = read(report).facts["statements"]
    assert statement["products"][0]["digests"] == []
    assert "purl" not in statement["products"][0]


def test_trivy_config_says_exactly_this() -> None:
    reading = read(ours.TRIVY_CONFIG)
    common = {"path": "Dockerfile"}

    assert reading.facts == {
        "tools": ["trivy"],
        "findings": [
            {
                **common,
                "id": "DS-0002",
                "severity": "high",
                "message": "Last USER is root",
                "suppressed": False,
                "line": 4,
                "resource": "USER",
                "locator": "/Results/0/Misconfigurations/0",
            },
            {
                **common,
                "id": "DS-0003",
                "severity": "low",
                "message": "skipped",
                "suppressed": True,
                "locator": "/Results/0/Misconfigurations/1",
            },
            {
                **common,
                "id": "DS-0026",
                "severity": "low",
                "message": "No HEALTHCHECK",
                "suppressed": True,
                "locator": "/Results/0/ExperimentalModifiedFindings/0/Finding",
            },
        ],
        "counts": NONE | {"high": 1},
        "checks_examined": 21,
        "scanned_at": "2026-11-24T01:14:00Z",
        "complete": True,
    }
    assert reading.producer == "trivy 0.70.0"


def test_a_summary_that_counts_other_failures_is_claimed() -> None:
    facts = read(changed(ours.TRIVY_CONFIG, Results__0__MisconfSummary__Failures=3)).facts
    assert (facts["complete"], facts["claimed"]) == (False, {"Failures": 3})


@pytest.mark.parametrize("change", [{"SchemaVersion": 3}, {"SchemaVersion": None}])
def test_another_schema_of_trivy_is_not_complete(change: dict[str, Any]) -> None:
    assert read(ours.TRIVY_CONFIG | change).facts["complete"] is False


def test_trivy_of_packages_and_configuration_has_to_be_called_one() -> None:
    both = changed(ours.TRIVY_CONFIG, Results__1={"Target": "lock", "Class": "lang-pkgs", "Vulnerabilities": []})
    with pytest.raises(UsageError, match=r"trivy \(vulnerabilities\) and as trivy-config \(misconfiguration\)"):
        read(both)
    assert read(both, "vulnerabilities").facts["complete"] is True
    assert len(read(both, "misconfiguration").facts["findings"]) == 3


def test_checkov_says_exactly_this() -> None:
    reading = read(ours.CHECKOV)

    assert reading.facts == {
        "tools": ["checkov (dockerfile)"],
        "findings": [
            {
                "id": "CKV_DOCKER_3",
                "severity": "medium",
                "message": "Ensure that a user for the container has been created",
                "suppressed": False,
                "path": "/Dockerfile",
                "resource": "/Dockerfile.",
                "line": 1,
                "locator": "/results/failed_checks/0",
            },
            {
                "id": "CKV_DOCKER_7",
                "severity": "unknown",
                "message": "No latest tag (skipped: pinned later)",
                "suppressed": True,
                "path": "/Dockerfile",
                "locator": "/results/skipped_checks/0",
            },
        ],
        "counts": NONE | {"medium": 1},
        "checks_examined": 4,
        "complete": True,
    }
    assert reading.producer == "checkov 3.3.30"


@pytest.mark.parametrize(
    ("place", "value", "claimed"),
    [
        ("summary__passed", 7, {"dockerfile passed": 7}),
        ("results__passed_checks", [], {"dockerfile passed": 2}),
        ("results__failed_checks", None, {"dockerfile failed": 1}),
        ("summary__skipped", 0, {"dockerfile skipped": 0}),
        ("summary__parsing_errors", 1, {"dockerfile parsing_errors": 1}),
        ("results__parsing_errors", ["/main.tf"], {"dockerfile parsing_errors": 0}),
    ],
)
def test_lists_and_summary_of_checkov_agree(place: str, value: Any, claimed: dict[str, int]) -> None:
    facts = read(changed(ours.CHECKOV, **{place: value})).facts
    assert (facts["complete"], facts["claimed"]) == (False, claimed)


def test_files_that_checkov_could_not_parse_were_not_examined() -> None:
    report = changed(ours.CHECKOV, results__parsing_errors=["/main.tf"], summary__parsing_errors=1)
    facts = read(report).facts
    assert (facts["complete"], "claimed" in facts) == (False, False)


def test_the_summary_of_nothing_has_examined_nothing() -> None:
    bare = {"passed": 0, "failed": 0, "skipped": 0, "parsing_errors": 0, "resource_count": 0, "checkov_version": "3"}
    facts = read(bare).facts
    assert (facts["checks_examined"], facts["findings"], facts["complete"]) == (0, [], True)
    assert read({**bare, "passed": 3}).facts["complete"] is False


def test_kube_linter_says_exactly_this() -> None:
    assert read(ours.KUBE_LINTER).facts == {
        "tools": ["kube-linter"],
        "findings": [
            {
                "id": "run-as-non-root",
                "severity": "unknown",
                "message": "container is not set to runAsNonRoot",
                "suppressed": False,
                "path": "/manifests/depot.yaml",
                "resource": "Deployment/parcels/depot",
                "locator": "/Reports/0",
            }
        ],
        "counts": NONE | {"unknown": 1},
        "checks_examined": 1,
        "scanned_at": "2026-11-24T01:14:00Z",
        "complete": True,
    }


def test_kube_linter_that_found_nothing_does_not_say_that_it_looked() -> None:
    clean = changed(ours.KUBE_LINTER, Reports=None, Summary__ChecksStatus="Passed")
    assert read(clean).facts["checks_examined"] == 0
    assert read(ours.ran("kube-linter", clean)).facts["checks_examined"] == 5


@pytest.mark.parametrize("reports", [None, []])
def test_a_status_that_says_otherwise_is_claimed(reports: Any) -> None:
    facts = read(changed(ours.KUBE_LINTER, Reports=reports)).facts
    assert (facts["complete"], facts["claimed"]) == (False, {"ChecksStatus": "Failed"})


LEVELS = {"error": "high", "warning": "medium", "info": "low", "style": "negligible"}


@pytest.mark.parametrize("level", LEVELS)
def test_levels_of_hadolint(level: str) -> None:
    (finding,) = read(small.changed(ours.HADOLINT, "/0/level", level)).facts["findings"]
    assert finding == {
        "id": "DL3006",
        "severity": LEVELS[level],
        "message": "Always tag the version of an image explicitly",
        "suppressed": False,
        "path": "Dockerfile",
        "line": 2,
        "locator": "/0",
    }


def test_gitleaks_says_exactly_this_and_not_the_secret() -> None:
    assert read(ours.GITLEAKS).facts == {
        "tool": "gitleaks",
        "findings": [
            {
                "rule": "aws-access-token",
                "path": "app.py",
                "line": 3,
                "commit": "1" * 40,
                "fingerprint": f"{'1' * 40}:app.py:aws-access-token:3",
                "message": "An AWS token",
                "locator": "/0",
            },
            {"rule": "slack", "path": "b.py", "fingerprint": "b.py:slack:0", "locator": "/1"},
        ],
        "finding_count": 2,
        "examined": 2,
        "complete": True,
    }


def test_gitleaks_of_version_7_says_the_same() -> None:
    (finding,) = read(ours.GITLEAKS_7).facts["findings"]
    assert finding == {
        "rule": "AWS Access Key",
        "path": "app.py",
        "line": 3,
        "commit": "1" * 40,
        "fingerprint": f"{'1' * 40}:app.py:AWS Access Key:3",
        "locator": "/0",
    }


@pytest.mark.parametrize("data", [b"[]", b"null", b"[ ]\n"])
def test_an_empty_list_is_recognised_by_nobody(data: bytes) -> None:
    for kind in (None, "secrets", "misconfiguration"):
        with pytest.raises(UsageError, match="not recognised"):
            registry.read(Report(data, "r.json"), kind=kind)


@pytest.mark.parametrize("report", [[], None])
def test_an_empty_list_with_its_run_says_how_much_was_looked_at(report: Any) -> None:
    facts = read(ours.ran("gitleaks", report)).facts
    assert facts == {
        "tool": "gitleaks",
        "findings": [],
        "finding_count": 0,
        "examined": 5,
        "scanned_at": "2026-11-24T01:14:00Z",
        "complete": True,
    }


@pytest.mark.parametrize(
    ("report", "code", "complete"),
    [
        ([], 0, True),
        ([], 1, False),
        ([], 126, False),
        (ours.GITLEAKS, 1, True),
        (ours.GITLEAKS, 0, True),
        (ours.GITLEAKS, 2, False),
    ],
)
def test_an_exit_code_that_says_otherwise_is_claimed(report: Any, code: int, complete: bool) -> None:
    facts = read(ours.ran("gitleaks", report, exit_code=code)).facts
    assert (facts["complete"], facts.get("claimed")) == (complete, None if complete else {"exit_code": code})


@pytest.mark.parametrize("missing", ["exit_code", "examined"])
def test_a_run_says_how_it_ended_and_how_much_it_saw(missing: str) -> None:
    report = ours.ran("hadolint", [])
    del report["tool_run"][missing]
    with pytest.raises(MalformedError, match="absent") as refused:
        read(report)
    assert refused.value.where == f"r.json: /tool_run/{missing}"


def log(message: str, **more: Any) -> dict[str, Any]:
    return {"level": "info-0", "ts": "2026-11-24T02:14:00+01:00", "logger": "trufflehog", "msg": message, **more}


END = log("finished scanning", chunks=12, bytes=3, verified_secrets=0, unverified_secrets=1, trufflehog_version="3.90")
HIT = {
    "SourceMetadata": {"Data": {"Git": {"commit": "77b2", "file": "keys", "line": 4}}},
    "DetectorName": "AWS",
    "Verified": False,
    "Raw": "hunter2",
    "Redacted": "hunt",
}


def hog(*lines: dict[str, Any]) -> Report:
    return Report(b"".join(small.encoded(line) + b"\n" for line in lines), "hog.jsonl")


def test_trufflehog_says_exactly_this_and_not_the_secret() -> None:
    reading = registry.read(hog(log("running source"), HIT, END))

    assert reading.facts == {
        "tool": "trufflehog",
        "findings": [
            {
                "rule": "AWS",
                "path": "keys",
                "line": 4,
                "commit": "77b2",
                "verified": False,
                "fingerprint": "77b2:keys:AWS:4",
                "locator": "line 2",
            }
        ],
        "finding_count": 1,
        "examined": 12,
        "scanned_at": "2026-11-24T01:14:00Z",
        "complete": True,
    }
    assert reading.producer == "trufflehog 3.90"


@pytest.mark.parametrize(
    ("lines", "claimed"),
    [
        ((HIT,), None),
        ((HIT, log("running source")), None),
        ((HIT, END, END), None),
        ((HIT, log("cannot clone") | {"level": "error"}, END), None),
        ((log("running source"), END), {"unverified_secrets": 1}),
        ((HIT, HIT, END), {"unverified_secrets": 1}),
        ((HIT | {"Verified": True}, END), {"verified_secrets": 0, "unverified_secrets": 1}),
    ],
)
def test_trufflehog_that_did_not_finish_or_counts_otherwise(
    lines: tuple[dict[str, Any], ...], claimed: dict[str, int] | None
) -> None:
    facts = registry.read(hog(*lines)).facts
    assert (facts["complete"], facts.get("claimed")) == (False, claimed)


def test_threads_that_are_open_are_requests_in_the_words_that_began_them() -> None:
    assert read(ours.GITLAB_DISCUSSIONS).facts == {
        "reviews": [
            {"reviewer": "gitlab:ada", "verdict": "approved", "locator": "/approvals/approved_by/0"},
            {
                "reviewer": "gitlab:bo",
                "verdict": "changes_requested",
                "comment": "add a test\n\nand a page",
                "submitted_at": "2026-11-24T01:14:00Z",
                "locator": "/discussions/0/notes/0",
            },
        ],
        "review_count": 2,
        "complete": True,
    }


@pytest.mark.parametrize(("discussions", "complete"), [(19, True), (20, False), (21, True), (100, False)])
def test_a_full_page_of_discussions_may_not_be_the_last(discussions: int, complete: bool) -> None:
    resolved = ours.GITLAB_DISCUSSIONS["discussions"][2]
    report = {**ours.GITLAB_DISCUSSIONS, "discussions": [resolved] * discussions}
    assert read(report).facts["complete"] is complete
    assert read({**report, "discussions": [[resolved] * discussions]}).facts["complete"] is True


PURLS = [
    ("pkg:npm/%40acme/parcel@1.0", "pkg:npm/%40acme/parcel@1.0"),
    ("pkg:npm/@acme/parcel@1.0", "pkg:npm/%40acme/parcel@1.0"),
    ("pkg:npm/@acme/parcel", "pkg:npm/%40acme/parcel"),
    ("PKG:npm/a@1", ""),
    ("pkg:NPM/a@1", "pkg:npm/a@1"),
    ("pkg://npm/a@1", "pkg:npm/a@1"),
    ("pkg:pypi/Parcel_App@1", "pkg:pypi/parcel-app@1"),
    (
        "pkg:deb/Debian/zlib@1.2%2Bdfsg?distro=debian-12&arch=amd64",
        "pkg:deb/debian/zlib@1.2+dfsg?arch=amd64&distro=debian-12",
    ),
    ("pkg:deb/debian/zlib@1.2+dfsg?arch=&distro=x", "pkg:deb/debian/zlib@1.2+dfsg?distro=x"),
    ("pkg:golang/x/y@v1#sub//dir/", "pkg:golang/x/y@v1#sub/dir"),
    ("pkg:maven/@1.3.4", ""),
    ("pkg:maven/org/@1.3.4", ""),
    ("pkg:npm/a@1?arch", ""),
    ("pkg:npm/a@1?arch=x&ARCH=y", ""),
    ("pkg:npm", ""),
    ("pkg:1npm/a", ""),
    ("npm/a@1", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "form"), PURLS)
def test_package_urls_have_one_form(text: str, form: str) -> None:
    assert purl.canonical(text) == form
    assert purl.canonical(form) == form


@given(st.text(max_size=40) | st.from_regex(r"pkg:[a-z]{1,4}/[ -~]{0,30}", fullmatch=True))
def test_the_one_form_is_its_own_form(text: str) -> None:
    form = purl.canonical(text)
    assert purl.canonical(form) == form


def test_a_package_url_is_made_of_parts_that_are_known() -> None:
    assert purl.of("npm", "@acme/parcel", "1+x") == "pkg:npm/%40acme/parcel@1+x"
    assert purl.of("npm", "a@b", "1") == "pkg:npm/a%40b@1"
    assert purl.of("", "a", "1") == purl.of("npm", "a", "") == ""
