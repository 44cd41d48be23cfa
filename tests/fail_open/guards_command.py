"""Guards over the command, the hooks, and what attests and inspects."""

from __future__ import annotations

import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from guard import Guard, always, becomes
from harms import JUNIT

from gatekeeper.collect import junit
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import GatekeeperError
from project import ran_tests

if TYPE_CHECKING:
    from pathlib import Path


def _only_if_serious(original: Any) -> Any:
    def error(self: Any, message: str) -> Any:
        return None if message.startswith("unrecognized") else original(self, message)

    return error


def _abbreviating(original: Any) -> Any:
    def made(self: Any, **options: Any) -> None:
        original(self, **options)
        self.allow_abbrev = True

    return made


def _the_last_counts(self: Any, _parser: Any, namespace: Any, values: Any, _option: str | None = None) -> None:
    setattr(namespace, self.dest, values)


def _well_after_all(original: Any) -> Any:
    """Whatever happens, nothing was found against it."""

    def run(*args: Any) -> Any:
        try:
            return original(*args)
        except BaseException:  # noqa: BLE001 - this is what the guard is for
            return 0

    return run


def _trusting(name: str, arguments: list[str]) -> Any:
    from gatekeeper.cli.commands import load

    module = load(name)
    return module.run(module.parser(name).parse_args(arguments))


def _as_on_disk(tree: Path) -> None:
    shutil.copytree(".", tree, ignore=shutil.ignore_patterns(".git"))


def _known_slots_only(original: Any) -> Any:
    return lambda gate, name, slots: original(gate, name, slots & gate.stage(name).slots.keys())


def _somehow(empty: Any) -> Any:
    """A step that gives something else where it fails."""

    def gone(original: Any) -> Any:
        def step(*args: Any, **options: Any) -> Any:
            try:
                return original(*args, **options)
            except GatekeeperError:
                return empty

        return step

    return gone


NOTHING_FAILED = Reading(kind="test_results", format="careless", facts=ran_tests())

GUARDS = (
    Guard("cli.unknown", "options that are not known", "gatekeeper.cli.arguments:Parser.error", _only_if_serious),
    Guard(
        "cli.abbreviated", "options that are half written", "gatekeeper.cli.arguments:Parser.__init__", _abbreviating
    ),
    Guard(
        "cli.once", "options that are given twice", "gatekeeper.cli.arguments:Once.__call__", becomes(_the_last_counts)
    ),
    Guard("cli.given", "values that are empty", "gatekeeper.cli.decide:given", becomes(str)),
    Guard("cli.seconds", "deadlines that are none", "gatekeeper.cli.decide:seconds", becomes(float)),
    Guard("cli.command", "commands that are not known", "gatekeeper.cli.commands:_top", always(0)),
    Guard("cli.preview", "a preview that looks like an allow", "gatekeeper.cli.decide:PREVIEW_CODE", becomes(0)),
    Guard("cli.mistakes", "a crash that looks like an allow or a deny", "gatekeeper.cli:run", _well_after_all),
    Guard("cli.left", "somebody who leaves in the middle", "gatekeeper.cli.commands:_run", becomes(_trusting)),
    Guard(
        "hook.index",
        "what lies on the disk and is not staged",
        "gatekeeper.cli.hook_index:export",
        becomes(_as_on_disk),
    ),
    Guard(
        "hook.slot", "a slot that the stage does not have", "gatekeeper.cli.hook_decide:local_stage", _known_slots_only
    ),
    Guard("hook.gate", "a gate that is not staged", "gatekeeper.cli.hook_decide:_need_staged", always(None)),
    Guard("attest.shard", "a shard outside its count", "gatekeeper.cli.attest:shard", becomes(lambda _text: (1, 1))),
    Guard("attest.slot", "a slot that no gate can have", "gatekeeper.collect.attest:check_slot", always(None)),
    Guard(
        "attest.read",
        "a report that is not there",
        "gatekeeper.collect.attest:_files",
        becomes(SimpleNamespace(read_bytes=lambda _path: JUNIT.encode())),
    ),
    Guard("attest.target", "a report about something else", "gatekeeper.collect.attest:_check_target", always(None)),
    Guard(
        "collect.recognised",
        "a file that no reader knows",
        "gatekeeper.collect.registry:detect",
        _somehow(junit.COLLECTOR),
    ),
    Guard(
        "collect.kind",
        "a kind of evidence that nobody knows",
        "gatekeeper.collect.registry:kind_called",
        _somehow(None),
    ),
    Guard("collect.broken", "a reader that breaks", "gatekeeper.collect.registry:_read", _somehow(NOTHING_FAILED)),
    Guard(
        "collect.facts",
        "a reader that returns no facts",
        "gatekeeper.collect.attest:registry",
        becomes(SimpleNamespace(read=lambda *_args, **_options: NOTHING_FAILED)),
    ),
    Guard(
        "collect.severity",
        "a severity that nobody knows",
        "gatekeeper.facts.readers.severity:severity",
        _somehow("unknown"),
    ),
)
