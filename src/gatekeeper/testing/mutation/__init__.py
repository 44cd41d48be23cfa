"""Mutation testing: are the tests of a rule good enough to notice when the rule is wrong?

A mutant is a rule with one small fault put in on purpose. A test that does not pass on it kills it; a mutant that
all tests let through is a fault that nobody would notice::

    report = mutate([Path("policies")], binary=find("1.22.2"))
    assert report.score("coverage").percent >= 95
"""

from __future__ import annotations

from gatekeeper.testing.mutation._mutate import mutate
from gatekeeper.testing.mutation._whole import Python
from gatekeeper.testing.mutation.report import Mutant, Part, Report, Score

__all__ = ["Mutant", "Part", "Python", "Report", "Score", "mutate"]
