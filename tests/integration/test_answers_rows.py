"""Rows that add up, filters, and questions at the edges of the calendar."""

from datetime import date
from pathlib import Path

import pytest

from integration.ledgers import CABLE, DAY, HOUR, Counting, Machine, asking, at
from packetbuddy.answers.amend import correct
from packetbuddy.answers.interfaces import interfaces
from packetbuddy.answers.open import Question
from packetbuddy.answers.usage import days, groups, summary, today
from packetbuddy.answers.why import why
from packetbuddy.errors import WrongUsageError
from packetbuddy.metering.readings import SECOND

NOON = at(2027, 5, 10, 12)
TODAY = date(2027, 5, 10)
ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kolkata", "America/Havana")


def household(root: Path) -> Machine:
    """Both interfaces move, the Wi-Fi counts and then the cable; a correction; something is pending."""
    machine = Machine(at(2027, 5, 9, 12))
    with Counting(root, machine) as counting:
        counting.use(at(2027, 5, 9, 13), rx=1000, tx=100)
        counting.use(at(2027, 5, 9, 14), rx=7, tx=3, identity=CABLE)
        machine.uplink = CABLE
        counting.use(at(2027, 5, 10, 1), rx=500, tx=50, identity=CABLE)
        counting.tick(11, 0)
    correct(asking(root, machine), date(2027, 5, 9), sent=200, received=2000, reason="by the router")
    machine.run_until(NOON)
    machine.move(30, 3, CABLE)
    machine.move(4, 4)
    return machine


def test_interfaces_add_up(tmp_path: Path) -> None:
    """What the interfaces counted, corrections included, is the lifetime total; each has a kind and a reason."""
    question = asking(tmp_path, household(tmp_path))
    rows = {row.name: row for row in interfaces(question)}
    assert set(rows) == {"wlan0", "eth0", "correction"}
    assert sum(row.counted_bytes for row in rows.values()) == summary(question).usage.total
    assert rows["correction"].reason == "corrections made by hand"
    assert (rows["eth0"].sent, rows["eth0"].received) == (56, 537)
    assert rows["eth0"].counted
    assert not rows["wlan0"].counted
    assert all(row.reason and row.kind for row in rows.values())


def test_why_adds_up(tmp_path: Path) -> None:
    """The rows of a day are its total, and each says how it came to count."""
    question = asking(tmp_path, household(tmp_path))
    for day in (date(2027, 5, 9), TODAY):
        told = why(question, day)
        assert sum(row.counted_bytes for row in told.interfaces) == told.usage.total
        assert told.usage.total == days(question, day, day).summary.total
    reasons = {row.name: row.reason for row in why(question, date(2027, 5, 9)).interfaces}
    assert reasons == {
        "wlan0": "counted all day",
        "eth0": "did not lead to the internet",
        "correction": "corrections made by hand",
    }
    (correction,) = why(question, date(2027, 5, 9)).corrections
    assert (correction.sent, correction.received, correction.reason) == (100, 1000, "by the router")
    assert why(question, TODAY).pending_bytes == 33


def test_one_interface(tmp_path: Path) -> None:
    """A filter answers for that interface alone, counted or not, in every answer alike."""
    machine = household(tmp_path)
    question = asking(tmp_path, machine, interface="eth0")
    assert summary(question).usage.total == 593
    assert today(question).usage.total == 583
    assert days(question, date(2027, 5, 9), TODAY).summary.total == 593
    assert groups(question, by="year", first=None, last=None, top=None).summary.total == 593
    assert [row.name for row in interfaces(question)] == ["eth0"]
    assert [row.name for row in why(question, TODAY).interfaces] == ["eth0"]


@pytest.mark.parametrize("failing", ["", "not now"])
def test_an_unknown_interface(tmp_path: Path, failing: str) -> None:
    """An interface that nobody ever saw is a mistake of the asker, and the known ones are named."""
    question = asking(tmp_path, household(tmp_path), interface="eth7", failing=failing)
    for ask in (
        today,
        summary,
        interfaces,
        lambda q: why(q, TODAY),
        lambda q: days(q, TODAY, TODAY),
        lambda q: groups(q, by="day", first=None, last=None, top=None),
    ):
        with pytest.raises(WrongUsageError, match="no interface 'eth7' is known") as caught:
            ask(question)
        assert caught.value.hint == "Known: correction, eth0, wlan0"


def test_an_interface_without_a_byte(tmp_path: Path) -> None:
    """One that is there and never moved anything has an answer: nothing."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine):
        pass
    assert summary(asking(tmp_path, machine, interface="eth0")).usage.total == 0


def test_the_biggest_first(tmp_path: Path) -> None:
    """With top only groups with usage, biggest first, equals in order of time; the summary stays everything's."""
    machine = Machine(at(2027, 5, 1))
    with Counting(tmp_path, machine) as counting:
        for day, amount in ((2, 50), (3, 700), (5, 50), (6, 8)):
            counting.use(at(2027, 5, day, 10), rx=amount)
    for by in ("5min", "hour", "day"):
        answer = groups(asking(tmp_path, machine), by=by, first=None, last=None, top=3)
        assert [(each.start.day, each.usage.total) for each in answer.groups] == [(3, 700), (2, 50), (5, 50)]
        assert answer.summary.total == 808
        assert all(each.usage.coverage is not None for each in answer.groups)
    only = groups(asking(tmp_path, machine), by="day", first=date(2027, 5, 4), last=date(2027, 5, 30), top=9)
    assert [each.start.day for each in only.groups] == [5, 6]
    assert only.summary.total == 58


def test_useful_stretches(tmp_path: Path) -> None:
    """Without dates: today by hours, thirty days, whole weeks from a Monday, whole months."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.tick(5)
    question = asking(tmp_path, machine)
    found = {
        by: groups(question, by=by, first=None, last=None, top=None).groups
        for by in ("5min", "hour", "day", "week", "month", "year")
    }
    assert {by: len(parts) for by, parts in found.items()} == {
        "5min": 288,
        "hour": 24,
        "day": 30,
        "week": 13,
        "month": 13,
        "year": 1,
    }
    assert all(part.start.weekday() == 0 for part in found["week"])
    assert all(part.start.day == 1 for part in found["month"])
    assert {sum(part.usage.total for part in parts) for parts in found.values()} == {5}


def test_groups_cut_by_the_range(tmp_path: Path) -> None:
    """The ends of a range cut weeks and months short, so that a group never holds what was not asked for."""
    machine = Machine(at(2027, 4, 28))
    with Counting(tmp_path, machine) as counting:
        for day in (29, 30):
            counting.use(at(2027, 4, day, 10), rx=1)
        counting.use(at(2027, 5, 3, 10), rx=10)
        counting.use(at(2027, 5, 4, 10), rx=100)
    question = asking(tmp_path, machine)
    for by, edges in (("month", [(30, 1), (1, 4)]), ("week", [(30, 3), (3, 4)])):
        parts = groups(question, by=by, first=date(2027, 4, 30), last=date(2027, 5, 3), top=None).groups
        assert [(part.start.day, part.end.day) for part in parts] == edges
        assert [part.usage.total for part in parts] == [1, 10]


def test_dates_in_the_future(tmp_path: Path) -> None:
    """Days to come hold nothing and were not unobserved: there is nothing to say about them."""
    question = asking(tmp_path, household(tmp_path))
    answer = days(question, date(2027, 5, 11), date(2027, 5, 13))
    assert [each.usage for each in answer.days] == [answer.summary] * 3
    assert (answer.summary.total, answer.summary.coverage) == (0, None)
    assert len(groups(question, by="hour", first=date(2028, 1, 1), last=None, top=None).groups) == 24
    assert why(question, date(2031, 1, 1)).gaps == ()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("edge", [date.min, date.max, date(1969, 12, 31), date(2999, 12, 31)])
def test_the_edges_of_the_calendar(tmp_path: Path, zone: str, edge: date) -> None:
    """The first and the last day that a date can be are days without usage, in every zone, and no crash."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.tick(5)
    question = asking(tmp_path, machine, zone=zone)
    assert days(question, edge, edge).summary.total == 0
    assert why(question, edge).usage.total == 0
    for by in ("5min", "hour", "day", "week", "month", "year"):
        assert groups(question, by=by, first=edge, last=edge, top=None).summary.total == 0
        assert groups(question, by=by, first=None, last=edge, top=2).summary.total in {0, 5}


def test_ranges_that_cannot_be_meant(tmp_path: Path) -> None:
    """A range that ends before it begins, or is absurdly long, is refused in words."""
    question = asking(tmp_path, household(tmp_path))

    def refused(first: date, last: date, words: str) -> None:
        with pytest.raises(WrongUsageError, match=words):
            days(question, first, last)
        with pytest.raises(WrongUsageError, match=words):
            groups(question, by="day", first=first, last=last, top=None)

    refused(TODAY, date(2027, 5, 9), "begins on 2027-05-10, after its end 2027-05-09")
    refused(date.min, date.max, "more than 20000 days")
    with pytest.raises(WrongUsageError, match="more than 20000 groups"):
        groups(question, by="5min", first=date(2027, 1, 1), last=date(2027, 12, 31), top=None)


def test_days_that_are_over_can_be_corrected(tmp_path: Path) -> None:
    """A correction is exact, whatever is pending for that day, and today cannot be corrected yet."""
    machine = Machine(at(2027, 5, 9, 12))
    with Counting(tmp_path, machine) as counting:
        counting.tick(1000)
    machine.run(18 * HOUR)
    machine.move(18_000, 0)
    question = asking(tmp_path, machine)
    correct(question, date(2027, 5, 9), sent=7, received=100, reason="test")
    assert days(question, date(2027, 5, 9), date(2027, 5, 9)).summary[:2] == (7, 100)
    with Counting(tmp_path, machine):
        pass
    assert days(asking(tmp_path, machine), date(2027, 5, 9), date(2027, 5, 9)).summary[:2] == (7, 100)
    for day in (TODAY, date.max):
        with pytest.raises(WrongUsageError, match="is not over yet"):
            correct(question, day, sent=0, received=0, reason="test")


def test_a_clock_that_ran_ahead_for_good(tmp_path: Path) -> None:
    """Usage that stays in the future, because nobody can know better, is in every sum of everything."""
    machine = Machine(NOON + 40 * DAY * SECOND, synchronized=None)
    with Counting(tmp_path, machine) as counting:
        counting.tick(5)
        machine.set_clock(-40 * DAY)
        counting.tick(6)
    question: Question = asking(tmp_path, machine)
    assert summary(question).usage.total == 11
    assert groups(question, by="year", first=None, last=None, top=None).summary.total == 11
    assert len(groups(question, by="day", first=None, last=None, top=9).groups) == 2
    assert 0 <= (summary(question).usage.coverage or 0) <= 1
