"""Wrong clocks: nothing lost, doubled or stuck, and the right days once the clock is set."""

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.ledgers import DAY, HOUR, MINUTE, Counting, Machine, asking, at, sound
from packetbuddy.answers.health import health
from packetbuddy.answers.usage import days, groups, summary, today
from packetbuddy.answers.why import why
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import SLOT_NS

NOON = at(2027, 5, 10, 12)
SLOT_SECONDS = SLOT_NS // SECOND
STEPS = {"an hour back": -HOUR, "a day ahead": DAY, "forty days ahead": 40 * DAY, "forty days back": -40 * DAY}
SYNCHRONIZED = st.sampled_from([True, False, None])


def by_day(root: Path, machine: Machine) -> dict[date, int]:
    """Usage of every day that has any, however far away a clock has put it."""
    question = asking(root, machine)
    answer = groups(question, by="day", first=None, last=None, top=1000)
    return {each.start.date(): each.usage.total for each in answer.groups}


def check(root: Path, machine: Machine, moved: int) -> None:
    """Everything that moved is there once, wherever; shares are shares; the audit agrees."""
    question = asking(root, machine)
    told = summary(question)
    assert told.usage.total == moved == sum(by_day(root, machine).values())
    for coverage in (told.usage.coverage, today(question).usage.coverage):
        assert coverage is None or 0 <= coverage <= 1
    answer = groups(question, by="hour", first=None, last=None, top=None)
    assert all(0 <= (each.usage.coverage or 0) <= 1 for each in answer.groups)
    assert sound(root)


def minutes(counting: Counting, count: int, rx: int) -> int:
    """Traffic each minute, flushed each; returns what moved."""
    for _ in range(count):
        counting.machine.run(MINUTE - 1)
        counting.tick(rx)
        counting.flush()
    return count * rx


@pytest.mark.parametrize("synchronized", [False, None])
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_away_and_back(tmp_path: Path, step: int, synchronized: bool | None) -> None:
    """A clock that went wrong and came back: what it counted moves to the right day; counting goes on."""
    machine = Machine(NOON, synchronized=synchronized)
    with Counting(tmp_path, machine) as counting:
        moved = minutes(counting, 10, 1000)
        machine.set_clock(step)
        moved += minutes(counting, 10, 10)
        check(tmp_path, machine, moved)
        beat = health(asking(tmp_path, machine))
        assert beat.state == "running"
        assert beat.last_write is not None
        assert beat.last_write.timestamp() == machine.wall_ns // SECOND
        machine.set_clock(-step)
        moved += minutes(counting, 10, 1)
        check(tmp_path, machine, moved)
    assert by_day(tmp_path, machine) == {date(2027, 5, 10): moved}
    assert summary(asking(tmp_path, machine)).usage.coverage == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_stepped_then_kept_by_a_time_service(tmp_path: Path, step: int) -> None:
    """Setting a kept clock makes it unkept; when a time service has it again, the rows of the wrong time move."""
    machine = Machine(NOON, synchronized=True)
    with Counting(tmp_path, machine) as counting:
        moved = minutes(counting, 5, 1000)
        machine.set_clock(step)
        machine.synchronized = False
        moved += minutes(counting, 5, 10)
        check(tmp_path, machine, moved)
        machine.set_clock(-step)
        machine.synchronized = True
        moved += minutes(counting, 5, 1)
        check(tmp_path, machine, moved)
    assert by_day(tmp_path, machine) == {date(2027, 5, 10): moved}


@pytest.mark.parametrize("synchronized", [True, False, None])
def test_1970_then_set(tmp_path: Path, synchronized: bool | None) -> None:
    """A computer without a clock of its own starts in 1970; once set, its bytes are on the day of today."""
    machine = Machine(20 * SECOND, synchronized=False, uptime=20)
    with Counting(tmp_path, machine) as counting:
        moved = minutes(counting, 7, 100)
        check(tmp_path, machine, moved)
        assert today(asking(tmp_path, machine, zone="America/New_York")).date == date(1969, 12, 31)
        assert today(asking(tmp_path, machine, zone="America/New_York")).usage.total == moved
        machine.wall_ns = NOON
        machine.synchronized = synchronized
        moved += minutes(counting, 7, 1)
        check(tmp_path, machine, moved)
    assert by_day(tmp_path, machine) == {date(2027, 5, 10): moved}


def test_days_of_1970_in_the_west(tmp_path: Path) -> None:
    """Before the clock is set, west of Greenwich, the first hours belong to the last day of 1969."""
    machine = Machine(20 * SECOND, synchronized=False, uptime=20)
    with Counting(tmp_path, machine) as counting:
        moved = minutes(counting, 20, 100)
        question = asking(tmp_path, machine, zone="America/New_York")
        answer = days(question, date(1969, 12, 30), date(1970, 1, 2))
        assert {each.date: each.usage.total for each in answer.days if each.usage.total} == {date(1969, 12, 31): moved}
        parts = groups(question, by="hour", first=date(1969, 12, 31), last=date(1970, 1, 1), top=None).groups
        assert [(each.start.hour, each.usage.total) for each in parts if each.usage.total] == [(19, moved)]
        check(tmp_path, machine, moved)


def test_set_while_nobody_counted(tmp_path: Path) -> None:
    """Stopped, the clock put a day ahead, started, put back: the bytes are on the right day, once."""
    machine = Machine(NOON, synchronized=None)
    with Counting(tmp_path, machine) as counting:
        moved = minutes(counting, 5, 1000)
    machine.run(HOUR)
    machine.move(500, 0)
    machine.set_clock(DAY)
    with Counting(tmp_path, machine) as counting:
        moved += 500 + minutes(counting, 5, 10)
        machine.set_clock(-DAY)
        moved += minutes(counting, 5, 1)
        check(tmp_path, machine, moved)
    assert by_day(tmp_path, machine) == {date(2027, 5, 10): moved}


def test_the_step_is_told(tmp_path: Path) -> None:
    """The day says that the clock was set, and by how much."""
    machine = Machine(NOON, synchronized=None)
    with Counting(tmp_path, machine) as counting:
        minutes(counting, 2, 1000)
        machine.set_clock(HOUR)
        minutes(counting, 2, 1000)
    told = [each.detail for each in why(asking(tmp_path, machine), date(2027, 5, 10)).events if each.kind == "clock"]
    assert told == ["the clock was set by +3600 seconds"]


def test_a_reader_before_the_monitor_wrote(tmp_path: Path) -> None:
    """Right after a step, with nothing written since, a reader counts every byte once."""
    for step in STEPS.values():
        root = tmp_path / str(step)
        root.mkdir()
        machine = Machine(NOON, synchronized=None)
        with Counting(root, machine) as counting:
            moved = minutes(counting, 3, 1000)
            machine.run(10)
            machine.move(50, 0)
            machine.set_clock(step)
            machine.run(10)
            assert summary(asking(root, machine)).usage.total == moved + 50
            counting.look()
            check(root, machine, moved + 50)


STEP = st.tuples(
    st.sampled_from([0, 0, 0, -HOUR, HOUR, DAY, -DAY, 40 * DAY, -40 * DAY, 90, -70]), SYNCHRONIZED, st.booleans()
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEP, min_size=1, max_size=12))
def test_any_history_of_a_clock(steps: list[tuple[int, bool | None, bool]]) -> None:
    """However a clock is set, with or without a time service, between writes or restarts: every byte is there once."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        machine = Machine(NOON, synchronized=None)
        moved = 0
        for step, synchronized, restart in steps:
            with Counting(root, machine) as counting:
                machine.set_clock(step)
                machine.synchronized = synchronized
                moved += minutes(counting, 2, 17)
                if not restart:
                    machine.run(30)
                    counting.tick(5)
                    moved += 5
            check(root, machine, moved)


def test_kept_in_the_end() -> None:
    """Whatever a clock did while nobody kept it: when a time service has it, all of that boot is on the right day."""

    def history(step: int) -> Callable[[Counting], int]:
        def act(counting: Counting) -> int:
            counting.machine.set_clock(step)
            return minutes(counting, 3, 7)

        return act

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        machine = Machine(NOON + 3 * DAY * SECOND, synchronized=False)
        offsets = (0, 40 * DAY, -41 * DAY, HOUR)
        with Counting(root, machine) as counting:
            moved = sum(history(step)(counting) for step in offsets)
            machine.set_clock(-sum(offsets) - 3 * DAY)
            machine.synchronized = True
            moved += minutes(counting, 3, 1)
            check(root, machine, moved)
        assert by_day(root, machine) == {date(2027, 5, 10): moved}
