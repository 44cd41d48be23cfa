"""The contract's own example of `gate.toml` and `trust.toml` loads, with the lines removed that come later."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import sigstore

from gatekeeper.load.gate_file import load_gate
from project import TESTS_RULE, public_of

HOUR = timedelta(hours=1)

GATE = """\
name    = "parcel"
repository = "acme/parcel"                 # what {subject.repository} is; part of the gate's digest, compared by admit
engine  = "opa 1.22.2"                     # the version this gate was tested with; another one is an error
pack_dirs = ["gatekeeper", "policies/"]    # folders of packs: those shipped with the library, and our own
trust   = "trust.toml"
# extends = "git+https://...@v14"          # (B) an organisation's base gate

[stages.build]
rules    = ["tests.*", "coverage.lines", "naming.*"]       # no match is an error; gate.lock keeps the resolved list
parameters.coverage.lines.minimum_percent = 85             # checked against the rule's own schema
valid_for = "7d"                           # required

[stages.build.evidence]                    # slots: what has to be here
unit     = { kind = "test_results", shards = 4 }
coverage = { kind = "coverage" }
scan     = { kind = "vulnerabilities", max_age = "24h" }
e2e      = { kind = "test_results", on_repeat = "latest" } # default "all": every repeat must pass

[stages.integration]
after     = "build"                        # needs the signed allow record of that stage for the same subject
rules     = ["tests.*", "performance.*", "vulnerabilities.*"]
approvals = [{ role = "release-manager", count = 1, not = ["author"] }]
freezes   = [{ name = "year end", from = 2026-12-20T00:00:00Z, until = 2027-01-04T00:00:00Z }]
valid_for = "7d"
[stages.integration.evidence]
e2e      = { kind = "test_results" }
load     = { kind = "performance" }
scan     = { kind = "vulnerabilities", max_age = "24h" }

EMERGENCY
"""
EMERGENCY = """\
[emergency]                                # (B) break-glass
role = "incident-commander"
max = "4h"
never = ["provenance.trusted_builder"]
"""
TRUST = """\
[signers.ci]
issuer     = "https://token.actions.githubusercontent.com"
identity   = "https://github.com/acme/ci/.github/workflows/build.yml@refs/tags/v3"
repository = "{subject.repository}"        # speaks only for its own repository
[signers.scanner]
key = "keys/scanner.pub"
[signers.gate]
key = "keys/gate.pub"

[people.ada]
roles  = ["release-manager"]
keys   = [{ key = "ADA", from = 2026-01-01T00:00:00Z }]
logins = ["github:ada"]

[accept]                                   # a kind that is not listed is accepted from nobody
test_results    = ["ci"]
vulnerabilities = ["ci", "scanner"]
decision        = ["gate"]
[stages.build.accept]                      # replaces the line above for this stage
test_results = ["ci", "unsigned"]

[sigstore]
trusted_root = { path = "trusted_root.json", sha256 = "ROOT" }
"""


def write(folder: Path, gate: str) -> Path:
    (folder / "keys").mkdir()
    rule = folder / "policies/own/tests"
    rule.mkdir(parents=True)
    (folder / "policies/own/pack.toml").write_text('name = "own"\nversion = "1.0.0"\ndescription = "Our own."\n')
    (rule / "tests.rego").write_text(TESTS_RULE)
    for name in ("scanner", "gate"):
        (folder / "keys" / f"{name}.pub").write_text(public_of(name))
    root = next(Path(sigstore.__file__).parent.glob("_store/*sigstore.dev/trusted_root.json")).read_bytes()
    (folder / "trusted_root.json").write_bytes(root)
    trust = TRUST.replace("ADA", public_of("ada").strip()).replace("ROOT", hashlib.sha256(root).hexdigest())
    (folder / "trust.toml").write_text(trust)
    (folder / "gate.toml").write_text(gate)
    return folder / "gate.toml"


def test_the_example_of_the_contract_loads(tmp_path: Path) -> None:
    gate = load_gate(write(tmp_path, GATE.replace("EMERGENCY", "")))
    build, integration = gate.stages["build"], gate.stages["integration"]
    assert {"tests.passed", "coverage.lines", "naming.subject"} <= {rule.id for rule in build.rules}
    assert build.parameters["coverage.lines"] == {"minimum_percent": 85}
    assert build.slots["unit"].shards == 4
    assert gate.trust.accepted("test_results", "build") == {"ci", "unsigned"}
    assert gate.trust.accepted("test_results", "integration") == {"ci"}
    assert gate.trust.accepted("coverage", "build") == frozenset()
    assert integration.approvals[0].exclude == ("author",)


def test_break_glass_of_the_contract_loads(tmp_path: Path) -> None:
    folder = write(tmp_path, GATE.replace("EMERGENCY", EMERGENCY))
    trust = folder.with_name("trust.toml")
    trust.write_text(trust.read_text().replace('["release-manager"]', '["release-manager", "incident-commander"]'))
    terms = load_gate(folder).emergency
    assert terms is not None
    assert (terms.role, terms.review, terms.max_length) == ("incident-commander", "incident-commander", 4 * HOUR)
    assert terms.spares("provenance.trusted_builder")
