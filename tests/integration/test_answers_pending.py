"""What is not written yet: answers hold it to the byte, and it is what the monitor writes next."""

import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.ledgers import CABLE, DAY, HOUR, WIFI, Counting, Machine, asking, at
from packetbuddy.answers.interfaces import interfaces
from packetbuddy.answers.live import Measurement, live
from packetbuddy.answers.open import Question
from packetbuddy.answers.usage import days, groups, summary, today
from packetbuddy.answers.why import why
from packetbuddy.errors import LedgerMissingError, ProbeError
from packetbuddy.metering.readings import SECOND
from packetbuddy.probes.fake import FakeProbe
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home

NOON = at(2027, 5, 10, 12)
TODAY = date(2027, 5, 10)


def told(question: Question) -> tuple[object, ...]:
    """Bytes as every answer shows them."""
    return (
        today(question).usage[:2],
        days(question, TODAY, TODAY).summary[:2],
        groups(question, by="hour", first=TODAY, last=TODAY, top=None).summary[:2],
        summary(question).usage[:2],
        [row[6:] for row in interfaces(question)],
        why(question, TODAY).usage[:2],
    )


def test_to_the_second(tmp_path: Path) -> None:
    """Bytes that nobody wrote are in every answer, and writing them changes none of it."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.tick(100, 10)
        counting.flush()
        machine.run(1)
        machine.move(23, 4)
        machine.move(7, 1, CABLE)
        before = told(asking(tmp_path, machine))
        assert before[0] == (14, 123)
        assert why(asking(tmp_path, machine), TODAY).pending_bytes == 27
        counting.look()
        counting.flush()
        assert told(asking(tmp_path, machine)) == before
        assert why(asking(tmp_path, machine), TODAY).pending_bytes == 0


@settings(max_examples=30, deadline=None)
@given(
    ticks=st.lists(
        st.tuples(st.integers(0, 10**7), st.integers(0, 10**6), st.sampled_from([WIFI, CABLE])), min_size=1, max_size=15
    ),
    stopped=st.booleans(),
)
def test_pending_is_what_is_written_next(ticks: list[tuple[int, int, int]], stopped: bool) -> None:
    """Whatever moved since the last write, beside a monitor or after it stopped: reading it equals writing it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        machine = Machine(NOON)
        with Counting(root, machine) as counting:
            counting.tick(1, 1)
            if not stopped:
                counting.flush()
                for rx, tx, identity in ticks:
                    counting.tick(rx, tx, identity)
                seen = told(asking(root, machine))
                counting.flush()
                assert told(asking(root, machine)) == seen
        if stopped:
            for rx, tx, identity in ticks:
                machine.run(60)
                machine.move(rx, tx, identity)
            seen = told(asking(root, machine))
            estimated = today(asking(root, machine)).usage.estimated
            with Counting(root, machine):
                pass
            assert told(asking(root, machine)) == seen
            assert today(asking(root, machine)).usage.estimated == estimated


def test_a_long_stop_falls_on_its_days(tmp_path: Path) -> None:
    """The service was down over midnight: before it writes, both days show their estimated part already."""
    machine = Machine(at(2027, 5, 9, 18))
    with Counting(tmp_path, machine) as counting:
        counting.tick(5)
    machine.run(12 * HOUR)
    machine.move(12_000_000, 0)
    question = asking(tmp_path, machine)
    rows = days(question, date(2027, 5, 9), TODAY).days
    with Counting(tmp_path, machine):
        pass
    written = days(asking(tmp_path, machine), date(2027, 5, 9), TODAY).days
    assert [each.usage[:2] for each in rows] == [each.usage[:2] for each in written]
    assert [each.usage.estimated for each in rows] == [each.usage.estimated for each in written]
    assert [each.usage.estimated for each in rows] == [pytest.approx(6_000_000, abs=2000)] * 2


def test_beside_a_living_monitor_nothing_is_estimated(tmp_path: Path) -> None:
    """A monitor that looks each second knows when; its reader does not call half a minute's bytes estimated."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.tick(1)
        counting.flush()
        for _ in range(29):
            counting.tick(40)
        assert today(asking(tmp_path, machine)).usage[1::3] == (29 * 40 + 1, 0)
    machine.run(600)
    machine.move(500, 0)
    assert today(asking(tmp_path, machine)).usage.estimated == 500


def test_data_points_of_what_is_pending(tmp_path: Path) -> None:
    """A pending slot is one data point: a new one counts, one that holds stored data already does not count twice."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.tick(100)
        counting.flush()
        assert summary(asking(tmp_path, machine)).data_points == 1
        machine.move(5, 5)
        assert summary(asking(tmp_path, machine)).data_points == 1
        counting.look()
        counting.flush()
        machine.run_until(NOON + 301 * SECOND)
        counting.look()
        counting.flush()
        machine.run(1)
        machine.move(5, 5)
        assert summary(asking(tmp_path, machine)).data_points == 2
        counting.look()
        counting.flush()
        assert summary(asking(tmp_path, machine)).data_points == 2


def test_counters_that_cannot_be_read(tmp_path: Path) -> None:
    """Could not read is not no data: what is written is shown, and the reader hears since when something is missing."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.tick(100)
    heard: list[str] = []
    question = asking(tmp_path, machine, zone="Asia/Kolkata", failing="netlink said no")._replace(tell=heard.append)
    assert today(question).usage.received == 100
    words = (
        "what moved since 2027-05-10 17:30:01+05:30 is not included: the counters could not be read: netlink said no"
    )
    assert heard == [words]
    assert all("netlink said no" in row.reason for row in interfaces(question))
    assert all("netlink said no" not in row.reason for row in why(question, TODAY).interfaces)
    assert heard == [words] * 3


def test_a_probe_that_does_not_open(tmp_path: Path) -> None:
    """Where the machine cannot be asked at all, the ledger still answers, and says what is missing."""

    def refuse() -> FakeProbe:
        raise ProbeError("no way in")

    machine = Machine(NOON)
    with Counting(tmp_path, machine) as counting:
        counting.tick(100)
    heard: list[str] = []
    question = asking(tmp_path, machine)._replace(probe=refuse, tell=heard.append)
    assert summary(question).usage.received == 100
    assert len(heard) == 1
    assert heard[0].endswith("the counters could not be read: no way in")


def test_another_namespace(tmp_path: Path) -> None:
    """In another network namespace than the living monitor's, that one's counters are no usage; it is said."""
    machine = Machine(NOON)
    heard: list[str] = []
    with Counting(tmp_path, machine) as counting:
        counting.tick(100)
        counting.flush()
        inside = Machine(machine.wall_ns)
        inside.namespace, inside.bytes = "net:2", {WIFI: [10**9, 10**9], CABLE: [5, 5]}
        question = asking(tmp_path, inside)._replace(tell=heard.append)
        assert today(question).usage.received == 100
        assert heard
        assert heard[0].endswith("the monitor counts in another network namespace")


def test_nothing_is_told_when_all_is_there(tmp_path: Path) -> None:
    """A complete answer has nothing to add."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine):
        pass
    heard: list[str] = []
    today(asking(tmp_path, machine)._replace(tell=heard.append))
    assert heard == []


def test_no_ledger_is_no_data(tmp_path: Path) -> None:
    """Before the first look there is no answer of zero bytes."""
    machine = Machine(NOON)
    with pytest.raises(LedgerMissingError):
        today(asking(tmp_path, machine))


def test_live_speed_by_its_own_looks(tmp_path: Path) -> None:
    """Speed is what moved between two looks by the time that really passed; it needs no ledger."""
    machine = Machine(NOON)
    before = machine.reading()
    machine.run(2)
    machine.move(4000, 1000)
    machine.move(900, 900, CABLE)
    probe = FakeProbe([before, machine.reading()])
    question = Question(Home(tmp_path), parse({}), NOON, None, asking(tmp_path, machine).zone, "UTC", lambda: probe)
    speed = live(question, 0.01)
    assert (speed.sent, speed.received, speed.measured_seconds) == (500, 2000, 2)
    assert [each.interface for each in speed.interfaces] == ["wlan0"]
    assert probe.closed


def test_live_speed_of_one_interface(tmp_path: Path) -> None:
    """The one that is asked for is measured, also where it does not count."""
    machine = Machine(NOON)
    before = machine.reading()
    machine.run(1)
    machine.move(4000, 1000)
    machine.move(900, 300, CABLE)
    probe = FakeProbe([before, machine.reading()])
    speed = Measurement(asking(tmp_path, machine, interface="eth0"), probe).measure(0.01)
    assert (speed.sent, speed.received) == (300, 900)


def test_days_of_an_idle_stop_are_observed(tmp_path: Path) -> None:
    """Within a boot the counters cover the time of a stop, so it is observed before the monitor writes so."""
    machine = Machine(NOON)
    with Counting(tmp_path, machine):
        pass
    machine.run(3 * DAY)
    answer = days(asking(tmp_path, machine), TODAY, date(2027, 5, 12))
    assert [each.usage.coverage for each in answer.days] == [pytest.approx(1)] * 3
    assert summary(asking(tmp_path, machine)).days_tracked == 4
