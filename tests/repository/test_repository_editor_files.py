"""The schemas of ``gate.toml``, ``trust.toml`` and ``pack.toml`` say what the loaders say."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import examples
from gatekeeper import cli
from gatekeeper.errors import GatekeeperError
from gatekeeper.load.gate_file import load_gate
from gatekeeper.load.packs import load_packs
from gatekeeper.load.table import Table
from gatekeeper.trust import sigstore
from tree import ROOT, name_of, tracked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NAMES: Final = ("gate", "trust", "pack")
SCHEMAS: Final = {name: json.loads((ROOT / f"schemas/{name}-file.json").read_text()) for name in NAMES}

GATE: Final = """\
name = "parcel"
repository = "owner/parcel"
engine = "opa 1.22.2"
engine_digests = ["sha256:x"]
pack_dirs = ["gatekeeper", "packs"]
trust = "trust.toml"
open_trust = false

[waivers]
role = "security"
max = "30d"
max_count = 3
max_per_rule = 2

[emergency]
role = "security"
max = "4h"
never = ["tests.passed"]
review = "release-manager"

[engine_server]
url = "https://opa.example.org"
ca = "ca.pem"

[stages.build]
rules = ["tests.passed", "coverage.lines"]
valid_for = "7d"
[stages.build.parameters.coverage.lines]
minimum_percent = 90
[stages.build.evidence.unit]
kind = "test_results"
shards = 2
count = 1
max_age = "24h"
on_repeat = "all"
time = "claimed"
[stages.build.evidence.lines]
kind = "coverage"
of = "artifact"
named = "*.whl"
[stages.build.evidence.before]
baseline = "build"
max_age = "90d"
unsigned = false
without = "release-manager"

[stages.canary]
rules = ["tests.passed"]
after = "build"
unsigned = false
trail = true
canary = true
valid_for = "1d"
[stages.canary.evidence.unit]
kind = "test_results"
[[stages.canary.approvals]]
role = "release-manager"
count = 1
not = ["author", "deployer"]
veto = ["security"]
[[stages.canary.approvals]]
[[stages.canary.approvals.any]]
role = "security"
[[stages.canary.approvals.any]]
[[stages.canary.approvals.any.all]]
role = "release-manager"
[[stages.canary.approvals.any.all]]
role = "security"
[[stages.canary.freezes]]
name = "holidays"
from = 2026-12-20T00:00:00Z
until = 2027-01-03T00:00:00+01:00
exception = "security"

[stages.back]
valid_for = "1h"
[stages.back.revert]
when = "canary"
to = "build"
max_age = "24h"
within = "90d"
role = "security"
gates = ["sha256:x"]
"""

TRUST: Final = """\
[signers.ci]
key = "@0@"
from = 2026-01-01T00:00:00Z
until = 2027-01-01T00:00:00Z
[signers.builder]
issuer = "https://token.example.org"
identity = "https://example.org/builder"
repository = "{subject.repository}"
[signers.builder.claims]
source_repository_ref = "refs/heads/main"

[people.ada]
logins = ["github:ada"]
[[people.ada.roles]]
role = "release-manager"
from = 2026-01-01T00:00:00Z
until = 2027-01-01T00:00:00Z
[[people.ada.keys]]
key = "@1@"
from = 2026-01-01T00:00:00Z
until = 2027-01-01T00:00:00Z
[people.ben]
roles = ["security", "release-manager"]

[accept]
decision = ["ci"]
provenance = ["ci"]
test_results = ["ci", "builder"]
[stages.build.accept]
test_results = ["unsigned"]

[sigstore.trusted_root]
path = "root.json"
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""

PACK: Final = """\
name = "cluster"
version = "1.0.0"
description = "What runs in the cluster."
style = "conftest"
[rules.workloads]
namespace = "main"
title = "Workloads keep to the rules"
description = "Better refused before."
remedy = "Mend the manifest."
severity = "high"
controls = ["SSDF-PS.1.1"]
requires = ["kind"]
combine = false
"""

FILES: Final = {"gate": GATE, "trust": TRUST, "pack": PACK}


def plain(value: Any) -> Any:
    """TOML as an editor's extension shows it to a schema: times are text."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def problems(name: str, text: str) -> list[str]:
    found = jsonschema.Draft7Validator(SCHEMAS[name]).iter_errors(plain(tomllib.loads(text)))
    return [f"{error.json_path}: {error.message}" for error in found]


def load(folder: Path, files: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sigstore, "check_trusted_root", lambda _data: None)
    keys = [Ed25519PrivateKey.from_private_bytes(bytes([at]) * 32).public_key() for at in (1, 2)]
    trust = files["trust"]
    for at, key in enumerate(keys):
        trust = trust.replace(f"@{at}@", key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())
    written = {
        "gate.toml": files["gate"],
        "trust.toml": trust,
        "root.json": "",
        "ca.pem": "",
        "packs/cluster/pack.toml": files["pack"],
        "packs/cluster/main.rego": "package main\n\ndeny contains 1 if input.x\n",
    }
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    load_packs([folder / "packs"])
    load_gate(folder / "gate.toml", whole=False)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_schema_and_none_of_evidence(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMAS[name])
    assert "x-kind" not in SCHEMAS[name]


@pytest.mark.parametrize(
    "path", [path for path in tracked() if path.name in {f"{name}.toml" for name in NAMES}], ids=name_of
)
def test_every_file_here_and_every_template_is_valid(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for mark, value in {"name": "parcel", "opa": "1.22.2", "extends": "gatekeeper:python-package"}.items():
        text = text.replace(f"@{mark}@", value)
    text = re.sub(r'"opa @.*?@"', '"opa 1.22.2"', text)
    found = problems(path.stem, text)
    if path == ROOT / "gates/start/gate.toml":  # init fills its rules in
        found = [problem for problem in found if "rules" not in problem]
    assert found == []


def documented() -> Iterator[Any]:
    for path in tracked():
        for example in examples.examples_in(path) if path.suffix == ".md" else ():
            name = example.note.rpartition("/")[2].removeprefix("file ").removesuffix(".toml")
            if example.language == "toml" and name in NAMES:
                yield pytest.param(name, example.text, id=example.place)


@pytest.mark.parametrize(("name", "text"), list(documented()))
def test_every_file_in_the_documents_is_valid(name: str, text: str) -> None:
    assert problems(name, text) == []


def test_what_has_every_key_is_valid_and_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [found for name, text in FILES.items() for found in problems(name, text)] == []
    load(tmp_path, FILES, monkeypatch)


def test_the_keys_of_each_table_are_those_that_the_loader_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    take, finish = Table._take, Table.finish

    def taking(table: Table, key: str, *arguments: Any) -> Any:
        known.setdefault((table.file.path.stem, table.path), set()).add(key)
        return take(table, key, *arguments)

    def finishing(table: Table, *keys: str) -> None:
        known.setdefault((table.file.path.stem, table.path), set()).update(keys)
        finish(table, *keys)

    monkeypatch.setattr(Table, "_take", taking)
    monkeypatch.setattr(Table, "finish", finishing)
    load(tmp_path, FILES, monkeypatch)
    compared = 0
    for (name, path), keys in known.items():
        if name == "pack" and not path:
            keys |= {"name", "version", "description"}  # read before the table is made
        if path[-1:] in {("any",), ("all",)}:
            keys.discard("veto")  # the loader knows it and refuses it there: a no of a branch closes nothing
        said = members(SCHEMAS[name], path)
        if said is not None:
            compared += 1
            assert keys == said, (name, path)
    assert compared >= 25


def members(schema: dict[str, Any], path: tuple[str, ...]) -> set[str] | None:
    """The members that a schema knows at a path; None where any name goes."""
    nodes = unfolded(schema, schema)
    for step in path:
        inner = [node["properties"][step] for node in nodes if step in node.get("properties", {})]
        inner = inner or [
            node["additionalProperties"] for node in nodes if isinstance(node.get("additionalProperties"), dict)
        ]
        nodes = [found for node in inner for found in unfolded(node, schema)]
    closed = [set(node["properties"]) for node in nodes if node.get("additionalProperties") is False]
    if len(closed) > 1:  # a slot: of evidence, or of a baseline
        closed = [held for held in closed if ("baseline" in held) == (path[-1] == "before")]
    return closed[0] if closed else None


def unfolded(node: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """A schema, or those that stand behind references, lists and alternatives."""
    if "$ref" in node:
        return unfolded(schema["definitions"][node["$ref"].rpartition("/")[2]], schema)
    if "properties" in node or "additionalProperties" in node:
        return [node]
    inner = [*node.get("anyOf", ()), *(node[name] for name in ("then", "else", "items") if name in node)]
    return [found for item in inner for found in unfolded(item, schema)]


def with_unknown() -> Iterator[Any]:
    for name, text in FILES.items():
        lines = text.split("\n")
        for at in [-1, *(at for at, line in enumerate(lines) if line.startswith("["))]:
            if at < 0 or "parameters" not in lines[at]:
                changed = "\n".join([*lines[: at + 1], "zzz = 1", *lines[at + 1 :]])
                yield pytest.param(name, changed, id=f"{name} {lines[at] if at >= 0 else ''}")


@pytest.mark.parametrize(("name", "text"), list(with_unknown()))
def test_what_one_does_not_know_neither_does(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert problems(name, text)
    with pytest.raises(GatekeeperError):
        load(tmp_path, {**FILES, name: text}, monkeypatch)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("gate", 'name = "parcel"', 'name = "Parcel"'),
        ("gate", 'name = "parcel"\n', ""),
        ("gate", 'engine = "opa 1.22.2"', 'engine = "1.22.2"'),
        ("gate", "owner/parcel", "parcel"),
        ("gate", 'max = "30d"', 'max = "30 days"'),
        ("gate", 'max = "30d"\n', ""),
        ("gate", "max_count = 3", "max_count = 0"),
        ("gate", "shards = 2", "shards = true"),
        ("gate", 'on_repeat = "all"', 'on_repeat = "first"'),
        ("gate", 'of = "artifact"', 'of = "tag"'),
        ("gate", "canary = true", 'canary = "yes"'),
        ("gate", 'valid_for = "7d"\n', ""),
        ("gate", 'not = ["author", "deployer"]', 'not = ["autor"]'),
        ("gate", "T00:00:00Z", "T00:00:00"),
        ("gate", 'kind = "coverage"\n', ""),
        ("gate", 'max_age = "90d"\n', ""),
        ("gate", 'within = "90d"\n', ""),
        ("gate", '"sha256:x"]\n', '"x"]\n'),
        ("gate", '"https://opa', '"ftp://opa'),
        ("gate", "[stages.build]", "[stages.Build]"),
        ("gate", 'rules = ["tests.passed", "coverage.lines"]', 'rules = "tests.passed"'),
        ("trust", 'identity = "https://example.org/builder"\n', ""),
        ("trust", "source_repository_ref", "ref"),
        ("trust", '["ci", "builder"]', '"ci"'),
        ("trust", 'sha256 = "e3', 'sha256 = "xx'),
        ("trust", "signers.ci]", "signers.unsigned]"),
        ("trust", 'logins = ["github:ada"]', "logins = [1]"),
        ("pack", '"1.0.0"', '"1.0"'),
        ("pack", '"conftest"', '"rego"'),
        ("pack", 'requires = ["kind"]', "requires = []"),
        ("pack", 'style = "conftest"\n', ""),
        ("pack", '"high"', '"severe"'),
        ("pack", 'namespace = "main"', 'namespace = "data main"'),
        ("pack", "rules.workloads", "rules.Workloads"),
        ("pack", 'title = "Workloads keep to the rules"\n', ""),
    ],
)
def test_what_one_refuses_the_other_refuses(
    name: str, old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = FILES[name].replace(old, new)
    assert changed != FILES[name]
    assert problems(name, changed)
    with pytest.raises(GatekeeperError):
        load(tmp_path, {**FILES, name: changed}, monkeypatch)


def check(opa: Path, schema: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(opa), "check", "--strict", "--schema", str(schema), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_schema_for_editors_takes_every_standard_pack_with_its_tests(
    tmp_path: Path, opa_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["policy", "schemas", "--folder", str(ROOT / "policies"), "-o", str(tmp_path)]) == 0
    assert sorted(capsys.readouterr().out.split()) == sorted(str(path) for path in tmp_path.iterdir())
    done = check(opa_path, tmp_path / "input.json", str(ROOT / "policies"))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_schema_of_a_rule_knows_what_it_declares_and_nothing_else(tmp_path: Path, opa_path: Path) -> None:
    arguments = ["policy", "schemas", "tests.passed", "--folder", str(ROOT / "policies"), "-o", str(tmp_path)]
    assert cli.run(arguments) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["input.json", "tests.passed.json"]
    schema = tmp_path / "tests.passed.json"
    own, other = ROOT / "policies/tests/passed/passed.rego", ROOT / "policies/coverage/lines/lines.rego"
    assert check(opa_path, schema, str(own)).returncode == 0
    assert "undefined ref: input.coverage" in check(opa_path, schema, str(other)).stderr


def test_no_schema_is_written_for_policies_of_conftest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path, FILES, monkeypatch)
    assert cli.run(["policy", "schemas", "--folder", str(tmp_path / "packs"), "-o", str(tmp_path / "out")]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["input.json"]
