"""Feature flags of flagd, capacity in Prometheus and of autoscalers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError, UsageError
from gatekeeper.facts import kind
from gatekeeper.testing import facts as made
from samples import Sample
from shared import needs_shared

WRITTEN = Path(__file__).resolve().parents[2] / "fixtures/written"


def read(report: Any) -> Any:
    return registry.read(Report(json.dumps(report).encode(), "report.json")).facts


def written(name: str) -> Any:
    return json.loads((WRITTEN / name).read_bytes())


# flagd


def flag(**more: Any) -> dict[str, Any]:
    return {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"} | more


def test_a_flag_says_exactly_this() -> None:
    assert read({"flags": {"a/b": flag(targeting={"if": []})}}) == {
        "tool": "flagd",
        "flags": [
            {
                "name": "a/b",
                "enabled": True,
                "variants": ["off", "on"],
                "off_variants": ["off"],
                "default_variant": "off",
                "targeted": True,
                "locator": "/flags/a~1b",
            }
        ],
        "flag_count": 1,
        "complete": True,
    }


def test_a_list_of_flags_says_what_a_map_does() -> None:
    as_map = read({"flags": {"one": flag(), "two": flag(state="DISABLED")}})
    as_list = read({"flags": [flag(key="one"), flag(key="two", state="DISABLED")]})
    for facts in (as_map, as_list):
        for item in facts["flags"]:
            item.pop("locator")

    assert as_list == as_map
    assert [item["enabled"] for item in as_map["flags"]] == [True, False]


@pytest.mark.parametrize("value", ["off", 0, None, {}, "false"])
def test_only_false_is_off(value: Any) -> None:
    found = read({"flags": {"one": flag(variants={"on": True, "off": value})}})
    assert found["flags"][0]["off_variants"] == []


@pytest.mark.parametrize("default", [None, ""])
def test_a_flag_without_a_default_leaves_it_to_code(default: Any) -> None:
    found = read({"flags": {"one": flag(defaultVariant=default)}})
    assert "default_variant" not in found["flags"][0]


def test_a_file_without_flags_has_none() -> None:
    assert read({"$schema": "https://flagd.dev/schema/v0/flags.json", "flags": {}})["flag_count"] == 0
    with pytest.raises(UsageError):
        read({"flags": {}})


@pytest.mark.parametrize(
    ("flags", "where"),
    [
        ({"one": flag(state="enabled")}, "/flags/one/state"),
        ({"one": flag(state="ON")}, "/flags/one/state"),
        ({"one": flag(defaultVariant="none")}, "/flags/one/defaultVariant"),
        ({"one": flag(variants=None)}, "/flags/one/variants"),
        ({"one": flag(targeting=[])}, "/flags/one/targeting"),
        ({"": flag()}, "/flags/"),
        ([flag()], "/flags/0/key"),
        ([flag(key="one"), flag(key="one")], "/flags/1"),
    ],
)
def test_a_flag_that_cannot_be_is_refused(flags: Any, where: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read({"flags": flags})
    assert caught.value.where == f"report.json: {where}"


@needs_shared
def test_the_example_of_flagd_has_what_was_counted() -> None:
    found = registry.read(Sample(path="flags/flagd_example.flagd.json").report).facts

    assert found["flag_count"] == 8
    assert sum(item["enabled"] for item in found["flags"]) == 8
    assert sum(item["targeted"] for item in found["flags"]) == 3


@pytest.mark.parametrize("change", [{"off_variants": ["none"]}, {"default_variant": "none"}, {"variants": ["on"]}])
def test_flags_that_do_not_fit_themselves_are_refused(change: dict[str, Any]) -> None:
    held = json.loads(json.dumps(made.feature_flags().facts))
    kind("feature_flags").validate(held)
    held["flags"][0] |= change

    with pytest.raises(MalformedError):
        kind("feature_flags").validate(held)


# Prometheus


def answer(*values: str, over_time: bool = False, **more: Any) -> dict[str, Any]:
    points = [[1768478400 + at, value] for at, value in enumerate(values)]
    series = [{"metric": {}, "values": points}] if over_time else [{"metric": {}, "value": point} for point in points]
    return {"status": "success", "data": {"resultType": "matrix" if over_time else "vector", "result": series}} | more


def capacity(**more: Any) -> dict[str, Any]:
    resource = {"name": "cpu", "unit": "cores", "used": answer("0.5", "0.6125"), "limit": answer("1", "2")} | more
    return {"capacity": "parcel", "measured_at": "2026-01-15T12:00:00Z", "resources": [resource]}


def test_a_resource_says_exactly_this() -> None:
    assert read(capacity()) == {
        "tool": "prometheus",
        "measured_at": "2026-01-15T12:00:00Z",
        "resources": [
            {
                "name": "cpu",
                "unit": "millicores",
                "used": 613,
                "limit": 1000,
                "headroom_percent": 38,
                "locator": "/resources/0",
            }
        ],
        "resource_count": 1,
        "complete": True,
    }


@pytest.mark.parametrize(
    ("unit", "used", "limit", "expected"),
    [
        ("bytes", "100.5", "1000.9", ("bytes", 101, 1000, 89)),
        ("ratio", "0.8", "1", ("ppm", 800_000, 1_000_000, 20)),
        ("count", "12", "10", ("count", 12, 10, -20)),
        ("count", "0", "1", ("count", 0, 1, 100)),
    ],
)
def test_units(unit: str, used: str, limit: str, expected: tuple[Any, ...]) -> None:
    (found,) = read(capacity(unit=unit, used=answer(used), limit=answer(limit)))["resources"]
    assert (found["unit"], found["used"], found["limit"], found["headroom_percent"]) == expected


def test_the_peak_counts() -> None:
    (found,) = read(capacity(used=answer("0.1", "0.9", "0.2", over_time=True)))["resources"]
    assert found["used"] == 900


@pytest.mark.parametrize("key", ["used", "limit"])
@pytest.mark.parametrize("data", [answer(), answer("NaN"), answer("1") | {"warnings": ["cut"]}, answer("1", "NaN")])
def test_no_data_is_not_complete(key: str, data: dict[str, Any]) -> None:
    assert read(capacity(**{key: data}))["complete"] is False


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"limit": answer("0")}, "capacity.limit"),
        ({"limit": answer("-1")}, "capacity.limit"),
        ({"used": answer("-1")}, "capacity.limit"),
        ({"unit": "percent"}, "report.value"),
        ({"peak": answer("1")}, "shape"),
        ({"name": ""}, "shape"),
    ],
)
def test_a_resource_that_cannot_be_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read(capacity(**change))
    assert caught.value.code == code


@pytest.mark.parametrize("change", [{"measured_at": ""}, {"measured_at": None}, {"service": "x"}, {"capacity": ""}])
def test_a_file_that_lacks_its_time_or_says_more_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        read(capacity() | change)


# autoscalers


def scaler(**status: Any) -> dict[str, Any]:
    report: dict[str, Any] = written("kubernetes-hpa.json")
    report["status"] |= status
    return report


def test_an_autoscaler_says_exactly_this() -> None:
    found = read(scaler())
    assert found == {
        "tool": "kubernetes",
        "measured_at": "2026-01-15T11:58:00Z",
        "resources": [
            {
                "name": "HorizontalPodAutoscaler shop/parcel replicas",
                "unit": "count",
                "used": 4,
                "limit": 10,
                "headroom_percent": 60,
                "locator": "/status",
            }
        ],
        "resource_count": 1,
        "complete": True,
    }


@pytest.mark.parametrize(("current", "wanted"), [(4, 9), (9, 4)])
def test_what_there_is_or_is_wanted_is_used(current: int, wanted: int) -> None:
    (found,) = read(scaler(currentReplicas=current, desiredReplicas=wanted))["resources"]
    assert found["used"] == 9


@pytest.mark.parametrize("status", ["False", "Unknown", "true"])
def test_an_autoscaler_that_cannot_compute_is_not_complete(status: str) -> None:
    condition = {"type": "ScalingActive", "status": status, "lastTransitionTime": "2026-01-15T11:58:00Z"}
    assert read(scaler(conditions=[condition]))["complete"] is False


def test_an_autoscaler_of_no_time_is_not_complete() -> None:
    found = read(scaler(conditions=[{"type": "ScalingActive", "status": "True"}]))
    assert (found["complete"], "measured_at" in found) == (False, False)


@pytest.mark.parametrize("status", [{"currentReplicas": None}, {"desiredReplicas": "4"}, {"currentReplicas": -1}])
def test_replicas_that_cannot_be_are_refused(status: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        read(scaler(**status))


@pytest.mark.parametrize("change", [{"headroom_percent": 51}, {"used": 0}, {"limit": 100_000}, {"limit": 0}])
def test_capacity_that_does_not_fit_itself_is_refused(change: dict[str, Any]) -> None:
    held = json.loads(json.dumps(made.capacity().facts))
    kind("capacity").validate(held)
    held["resources"][0] |= change

    with pytest.raises(MalformedError):
        kind("capacity").validate(held)
