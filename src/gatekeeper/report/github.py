"""For GitHub Actions: annotations, the step's summary and its outputs.

The runner shows ten errors and ten warnings of a step and drops the rest without a word, so the worst come first,
every rule is named before one rule names its second finding, and a last line counts what is not shown.
"""

from __future__ import annotations

import re
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError
from gatekeeper.report import markdown, words
from gatekeeper.report.inert import command_data, command_property, inert
from gatekeeper.report.view import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.report.places import Place, Places
    from gatekeeper.report.view import Answer, Finding, View

SHOWN: Final = 10
"""Annotations of one level that a step can have."""

SUMMARY_BYTES: Final = 1_000_000
"""A step summary over 1 MiB is not shown at all, and the step stays green."""

_CLOSED_VALUE: Final = re.compile(r"[A-Za-z0-9:._-]{1,200}", re.ASCII)
_Told = tuple["Place", str, list[str]]


def render(view: View, places: Places) -> str:
    """Workflow commands, one a line, and a last line for the log."""
    errors = list(_breadth_first(view.closed + view.pending, places))
    warnings = list(_breadth_first(view.broken + view.warned, places)) + list(_disbelieved(view, places))
    lines = [_command("error", told) for told in errors[:SHOWN]]
    lines += [_command("warning", told) for told in warnings[:SHOWN]]
    hidden = max(len(errors) - SHOWN, 0) + max(len(warnings) - SHOWN, 0)
    counts = ", ".join(words.summary(view))
    closing = f"{words.verdict(view)} {inert(view.subject)} -> {inert(view.stage)}: {counts}"
    more = f"; {hidden} more annotations than the {SHOWN} errors and {SHOWN} warnings a step can have" if hidden else ""
    return "\n".join([*lines, f"{closing}{more}", *(inert(text) for text, _ in words.remarks(view))]) + "\n"


def step_summary(
    decision: Mapping[str, Any],
    *,
    preview: bool = False,
    budget: int = SUMMARY_BYTES,
    places: Mapping[str, tuple[str, int]] | None = None,  # noqa: ARG001 - the summary has no places, annotations do
) -> str:
    """Markdown for ``$GITHUB_STEP_SUMMARY``, at most ``budget`` bytes.

    Raises:
        MalformedError: Not the JSON of a decision.
    """
    return markdown.render(read(decision, preview=preview), budget=budget)


def outputs(decision: Mapping[str, Any], *, preview: bool = False) -> str:
    """Lines for ``$GITHUB_OUTPUT``: ``outcome``, ``waiting``, ``decision``, ``valid-until``, ``rests-on-unsigned``.

    Of a canary also ``next``. Values come from closed sets, and stand between delimiters that nobody can guess.

    Raises:
        MalformedError: Not the JSON of a decision, or a value that is none of its set.
    """
    view = read(decision, preview=preview)
    values = {
        "outcome": "preview" if preview else view.outcome,
        "waiting": str(view.waiting).lower(),
        "decision": view.id,
        "valid-until": view.valid_until,
        "rests-on-unsigned": str(view.rests_on_unsigned).lower(),
        **({"next": view.next} if view.next else {}),
        **({"emergency": "true"} if view.broken else {}),
    }
    import secrets

    delimiter = f"end-{secrets.token_hex(16)}"
    return "".join(_output(name, value, delimiter) for name, value in values.items())


def path_output(name: str, path: str) -> str:
    """One more output for ``$GITHUB_OUTPUT``: the path of a file, on one line.

    Raises:
        MalformedError: Something in it is not printable: it could end the line and begin another output.
    """
    import secrets

    if not path.isprintable():
        raise MalformedError(f"the output {name} is not a plain path", where=f"$.{name}", code="report.output")
    delimiter = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{path}\n{delimiter}\n"


def _output(name: str, value: str, delimiter: str) -> str:
    if not _CLOSED_VALUE.fullmatch(value):
        raise MalformedError(f"the output {name} is not a plain value", where=f"$.{name}", code="report.output")
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _breadth_first(answers: Sequence[Answer], places: Places) -> Iterator[_Told]:
    rows = [[_told(answer, finding, places) for finding in answer.findings] for answer in answers]
    return (told for told in chain.from_iterable(zip_longest(*rows)) if told is not None)


def _told(answer: Answer, finding: Finding, places: Places) -> _Told:
    rows = words.facts(finding, words.ANNOTATION_FACTS)
    lines = [finding.message, *(f"{label}: {', '.join(parts)}" for label, _, parts in rows), words.effective(answer)]
    return places.of(answer, finding), f"{answer.id}: {answer.title}", [line for line in lines if line]


def _disbelieved(view: View, places: Places) -> Iterator[_Told]:
    for piece in view.disbelieved:
        name = ", ".join(words.piece_name(piece))
        yield (
            places.asked(f"slot.{piece.slot}"),
            f"Evidence not believed: {piece.name}",
            [words.piece_reason(piece), name],
        )


def _command(level: str, told: _Told) -> str:
    place, title, lines = told
    properties = f"file={command_property(place.path)},line={place.line},title={command_property(title)}"
    return f"::{level} {properties}::{'%0A'.join(map(command_data, lines))}"
