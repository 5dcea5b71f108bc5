from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.cli.dates import check_range, last_of_month, parse_day, parse_month
from packetbuddy.errors import WrongUsageError

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("today", TODAY),
        ("Yesterday", date(2026, 11, 22)),
        (" 2024-02-29 ", date(2024, 2, 29)),
        ("2999-12-31", date(2999, 12, 31)),
    ],
)
def test_days_as_people_type_them(text: str, day: date) -> None:
    """Dates and the two words are understood."""
    assert parse_day(text, TODAY, "the date") == day


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-30", "2025-02-29", "0000-01-01", "9999-12-31", "1969-12-31", "2026-13-01", "2026-00-10", "26-01-01"),
        *(
            "2026-1-1",
            "20261101",
            "tomorrow",
            "",
            "2026-11-23T00:00",
            "2026-11-+1",
            "-2026-11-1",
            "\N{FULLWIDTH DIGIT TWO}026-11-23",
        ),
    ],
)
def test_days_that_cannot_be_meant(text: str) -> None:
    """What is no date, or one that doesn't exist, is told with the argument's name and the text."""
    with pytest.raises(WrongUsageError, match="--from"):
        parse_day(text, TODAY, "--from")


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "0000-01", "9999-12", "2026", "11-2026", "2026-11-23", "x"])
def test_months_that_cannot_be_meant(text: str) -> None:
    """Months that don't exist are told."""
    with pytest.raises(WrongUsageError, match="the month"):
        parse_month(text, "the month")


@given(st.dates(date(1970, 1, 1), date(2999, 12, 31)))
def test_a_month_ends_where_the_next_begins(day: date) -> None:
    """The last day is in the month, and the day after it is not."""
    first = parse_month(day.isoformat()[:7], "the month")
    last = last_of_month(first)
    assert first.day == 1
    assert first <= day <= last
    assert (last + timedelta(days=1)).day == 1


@given(st.text(max_size=12))
def test_any_text_is_a_day_or_wrong_usage(text: str) -> None:
    """No text breaks the parser."""
    with suppress(WrongUsageError):
        assert isinstance(parse_day(text, TODAY, "the date"), date)


def test_ranges_that_cannot_be_meant() -> None:
    """A range ends after it begins and is not absurdly long; one day is a range."""
    check_range(TODAY, TODAY)
    check_range(TODAY.replace(year=1980), TODAY)
    with pytest.raises(WrongUsageError, match="after --to"):
        check_range(TODAY, TODAY - timedelta(days=1))
    with pytest.raises(WrongUsageError, match="more than 50 years"):
        check_range(TODAY, TODAY.replace(year=2126))
