"""Looking through ledgers and backups without changing them, and only for so long."""

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest

from integration.storage_making import Keeping, Machine, keeping, spoil
from packetbuddy.errors import LedgerBusyError, LedgerDamagedError, LedgerForeignError, LedgerMissingError
from packetbuddy.storage import examining
from packetbuddy.storage.examining import daily_backups, examine, judge_backup
from packetbuddy.storage.lock import Lock
from packetbuddy.storage.tending import tending

PATIENT = 60.0


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "packetbuddy.db"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "monitor.lock"


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.iterdir())}


def week(ledger: Path) -> None:
    """A ledger with a week of traffic, closed."""
    with keeping(ledger, Machine()) as books:
        books.steady(24 * 7)


def test_a_sound_ledger_is_seen_whole(ledger: Path, lock: Path) -> None:
    """Heartbeat, baselines and audit; nothing is left out when there is time, and the file stays as it is."""
    week(ledger)
    before = files(ledger.parent)
    found = examine(ledger, lock, seconds=PATIENT)
    assert (found.damage, found.unequal_days, found.unbalanced, found.unfinished) == (None, (), (), ())
    assert (found.state.alive, found.doubts) == (False, ())
    assert found.began_ns is not None
    assert found.books.boot == "boot-1"
    assert files(ledger.parent) == before


def test_an_open_ledger_is_seen_with_what_its_log_holds(ledger: Path, lock: Path) -> None:
    """While a writer has it open, what it committed is there.

    That its companions stay as they are is for a look from another process to prove: SQLite shares them within one.
    """
    machine = Machine()
    guard = Lock(lock)
    guard.acquire()
    with keeping(ledger, machine) as books:
        machine.moved(rx=5_000)
        books.look(60)
        books.flush()
        found = examine(ledger, lock, seconds=PATIENT)
        assert books.meter.books.at is not None
        assert found.state.heartbeat_ns == books.meter.books.at.wall_ns
        assert found.state.alive
    guard.release()


def test_what_takes_too_long_is_left_out_and_named(ledger: Path, lock: Path) -> None:
    """Without time the parts that read everything end at once; the heartbeat and the balance are there all the same."""
    week(ledger)
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        connection.execute("UPDATE baselines SET booked_rx = booked_rx + 1 WHERE name = 'eth0'")
        connection.commit()
    found = examine(ledger, lock, seconds=0)
    assert found.unfinished == ("integrity", "totals")
    assert found.unbalanced == ("eth0: -1 bytes in, 0 out",)
    assert found.state.heartbeat_ns


def test_a_backup_is_judged_as_long_as_there_is_time(ledger: Path, lock: Path) -> None:
    """Whole, damaged, no ledger at all, or not known in so short a time."""
    week(ledger)
    backup = ledger.with_name("packetbuddy-2026-11-23.db")
    with tending(ledger, lock) as tender:
        assert tender.backup(backup)
    assert judge_backup(backup, seconds=PATIENT) is True
    assert judge_backup(backup, seconds=0) is None
    spoil(backup)
    assert judge_backup(backup, seconds=PATIENT) is False
    backup.write_bytes(b"no ledger")
    assert judge_backup(backup, seconds=PATIENT) is False
    assert judge_backup(backup.with_name("none.db"), seconds=PATIENT) is False


def test_backups_are_those_of_days(tmp_path: Path) -> None:
    """Only files named for a day count, in order; without a folder there are none."""
    folder = tmp_path / "backups"
    assert daily_backups(folder) == []
    folder.mkdir()
    for name in ("packetbuddy-2026-11-23.db", "packetbuddy-2026-01-02.db", "damaged-20261123-1.db", "x.part"):
        (folder / name).touch()
    assert [path.name for path in daily_backups(folder)] == ["packetbuddy-2026-01-02.db", "packetbuddy-2026-11-23.db"]


def test_what_is_no_ledger_is_refused_untouched(ledger: Path, lock: Path) -> None:
    """Missing, empty, foreign, damaged: each by its own error, and no companion file appears."""
    with pytest.raises(LedgerMissingError):
        examine(ledger, lock, seconds=PATIENT)
    ledger.touch()
    with pytest.raises(LedgerMissingError):
        examine(ledger, lock, seconds=PATIENT)
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        connection.execute("CREATE TABLE daily_aggregates (a)")
    before = files(ledger.parent)
    with pytest.raises(LedgerForeignError):
        examine(ledger, lock, seconds=PATIENT)
    assert files(ledger.parent) == before
    ledger.write_bytes(os.urandom(5000))
    with pytest.raises(LedgerDamagedError):
        examine(ledger, lock, seconds=PATIENT)
    assert [path.name for path in ledger.parent.iterdir()] == [ledger.name]


def test_a_log_without_its_index_is_left_alone(ledger: Path, lock: Path) -> None:
    """Reading it would have to make the index: it is said instead."""
    week(ledger)
    ledger.with_name("packetbuddy.db-wal").write_bytes(b"left by a crash")
    before = files(ledger.parent)
    with pytest.raises(LedgerBusyError, match="was not closed"):
        examine(ledger, lock, seconds=PATIENT)
    assert files(ledger.parent) == before


@pytest.mark.parametrize("damaging", [False, True])
def test_a_writer_that_comes_meanwhile_is_no_damage(
    damaging: bool, ledger: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was opened as unchanging and then was opened to write is not judged, neither whole nor damaged."""
    week(ledger)
    writers = []

    def late(*arguments: object, **keywords: object) -> object:
        writers.append(Keeping(ledger, Machine()))
        if damaging:
            raise LedgerDamagedError("malformed")
        return original(*arguments, **keywords)  # type: ignore[arg-type]

    original = examining._examined
    monkeypatch.setattr(examining, "_examined", late)
    try:
        with pytest.raises(LedgerBusyError, match="in this moment"):
            examine(ledger, lock, seconds=PATIENT)
    finally:
        for each in writers:
            each.writer.close()
