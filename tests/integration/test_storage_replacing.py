"""A ledger's file is replaced whole or not at all, its companions with it."""

import contextlib
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from integration.storage_making import Machine, counted, dump, keeping, rows
from packetbuddy.errors import LedgerError, LedgerFullError
from packetbuddy.storage import replacing
from packetbuddy.storage.reader import reading
from packetbuddy.storage.replacing import (
    _prepare,
    finish,
    newest_backup,
    replace_damaged,
    set_aside,
    verified,
)
from packetbuddy.storage.tending import tending
from packetbuddy.storage.writer import Writer


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "packetbuddy.db"


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def companions(ledger: Path) -> list[str]:
    return sorted(path.name for path in ledger.parent.glob(f"{ledger.name}*"))


def left_open(ledger: Path, machine: Machine, hours: float) -> None:
    """Count into the ledger and leave it as ``kill -9`` does: with its write-ahead log."""
    crashed = ledger.with_name("crashed.db")
    if ledger.exists():
        crashed.write_bytes(ledger.read_bytes())
    with keeping(crashed, machine) as books:
        books.steady(hours)
        for part in ("", "-wal", "-shm"):
            ledger.with_name(ledger.name + part).write_bytes(crashed.with_name(crashed.name + part).read_bytes())
    crashed.unlink()


def backed_up(ledger: Path, backups: Path, day: int) -> Path:
    """A verified backup of the ledger as it stands."""
    target = backups / f"packetbuddy-2026-11-{day:02}.db"
    with tending(ledger, ledger.with_name("lock")) as tender:
        assert tender.backup(target)
    return target


def test_set_aside_takes_the_companions_along(ledger: Path, backups: Path) -> None:
    """Ledger, log and shared memory go together under one new name and are still that ledger, the log's rows included.

    A second one in the same second gets a name of its own.
    """
    aside = []
    for _ in range(3):
        left_open(ledger, Machine(), 2)
        assert companions(ledger) == ["packetbuddy.db", "packetbuddy.db-shm", "packetbuddy.db-wal"]
        aside.append(set_aside(ledger, backups))
        assert companions(ledger) == []
    assert len(set(aside)) == 3
    for path in aside:
        assert path.with_name(path.name + "-wal").exists()
        assert counted(path)[0] > 24 * 30_000
    assert stat.S_IMODE(backups.stat().st_mode) == 0o700


def put_in_place(backup: Path, ledger: Path) -> None:
    """As it is done with a damaged ledger, once that is set aside."""
    with replacing.replacing(ledger):
        _prepare(backup, ledger)
        finish(ledger, backup.parent)


def test_put_in_place_is_a_copy_of_another_lineage(ledger: Path, backups: Path) -> None:
    """The restored ledger has the backup's rows, a lineage of its own and a later revision.

    The backup stays as it is.
    """
    machine = Machine()
    with keeping(ledger, machine) as books:
        books.steady(5)
    backup = backed_up(ledger, backups, 20)
    raw, before = backup.read_bytes(), dump(ledger)
    set_aside(ledger, backups)
    put_in_place(backup, ledger)
    assert backup.read_bytes() == raw
    assert companions(ledger) == ["packetbuddy.db"]
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600
    after = dump(ledger)
    assert {name for name in after if after[name] != before[name]} == {"state"}
    (lineage, revision), (was, earlier) = (
        rows(path, "SELECT lineage, revision FROM state")[0] for path in (ledger, backup)
    )
    assert lineage != was
    assert revision > earlier
    with keeping(ledger, machine):
        assert rows(ledger, "PRAGMA journal_mode") == [("wal",)]


def test_never_beside_an_old_log(ledger: Path, backups: Path) -> None:
    """A replacement that an interruption left to be put in place finds the old log there.

    It is set aside first, or the restored ledger would be malformed.
    """
    machine = Machine()
    with keeping(ledger, machine) as books:
        books.steady(5)
    backup = backed_up(ledger, backups, 20)
    expected = counted(ledger)
    left_open(ledger, machine, 24)
    replacing._prepare(backup, ledger)
    ledger.unlink()
    assert finish(ledger, backups)
    assert companions(ledger) == ["packetbuddy.db"]
    assert verified(ledger)
    assert counted(ledger) == expected
    assert sorted(path.suffix for path in backups.glob("damaged-*")) == [".db-shm", ".db-wal"]
    assert not finish(ledger, backups)


@pytest.mark.parametrize("interrupted", range(12))
def test_an_interruption_at_any_step_leaves_a_whole_ledger(
    ledger: Path, backups: Path, interrupted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut at its k-th change of the file system, the replacement is either not begun or is finished by the next start.

    Both the damaged ledger and the backup are still somewhere, whole.
    """
    machine = Machine()
    with keeping(ledger, machine) as books:
        books.steady(5)
    backup, expected = backed_up(ledger, backups, 20), counted(ledger)
    left_open(ledger, machine, 3)
    changes = iter(range(1000))

    def cut(name: str, real: object) -> object:
        def perhaps(*arguments: object, **options: object) -> object:
            if next(changes) == interrupted:
                raise KeyboardInterrupt(name)
            return real(*arguments, **options)  # type: ignore[operator]

        return perhaps

    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        for name in ("replace", "mkdir", "unlink"):
            patch.setattr(Path, name, cut(name, getattr(Path, name)))
        patch.setattr(replacing, "sync_folder", cut("sync", replacing.sync_folder))
        replace_damaged(ledger, backups)
    restored = finish(ledger, backups)
    Writer(ledger).close()
    assert verified(ledger)
    assert verified(backup)
    replaced = restored or (not list(ledger.parent.glob("*.restoring")) and list(backups.glob("damaged-*.db")))
    if replaced:
        assert counted(ledger) == expected
        assert counted(next(backups.glob("damaged-*.db")))[0] > expected[0]
    else:
        assert counted(ledger)[0] > expected[0]


def test_without_a_backup_nothing_takes_its_place(ledger: Path, backups: Path) -> None:
    """No backup, or none that verifies: the damaged ledger is set aside and its place is free."""
    backups.mkdir()
    (backups / "packetbuddy-2026-11-20.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    (backups / "packetbuddy-2026-11-19.db").write_bytes(b"")
    (backups / "packetbuddy-1.x-2026-11-01.db").touch()
    ledger.write_bytes(b"rubbish" * 1000)
    aside, backup = replace_damaged(ledger, backups)
    assert backup is None
    assert aside.read_bytes() == b"rubbish" * 1000
    assert companions(ledger) == []


def test_the_newest_backup_that_verifies(ledger: Path, backups: Path) -> None:
    """Damaged, foreign and unfinished ones are passed over, however new they are."""
    with keeping(ledger, Machine()) as books:
        books.steady(24)
        good = [backed_up(ledger, backups, day) for day in (18, 19)]
        newest = backed_up(ledger, backups, 20)
    content = bytearray(newest.read_bytes())
    content[2048:9000] = os.urandom(9000 - 2048)
    newest.write_bytes(content)
    with contextlib.closing(sqlite3.connect(backups / "packetbuddy-2026-11-21.db")) as foreign:
        foreign.execute("CREATE TABLE state (id)")
    assert newest_backup(backups) == good[1]
    assert newest_backup(backups / "absent") is None


def test_no_room_for_a_replacement(ledger: Path, backups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills while the backup is copied: an error of ours, everything where it was, no half copy."""
    machine = Machine()
    with keeping(ledger, machine) as books:
        books.steady(24)
    backed_up(ledger, backups, 20)
    before = sorted(path.name for path in ledger.parent.rglob("*"))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(LedgerFullError, match="cannot be replaced: No space left on device"):
        replace_damaged(ledger, backups)
    assert sorted(path.name for path in ledger.parent.rglob("*")) == before


def test_a_leftover_journal_is_not_rolled_into_the_copy(ledger: Path, backups: Path) -> None:
    """What an interrupted restore left beside the temporary name goes before the copy is made."""
    with keeping(ledger, Machine()) as books:
        books.steady(5)
    backup = backed_up(ledger, backups, 20)
    fresh = ledger.with_name(ledger.name + ".restoring")
    fresh.write_bytes(backup.read_bytes())
    with contextlib.closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        connection.executescript("PRAGMA cache_size = 1; BEGIN; DELETE FROM slots; DELETE FROM days;")
        journal = fresh.with_name(fresh.name + "-journal").read_bytes()
    fresh.with_name(fresh.name + "-journal").write_bytes(journal)
    set_aside(ledger, backups)
    put_in_place(backup, ledger)
    assert counted(ledger) == counted(backup)
    assert verified(ledger)


def test_a_damaged_backup_is_no_replacement(ledger: Path, tmp_path: Path) -> None:
    """Putting rubbish in place is refused and leaves nothing."""
    rubbish = tmp_path / "rubbish.db"
    rubbish.write_bytes(b"no database" * 100)
    with pytest.raises(LedgerError):
        put_in_place(rubbish, ledger)
    assert companions(ledger) == []


def test_a_reader_notices_a_replacement(ledger: Path, backups: Path) -> None:
    """Answers cached for the replaced ledger are void: the lineage that a reader sees is another one."""
    with keeping(ledger, Machine()) as books:
        books.steady(5)
    backup = backed_up(ledger, backups, 20)
    lock = ledger.with_name("lock")
    seen = set()
    for _ in range(2):
        with reading(ledger, lock) as reader:
            seen.add(reader.state().lineage)
        replace_damaged(ledger, backups)
    with reading(ledger, lock) as reader:
        seen.add(reader.state().lineage)
    assert len(seen) == 3
    assert backup.exists()
