"""Which collector reads a report: told by its content, never by its file name.

Built-in collectors are always there. Plug-ins join them when somebody attests or inspects, and never when somebody
decides: a decision must not depend on what else is installed.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from gatekeeper import _gc
from gatekeeper.collect import _text, statement
from gatekeeper.errors import ConfigError, MalformedError, UsageError
from gatekeeper.facts import kind as kind_called

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

    from gatekeeper.collect.reading import Collector, Reading, Report

PLUGINS: Final = "gatekeeper.collectors"
"""The entry-point group of plug-ins. Each entry names a collector object."""

Syntax = Literal["json", "stream", "xml", "text", "any"]
"""A stream is one JSON object or more, one after the other."""

BUILTIN: Final[tuple[tuple[Syntax, str], ...]] = (
    ("stream", "cargo"),
    ("text", "cargo_lock"),
    ("text", "changelog"),
    ("json", "cdevents_deployments"),
    ("json", "cdevents_incidents"),
    ("json", "chaostoolkit"),
    ("json", "checkov"),
    ("any", "argo_rollouts"),
    ("any", "autoscaler"),
    ("json", "capacity_prometheus"),
    ("json", "flagd"),
    ("json", "github_releases"),
    ("json", "gitlab_releases"),
    ("stream", "k6_points"),
    ("json", "kayenta"),
    ("json", "keptn"),
    ("any", "kubernetes_configuration"),
    ("text", "locust_history"),
    ("any", "openslo"),
    ("json", "openslo_prometheus"),
    ("json", "oscal"),
    ("json", "slo_generator"),
    ("json", "canary_prometheus"),
    ("text", "canary_requests"),
    ("json", "aws_iam"),
    ("xml", "cobertura"),
    ("json", "coveragepy"),
    ("json", "csaf"),
    ("json", "ctrf"),
    ("json", "cyclonedx"),
    ("json", "cyclonedx_vex"),
    ("xml", "cyclonedx_xml"),
    ("text", "devlake"),
    ("json", "diffoscope"),
    ("json", "flyway"),
    ("text", "git"),
    ("json", "github"),
    ("json", "github_commits"),
    ("json", "github_deployments"),
    ("json", "gitlab"),
    ("json", "gitlab_discussions"),
    ("json", "gitleaks"),
    ("stream", "go_build"),
    ("stream", "go_list"),
    ("stream", "go_test"),
    ("text", "go_sum"),
    ("json", "google_benchmark"),
    ("json", "grype"),
    ("json", "hadolint"),
    ("json", "helm_history"),
    ("json", "image"),
    ("xml", "jacoco"),
    ("text", "jmeter"),
    ("xml", "jmeter_xml"),
    ("xml", "junit"),
    ("json", "k6"),
    ("json", "kube_linter"),
    ("any", "kubernetes_identity"),
    ("any", "kubernetes_rbac"),
    ("any", "kubernetes_secrets"),
    ("text", "lcov"),
    ("any", "litmus"),
    ("json", "locust"),
    ("xml", "nunit"),
    ("json", "openvex"),
    ("json", "osv_scanner"),
    ("json", "package_lock"),
    ("json", "pagerduty"),
    ("json", "pip_audit"),
    ("json", "pip_inspect"),
    ("json", "pip_report"),
    ("text", "pip_requirements"),
    ("json", "prometheus_rules"),
    ("json", "pytest_benchmark"),
    ("text", "pylock"),
    ("text", "rustc"),
    ("json", "sarif"),
    ("text", "sdist"),
    ("json", "slsa"),
    ("json", "spdx"),
    ("any", "terraform_plan"),
    ("json", "threagile"),
    ("xml", "trx"),
    ("json", "trivy"),
    ("json", "trivy_config"),
    ("stream", "trufflehog"),
    ("text", "uv_lock"),
    ("text", "wheel"),
)
"""The syntax of each built-in collector's reports and its module in this package, which has it as ``COLLECTOR``.

``any`` are reports of several syntaxes. A module is imported when a report of its syntax turns up.
"""

ON_REQUEST: Final = {"document": "document"}
"""By kind, collectors that could read almost anything: they are considered only where somebody names the kind."""


def collectors(report: Report | None = None, *, plugins: bool = False) -> list[Collector]:
    """The collectors there are, or those whose reports have the syntax of ``report``, sorted by format.

    Args:
        report: Leave out built-in collectors that cannot read this one because of its syntax alone.
        plugins: Include plug-ins.

    Raises:
        ConfigError: A plug-in cannot be loaded, is no collector, or has the format of another collector.
    """
    found = [_builtin(module) for syntax, module in BUILTIN if report is None or syntax in _syntaxes(report)]
    found += statement.collectors() if report is None or statement.named(report) else ()
    if plugins:
        found += _plugins(
            {*(_builtin(module).format for _, module in BUILTIN), *(item.format for item in statement.collectors())}
        )
    return sorted(found, key=lambda collector: collector.format)


def detect(report: Report, *, kind: str | None = None, plugins: bool = False) -> Collector:
    """The one collector that reads this report.

    Args:
        report: The report.
        kind: Consider collectors of this kind of evidence only.
        plugins: Consider plug-ins.

    Raises:
        UsageError: ``collect.unrecognised``: no collector reads it; ``collect.ambiguous``: more than one does;
            ``kind``: there is no such kind.
        MalformedError: It is empty, it looks like JSON and is none, or a collector broke on it.
        ConfigError: See :func:`collectors`.
    """
    if kind is not None:
        kind_called(kind)
    _check_not_empty(report)
    if report.looks_like_json and not report.is_stream:
        _ = report.json  # a broken report is said to be broken, not unknown
    candidates = [item for item in collectors(report, plugins=plugins) if kind in {None, item.kind}]
    candidates += [_builtin(ON_REQUEST[kind])] if kind in ON_REQUEST else []
    matching = [item for item in candidates if _matches(item, report)]
    if len(matching) == 1:
        return matching[0]
    raise _ambiguous(report, matching) if matching else _unrecognised(report, kind, plugins=plugins)


@_gc.paused()
def read(report: Report, *, kind: str | None = None, plugins: bool = False) -> Reading:
    """What a report says, by the collector that :func:`detect` finds.

    Every text in the facts is made visible and freed of secrets, and the facts are checked against the schema of
    their kind and counted again: a collector with a mistake is an error, never a pass.

    Raises:
        UsageError: See :func:`detect`.
        MalformedError: The report cannot be read, or the collector made no valid facts of it.
        ConfigError: See :func:`collectors`.
    """
    collector = detect(report, kind=kind, plugins=plugins)
    reading = _read(collector, report)
    try:
        facts = _text.clean(reading.facts)
        kind_called(collector.kind).validate(facts)
    except MalformedError as cause:
        raise _broken(collector, report, str(cause)) from cause
    except (TypeError, AttributeError, ValueError, RecursionError) as cause:
        raise _broken(collector, report, "it returned no facts") from cause
    return replace(reading, facts=facts, producer=_text.message(reading.producer))


def _check_not_empty(report: Report) -> None:
    if not report.head:
        raise MalformedError("the report is empty", where=report.name, code="collect.empty")


def _builtin(module: str) -> Collector:
    collector: Collector = importlib.import_module(f"gatekeeper.collect.{module}").COLLECTOR
    return collector


def _plugins(taken: set[str]) -> list[Collector]:
    from importlib.metadata import entry_points

    found: list[Collector] = []
    for entry in sorted(entry_points(group=PLUGINS), key=lambda entry: (entry.name, entry.value)):
        collector = _plugin(entry)
        if collector.format in taken:
            raise ConfigError(
                f"the plug-in {entry.name!r} reads {collector.format!r}, which another collector reads already",
                where=entry.value,
                hint="a plug-in needs a format of its own",
                code="collect.plugin",
            )
        taken.add(collector.format)
        found.append(collector)
    return found


def _plugin(entry: EntryPoint) -> Collector:
    try:
        collector: Any = entry.load()
        kind_called(collector.kind)
        is_collector = collector.format.isprintable() and callable(collector.matches) and callable(collector.read)
    except (Exception, SystemExit) as cause:  # a plug-in may fail in any way
        raise ConfigError(
            f"the plug-in {entry.name!r} cannot be used: {cause}", where=entry.value, code="collect.plugin"
        ) from cause
    if not is_collector:
        raise ConfigError(f"the plug-in {entry.name!r} is no collector", where=entry.value, code="collect.plugin")
    return cast("Collector", collector)


def _syntaxes(report: Report) -> tuple[Syntax, ...]:
    if report.looks_like_json:
        return ("stream", "any") if report.is_stream else ("json", "stream", "any")
    return ("xml" if report.looks_like_xml else "text", "any")


def _matches(collector: Collector, report: Report) -> bool:
    try:
        return collector.matches(report)
    except (Exception, SystemExit) as cause:  # the collector may be a plug-in
        raise _broken(collector, report, f"{type(cause).__name__}: {cause}") from cause


def _read(collector: Collector, report: Report) -> Reading:
    try:
        reading = collector.read(report)
    except MalformedError as problem:
        if problem.where.startswith(report.name):  # the parsers know it
            raise
        raise problem.within(report.name) from problem
    except (Exception, SystemExit) as cause:  # the collector may be a plug-in; whatever it raises is no pass
        raise _broken(collector, report, f"{type(cause).__name__}: {cause}") from cause
    if getattr(reading, "kind", None) != collector.kind or reading.format != collector.format:
        raise _broken(collector, report, "it returned no reading of its kind and format")
    return reading


def _broken(collector: Collector, report: Report, problem: str) -> MalformedError:
    return MalformedError(
        f"the collector for {collector.format} broke: {problem}",
        where=report.name,
        hint="report this to whoever wrote the collector",
        code="collect.broken",
    )


def _ambiguous(report: Report, matching: Iterable[Collector]) -> UsageError:
    names = sorted(f"{item.format} ({item.kind})" for item in matching)
    kinds = sorted({item.kind for item in matching})
    hint = f"say which: --kind {' or '.join(kinds)}" if len(kinds) > 1 else "remove all but one of these collectors"
    return UsageError(f"read as {' and as '.join(names)}", where=report.name, hint=hint, code="collect.ambiguous")


def _unrecognised(report: Report, kind: str | None, *, plugins: bool) -> UsageError:
    stated = statement.named(report)
    if stated and kind in {None, stated}:
        stateable = [item.kind for item in statement.collectors()]
        hint = f"stated can be {', '.join(stateable)}"
        return UsageError(
            f"no kind of statement is called {stated!r}", where=report.name, hint=hint, code="collect.statement"
        )
    known = [item.format for item in collectors(plugins=plugins) if kind in {None, item.kind}]
    wanted = f"as {kind} " if kind else ""
    hint = f"read are {', '.join(known)}" if known else f"no collector makes {kind}"
    if b"\0" in report.data[:100]:
        hint = "it is not UTF-8; " + hint
    return UsageError(f"not recognised {wanted}".strip(), where=report.name, hint=hint, code="collect.unrecognised")
