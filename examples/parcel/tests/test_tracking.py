"""Where a parcel can go."""

import pytest
from parcel.tracking import NEXT, OutOfOrderError, Parcel, Status


def parcel(*way):
    return Parcel(number="RA473124829US", grams=100, postage=165, way=list(way))


@pytest.mark.parametrize("start", Status)
@pytest.mark.parametrize("target", Status)
def test_a_parcel_moves_only_where_it_can(start, target):
    moved = parcel(start)
    if target in NEXT[start]:
        moved.move(target)
        assert moved.way == [start, target]
    else:
        with pytest.raises(OutOfOrderError, match=f"{start} -> {target}"):
            moved.move(target)
        assert moved.way == [start]


def test_a_delivered_parcel_stays():
    assert NEXT[Status.DELIVERED] == set()
