"""Express delivery."""

import pytest
from parcel.postage import TooHeavyError, quote


@pytest.mark.parametrize(
    ("grams", "zone", "pence"),
    [(100, "home", 415), (1_000, "home", 800), (2_000, "near", 1_890), (5_000, "far", 6_349), (10_000, "far", 7_195)],
)
def test_express_costs_more(grams, zone, pence):
    assert quote(grams, express=True, zone=zone) == pence


def test_express_carries_only_so_much_so_far():
    with pytest.raises(TooHeavyError, match="that far"):
        quote(10_001, express=True, zone="far")


def test_there_is_no_express_to_nowhere():
    with pytest.raises(ValueError, match="no such zone"):
        quote(100, express=True, zone="moon")
