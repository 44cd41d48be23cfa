"""Gates: names, parameters, times and counts in ``gate.toml``, its lock, and the packs that it names."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from bases import GREEN
from harms import all_of, append, edit, gate, nothing, remove, trust, write
from scenario import NO_DECISION, USAGE, Line

if TYPE_CHECKING:
    from scenario import Harm

    from project import Project

UNIT_SLOT = 'unit = { kind = "test_results" }'
BUILD = 'rules = ["own.*"]\nvalid_for = "7d"'
AFTER = 'after = "build"'
APPROVALS = 'role = "release-manager", count = 1'
RULES = 'rules = ["own.*"]'
TESTS_RULE = "policies/own/tests/tests.rego"


def parameter(line: str) -> Harm:
    """Set a parameter of a rule of the first stage."""
    return gate(BUILD, f"{BUILD}\nparameters.{line}")


def freeze(line: str) -> Harm:
    return gate('valid_for = "1d"', f'valid_for = "1d"\nfreezes = [{{ name = "year end", {line} }}]')


def without_folder(name: str) -> Harm:
    return lambda project: shutil.rmtree(project.folder / name)


def _twice(project: Project) -> None:
    shutil.copytree(project.folder / "policies", project.folder / "more")
    project.edit("gate.toml", 'pack_dirs = ["policies"]', 'pack_dirs = ["policies", "more"]')


LIBRARY = "package gatekeeper.own.lib\n\nimport rego.v2\n\nquiet(_) := true\n"
OTHER_PACK = 'name = "other"\nversion = "1.0.0"\ndescription = "Of somebody else."\n'
OTHER_RULE = "policies/other/tests/tests.rego"


def _helper_of_another_pack(project: Project) -> None:
    """Another pack, which is asked as well, brings a body for a helper of ours."""
    project.edit("gate.toml", RULES, 'rules = ["own.*", "other.*"]')
    project.write("policies/other/pack.toml", OTHER_PACK)
    rule = (project.folder / TESTS_RULE).read_text().replace("gatekeeper.own", "gatekeeper.other")
    project.write(OTHER_RULE, rule)
    project.write("policies/other/lib/lib.rego", LIBRARY)


refused = Line(GREEN, NO_DECISION)
misused = Line(GREEN, USAGE)


# fmt: off
NAMES = (
    refused("a misspelt rule name in the gate", gate(RULES, 'rules = ["own.test"]'), "own.test names no rule", "packs.pattern"),
    refused("a pattern that matches nothing", gate(RULES, 'rules = ["onw.*"]'), "onw.* names no rule", "packs.pattern"),
    refused("a pattern that is none", gate(RULES, 'rules = ["*"]'), "'*' names no rule", "packs.pattern"),
    refused("no rule at all", gate(RULES, "rules = []"), "no rule is named", "gate.rules"),
    refused("a misspelt key", gate('valid_for = "7d"', 'valid_for = "7d"\nwaivable = true'), "'waivable' is not known here", "config.unknown"),
    refused("a misspelt key of a slot", gate(UNIT_SLOT, 'unit = { kind = "test_results", shard = 4 }'), "'shard' is not known here", "config.unknown"),
    refused("a trust that extends another, which is not known yet", edit("trust.toml", "[signers.ci]", 'extends = "x"\n[signers.ci]'), "extends is not known yet", "config.later"),
    refused("a slot for a kind that nobody knows", gate('kind = "coverage"', 'kind = "coverge"'), "no kind of evidence is called 'coverge'", "gate.kind"),
    refused("a rule needs a kind that no slot expects", gate('coverage = { kind = "coverage" }\n', ""), "own.coverage needs coverage, and no slot expects it", "gate.slots"),
    refused("a stage after itself", gate(AFTER, 'after = "integration"'), "after names 'integration', which is no other stage", "gate.after"),
    refused("a stage after one that is misspelt", gate(AFTER, 'after = "biuld"'), "after names 'biuld', which is no other stage", "gate.after"),
    refused("two stages after each other", gate(BUILD, f'after = "integration"\n{BUILD}'), "the stages go round in a circle", "gate.order"),
    refused("a stage before whose records nobody may sign", trust('decision = ["gate"]\n', ""), "trust.toml accepts decisions from nobody", "gate.trust_stages"),
    refused("a role that nobody has", gate('role = "release-manager"', 'role = "release-manger"'), "nobody in trust.toml has the role 'release-manger'", "gate.role"),
    refused("approvals not by the athor", gate('not = ["author"]', 'not = ["athor"]'), "not = ['athor'] is not known", "gate.excluded"),
    refused("a gate that is no TOML", append("gate.toml", "\n[stages"), "not TOML", "config.toml"),
    refused("a trust file that is not there", remove("trust.toml"), "trust.toml: there is no such file", "gate.trust"),
    misused("a stage misspelt on the command line", nothing, "has no stage 'biuld'", "gate.stage", run=lambda project: project.decide("biuld")),
)

VALUES = (
    refused("no valid_for: an allow for ever", gate('valid_for = "7d"\n', ""), "valid_for is missing", "gate.valid_for"),
    refused("an allow for more than a month", gate('valid_for = "7d"', 'valid_for = "31d"'), "valid_for is longer than 30d", "gate.valid_for"),
    refused("a unit of time that nobody knows", gate('valid_for = "7d"', 'valid_for = "7w"'), "valid_for: not a duration", "time.duration"),
    refused("a duration without a unit", gate('valid_for = "7d"', 'valid_for = "7"'), "valid_for: not a duration", "time.duration"),
    refused("a quorum of nobody", gate(APPROVALS, 'role = "release-manager", count = 0'), "count is 0, at least 1 is needed", "config.integer"),
    refused("a quorum below zero", gate(APPROVALS, 'role = "release-manager", count = -1'), "count is -1, at least 1 is needed", "config.integer"),
    refused("a quorum of true", gate(APPROVALS, 'role = "release-manager", count = true'), "count is not a whole number", "config.integer"),
    refused("a quorum as text", gate(APPROVALS, 'role = "release-manager", count = "2"'), "count is not a whole number", "config.integer"),
    refused("zero shards", gate("shards = 2", "shards = 0"), "shards is 0, at least 1 is needed", "config.integer"),
    refused("a freeze that ends before it begins", freeze("from = 2096-02-01T00:00:00Z, until = 2096-01-01T00:00:00Z"), "a freeze goes from one time until a later one", "gate.freeze"),
    refused("a freeze without an end", freeze("from = 2096-02-01T00:00:00Z"), "a freeze goes from one time until a later one", "gate.freeze"),
    refused("a freeze whose zone is not said", freeze("from = 2096-01-01T00:00:00, until = 2096-02-01T00:00:00Z"), "from has no time zone", "config.instant"),
    refused("waivers for longer than a year", gate('max = "30d"', 'max = "400d"'), "a waiver needs a maximum length of at most 365d", "gate.waivers"),
)

PARAMETERS = (
    refused("a parameter that is misspelt", parameter("own.coverage.minimum_precent = 90"), "own.coverage has no parameter 'minimum_precent'", "gate.parameters"),
    refused("a parameter of a rule that is misspelt", parameter("own.covrage.minimum_percent = 90"), "own.covrage is no rule of this stage", "gate.parameters"),
    refused("a parameter above its bound", parameter("own.coverage.minimum_percent = 101"), "minimum_percent: 101 is above 100", "gate.parameter_value"),
    refused("a parameter below its bound", parameter("own.coverage.minimum_percent = -1"), "minimum_percent: -1 is below 0", "gate.parameter_value"),
    refused("a parameter as text", parameter('own.coverage.minimum_percent = "80"'), "minimum_percent: string, where integer is needed", "gate.parameter_value"),
    refused("a parameter of true", parameter("own.coverage.minimum_percent = true"), "minimum_percent: boolean, where integer is needed", "gate.parameter_value"),
    refused("a parameter as a fraction: 0.8 for 80 %", parameter("own.coverage.minimum_percent = 0.8"), "minimum_percent: number, where integer is needed", "gate.parameter_value"),
    refused("a parameter that is nan", parameter("own.coverage.minimum_percent = nan"), "minimum_percent: number, where integer is needed", "gate.parameter_value"),
    refused("a parameter that is needed and not set", edit("policies/own/coverage/coverage.rego", "default: 80, ", ""), "own.coverage needs the parameter minimum_percent", "gate.parameters"),
)

LOCK = (
    refused("a pattern that matches fewer rules than were locked", without_folder("policies/own/coverage"), "stage build no longer asks own.coverage", "gate.lock"),
    refused("a rule that was left off the list", gate(RULES, 'rules = ["own.tests"]'), "stage build no longer asks own.coverage", "gate.lock"),
    refused("a rule that was loosened", edit(TESTS_RULE, '"failed", "errored"', '"failed"'), "own.tests has changed (stage build)", "gate.lock"),
    refused("no lock", remove("gate.lock"), "there is no lock", "gate.lock"),
    refused("a lock of another gate", edit("gate.lock", '"parcel"', '"payments"'), "it is the lock of the gate 'payments'", "gate.lock"),
)

PACKS = (
    refused("two packs of one name", _twice, "a pack called own is there twice", "packs.twice"),
    refused("a helper of our pack, brought by another", _helper_of_another_pack, "the package is gatekeeper.own.lib", "packs.package"),
    refused("a rule in a package that is another's", edit(TESTS_RULE, "package gatekeeper.own.tests", "package gatekeeper.own.coverage"), "the package is gatekeeper.own.coverage", "packs.package"),
    refused("a rule in a package that nobody asks", edit(TESTS_RULE, "package gatekeeper.own.tests", "package main"), "the package is main", "packs.package"),
    refused("a Rego file beside the rule, which adds to it", write("policies/own/tests/more.rego", "package gatekeeper.own.tests\n"), "a Rego file that nothing loads", "packs.layout"),
    refused("a rule whose file was renamed away", lambda project: (project.folder / TESTS_RULE).rename(project.folder / "policies/own/tests/tests.rego.off"), "the folder has no tests.rego", "packs.files"),
    refused("a pack called like a requirement", all_of(lambda project: (project.folder / "policies/own").rename(project.folder / "policies/slot")), "the name slot is reserved", "packs.name"),
    refused("a folder of packs that is not there", gate('pack_dirs = ["policies"]', 'pack_dirs = ["polices"]'), "there is no such folder of packs", "packs.folder"),
    refused("a character that no reviewer sees", edit(TESTS_RULE, "failing.outcome in", "\u200bfailing.outcome in"), "the character U+200B, which nobody sees", "packs.invisible"),
)
# fmt: on

AREA = "gates and packs"
SCENARIOS = (*NAMES, *VALUES, *PARAMETERS, *LOCK, *PACKS)
