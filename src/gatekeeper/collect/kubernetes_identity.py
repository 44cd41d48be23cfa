"""Under whose name the workloads in Kubernetes manifests run (kubernetes.io, "Configure Service Accounts for Pods").

A token is mounted unless the pod, or else its service account, says it is not to be. An account that is not in the
report may say so, and is taken not to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _manifests
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from gatekeeper.collect._manifests import Manifest, Objects

_FEDERATED: Final = (
    "azure.workload.identity/client-id",
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
)
"""Annotations by which an account stands for an identity of a cloud."""

_STATIC: Final = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AZURE_CLIENT_SECRET",
        "AZURE_STORAGE_KEY",
        "GOOGLE_APPLICATION_CREDENTIALS",
    }
)
"""Variables of the clouds' own libraries that hold, or name, credentials that somebody has to rotate."""

_Account = dict[str, Any]


def facts(found: Objects) -> dict[str, Any]:
    """Each workload with its account."""
    accounts = {
        (item.namespace, item.name): (item.value, item.place)
        for item in found.manifests
        if item.kind == "ServiceAccount"
    }
    workloads = [_workload(item, accounts) for item in found.manifests if item.kind in _manifests.WORKLOADS]
    return {"workloads": workloads, "workload_count": len(workloads), "complete": found.complete}


def _workload(item: Manifest, accounts: dict[tuple[str, str], tuple[_Account, str]]) -> dict[str, Any]:
    spec, place = _manifests.pod_spec(item)
    name = fields.optional_text(spec, "serviceAccountName", place)
    name = name or fields.optional_text(spec, "serviceAccount", place) or "default"
    account, account_place = accounts.get((item.namespace, name), ({}, ""))
    return {
        "name": item.called,
        "account": name,
        "token_mounted": _mounted(spec, place, account, account_place),
        "federated": _is_federated(account, account_place),
        "static_credentials": _static(spec, place),
        "locator": place,
    }


def _mounted(spec: dict[str, Any], place: str, account: _Account, account_place: str) -> bool:
    key = "automountServiceAccountToken"
    for owner, here in ((spec, place), (account, account_place)):
        said = owner.get(key)
        if said is not None:
            if not isinstance(said, bool):
                raise fields.wrong(said, "a boolean", f"{here}/{key}")
            return said
    return True


def _is_federated(account: _Account, place: str) -> bool:
    metadata = fields.optional_mapping(account, "metadata", place)
    annotations = fields.optional_mapping(metadata, "annotations", f"{place}/metadata")
    return any(annotations.get(name) for name in _FEDERATED)


def _static(spec: dict[str, Any], place: str) -> list[str]:
    names = {
        fields.text(variable, "name", there)
        for container, here in _manifests.containers(spec, place)
        for variable, there in fields.each_in(container, "env", here)
    }
    return sorted(names & _STATIC)


COLLECTOR: Final = _manifests.ManifestFormat(
    format="kubernetes-identity",
    kind="workload_identity",
    about=_manifests.WORKLOADS,
    facts=facts,
)
