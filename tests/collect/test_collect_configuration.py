"""Terraform plans and Kubernetes settings: every deviation by its path, secrets as digests, nothing half read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError, UsageError
from samples import Sample
from shared import needs_shared

PLAN: dict[str, Any] = {"format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": []}


def changed(*actions: str, before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    return {"address": "a.b", "change": {"actions": list(actions), "before": before, "after": after, **more}}


def plan_of(*changes: Any, **more: Any) -> Any:
    return registry.read(Report(json.dumps(PLAN | {"resource_changes": list(changes)} | more).encode(), "p.json")).facts


def deviations(*changes: Any, **more: Any) -> list[tuple[str, str, str, str]]:
    found = plan_of(*changes, **more)["deviations"]
    return [(item["path"], item["action"], item["expected"], item["actual"]) for item in found]


@pytest.mark.parametrize(
    ("actions", "found"),
    [
        (["no-op"], []),
        (["read"], []),
        (["create"], [("a.b", "create", "present", "absent")]),
        (["delete"], [("a.b", "delete", "absent", "present")]),
        (["forget"], [("a.b", "delete", "absent", "present")]),
        (["delete", "create"], [("a.b", "replace", "present", "present")]),
        (["create", "delete"], [("a.b", "replace", "present", "present")]),
        (["create", "forget"], [("a.b", "replace", "present", "present")]),
    ],
    ids=str,
)
def test_an_action_is_a_deviation(actions: Any, found: Any) -> None:
    assert deviations(changed(*actions)) == found


@pytest.mark.parametrize("actions", [[], ["destroy"], ["update", "update"]], ids=str)
def test_actions_that_nobody_knows_are_refused(actions: Any) -> None:
    with pytest.raises(MalformedError) as refused:
        plan_of(changed(*actions))
    assert refused.value.where == "p.json: /resource_changes/0/change/actions"


def test_an_update_is_a_deviation_for_each_attribute() -> None:
    before = {"size": 1, "tags": {"a/b": "x", "same": True}, "gone": "y", "list": [1, 2]}
    after = {"size": True, "tags": {"a/b": "z", "same": True}, "list": [1]}
    assert deviations(changed("update", before=before, after=after, after_unknown={"ip": True, "tags": {}})) == [
        ("a.b/gone", "update", "absent", '"y"'),
        ("a.b/ip", "update", "unknown until applied", "absent"),
        ("a.b/list/1", "update", "absent", "2"),
        ("a.b/size", "update", "true", "1"),
        ("a.b/tags/a~1b", "update", '"z"', '"x"'),
    ]


def test_an_update_of_marks_alone_is_one_too() -> None:
    found = deviations(changed("update", before={"a": 1}, after={"a": 1}, before_sensitive={"a": True}))
    assert [(path, action) for path, action, _, _ in found] == [("a.b", "update")]


@pytest.mark.parametrize(
    ("name", "value", "more"),
    [
        ("user_data", "short", {"after_sensitive": {"user_data": True}}),
        ("user_data", "short", {"after_sensitive": True}),
        ("admin_password", "short", {}),
        ("note", "AKIA" + "A" * 16, {}),
        ("note", "x" * 200, {}),
    ],
)
def test_what_is_secret_is_a_digest(name: str, value: str, more: Any) -> None:
    facts = plan_of(changed("update", before={name: "?"}, after={name: value}, **more))
    (found,) = facts["deviations"]
    assert found["expected"].startswith("sha256:")
    assert value not in json.dumps(facts)


def test_what_is_below_a_mark_in_a_list_is_secret_and_what_is_beside_it_is_not() -> None:
    before, after = {"l": [{"k": "a"}, {"k": "a"}]}, {"l": [{"k": "b"}, {"k": "b"}]}
    marks = {"l": [{"k": True}, {}]}
    found = deviations(changed("update", before=before, after=after, before_sensitive=marks, after_sensitive=marks))
    assert [expected.startswith("sha256:") for _, _, expected, _ in found] == [True, False]


def test_of_a_drift_the_state_is_expected() -> None:
    drift = [changed("update", before={"a": 1}, after={"a": 2}), changed("delete", before={"a": 1})]
    assert deviations(resource_drift=drift) == [
        ("a.b/a", "drift", "1", "2"),
        ("a.b", "drift", "present", "absent"),
    ]


@pytest.mark.parametrize(
    "more", [{"errored": True}, {"complete": False}, {"complete": None}, {"deferred_changes": [{"reason": "unknown"}]}]
)
def test_a_plan_that_is_not_whole_is_not_complete(more: Any) -> None:
    assert plan_of(**more)["complete"] is False


@pytest.mark.parametrize("version", ["2.0", "x", "10.1"])
def test_a_format_to_come_is_refused(version: str) -> None:
    with pytest.raises(MalformedError, match="is not known"):
        plan_of(format_version=version)


def test_a_state_is_no_plan() -> None:
    state = {"format_version": "1.0", "terraform_version": "1.9.8", "values": {}}
    with pytest.raises(UsageError):
        registry.read(Report(json.dumps(state).encode(), "state.json"))


def test_no_list_of_changes_is_no_plan_without_changes() -> None:
    with pytest.raises(MalformedError, match="a list is needed"):
        registry.read(Report(json.dumps({**PLAN, "resource_changes": None}).encode(), "p.json"), kind="configuration")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_plan_of_power_shell_says_the_same(encoding: str) -> None:
    text = json.dumps(PLAN | {"resource_changes": [changed("create")]}, ensure_ascii=False)
    mark = "" if encoding == "utf-16" else "\ufeff"
    facts = registry.read(Report((mark + text).encode(encoding), "p.json")).facts
    assert facts == plan_of(changed("create"))


def test_a_broken_plan_of_power_shell_is_refused() -> None:
    whole = ("\ufeff" + json.dumps(PLAN)).encode("utf-16-le")
    for broken in (whole[:-1], whole[:-4]):
        with pytest.raises(GatekeeperError):
            registry.read(Report(broken, "p.json"))


@needs_shared
@pytest.mark.parametrize("name", ["regula_tfplan.0.15", "tc_issue-158.plan", "tc_issue-249.plan"])
def test_actions_are_those_that_were_counted(name: str) -> None:
    from test_collect_truth import truths

    path = f"config/terraform/{name}.json"
    facts, truth = registry.read(Sample(path=path).report).facts, truths()[path]
    assert facts["resource_count"] == truth["resource_changes"]
    for action, count in truth["actions"].items():
        if action != "no-op":
            assert len({item["locator"] for item in facts["deviations"] if item["action"] == action}) == count


def settings(**item: Any) -> dict[str, str]:
    value = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, **item}
    facts = registry.read(Report(json.dumps(value).encode(), "o.json"), kind="configuration").facts
    return {found["path"]: found["value"] for found in facts["settings"]}


def test_what_only_the_server_writes_is_left_out() -> None:
    server = {"uid": "1", "resourceVersion": "2", "generation": 3, "managedFields": [{}], "creationTimestamp": None}
    notes = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    written = {"name": "web", **server, "selfLink": "/", "annotations": notes}
    assert settings(metadata=written, status={"phase": "Running"}) == settings()


def test_every_leaf_is_a_setting() -> None:
    found = settings(data={"a/b": "x"}, spec={"on": True, "none": None, "empty": {}, "list": [[], 1]})
    assert {path.partition("ConfigMap.web/")[2]: value for path, value in found.items()} == {
        "apiVersion": '"v1"',
        "kind": '"ConfigMap"',
        "metadata/name": '"web"',
        "data/a~1b": '"x"',
        "spec/on": "true",
        "spec/none": "null",
        "spec/empty": "{}",
        "spec/list/0": "[]",
        "spec/list/1": "1",
    }


def test_data_of_a_secret_is_a_digest_and_differs_with_it() -> None:
    one, two = (settings(kind="Secret", data={"k": value}, stringData={"s": value}) for value in ("dg==", "dw=="))
    for path in ("Secret.web/data/k", "Secret.web/stringData/s"):
        assert one[path].startswith("sha256:")
        assert one[path] != two[path]


def test_the_namespace_is_part_of_the_path_and_one_object_twice_is_refused() -> None:
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "namespace": "shop"}}
    listed = {"apiVersion": "v1", "kind": "List", "items": [item, item]}
    with pytest.raises(MalformedError, match=r"ConfigMap\.shop\.web is there twice"):
        registry.read(Report(json.dumps(listed).encode(), "o.json"), kind="configuration")
