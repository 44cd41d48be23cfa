"""A kept gate looks once at the same bytes, and judges them anew for every decision."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper import Evidence, Gate, Subject
from gatekeeper.memory import Memory

if TYPE_CHECKING:
    from project import Project


def test_the_same_key_is_made_once_until_others_need_the_room() -> None:
    made: list[str] = []
    memory = Memory(10)

    def get(key: str, size: int) -> str:
        def make() -> str:
            made.append(key)
            return key

        return memory.recall(key, size, make)

    for key, size in (("a", 5), ("a", 5), ("b", 5), ("a", 5), ("c", 5), ("a", 5), ("b", 5), ("huge", 11), ("huge", 11)):
        assert get(key, size) == key
    assert made == ["a", "b", "c", "b", "huge", "huge"]


def test_an_error_is_not_remembered() -> None:
    memory = Memory()
    with pytest.raises(ZeroDivisionError):
        memory.recall("key", 1, lambda: 1 // 0)
    assert memory.recall("key", 1, lambda: 2) == 2


def test_a_kept_gate_gives_the_bytes_of_a_fresh_one(project: Project) -> None:
    project.green()
    kept = Gate.load(project.folder / "gate.toml")
    evidence = Evidence.read(project.folder / "evidence")
    fresh = Gate.load(project.folder / "gate.toml")
    first, second = (kept.decide(project.subject, "build", evidence, at=project.now) for _ in range(2))
    other = fresh.decide(project.subject, "build", evidence, at=project.now)
    assert first.canonical == second.canonical == other.canonical
    assert first.material is not None
    assert second.material is not None
    assert first.material.canonical == second.material.canonical
    assert first


def test_what_is_remembered_is_judged_for_the_subject_that_is_asked_about(project: Project) -> None:
    project.green()
    gate = Gate.load(project.folder / "gate.toml")
    evidence = Evidence.read(project.folder / "evidence")
    assert gate.decide(project.subject, "build", evidence, at=project.now)
    other = Subject.file(project.write("other.whl", "another artifact"))
    assert not gate.decide(other, "build", evidence, at=project.now)


def test_what_is_remembered_is_judged_for_the_time_that_is_asked_about(project: Project) -> None:
    project.edit("trust.toml", 'key = "keys/ci.pub"', f'key = "keys/ci.pub"\nuntil = {project.now.isoformat()}')
    project.lock()
    project.green()
    gate = Gate.load(project.folder / "gate.toml")
    evidence = Evidence.read(project.folder / "evidence")
    assert gate.decide(project.subject, "build", evidence, at=project.now - timedelta(days=1))
    assert not gate.decide(project.subject, "build", evidence, at=project.now + timedelta(days=1))


def test_a_signature_that_does_not_hold_is_not_helped_by_one_that_did(project: Project) -> None:
    project.green()
    gate = Gate.load(project.folder / "gate.toml")
    assert gate.decide(project.subject, "build", Evidence.read(project.folder / "evidence"), at=project.now)
    forged = (project.folder / "evidence" / "unit.json").read_bytes()
    at = forged.index(b'"sig":"') + 7
    letter = b"B" if forged[at : at + 1] == b"A" else b"A"
    project.write("evidence/unit.json", forged[:at] + letter + forged[at + 1 :])
    assert not gate.decide(project.subject, "build", Evidence.read(project.folder / "evidence"), at=project.now)
