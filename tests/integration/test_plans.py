"""Plans answered from real ledgers: golden cases by hand, and properties over cycles, zones and days."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.ledgers import CABLE, DAY, HOUR, Counting, Machine, asking, at
from packetbuddy.answers.groups import groups
from packetbuddy.answers.open import Question
from packetbuddy.answers.plans import cycle_days, gauges, plans
from packetbuddy.answers.range import days
from packetbuddy.cli.importing import Wish, apply
from packetbuddy.errors import WrongUsageError
from packetbuddy.reports.plans import Gauge, UnknownLink
from packetbuddy.settings.load import parse

GB = 10**9
KOLKATA, BERLIN = "Asia/Kolkata", "Europe/Berlin"


def planned(question: Question, *tables: Mapping[str, Any], **others: Any) -> Question:
    """The question with these plans in the settings."""
    return question._replace(settings=parse({"plan": list(tables), **others}))


def ask(counting: Counting, zone: str = "UTC") -> Question:
    """A question asked when everything so far is written, each byte at its own time."""
    counting.flush()
    return asking(counting.home.root, counting.machine, zone=zone)


def gauge(question: Question, **plan: Any) -> Gauge:
    """How the only plan stands."""
    (row,) = gauges(planned(question, plan)).rows
    return row.gauge


def test_a_cycle_on_the_31st_in_february_of_a_leap_year(tmp_path: Path) -> None:
    """2028-02-29 begins the cycle of the 31st; the 28th still belongs to the one from 31 January."""
    machine = Machine(at(2028, 1, 20, zone=KOLKATA), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2028, 1, 31, 0, 0, 1, zone=KOLKATA), rx=1)
        counting.use(at(2028, 2, 28, 23, 59, 59, zone=KOLKATA), rx=10)
        before = ask(counting, KOLKATA)
        found = gauge(before, cap="1 GB", starts=31)
        assert (found.used, found.start, found.end, found.days_left) == (11, date(2028, 1, 31), date(2028, 2, 28), 1)
        counting.use(at(2028, 2, 29, 0, 0, 1, zone=KOLKATA), rx=100)
        after = gauge(ask(counting, KOLKATA), cap="1 GB", starts=31)
    assert (after.used, after.start, after.end, after.days_left) == (100, date(2028, 2, 29), date(2028, 3, 30), 31)


def test_another_zone_in_mid_cycle_answers_history_anew(tmp_path: Path) -> None:
    """Who moves from Kolkata to Berlin has Berlin's cycles, from the first to the last byte."""
    machine = Machine(at(2026, 10, 20), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 10, 31, 20), rx=1 * GB)  # 1 November in Kolkata, 31 October in Berlin
        counting.use(at(2026, 11, 5, 12), rx=2 * GB)
        found = {zone: gauge(ask(counting, zone), cap="10 GB").used for zone in (KOLKATA, BERLIN, "UTC")}
    assert found == {KOLKATA: 3 * GB, BERLIN: 2 * GB, "UTC": 2 * GB}


@pytest.mark.parametrize(("day", "whole", "hours"), [((2026, 3, 29), 23, 5), ((2026, 10, 25), 25, 7)])
def test_a_free_night_on_the_days_the_clock_changes(
    tmp_path: Path, day: tuple[int, int, int], whole: int, hours: int
) -> None:
    """01:00-07:00 by the clock on the wall has five hours on one such day and seven on the other."""
    start = at(*day, zone=BERLIN)
    machine = Machine(start - DAY * 10**9, uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        for hour in range(whole):
            counting.use(start + (hour * 3600 + 600) * 10**9, rx=1)
        question = ask(counting, BERLIN)
        free = gauge(question, cycle="daily", cap="1 GB", off_peak=["01:00-07:00"])
        half = gauge(question, cycle="daily", cap="1 GB", off_peak=["01:00-07:00"], off_peak_counts=0.5)
    assert free.used == whole - hours
    assert half.used == whole - hours + (hours + 1) // 2


def test_a_free_night_over_midnight(tmp_path: Path) -> None:
    """23:00-06:00: the byte before 23:00 and the one at 06:00 count, all between are free."""
    machine = Machine(at(2026, 11, 1, zone=KOLKATA), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        for place, hour in enumerate([(2, 22, 59, 58), (2, 23, 0, 2), (3, 0, 30), (3, 5, 59, 58), (3, 6, 0, 2)]):
            counting.use(at(2026, 11, *hour, zone=KOLKATA), rx=10**place)
        found = gauge(ask(counting, KOLKATA), cap="1 GB", off_peak=["23:00-06:00"])
    assert found.used == 10**0 + 10**4


def test_a_window_that_is_not_on_the_hour(tmp_path: Path) -> None:
    """Windows hold to the five minutes: 12:20-12:35."""
    machine = Machine(at(2026, 11, 1), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        for place, minute in enumerate([18, 22, 33, 37]):
            counting.use(at(2026, 11, 2, 12, minute), rx=10**place)
        found = gauge(ask(counting), cap="1 GB", off_peak=["12:20-12:35"])
    assert found.used == 1001


def test_a_prepaid_bucket_runs_dry(tmp_path: Path) -> None:
    """Before its day it has not begun; then it has no end, and nothing is left at last."""
    machine = Machine(at(2026, 11, 1, zone=KOLKATA), uptime=DAY)
    bucket = {"cycle": "prepaid", "starts": "2026-11-03", "cap": "9 GB"}
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 11, 2, 12, zone=KOLKATA), rx=4 * GB)
        (early,) = plans(planned(ask(counting, KOLKATA), bucket)).rows
        counting.use(at(2026, 11, 3, 12, zone=KOLKATA), rx=4 * GB)
        counting.use(at(2026, 11, 4, 12, zone=KOLKATA), rx=4 * GB)
        (running,) = plans(planned(ask(counting, KOLKATA), bucket)).rows
        counting.use(at(2026, 11, 5, 12, zone=KOLKATA), rx=2 * GB)
        (dry,) = plans(planned(ask(counting, KOLKATA), bucket)).rows
    assert (early.state, early.gauge.used, early.gauge.start) == ("not_begun", 0, date(2026, 11, 3))
    assert (running.state, running.gauge.used, running.gauge.left) == ("running", 8 * GB, 1 * GB)
    assert (running.gauge.end, running.gauge.days_left, running.gauge.advice) == (None, None, None)
    assert running.forecast is None
    assert running.reached == date(2026, 11, 4)
    assert (dry.state, dry.gauge.left, dry.gauge.percent) == ("over", 0, 111.1)


def test_three_tiers_and_what_is_beyond_the_cap(tmp_path: Path) -> None:
    """10 GB at 10, 10 GB at 8, the rest at 5, and 20 beyond 25 GB: 28 GB cost 100 + 80 + 25 + 60."""
    machine = Machine(at(2026, 11, 1), uptime=DAY)
    tiers = [{"up_to": "10 GB", "rate": 10}, {"up_to": "20 GB", "rate": 8}, {"rate": 5}]
    with Counting(tmp_path, machine) as counting:
        for day in range(2, 9):
            counting.use(at(2026, 11, day), rx=4 * GB)
        question = ask(counting)
        plan = {"cap": "25 GB", "tiers": tiers, "overage_rate": 20}
        (found,) = gauges(planned(question, plan)).rows
        (free,) = gauges(planned(question, plan, cost={"rate_per_gb": 0})).rows
    assert found.gauge.cost == Decimal("265.00")
    assert free.gauge.cost is None


def test_two_plans_on_two_interfaces(tmp_path: Path) -> None:
    """Each plan has its own links' bytes, by name or glob; together they are what counted."""
    machine = Machine(at(2026, 11, 1), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 11, 2), rx=3 * GB)
        machine.uplink = CABLE
        counting.look()
        counting.use(at(2026, 11, 3), rx=2 * GB, identity=CABLE)
        machine.move(5, 5, CABLE)
        question = ask(counting)
        wifi, cable, both = gauges(
            planned(
                question,
                {"name": "Wi-Fi", "cap": "5 GB", "interfaces": "wlan0"},
                {"name": "Cable", "cap": "5 GB", "interfaces": ["eth*", "en*"]},
                {"name": "Both", "cap": "5 GB"},
            )
        ).rows
    assert (wifi.gauge.used, cable.gauge.used, both.gauge.used) == (3 * GB, 2 * GB + 10, 5 * GB + 10)


def test_a_plan_edited_in_mid_cycle(tmp_path: Path) -> None:
    """Cap, start, rollover: every change answers the whole history anew; nothing of the old plan stays."""
    machine = Machine(at(2026, 9, 1), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 9, 15), rx=6 * GB)
        counting.use(at(2026, 10, 15), rx=7 * GB)
        counting.use(at(2026, 11, 15), rx=8 * GB)
        question = ask(counting)
    assert gauge(question, cap="10 GB").percent == 80.0
    assert gauge(question, cap="16 GB").percent == 50.0
    assert gauge(question, cap="10 GB", starts=16).used == 15 * GB - 7 * GB
    assert gauge(question, cap="10 GB", rollover=True).carried == 10 * GB - (7 - 4) * GB
    assert gauge(question, cap="20 GB", cycle="90 days", starts="2026-09-01").used == 21 * GB
    assert gauge(question, cycle="weekly", starts="saturday").used == 8 * GB
    assert gauge(question).left is None


def test_what_was_used_before(tmp_path: Path) -> None:
    """``already_used`` belongs to the cycle in which counting began, and to no other."""
    machine = Machine(at(2026, 10, 20), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 10, 25), rx=2 * GB)
        first = gauge(ask(counting), cap="10 GB", already_used="3 GB")
        counting.use(at(2026, 11, 5), rx=1 * GB)
        second = gauge(ask(counting), cap="10 GB", already_used="3 GB", rollover=True)
    assert first.used == 5 * GB
    assert (second.used, second.carried) == (1 * GB, 5 * GB)


def test_what_was_used_of_a_bucket_before(tmp_path: Path) -> None:
    """``already_used`` belongs to the bucket in which counting began; a new one, a new date, has none of it."""
    machine = Machine(at(2026, 11, 5, zone=KOLKATA), uptime=DAY)
    old = {"cycle": "prepaid", "starts": "2026-11-03", "cap": "10 GB", "already_used": "3 GB"}
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 11, 6, 12, zone=KOLKATA), rx=4 * GB)
        (first,) = plans(planned(ask(counting, KOLKATA), old)).rows
        counting.use(at(2026, 11, 20, 12, zone=KOLKATA), rx=1 * GB)
        (second,) = plans(planned(ask(counting, KOLKATA), {**old, "starts": "2026-11-20"})).rows
    assert (first.gauge.used, first.gauge.already_used, first.gauge.counted_since) == (7 * GB, 3 * GB, None)
    assert (second.gauge.used, second.gauge.already_used, second.gauge.counted_since) == (1 * GB, 0, None)


def hourly(counting: Counting, days: int, size: int = GB) -> None:
    """So much in each hour from now on."""
    start = counting.machine.wall_ns
    for hour in range(24 * days):
        counting.use(start + (hour * HOUR + 1800) * 10**9, rx=size)


def test_counting_began_in_mid_cycle(tmp_path: Path) -> None:
    """Half of the time was not observed, the range reaches to what may have been used, and nothing is "on pace" yet."""
    machine = Machine(at(2026, 11, 11), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        hourly(counting, 10)
        question = ask(counting)
        (row,) = plans(planned(question, {"cap": "600 GB"})).rows
        (told,) = plans(planned(question, {"cap": "600 GB", "already_used": "1 GB"})).rows
        (wide,) = plans(planned(question, {"cap": "900 GB"})).rows
        (tight,) = plans(planned(question, {"cap": "400 GB"})).rows
    assert row.gauge.coverage == pytest.approx(0.5, abs=0.002)
    assert row.gauge.counted_since == date(2026, 11, 11)
    assert row.forecast is not None
    assert told.forecast is not None
    assert row.forecast.expected == pytest.approx(480 * GB, rel=0.01)
    assert row.forecast.high == pytest.approx(told.forecast.high - GB + 240 * GB, rel=0.01)
    assert (row.state, wide.state, tight.state) == ("early", "on_pace", "fast")
    assert told.gauge.coverage == row.gauge.coverage
    assert (told.gauge.counted_since, told.state) == (None, "on_pace")


def test_counting_began_a_little_after_the_cycle(tmp_path: Path) -> None:
    """An hour of a day is worth a word that day, not after three weeks; nor is a begin in a cycle before."""
    machine = Machine(at(2026, 11, 1, 1), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        machine.run(HOUR)
        at_once = gauge(ask(counting), cap="9 GB")
        machine.run_until(at(2026, 11, 21))
        counting.look()
        later = gauge(ask(counting), cap="9 GB")
        machine.run_until(at(2026, 12, 1, 3))
        counting.look()
        next_one = gauge(ask(counting), cap="9 GB")
    assert at_once.counted_since == date(2026, 11, 1)
    assert later.counted_since is next_one.counted_since is None
    assert next_one.coverage == pytest.approx(1, abs=0.01)


def test_an_import_tells_of_the_time_before(tmp_path: Path) -> None:
    """What another program counted in the cycle is in it; nobody has to say what was used before."""
    machine = Machine(at(2026, 11, 11), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        hourly(counting, 4)
    source = tmp_path / "before.csv"
    rows = [f"2026-11-{day:02},0,{GB}" for day in range(1, 11)]
    source.write_text("\n".join(["date,bytes_sent,bytes_received", *rows]) + "\n", "utf-8")
    question = asking(tmp_path, machine)
    assert gauge(question, cap="900 GB").counted_since == date(2026, 11, 11)
    apply(question, Wish(source, (), zone_given=True))
    known = gauge(question, cap="900 GB")
    assert (known.used, known.counted_since) == (106 * GB, None)
    assert known.coverage == pytest.approx(4 / 14, abs=0.01)


def test_an_import_tells_what_comes_along(tmp_path: Path) -> None:
    """Whole cycles that another program counted leave what was left; one that it began within leaves nothing."""
    machine = Machine(at(2026, 11, 2, 12), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        hourly(counting, 1)
    source = tmp_path / "before.csv"
    first, last = date(2026, 9, 15), date(2026, 11, 1)
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    rows = [f"{day},0,{GB}" for day in days]
    source.write_text("\n".join(["date,bytes_sent,bytes_received", *rows]) + "\n", "utf-8")
    question = asking(tmp_path, machine)
    apply(question, Wish(source, (), zone_given=True))
    assert gauge(question, cap="100 GB", rollover=True).carried == (100 - 31) * GB
    assert gauge(question, cap="100 GB", rollover=True, starts=10).carried == 0


def test_a_plan_on_an_interface_that_does_not_exist(tmp_path: Path) -> None:
    """It is told with the nearest name, and the plan is not healthy at 0 %; one of several is only told."""
    machine = Machine(at(2026, 11, 2), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 11, 3), rx=GB)
        question = ask(counting)
    found = plans(
        planned(question, {"cap": "9 GB", "interfaces": "wlan9"}, {"name": "b", "interfaces": ["wlan0", "ww*"]})
    )
    wrong, partly = found.rows
    assert (wrong.state, wrong.gauge.percent, wrong.gauge.left) == ("unknown", None, None)
    assert wrong.gauge.unknown == (UnknownLink("wlan9", "wlan0"),)
    assert wrong.forecast is None
    assert (partly.state, partly.gauge.used) == ("no_cap", GB)
    assert partly.gauge.unknown == (UnknownLink("ww*", None),)
    assert gauge(question, cap="9 GB", interfaces=["eth0"]).unknown == ()
    unseen = asking(tmp_path, machine, failing="no counters here")
    assert gauge(unseen, cap="9 GB", interfaces="wlan9").unknown == ()


def test_a_cycle_that_was_not_counted_from_its_begin_leaves_nothing(tmp_path: Path) -> None:
    """Nobody knows what was used before counting began, so nothing comes along from that cycle."""
    machine = Machine(at(2026, 10, 20), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 10, 25), rx=2 * GB)
        counting.use(at(2026, 11, 5), rx=1 * GB)
        november = gauge(ask(counting), cap="10 GB", rollover=True)
        counting.use(at(2026, 12, 5), rx=1 * GB)
        december = gauge(ask(counting), cap="10 GB", rollover=True)
        weighed = gauge(ask(counting), cap="10 GB", rollover=True, off_peak=["01:00-02:00"])
    assert november.carried == 0
    assert december.carried == weighed.carried == 9 * GB


def test_pending_bytes_count(tmp_path: Path) -> None:
    """What is not written yet is in the plan, to the byte."""
    machine = Machine(at(2026, 11, 2), uptime=DAY)
    with Counting(tmp_path, machine):
        machine.run(5)
        machine.move(123, 45)
        question = asking(tmp_path, machine)
        assert gauge(question, cap="1 GB").used == gauge(question, cap="1 GB").used_today == 168
        assert gauge(question, cap="1 GB", interfaces="eth0").used == 0


def test_a_forecast_of_weeks(tmp_path: Path) -> None:
    """Three weeks of a gigabyte each noon: the month ends at thirty, within its range; the day of the cap is told."""
    machine = Machine(at(2026, 10, 30), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        for day in range(22):
            counting.use(at(2026, 10, 31, 12) + day * DAY * 10**9, rx=GB)
        machine.run(HOUR)
        question = ask(counting)
        (wide,) = plans(planned(question, {"cap": "40 GB"})).rows
        (tight,) = plans(planned(question, {"cap": "25 GB"})).rows
    assert wide.forecast is not None
    assert wide.gauge.used == 21 * GB
    assert wide.forecast.low < wide.forecast.expected < wide.forecast.high
    assert wide.forecast.expected == pytest.approx(30 * GB, rel=0.03)
    assert (wide.state, tight.state) == ("on_pace", "fast")
    assert tight.reached == date(2026, 11, 25)
    assert wide.reached is None
    assert tight.gauge.advice == (4 * GB + GB) // 10
    assert wide.course[-1] == (date(2026, 11, 21), 21 * GB)
    assert [used for _, used in wide.course] == [n * GB for n in range(1, 22)]


def test_without_a_plan_there_are_no_cycles(tmp_path: Path) -> None:
    """No plan: no rows, without even a ledger; cycles are refused with the command that makes a plan."""
    machine = Machine(at(2026, 11, 2), uptime=DAY)
    question = asking(tmp_path, machine)
    assert plans(question).rows == gauges(question).rows == ()
    for ask in (lambda: groups(question, by="cycle", first=None, last=None, top=None), lambda: cycle_days(question)):
        with pytest.raises(WrongUsageError, match="there is no plan") as refused:
            ask()
        assert refused.value.hint == 'set one: pb plan set cap "100 GB"'


def test_the_days_of_a_cycle(tmp_path: Path) -> None:
    """The running cycle's days, those of another one, and of a bucket that has no end."""
    question = asking(tmp_path, Machine(at(2026, 11, 20), uptime=DAY))
    monthly = planned(question, {"starts": 15})
    assert cycle_days(monthly) == (date(2026, 11, 15), date(2026, 12, 14))
    assert cycle_days(monthly, date(2026, 10, 31)) == (date(2026, 10, 15), date(2026, 11, 14))
    bucket = planned(question, {"cycle": "prepaid", "starts": "2026-11-03"})
    assert cycle_days(bucket) == (date(2026, 11, 3), date(2026, 11, 20))


RHYTHMS = st.one_of(
    st.integers(1, 31).map(lambda day: {"cycle": "monthly", "starts": day}),
    st.integers(1, 7).map(lambda day: {"cycle": "weekly", "starts": day}),
    st.just({"cycle": "daily"}),
    st.tuples(st.integers(1, 60), st.dates(date(2026, 1, 1), date(2026, 12, 1))).map(
        lambda given: {"cycle": f"{given[0]} days", "starts": given[1].isoformat()}
    ),
    st.dates(date(2026, 9, 1), date(2026, 12, 1)).map(lambda day: {"cycle": "prepaid", "starts": day.isoformat()}),
)
ZONES = st.sampled_from(["UTC", KOLKATA, BERLIN, "America/New_York", "Pacific/Chatham", "Australia/Lord_Howe"])


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Machine]:
    """Ten weeks over the change of the clocks, with bytes at odd times."""
    folder = tmp_path_factory.mktemp("busy")
    machine = Machine(at(2026, 9, 20, 7, 13), uptime=DAY)
    with Counting(folder, machine) as counting:
        for place in range(120):
            counting.use(at(2026, 9, 20, 9) + (place * 14 * 3600 + place * 977) * 10**9, rx=3**place % 10**9, tx=place)
    return folder, machine


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rhythm=RHYTHMS, zone=ZONES)
def test_cycles_add_up_to_days_and_days_to_everything(
    busy: tuple[Path, Machine], rhythm: dict[str, Any], zone: str
) -> None:
    """In every rhythm and zone each cycle is the sum of its days, they follow each other, and together they are all."""
    folder, machine = busy
    question = planned(asking(folder, machine, zone=zone), rhythm)
    found = groups(question, by="cycle", first=date(2026, 9, 1), last=date(2026, 12, 15), top=None)
    whole = days(question, date(2026, 9, 1), date(2026, 12, 15))
    of_day = {day.date: day.usage.total for day in whole.days}
    for one, other in zip(found.groups, found.groups[1:], strict=False):
        assert one.end == other.start
    for period in found.groups:
        length = (period.end.date() - period.start.date()).days
        dates = [period.start.date() + timedelta(days=number) for number in range(length)]
        assert period.usage.total == sum(of_day[each] for each in dates)
    assert found.summary.total == whole.summary.total == sum(period.usage.total for period in found.groups)
    (row,) = gauges(question).rows
    if row.gauge.begun:
        first, last = cycle_days(question)
        assert row.gauge.used == days(question, first, last).summary.total


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=ZONES, start=st.integers(0, 287), length=st.integers(1, 287), counts=st.sampled_from(["0.0", "0.3", "1.0"]))
def test_off_peak_and_peak_are_everything(
    busy: tuple[Path, Machine], zone: str, start: int, length: int, counts: str
) -> None:
    """A window and its opposite share the bytes between them: what is free by one counts by the other."""
    folder, machine = busy
    question = asking(folder, machine, zone=zone)
    one, other = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (start * 5, (start + length) * 5 % 1440))
    plan = {"cycle": "3000 days", "starts": "2026-09-20"}
    inside = gauge(question, off_peak=[f"{one}-{other}"], **plan).used
    outside = gauge(question, off_peak=[f"{other}-{one}"], **plan).used
    total = gauge(question, **plan).used
    assert inside + outside == total
    weighed = gauge(question, off_peak=[f"{one}-{other}"], off_peak_counts=float(counts), **plan).used
    assert abs(weighed - (inside + outside * Decimal(counts))) <= Decimal("0.5")


def test_no_ledger_yet(tmp_path: Path) -> None:
    """With a plan and nothing counted the answer is "nothing is counted yet", not zeros."""
    question = planned(asking(tmp_path, Machine(at(2026, 11, 2)), zone=UTC), {"cap": "1 GB"})
    with contextlib.suppress(FileNotFoundError), pytest.raises(Exception, match="nothing is counted yet"):
        plans(question)
