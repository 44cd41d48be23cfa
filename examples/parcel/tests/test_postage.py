"""Postage: a band includes its upper end."""

import pytest
from parcel.postage import BANDS, TooHeavyError, quote


@pytest.mark.parametrize(("limit", "price"), BANDS)
def test_a_band_includes_its_upper_end(limit, price):
    assert quote(limit) == price


@pytest.mark.parametrize(("limit", "price"), BANDS)
def test_a_gram_less_is_in_the_same_band(limit, price):
    assert quote(limit - 1) == price


@pytest.mark.parametrize(("below", "above"), list(zip(BANDS, BANDS[1:], strict=False)))
def test_a_gram_more_is_in_the_next_band(below, above):
    assert quote(below[0] + 1) == above[1]


def test_too_heavy():
    with pytest.raises(TooHeavyError):
        quote(BANDS[-1][0] + 1)


def test_nothing_weighs_nothing():
    with pytest.raises(ValueError, match="weighs something"):
        quote(0)
