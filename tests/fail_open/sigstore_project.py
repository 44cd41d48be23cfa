"""A project whose CI signs through Sigstore: an instance in memory, and bundles of it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from fake_sigstore import CLAIMS, IDENTITY, ISSUER, FakeSigstore

from project import coverage, ran_tests

if TYPE_CHECKING:
    from project import Project

__all__ = ["CLAIMS", "CLAIMS_OF_A_FORK", "IDENTITY", "OURS", "STRANGER", "bundled", "trust_of"]

OURS, STRANGER = FakeSigstore(), FakeSigstore()
CLAIMS_OF_A_FORK = {**CLAIMS, 12: "https://github.com/mallory/parcel"}

SIGNER = f"""\
[signers.ci]
issuer = "{ISSUER}"
identity = "{IDENTITY}"
repository = "{{subject.repository}}"
claims = {{ build_trigger = "push" }}
"""


def bundled(
    project: Project, slot: str, *, instance: FakeSigstore = OURS, at: Any = None, subject: Any = None, **leaf: Any
) -> bytes:
    """The green attestation for a slot, in a bundle; ``leaf`` is what the certificate says."""
    kind, facts = {"unit": ("test_results", ran_tests()), "coverage": ("coverage", coverage())}[slot]
    when = at or project.now
    payload = project.statement(kind, facts, slot=slot, subject=subject)
    return json.dumps(instance.sign(payload, leaf=instance.leaf(at=when, **leaf), at=when)).encode()


def trust_of(project: Project) -> None:
    """Trust the identity of the CI instead of its key."""
    root = OURS.trusted_root()
    project.write("trusted_root.json", root)
    project.edit("trust.toml", '[signers.ci]\nkey = "keys/ci.pub"\n', SIGNER)
    pinned = f'\n[sigstore]\ntrusted_root = {{ path = "trusted_root.json", sha256 = "{hashlib.sha256(root).hexdigest()}" }}\n'
    project.write("trust.toml", (project.folder / "trust.toml").read_text() + pinned)
    project.edit("gate.toml", 'name = "parcel"', 'name = "parcel"\nrepository = "acme/parcel"')
