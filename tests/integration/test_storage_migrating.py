"""Older and newer ledgers: a backup before every migration, and the version before an update can go on after it."""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from integration.storage_making import Machine, counted, dump, keeping, make_first, rows
from packetbuddy.errors import LedgerError, LedgerNewerError
from packetbuddy.settings.places import Home
from packetbuddy.storage import founding
from packetbuddy.storage.amending import amending
from packetbuddy.storage.connection import OLDEST_SCHEMA, SCHEMA_VERSION
from packetbuddy.storage.founding import BACKUPS, Stamp
from packetbuddy.storage.importing import Origin, importing
from packetbuddy.storage.reader import reading
from packetbuddy.storage.replacing import newest_backup, verified
from packetbuddy.storage.statements import migrations
from packetbuddy.storage.tending import Audit, tending
from packetbuddy.storage.writer import Writer

Shape = dict[str, dict[str, tuple[object, ...]]]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "packetbuddy.db"


def run(path: Path, script: str) -> None:
    """As another program would."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def used(path: Path) -> None:
    """A ledger with an hour in it."""
    with keeping(path, Machine()) as books:
        books.steady(1)


def aged(path: Path) -> None:
    """A ledger of the first schema with an hour in it."""
    used(path)
    make_first(path)


def kept(path: Path) -> list[Path]:
    """The backups beside a ledger."""
    return sorted((path.parent / BACKUPS).glob("*"))


def test_backups_go_where_they_are_looked_for(tmp_path: Path) -> None:
    """The folder that a migration backs up into is the home's own."""
    home = Home(tmp_path)
    assert home.ledger.parent / BACKUPS == home.backups


def test_a_backup_before_a_migration(ledger: Path) -> None:
    """The old ledger is kept whole and private as a backup that recovery finds; an event names it; nothing is lost."""
    aged(ledger)
    before, bytes_before = dump(ledger), counted(ledger)
    writer = Writer(ledger)
    writer.close()
    assert writer.warning == ""
    (backup,) = kept(ledger)
    assert backup.name.endswith("-schema-1.db")
    assert (backup.stat().st_mode & 0o777, verified(backup)) == (0o600, True)
    assert newest_backup(backup.parent) == backup
    assert dump(backup) == before
    assert rows(backup, "PRAGMA user_version") == [(1001,)]
    assert counted(ledger) == bytes_before
    told = rows(ledger, "SELECT detail FROM events WHERE kind = 'migrated'")
    assert told == [(f"from schema 1 to {SCHEMA_VERSION}; {backup.name} is as it was before",)]
    Writer(ledger).close()
    assert kept(ledger) == [backup]


def test_no_backup_of_nothing(ledger: Path) -> None:
    """Founding a ledger, and opening a present one, back nothing up."""
    used(ledger)
    used(ledger)
    assert kept(ledger) == []


def test_a_backup_that_cannot_be_made_stops_nothing_and_is_told(ledger: Path) -> None:
    """Where the backups' folder cannot be one, counting goes on; the writer and the ledger say what is missing."""
    aged(ledger)
    ledger.with_name(BACKUPS).write_text("in the way", "utf-8")
    with keeping(ledger, Machine()) as books:
        books.steady(1)
        assert "without a backup" in books.writer.warning
    ((told,),) = rows(ledger, "SELECT detail FROM events WHERE kind = 'migrated'")
    assert f"from schema 1 to {SCHEMA_VERSION}; without a backup: " in told
    assert Stamp(SCHEMA_VERSION, OLDEST_SCHEMA) == stamp(ledger)


def test_a_failed_migration_leaves_everything_as_it_was(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger stays old and whole, and no backup is piled up by the tries."""
    aged(ledger)
    before = dump(ledger)
    broken = (*migrations()[:-1], "CREATE TABLE halfway (id INTEGER) STRICT; CREATE TABLE state (id INTEGER) STRICT;")
    monkeypatch.setattr(founding, "migrations", lambda: broken)
    for _ in range(3):
        with pytest.raises(LedgerError, match="already exists"):
            Writer(ledger)
    assert dump(ledger) == before
    assert stamp(ledger) == Stamp(1, 1)
    assert kept(ledger) == []


def test_a_failed_migration_without_a_backup_says_why_it_failed(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that could not be made is not what stops anything, and not what is told."""
    aged(ledger)
    ledger.with_name(BACKUPS).write_text("in the way", "utf-8")
    monkeypatch.setattr(founding, "migrations", lambda: (*migrations()[:-1], "CREATE TABLE state (id INTEGER) STRICT;"))
    with pytest.raises(LedgerError, match="already exists"):
        Writer(ledger)
    assert stamp(ledger) == Stamp(1, 1)


def test_a_locked_ledger_is_not_copied_again_and_again(ledger: Path) -> None:
    """While another program holds the ledger, a migration waits before it copies anything."""
    aged(ledger)
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="locked"):
            Writer(ledger)
        assert kept(ledger) == []
        other.execute("ROLLBACK")
    Writer(ledger).close()
    assert len(kept(ledger)) == 1


MEASURE = """
import sys
from pathlib import Path
from packetbuddy.storage.writer import Writer

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

Writer(Path(sys.argv[1])).close()
before = peak()
writer = Writer(Path(sys.argv[2]))
print(peak() - before)
writer.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_years_are_backed_up_in_little_memory(ledger: Path, tmp_path: Path) -> None:
    """Copying, verifying and migrating a ledger of many megabytes costs the monitor less than one of them."""
    aged(ledger)
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        many = ((slot << 16 | 1, slot, slot, 0, 0, 0, 0) for slot in range(300_000))
        connection.executemany("INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)", many)
        connection.commit()
    assert ledger.stat().st_size > 5_000_000
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "small.db"), str(ledger)]
    grown = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    (backup,) = kept(ledger)
    assert verified(backup)
    assert grown < 1024


def stamp(path: Path) -> Stamp:
    """What the header says."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return Stamp.read(connection)


def shape(connection: sqlite3.Connection) -> Shape:
    """Tables → columns → type, NOT NULL, default, place in the key."""
    tables = [row[1] for row in connection.execute("PRAGMA table_list") if not row[1].startswith("sqlite_")]
    return {
        table: {row[1]: tuple(row[2:]) for row in connection.execute(f"PRAGMA table_info({table})")} for table in tables
    }


def unique(connection: sqlite3.Connection, table: str) -> set[tuple[str, ...]]:
    """Sets of columns that must differ."""
    found = [row[1] for row in connection.execute(f"PRAGMA index_list({table})") if row[2]]
    return {tuple(row[2] for row in connection.execute(f"PRAGMA index_info({name})")) for name in found}


def checks(connection: sqlite3.Connection, table: str) -> int:
    """How many CHECKs a table has."""
    (sql,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    return str(sql).upper().count("CHECK")


@pytest.mark.parametrize("older", range(OLDEST_SCHEMA, SCHEMA_VERSION + 1))
def test_migrations_only_expand(older: int) -> None:
    """Since the oldest schema that may go on, nothing new refuses or changes a row that is written as before.

    Every table and column is as it was, a new column needs no value, and on a table that was there stands no new unique
    index, check or foreign key; there are no triggers at all.
    """
    with (
        contextlib.closing(sqlite3.connect(":memory:")) as then,
        contextlib.closing(sqlite3.connect(":memory:")) as now,
    ):
        then.executescript("".join(migrations()[:older]))
        now.executescript("".join(migrations()))
        for table, columns in shape(then).items():
            present = shape(now)[table]
            assert {name: present[name] for name in columns} == columns
            assert all(not row[1] or row[2] is not None for name, row in present.items() if name not in columns)
            assert unique(now, table) == unique(then, table)
            assert checks(now, table) == checks(then, table)
            assert now.execute(f"PRAGMA foreign_key_list({table})").fetchall() == []
        assert now.execute("SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'view')").fetchall() == []


def expanded(path: Path, oldest: int) -> None:
    """What some later PacketBuddy makes of a ledger: every table wider, tables and indexes more."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for table in shape(connection):
            connection.execute(f"ALTER TABLE {table} ADD COLUMN of_later TEXT")
            connection.execute(f"ALTER TABLE {table} ADD COLUMN needed_later INTEGER NOT NULL DEFAULT 7")
            connection.execute(f"CREATE INDEX later_{table} ON {table} (of_later)")
        connection.execute("CREATE TABLE later (id INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT")
        connection.execute("INSERT INTO later (words) VALUES ('kept')")
        connection.commit()
        Stamp(SCHEMA_VERSION + 3, oldest).write(connection)


def test_the_version_before_goes_on_with_a_newer_ledger(ledger: Path) -> None:
    """Counting, reading, correcting, importing, undoing, upkeep and backup go on in a ledger that was expanded later.

    What is new in it stays, and so does its stamp: the later version need not migrate again.
    """
    used(ledger)
    before = counted(ledger)
    expanded(ledger, oldest=SCHEMA_VERSION)
    used(ledger)
    lock = ledger.with_name("lock")
    with importing(ledger, lock) as importer:
        importer.stage([(5_000_000, 11, 7, 0, 0)])
        importer.claim([(5_000_000 * 300 * 10**9, 5_000_001 * 300 * 10**9)])
        number = importer.commit(Origin("a", "b", "c", "UTC"), planned=importer.changes(), at_ns=1).number
    with importing(ledger, lock) as importer:
        assert importer.undo(number, at_ns=2).rx == 11
    with reading(ledger, lock) as reader:
        assert [each.rx for each in reader.imports()] == [11]
        assert reader.lifetime(None).rx > before[0]
        reader.events(0, 2**62)
    with amending(ledger, lock):
        pass
    with tending(ledger, lock) as tender:
        tender.compact(2**40)
        assert tender.audit() == Audit(None, (), ())
        assert tender.backup(ledger.with_name("copy.db"))
    for path in (ledger, ledger.with_name("copy.db")):
        assert rows(path, "SELECT words FROM later") == [("kept",)]
        assert stamp(path) == Stamp(SCHEMA_VERSION + 3, SCHEMA_VERSION)
    assert kept(ledger) == []


@pytest.mark.parametrize("oldest", [0, SCHEMA_VERSION + 1])
def test_a_newer_ledger_that_does_not_allow_it_is_refused(ledger: Path, oldest: int) -> None:
    """One that says so, or says nothing, is neither read nor written, to the byte."""
    used(ledger)
    expanded(ledger, oldest)
    before = ledger.read_bytes()
    for use in (lambda: Writer(ledger), lambda: reading(ledger, ledger.with_name("lock")).__enter__()):
        with pytest.raises(LedgerNewerError, match=f"schema {SCHEMA_VERSION + 3}, this one knows {SCHEMA_VERSION}"):
            use()
    assert ledger.read_bytes() == before
