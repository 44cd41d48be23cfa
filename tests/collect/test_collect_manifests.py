"""Kubernetes manifests and IAM policies: what is granted, how secrets are held, under whose name workloads run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError, UsageError
from samples import Sample
from shared import needs_shared


def facts_of(kind: str, *objects: Any) -> Any:
    """The facts of objects in the list that kubectl writes."""
    listed = {"apiVersion": "v1", "kind": "List", "metadata": {}, "items": list(objects)}
    return registry.read(Report(json.dumps(listed).encode(), "list.json"), kind=kind).facts


def made(kind: str, name: str = "web", namespace: str = "shop", **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, **more}


def deployment(**pod: Any) -> dict[str, Any]:
    return made("Deployment", spec={"template": {"spec": {"containers": [], **pod}}})


def role(kind: str = "Role", name: str = "reader", **rule: Any) -> dict[str, Any]:
    return made(kind, name, rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"], **rule}])


def binding(role_kind: str = "Role", name: str = "reader", kind: str = "RoleBinding", subjects: Any = None) -> Any:
    who = [{"kind": "User", "name": "ada"}] if subjects is None else subjects
    return made(kind, "bound", roleRef={"kind": role_kind, "name": name}, subjects=who)


def grants(*objects: Any) -> list[Any]:
    return [(grant["subject"], grant["role"], grant["scope"]) for grant in facts_of("privileges", *objects)["grants"]]


def test_a_grant_is_a_rule_of_a_role_for_a_subject() -> None:
    assert facts_of("privileges", role(verbs=["GET", "list"]), binding())["grants"] == [
        {
            "subject": "User ada",
            "role": "reader",
            "verbs": ["get", "list"],
            "resources": ["pods"],
            "scope": "namespace shop",
            "locator": "/items/0/rules/0",
        }
    ]


def test_scope_is_that_of_the_binding() -> None:
    everywhere = role("ClusterRole")
    assert grants(everywhere, binding("ClusterRole")) == [("User ada", "reader", "namespace shop")]
    assert grants(everywhere, binding("ClusterRole", kind="ClusterRoleBinding")) == [("User ada", "reader", "cluster")]


@pytest.mark.parametrize(
    "objects", [(role(),), (role(), binding(subjects=[])), (role(), binding(name="other"), role(name="other"))]
)
def test_a_role_that_nobody_is_bound_to_is_granted_to_nobody_by_name(objects: Any) -> None:
    assert ("unbound", "reader", "namespace shop") in grants(*objects)


def test_a_service_account_is_in_the_namespace_of_the_binding_unless_it_says_another() -> None:
    there = [{"kind": "ServiceAccount", "name": "a"}, {"kind": "ServiceAccount", "name": "b", "namespace": "ops"}]
    found = grants(role(), binding(subjects=there))
    assert [subject for subject, _, _ in found] == ["ServiceAccount shop/a", "ServiceAccount ops/b"]


def test_the_rights_of_cluster_admin_are_known() -> None:
    facts = facts_of("privileges", binding("ClusterRole", "cluster-admin", "ClusterRoleBinding"))
    (grant,) = facts["grants"]
    assert (grant["verbs"], grant["resources"], grant["scope"], facts["complete"]) == (["*"], ["*"], "cluster", True)


@pytest.mark.parametrize(
    "objects",
    [
        (binding("ClusterRole", "view"),),
        (role(), binding("Role", "cluster-admin")),
        (made("ClusterRole", rules=[], aggregationRule={}),),
        (role(), role()),
        (role(), made("ClusterRoleTemplateBinding")),
        (role(), made("Rollout")),
    ],
    ids=["elsewhere", "not that admin", "aggregated", "twice", "another way to bind", "unknown"],
)
def test_what_is_not_all_there_is_not_complete(objects: Any) -> None:
    assert facts_of("privileges", *objects)["complete"] is False


def test_a_list_that_says_there_is_more_is_not_complete() -> None:
    for cut in ({"continue": "next"}, {"remainingItemCount": 3}):
        listed = {"apiVersion": "v1", "kind": "RoleList", "metadata": cut, "items": [role()]}
        assert (
            registry.read(Report(json.dumps(listed).encode(), "list.json"), kind="privileges").facts["complete"]
            is False
        )


@pytest.mark.parametrize(
    ("rule", "resources"),
    [
        ({"apiGroups": [""], "resources": ["pods", "pods/exec"]}, ["pods", "pods/exec"]),
        (
            {"apiGroups": ["apps"], "resources": ["deployments", "deployments/scale"]},
            ["deployments.apps", "deployments.apps/scale"],
        ),
        ({"apiGroups": ["*"], "resources": ["secrets"]}, ["secrets"]),
        ({"apiGroups": ["", "apps"], "resources": ["*"]}, ["*", "*.apps"]),
        ({"resources": ["pods"], "apiGroups": None}, ["pods"]),
        ({"resources": None, "nonResourceURLs": ["/metrics"]}, ["/metrics"]),
    ],
)
def test_resources_are_named_as_kubectl_names_them(rule: Any, resources: list[str]) -> None:
    assert facts_of("privileges", role(**rule))["grants"][0]["resources"] == resources


STRICT = {
    "an alias": "a: &x {apiVersion: v1}\nb: *x",
    "a key twice": "kind: Role\nkind: Role",
    "a tag": "metadata: !!python/object {}",
    "no object": "--- [1]",
    "no name": "metadata: {}",
    "no YAML": "metadata: {name: {{ .Values.name }} }",
}


@pytest.mark.parametrize("text", STRICT.values(), ids=list(STRICT))
def test_yaml_that_two_readers_would_read_differently_is_refused(text: str) -> None:
    head = "apiVersion: v1\nkind: Role\nmetadata: {name: a}\n---\napiVersion: v1\n"
    tail = "" if "kind" in text else "\nkind: Role"
    data = f"{head}{text}{tail}\n".encode()
    with pytest.raises(MalformedError) as refused:
        registry.read(Report(data, "m.yaml"), kind="privileges")
    assert refused.value.where.startswith("m.yaml")


def test_manifests_that_speak_of_several_things_ask_for_which() -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": [role(), deployment()]}
    with pytest.raises(UsageError, match="read as") as refused:
        registry.read(Report(json.dumps(listed).encode(), "list.json"))
    assert refused.value.code == "collect.ambiguous"


def variable(name: str, value: Any = "not-a-secret") -> dict[str, Any]:
    return deployment(containers=[{"name": "c", "env": [{"name": name, "value": value}]}])


def held(*objects: Any) -> list[tuple[str, str]]:
    return [(secret["name"], secret["held"]) for secret in facts_of("secret_management", *objects)["secrets"]]


@pytest.mark.parametrize(
    "name",
    ["PASSWORD", "DB_PASSWORD", "DBPASSWORD", "dbPasswd", "API_KEY", "apiKey", "accessKey", "GITHUB_TOKEN", "clientSecret", "PWD", "AWS_ACCESS_KEY_ID"],
)  # fmt: skip
def test_a_literal_whose_name_says_so_is_a_secret(name: str) -> None:
    assert held(variable(name)) == [(name, "literal")]


@pytest.mark.parametrize(
    "name", ["PASSWORD_FILE", "TOKEN_URL", "SECRET_NAME", "KEYBOARD", "TOKENIZER", "SECRETARY", "COLOUR", "MONKEY"]
)
def test_a_literal_whose_name_says_otherwise_is_none(name: str) -> None:
    assert held(variable(name)) == []


@pytest.mark.parametrize("value", ["", None, "$(OTHER)"])
def test_what_holds_no_value_is_no_secret(value: Any) -> None:
    assert held(variable("PASSWORD", value)) == []


def test_a_value_that_looks_like_a_secret_is_one_whatever_it_is_called_and_is_not_kept() -> None:
    value = "AKIA" + "A" * 16
    facts = facts_of("secret_management", variable("COLOUR", value))
    assert facts["secrets"][0]["held"] == "literal"
    assert value not in json.dumps(facts)


def test_secrets_are_found_wherever_a_pod_gets_them() -> None:
    container = {
        "name": "c",
        "command": ["serve", "--password=hunter2"],
        "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
        "envFrom": [{"secretRef": {"name": "tokens"}}, {"configMapRef": {"name": "plain"}}],
    }
    volumes = [
        {"name": "v", "secret": {"secretName": "s"}},
        {"name": "p", "projected": {"sources": [{"secret": {"name": "s"}}]}},
        {"name": "c", "csi": {"driver": "secrets-store.csi.k8s.io"}},
        {"name": "o", "csi": {"driver": "disk.csi.example.org"}},
        {"name": "e", "emptyDir": {}},
    ]
    for part in ("containers", "initContainers", "ephemeralContainers"):
        found = deployment(**{part: [container]}, volumes=volumes, imagePullSecrets=[{"name": "pull"}])
        assert held(found) == [
            ("A", "reference"),
            ("tokens", "reference"),
            ("password", "literal"),
            ("v", "reference"),
            ("p", "reference"),
            ("c", "manager"),
            ("pull", "reference"),
        ]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (made("Secret", data={"k": "dg=="}), [("k", "inline")]),
        (made("Secret", stringData={"k": "v"}), [("k", "inline")]),
        (made("Secret"), []),
        (made("Secret", type="kubernetes.io/service-account-token", data={"token": "dg=="}), []),
        (made("SealedSecret"), [("web", "encrypted")]),
        (made("ExternalSecret"), [("web", "manager")]),
        (made("SecretProviderClass"), [("web", "manager")]),
        (made("ConfigMap", data={"password": "x", "colour": "blue"}), [("password", "literal")]),
    ],
)
def test_objects_that_hold_secrets(item: Any, found: Any) -> None:
    assert held(item) == found


def identity(*objects: Any) -> tuple[Any, ...]:
    (found,) = facts_of("workload_identity", *objects)["workloads"]
    return found["account"], found["token_mounted"], found["federated"]


ACCOUNT = made("ServiceAccount", "own", automountServiceAccountToken=False)
ROLE_ARN = "arn:aws:iam::1:role/own"
FEDERATED = {**made("ServiceAccount", "own"), "metadata": {"name": "own", "namespace": "shop", "annotations": {"eks.amazonaws.com/role-arn": ROLE_ARN}}}  # fmt: skip
ELSEWHERE = made("ServiceAccount", "own", "ops", automountServiceAccountToken=False)


@pytest.mark.parametrize(
    ("pod", "account", "found"),
    [
        ({}, None, ("default", True, False)),
        ({"serviceAccountName": "own"}, None, ("own", True, False)),
        ({"serviceAccount": "own"}, None, ("own", True, False)),
        ({"serviceAccountName": "own"}, ACCOUNT, ("own", False, False)),
        ({"serviceAccountName": "own"}, ELSEWHERE, ("own", True, False)),
        ({"serviceAccountName": "own", "automountServiceAccountToken": True}, ACCOUNT, ("own", True, False)),
        ({"automountServiceAccountToken": False}, None, ("default", False, False)),
        ({"serviceAccountName": "own"}, FEDERATED, ("own", True, True)),
    ],
)
def test_whose_name_and_whether_a_token_is_mounted(pod: Any, account: Any, found: Any) -> None:
    assert identity(deployment(**pod), *([account] if account else [])) == found


def test_a_mounting_that_is_no_truth_value_is_refused() -> None:
    with pytest.raises(MalformedError) as refused:
        identity(deployment(automountServiceAccountToken="no"))
    assert refused.value.where.endswith("/items/0/spec/template/spec/automountServiceAccountToken")


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Pod", {"spec": {"serviceAccountName": "own"}}),
        ("PodTemplate", {"template": {"spec": {"serviceAccountName": "own"}}}),
        ("CronJob", {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"serviceAccountName": "own"}}}}}}),
        *(
            (kind, {"spec": {"template": {"spec": {"serviceAccountName": "own"}}}})
            for kind in ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet")
        ),
    ],
)
def test_every_kind_of_workload_is_looked_into(kind: str, spec: Any) -> None:
    assert identity(made(kind, **spec)) == ("own", True, False)


def test_a_workload_without_pods_is_refused() -> None:
    with pytest.raises(MalformedError, match="absent"):
        facts_of("workload_identity", made("Deployment", spec={}))


@needs_shared
def test_the_objects_of_a_real_stream_are_those_that_were_counted() -> None:
    from test_collect_truth import truths

    path = "config/kubernetes/online-boutique.yaml"
    facts = registry.read(Sample(path=path).report, kind="workload_identity").facts
    assert facts["workload_count"] == truths()[path]["kinds"]["Deployment"]
    assert facts["complete"] is True
    assert registry.read(Sample(path=path).report, kind="secret_management").facts["objects"] == 12


def policy(*statements: Any, **more: Any) -> Any:
    written = {"Version": "2012-10-17", "Statement": list(statements), **more}
    return registry.read(Report(json.dumps(written).encode(), "policy.json")).facts


ALLOW = {"Effect": "Allow", "Action": "S3:GetObject", "Resource": "arn:aws:s3:::labels"}


def test_what_a_policy_allows_is_a_grant() -> None:
    assert policy(ALLOW, {**ALLOW, "Effect": "Deny"}, Id="labels") == {
        "format": "aws-iam",
        "complete": True,
        "grant_count": 1,
        "grants": [
            {
                "subject": "attached",
                "role": "labels/0",
                "verbs": ["s3:getobject"],
                "resources": ["arn:aws:s3:::labels"],
                "scope": "account",
                "locator": "/Statement/0",
            }
        ],
    }


@pytest.mark.parametrize(
    ("said", "subjects"),
    [
        ({"Principal": "*"}, ["*"]),
        ({"Principal": {"AWS": ["a", "b"], "Service": "ec2.amazonaws.com"}}, ["AWS a", "AWS b", "Service ec2.amazonaws.com"]),
        ({"NotPrincipal": {"AWS": "a"}}, ["*"]),
        ({}, ["attached"]),
    ],
)  # fmt: skip
def test_who_is_allowed(said: Any, subjects: list[str]) -> None:
    assert [grant["subject"] for grant in policy({**ALLOW, **said})["grants"]] == subjects


def test_all_but_something_is_all() -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::labels"}
    (grant,) = policy(statement)["grants"]
    assert (grant["verbs"], grant["resources"]) == (["*"], ["*"])


def test_one_statement_needs_no_list_and_a_trust_policy_no_resource() -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    data = json.dumps({"PolicyName": "trust", "PolicyDocument": {"Statement": trust}}).encode()
    (grant,) = registry.read(Report(data, "policy.json")).facts["grants"]
    assert (grant["role"], grant["resources"], grant["locator"]) == ("trust/0", ["self"], "/PolicyDocument/Statement")


@pytest.mark.parametrize(
    "statement",
    [{"Effect": "Permit"}, {"Action": []}, {"Action": None}, {"Action": [1]}, {"Resource": ""}, {"Principal": 1}],
    ids=str,
)
def test_a_statement_that_says_something_else_is_refused(statement: Any) -> None:
    with pytest.raises(GatekeeperError) as refused:
        policy({**ALLOW, **statement})
    assert refused.value.code != "collect.broken"


def test_a_policy_without_statements_is_not_complete() -> None:
    assert policy()["complete"] is False
