"""``examples/journey``: five stages, each denied for what it tells of, and opened for nothing less."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.engine import find
from gatekeeper.errors import EngineMissingError

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples/journey/journey.py"
pytestmark = pytest.mark.xdist_group("journey")  # run once, not once in each worker

STEPS = [
    ("1.3.0", "build", "deny", "", 1),
    ("1.3.0", "build", "allow", "", 0),
    ("1.3.0", "integration", "allow", "", 0),
    ("1.4.0", "build", "deny", "", 1),
    ("1.4.1", "build", "allow", "", 0),
    ("1.4.1", "integration", "deny", "", 1),
    ("1.4.1", "integration", "deny", "", 1),
    ("1.4.1", "integration", "deny", "", 1),
    ("1.4.1", "integration", "allow", "", 0),
    ("1.4.1", "resilience", "deny", "", 1),
    ("1.4.1", "resilience", "allow", "", 0),
    ("1.4.1", "canary", "deny", "hold", 1),
    ("1.4.1", "canary", "deny", "roll_back", 1),
    ("1.4.2", "build", "allow", "", 0),
    ("1.4.2", "integration", "allow", "", 0),
    ("1.4.2", "resilience", "allow", "", 0),
    ("1.4.2", "canary", "allow", "proceed", 0),
    ("1.4.2", "post-release", "deny", "", 1),
    ("1.4.2", "post-release", "allow", "", 0),
    ("1.4.3", "canary", "allow", "proceed", 0),
]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What it prints, and the folder that it leaves."""
    try:
        find.find("1.22.2")
    except EngineMissingError:
        pytest.skip("no OPA that is known by its digest: gatekeeper opa install")
    folder = tmp_path_factory.mktemp("journey")
    done = subprocess.run([sys.executable, str(SCRIPT), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert done.stderr == ""
    return done.stdout, folder


def steps(folder: Path) -> list[dict[str, Any]]:
    """What was decided, as the journey noted it."""
    noted: list[dict[str, Any]] = json.loads((folder / "journey.json").read_text(encoding="utf-8"))
    return noted


def test_five_stages_in_this_order_with_these_verdicts(journey: tuple[str, Path]) -> None:
    _, folder = journey
    told = [(step["version"], step["stage"], step["outcome"], step["next"], step["exit"]) for step in steps(folder)]
    assert told == STEPS


def test_each_deny_is_for_what_the_story_tells(journey: tuple[str, Path]) -> None:
    text, folder = journey
    denied = [set(step["by"]) for step in steps(folder) if step["outcome"] == "deny"]
    assert {"regression.failed", "regression.coverage", "dependencies.yanked"} < denied[1]
    assert {"slot.vex", "regression.benchmark"} < denied[2]
    assert denied[3] == denied[4] == {"review.stakeholders", "vulnerabilities.fixable"}
    assert {"rollback.rehearsed", "configuration.baseline"} < denied[5]
    assert {"canary.samples", "freeze.week_of_parcels"} < denied[6]
    assert {"canary.errors", "canary.latency"} < denied[7]
    assert "signed by ci; vex is accepted from product-security at integration" in text
    assert "gitlab:ben has asked for changes: add a test for the empty parcel" in text
    assert "1 of 2 approvals: dee; ada does not count: an author of the change" in text


def test_records_say_the_same_as_what_was_printed(journey: tuple[str, Path]) -> None:
    _, folder = journey
    records = {path.relative_to(folder).as_posix() for path in (folder / "records").iterdir()}
    assert {step["record"] for step in steps(folder)} == records
    assert len(records) == len(STEPS)


def test_all_of_it_replays_and_the_release_is_admitted(journey: tuple[str, Path]) -> None:
    text, _ = journey
    assert f"{len(STEPS)} of {len(STEPS)} are IDENTICAL" in text
    assert f"whole: {len(STEPS)} entries are whole, each with its record" in text
    assert re.findall(r"^ *ADMITTED +parcel \S+ (\S+)", text, re.MULTILINE) == ["canary", "post-release"]


def test_the_emergency_is_refused_by_who_does_not_expect_one_and_listed_until_reviewed(
    journey: tuple[str, Path],
) -> None:
    text, _ = journey
    night = text[text.index("7. Break-glass") : text.index("8. What is left")]
    assert "error  it is an emergency's: ivy broke through" in night
    assert re.findall(r"^ *(\d+) entr(?:y|ies)$", night, re.MULTILINE) == ["1", "0"]


def test_the_readme_tells_the_command_and_every_version() -> None:
    page = (SCRIPT.parent / "README.md").read_text(encoding="utf-8")
    assert f"python {SCRIPT.relative_to(ROOT).as_posix()} " in page
    assert set(re.findall(r"\b1\.\d\.\d\b", page)) >= {version for version, *_ in STEPS}


def test_a_folder_of_somebody_is_never_cleared(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
