"""Trust: who signed, with which key, when, as whom; and what ``trust.toml`` may say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bases import GREEN, INTEGRATION, SIGSTORE, rebuilt
from harms import all_of, envelope, flip, remove, shard, trust, unit
from scenario import DENY, NO_DECISION, Line
from sigstore_project import CLAIMS, CLAIMS_OF_A_FORK, IDENTITY, STRANGER, bundled

from gatekeeper.approval import APPROVAL_NAMESPACE
from gatekeeper.facts import FACTS_TYPE
from project import ran_tests, signing_key

if TYPE_CHECKING:
    from scenario import Harm

    from project import Project


def _key_id_of_ci(value: dict[str, Any]) -> None:
    value["signatures"][0]["keyid"] = signing_key("ci").public.fingerprint


def _facts_by_ssh(project: Project) -> None:
    said = {
        "kind": "test_results", "slot": "unit", "shard": "1/1", "format": "test", "facts": ran_tests(),
        "raw": project.raw_of("unit"),
    }  # fmt: skip
    project.sign_ssh(said, FACTS_TYPE, ["ada"], "unit", namespace=APPROVAL_NAMESPACE)


def _bundle_where_keys_are_trusted(project: Project) -> None:
    project.write("evidence/unit.json", bundled(project, "unit"))


def tested_by(**options: Any) -> Harm:
    """The unit tests in another Sigstore bundle."""
    return lambda project: project.write("evidence/unit.sigstore.json", bundled(project, "unit", **options))


def _no_root(project: Project) -> None:
    project.write("trust.toml", (project.folder / "trust.toml").read_text().partition("[sigstore]")[0])


def _exchanged(value: dict[str, Any]) -> None:
    value["dsseEnvelope"]["payload"] = value["dsseEnvelope"]["payload"][:-8] + "AAAAfQ=="


def _tomorrow(project: Project) -> None:
    tested_by(at=project.now + timedelta(days=1))(project)


def _ci_accepts_unsigned_in_build(project: Project) -> None:
    project.edit("trust.toml", "[accept]", '[stages.build.accept]\ntest_results = ["ci", "unsigned"]\n[accept]')


UNSIGNED_SHARDS = all_of(
    rebuilt(INTEGRATION, _ci_accepts_unsigned_in_build),
    shard(ran_tests(1), "e2e-1", shard="1/2", signer=None),
    shard(ran_tests(2), "e2e-2", shard="2/2", signer=None),
)

denied = Line(GREEN, DENY)
unreadable = Line(GREEN, NO_DECISION)
integration = Line(INTEGRATION, DENY)
sigstore = Line(SIGSTORE, DENY)
sigstore_unreadable = Line(SIGSTORE, NO_DECISION)

# fmt: off
KEYS = (
    denied("signed by nobody we know", unit(ran_tests(), signer="stranger"), "no signature holds under a key of trust.toml", "trust.dsse"),
    denied("a stranger's signature under the key id of the CI", all_of(unit(ran_tests(), signer="stranger"), envelope(_key_id_of_ci)), "no signature holds under a key of trust.toml", "trust.dsse"),
    denied("signed by somebody whose word counts for something else", unit(ran_tests(), signer="scanner"), "signed by scanner; test_results is accepted from ci at build", "verify.accept"),
    denied("signed by a person instead of the CI", unit(ran_tests(), signer="ada"), "signed by ada; test_results is accepted from ci at build", "verify.accept"),
    denied("not signed where a signature is asked", unit(ran_tests(), signer=None), "signed by nobody; test_results is accepted from ci at build", "verify.accept"),
    denied("coverage that nobody's word counts for", trust('coverage = ["ci"]\n', ""), "coverage is accepted from nobody at build", "verify.accept"),
    denied("by a key that has ended", trust('key = "keys/ci.pub"', 'key = "keys/ci.pub"\nuntil = 2026-01-01T00:00:00Z'), "the key of ci does not count at this time", "trust.period"),
    denied("by a key that has not begun", trust('key = "keys/ci.pub"', 'key = "keys/ci.pub"\nfrom = 2096-01-01T00:00:00Z'), "the key of ci does not count at this time", "trust.period"),
    denied("facts that a person signed by SSH, as approvals are", _facts_by_ssh, "SSH signatures count for what people sign only", "trust.ssh_purpose"),
    denied("a Sigstore bundle where no trusted root is named", all_of(remove("evidence/unit.json"), _bundle_where_keys_are_trusted), "trust.toml names no Sigstore trusted root", "trust.root"),
    integration("unsigned where only another stage accepts that", UNSIGNED_SHARDS, "signed by nobody; test_results is accepted from ci at integration", "trust.stage"),
)

IDENTITIES = (
    sigstore("by another workflow", tested_by(identity=IDENTITY.replace("build.yml", "evil.yml")), "who is no signer here", "trust.identity"),
    sigstore("by a workflow whose name only begins so", tested_by(identity=f"{IDENTITY}-beta"), "who is no signer here", "trust.identity"),
    sigstore("by the same workflow on another ref", tested_by(identity=IDENTITY.replace("refs/tags/v3", "refs/heads/v3")), "who is no signer here", "trust.identity"),
    sigstore("by the same workflow in other letters", tested_by(identity=IDENTITY.replace("acme", "Acme")), "who is no signer here", "trust.identity"),
    sigstore("by an identity of another issuer", tested_by(issuer="https://token.example.test"), "who is no signer here", "trust.identity"),
    sigstore("by the right workflow for another repository", tested_by(claims=CLAIMS_OF_A_FORK), "who is no signer here", "trust.identity"),
    sigstore("by a run that a pull request started", tested_by(claims={**CLAIMS, 20: "pull_request"}), "who is no signer here", "trust.identity"),
    sigstore("signed tomorrow", _tomorrow, "which is in the future", "verify.future"),
    sigstore("a bundle of another Sigstore", tested_by(instance=STRANGER), "the transparency log is not in the trusted root", "trust.sigstore"),
    sigstore("a payload exchanged in a bundle", envelope(_exchanged, "evidence/unit.sigstore.json"), "the signature does not hold", "trust.sigstore"),
    sigstore("a bundle about another subject", tested_by(subject={"name": "app.whl", "digest": {"sha256": "0" * 64}}), "it is about another subject", "verify.subject"),
    sigstore_unreadable("one bit of the trusted root", flip("trusted_root.json"), "is not the trusted root that is pinned", "trust.root_pin"),
    sigstore_unreadable("a Sigstore identity without a trusted root", _no_root, "no trusted root is named", "trust.root_named"),
)

TRUST_FILE = (
    unreadable("an option of another tool in trust.toml", trust('key = "keys/ci.pub"', 'key = "keys/ci.pub"\nsubjectRegExp = ".*"'), "'subjectRegExp' is not known here", "config.unknown"),
    unreadable("a misspelt period of a key", trust('roles = ["security"]\nkeys = [{', 'roles = ["security"]\nkeys = [{ untl = 2026-01-01T00:00:00Z,'), "'untl' is not known here", "config.unknown_entry"),
    unreadable("a signer that nobody is", trust('coverage = ["ci"]', 'coverage = ["cl"]'), "'cl' is no signer", "trust.names"),
    unreadable("trust for a kind that nobody knows", trust('coverage = ["ci"]', 'covrage = ["ci"]'), "no kind of evidence is called 'covrage'", "trust.kinds"),
    unreadable("decisions accepted unsigned", trust('decision = ["gate"]', 'decision = ["gate", "unsigned"]'), "a decision is accepted signed only", "trust.decisions"),
    unreadable("a stage that is loosened and not there", trust("[accept]", '[stages.biuld.accept]\ncoverage = ["unsigned"]\n[accept]'), "trust.toml loosens the stage 'biuld'", "gate.trust_stages"),
    unreadable("one key of two people", lambda project: project.edit("trust.toml", project.public("bo"), project.public("ada")), "ada and bo hold the same key", "trust.apart"),
    unreadable("one login of two people", trust('logins = ["github:bo"]', 'logins = ["github:ada"]'), "ada and bo have the same login", "trust.apart"),
    unreadable("a key file that holds no key", lambda project: project.write("keys/ci.pub", "not a key"), "trust.toml:2", "trust.key"),
    unreadable("a time without a zone", trust('key = "keys/ci.pub"', 'key = "keys/ci.pub"\nuntil = 2096-01-01T00:00:00'), "until has no time zone", "config.instant"),
)
# fmt: on

AREA = "trust"
SCENARIOS = (*KEYS, *IDENTITIES, *TRUST_FILE)
