"""A canary on real reports: it goes on, is held, or goes back, and the decision says which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harms import all_of
from stage4_projects import CANARY, report
from stage4_scenarios import answer, few, scored, slow, step

if TYPE_CHECKING:
    from scenario import Harm

    from project import Project

REGRESSION = answer("canary", "errors", "300")


def test_a_canary_that_is_no_worse_goes_on(project: Project) -> None:
    ran = CANARY.happen(project)

    assert (ran.code, ran.json["next"]) == (0, "proceed")


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (REGRESSION, "roll_back"),
        (step(slow), "roll_back"),
        (scored("Fail"), "roll_back"),
        (step(few), "hold"),
        (step(lambda held: held.pop("finished_at")), "hold"),
        (scored("Marginal"), "hold"),
        (answer("canary", "errors", "NaN"), "hold"),
        (report("canary", lambda value: value.update(next_exposure_percent=100)), "hold"),
        (all_of(REGRESSION, step(lambda held: held.pop("finished_at"))), "roll_back"),
    ],
    ids=[
        "more errors",
        "slower",
        "the judge says no",
        "too few requests",
        "a step goes on",
        "the judge does not say",
        "no data",
        "a step left out",
        "a regression is proven before the step has ended",
    ],
)
def test_what_comes_next_is_said(project: Project, harm: Harm, expected: str) -> None:
    CANARY.ready(project)
    harm(project)
    ran = CANARY.run(project)

    assert (ran.code, ran.json["outcome"], ran.json["next"]) == (1, "deny", expected)
