"""At its edge an answer changes to the second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from instants import EDGES, SECOND

if TYPE_CHECKING:
    from instants import Edge

    from project import Project


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.what)
def test_the_answer_changes_at_its_second_and_not_before(project: Project, edge: Edge) -> None:
    edge.build(project)
    second = edge.second(project)
    before, said_before = edge.looked_at(project, second - SECOND)
    at, said_at = edge.looked_at(project, second)
    assert (before, at) == (edge.closes, not edge.closes)
    assert edge.says in (said_at if edge.closes else said_before)
