"""Doubts decided and days corrected, in the real file: once only, to the byte, and back again."""

import threading
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.storage_making import START, Keeping, Machine, counted, day_totals, dump, keeping, rows, sums
from packetbuddy.answers.localdays import day_start
from packetbuddy.errors import LedgerBusyError, LedgerMissingError, WrongUsageError
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import slot_of
from packetbuddy.storage.amending import Amender, Wanted, amending
from packetbuddy.storage.reader import reading
from packetbuddy.storage.tending import Audit, tending

DAY = 86_400
ZONES = ["UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York"]
KEPT = frozenset({"state", "corrections", "correction_slots", "days", "interfaces", "series", "doubts"})
"""Tables in which a correction that was undone leaves its trail; day totals are compared without revisions."""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "packetbuddy.db"


def local_day(zone: str, ahead: int = 1) -> tuple[str, int, int]:
    """Date and slots of a local day, some days after the tests' clock began."""
    rules = ZoneInfo(zone)
    ordinal = START // DAY + 719_163 + ahead
    first, beyond = slot_of(day_start(ordinal, rules)), slot_of(day_start(ordinal + 1, rules))
    return date.fromordinal(ordinal).isoformat(), first, beyond


def wanted(zone: str, rx: int, tx: int, ahead: int = 1) -> Wanted:
    day, first, beyond = local_day(zone, ahead)
    return Wanted(day, zone, first, beyond, rx, tx, "the router says so")


def day_sum(ledger: Path, zone: str, ahead: int = 1) -> tuple[int, int]:
    _, first, beyond = local_day(zone, ahead)
    with reading(ledger, ledger.with_name("lock")) as reader:
        return reader.total(reader.series(None), first, beyond)[:2]


def change(ledger: Path) -> AbstractContextManager[Amender]:
    """Amend in a transaction of its own."""
    return amending(ledger, ledger.with_name("lock"))


def correct(ledger: Path, want: Wanted) -> None:
    with change(ledger) as amender:
        amender.correct(want, at_ns=START * SECOND)


def undo(ledger: Path, day: str) -> None:
    with change(ledger) as amender:
        amender.undo(day, at_ns=START * SECOND)


def healthy(ledger: Path) -> None:
    """Day totals are sums of slots, nothing is below zero, the audit is content."""
    assert sums(ledger) == day_totals(ledger)
    total = "SELECT min(rx), min(tx) FROM (SELECT sum(rx) AS rx, sum(tx) AS tx FROM slots GROUP BY id >> 16)"
    assert all(least >= 0 for least in rows(ledger, total)[0])
    with tending(ledger, ledger.with_name("lock")) as tender:
        assert tender.audit() == Audit(None, (), ())


def test_a_correction_worked_out_before_a_write_is_refused(ledger: Path) -> None:
    """What was pending must not be taken off twice: a monitor's write in between changes nothing but the attempt."""
    with keeping(ledger, Machine()) as books:
        books.steady(24 * 4)
        with reading(ledger, ledger.with_name("lock")) as reader:
            revision = reader.state().revision
        want = wanted("UTC", 5_000_000, 1_000_000)
        books.steady(1)
        before = sums(ledger)
        with pytest.raises(LedgerBusyError):
            correct(ledger, want._replace(revision=revision))
        assert sums(ledger) == before
        with reading(ledger, ledger.with_name("lock")) as reader:
            revision = reader.state().revision
        correct(ledger, want._replace(revision=revision))
    assert day_sum(ledger, "UTC") == (5_000_000, 1_000_000)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("share", [0, 0.4, 1, 3.7])
def test_a_correction_hits_its_local_day_and_is_undone_to_the_byte(ledger: Path, zone: str, share: float) -> None:
    """The local day has exactly the wanted bytes, its neighbours what they had; undone, every slot is as it was."""
    with keeping(ledger, Machine()) as books:
        books.steady(24 * 4)
    before, slots = [day_sum(ledger, zone, ahead) for ahead in (0, 1, 2)], rows(ledger, "SELECT * FROM slots")
    rx, tx = int(before[1][0] * share), int(before[1][1] * share) + 1
    correct(ledger, wanted(zone, rx, tx))
    assert [day_sum(ledger, zone, ahead) for ahead in (0, 1, 2)] == [before[0], (rx, tx), before[2]]
    healthy(ledger)
    undo(ledger, local_day(zone)[0])
    assert rows(ledger, "SELECT * FROM slots") == slots
    assert day_totals(ledger) == sums(ledger)
    with pytest.raises(WrongUsageError, match=r"no correction of .* stands"):
        undo(ledger, local_day(zone)[0])


def test_corrections_are_undone_last_first(ledger: Path) -> None:
    """Three corrections of a day, a fourth of another: each undo gives the state before it, back to the original."""
    with keeping(ledger, Machine()) as books:
        books.steady(24 * 3)
    day, other = local_day("UTC")[0], local_day("UTC", 2)[0]
    states = []
    for want in (wanted("UTC", 10, 0), wanted("UTC", 10**12, 5), wanted("UTC", 0, 0)):
        states.append(dump(ledger, without=KEPT))
        correct(ledger, want)
        healthy(ledger)
    correct(ledger, wanted("UTC", 7, 7, ahead=2))
    undo(ledger, other)
    for state in reversed(states):
        undo(ledger, day)
        assert dump(ledger, without=KEPT) == state
        healthy(ledger)
    with pytest.raises(WrongUsageError):
        undo(ledger, day)
    trail = rows(ledger, "SELECT date, reason, undone_ns IS NOT NULL FROM corrections ORDER BY id")
    assert trail == [(day, "the router says so", 1)] * 3 + [(other, "the router says so", 1)]


def test_a_day_without_usage_can_be_given_some(ledger: Path) -> None:
    """An unobserved day takes a correction, shows it whole, and loses every trace of it in the sums when undone."""
    with keeping(ledger, Machine()) as books:
        books.steady(1)
    correct(ledger, wanted("Asia/Kathmandu", 123_456, 789, ahead=5))
    assert day_sum(ledger, "Asia/Kathmandu", 5) == (123_456, 789)
    healthy(ledger)
    undo(ledger, local_day("Asia/Kathmandu", 5)[0])
    assert day_sum(ledger, "Asia/Kathmandu", 5) == (0, 0)
    with reading(ledger, ledger.with_name("lock")) as reader:
        assert reader.total(reader.series(None), *local_day("Asia/Kathmandu", 5)[1:]).points == 0


def test_a_correction_survives_compaction_and_is_undone_after_it(ledger: Path) -> None:
    """Corrected, compacted, undone: the day has its bytes again, in quarter hours too after the next compaction."""
    with keeping(ledger, Machine()) as books:
        books.steady(24 * 4)
    before = day_sum(ledger, "Asia/Kathmandu")
    correct(ledger, wanted("Asia/Kathmandu", 1_000_003, 17))
    limit = local_day("UTC", 3)[1]
    for expected in ((1_000_003, 17), before):
        with tending(ledger, ledger.with_name("lock")) as tender:
            tender.compact(limit)
        assert day_sum(ledger, "Asia/Kathmandu") == expected
        healthy(ledger)
        if expected != before:
            undo(ledger, local_day("Asia/Kathmandu")[0])
            assert day_sum(ledger, "Asia/Kathmandu") == before


def doubtful(books: Keeping, rx: int = 900_000_000) -> None:
    """A change faster than the ceiling, over six minutes."""
    books.machine.moved(rx=rx, tx=5)
    books.look(360)
    books.flush()


@pytest.mark.parametrize("accept", [True, False])
def test_a_doubt_is_decided_once(ledger: Path, accept: bool) -> None:
    """Accepted, its bytes are booked once, over its time, as estimated; rejected, never.

    A second word is refused, and so is one about a doubt that does not exist; neither changes anything.
    """
    with keeping(ledger, Machine(), max_rate=100_000) as books:
        books.steady(2)
        before, estimated = counted(ledger), rows(ledger, "SELECT sum(estimated) FROM slots")[0][0]
        doubtful(books)
        assert counted(ledger) == before
        with change(ledger) as amender:
            assert amender.decide(1, accept=accept, at_ns=7).state == ("accepted" if accept else "rejected")
        expected = (before[0] + 900_000_000, before[1] + 5) if accept else before
        decided = dump(ledger)
        for again in (True, False):
            with pytest.raises(WrongUsageError, match="already"), change(ledger) as amender:
                amender.decide(1, accept=again, at_ns=8)
        with pytest.raises(WrongUsageError, match="there is no doubt number 2"), change(ledger) as amender:
            amender.decide(2, accept=True, at_ns=8)
        assert dump(ledger) == decided
    assert counted(ledger) == expected
    assert rows(ledger, "SELECT sum(estimated) FROM slots")[0][0] - estimated == (900_000_005 if accept else 0)
    healthy(ledger)


def test_a_doubt_under_an_unset_clock(ledger: Path) -> None:
    """Accepted before its clock epoch is settled, a doubt's bytes move to the right day with everything else."""
    machine = Machine(synchronized=False)
    with keeping(ledger, machine, max_rate=100_000) as books:
        doubtful(books)
        with change(ledger) as amender:
            amender.decide(1, accept=True, at_ns=7)
        machine.wall_ns += 2 * DAY * SECOND
        machine.synchronized = True
        books.look()
        books.flush()
    assert counted(ledger) == (900_000_000, 5)
    days = {key[0] for key, amounts in sums(ledger).items() if amounts[0]}
    assert days == {START // DAY + 2}
    healthy(ledger)


def test_deciding_together(ledger: Path) -> None:
    """Eight at once accept the same doubt: one does, its bytes are booked once."""
    with keeping(ledger, Machine(), max_rate=100_000) as books:
        doubtful(books)
    told: list[str] = []

    def accept() -> None:
        try:
            with change(ledger) as amender:
                told.append(amender.decide(1, accept=True, at_ns=7).state)
        except WrongUsageError:
            told.append("refused")

    threads = [threading.Thread(target=accept) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(told) == ["accepted"] + ["refused"] * 7
    assert counted(ledger) == (900_000_000, 5)


def test_a_change_that_fails_changes_nothing(ledger: Path) -> None:
    """An exception inside leaves the ledger as it was, whatever was done before it."""
    with keeping(ledger, Machine()) as books:
        books.steady(24 * 3)
    before = dump(ledger)

    def fail() -> None:
        with change(ledger) as amender:
            amender.correct(wanted("UTC", 5, 5), at_ns=1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert dump(ledger) == before


def test_nothing_to_amend(ledger: Path) -> None:
    """Without a ledger there is nothing to correct, and no file is made."""
    with pytest.raises(LedgerMissingError, match="nothing is counted yet"), change(ledger):
        pass
    assert not ledger.exists()


def test_beside_a_writer(ledger: Path) -> None:
    """While the monitor goes on writing, corrections of a past day and its undo lose none of its flushes."""
    machine = Machine()
    with keeping(ledger, machine) as books:
        books.steady(24 * 3)
        before, today = day_sum(ledger, "UTC"), counted(ledger)
        for number in range(10):
            correct(ledger, wanted("UTC", number, number))
            machine.moved(rx=100)
            books.look(30)
            books.flush()
            undo(ledger, local_day("UTC")[0])
    assert day_sum(ledger, "UTC") == before
    assert counted(ledger) == (today[0] + 1000, today[1])
    healthy(ledger)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("correct"), st.integers(0, 3), st.sampled_from(ZONES), st.integers(0, 10**10)),
        st.tuples(st.just("undo"), st.integers(0, 3), st.sampled_from(ZONES), st.just(0)),
        st.tuples(st.just("compact"), st.integers(0, 3), st.just("UTC"), st.just(0)),
        st.tuples(st.just("count"), st.just(0), st.just("UTC"), st.integers(1, 10**6)),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(acts=ACTS)
def test_any_order_of_changes(acts: list[tuple[str, int, str, int]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Corrections, undos, compactions and counting in any order.

    Totals are sums, the audit is content, each correction gives what was wanted, and undoing everything leaves what was
    counted.
    """
    ledger = tmp_path_factory.mktemp("acts") / "packetbuddy.db"
    machine, moved = Machine(), 0
    with keeping(ledger, machine) as books:
        books.steady(24 * 4)
        original = counted(ledger)
        for kind, ahead, zone, amount in acts:
            if kind == "correct":
                correct(ledger, wanted(zone, amount, amount // 2, ahead))
                assert day_sum(ledger, zone, ahead) == (amount, amount // 2)
            elif kind == "undo":
                if rows(
                    ledger, "SELECT 1 FROM corrections WHERE date = ? AND undone_ns IS NULL", local_day(zone, ahead)[0]
                ):
                    undo(ledger, local_day(zone, ahead)[0])
            elif kind == "compact":
                with tending(ledger, ledger.with_name("lock")) as tender:
                    tender.compact(local_day("UTC", ahead)[1])
            else:
                machine.moved(rx=amount)
                moved += amount
                books.look(10)
                books.flush()
            assert sums(ledger) == day_totals(ledger)
        for (day,) in rows(ledger, "SELECT date FROM corrections WHERE undone_ns IS NULL ORDER BY id DESC"):
            undo(ledger, day)
    assert counted(ledger) == (original[0] + moved, original[1])
    with tending(ledger, ledger.with_name("lock")) as tender:
        assert tender.audit() == Audit(None, (), ())
