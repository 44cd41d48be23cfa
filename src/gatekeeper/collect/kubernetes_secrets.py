"""How workloads in Kubernetes manifests get their secrets. No value leaves this module.

A literal is taken for a secret when its name says so (``DATABASE_PASSWORD``), or when its value has the shape of one
(:data:`gatekeeper.collect._text.SECRETS`). What is called otherwise and looks like nothing is not found: that is for a
scanner of secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _manifests, _text
from gatekeeper.collect._secret_names import says_secret
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect._manifests import Manifest, Objects

_ARGUMENT: Final = re.compile(r"--?([\w-]+)=(.+)", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$\(\w+\)", re.ASCII)
_MANAGERS: Final = frozenset({"ExternalSecret", "SecretProviderClass"})
_STORE_DRIVER: Final = "secrets-store.csi.k8s.io"
_NO_SECRET: Final = frozenset({"kubernetes.io/service-account-token"})
"""Types of Secrets that the cluster fills itself."""

_Found = tuple[str, str, str]
"""Name, how it is held, and place."""


def facts(found: Objects) -> dict[str, Any]:
    """Every secret that is named or held."""
    looked = [item for item in found.manifests if item.kind in _manifests.WORKLOADS | _manifests.SECRETS]
    secrets = [
        {"owner": item.called, "name": name, "held": held, "locator": place}
        for item in looked
        for name, held, place in _held(item)
    ]
    return {
        "objects": len(looked),
        "secrets": secrets,
        "secret_count": len(secrets),
        "complete": found.complete,
    }


def _held(item: Manifest) -> Iterator[_Found]:
    if item.kind in _manifests.WORKLOADS:
        yield from _of_pod(item)
    elif item.kind == "Secret":
        yield from _of_secret(item)
    elif item.kind == "SealedSecret":
        yield item.name, "encrypted", item.place
    elif item.kind in _MANAGERS:
        yield item.name, "manager", item.place
    else:
        yield from _of_config_map(item)


def _of_secret(item: Manifest) -> Iterator[_Found]:
    if fields.optional_text(item.value, "type", item.place) in _NO_SECRET:
        return
    for part in ("data", "stringData"):
        for key in fields.optional_mapping(item.value, part, item.place):
            yield key, "inline", f"{item.place}/{part}"


def _of_config_map(item: Manifest) -> Iterator[_Found]:
    for key, value in fields.optional_mapping(item.value, "data", item.place).items():
        if _is_secret(key, value):
            yield key, "literal", f"{item.place}/data"


def _of_pod(item: Manifest) -> Iterator[_Found]:
    spec, place = _manifests.pod_spec(item)
    for container, here in _manifests.containers(spec, place):
        yield from _of_variables(container, here)
        yield from _of_arguments(container, here)
    for volume, here in fields.each_in(spec, "volumes", place):
        yield from _of_volume(volume, here)
    for reference, here in fields.each_in(spec, "imagePullSecrets", place):
        yield fields.text(reference, "name", here), "reference", here


def _of_variables(container: dict[str, Any], place: str) -> Iterator[_Found]:
    for variable, here in fields.each_in(container, "env", place):
        name = fields.text(variable, "name", here)
        source = fields.optional_mapping(variable, "valueFrom", here)
        if "secretKeyRef" in source:
            yield name, "reference", here
        elif _is_secret(name, variable.get("value")):
            yield name, "literal", here
    for source, here in fields.each_in(container, "envFrom", place):
        if "secretRef" in source:
            reference = fields.mapping(source, "secretRef", here)
            yield fields.text(reference, "name", f"{here}/secretRef"), "reference", here


def _of_arguments(container: dict[str, Any], place: str) -> Iterator[_Found]:
    for part in ("command", "args"):
        for index, text in enumerate(fields.optional_items(container, part, place)):
            match = _ARGUMENT.match(text) if isinstance(text, str) else None
            name, value = (match[1], match[2]) if match else (part, text)
            if _is_secret(name if match else "", value):
                yield name, "literal", f"{place}/{part}/{index}"


def _of_volume(volume: dict[str, Any], place: str) -> Iterator[_Found]:
    name = fields.text(volume, "name", place)
    projected = fields.optional_mapping(volume, "projected", place)
    sources = fields.each_in(projected, "sources", f"{place}/projected")
    if "secret" in volume or any("secret" in source for source, _ in sources):
        yield name, "reference", place
    if fields.optional_mapping(volume, "csi", place).get("driver") == _STORE_DRIVER:
        yield name, "manager", place


def _is_secret(name: str, value: Any) -> bool:
    """Whether a literal looks like a secret; ``$(OTHER)`` names another variable, and is none."""
    if not isinstance(value, str) or not value or _VARIABLE.fullmatch(value):
        return False
    return says_secret(name) or _text.redact(value) != value


COLLECTOR: Final = _manifests.ManifestFormat(
    format="kubernetes-secrets",
    kind="secret_management",
    about=_manifests.WORKLOADS | _manifests.SECRETS,
    facts=facts,
)
