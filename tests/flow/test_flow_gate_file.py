"""`gate.toml`: every mistake is an error with file, line and what to write instead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatekeeper.errors import GatekeeperError
from gatekeeper.load.gate_file import load_gate

GATE = """\
name    = "parcel"
repository = "acme/parcel"
engine  = "opa 1.22.2"
trust   = "trust.toml"

[waivers]
role = "release-manager"
max  = "30d"

[stages.build]
rules     = ["coverage.lines"]
parameters.coverage.lines.minimum_percent = 85
valid_for = "7d"

[stages.build.evidence]
coverage = { kind = "coverage", max_age = "24h", time = "claimed" }

[stages.integration]
after     = "build"
rules     = ["coverage.*"]
approvals = [{ role = "release-manager", count = 2 }]
freezes   = [{ name = "year end", from = 2026-12-20T00:00:00Z, until = 2027-01-04T01:00:00+01:00 }]
valid_for = "12h"
[stages.integration.evidence]
coverage = { kind = "coverage", shards = 4, on_repeat = "latest" }
"""
TRUST = """\
[signers.gate]
key = "gate.pub"

[people.ada]
roles = ["release-manager"]

[accept]
coverage = ["gate"]
decision = ["gate"]

[stages.build.accept]
coverage = ["gate", "unsigned"]
"""
KEY = """\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""


def write(folder: Path, gate: str = GATE, trust: str = TRUST, **files: str) -> Path:
    (folder / "gate.toml").write_text(gate)
    (folder / "trust.toml").write_text(trust)
    (folder / "gate.pub").write_text(KEY)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder / "gate.toml"


def test_a_gate_is_read_whole(tmp_path: Path) -> None:
    gate = load_gate(write(tmp_path))
    build, integration = gate.stages["build"], gate.stages["integration"]
    assert (gate.name, gate.repository, gate.engine) == ("parcel", "acme/parcel", "1.22.2")
    assert build.parameters == {"coverage.lines": {"minimum_percent": 85}}
    assert build.slots["coverage"].max_age == timedelta(days=1)
    assert integration.after == "build"
    assert "coverage.lines" in [rule.id for rule in integration.rules]
    assert integration.freezes[0].period.end == datetime(2027, 1, 4, tzinfo=UTC)
    assert gate.places["build"]["slot.coverage"] == ("gate.toml", 16)
    assert gate.places["integration"]["coverage.lines"] == ("gate.toml", 20)


def test_the_digest_covers_what_can_change_a_verdict_and_not_how_it_is_written(tmp_path: Path) -> None:
    base = load_gate(write(tmp_path)).digest
    assert load_gate(write(tmp_path, "# a comment\n" + GATE)).digest == base
    for change in (
        ("= 85", "= 86"),
        ('"24h"', '"23h"'),
        ("count = 2", "count = 1"),
        ('valid_for = "7d"', 'valid_for = "6d"'),
        ("2026-12-20", "2026-12-21"),
        ('max  = "30d"', 'max  = "31d"'),
        ("acme/parcel", "acme/other"),
    ):
        assert load_gate(write(tmp_path, GATE.replace(*change))).digest != base, change
    assert load_gate(write(tmp_path, trust=TRUST.replace(', "unsigned"', ""))).digest != base
    assert load_gate(write(tmp_path, trust=TRUST + "\n[people.bo]\nroles = ['x']\n")).digest != base


@pytest.mark.parametrize(
    ("old", "new", "where", "message", "hint"),
    [
        ('name    = "parcel"', "", "gate.toml:1", "name is missing", "add name = ..."),
        ('"parcel"', '"Par cel"', "gate.toml:1", "name is 'Par cel'", "it has the form [a-z0-9][a-z0-9_-]*"),
        ("engine  =", "engin  =", "gate.toml:1", "engine is missing", "add engine = ..."),
        ('"opa 1.22.2"', '"opa"', "gate.toml:3", "engine is 'opa'", "it has the form opa \\d+\\.\\d+\\.\\d+"),
        ('valid_for = "7d"', "", "gate.toml:10", "valid_for is missing: an allow is never for ever", 'valid_for = "7d"'),
        ('"7d"', '"31d"', "gate.toml:13", "valid_for is longer than 30d", ""),
        ('"7d"', '"a week"', "gate.toml:13", "valid_for: not a duration", "write 30m, 24h or 7d"),
        ('["coverage.lines"]', "[]", "gate.toml:11", "no rule is named", 'rules = ["tests.*"]'),
        ("minimum_percent = 85", "minimum_percent = 101", "gate.toml:12", "minimum_percent: 101 is above 100", ""),
        ("minimum_percent = 85", 'minimum_percent = "85"', "gate.toml:12", "minimum_percent: string, where integer is needed", ""),
        ("minimum_percent = 85", "minimum_percnt = 85", "gate.toml:12", "coverage.lines has no parameter 'minimum_percnt'", "did you mean minimum_percent?"),
        ("coverage.lines.min", "coverage.line.min", "gate.toml:12", "coverage.line is no rule of this stage", "did you mean coverage.lines?"),
        ('kind = "coverage", max', 'kind = "covrage", max', "gate.toml:16", "no kind of evidence is called 'covrage'", "did you mean coverage?"),
        ("max_age =", "max_aeg =", "gate.toml:16", "'max_aeg' is not known here", "did you mean max_age?"),
        ('time = "claimed"', 'time = "claimd"', "gate.toml:16", "time is 'claimd'", "did you mean claimed?"),
        ("shards = 4", "shards = 0", "gate.toml:25", "shards is 0, at least 1 is needed", ""),
        ("shards = 4", "shards = true", "gate.toml:25", "shards is not a whole number", ""),
        ('after     = "build"', 'after     = "biuld"', "gate.toml:19", "after names 'biuld', which is no other stage", "did you mean build?"),
        ("count = 2", "count = 0", "gate.toml:21", "count is 0, at least 1 is needed", ""),
        ("count = 2", "count = true", "gate.toml:21", "count is not a whole number", ""),
        ("count = 2", 'count = "2"', "gate.toml:21", "count is not a whole number", ""),
        ("count = 2", "count = -1", "gate.toml:21", "count is -1, at least 1 is needed", ""),
        ('role = "release-manager", count', 'role = "realease-manager", count', "gate.toml:21", "nobody in trust.toml has the role 'realease-manager'", "did you mean release-manager?"),
        ("count = 2 }", 'count = 2, not = ["auther"] }', "gate.toml:21", "not = ['auther'] is not known", "known here: author, deployer"),
        ("from = 2026-12-20T00:00:00Z", "from = 2026-12-20T00:00:00", "gate.toml:22", "from has no time zone", "write 2026-12-20T00:00:00Z for UTC"),
        ("from = 2026-12-20T00:00:00Z", "from = 2027-12-20T00:00:00Z", "gate.toml:22", "a freeze goes from one time until a later one", "from = ..., until = ..."),
        ('coverage = { kind = "coverage", max_age = "24h", time = "claimed" }', "", "gate.toml:15", "coverage.lines needs coverage, and no slot expects it", '[stages.build.evidence] coverage = { kind = "coverage" }'),
        ("[stages.build]", 'extends = "git+https://example.org@v1"\n[stages.build]', "gate.toml:10", "'extends' is not known here", "known here: max, max_count, max_per_rule, role"),
        ('{ kind = "coverage", shards', '{ kind = "coverage", of = "commit", shards', "gate.toml:24", "the slot coverage follows provenance to commit, and trust.toml accepts that from nobody", '[accept] provenance = ["ci"]'),
        ('max  = "30d"', "", "gate.toml:6", "a waiver needs a maximum length of at most 365d", 'max = "30d"'),
        ("[stages.build]", "[stages.build]\nrule = 3", "gate.toml:11", "'rule' is not known here", "did you mean rules?"),
        ("name    =", "name    ==", "gate.toml:1", "not TOML: Invalid value (at line 1, column 10)", ""),
        ('trust   = "trust.toml"', 'trust   = "trsut.toml"', "gate.toml:4", "trsut.toml: there is no such file", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_an_error_with_its_place(
    tmp_path: Path, old: str, new: str, where: str, message: str, hint: str
) -> None:
    assert old in GATE
    with pytest.raises(GatekeeperError) as caught:
        load_gate(write(tmp_path, GATE.replace(old, new, 1)))
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert Path(caught.value.where).name == where
    assert caught.value.exit_code in {2, 3}


@pytest.mark.parametrize(
    ("old", "new", "where", "message", "hint"),
    [
        ('coverage = ["gate"]', 'covrage = ["gate"]', "trust.toml:8", "no kind of evidence is called 'covrage'", "did you mean coverage?"),
        ('coverage = ["gate"]', 'coverage = ["gaet"]', "trust.toml:8", "'gaet' is no signer", "did you mean gate?"),
        ('decision = ["gate"]', 'decision = ["unsigned"]', "trust.toml:9", "a decision is accepted signed only", ""),
        ('decision = ["gate"]', "", "gate.toml:10", "integration comes after build, and trust.toml accepts decisions from nobody", '[accept] decision = ["gate"]'),
        ("[stages.build.accept]", "[stages.biuld.accept]", "gate.toml:10", "trust.toml loosens the stage 'biuld', which the gate does not have", ""),
        ('key = "gate.pub"', 'key = "nothere.pub"', "trust.toml:2", "nothere.pub: there is no such file", ""),
        ('key = "gate.pub"', 'issuer = "https://i"\nidentity = "https://x"\nsubjectRegExp = ".*"', "trust.toml:4", "'subjectRegExp' is not known here", "known here: claims, from, identity, issuer, key, repository, until"),
        ('key = "gate.pub"', 'issuer = "https://i"\nidentity = "https://x"', "trust.toml:1", "a signer is a Sigstore identity, and no trusted root is named", 'add [sigstore] trusted_root = { path = "trusted_root.json", sha256 = "..." }'),
        ('key = "gate.pub"', 'identity = "https://x"', "trust.toml:1", "issuer is missing", "add issuer = ..."),
        ("[signers.gate]", "[signers.unsigned]", "trust.toml:1", "no signer can be called unsigned", ""),
        ('roles = ["release-manager"]', 'rolls = ["release-manager"]', "trust.toml:5", "'rolls' is not known here", "did you mean roles?"),
        ("[accept]", '[people.bo]\nlogins = ["github:ada"]\n[people.eve]\nlogins = ["github:ada"]\n[accept]', "trust.toml:1", "bo and eve have the same login github:ada", ""),
        ("[accept]", "[people.gate]\n[accept]", "trust.toml:1", "gate is a signer and a person", "use two names"),
        ("[accept]", '[signers.other]\nkey = "gate.pub"\n[accept]', "trust.toml:1", "gate and other hold the same key", "one key, one holder"),
        ('key = "gate.pub"', 'key = "trust.toml"', "trust.toml:2", "not a public key", ""),
    ],
)  # fmt: skip
def test_a_mistake_in_trust_is_an_error_with_its_place(
    tmp_path: Path, old: str, new: str, where: str, message: str, hint: str
) -> None:
    assert old in TRUST
    with pytest.raises(GatekeeperError) as caught:
        load_gate(write(tmp_path, trust=TRUST.replace(old, new, 1)))
    assert caught.value.message == message
    if hint:
        assert caught.value.hint == hint
    assert Path(caught.value.where).name == where


def test_an_approval_that_excludes_the_author_brings_the_slot_that_names_them(tmp_path: Path) -> None:
    excluding = GATE.replace("count = 2 }", 'count = 2, not = ["author"] }')
    slots = load_gate(write(tmp_path, excluding)).stages["integration"].slots
    assert slots["change"].kind == "change"
    assert "change" not in load_gate(write(tmp_path)).stages["integration"].slots


def test_people_may_have_a_file_of_their_own(tmp_path: Path) -> None:
    people = '[bo]\nroles = [{ role = "release-manager", until = 2027-01-01T00:00:00Z }]\n'
    gate = load_gate(write(tmp_path, people__toml=people))
    assert sorted(gate.trust.people) == ["ada", "bo"]
    assert gate.trust.people["bo"].has_role("release-manager", datetime(2026, 12, 31, tzinfo=UTC))
    assert not gate.trust.people["bo"].has_role("release-manager", datetime(2027, 1, 1, tzinfo=UTC))
    with pytest.raises(GatekeeperError, match=r"ada is in trust\.toml too"):
        load_gate(write(tmp_path, people__toml="[ada]\nroles = []\n"))


def test_the_repository_of_the_subject_has_to_be_known(tmp_path: Path) -> None:
    bound = TRUST.replace(
        'key = "gate.pub"', 'issuer="https://i"\nidentity="https://x"\nrepository="{subject.repository}"'
    )
    with pytest.raises(GatekeeperError) as caught:
        load_gate(write(tmp_path, GATE.replace('repository = "acme/parcel"', ""), bound))
    assert caught.value.message == "{subject.repository} has no value"


def test_a_trusted_root_is_the_one_that_is_pinned(tmp_path: Path) -> None:
    pinned = TRUST + f'[sigstore]\ntrusted_root = {{ path = "root.json", sha256 = "{"0" * 64}" }}\n'
    with pytest.raises(GatekeeperError) as caught:
        load_gate(write(tmp_path, trust=pinned, root__json="{}"))
    assert caught.value.message == "root.json is not the trusted root that is pinned"
    assert caught.value.exit_code == 3
