"""The command: options that are wrong, previews, mistakes of our own, and what the hooks judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from bases import GREEN, HOOKED
from guard import replaced
from harms import nothing, remove
from scenario import DENY, NO_DECISION, USAGE, Line
from slot_scenarios import RED_JUNIT

if TYPE_CHECKING:
    from scenario import Run, Setting

    from project import Project

DIGEST = "sha256:" + "0" * 64


def decide(*words: str) -> Run:
    """``gatekeeper decide`` with just these words."""
    return lambda project: project.run("decide", *words)


def more(*words: str) -> Run:
    """The command that is allowed, with these words too."""
    return lambda project: project.decide("build", *words)


def failing(error: BaseException) -> Setting:
    """A mistake of ours in the middle of a decision."""

    def fail(*_arguments: object, **_options: object) -> NoReturn:
        raise error

    return replaced("gatekeeper.gate:require", fail)


def hook(*words: str) -> Run:
    return lambda project: project.run("hook", "decide", *words, "--evidence", "evidence")


def _gate_loosened_on_disk(project: Project) -> None:
    """Red as staged; on the disk the gate asks less, and nobody has staged that."""
    project.write("evidence/unit.xml", RED_JUNIT)
    project.git("add", "--all")
    project.edit("gate.toml", 'rules = ["own.*"]', 'rules = ["own.coverage"]')
    project.lock()


def _red_as_staged(project: Project) -> None:
    """Red as staged, green on the disk."""
    green = (project.folder / "evidence/unit.xml").read_text()
    project.write("evidence/unit.xml", RED_JUNIT)
    project.git("add", "--all")
    project.write("evidence/unit.xml", green)


STAGE, EVIDENCE = ("--stage", "build"), ("--evidence", "evidence")

misused = Line(GREEN, USAGE)
unreached = Line(GREEN, NO_DECISION)
denied = Line(GREEN, DENY)
hooked = Line(HOOKED, DENY)
hook_misused = Line(HOOKED, USAGE)

# fmt: off
OPTIONS = (
    misused("an option that is not known", nothing, "unrecognized arguments: --formt json", "cli.unknown", run=decide("app.whl", *STAGE, *EVIDENCE, "--formt", "json")),
    misused("an abbreviated option", nothing, "unrecognized arguments: --evid evidence", "cli.abbreviated", run=decide("app.whl", *STAGE, "--evid", "evidence")),
    misused("an option twice", nothing, "--stage is given twice", "cli.once", run=decide("app.whl", "--stage", "integration", *STAGE, *EVIDENCE)),
    misused("two keys", nothing, "--key is given twice", "cli.once", run=more("--record", "records", "--key", "keys/ci.key", "--key", "keys/gate.key")),
    misused("an empty stage, from an unset variable", nothing, "argument --stage: it is empty", "cli.given", run=decide("app.whl", "--stage", "", *EVIDENCE)),
    misused("empty evidence, from an unset variable", nothing, "argument --evidence: it is empty", "cli.given", run=decide("app.whl", *STAGE, "--evidence", "")),
    misused("an empty subject, from an unset variable", nothing, "argument subject: it is empty", "cli.given", run=decide("", *STAGE, *EVIDENCE)),
    denied("no evidence at all", nothing, "there is no evidence", "require.subject", run=decide("app.whl", *STAGE, "--format", "json")),
    misused("an artifact that is not there", remove("app.whl"), "there is no such file", "subject.there"),
    misused("an image without a digest", nothing, "there is no such file", "subject.there", run=decide("registry.example.test/app:latest", *STAGE, *EVIDENCE)),
    misused("no time to decide", nothing, "'0' is no number of seconds above zero", "cli.seconds", run=more("--deadline", "0")),
    misused("a deadline that is no number", nothing, "'nan' is no number of seconds above zero", "cli.seconds", run=more("--deadline", "nan")),
    misused("a deadline that never ends", nothing, "'inf' is no number of seconds above zero", "cli.seconds", run=more("--deadline", "inf")),
    misused("a decision for a folder that is not there", nothing, "no such folder", "cli.check", run=more("--output", "nowhere/decision.json")),
    misused("a command that is not known", nothing, "there is no command 'descide'", "cli.command", run=lambda project: project.run("descide", "app.whl", *STAGE, *EVIDENCE)),
    unreached("another instant: a preview is no allow", nothing, "not a decision", "cli.preview", run=more("--what-if", "2026-11-24T00:00:00Z")),
)

MISTAKES = (
    unreached("a mistake of ours", nothing, "a mistake in gatekeeper itself: KeyError", "cli.mistakes", under=failing(KeyError("slots"))),
    unreached("a check that is an assertion and fails", nothing, "a mistake in gatekeeper itself: AssertionError", "cli.mistakes", under=failing(AssertionError("no"))),
    unreached("no memory", nothing, "a mistake in gatekeeper itself: MemoryError", "cli.mistakes", under=failing(MemoryError())),
    unreached("recursion without end", nothing, "a mistake in gatekeeper itself: RecursionError", "cli.mistakes", under=failing(RecursionError())),
    unreached("somebody who leaves in the middle, well pleased", nothing, "a mistake in gatekeeper itself: RuntimeError: left with 0", "cli.left", under=failing(SystemExit(0))),
)

HOOKS = (
    hooked("red as staged, green on the disk", _red_as_staged, "s::c failed", "hook.index"),
    hooked("a gate that was loosened on the disk only", _gate_loosened_on_disk, "s::c failed", "hook.index"),
    hook_misused("a slot for the hook that is misspelt", nothing, "stage build has no slot 'uint'", "hook.slot", run=hook("--slot", "uint")),
    hook_misused("a gate that is not staged", lambda project: project.git("rm", "--cached", "--quiet", "gate.toml"), "the gate is not staged", "hook.gate"),
)
# fmt: on

AREA = "command and hooks"
SCENARIOS = (*OPTIONS, *MISTAKES, *HOOKS)
