"""What a ledger's file is, before anything is counted into it."""

import contextlib
import re
import sqlite3
import stat
from pathlib import Path

import pytest

from integration.storage_making import Machine, dump, keeping
from packetbuddy.errors import LedgerDamagedError, LedgerForeignError, LedgerMissingError, LedgerNewerError
from packetbuddy.storage.connection import APPLICATION_ID, OLDEST_SCHEMA, SCHEMA_VERSION
from packetbuddy.storage.reader import reading
from packetbuddy.storage.statements import migrations, text
from packetbuddy.storage.writer import Writer

OLD = "CREATE TABLE usage_logs (bytes_sent INTEGER); CREATE TABLE daily_aggregates (day TEXT);"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "packetbuddy.db"


def shape(connection: sqlite3.Connection) -> list[tuple[str, str, list[str]]]:
    """Names and definitions, without comments and layout."""
    found = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name")
    return [
        (kind, name, re.findall(r"\w+|\S", " ".join(line.partition("--")[0] for line in sql.splitlines())))
        for kind, name, sql in found
    ]


def contents(folder: Path) -> dict[str, bytes]:
    """Names and bytes of a folder's files."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_schema_is_all_migrations(ledger: Path) -> None:
    """schema.sql, the migrations run one after the other, and a ledger made by the writer have the same shape."""
    with (
        contextlib.closing(sqlite3.connect(":memory:")) as said,
        contextlib.closing(sqlite3.connect(":memory:")) as led,
    ):
        said.executescript(text("schema.sql"))
        for script in migrations():
            led.executescript(script)
        Writer(ledger).close()
        with contextlib.closing(sqlite3.connect(ledger)) as made:
            assert shape(said) == shape(led) == shape(made)
    assert len(migrations()) == SCHEMA_VERSION


def test_a_new_ledger_is_as_designed(ledger: Path) -> None:
    """WAL, pages of 1 KiB, our mark, the schema's version, STRICT tables, private to its user, and sound."""
    writer = Writer(ledger)
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        asked = ("journal_mode", "page_size", "application_id", "user_version", "integrity_check")
        told = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]
        strict = {row[1]: row[5] for row in connection.execute("PRAGMA table_list") if row[1][:7] != "sqlite_"}
    assert told == ["wal", 1024, APPLICATION_ID, OLDEST_SCHEMA * 1000 + SCHEMA_VERSION, "ok"]
    assert set(strict.values()) == {1}
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in ledger.parent.iterdir()}
    writer.close()
    assert files == dict.fromkeys(("packetbuddy.db", "packetbuddy.db-wal", "packetbuddy.db-shm"), 0o600)
    assert [path.name for path in ledger.parent.iterdir()] == ["packetbuddy.db"]


def test_opening_again_changes_nothing(ledger: Path) -> None:
    """A second opening founds nothing anew: same rows, same lineage, same bytes."""
    with keeping(ledger, Machine()) as books:
        books.steady(1)
    before, raw = dump(ledger), ledger.read_bytes()
    Writer(ledger).close()
    assert dump(ledger) == before
    assert ledger.read_bytes() == raw


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize(
    ("script", "whose"), [(OLD, "PacketBuddy 1.x"), ("CREATE TABLE notes (words TEXT);", "another program")]
)
def test_a_foreign_database_is_untouched_to_the_byte(ledger: Path, mode: str, script: str, whose: str) -> None:
    """Refused in words that name its owner; not one byte, name or companion file differs, a crashed WAL included."""
    source = ledger.with_name("source.db")
    with contextlib.closing(sqlite3.connect(source)) as foreign:
        foreign.execute(f"PRAGMA journal_mode = {mode}")
        foreign.executescript(f"{script} CREATE TABLE filler AS SELECT zeroblob(9000) AS filling;")
        for path in source.parent.glob("source.db*"):  # as a crash would leave it: the log is not folded in
            ledger.with_name(path.name.replace("source.db", ledger.name)).write_bytes(path.read_bytes())
    source.unlink()
    ledger.with_name(ledger.name + "-shm").unlink(missing_ok=True)
    before = contents(ledger.parent)
    with pytest.raises(LedgerForeignError, match=f"belongs to {whose}"):
        Writer(ledger)
    after = contents(ledger.parent)
    after.pop(ledger.name + "-shm", None)  # SQLite's shared memory: no content of anybody
    assert after == before
    with pytest.raises(LedgerForeignError), reading(ledger, ledger.with_name("lock")):
        pass


def test_a_newer_ledger_is_refused_in_words(ledger: Path) -> None:
    """A ledger of a later schema is neither read nor written, and the words say to update."""
    Writer(ledger).close()
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = ledger.read_bytes()
    for use in (lambda: Writer(ledger), lambda: reading(ledger, ledger.with_name("lock")).__enter__()):
        with pytest.raises(LedgerNewerError, match=f"schema 99, this one knows {SCHEMA_VERSION}") as told:
            use()
        assert told.value.hint == "update PacketBuddy"
    assert ledger.read_bytes() == before


@pytest.mark.parametrize("change", ["DELETE FROM state", "DROP TABLE state", "DELETE FROM looks"])
def test_a_ledger_without_its_state_is_damaged(ledger: Path, change: str) -> None:
    """A missing state row or table, or baselines without their look, are damage: nothing is invented from them."""
    with keeping(ledger, Machine()) as books:
        books.steady(1)
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute(change)
    with pytest.raises(LedgerDamagedError, match="damaged"), contextlib.closing(Writer(ledger)) as writer:
        writer.books()


@pytest.mark.parametrize("content", [b"", None], ids=["empty", "absent"])
def test_no_ledger_yet(ledger: Path, content: bytes | None) -> None:
    """An absent or empty file is "nothing counted yet" for a reader and a place to begin for the writer."""
    if content is not None:
        ledger.write_bytes(content)
    with pytest.raises(LedgerMissingError, match="nothing is counted yet"), reading(ledger, ledger.with_name("lock")):
        pass
    with keeping(ledger, Machine()) as books:
        books.steady(1)
    assert dump(ledger)["slots"]


@pytest.mark.parametrize("name", ["a # b", "100 %", "what?", "Jürgen Groß", "a;b&c=d"])
def test_odd_folders(tmp_path: Path, name: str) -> None:
    """A home with characters that mean something in a URI is written, read and looked at like any other."""
    folder = tmp_path / name
    folder.mkdir()
    ledger = folder / "packetbuddy.db"
    with keeping(ledger, Machine()) as books:
        books.steady(1)
        with reading(ledger, folder / "lock") as reader:
            assert reader.lifetime(None).rx > 0
    with reading(ledger, folder / "lock") as reader:
        assert reader.lifetime(None).rx > 0
    Writer(ledger).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
