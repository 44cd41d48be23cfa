"""Our statistics against scipy's, on made samples and on published ones; the same integers whatever the surroundings."""

from __future__ import annotations

import decimal
import importlib
import math
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gatekeeper._statistics import MILLION, holm, mann_whitney, normal_quantile, normal_tail, rounded, two_proportions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper._statistics import Comparison

ALARM, MISS = 1.6448536269514722, 0.8416212335729143
"""Where a standard normal variable has the chances 5 % and 20 % of being above (any table of it)."""


@pytest.fixture(scope="module")
def stats() -> Any:
    """scipy, which takes a second to load: only for the tests that compare with it."""
    return importlib.import_module("scipy.stats")


def compared(first: Sequence[float], second: Sequence[float], **more: int) -> Comparison:
    return mann_whitney(Counter(first), Counter(second), **more)


VALUES = st.lists(st.integers(0, 10**6), min_size=1, max_size=60)
FEW_VALUES = st.lists(st.integers(0, 4), min_size=1, max_size=60)
COUNTS = st.integers(1, 400).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size)))


@given(VALUES | FEW_VALUES, VALUES | FEW_VALUES)
def test_mann_whitney_is_that_of_scipy(stats: Any, first: list[int], second: list[int]) -> None:
    found = compared(first, second)
    method = {"mann_whitney_exact": "exact", "mann_whitney_normal": "asymptotic"}[found.test]
    assume(len({*first, *second}) > 1)
    theirs = stats.mannwhitneyu(first, second, alternative="greater", method=method)

    assert found.statistic_thousandths == theirs.statistic * 1000
    assert found.p_value_ppm == pytest.approx(theirs.pvalue * MILLION, abs=0.51)


@given(st.lists(st.integers(), unique=True, min_size=2, max_size=60), st.data())
def test_small_samples_without_ties_are_counted_out(values: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(values) - 1))

    assert compared(values[:cut], values[cut:]).test == "mann_whitney_exact"
    assert compared(values[:cut], [*values[cut:], values[0]]).test == "mann_whitney_normal"


def test_beyond_so_many_pairs_the_distribution_is_taken_for_normal() -> None:
    assert compared(range(50), range(50, 100)).test == "mann_whitney_exact"
    assert compared(range(50), range(50, 101)).test == "mann_whitney_normal"


@pytest.mark.parametrize(
    ("sizes", "ways"),
    [((3, 3), 20), ((4, 4), 70), ((5, 8), 1287)],  # Mann and Whitney 1947, table I: U = 0 is one arrangement of these
)
def test_published_tails_of_u(sizes: tuple[int, int], ways: int) -> None:
    low, high = range(sizes[0]), range(100, 100 + sizes[1])

    assert compared(high, low).p_value_ppm == rounded(MILLION, ways)
    assert compared(low, high).p_value_ppm == MILLION
    assert compared(high, low).statistic_thousandths == sizes[0] * sizes[1] * 1000


@given(VALUES | FEW_VALUES, VALUES | FEW_VALUES)
def test_the_effect_is_cliffs_delta(first: list[int], second: list[int]) -> None:
    larger = sum(x > y for x in first for y in second)
    smaller = sum(x < y for x in first for y in second)

    assert compared(first, second).effect_ppm == rounded((larger - smaller) * MILLION, len(first) * len(second))


@given(VALUES | FEW_VALUES, VALUES | FEW_VALUES, st.randoms())
def test_the_order_of_samples_changes_nothing(first: list[int], second: list[int], random: Any) -> None:
    before = compared(first, second)
    random.shuffle(first)
    random.shuffle(second)

    assert compared(first, second) == before


def test_values_that_are_all_one_say_nothing() -> None:
    found = compared([7] * 100, [7] * 100)

    assert (found.p_value_ppm, found.effect_ppm, found.test) == (MILLION, 0, "mann_whitney_normal")


@given(COUNTS, COUNTS)
def test_two_proportions_are_those_of_scipy(stats: Any, first: tuple[int, int], second: tuple[int, int]) -> None:
    found = two_proportions(*first, *second)
    table = [[first[0], first[1] - first[0]], [second[0], second[1] - second[0]]]
    assert found.effect_ppm == rounded((first[0] * second[1] - second[0] * first[1]) * MILLION, first[1] * second[1])
    if found.test == "fisher_exact":
        expected = stats.fisher_exact(table, alternative="greater").pvalue
        assert found.statistic_thousandths is None
    else:
        square = stats.chi2_contingency(table, correction=False).statistic
        z = math.copysign(math.sqrt(square), found.effect_ppm)
        expected = stats.norm.sf(z)
        assert found.statistic_thousandths == pytest.approx(z * 1000, abs=0.51)
    assert found.p_value_ppm == pytest.approx(expected * MILLION, abs=0.51)


@given(COUNTS, COUNTS)
def test_the_z_test_is_used_where_every_cell_expects_five(first: tuple[int, int], second: tuple[int, int]) -> None:
    events, everything = first[0] + second[0], first[1] + second[1]
    expected = [size * of / everything for size in (first[1], second[1]) for of in (events, everything - events)]
    test = two_proportions(*first, *second).test

    assert test == ("two_proportion_z" if min(expected) >= 5 else "fisher_exact")


def test_fishers_tea() -> None:
    # Fisher 1935, The Design of Experiments: three of four cups right
    assert two_proportions(3, 4, 1, 4).p_value_ppm == 242_857
    assert two_proportions(4, 4, 0, 4).p_value_ppm == 14_286


def test_a_table_of_millions_is_tested_at_once() -> None:
    assert two_proportions(2_000, 2_000, 3_000, 10**12).test == "fisher_exact"
    assert two_proportions(5, 10**7, 4, 10**12).p_value_ppm == 0
    assert two_proportions(6_000, 10_000_000, 6_000, 10**12).test == "two_proportion_z"
    sparse = two_proportions(1, 6_000, 6_000, 10**9)
    assert (sparse.test, sparse.p_value_ppm) == ("two_proportion_z", 0)


@pytest.mark.parametrize(
    "counts", [(0, 0, 0, 5), (0, 5, 0, 0), (6, 5, 0, 5), (0, 5, 6, 5), (-1, 5, 0, 5), (0, 5, -1, 5)]
)
def test_counts_that_cannot_be_are_refused(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="a sample is empty, or has more events than members"):
        two_proportions(*counts)


@pytest.mark.parametrize("samples", [([], [1]), ([1], []), ([], [])])
def test_an_empty_sample_is_refused(samples: tuple[list[int], list[int]]) -> None:
    with pytest.raises(ValueError, match="a sample is empty"):
        compared(*samples)


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 6))
def test_the_detectable_shift_is_noethers(stats: Any, first: int, second: int, comparisons: int) -> None:
    # Noether 1987: N = (z_alarm + z_miss)^2 / (12 c (1 - c) (p - 1/2)^2), and delta is 2 p - 1
    deviations = stats.norm.isf(0.05 / comparisons) + stats.norm.isf(0.2)
    share, everything = first / (first + second), first + second
    delta = 2 * deviations / math.sqrt(12 * share * (1 - share) * everything)
    found = mann_whitney({1: first}, {2: second}, comparisons=comparisons).detectable_ppm

    assert found == pytest.approx(min(MILLION, math.ceil(delta * MILLION)), abs=1)


@given(COUNTS, COUNTS)
def test_the_detectable_rate_is_the_least_that_has_the_power(first: tuple[int, int], second: tuple[int, int]) -> None:
    found = two_proportions(*first, *second).detectable_ppm
    rate = second[0] / second[1]

    def has_power(more: float) -> bool:
        higher = rate + more
        pooled = (first[1] * higher + second[1] * rate) / (first[1] + second[1])
        alike = math.sqrt(max(pooled * (1 - pooled), 0) * (1 / first[1] + 1 / second[1]))
        apart = math.sqrt(max(higher * (1 - higher), 0) / first[1] + rate * (1 - rate) / second[1])
        return more > ALARM * alike + MISS * apart

    if found == MILLION:
        assert not has_power(1 - rate - 1e-6)
    else:
        assert has_power((found + 1) / MILLION)
        assert not has_power((found - 1) / MILLION)


def test_an_effect_that_cannot_be_found_is_a_million() -> None:
    assert two_proportions(5, 5, 5, 5).detectable_ppm == MILLION  # nothing is worse than always
    assert two_proportions(0, 1, 0, 1).detectable_ppm == MILLION
    assert compared([1], [2]).detectable_ppm == MILLION


@given(COUNTS, COUNTS, st.integers(2, 9))
def test_more_comparisons_find_less(first: tuple[int, int], second: tuple[int, int], comparisons: int) -> None:
    alone, shared = (two_proportions(*first, *second, comparisons=count) for count in (1, comparisons))

    assert shared.detectable_ppm >= alone.detectable_ppm
    assert (shared.p_value_ppm, shared.effect_ppm) == (alone.p_value_ppm, alone.effect_ppm)


@given(COUNTS, COUNTS)
def test_more_requests_find_more(first: tuple[int, int], second: tuple[int, int]) -> None:
    few = two_proportions(*first, *second)
    many = two_proportions(*(10 * count for count in (*first, *second)))

    assert many.detectable_ppm <= few.detectable_ppm


@pytest.mark.parametrize("z", [-9, -3.5, -1, 0, 0.5, 1.96, 3, 6, 7.99, 8, 8.01, 50])
def test_the_normal_tail_is_that_of_scipy(stats: Any, z: float) -> None:
    assert float(normal_tail(Decimal(z))) == pytest.approx(stats.norm.sf(z), abs=1e-15)


@pytest.mark.parametrize(("tail", "z"), [("0.5", 0), ("0.05", ALARM), ("0.2", MISS), ("0.025", 1.959963984540054)])
def test_quantiles_are_those_of_any_table(tail: str, z: float) -> None:
    assert float(normal_quantile(Decimal(tail))) == pytest.approx(z, abs=1e-15)


def test_holm_is_the_published_example() -> None:
    # Holm 1979; the numbers are those of p.adjust's documentation of step-down procedures
    assert holm([10_000, 40_000, 30_000, 5_000]) == [30_000, 60_000, 60_000, 20_000]
    assert holm([]) == []
    assert holm([700_000, 600_000]) == [MILLION, MILLION]


@given(st.lists(st.integers(0, MILLION), max_size=9), st.randoms())
def test_holm_keeps_the_order_and_never_lowers(p_values: list[int], random: Any) -> None:
    adjusted = dict(zip(p_values, holm(p_values), strict=True))
    shuffled = random.sample(p_values, len(p_values))

    assert holm(shuffled) == [adjusted[value] for value in shuffled]
    assert all(value <= adjusted[value] <= min(MILLION, value * len(p_values)) for value in p_values)
    assert [adjusted[value] for value in sorted(p_values)] == sorted(adjusted[value] for value in p_values)


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_fractions_are_rounded_half_to_even(numerator: int, denominator: int) -> None:
    assert rounded(numerator, denominator) == round(Fraction(numerator, denominator))


def test_whatever_the_program_set_decimals_to_the_numbers_are_these() -> None:
    def answers() -> tuple[object, ...]:
        normal_quantile.cache_clear()
        return compared([1, 2, 2, 9, 9], [1, 1, 2, 3]), two_proportions(40, 1000, 21, 1100), normal_tail(Decimal("1.1"))

    before = answers()
    with decimal.localcontext() as context:
        context.prec, context.rounding, context.traps[decimal.Inexact] = 2, decimal.ROUND_UP, True
        assert answers() == before
    assert [vars_of(item) for item in before[:2]] == [
        ("mann_whitney_normal", 186_357, 400_000, 963_008, 14_000),
        ("two_proportion_z", 2_189, 20_909, 17_881, 2_849),
    ]


def vars_of(found: Any) -> tuple[object, ...]:
    return found.test, found.p_value_ppm, found.effect_ppm, found.detectable_ppm, found.statistic_thousandths
