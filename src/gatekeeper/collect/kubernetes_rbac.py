"""Kubernetes RBAC: roles and whom they are bound to (kubernetes.io, "Using RBAC Authorization").

A grant is one rule of a role for one subject. A role that nobody here is bound to is a grant to ``unbound``: somebody
may be bound to it elsewhere. A binding to a role that is not here says too little, but for ``cluster-admin``, whose
rights are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _manifests
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect._manifests import Manifest, Objects

_ROLES: Final = frozenset({"ClusterRole", "Role"})
_BINDINGS: Final = frozenset({"ClusterRoleBinding", "RoleBinding"})
_ADMIN: Final = "cluster-admin"
_ALL: Final = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}

_RoleKey = tuple[str, str, str]
"""Kind, namespace and name."""


def facts(found: Objects) -> dict[str, Any]:
    """The grants of all roles and bindings."""
    held = [item for item in found.manifests if item.kind in _manifests.ROLES]
    roles = {_key(item): item for item in held if item.kind in _ROLES}
    bindings = [item for item in held if item.kind in _BINDINGS]
    bound = {_bound(binding) for binding in bindings if binding.value.get("subjects")}
    grants = [grant for binding in bindings for grant in _granted(binding, roles)]
    grants += [
        grant for key, role in roles.items() if key not in bound for grant in _grants(role, "unbound", _reach(role))
    ]
    return {
        "format": "kubernetes-rbac",
        "grants": grants,
        "grant_count": len(grants),
        "complete": found.complete
        and len(roles) == sum(item.kind in _ROLES for item in held)
        and all(_is_known(_bound(binding), roles) for binding in bindings)
        and not any("aggregationRule" in role.value and not role.value.get("rules") for role in roles.values()),
    }


def _key(role: Manifest) -> _RoleKey:
    return role.kind, role.namespace if role.kind == "Role" else "", role.name


def _bound(binding: Manifest) -> _RoleKey:
    place = f"{binding.place}/roleRef"
    reference = fields.mapping(binding.value, "roleRef", binding.place)
    kind = fields.text(reference, "kind", place)
    return kind, binding.namespace if kind == "Role" else "", fields.text(reference, "name", place)


def _is_known(key: _RoleKey, roles: dict[_RoleKey, Manifest]) -> bool:
    return key in roles or key == ("ClusterRole", "", _ADMIN)


def _granted(binding: Manifest, roles: dict[_RoleKey, Manifest]) -> Iterator[dict[str, Any]]:
    key = _bound(binding)
    scope = "cluster" if binding.kind == "ClusterRoleBinding" else f"namespace {binding.namespace or 'default'}"
    for subject, _ in fields.each_in(binding.value, "subjects", binding.place):
        called = _subject(subject, binding)
        if key in roles:
            yield from _grants(roles[key], called, scope)
        else:
            rules = [_ALL] if _is_known(key, roles) else []
            for rule in rules:
                yield _grant(rule, called, key[2], scope, f"{binding.place}/roleRef")


def _subject(subject: dict[str, Any], binding: Manifest) -> str:
    kind, name = (fields.text(subject, part, f"{binding.place}/subjects") for part in ("kind", "name"))
    namespace = fields.optional_text(subject, "namespace", f"{binding.place}/subjects") or binding.namespace
    return f"{kind} {namespace}/{name}" if kind == "ServiceAccount" else f"{kind} {name}"


def _reach(role: Manifest) -> str:
    return "cluster" if role.kind == "ClusterRole" else f"namespace {role.namespace or 'default'}"


def _grants(role: Manifest, subject: str, scope: str) -> Iterator[dict[str, Any]]:
    for rule, place in fields.each_in(role.value, "rules", role.place):
        yield _grant(rule, subject, role.name, scope, place)


def _grant(rule: dict[str, Any], subject: str, role: str, scope: str, place: str) -> dict[str, Any]:
    return {
        "subject": subject,
        "role": role,
        "verbs": [verb.lower() for verb in fields.optional_texts(rule, "verbs", place)],
        "resources": list(_resources(rule, place)),
        "scope": scope,
        "locator": place,
    }


def _resources(rule: dict[str, Any], place: str) -> Iterator[str]:
    """``secrets``, ``deployments.apps``: as kubectl writes them; ``*`` of every group has no dot."""
    groups = [group if isinstance(group, str) else "*" for group in fields.optional_items(rule, "apiGroups", place)]
    for resource in fields.optional_texts(rule, "resources", place):
        for group in groups or [""]:
            name, slash, part = resource.partition("/")
            yield resource if group in {"", "*"} else f"{name}.{group}{slash}{part}"
    yield from fields.optional_texts(rule, "nonResourceURLs", place)


COLLECTOR: Final = _manifests.ManifestFormat(
    format="kubernetes-rbac", kind="privileges", about=_manifests.ROLES, facts=facts
)
