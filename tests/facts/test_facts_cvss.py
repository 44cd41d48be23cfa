"""Base scores of CVSS v3 against the specification's own examples and against what real scanners computed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import severity
from gatekeeper.facts.readers.cvss import base_score
from shared import fixture, needs_shared

if TYPE_CHECKING:
    from collections.abc import Iterator

# CVSS v3.1 Examples, first.org/cvss/v3.1/examples: the base vectors and scores of its vulnerabilities
PUBLISHED = [
    ("AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),  # CVE-2013-1937
    ("AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),  # CVE-2013-0375
    ("AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),  # CVE-2014-3566
    ("AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9),  # CVE-2012-1516
    ("AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 4.2),  # CVE-2009-0783
    ("AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 8.8),  # CVE-2012-0384
    ("AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 7.8),  # CVE-2015-1098
    ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5),  # CVE-2014-0160
    ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),  # CVE-2014-6271
    ("AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", 6.8),  # CVE-2008-1447
    ("AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 6.8),  # CVE-2014-2005
    ("AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N", 5.8),  # CVE-2010-0467
    ("AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", 9.3),  # CVE-2013-6014
    ("AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N", 5.4),  # CVE-2014-9253
    ("AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.8),  # CVE-2011-1265
    ("AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
    ("AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
]
METRICS = {"AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "HLN", "I": "HLN", "A": "HLN"}
VECTORS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in METRICS.items()})


def written(metrics: dict[str, str]) -> str:
    return "CVSS:3.1/" + "/".join(f"{name}:{value}" for name, value in metrics.items())


@pytest.mark.parametrize(("vector", "score"), PUBLISHED)
@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_the_specifications_examples(vector: str, score: float, version: str) -> None:
    assert base_score(f"CVSS:{version}/{vector}") == score


def pairs(value: Any) -> Iterator[tuple[str, float]]:
    """Vectors and scores beside them, anywhere in Trivy's and Grype's reports."""
    if isinstance(value, dict):
        if "V3Vector" in value and "V3Score" in value:
            yield value["V3Vector"], value["V3Score"]
        if str(value.get("vector", "")).startswith("CVSS:3") and "metrics" in value:
            yield value["vector"], value["metrics"]["baseScore"]
        value = list(value.values())
    for member in value if isinstance(value, list) else ():
        yield from pairs(member)


@needs_shared
@pytest.mark.parametrize(
    "path",
    ["vuln/grype/dojo_many_vulns_epss.json", "vuln/trivy/dojo_legacy_many_vulns.json", "vuln/trivy/ubuntu-1804.json"],
)
def test_what_real_scanners_wrote_beside_their_vectors(path: str) -> None:
    found = set(pairs(json.loads(fixture(path).read_bytes())))

    assert len(found) > 2
    assert {vector: base_score(vector) for vector, _ in found} == dict(found)


@given(VECTORS)
def test_a_score_has_one_decimal_and_lies_in_range(metrics: dict[str, str]) -> None:
    score = base_score(written(metrics))

    assert 0 <= score <= 10
    assert score == round(score, 1)


@given(VECTORS, st.sampled_from(["C", "I", "A"]))
def test_more_impact_is_never_a_lower_score(metrics: dict[str, str], name: str) -> None:
    scores = [base_score(written({**metrics, name: value})) for value in "NLH"]

    assert scores == sorted(scores)


@given(VECTORS, st.sampled_from(["E:U", "RL:O", "MAV:P", "CR:L"]))
def test_temporal_and_environmental_metrics_change_nothing(metrics: dict[str, str], other: str) -> None:
    assert base_score(f"{written(metrics)}/{other}") == base_score(written(metrics))


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "CVSS:3.1",
        "CVSS:2.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:4.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/av:n/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    ],
)
def test_what_is_no_such_vector_is_refused(vector: str) -> None:
    with pytest.raises(MalformedError) as caught:
        base_score(vector, where="/x")

    assert (caught.value.code, caught.value.where) == ("cvss.vector", "/x")


@pytest.mark.parametrize(
    ("score", "name"),
    [
        (0, "negligible"),
        (0.1, "low"),
        (3.9, "low"),
        (4.0, "medium"),
        (6.9, "medium"),
        (7.0, "high"),
        (8.9, "high"),
        (9.0, "critical"),
        (10, "critical"),
    ],
)
def test_ratings_begin_where_the_specification_says(score: float, name: str) -> None:
    assert severity.of_score(score) == name


def test_the_worst_severity_is_never_the_unknown_one_when_any_is_known() -> None:
    assert severity.worst(["unknown", "low", "high", "negligible"]) == "high"
    assert severity.worst(["unknown", "negligible"]) == "negligible"
    assert severity.worst([]) == "unknown"
