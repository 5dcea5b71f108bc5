"""What was observed, what was not, what is estimated, and what is usual."""

from datetime import date
from pathlib import Path

import pytest

from integration.ledgers import CABLE, DAY, HOUR, MINUTE, WIFI, Counting, Machine, asking, at
from packetbuddy.answers.usage import days, groups, summary, today
from packetbuddy.answers.why import why
from packetbuddy.metering.readings import SECOND

NOON = at(2027, 5, 10, 12)
TODAY = date(2027, 5, 10)


def test_today_counts_since_tracking_began(tmp_path: Path) -> None:
    """A machine that came at noon has observed all of its first day."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine):
        machine.run(HOUR)
    assert today(asking(tmp_path, machine)).usage.coverage == pytest.approx(1)
    assert days(asking(tmp_path, machine), date(2027, 5, 9), TODAY).days[0].usage.coverage is None


def test_a_new_boot_leaves_a_gap(tmp_path: Path) -> None:
    """From the last write to the next boot nothing was observed: a gap, not zero usage and not an estimate."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2027, 5, 10, 13), rx=100)
    machine.reboot(HOUR)
    machine.run(10)
    machine.move(50, 0)
    with Counting(tmp_path, machine):
        machine.run(2 * HOUR)
    question = asking(tmp_path, machine)
    told = why(question, TODAY)
    assert [(gap.start.hour, gap.end.hour) for gap in told.gaps] == [(13, 14)]
    assert told.usage.coverage == pytest.approx(3 / 4, abs=0.01)
    assert told.usage.coverage == today(question).usage.coverage == days(question, TODAY, TODAY).summary.coverage
    assert told.usage.received == 150
    assert told.usage.estimated == 50
    hours = groups(question, by="hour", first=TODAY, last=TODAY, top=None).groups
    assert [hours[hour].usage.coverage for hour in (11, 12, 13, 14, 17)] == [
        None,
        pytest.approx(1),
        pytest.approx(0),
        pytest.approx(1),
        None,
    ]


def test_a_stop_in_one_boot_is_estimated(tmp_path: Path) -> None:
    """Bytes of a stop are exact, their time is not: they are marked, and the time is observed."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.tick(100)
    machine.run(HOUR)
    machine.move(3600, 0)
    with Counting(tmp_path, machine) as counting:
        counting.tick(1)
    usage = today(asking(tmp_path, machine)).usage
    assert (usage.received, usage.estimated) == (3701, 3600)
    assert usage.coverage == pytest.approx(1)
    assert usage.peak == 100


def test_sleep_is_observed_time(tmp_path: Path) -> None:
    """A night's sleep in one boot is covered by the counters; what comes with the resume is in its slot."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.tick(100)
        machine.sleep(6 * HOUR)
        counting.tick(60)
    question = asking(tmp_path, machine)
    assert today(question).usage.coverage == pytest.approx(1)
    assert today(question).usage.estimated == 0
    hours = groups(question, by="hour", first=TODAY, last=TODAY, top=None).groups
    assert [hours[12].usage.received, hours[18].usage.received] == [100, 60]
    assert why(question, TODAY).gaps == ()


def test_shares_never_leave_their_bounds(tmp_path: Path) -> None:
    """Through boots, sleeps and clocks set back and forth, observed time never exceeds the time there was."""
    machine = Machine(NOON, synchronized=None)
    for number in range(12):
        with Counting(tmp_path, machine) as counting:
            machine.run(17 * MINUTE)
            counting.tick(5)
            machine.set_clock((-1) ** number * 40 * MINUTE)
            counting.tick(5)
            machine.sleep(HOUR)
        machine.reboot(600)
    question = asking(tmp_path, machine)
    for by in ("5min", "hour", "day", "week", "month"):
        answer = groups(question, by=by, first=TODAY, last=date(2027, 5, 11), top=None)
        shares = [each.usage.coverage for each in answer.groups]
        assert all(share is None or 0 <= share <= 1 for share in shares)
        assert 0 < (answer.summary.coverage or 0) < 1


@pytest.mark.parametrize("failing", ["", "not now"])
def test_observed_time_to_come_is_none(tmp_path: Path, failing: str) -> None:
    """What a clock that ran ahead observed after now does not fill the gap before now, in no answer."""
    machine = Machine(at(2027, 5, 10, 6), synchronized=None)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2027, 5, 10, 7), rx=1)
    machine.reboot(2 * HOUR)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2027, 5, 10, 12), rx=1)
        machine.set_clock(-2 * HOUR)
        counting.tick(1)
    question = asking(tmp_path, machine, failing=failing)
    half = pytest.approx(0.5, abs=0.01)
    assert today(question).usage.coverage == half
    assert days(question, TODAY, TODAY).summary.coverage == half
    assert why(question, TODAY).usage.coverage == half
    assert summary(question).usage.coverage == half
    hours = groups(question, by="hour", first=TODAY, last=TODAY, top=None).groups
    assert hours[11].usage.coverage is None


def test_peaks_are_measured_and_dated(tmp_path: Path) -> None:
    """The peak is of one poll, both directions and all counted interfaces together, and its slot is named."""
    machine = Machine(at(2027, 5, 8, 1))
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2027, 5, 8, 10, 2), rx=5000, tx=1000)
        counting.use(at(2027, 5, 9, 23, 17), rx=70_000, tx=7000)
        counting.use(at(2027, 5, 10, 3), rx=1000)
        machine.run(HOUR)
        machine.move(10**8, 0)
        counting.look()
    question = asking(tmp_path, machine, zone="Asia/Kolkata")
    told = summary(question)
    assert told.usage.peak == 77_000
    assert told.peak_at is not None
    assert told.peak_at.isoformat() == "2027-05-10T04:45:00+05:30"
    peaks = {each.date.day: each.usage.peak for each in days(question, date(2027, 5, 8), TODAY).days}
    assert peaks == {8: 6000, 9: None, 10: 77_000}


def test_no_peak_without_a_poll(tmp_path: Path) -> None:
    """Where nothing was measured over a poll there is no peak and no time of one."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine):
        pass
    machine.run(HOUR)
    machine.move(500, 0)
    told = summary(asking(tmp_path, machine))
    assert (told.usage.peak, told.peak_at, told.usage.total) == (None, None, 500)


def weeks(root: Path, amounts: list[int], *, began: int = 0) -> Machine:
    """One amount at ten o'clock each Monday, the last at half past nine of today."""
    first = at(2027, 5, 10) - len(amounts) * 7 * DAY * SECOND
    machine = Machine(first + began * SECOND)
    with Counting(root, machine) as counting:
        for number, amount in enumerate(amounts):
            monday = first + number * 7 * DAY * SECOND
            if monday + 10 * HOUR * SECOND > machine.wall_ns + SECOND:
                counting.use(monday + 10 * HOUR * SECOND, rx=amount)
            counting.use(monday + 20 * HOUR * SECOND, rx=999_999)
        machine.run_until(NOON)
        counting.look()
    return machine


def test_usual_is_the_median_by_this_time(tmp_path: Path) -> None:
    """Usual is the middle of the same weekdays, as far as they had come by this time of day."""
    machine = weeks(tmp_path, [500, 100, 300])
    assert today(asking(tmp_path, machine)).usual_bytes == 300


def test_two_weeks_are_not_usual(tmp_path: Path) -> None:
    """Less than three observed same weekdays tell nothing."""
    assert today(asking(tmp_path, weeks(tmp_path, [500, 100]))).usual_bytes is None


def test_a_day_that_was_not_observed_is_not_usual(tmp_path: Path) -> None:
    """A weekday of which less than half was seen by this time does not count, nor the one that tracking began on."""
    assert today(asking(tmp_path, weeks(tmp_path, [500, 100, 300], began=9 * HOUR))).usual_bytes is None


def test_only_eight_weeks_are_usual(tmp_path: Path) -> None:
    """What was usual in spring is not usual in summer."""
    machine = weeks(tmp_path, [10**9] * 5 + [7] * 8)
    assert today(asking(tmp_path, machine)).usual_bytes == 7


def test_a_moving_uplink(tmp_path: Path) -> None:
    """Two counted interfaces in turn: their bytes and those of the change are all there, once."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.tick(100, identity=WIFI)
        counting.tick(9, identity=CABLE)
        machine.uplink = CABLE
        counting.tick(20, identity=CABLE)
        counting.tick(3000, identity=CABLE)
        counting.tick(8, identity=WIFI)
    assert today(asking(tmp_path, machine)).usage.received == 3120
    assert today(asking(tmp_path, machine, interface="eth0")).usage.received == 3029
    assert today(asking(tmp_path, machine, interface="wlan0")).usage.received == 108


def test_the_summary_of_a_link_begins_with_its_own_first_byte(tmp_path: Path) -> None:
    """First day, tracked days and average of one link are its own; of a link that never moved there are none."""
    machine = Machine(at(2027, 5, 7, 22))
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2027, 5, 7, 23), rx=1000)
        counting.use(at(2027, 5, 9, 1), rx=600, identity=CABLE)
        counting.use(at(2027, 5, 10, 1), rx=400, identity=CABLE)
    cable, wifi = (summary(asking(tmp_path, machine, interface=name)) for name in ("eth0", "wlan0"))
    assert (cable.first_day, cable.days_tracked, cable.average_daily_bytes) == (date(2027, 5, 9), 2, 500)
    assert (wifi.first_day, wifi.days_tracked, wifi.average_daily_bytes) == (date(2027, 5, 7), 4, 250)
    assert summary(asking(tmp_path, machine)).days_tracked == 4


def test_summary_of_everything(tmp_path: Path) -> None:
    """First day, tracked days, average, data points and the last write are those of the ledger."""
    machine = Machine(at(2027, 5, 7, 22))
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2027, 5, 7, 23), rx=1000)
        counting.use(at(2027, 5, 9, 1), rx=1000)
        counting.use(at(2027, 5, 9, 1, 30), rx=1001)
    told = summary(asking(tmp_path, machine))
    assert told.first_day == date(2027, 5, 7)
    assert (told.days_tracked, told.average_daily_bytes, told.data_points) == (3, 1000, 3)
    assert told.last_update is not None
    assert told.last_update.timestamp() == machine.wall_ns // SECOND
    assert told.active_devices == 1
    machine.reboot(5 * DAY)
    told = summary(asking(tmp_path, machine, failing="not now"))
    assert (told.days_tracked, told.active_devices) == (4, 0)
    assert told.first_day == date(2027, 5, 7)
