"""Times and durations: what is read is what was written, and whatever two readers could disagree about is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from gatekeeper._time import format_duration, format_instant, parse_duration, parse_instant
from gatekeeper.errors import MalformedError

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
instants = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)).map(lambda at: at.replace(tzinfo=UTC))
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(instants)
def test_an_instant_is_read_as_it_was_written(at: datetime) -> None:
    text = format_instant(at)
    assert parse_instant(text) == at
    assert parse_instant(text.lower()) == at
    assert text.endswith("Z")
    assert format_instant(parse_instant(text)) == text


@given(instants, offsets)
def test_a_zone_changes_the_text_and_not_the_instant(at: datetime, zone: timezone) -> None:
    try:
        local = at.astimezone(zone)
    except OverflowError:
        return
    assert parse_instant(local.isoformat()) == at
    assert format_instant(local) == format_instant(at)


@given(instants.map(lambda at: at.replace(microsecond=0)), st.text("0123456789", min_size=1, max_size=9))
def test_a_fraction_is_cut_below_a_microsecond(at: datetime, fraction: str) -> None:
    text = at.isoformat().replace("+00:00", f".{fraction}Z")
    assert parse_instant(text) == at.replace(microsecond=int(fraction[:6].ljust(6, "0")))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-24",
        "2026-11-24T02:14:00",  # no zone
        "2026-11-24T02:14Z",  # no seconds
        "2026-11-24 02:14:00Z",
        "2026-11-24T02:14:00.Z",
        "2026-11-24T02:14:00.1234567890Z",
        "2026-11-24T02:14:00+0100",
        "2026-11-24T02:14:00Z\n",
        " 2026-11-24T02:14:00Z",
        "٢٠٢٦-11-24T02:14:00Z",
        "-026-11-24T02:14:00Z",
        1_700_000_000,
        None,
        True,
        b"2026-11-24T02:14:00Z",
        datetime(2026, 11, 24, tzinfo=UTC),
    ],
)
def test_what_is_no_time_is_refused(text: Any) -> None:
    with pytest.raises(MalformedError) as refused:
        parse_instant(text, where="$.at")
    assert str(refused.value) == "$.at: not an RFC 3339 time with a zone (write 2026-11-24T02:14:00Z)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-02-29T00:00:00Z", "not a real time: day "),
        ("2026-13-01T00:00:00Z", "not a real time: month must be in 1..12"),
        ("2026-11-24T24:00:00Z", "not a real time: hour must be in 0..23"),
        ("2026-06-30T23:59:60Z", "not a real time: second must be in 0..59"),  # a leap second
        ("0000-01-01T00:00:00Z", "not a real time: year 0 is out of range"),
        ("2026-11-24T02:14:00+24:00", "not a real time: zone offset out of range"),
        ("2026-11-24T02:14:00-00:60", "not a real time: zone offset out of range"),
        ("0001-01-01T00:00:00+01:00", "not a real time: date value out of range"),
        ("9999-12-31T23:59:59-01:00", "not a real time: date value out of range"),
        ("1969-12-31T23:59:59Z", "a year outside 1970 to 9998"),
        ("9999-01-01T00:00:00Z", "a year outside 1970 to 9998"),
        ("1970-01-01T00:00:00+00:01", "a year outside 1970 to 9998"),
    ],
)
def test_what_is_no_real_time_is_refused(text: str, message: str) -> None:
    with pytest.raises(MalformedError) as refused:
        parse_instant(text, where="$.at")
    assert refused.value.message.startswith(message)
    assert (refused.value.where, refused.value.code) == ("$.at", "time")


@given(st.text())
def test_any_text_is_a_time_or_refused(text: str) -> None:
    for read in (parse_instant, parse_duration):
        try:
            read(text)
        except MalformedError as refused:
            assert refused.code in {"time", "duration"}  # noqa: PT017 - anything else that is raised fails the test


def test_a_time_without_zone_is_not_written() -> None:
    with pytest.raises(MalformedError) as refused:
        format_instant(datetime(2026, 11, 24))  # noqa: DTZ001 - what is refused
    assert str(refused.value) == "a time without a zone (use datetime.now(UTC))"


@given(st.integers(1, 999_999), st.sampled_from("smhd"))
def test_a_duration_is_read_as_it_was_written(number: int, unit: str) -> None:
    length = parse_duration(f"{number}{unit}")
    assert length == number * parse_duration(f"1{unit}")
    seconds = format_duration(length)
    assert seconds == f"{int(length.total_seconds())}s" or parse_duration(seconds) == length


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(days=7), "7d"),
        (timedelta(hours=36), "36h"),
        (timedelta(minutes=90), "90m"),
        (timedelta(seconds=45), "45s"),
        (timedelta(days=1, seconds=1), "86401s"),
        (timedelta(0), "0s"),
    ],
)
def test_a_duration_is_written_with_its_largest_whole_unit(length: timedelta, text: str) -> None:
    assert format_duration(length) == text


@pytest.mark.parametrize(
    "text", ["", "7", "d", "0d", "07d", "-1d", "+1d", "1.5h", "1 d", "1w", "1D", "1000000d", 7, None]
)
def test_what_is_no_duration_is_refused(text: Any) -> None:
    with pytest.raises(MalformedError) as refused:
        parse_duration(text, where="valid_for")
    assert str(refused.value) == "valid_for: not a duration (write 30m, 24h or 7d)"
