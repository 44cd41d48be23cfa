"""Two samples compared: is one worse than the other, by how much, and what would have been seen.

All tests are one-sided: small p-values speak for *worse* (slower, more errors). Arithmetic is with integers and with
decimals of :data:`_DIGITS` digits, whose operations the General Decimal Arithmetic Specification rounds correctly, so
that the same samples give the same integers on every platform; no floating point and no C library is involved. Results
are integers in parts per million, rounded half to even.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MILLION: Final = 1_000_000

SIGNIFICANCE: Final = Decimal("0.05")
"""Chance of a false alarm for which the detectable effect is stated; comparisons of one step share it (Bonferroni)."""

POWER: Final = Decimal("0.8")
"""Chance with which the detectable effect is found."""

EXACT_PAIRS: Final = 2_500
"""Pairs of samples up to which the distribution of U is counted out; beyond, the normal one is as good."""

LEAST_EXPECTED: Final = 5
"""Expected count in every cell from which the z-test holds (Cochran 1954)."""

EXACT_MARGIN: Final = 5_000
"""Least margin of a table up to which Fisher's test is counted out; a table with a larger one takes too long."""

_DIGITS: Final = 40
_CONTEXT: Final = Context(
    prec=_DIGITS, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, traps=[DivisionByZero, InvalidOperation]
)
"""Never the thread's own context, which a program may have changed."""
_PI: Final = Decimal("3.141592653589793238462643383279502884197169")
_FAR: Final = 8
"""Standard deviations beyond which a tail is less than 10^-15, and nothing in parts per million."""

Test = Literal["fisher_exact", "mann_whitney_exact", "mann_whitney_normal", "two_proportion_z"]

Histogram = "Mapping[float, int]"
"""How often each value was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a test found.

    Attributes:
        test: Its name.
        p_value_ppm: The chance of a difference like this one or larger if nothing is worse.
        effect_ppm: How much worse: the difference of two rates, or Cliff's delta (rank-biserial correlation): the
            chance that one value of the first sample is larger than one of the second, less that of the opposite.
        detectable_ppm: The least effect that is found with a chance of :data:`POWER`; a million where none is.
        statistic_thousandths: U of the first sample, or z; None where the test has none.
    """

    test: Test
    p_value_ppm: int
    effect_ppm: int
    detectable_ppm: int
    statistic_thousandths: int | None = None


def mann_whitney(worse: Mapping[float, int], than: Mapping[float, int], *, comparisons: int = 1) -> Comparison:
    """The Mann-Whitney U test of whether values of the first sample are larger (Mann and Whitney 1947).

    The distribution of U is counted out for small samples without ties; else it is taken for normal, its variance
    corrected for ties, U for continuity. The detectable effect is Noether's (1987).

    Args:
        worse: The first sample: how often each value is in it.
        than: The second.
        comparisons: How many tests share the significance.

    Raises:
        ValueError: A sample is empty.
    """
    first, second = sum(worse.values()), sum(than.values())
    if not first or not second:
        raise ValueError("a sample is empty")
    twice_u, below, ties = 0, 0, 0
    for value in sorted(worse.keys() | than.keys()):
        here, there = worse.get(value, 0), than.get(value, 0)
        twice_u += here * (2 * below + there)
        below += there
        ties += (here + there) ** 3 - (here + there)
    pairs = first * second
    exact = not ties and pairs <= EXACT_PAIRS
    return Comparison(
        test="mann_whitney_exact" if exact else "mann_whitney_normal",
        p_value_ppm=_exact_u(twice_u // 2, first, second) if exact else _normal_u(twice_u, first, second, ties),
        effect_ppm=rounded((twice_u - pairs) * MILLION, pairs),
        detectable_ppm=detectable_delta(first, second, comparisons=comparisons),
        statistic_thousandths=twice_u * 500,
    )


def two_proportions(worse: int, of: int, than: int, of_those: int, *, comparisons: int = 1) -> Comparison:
    """Whether the first of two rates is larger: ``worse / of`` than ``than / of_those``.

    The z-test with the pooled rate; Fisher's exact test where a cell of the table expects fewer than
    :data:`LEAST_EXPECTED`, unless it takes too long (:data:`EXACT_MARGIN`). The detectable effect is the difference
    above the second rate at which the z-test has the power (Fleiss, Levin and Paik 2003, section 4.1).

    Args:
        worse: Events in the first sample.
        of: Its size.
        than: Events in the second sample.
        of_those: Its size.
        comparisons: How many tests share the significance.

    Raises:
        ValueError: A sample is empty, or has more events than members.
    """
    if not 0 <= worse <= of or not 0 <= than <= of_those or not of or not of_those:
        raise ValueError("a sample is empty, or has more events than members")
    events, everything = worse + than, of + of_those
    margins = (of, of_those, events, everything - events)
    sparse = min(margins[:2]) * min(margins[2:]) < LEAST_EXPECTED * everything
    effect = rounded((worse * of_those - than * of) * MILLION, of * of_those)
    detectable = _detectable_rate(of, than, of_those, comparisons)
    if sparse and min(margins) <= EXACT_MARGIN:
        p_value = _fisher(worse, of, events, everything)
        return Comparison(test="fisher_exact", p_value_ppm=p_value, effect_ppm=effect, detectable_ppm=detectable)
    z = _pooled_z(worse, of, than, of_those)
    return Comparison(
        test="two_proportion_z",
        p_value_ppm=_ppm(normal_tail(z)),
        effect_ppm=effect,
        detectable_ppm=detectable,
        statistic_thousandths=_whole(_CONTEXT.multiply(z, Decimal(1000))),
    )


def holm(p_values_ppm: Sequence[int]) -> list[int]:
    """P-values adjusted for their number (Holm 1979), in the order given."""
    adjusted, worst = [0] * len(p_values_ppm), 0
    order = sorted(range(len(p_values_ppm)), key=lambda index: p_values_ppm[index])
    for rank, index in enumerate(order):
        worst = max(worst, min(MILLION, (len(order) - rank) * p_values_ppm[index]))
        adjusted[index] = worst
    return adjusted


def detectable_delta(first: int, second: int, *, comparisons: int = 1) -> int:
    """The least Cliff's delta that samples of these sizes show with the power (Noether 1987)."""
    deviations = _CONTEXT.add(*_deviations(comparisons))
    root = _CONTEXT.sqrt(_CONTEXT.divide(Decimal(first + second), Decimal(3 * first * second)))
    return min(MILLION, math.ceil(_CONTEXT.multiply(_CONTEXT.multiply(deviations, root), Decimal(MILLION))))


def rounded(numerator: int, denominator: int) -> int:
    """The nearest whole number to a fraction whose denominator is above zero; the even one of two."""
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))


def normal_tail(z: Decimal) -> Decimal:
    """The chance that a standard normal variable is above ``z``; zero beyond :data:`_FAR`.

    By the series of Abramowitz and Stegun (1964), 26.2.11, whose terms are all of one sign.
    """
    if z < 0:
        return _CONTEXT.subtract(Decimal(1), normal_tail(_CONTEXT.minus(z)))
    if z > _FAR:
        return Decimal(0)
    square = _CONTEXT.multiply(z, z)
    term, total, odd = z, z, 1
    while term > _LAST:
        odd += 2
        term = _CONTEXT.divide(_CONTEXT.multiply(term, square), Decimal(odd))
        total = _CONTEXT.add(total, term)
    density = _CONTEXT.exp(_CONTEXT.divide(_CONTEXT.minus(square), Decimal(2)))
    inner = _CONTEXT.divide(_CONTEXT.multiply(density, total), _ROOT_OF_TWO_PI)
    return max(_CONTEXT.subtract(Decimal("0.5"), inner), Decimal(0))


@cache
def normal_quantile(tail: Decimal) -> Decimal:
    """Where a standard normal variable has the chance ``tail`` of being above; by halving, to 30 digits."""
    low, high = Decimal(-_FAR), Decimal(_FAR)
    for _ in range(104):  # 16 / 2^104 is below 10^-30
        middle = _CONTEXT.divide(_CONTEXT.add(low, high), Decimal(2))
        low, high = (middle, high) if normal_tail(middle) > tail else (low, middle)
    return low


_LAST: Final = Decimal(10) ** -_DIGITS
_ROOT_OF_TWO_PI: Final = _CONTEXT.sqrt(_CONTEXT.multiply(Decimal(2), _PI))


def _exact_u(u: int, first: int, second: int) -> int:
    """The chance of U or more, counted out: its distribution is a Gaussian binomial coefficient."""
    small, large = sorted((first, second))
    ways = [1] + [0] * (small * large)
    for step in range(1, small + 1):
        for index in range(len(ways) - 1, large + step - 1, -1):
            ways[index] -= ways[index - large - step]
        for index in range(step, len(ways)):
            ways[index] += ways[index - step]
    return rounded(sum(ways[u:]) * MILLION, math.comb(first + second, first))


def _normal_u(twice_u: int, first: int, second: int, ties: int) -> int:
    pairs, everything = first * second, first + second
    # twelve times the variance is a fraction: pairs * ((N^3 - N) - ties) / (N * (N - 1))
    spread = pairs * (everything**3 - everything - ties)
    if not spread:
        return MILLION  # all values are one
    twelfth = _CONTEXT.divide(Decimal(spread), Decimal(12 * everything * (everything - 1)))
    away = _CONTEXT.divide(Decimal(twice_u - pairs - 1), Decimal(2))  # half a step for continuity
    return _ppm(normal_tail(_CONTEXT.divide(away, _CONTEXT.sqrt(twelfth))))


def _fisher(worse: int, of: int, events: int, everything: int) -> int:
    """The chance of so many events or more in the first sample, both margins given (Fisher 1922)."""
    drawn, marked = sorted((of, events))  # the two are exchangeable, and the smaller makes smaller numbers
    others = everything - marked
    ways, total = math.comb(marked, worse) * math.comb(others, drawn - worse), 0
    for found in range(worse, drawn + 1):
        total += ways
        ways = ways * (marked - found) * (drawn - found) // ((found + 1) * (others - drawn + found + 1))
    return rounded(total * MILLION, math.comb(everything, drawn))


def _pooled_z(worse: int, of: int, than: int, of_those: int) -> Decimal:
    events, everything = worse + than, of + of_those
    spread = events * (everything - events) * of * of_those
    if not spread:
        return Decimal(0)  # all are events, or none is
    away = (worse * of_those - than * of) ** 2 * everything
    root = _CONTEXT.sqrt(_CONTEXT.divide(Decimal(away), Decimal(spread)))
    return root if worse * of_those >= than * of else _CONTEXT.minus(root)


def _detectable_rate(of: int, than: int, of_those: int, comparisons: int) -> int:
    rate = _CONTEXT.divide(Decimal(than), Decimal(of_those))
    low, high = 0, MILLION - rounded(than * MILLION, of_those)
    if not _is_detectable(_CONTEXT.subtract(Decimal(1), rate), rate, of, of_those, comparisons):
        return MILLION
    while low < high:  # what has to be shown grows more slowly than the difference: once found, always found
        middle = (low + high) // 2
        found = _is_detectable(_CONTEXT.divide(Decimal(middle), Decimal(MILLION)), rate, of, of_those, comparisons)
        low, high = (low, middle) if found else (middle + 1, high)
    return low


def _is_detectable(more: Decimal, rate: Decimal, of: int, of_those: int, comparisons: int) -> bool:
    """Whether a rate that is so much higher than ``rate`` would be found with the power."""
    context = _CONTEXT
    higher = context.add(rate, more)
    higher = min(higher, Decimal(1))  # the last step to it may be half a millionth too long
    pooled = context.divide(
        context.add(context.multiply(higher, Decimal(of)), context.multiply(rate, Decimal(of_those))),
        Decimal(of + of_those),
    )
    alike = context.add(_variance(pooled, of), _variance(pooled, of_those))
    apart = context.add(_variance(higher, of), _variance(rate, of_those))
    alarm, miss = _deviations(comparisons)
    needed = context.add(context.multiply(alarm, context.sqrt(alike)), context.multiply(miss, context.sqrt(apart)))
    return more > needed


def _variance(rate: Decimal, size: int) -> Decimal:
    return _CONTEXT.divide(_CONTEXT.multiply(rate, _CONTEXT.subtract(Decimal(1), rate)), Decimal(size))


def _deviations(comparisons: int) -> tuple[Decimal, Decimal]:
    alarm = normal_quantile(_CONTEXT.divide(SIGNIFICANCE, Decimal(comparisons)))
    return alarm, normal_quantile(_CONTEXT.subtract(Decimal(1), POWER))


def _ppm(chance: Decimal) -> int:
    return _whole(_CONTEXT.multiply(chance, Decimal(MILLION)))


def _whole(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_HALF_EVEN))
