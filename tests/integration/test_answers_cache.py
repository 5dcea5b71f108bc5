"""A warm cache never changes an answer: after whatever happened to the ledger it says what a cold one says."""

import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from integration.ledgers import DAY, HOUR, Counting, Machine, asking, at, cold, sound
from packetbuddy.answers.amend import correct, decide_doubt, undo_correction
from packetbuddy.answers.open import Question
from packetbuddy.answers.usage import days, groups, summary
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import slot_of
from packetbuddy.settings.places import Home
from packetbuddy.storage.tending import tending

START = at(2027, 5, 1, 12)
ZONES = ("UTC", "Asia/Kolkata", "America/New_York")
Change = Callable[[Path, Machine], None]


def everything(question: Question) -> tuple[object, ...]:
    """All answers that go through the cache."""
    local = date(2027, 4, 25)
    return (
        summary(question),
        days(question, local, local + timedelta(days=30)),
        *(groups(question, by=by, first=None, last=None, top=500) for by in ("day", "week", "month", "year")),
    )


def fortnight(root: Path, *, synchronized: bool | None = True) -> Machine:
    """Two weeks with traffic each few hours."""
    machine = Machine(START, synchronized=synchronized)
    with Counting(root, machine) as counting:
        for number in range(80):
            counting.use(START + (number * 4 + 1) * HOUR * SECOND, rx=1000 + number, tx=number)
            if number % 7 == 0:
                counting.flush()
    return machine


def flush_today(root: Path, machine: Machine) -> None:
    """The ordinary case: some more of today."""
    with Counting(root, machine) as counting:
        counting.tick(12_345, 6)


def days_later(root: Path, machine: Machine) -> None:
    """Counting goes on for some days."""
    with Counting(root, machine) as counting:
        counting.use(machine.wall_ns + 3 * DAY * SECOND, rx=77)


def correct_the_past(root: Path, machine: Machine) -> None:
    """A correction of a day in the past, one of them taken back."""
    question = asking(root, machine, zone="America/New_York")
    for received in (5, 50_000):
        correct(question, date(2027, 5, 4), sent=1, received=received, reason="the router says so")
    undo_correction(question, date(2027, 5, 4))


def idle_days(root: Path, machine: Machine) -> None:
    """Days pass without a byte, asked meanwhile; only then the monitor writes that it saw them."""
    for _ in range(6):
        machine.run(DAY)
        for zone in ZONES:
            everything(asking(root, machine, zone=zone, failing="for a moment"))
    with Counting(root, machine):
        machine.run(5)


def step_back(root: Path, machine: Machine) -> None:
    """The clock steps back ten days, and traffic goes on there."""
    with Counting(root, machine) as counting:
        counting.tick(10)
        machine.set_clock(-10 * DAY)
        machine.synchronized = False
        counting.tick(999)
        machine.run(HOUR)
        counting.tick(9)


def compact(root: Path, machine: Machine) -> None:
    """The daily upkeep makes quarter hours of old slots."""
    home = Home(root)
    with tending(home.ledger, home.lock) as tender:
        tender.compact(slot_of(machine.wall_ns - 3 * DAY * SECOND))


CHANGES = (flush_today, days_later, correct_the_past, idle_days, step_back, compact)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("zone", ZONES)
def test_warm_says_what_cold_says(tmp_path: Path, change: Change, zone: str) -> None:
    """A cache that was warm before the change gives the answers of one that never was."""
    machine = fortnight(tmp_path)
    everything(asking(tmp_path, machine, zone=zone))
    change(tmp_path, machine)
    question = asking(tmp_path, machine, zone=zone)
    warm = everything(question)
    with cold(question):
        assert everything(question) == warm
    assert everything(question) == warm
    assert sound(tmp_path)


def test_a_stop_over_local_midnight(tmp_path: Path) -> None:
    """Asked during an idle stop over local midnight; with the monitor back, both days are as observed as they are."""
    machine = Machine(at(2027, 5, 8))
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2027, 5, 10, 10), rx=5)
    zone = "Asia/Kolkata"  # midnight is at half past six in the evening, UTC
    machine.run_until(at(2027, 5, 10, 19))
    everything(asking(tmp_path, machine, zone=zone, failing="for a moment"))
    machine.run(HOUR)
    with Counting(tmp_path, machine):
        question = asking(tmp_path, machine, zone=zone)
        warm = everything(question)
        with cold(question):
            assert everything(question) == warm
        told = days(question, date(2027, 5, 10), date(2027, 5, 11))
        assert [each.usage.coverage for each in told.days] == [pytest.approx(1)] * 2


def test_compaction_moves_no_byte(tmp_path: Path) -> None:
    """Quarter hours for old slots leave every day as it was."""
    machine = fortnight(tmp_path)
    question = asking(tmp_path, machine)
    before = days(question, date(2027, 5, 1), date(2027, 5, 20))
    compact(tmp_path, machine)
    with cold(question):
        assert days(question, date(2027, 5, 1), date(2027, 5, 20)) == before
    assert days(question, date(2027, 5, 1), date(2027, 5, 20)) == before


def test_an_accepted_doubt(tmp_path: Path) -> None:
    """Accepting a doubt of a week ago shows at once, on its day."""
    machine = fortnight(tmp_path)
    machine.link_speed = 10**6
    with Counting(tmp_path, machine) as counting:
        for hour in (2, 20):  # in UTC, that is the day before in New York and the day after in Kolkata
            counting.use(at(2027, 5, 18, hour), rx=10**12)
        counting.use(at(2027, 5, 27), rx=1)
    questions = [asking(tmp_path, machine, zone=zone) for zone in ZONES]
    before = [(summary(question).usage.total, everything(question))[0] for question in questions]
    for number in (1, 2):
        decide_doubt(questions[0], number, accept=True)
    for question, total in zip(questions, before, strict=True):
        warm = everything(question)
        assert summary(question).usage.total == total + 2 * 10**12
        with cold(question):
            assert everything(question) == warm
    assert days(questions[0], date(2027, 5, 18), date(2027, 5, 18)).summary.estimated == 2 * 10**12


def test_a_moved_epoch(tmp_path: Path) -> None:
    """Rows that move to their right day when the clock is set leave nothing behind in a warm cache."""
    machine = Machine(START + 40 * DAY * SECOND, synchronized=False)
    with Counting(tmp_path, machine) as counting:
        for number in range(20):
            counting.use(machine.wall_ns + 7 * HOUR * SECOND, rx=1000 + number)
        counting.flush()
        for zone in ZONES:
            everything(asking(tmp_path, machine, zone=zone))
        machine.set_clock(-40 * DAY)
        machine.synchronized = True
        counting.tick(5)
        counting.flush()
        for zone in ZONES:
            question = asking(tmp_path, machine, zone=zone)
            warm = everything(question)
            with cold(question):
                assert everything(question) == warm
            assert summary(question).first_day == date(2027, 5, 1)


def test_without_a_cache(tmp_path: Path) -> None:
    """A cache that cannot be written or is damaged anywhere costs time, never an answer; a damaged one is replaced."""
    machine = fortnight(tmp_path)
    question = asking(tmp_path, machine, zone="Asia/Kolkata")
    right = everything(question)
    cache = question.home.cache
    whole = cache.read_bytes()
    for damage in (b"no database at all", whole[:5000], whole[:4096] + bytes(len(whole) - 4096), b""):
        cache.write_bytes(damage)
        assert everything(question) == right
        assert everything(question) == right
    cache.unlink()
    cache.mkdir()
    assert everything(question) == right


def test_damage_anywhere(tmp_path: Path) -> None:
    """Whichever page of a year's cache is damaged, every answer is right, at once and afterwards."""
    machine = Machine(at(2026, 12, 1))
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2027, 1, 1), rx=7)
        counting.use(at(2028, 1, 1), rx=5)
    question = asking(tmp_path, machine)
    right = everything(question)
    whole = question.home.cache.read_bytes()
    assert len(whole) > 5 * 4096
    for page in range(0, len(whole), 4096):
        question.home.cache.write_bytes(whole[:page] + b"\xff" * 4096 + whole[page + 4096 :])
        assert everything(question) == right
        assert everything(question) == right


def test_while_another_holds_it(tmp_path: Path) -> None:
    """A cache that another reader is writing to is done without, for that answer."""
    machine = fortnight(tmp_path)
    question = asking(tmp_path, machine)
    everything(question)
    correct(question, date(2027, 5, 4), sent=1, received=5, reason="the router says so")
    with cold(question):
        right = days(question, date(2027, 5, 3), date(2027, 5, 4))
    holder = sqlite3.connect(question.home.cache, isolation_level=None)
    try:
        for lock in ("IMMEDIATE", "EXCLUSIVE"):
            holder.execute(f"BEGIN {lock}")
            assert days(question, date(2027, 5, 3), date(2027, 5, 4)) == right
            holder.execute("ROLLBACK")
    finally:
        holder.close()


def test_a_reader_that_saw_less(tmp_path: Path) -> None:
    """An answer from an older state of the ledger than the cache's does not mix the two."""
    machine = fortnight(tmp_path)
    question = asking(tmp_path, machine)
    ledger = question.home.ledger
    older = ledger.read_bytes()
    right = everything(question)
    correct_the_past(tmp_path, machine)
    everything(asking(tmp_path, machine))
    ledger.write_bytes(older)
    assert everything(question) == right


def test_a_foreign_interface_scope(tmp_path: Path) -> None:
    """Each interface is cached by itself, beside all that counts."""
    machine = fortnight(tmp_path)
    for interface in (None, "wlan0", "eth0", None, "wlan0"):
        question = asking(tmp_path, machine, interface=interface)
        warm = everything(question)
        with cold(question):
            assert everything(question) == warm
        assert (summary(question).usage.total > 0) == (interface != "eth0")
