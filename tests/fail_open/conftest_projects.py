"""A project whose manifests are judged by policies in the style of conftest, and the command says yes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from scenario import Base

from gatekeeper.errors import GatekeeperError

if TYPE_CHECKING:
    from scenario import Harm

    from project import Project, Ran

PACK = """\
name = "cluster"
version = "1.0.0"
description = "What runs in the cluster."
style = "conftest"

[rules.workloads]
namespace = "main"
title = "Workloads keep to the rules of the cluster"
description = "What the cluster refuses is better refused before."
remedy = "Mend the manifest."
requires = ["kind"]
"""
HELPERS = """\
package kubernetes

is_deployment if input.kind == "Deployment"
"""
POLICY = """\
package main

import data.kubernetes

deny_root contains "may run as root" if {
	kubernetes.is_deployment
	input.user == "root"
}

deny_image contains "comes from elsewhere" if {
	kubernetes.is_deployment
	not startswith(input.image, "registry.example.org/")
}
"""
GOOD: dict[str, Any] = {"kind": "Deployment", "user": "app", "image": "registry.example.org/app"}


def manifest(content: dict[str, Any] | None) -> Harm:
    """Other content of the manifest; None for none."""
    documents = [] if content is None else [{"path": "deploy.yaml", "content": content, "redacted": []}]
    facts = {"documents": documents, "document_count": len(documents), "complete": True}

    def harm(project: Project) -> None:
        project.attest("document", facts, slot="manifests", name="manifests")

    return harm


def _judged(project: Project) -> None:
    project.write("policies/cluster/pack.toml", PACK)
    project.write("policies/cluster/policy/kubernetes.rego", HELPERS)
    project.write("policies/cluster/policy/base.rego", POLICY)
    slots = 'unit = { kind = "test_results" }\ncoverage = { kind = "coverage" }\n'
    project.edit("gate.toml", slots, 'manifests = { kind = "document" }\n')
    project.edit("gate.toml", 'rules = ["own.*"]', 'rules = ["cluster.workloads"]')
    project.edit("trust.toml", "[accept]", '[accept]\ndocument = ["ci"]')
    manifest(GOOD)(project)


def decide(project: Project) -> Ran:
    """Lock what is there, since the adapter's text is part of it, and decide."""
    with suppress(GatekeeperError):
        project.lock()
    return project.decide("build")


JUDGED = Base("manifests that policies of conftest judge", _judged, decide)
BASES = (JUDGED,)
