"""Whatever a member is replaced with, a reader reads it or names its place; nothing else comes out, and in time."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import small_reports as small
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, LimitError, MalformedError, UsageError
from gatekeeper.facts.readers import cyclonedx, fields
from samples import SAMPLES
from shared import SHARED, needs_shared

if TYPE_CHECKING:
    from types import ModuleType

    from gatekeeper.collect.reading import Reading

JUNK: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, "", "x", [], [None], [[]], {}, {"x": None})
PLACES = [(name, place) for name, report in small.JSON.items() for place in small.places(report)]


def read(report: Any, name: str = "r.json") -> Reading:
    return registry.read(Report(small.encoded(report), name))


def refusal(report: Report) -> GatekeeperError | None:
    """What a report is refused with, which is never a mistake of a collector; None when it is read."""
    try:
        registry.read(report)
    except (MalformedError, UsageError) as problem:
        refused: GatekeeperError = problem
    else:
        return None
    assert refused.code != "collect.broken", refused
    return refused


@pytest.mark.parametrize("name", small.JSON)
def test_a_small_report_is_read_as_its_format(name: str) -> None:
    assert read(small.JSON[name]).format == name.split(maxsplit=1)[0]


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_a_member_of_another_type_is_read_or_refused_with_its_place(name: str, place: str) -> None:
    for junk in JUNK:
        refused = refusal(Report(small.encoded(small.changed(small.JSON[name], place, junk)), "r.json"))
        if isinstance(refused, UsageError):
            assert refused.code == "collect.unrecognised"
        elif refused is not None:
            assert refused.where.startswith("r.json: /"), refused


REFUSED: list[tuple[str, str, Any, str | None, str]] = [
    ("cyclonedx", "/components/0", None, "/components/0", "shape"),
    ("cyclonedx", "/components", {}, "/components", "shape"),
    ("cyclonedx", "/components/0/name", "", "/components/0/name", "shape"),
    ("cyclonedx", "/components/0/name", 5, "/components/0/name", "shape"),
    ("cyclonedx", "/components/0/components/0/name", None, "/components/0/components/0/name", "shape"),
    ("cyclonedx", "/components/0/group", 0, "/components/0/group", "shape"),
    ("cyclonedx", "/components/0/licenses", {}, "/components/0/licenses", "shape"),
    ("cyclonedx", "/components/0/licenses/0/license", {"url": "x"}, "/components/0/licenses/0/license/name", "shape"),
    ("cyclonedx", "/components/0/hashes/0/content", "no hex", "/components/0/hashes/0/content", "report.hash"),
    ("cyclonedx", "/components/0/hashes/0/content", "", "/components/0/hashes/0/content", "shape"),
    ("cyclonedx", "/specVersion", "1.8", "/specVersion", "cyclonedx.version"),
    ("cyclonedx", "/specVersion", 1.6, "/specVersion", "shape"),
    ("cyclonedx", "/metadata/timestamp", "yesterday", "/metadata/timestamp", "time"),
    ("cyclonedx", "/metadata/timestamp", "2026-11-24T02:14:00", "/metadata/timestamp", "time"),
    ("spdx", "/spdxVersion", "SPDX-2.1", "/spdxVersion", "spdx.version"),
    ("spdx", "/packages/0/checksums/0/checksumValue", "?", "/packages/0/checksums/0/checksumValue", "report.hash"),
    ("trivy", "/Results/0/Vulnerabilities/0/Severity", "SEVERE", None, "report.severity"),
    ("trivy", "/Results/0/Vulnerabilities/0/CVSS/nvd/V3Score", 11, None, "report.score"),
    ("trivy", "/Results/0/Vulnerabilities/0/CVSS/nvd", None, None, "shape"),
    ("trivy", "/CreatedAt", "2026-13-24T02:14:00Z", "/CreatedAt", "time"),
    ("grype", "/matches", None, "/matches", "shape"),
    ("grype", "/matches/0/vulnerability/severity", "Important", None, "report.severity"),
    ("grype", "/matches/0/artifact", None, "/matches/0/artifact", "shape"),
    ("osv-scanner", "/results/0/packages/0/groups/0/ids", [], "/results/0/packages/0/groups/0/ids", "shape"),
    ("osv-scanner", "/results/0/packages/0/groups/0/max_severity", "HIGH", None, "report.score"),
    ("osv-scanner", "/results/0/packages/0/groups/0/max_severity", "1_0", None, "report.score"),
    (
        "osv-scanner",
        "/results/0/packages/0/vulnerabilities/0/severity/0/score",
        "CVSS:3.1/AV:N",
        "/results/0/packages/0/vulnerabilities/0/severity/0/score",
        "cvss.vector",
    ),
    ("pip-audit", "/dependencies/0/vulns", None, "/dependencies/0/vulns", "shape"),
    ("slsa-provenance v1", "/runDetails/builder", None, "/runDetails/builder", "shape"),
    ("slsa-provenance v1", "/buildDefinition/externalParameters/workflow/path", 2**60, None, "json.canonical"),
    ("slsa-provenance v0.2", "/materials/0/digest", {"sha256": 5}, "/materials/0/digest/sha256", "shape"),
    ("slsa-provenance v0.2", "/materials/0/uri", None, "/materials/0/uri", "provenance.resource"),
    ("github-reviews", "/0/state", "LGTM", "/0/state", "report.value"),
    ("github-reviews", "/0/user", {}, "/0/user/login", "shape"),
    ("gitlab-approvals", "/approved_by/0/user", None, "/approved_by/0/user", "shape"),
    ("k6", "/metrics/http_req_failed/values/passes", 2, "/metrics/http_req_failed/values", "k6.count"),
    ("k6", "/options/summaryTimeUnit", "s", "/options/summaryTimeUnit", "k6.unit"),
    ("k6", "/metrics/http_reqs/values/count", "10", "/metrics/http_reqs/values/count", "shape"),
    ("locust", "/0/response_times", {"fast": 1}, "/0/response_times/fast", "report.value"),
    ("image", "/config/Labels/org.opencontainers.image.version", None, None, "shape"),
]


@pytest.mark.parametrize(("name", "place", "value", "where", "code"), REFUSED)
def test_what_cannot_be_is_refused_where_it_stands(
    name: str, place: str, value: Any, where: str | None, code: str
) -> None:
    with pytest.raises(MalformedError) as caught:
        read(small.changed(small.JSON[name], place, value))

    assert caught.value.code == code
    if where is not None:
        assert caught.value.where == f"r.json: {where}"


@pytest.mark.parametrize("name", small.JSON)
def test_a_report_that_is_cut_off_is_refused(name: str) -> None:
    data = small.encoded(small.JSON[name])
    for size in range(1, len(data) - 1, 7):
        with pytest.raises(MalformedError):
            registry.read(Report(data[:size], "r.json"))


def test_a_duplicate_key_is_refused_with_its_place() -> None:
    data = small.encoded(small.GRYPE).replace(b'"severity": "High"', b'"severity": "High", "sev\\u0065rity": "Low"')

    with pytest.raises(MalformedError) as caught:
        registry.read(Report(data, "g.json"))

    assert caught.value.code == "json.duplicate_key"
    assert caught.value.where == "g.json: $.matches[0].vulnerability.severity"


def test_components_nested_deeper_than_anything_real_are_refused() -> None:
    data = b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":' + b'[{"name":"a","components":' * 5_000
    data += b"[]" + b"}]" * 5_000 + b"}"

    with pytest.raises(MalformedError) as caught:
        registry.read(Report(data))

    assert caught.value.code == "json.depth"


def test_a_hundred_thousand_components_are_read_within_seconds() -> None:
    component = {"name": "a", "purl": "pkg:pypi/a@1", "hashes": [{"alg": "SHA-256", "content": "ab" * 32}]}
    data = small.encoded({**small.CYCLONEDX, "components": [component] * 100_000})

    started = time.process_time()
    facts = registry.read(Report(data)).facts

    assert facts["component_count"] == 100_001
    assert time.process_time() - started < 20


@pytest.mark.parametrize("name", small.JSON)
def test_the_order_of_keys_changes_nothing(name: str) -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(member) for key, member in reversed(value.items())}
        return [turned(item) for item in value] if isinstance(value, list) else value

    facts = read(turned(small.JSON[name])).facts
    if name == "image":  # the digest is of the bytes
        facts = {**facts, "digest": read(small.IMAGE).facts["digest"]}

    assert facts == read(small.JSON[name]).facts


LISTS = {
    "cyclonedx": "components",
    "spdx": "components",
    "trivy": "findings",
    "grype": "findings",
    "osv-scanner": "findings",
    "pip-audit": "findings",
    "slsa-provenance v1": "materials",
    "github-reviews": "reviews",
    "locust": "endpoints",
}


@pytest.mark.parametrize("name", LISTS)
def test_the_order_of_items_changes_neither_counts_nor_sets(name: str) -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(member) for key, member in value.items()}
        return [turned(item) for item in reversed(value)] if isinstance(value, list) else value

    def as_set(facts: Any) -> list[str]:
        items = [{key: member for key, member in item.items() if key != "locator"} for item in facts[LISTS[name]]]
        return sorted(json.dumps(_sorted(item), sort_keys=True) for item in items)

    report = small.JSON[name]
    if name == "osv-scanner":  # the first id of a group is its name
        report = small.changed(report, "/results/0/packages/0/groups/0/ids", ["GHSA-1"])
    facts, turned_facts = read(report).facts, read(turned(report)).facts

    assert as_set(turned_facts) == as_set(facts)
    assert turned_facts.get("counts") == facts.get("counts")


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(member) for key, member in value.items()}
    return sorted(map(str, value)) if isinstance(value, list) else value


def _mutants() -> list[tuple[str, bytes]]:
    if SHARED is None:
        return []
    formats = {sample.format: sample for sample in SAMPLES if sample.format and len(sample.report.data) < 300_000}
    return [(sample.path, sample.report.data) for sample in formats.values() if sample.format in FORMATS]


FORMATS = {"cyclonedx", "cyclonedx-xml", "spdx", "trivy", "grype", "osv-scanner", "pip-audit", "slsa-provenance"}
FORMATS |= {"github-reviews", "gitlab-approvals", "k6", "locust"}
MUTANTS = _mutants()


@needs_shared
@settings(max_examples=150, deadline=10_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_of_a_damaged_real_report_only_typed_errors_come(data: st.DataObject) -> None:
    path, original = data.draw(st.sampled_from(MUTANTS))
    damaged = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(damaged) - 1))
        size = data.draw(st.integers(0, 40))
        damaged[start : start + size] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"null", b"[", b"{}", b"-1"])
        )

    refusal(Report(bytes(damaged), path))


@needs_shared
@settings(max_examples=100, deadline=10_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_of_a_real_report_with_other_values_only_typed_errors_come(data: st.DataObject) -> None:
    path, original = data.draw(st.sampled_from([item for item in MUTANTS if not item[0].endswith(".xml")]))
    report = json.loads(original)
    owner = report
    while True:
        keys = list(owner) if isinstance(owner, dict) else list(range(len(owner)))
        key = data.draw(st.sampled_from(keys))
        inner = owner[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
            break
        owner = inner
    owner[key] = data.draw(st.sampled_from(JUNK))

    refusal(Report(small.encoded(report), path))


@given(st.binary(max_size=200))
@example(b"PK\x03\x04.dist-info/METADATA")
@example(b"\x1f\x8b")
def test_of_any_bytes_only_typed_errors_come(data: bytes) -> None:
    with pytest.raises(GatekeeperError):
        registry.read(Report(data, "r"))


@pytest.mark.parametrize("name", ["cyclonedx", "image"])
def test_a_collector_that_is_asked_about_broken_json_says_no(name: str) -> None:
    broken = Report(small.encoded(small.JSON[name])[:-1], "r.json")

    ours = [collector for collector in registry.collectors() if collector.format in {*small.JSON, *FORMATS}]
    assert not any(collector.matches(broken) for collector in ours)


@pytest.mark.parametrize(("module", "place"), [(cyclonedx, "/components/0/components"), (fields, "/components")])
def test_more_components_than_the_limit_are_refused(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, place: str
) -> None:
    monkeypatch.setattr(module, "MAX_ITEMS", 1)

    with pytest.raises(LimitError) as caught:
        read(small.CYCLONEDX)

    assert (caught.value.code, caught.value.where) == ("report.items", f"r.json: {place}")
