"""Explanations: a decision's JSON in, text out, for people and for tools.

Forms: ``text`` for a terminal, ``markdown`` for a pull request, ``json`` for programs, ``sarif`` for code scanning,
``junit`` for test reports, ``github`` for workflow annotations (see also :mod:`gatekeeper.report.github` for a step's
summary and outputs). Whatever comes from evidence is made inert for the place it is printed at
(:mod:`gatekeeper.report.inert`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.errors import UsageError
from gatekeeper.report.inert import json_text
from gatekeeper.report.layout import Page
from gatekeeper.report.tables import render_inspection, render_records, render_verdicts
from gatekeeper.report.view import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.errors import GatekeeperError

__all__ = ["FORMS", "render", "render_error", "render_inspection", "render_records", "render_verdicts"]

FORMS: Final = ("text", "json", "markdown", "sarif", "junit", "github")
"""The forms a decision is rendered in."""


def render(  # noqa: PLR0913 - each is one choice of the caller, all but two by name
    decision: Mapping[str, Any],
    form: str = "text",
    *,
    color: bool = False,
    width: int | None = None,
    ascii: bool = False,  # noqa: A002 - the option's name, as on the command line
    verbose: bool = False,
    places: Mapping[str, tuple[str, int]] | None = None,
    gate_file: str = "gate.toml",
    preview: bool = False,
    version: str = "",
) -> str:
    """Render a decision.

    Args:
        decision: What :meth:`gatekeeper.decision.Decision.as_json` returns.
        form: One of :data:`FORMS`.
        color: Text: with ANSI colours.
        width: Text: columns, 40 to 120; 80 when None.
        ascii: Text: nothing but ASCII, for streams whose encoding lacks the rest.
        verbose: Text: list everything, with whole digests.
        places: SARIF and GitHub: where the gate asks for what, ``(path, line)`` by ``slot.unit``, ``approvals``,
            ``freezes``, ``after``, ``rules`` or the id of a result.
        gate_file: SARIF and GitHub: what to point to when nothing else is known.
        preview: It is no decision (another instant, or only what runs here); every form says so.
        version: SARIF: the library's version.

    Raises:
        UsageError: No such form.
        MalformedError: Not the JSON of a decision, or its verdict does not follow from its results.
    """
    _check_form(form, FORMS)
    view = read(decision, preview=preview)
    if form == "json":
        value = {"outcome": "preview", "decision": decision} if preview else decision
        return json_text(_json.canonical(value).decode()) + "\n"
    if form == "text":
        from gatekeeper.report import text

        return text.render(view, Page.of(width=width, color=color, ascii_only=ascii), verbose=verbose)
    if form == "markdown":
        from gatekeeper.report import markdown

        return markdown.render(view)
    if form == "junit":
        from gatekeeper.report import junit

        return junit.render(view)
    from gatekeeper.report import github, sarif
    from gatekeeper.report.places import Places

    where = Places(places, view.stage, gate_file)
    return github.render(view, where) if form == "github" else sarif.render(view, where, version=version)


def render_error(
    error: GatekeeperError,
    form: str = "text",
    *,
    color: bool = False,
    width: int | None = None,
    ascii: bool = False,  # noqa: A002 - as above
) -> str:
    """Render an error: no decision could be reached. The options are those of :func:`render`.

    Raises:
        UsageError: No such form.
    """
    _check_form(form, FORMS)
    from gatekeeper.report import failure

    if form == "text":
        return failure.as_text(error, Page.of(width=width, color=color, ascii_only=ascii))
    forms = {
        "json": failure.as_json,
        "markdown": failure.as_markdown,
        "sarif": failure.as_sarif,
        "junit": failure.as_junit,
        "github": failure.as_github,
    }
    return forms[form](error)


def _check_form(form: str, known: tuple[str, ...]) -> None:
    if form not in known:
        raise UsageError(f"there is no form {form!r}", hint=f"use one of {', '.join(known)}", code="usage.form")
