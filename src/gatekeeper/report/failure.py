"""An error in every form: no decision could be reached, and nothing that reads it may take that for an allow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatekeeper import _json
from gatekeeper.report import sarif
from gatekeeper.report.inert import code_span, command_data, command_property, json_text, markdown, xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.errors import GatekeeperError
    from gatekeeper.report.layout import Page


def as_json(error: GatekeeperError) -> str:
    """``{"outcome": "error", "error": {"type", "code", "message", "where", "hint"}}`` on one line."""
    members = {"type": type(error).__name__, "code": error.code, **_texts(error)}
    return json_text(_json.canonical({"outcome": "error", "error": members}).decode()) + "\n"


def as_text(error: GatekeeperError, page: Page) -> str:
    """The message, the place and what to do."""
    return "\n".join(_lines(error, page)) + "\n"


def _lines(error: GatekeeperError, page: Page) -> Iterator[str]:
    yield from page.wrap([page.quote(error.message, "strong")], lead=page.own("error  ", "bad"))
    if error.where:
        yield from page.wrap([page.quote(error.where)], lead=page.own("where  ", "quiet"))
    if error.hint:
        yield from page.wrap([page.quote(error.hint)], lead=page.own("hint   ", "quiet"))


def as_markdown(error: GatekeeperError) -> str:
    """A heading and the same lines."""
    lines = [f"- **where** {code_span(error.where)}"] if error.where else []
    lines += [f"- **hint** {markdown(error.hint)}"] if error.hint else []
    blocks = ["### ❌ No decision: treat the gate as closed", markdown(error.message), "\n".join(lines)]
    return "\n\n".join(filter(None, blocks)) + "\n"


def as_github(error: GatekeeperError) -> str:
    """One error annotation."""
    text = "%0A".join(command_data(part) for part in (error.message, error.where, error.hint) if part)
    return f"::error title={command_property('No decision: the gate is closed')}::{text}\n"


def as_junit(error: GatekeeperError) -> str:
    """One test case with an error."""
    totals = 'tests="1" failures="0" errors="1" skipped="0"'
    body = "\n".join(xml(part) for part in (error.message, error.where, error.hint) if part)
    element = f'<error message="{xml(error.message)}" type="{xml(error.code)}">{body}</error>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="gatekeeper" {totals}>\n<testsuite name="gatekeeper" {totals}>\n'
        f'<testcase classname="gatekeeper" name="decision">{element}</testcase>\n</testsuite>\n</testsuites>\n'
    )


def as_sarif(error: GatekeeperError) -> str:
    """A run that did not succeed (SARIF 2.1.0, 3.20.14), with the reason."""
    text = ". ".join(part for part in (error.message, error.where, error.hint) if part)
    note = {"descriptor": {"id": error.code}, "level": "error", "message": {"text": sarif.message(text)}}
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "Gatekeeper", "rules": []}},
        "invocations": [{"executionSuccessful": False, "toolExecutionNotifications": [note]}],
        "results": [],
    }
    return json.dumps({"$schema": sarif.SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _texts(error: GatekeeperError) -> dict[str, str]:
    return {name: _encodable(getattr(error, name)) for name in ("message", "where", "hint")}


def _encodable(text: str) -> str:
    # a file name that is not UTF-8 comes with lone surrogates, which JSON cannot hold
    return text.encode("utf-8", "backslashreplace").decode()
