"""Compaction, backups, audit and mending, beside a writer that goes on."""

import contextlib
import sqlite3
import stat
import threading
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from integration.storage_making import Machine, counted, day_totals, dump, keeping, orphans, rows, spoil, sums
from packetbuddy.answers.localdays import day_start
from packetbuddy.errors import LedgerBusyError, LedgerDamagedError, LedgerFullError, LedgerMissingError
from packetbuddy.metering.slots import slot_of
from packetbuddy.storage import copying
from packetbuddy.storage.copying import PART
from packetbuddy.storage.reader import reading
from packetbuddy.storage.replacing import verified
from packetbuddy.storage.tending import Audit, prune, tending

DAY = 86_400
HEALTHY = Audit(None, (), ())
ZONES = ["UTC", "Asia/Kathmandu", "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York", "Pacific/Chatham"]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "packetbuddy.db"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "monitor.lock"


def local_days(ledger: Path, zone: str) -> list[tuple[int, int, int, int]]:
    """rx, tx, estimated and peak of each local day of four weeks, straight from the slots."""
    rules, found = ZoneInfo(zone), []
    first = rows(ledger, "SELECT min(day) FROM days")[0][0] + 719_163
    with reading(ledger, ledger.with_name("lock")) as reader:
        series = reader.series(None)
        for day in range(first, first + 28):
            edges = slot_of(day_start(day, rules)), slot_of(day_start(day + 1, rules))
            found.append(reader.total(series, *edges)[:4])
    return found


def test_compaction_keeps_every_answer(ledger: Path, lock: Path) -> None:
    """Quarter hours hold the same sums and highest peaks.

    Per UTC day, per local day of any zone, per interface and in all; afterwards there is no finer row before the limit
    and none coarser after it.
    """
    machine = Machine()
    with keeping(ledger, machine) as books:
        books.steady(24 * 6)
        for number in range(500):
            machine.moved(rx=number * 1_000)
            machine.moved(rx=number, name="wlan0")
            books.look(1)
        books.steady(24 * 6)
    before = sums(ledger), day_totals(ledger), counted(ledger), {zone: local_days(ledger, zone) for zone in ZONES}
    many = rows(ledger, "SELECT count(*) FROM slots")[0][0]
    limit = slot_of(machine.wall_ns) - 288 * 3
    with tending(ledger, lock) as tender:
        assert tender.compact(limit) == 9
        assert tender.compact(limit) == 0
        assert tender.audit() == HEALTHY
    after = sums(ledger), day_totals(ledger), counted(ledger), {zone: local_days(ledger, zone) for zone in ZONES}
    assert after == before
    assert orphans(ledger) == 0
    whole = (limit - limit % 288) << 16
    assert rows(ledger, "SELECT count(*) FROM slots WHERE id < ? AND (id >> 16) % 3 <> 0", whole) == [(0,)]
    assert rows(ledger, "SELECT count(*) FROM slots WHERE id >= ? AND (id >> 16) % 3 <> 0", whole)[0][0] > 300
    assert rows(ledger, "SELECT count(*) FROM slots")[0][0] < many * 0.6


def test_compaction_tells_caches(ledger: Path, lock: Path) -> None:
    """A compacted day has fewer slots with data, so its revision rises; other days keep theirs."""
    machine = Machine()
    with keeping(ledger, machine) as books:
        books.steady(24 * 4)
    revision = rows(ledger, "SELECT revision FROM state")[0][0]
    first = rows(ledger, "SELECT min(day) FROM days")[0][0]
    with tending(ledger, lock) as tender:
        tender.compact((first + 2) * 288)
    with reading(ledger, lock) as reader:
        assert reader.changed_days(revision) == [first, first + 1]
        assert reader.state().revision > revision


def test_compaction_beside_a_writer_loses_nothing(ledger: Path, lock: Path) -> None:
    """While a month is compacted the monitor goes on writing.

    What it could not write at once it writes at the next try; every sum is right in the end.
    """
    machine = Machine()
    with keeping(ledger, machine) as books:
        books.steady(24 * 30)
        already = counted(ledger)
        work = threading.Thread(target=_compact_all, args=(ledger, lock, slot_of(machine.wall_ns)))
        work.start()
        flushes = beside = 0
        while work.is_alive() or flushes < 20:
            machine.moved(rx=1000)
            books.look(30)
            with contextlib.suppress(LedgerBusyError):
                books.flush()
                beside += work.is_alive()
            flushes += 1
            work.join(0.005)
        books.flush()
    assert counted(ledger) == (already[0] + 1000 * flushes, already[1])
    assert sums(ledger) == day_totals(ledger)
    assert beside, "not once did the compaction let the monitor write"
    with tending(ledger, lock) as tender:
        assert tender.audit() == HEALTHY


def _compact_all(ledger: Path, lock: Path, before: int) -> None:
    with tending(ledger, lock) as tender:
        tender.compact(before)


def test_compaction_before_a_clock_is_set(ledger: Path, lock: Path) -> None:
    """Rows of an unsettled clock epoch that were compacted meanwhile are moved like any other: none is left behind."""
    machine = Machine(synchronized=False)
    with keeping(ledger, machine) as books:
        machine.pass_time(301)
        books.steady(24 * 3)
        with tending(ledger, lock) as tender:
            assert tender.compact(slot_of(machine.wall_ns)) > 0
        total = counted(ledger)
        machine.wall_ns += 2 * DAY * 1_000_000_000
        machine.synchronized = True
        books.look()
        books.flush()
    assert counted(ledger) == total
    assert orphans(ledger) == 0
    assert sums(ledger) == day_totals(ledger)


def test_epochs_of_earlier_boots_are_settled(ledger: Path, lock: Path) -> None:
    """What an earlier boot's clock wrote can't be moved any more: settled where it stands, this boot's stays open."""
    machine = Machine(synchronized=False)
    with keeping(ledger, machine) as books:
        books.steady(2)
    total = sums(ledger)
    machine.boot, machine.elapsed_ns = "boot-2", 0
    machine.counters = {"eth0": [0, 0, 0, 0]}
    with keeping(ledger, machine) as books, tending(ledger, lock) as tender:
        assert len(rows(ledger, "SELECT * FROM epochs")) == 2
        tender.settle_former()
        assert [row[1] for row in rows(ledger, "SELECT * FROM epochs")] == ["boot-2"]
        books.steady(1)
    assert {day: row for day, row in sums(ledger).items() if day in total}.keys() == total.keys()
    assert sums(ledger) == day_totals(ledger)
    assert orphans(ledger) == 0


def test_audit_finds_and_mends(ledger: Path, lock: Path) -> None:
    """Totals that differ from their slots are found and made anew; bookings that differ from the counters are named."""
    with keeping(ledger, Machine()) as books:
        books.steady(50)
    right = day_totals(ledger)
    days = [row[0] for row in rows(ledger, "SELECT DISTINCT day FROM days ORDER BY day")]
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("UPDATE days SET rx = rx + 1 WHERE day = ? AND counted = 1", (days[0],))
        connection.execute("DELETE FROM days WHERE day = ?", (days[2],))
        connection.execute("UPDATE baselines SET booked_rx = booked_rx - 7 WHERE name = 'eth0'")
    with tending(ledger, lock) as tender:
        assert tender.audit() == Audit(None, (days[0], days[2]), ("eth0: 7 bytes in, 0 out",))
        tender.mend_days((days[0], days[2]))
        assert tender.audit().unequal_days == ()
    assert day_totals(ledger) == right


def test_audit_of_damage(ledger: Path, lock: Path) -> None:
    """Damage in the middle of history is told, by the audit or by the error that reading it gives."""
    with keeping(ledger, Machine()) as books:
        books.steady(24 * 20)
    spoil(ledger)
    with tending(ledger, lock) as tender:
        try:
            told = tender.audit().damage
        except sqlite3.DatabaseError as exc:
            told = str(exc)
    assert told
    with pytest.raises(LedgerDamagedError, match="is damaged"), reading(ledger, lock) as reader:
        reader.total(reader.series(None), 0, 1 << 40)


def test_a_backup_while_writing_is_a_moment(ledger: Path, lock: Path, tmp_path: Path) -> None:
    """Backups made while a writer flushes verify, are private and are each the ledger as it was after one flush."""
    machine = Machine()
    folder = tmp_path / "backups"
    made: list[Path] = []

    def back_up() -> None:
        with tending(ledger, lock) as tender:
            for number in range(8):
                target = folder / f"packetbuddy-2026-11-{number + 1:02}.db"
                assert tender.backup(target)
                made.append(target)

    with keeping(ledger, machine) as books:
        books.steady(24 * 5)
        work = threading.Thread(target=back_up)
        work.start()
        while work.is_alive():
            machine.moved(rx=1000)
            books.look(10)
            books.flush()
        work.join()
    assert len(made) == 8
    assert {path.name for path in folder.iterdir()} == {path.name for path in made}
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert verified(path)
        assert sums(path) == day_totals(path)
        booked, moved = rows(path, "SELECT booked_rx, rx_bytes - origin_rx FROM baselines WHERE name = 'eth0'")[0]
        assert booked == moved == counted(path)[0]
        assert rows(path, "PRAGMA journal_mode") == [("delete",)]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_backup_equals_the_ledger(ledger: Path, lock: Path, tmp_path: Path) -> None:
    """Every row of every table is in it; backing up again over the same name replaces it whole."""
    target = tmp_path / "backups" / "packetbuddy-2026-11-20.db"
    with keeping(ledger, Machine()) as books:
        for hours in (24, 48):
            books.steady(hours)
            with tending(ledger, lock) as tender:
                assert tender.backup(target)
            assert dump(target) == dump(ledger)
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_backup_without_room_leaves_the_old_one(
    ledger: Path, lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that cannot be written is an error that names it; yesterday's stays, no part of it stays."""
    folder = tmp_path / "backups"
    with keeping(ledger, Machine()) as books:
        books.steady(24 * 5)
        with tending(ledger, lock) as tender:
            assert tender.backup(folder / "packetbuddy-2026-11-20.db")
            books.steady(24)
            copy = copying._copy

            def fail(connection: sqlite3.Connection, aside: Path) -> None:
                copy(connection, aside)
                raise _full()

            monkeypatch.setattr(copying, "_copy", fail)
            with pytest.raises(LedgerFullError, match=r"packetbuddy-2026-11-21.db cannot grow"):
                tender.backup(folder / "packetbuddy-2026-11-21.db")
    assert [path.name for path in folder.iterdir()] == ["packetbuddy-2026-11-20.db"]


def _full() -> sqlite3.Error:
    """The error of a full disk, by SQLite itself."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA max_page_count = 2")
        try:
            connection.execute("CREATE TABLE t AS SELECT zeroblob(100000)")
        except sqlite3.Error as exc:
            return exc
    raise AssertionError


def test_prune_keeps_the_newest_and_what_is_not_its_own(tmp_path: Path) -> None:
    """Only daily backups beyond the newest N and interrupted copies go; everything else in the folder stays."""
    days = [f"packetbuddy-2026-{month:02}-{day:02}.db" for month in (9, 10, 11) for day in (1, 2, 30)]
    others = ["packetbuddy-1.x-2026-11-01.db", "damaged-20261101-101010.db", "packetbuddy-before-update.db", "mine.db"]
    for name in [*days, *others, f"{days[0]}{PART}", f"{days[-1]}{PART}-journal"]:
        (tmp_path / name).touch()
    gone = prune(tmp_path, 4)
    assert {path.name for path in tmp_path.iterdir()} == {*days[-4:], *others}
    assert {path.name for path in gone} == {*days[:-4], f"{days[0]}{PART}", f"{days[-1]}{PART}-journal"}
    assert prune(tmp_path, 4) == []
    assert prune(tmp_path / "absent", 4) == []


def test_nothing_to_tend(ledger: Path, lock: Path) -> None:
    """Without a ledger, or with an empty file, there is nothing to tend, and nothing is made."""
    with pytest.raises(LedgerMissingError), tending(ledger, lock):
        pass
    ledger.touch()
    with pytest.raises(LedgerMissingError), tending(ledger, lock):
        pass
    assert ledger.stat().st_size == 0
