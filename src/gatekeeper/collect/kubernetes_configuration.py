"""The settings of Kubernetes objects, to be compared with an approved baseline (as ``kubectl get -o json|yaml``).

What only the server writes is left out: status, identifiers, versions, times and managers of fields. Defaults that the
server fills in stay: whether they are as meant is for the gate to say. Data of Secrets are digests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _manifests, _settings
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from gatekeeper.collect._manifests import Manifest, Objects

_SERVER: Final = frozenset({"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"})
_ANNOTATIONS: Final = frozenset(
    {"deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"}
)


def facts(found: Objects) -> dict[str, Any]:
    """Every object, and every leaf of it."""
    names = [_address(item) for item in found.manifests]
    _check_distinct(names, found)
    leaves = _settings.bounded(
        leaf
        for item, name in zip(found.manifests, names, strict=True)
        for leaf in _settings.flatten(_meant(item), _settings.resource_path(name))
    )
    secret = tuple(_settings.resource_path(name) for name in names if name.startswith("Secret."))
    return {
        "tool": "kubernetes",
        "resources": names,
        "resource_count": len(names),
        "settings": [
            {"path": path, "value": _settings.shown(value, path=path, secret=_is_data(path, secret))}
            for path, value in sorted(leaves.items())
        ],
        "complete": found.complete,
    }


def _check_distinct(names: list[str], found: Objects) -> None:
    seen = set()
    for name, item in zip(names, found.manifests, strict=True):
        if name in seen:
            raise MalformedError(f"{name} is there twice", where=item.place, code="manifests.twice")
        seen.add(name)


def _address(item: Manifest) -> str:
    return ".".join(filter(None, (item.kind, item.namespace, item.name)))


def _is_data(path: str, secrets: tuple[str, ...]) -> bool:
    return any(path.startswith((f"{name}/data/", f"{name}/stringData/")) for name in secrets)


def _meant(item: Manifest) -> dict[str, Any]:
    """The object without what only the server writes."""
    value = {name: member for name, member in item.value.items() if name != "status"}
    metadata = {name: member for name, member in value["metadata"].items() if name not in _SERVER}
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        kept = {name: text for name, text in annotations.items() if name not in _ANNOTATIONS}
        metadata = {name: member for name, member in metadata.items() if name != "annotations"}
        metadata |= {"annotations": kept} if kept else {}
    return value | {"metadata": metadata}


COLLECTOR: Final = _manifests.ManifestFormat(
    format="kubernetes-configuration",
    kind="configuration",
    about=_manifests.KNOWN - {"HorizontalPodAutoscaler"},  # alone it is read for its status
    facts=facts,
)
