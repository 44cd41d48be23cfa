"""What is decided in the benchmarks: rules, bills of materials, gates, keys; made, never fetched."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.load.gate_file import load_gate
from gatekeeper.load.lock import lock_path, write_lock

if TYPE_CHECKING:
    from pathlib import Path

RULES: Final = 30
COMPONENTS: Final = 300

_GATE: Final = """\
name = "bench"
engine = "opa 1.22.2"
engine_digests = ["{opa}"]
pack_dirs = [{pack}]
trust = "{trust}.toml"

[stages.{stage}]
rules = {rules}
valid_for = "7d"
parameters.sbom.licences.allowed = ["MIT", "Apache-2.0", "BSD-3-Clause"]
[stages.{stage}.evidence]
sbom = {{ kind = "sbom" }}
"""

_TRUST: Final = {
    "unsigned": '[accept]\nsbom = ["unsigned"]\n',
    "signed": """\
[signers.ci]
key = "ci.pub"
[signers.gate]
key = "gate.pub"
[accept]
sbom = ["ci"]
decision = ["gate"]
""",
}

_METADATA: Final = """\
# METADATA
# title: {title}
# description: Measured, not meant.
# custom:
#   severity: medium
#   needs:
#     sbom:
#       - components.name
#       - components.version
#       - components.purl
#       - components.licenses
#       - components.hashes
#       - components.locator
#   parameters: {{listed: {{type: array, items: {{type: string}}, default: [{words}]}}}}
#   remedy: Choose another component.
package gatekeeper.bench.{name}

import rego.v2

deny contains violation if {{
	some report in input.sbom
	some component in report.components
{body}
	violation := {{
		"message": $"{{component.name}}: {title}",
		"term": component.name,
		"source": report.source,
		"locator": component.locator,
	}}
}}
"""

_BODIES: Final = (
    ("is not from the forbidden names", "\tcomponent.name in input.parameters.listed"),
    ("has an allowed licence", "\tsome licence in component.licenses\n\tlicence in input.parameters.listed"),
    (
        "does not come from a forbidden place",
        "\tsome start in input.parameters.listed\n\tstartswith(component.purl, start)",
    ),
    ("is no pre-release", "\tcomponent.version in input.parameters.listed"),
    (
        "is pinned by a hash",
        (
            "\tevery hash in component.hashes {\n\t\tsome start in input.parameters.listed\n"
            "\t\tstartswith(hash, start)\n\t}"
        ),
    ),
)


def rule_texts() -> dict[str, str]:
    """The text of thirty rules over components by name: six of each of five forms, denying nothing."""
    texts = {}
    for index in range(RULES):
        title, body = _BODIES[index % len(_BODIES)]
        words = ", ".join(f'"{word}-{index}"' for word in ("none", "never", "nowhere"))
        name = f"rule_{index:02}"
        texts[name] = _METADATA.format(title=title, name=name, words=words, body=body)
    return texts


def parameters() -> dict[str, list[str]]:
    """The parameters of the first of the rules; a raw query gives all of them the same."""
    return {"listed": ["none-0", "never-0", "nowhere-0"]}


def cyclonedx(count: int) -> bytes:
    """A CycloneDX document as build tools write them: some 740 bytes for each component."""
    components = [_component(index) for index in range(count)]
    references = [component["bom-ref"] for component in components]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": 1,
        "metadata": {
            "timestamp": "2026-01-01T00:00:00Z",
            "tools": {"components": [{"type": "application", "name": "bench", "version": "1"}]},
        },
        "components": components,
        "dependencies": [{"ref": reference, "dependsOn": []} for reference in references],
        "compositions": [{"aggregate": "complete", "assemblies": references[:1]}],
    }
    return json.dumps(document, indent=2 if count <= COMPONENTS else None).encode()


def _component(index: int) -> dict[str, Any]:
    name = f"library-{index}"
    digest = hashlib.sha256(name.encode()).hexdigest()
    purl = f"pkg:npm/{name}@{index % 9}.{index % 7}.{index % 5}"
    return {
        "type": "library",
        "bom-ref": f"{purl}?package-id={digest[:16]}",
        "name": name,
        "version": f"{index % 9}.{index % 7}.{index % 5}",
        "description": f"A library that does what the libraries numbered {index} do, described in a sentence.",
        "scope": "required",
        "licenses": [{"license": {"id": ("MIT", "Apache-2.0", "BSD-3-Clause")[index % 3]}}],
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "purl": purl,
        "externalReferences": [
            {"type": "website", "url": f"https://libraries.example/{name}"},
            {"type": "vcs", "url": f"https://code.example/{name}.git"},
        ],
        "properties": [{"name": "bench:package:language", "value": "javascript"}],
    }


RAW_SBOM_RULES: Final = """\
package raw

import rego.v1

allowed := {"MIT", "Apache-2.0", "BSD-3-Clause"}

deny contains violation if {
	some index, component in input.components
	not component.version
	violation := {"message": sprintf("%s has no version", [component.name]), "locator": index}
}

deny contains violation if {
	some index, component in input.components
	not component.purl
	violation := {"message": sprintf("%s has no package URL", [component.name]), "locator": index}
}

deny contains violation if {
	some index, component in input.components
	count(object.get(component, "licenses", [])) == 0
	violation := {"message": sprintf("%s states no licence", [component.name]), "locator": index}
}

deny contains violation if {
	some index, component in input.components
	some choice in component.licenses
	not object.get(choice, ["license", "id"], object.get(choice, "expression", "")) in allowed
	violation := {"message": sprintf("the licence of %s is not allowed", [component.name]), "locator": index}
}

deny contains violation if {
	some index, component in input.components
	not pinned(component)
	violation := {"message": sprintf("%s is not pinned", [component.name]), "locator": index}
}

pinned(component) if {
	some hash in component.hashes
	hash.alg in {"SHA-256", "SHA-384", "SHA-512"}
}
"""
"""What the rules sbom.complete, sbom.licences and sbom.pinned ask, asked of a raw CycloneDX document."""


class World:
    """A folder with a subject, keys, packs and gates.

    Args:
        folder: Where to make it.
        opa_digest: The digest of the OPA that the gates allow.
    """

    def __init__(self, folder: Path, opa_digest: str) -> None:
        self.folder = folder
        self._opa_digest = opa_digest
        folder.mkdir(parents=True)
        self.write("app.whl", b"the artifact")
        for name in ("ci", "gate"):
            self._make_key(name)
        for name, text in _TRUST.items():
            self.write(f"{name}.toml", text.encode())
        self.write("packs/bench/pack.toml", b'name = "bench"\nversion = "1.0.0"\ndescription = "Measured."\n')
        for name, text in rule_texts().items():
            self.write(f"packs/bench/{name}/{name}.rego", text.encode())

    def write(self, name: str, data: bytes) -> Path:
        """Write a file below the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def gate(self, name: str, *, rules: list[str], trust: str, pack: str = "packs") -> Path:
        """Write a gate of one stage with its lock."""
        text = _GATE.format(
            opa=self._opa_digest, pack=json.dumps(pack), trust=trust, stage="build", rules=json.dumps(rules)
        )
        if "sbom.licences" not in rules:
            text = "".join(line + "\n" for line in text.splitlines() if "sbom.licences" not in line)
        path = self.write(f"{name}.toml", text.encode())
        write_lock(load_gate(path), lock_path(path))
        return path

    def _make_key(self, name: str) -> None:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.write(f"{name}.key", private).chmod(0o600)
        self.write(f"{name}.pub", public)
