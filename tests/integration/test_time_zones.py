"""Traffic falls on the local day that the calendar says, in every zone, to the byte."""

import tempfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.ledgers import DAY, HOUR, Counting, Machine, asking, at, sound
from packetbuddy.answers.open import Question
from packetbuddy.answers.usage import days, groups, summary, today
from packetbuddy.metering.readings import SECOND

GROUPS = ("5min", "hour", "day", "week", "month", "year")
SWITCHES = [
    ("Asia/Kolkata", (2026, 12, 31), 24.0),
    ("Asia/Kathmandu", (2027, 2, 28), 24.0),
    ("Australia/Lord_Howe", (2027, 4, 4), 24.5),
    ("Australia/Lord_Howe", (2027, 10, 3), 23.5),
    ("America/New_York", (2027, 3, 14), 23.0),
    ("America/New_York", (2027, 11, 7), 25.0),
    ("America/Havana", (2027, 3, 14), 23.0),
    ("America/Havana", (2027, 11, 7), 25.0),
    ("America/Sao_Paulo", (2018, 11, 4), 23.0),
    ("America/Sao_Paulo", (2018, 2, 17), 25.0),
    ("Pacific/Apia", (2011, 12, 31), 24.0),
]


def each_hour(root: Path, first_ns: int, last_ns: int) -> tuple[Machine, Counter[int]]:
    """A ledger with other traffic each half hour, and what moved by instant."""
    machine = Machine(first_ns - 2 * SECOND)
    moved: Counter[int] = Counter()
    with Counting(root, machine) as counting:
        for number, instant in enumerate(range(first_ns, last_ns, HOUR * SECOND // 2), 1):
            wall_ns = instant + 7 * SECOND
            counting.use(wall_ns, rx=number * 1009, tx=number)
            moved[wall_ns - SECOND] = number * 1010
    return machine, moved


def by_date(moved: Counter[int], zone: str) -> Counter[date]:
    """What moved on each date, as :mod:`datetime` says."""
    found: Counter[date] = Counter()
    for wall_ns, amount in moved.items():
        found[datetime.fromtimestamp(wall_ns // SECOND, ZoneInfo(zone)).date()] += amount
    return found


def total_by(question: Question, by: str, first: date, last: date) -> int:
    """Sum over the groups of a range, which must tile it without gap or overlap."""
    answer = groups(question, by=by, first=first, last=last, top=None)
    for one, other in pairwise(answer.groups):
        assert one.end == other.start
    found = sum(each.usage.total for each in answer.groups)
    assert found == answer.summary.total
    return found


@pytest.mark.parametrize(("zone", "day", "hours"), SWITCHES)
def test_days_around_a_switch(tmp_path: Path, zone: str, day: tuple[int, int, int], hours: float) -> None:
    """Each day's traffic is on its local day; a day of 23, 23.5, 24.5 or 25 hours has them all; all groups sum up."""
    middle = date(*day)
    first, last = middle - timedelta(days=2), middle + timedelta(days=2)
    machine, moved = each_hour(
        tmp_path,
        at(*first.timetuple()[:3], zone=zone),
        at(*(last + timedelta(days=1)).timetuple()[:3], zone=zone),
    )
    question = asking(tmp_path, machine, zone=zone)
    expected = by_date(moved, zone)
    answer = days(question, first, last)
    assert {each.date: each.usage.total for each in answer.days} == dict(expected)
    assert answer.summary.total == sum(moved.values()) == summary(question).usage.total
    assert {total_by(question, by, first, last) for by in GROUPS} == {sum(moved.values())}
    passed = groups(question, by="day", first=middle, last=middle, top=None).groups[0]
    assert passed.end.timestamp() - passed.start.timestamp() == hours * HOUR
    parts = groups(question, by="hour", first=middle, last=middle, top=None).groups
    assert sum(each.end.timestamp() - each.start.timestamp() for each in parts) == hours * HOUR
    assert all(each.usage.coverage == pytest.approx(1, abs=0.02) for each in answer.days)


def test_an_hour_that_comes_twice(tmp_path: Path) -> None:
    """On the day of the fall back, one o'clock is two groups with their own traffic."""
    zone = "America/New_York"
    machine = Machine(at(2027, 11, 7, 0, zone=zone))
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2027, 11, 7, 1, 30, zone=zone, fold=0), rx=100)
        counting.use(at(2027, 11, 7, 1, 30, zone=zone, fold=1), rx=7)
        machine.run(3 * HOUR)
    parts = groups(
        asking(tmp_path, machine, zone=zone), by="hour", first=date(2027, 11, 7), last=date(2027, 11, 7), top=None
    ).groups
    ones = [(each.start.fold, each.usage.received) for each in parts if each.start.hour == 1]
    assert ones == [(0, 100), (1, 7)]
    assert len(parts) == 25


def test_half_an_hour_of_daylight(tmp_path: Path) -> None:
    """Lord Howe's half hours stand as groups of their own length."""
    zone = "Australia/Lord_Howe"
    machine = Machine(at(2027, 4, 4, zone=zone))
    with Counting(tmp_path, machine):
        machine.run(DAY)
    parts = groups(
        asking(tmp_path, machine, zone=zone), by="hour", first=date(2027, 4, 4), last=date(2027, 4, 4), top=None
    ).groups
    lengths = [(each.end.timestamp() - each.start.timestamp()) / 60 for each in parts]
    assert sorted(set(lengths)) == [30, 60]
    assert lengths.count(30) == 1


def test_a_day_that_does_not_exist(tmp_path: Path) -> None:
    """Samoa had no 30 December 2011: no row, no group, and not a byte is missing."""
    zone = "Pacific/Apia"
    machine, moved = each_hour(tmp_path, at(2011, 12, 29, zone=zone), at(2012, 1, 1, zone=zone))
    question = asking(tmp_path, machine, zone=zone)
    answer = days(question, date(2011, 12, 28), date(2012, 1, 1))
    assert [each.date.day for each in answer.days] == [28, 29, 31, 1]
    assert sum(each.usage.total for each in answer.days) == sum(moved.values())
    parts = groups(question, by="day", first=date(2011, 12, 28), last=date(2012, 1, 1), top=None).groups
    assert [each.start.day for each in parts] == [28, 29, 31, 1]
    assert days(question, date(2011, 12, 30), date(2011, 12, 30)).summary.total == 0


def test_the_ends_of_month_and_year(tmp_path: Path) -> None:
    """A second before midnight of New Year's Eve is the old year's, a second after it the new one's."""
    zone = "Asia/Kolkata"
    midnight = at(2027, 1, 1, zone=zone)
    machine = Machine(at(2026, 11, 30, 12, zone=zone))
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 12, 1, zone=zone), rx=1)
        counting.use(at(2026, 12, 1, zone=zone) + SECOND, rx=20)
        counting.use(midnight, rx=300)
        counting.use(midnight + SECOND, rx=4000)
    question = asking(tmp_path, machine, zone=zone)
    months = groups(question, by="month", first=date(2026, 11, 1), last=date(2027, 1, 31), top=None)
    assert [each.usage.received for each in months.groups] == [1, 320, 4000]
    years = groups(question, by="year", first=None, last=None, top=None)
    assert [(each.start.year, each.usage.received) for each in years.groups] == [(2026, 321), (2027, 4000)]
    assert today(question).usage.received == 4000


def test_a_change_of_zone_re_answers_history(tmp_path: Path) -> None:
    """Asked from one zone after the other, also back and forth, history is cut anew and sums to the same bytes."""
    machine, moved = each_hour(tmp_path, at(2027, 3, 12), at(2027, 3, 17))
    zones = ["Asia/Kolkata", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu"]
    for zone in [*zones, *reversed(zones)]:
        question = asking(tmp_path, machine, zone=zone)
        answer = days(question, date(2027, 3, 10), date(2027, 3, 19))
        found = {each.date: each.usage.total for each in answer.days if each.usage.total}
        assert found == dict(by_date(moved, zone)), zone
        assert answer.summary.total == summary(question).usage.total == sum(moved.values())


def test_same_name_other_rules(tmp_path: Path) -> None:
    """A zone whose rules changed under the same name (an update of the zone files) is not answered from the cache."""
    machine, moved = each_hour(tmp_path, at(2027, 3, 12), at(2027, 3, 14))
    for rules in ("Asia/Kolkata", "America/New_York"):
        question = asking(tmp_path, machine)._replace(zone=ZoneInfo(rules), zone_name="local")
        found = {each.date: each.usage.total for each in days(question, date(2027, 3, 11), date(2027, 3, 15)).days}
        assert {day: amount for day, amount in found.items() if amount} == dict(by_date(moved, rules))


MOMENTS = st.lists(
    st.tuples(
        st.integers(min_value=1_798_000_000, max_value=1_798_000_000 + 900 * DAY),
        st.integers(min_value=1, max_value=10**9),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda moment: moment[0] // 2,
)
ZONES = st.sampled_from([*sorted({zone for zone, _, _ in SWITCHES}), "UTC", "Pacific/Chatham", "Africa/Casablanca"])


@settings(max_examples=25, deadline=None)
@given(moments=MOMENTS, zone=ZONES)
def test_any_usage_in_any_zone(moments: list[tuple[int, int]], zone: str) -> None:
    """Whatever moves whenever: each byte is on the date that datetime says; days, months and lifetime are one sum."""
    expected: Counter[date] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        machine = Machine((min(moments)[0] - DAY) * SECOND)
        with Counting(root, machine) as counting:
            for second, amount in sorted(moments):
                counting.use(second * SECOND, rx=amount, tx=1)
                expected[datetime.fromtimestamp(second - 1, UTC).astimezone(ZoneInfo(zone)).date()] += amount + 1
        question = asking(root, machine, zone=zone)
        first, last = min(expected), max(expected)
        answer = days(question, first, last)
        assert {each.date: each.usage.total for each in answer.days if each.usage.total} == dict(expected)
        whole = sum(expected.values())
        assert total_by(question, "month", first, last) == whole == answer.summary.total
        assert summary(question).usage.total == whole
        assert groups(question, by="year", first=None, last=None, top=None).summary.total == whole
        assert all(0 <= (each.usage.coverage or 0) <= 1 for each in answer.days)
        assert sound(root)
