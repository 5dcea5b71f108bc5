"""Local times of files: the days and hours of their zone, whatever it does twice a year."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.errors import ImportFileError
from packetbuddy.imports import times
from packetbuddy.imports.former import _Minutes
from packetbuddy.imports.times import Bounds, Row, Zoned, checked, count, figures, local_ns, local_time

HOUR = 3600 * 10**9
NOW = local_ns(datetime(2026, 11, 27), UTC)  # noqa: DTZ001 - naive
BERLIN = Zoned(ZoneInfo("Europe/Berlin"), NOW)


def length(at: datetime, period: times.Period, zoned: Zoned = BERLIN) -> float:
    """Hours of the period that holds a local time."""
    (found,) = figures([Row(at, 1, 1)], period, zoned)
    return (found.end_ns - found.start_ns) / HOUR


def test_periods_of_a_zone_that_changes() -> None:
    """Days of 23 and 25 hours, the hour that autumn repeats, months and years of their own length."""
    assert length(datetime(2026, 3, 29), times.day) == 23  # noqa: DTZ001 - naive
    assert length(datetime(2026, 10, 25), times.day) == 25  # noqa: DTZ001 - naive
    assert length(datetime(2026, 10, 25, 2), times.hour) == 2  # noqa: DTZ001 - naive
    assert length(datetime(2026, 10, 25, 2, 7), times.five_minutes) == pytest.approx(1 / 12)  # noqa: DTZ001 - naive
    assert length(datetime(2026, 2, 3), times.month) == 28 * 24  # noqa: DTZ001 - naive
    assert length(datetime(2024, 7, 7), times.year) == 366 * 24  # noqa: DTZ001 - naive


@given(start=st.datetimes(datetime(2020, 1, 1), datetime(2026, 10, 1)))  # noqa: DTZ001 - naive
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"])
@pytest.mark.parametrize("period", [times.five_minutes, times.hour, times.day, times.month, times.year])
def test_neighbours_touch(start: datetime, zone: str, period: times.Period) -> None:
    """Each period ends where the next begins, so that no time is missing between them or in two of them."""
    end = period(start)[1]
    rules = ZoneInfo(zone)
    assert period(end)[0] == end
    assert period(end - timedelta(seconds=1))[1] == end
    assert local_ns(period(start)[0], rules) < local_ns(end, rules)


def test_a_day_that_a_zone_skipped_has_no_time() -> None:
    """Samoa had no 30 December 2011; a row of it is left out, not put on another day."""
    apia = Zoned(ZoneInfo("Pacific/Apia"), NOW)
    assert list(figures([Row(datetime(2011, 12, 30), 1, 1)], times.day, apia)) == []  # noqa: DTZ001 - naive


def test_cut_to_what_the_file_knows() -> None:
    """The first and the last period of a file end where it began and ended to look."""
    noon = local_ns(datetime(2026, 5, 5, 12), BERLIN.zone)  # noqa: DTZ001 - naive
    cut = Bounds(noon, noon + 2 * HOUR)
    (found,) = figures([Row(datetime(2026, 5, 5), 1, 1)], times.day, BERLIN, cut)  # noqa: DTZ001 - naive
    assert (found.start_ns, found.end_ns) == (noon, noon + 2 * HOUR)
    (found,) = figures([Row(datetime(2026, 5, 1), 1, 1)], times.day, BERLIN, cut)  # noqa: DTZ001 - naive
    assert found.end_ns - found.start_ns == 24 * HOUR


@pytest.mark.parametrize("year", [1, 1969, 1989, 2027, 2200, 9999])
def test_impossible_years(year: int) -> None:
    """Nothing counted in such a year."""
    with pytest.raises(ImportFileError, match="can have been counted"):
        checked(datetime(year, 12, 31), BERLIN)  # noqa: DTZ001 - naive


@pytest.mark.parametrize(
    "text",
    ["", "2026-13-01", "2026-02-30", "27.11.2026", "2026-11-27T00:00:00+05:00", "x" * 999, 5, None, b"2026-11-27"],
)
def test_not_a_local_time(text: object) -> None:
    """Anything but a date, or a date and time without an offset, is refused in a short line."""
    with pytest.raises(ImportFileError) as told:
        local_time(text)
    assert len(str(told.value)) < 100


@pytest.mark.parametrize("value", [-1, 2**62 + 1, 10**400, 1.0, "5", None, True, [1]])
def test_not_a_number_of_bytes(value: object) -> None:
    """Negative, larger than a row can hold, or no whole number."""
    with pytest.raises(ImportFileError) as told:
        count(value)
    assert len(str(told.value)) < 120


@given(at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 1)), form=st.sampled_from([" ", "T"]))  # noqa: DTZ001 - naive
def test_the_quick_way_to_a_log_s_time_is_the_exact_one(at: datetime, form: str) -> None:
    """Whatever 1.x or anybody else wrote, the instant is that of its local time, and the day its date."""
    minutes = _Minutes(BERLIN)
    for each in (at, at.replace(second=0, microsecond=0), at + timedelta(seconds=1)):
        assert minutes.instant(each.isoformat(form)) == local_ns(each, BERLIN.zone)
        assert minutes.day == each.date().isoformat()
