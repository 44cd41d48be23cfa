"""Which rendering is kept as which file. ``python tests/report/snapshots.py`` writes all of them again.

Look at ``git diff`` afterwards: a snapshot is what users see.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

FOLDER: Final = Path(__file__).parent / "snapshots"
if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2] / "src"), str(Path(__file__).parent)]

import decisions  # noqa: E402 - a script has to find the tree first

from gatekeeper.report import render  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES: Final = {
    "approval.release-manager": ("gate.toml", 27),
    "performance.latency": ("gate.toml", 24),
    "slot.e2e": ("gate.toml", 31),
    "slot.load": ("gate.toml", 32),
    "tests.passed": ("gate.toml", 24),
    "vulnerabilities.fixable": ("gate.toml", 24),
}
_ENDINGS: Final = {"text": "txt", "json": "json", "markdown": "md", "sarif": "sarif", "junit": "xml", "github": "log"}
_TOO_LARGE: Final = frozenset({("many", "json"), ("many", "sarif"), ("many", "junit")})


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One rendering."""

    decision: str
    form: str
    mark: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.decision}{self.mark}.{_ENDINGS[self.form]}"

    def rendered(self) -> str:
        return render(decisions.ALL[self.decision]().as_json(), self.form, **self.options)


def all_snapshots() -> Iterator[Snapshot]:
    """Every snapshot: each decision in each form, and text in several ways."""
    for name in decisions.ALL:
        yield from (
            Snapshot(decision=name, form="text", mark=f"-{width}", options={"width": width}) for width in WIDTHS
        )
        for form in ("json", "markdown", "sarif", "junit", "github"):
            options = {"places": PLACES} if form in {"sarif", "github"} else {}
            if (name, form) not in _TOO_LARGE:
                yield Snapshot(decision=name, form=form, options=options)
    for name in ("allow", "allow-unsigned", "waiting", "deny"):
        yield Snapshot(decision=name, form="text", mark="-color", options={"color": True})
        yield Snapshot(decision=name, form="text", mark="-ascii", options={"ascii": True})
    yield Snapshot(decision="deny", form="text", mark="-verbose", options={"verbose": True})
    yield Snapshot(decision="deny", form="text", mark="-preview", options={"preview": True})
    yield Snapshot(decision="allow", form="markdown", mark="-preview", options={"preview": True})


WIDTHS: Final = (40, 80, 120)

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for snapshot in all_snapshots():
        snapshot.path.write_text(snapshot.rendered(), encoding="utf-8")
