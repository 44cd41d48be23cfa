"""Kubernetes manifests, as one stream of objects: YAML of several documents, JSON, and the lists of ``kubectl get``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError, PolicyError
from gatekeeper.facts.readers import fields
from gatekeeper.load import _yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatekeeper.collect.reading import Report

_API: Final = re.compile(rb"^[ \t-]*apiVersion:", re.MULTILINE)
_KIND: Final = re.compile(rb"^[ \t-]*kind:[ \t]*[\"']?(\w+)", re.MULTILINE)

WORKLOADS: Final = frozenset(
    {
        "CronJob",
        "DaemonSet",
        "Deployment",
        "Job",
        "Pod",
        "PodTemplate",
        "ReplicaSet",
        "ReplicationController",
        "StatefulSet",
    }
)
"""Kinds that run containers."""

ROLES: Final = frozenset({"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"})
"""Kinds that grant rights (``rbac.authorization.k8s.io``)."""

SECRETS: Final = frozenset({"ConfigMap", "ExternalSecret", "SealedSecret", "Secret", "SecretProviderClass"})
"""Kinds that hold secrets, or should not."""

KNOWN: Final = (
    WORKLOADS
    | ROLES
    | SECRETS
    | {
        "APIService",
        "CustomResourceDefinition",
        "Endpoints",
        "EndpointSlice",
        "HorizontalPodAutoscaler",
        "Ingress",
        "IngressClass",
        "LimitRange",
        "Namespace",
        "NetworkPolicy",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "PriorityClass",
        "ResourceQuota",
        "Service",
        "ServiceAccount",
        "StorageClass",
    }
)
"""Kinds whose meaning is known here. Any other may run containers, grant rights or hold secrets: not complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One object.

    Attributes:
        kind: Such as ``Deployment``.
        name: Its name.
        namespace: Its namespace; empty where none is named.
        value: All of it.
        place: A JSON pointer; its first step is the number of the document where there are several.
    """

    kind: str
    name: str
    namespace: str
    value: dict[str, Any]
    place: str

    @property
    def called(self) -> str:
        """``Deployment shop/web``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """All objects of a report.

    Attributes:
        manifests: The objects.
        complete: No list was cut off, and every kind is known.
    """

    manifests: tuple[Manifest, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFormat:
    """A collector (:class:`gatekeeper.collect.reading.Collector`) of facts from Kubernetes manifests.

    Attributes:
        format: The format's name.
        kind: The kind of evidence.
        about: The kinds of objects of which one has to be there.
        facts: Makes the facts.
    """

    format: str
    kind: str
    about: frozenset[str]
    facts: Callable[[Objects], dict[str, Any]]

    def matches(self, report: Report) -> bool:
        """Whether it holds manifests of these kinds."""
        found = kinds_in(report)
        return bool(found & self.about)

    def read(self, report: Report) -> Reading:
        """Read the report whole.

        Raises:
            MalformedError: It cannot be read; ``where`` has the place.
        """
        media_type = "application/json" if report.looks_like_json else "application/yaml"
        return Reading(kind=self.kind, format=self.format, facts=self.facts(objects(report)), media_type=media_type)


def kinds_in(report: Report) -> frozenset[str]:
    """The kinds of objects that seem to be in a report; none when it holds no manifests."""
    if not report.looks_like_json:
        text = report.data if _API.search(report.head) and not report.looks_like_xml else b""
        return frozenset(found.decode("ascii", "replace") for found in _KIND.findall(text))
    try:
        return frozenset(
            str(item.get("kind"))
            for item, _ in _flat(report.json, "")
            if "apiVersion" in item and isinstance(item.get("metadata"), dict) and "kind" in item
        )
    except MalformedError:
        return frozenset()


def documents(report: Report) -> list[tuple[Any, str]]:
    """The documents of a stream with their places.

    Raises:
        MalformedError: Not YAML or JSON, or YAML that two readers would understand differently.
    """
    if report.looks_like_json:
        return [(report.json, "")]
    try:
        values = _yaml.parse_all(report.data.decode("utf-8-sig"), path=report.name)
    except UnicodeDecodeError as cause:
        raise MalformedError("not UTF-8", where=report.name, code="manifests.encoding") from cause
    except PolicyError as cause:
        raise MalformedError(cause.message, where=cause.where, hint=cause.hint, code="manifests.yaml") from cause
    return [(value, f"/{index}" if len(values) > 1 else "") for index, value in enumerate(values)]


def objects(report: Report) -> Objects:
    """The objects of a report.

    Raises:
        MalformedError: A document is no object with ``apiVersion``, ``kind`` and ``metadata``.
    """
    held = documents(report)
    found = tuple(_manifest(item, place) for value, start in held for item, place in _flat(value, start))
    cut = any(_is_cut(value) for value, _ in held)
    return Objects(manifests=found, complete=not cut and all(item.kind in KNOWN for item in found))


def pod_spec(manifest: Manifest) -> tuple[dict[str, Any], str]:
    """The specification of the pods of a workload, with its place.

    Raises:
        MalformedError: There is none.
    """
    steps = {"Pod": ("spec",), "PodTemplate": ("template", "spec")}.get(manifest.kind, ("spec", "template", "spec"))
    steps = ("spec", "jobTemplate", *steps) if manifest.kind == "CronJob" else steps
    value, place = manifest.value, manifest.place
    for step in steps:
        value, place = fields.mapping(value, step, place), f"{place}/{step}"
    return value, place


def containers(spec: dict[str, Any], place: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The containers of a pod, those that start first or are added later included."""
    for key in ("initContainers", "containers", "ephemeralContainers"):
        yield from fields.each_in(spec, key, place)


def _flat(value: Any, place: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a document: itself, or those of a list (``kind: List``, ``PodList``, a plain array)."""
    if isinstance(value, list):
        for item, here in fields.each(value, place):
            yield from _flat(item, here)
        return
    held = fields.document(value, place)
    if str(held.get("kind", "")).endswith("List") and "items" in held:
        for item, here in fields.each_in(held, "items", place):
            yield from _flat(item, here)
        return
    yield held, place


def _is_cut(value: Any) -> bool:
    """A page of a list that says there is more (Kubernetes API concepts, "Retrieving large results sets in chunks")."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    return isinstance(metadata, dict) and bool(metadata.get("continue") or metadata.get("remainingItemCount"))


def _manifest(value: dict[str, Any], place: str) -> Manifest:
    fields.text(value, "apiVersion", place)
    metadata = fields.mapping(value, "metadata", place)
    return Manifest(
        kind=fields.text(value, "kind", place),
        name=fields.text(metadata, "name", f"{place}/metadata"),
        namespace=fields.optional_text(metadata, "namespace", f"{place}/metadata"),
        value=value,
        place=place,
    )
