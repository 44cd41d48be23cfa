"""Tracking numbers."""

import pytest
from parcel import numbers


@pytest.mark.parametrize("number", ["RA473124829US", "RA000000014GB", "EE000000005SE"])
def test_a_real_number_is_valid(number):
    assert numbers.is_valid(number)


@pytest.mark.parametrize("number", ["", "RA473124828US", "ra473124829us", "RA473124829US ", "RA47312482٩US"])
def test_another_is_not(number):
    assert not numbers.is_valid(number)


@pytest.mark.parametrize("place", range(8))
def test_any_one_wrong_digit_is_found(place):
    number = numbers.make(47312482)
    for digit in "0123456789":
        changed = number[: 2 + place] + digit + number[3 + place :]
        assert numbers.is_valid(changed) == (changed == number)
