"""The cache's file: private, disposable, and never anybody else's."""

import contextlib
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from packetbuddy.storage.cache import Cache, Known, Scope

SCOPE = Scope("lineage", "UTC", None)
KNOWN = Known(7, 700_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "packetbuddy-cache.db"


def keeps(path: Path) -> bool:
    """Store something; whether the next one who opens the file finds it."""
    with contextlib.closing(Cache(path)) as cache:
        cache.store(SCOPE, KNOWN, [], [])
        assert cache.known(SCOPE) == KNOWN
    with contextlib.closing(Cache(path)) as cache:
        return cache.known(SCOPE) == KNOWN


def test_it_is_private(path: Path) -> None:
    """Whatever the umask says, nobody else may read what somebody used when."""
    before = os.umask(0)
    try:
        assert keeps(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_an_empty_file_is_a_place_to_begin(path: Path) -> None:
    """A file without a byte becomes a cache."""
    path.touch()
    assert keeps(path)


@pytest.mark.parametrize("content", [b"rubbish" * 1000, b"SQLite format 3\0" + b"\xa5" * 5000])
def test_a_damaged_file_is_begun_anew(path: Path, content: bytes) -> None:
    """Rubbish costs this answer its cache at most; the one after it has one."""
    path.write_bytes(content)
    keeps(path)
    assert keeps(path)


def test_a_foreign_database_is_untouched(path: Path) -> None:
    """Tables of somebody else, of the same names even, are not dropped; answers do without a file."""
    with contextlib.closing(sqlite3.connect(path)) as foreign:
        foreign.executescript("CREATE TABLE days (dear TEXT); INSERT INTO days VALUES ('to somebody');")
    before = path.read_bytes()
    assert not keeps(path)
    assert path.read_bytes() == before


def test_another_format_is_begun_anew(path: Path) -> None:
    """A cache of another version of ours is thrown away, not read."""
    assert keeps(path)
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.executescript("DROP TABLE days; PRAGMA user_version = 1;")
    with contextlib.closing(Cache(path)) as cache:
        assert cache.known(SCOPE) is None
    assert keeps(path)


def test_a_locked_file_is_done_without(path: Path) -> None:
    """While somebody holds the whole file, an answer is worked out in memory and nothing is raised."""
    assert keeps(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert not keeps(path)
    assert keeps(path)


def test_a_folder_or_no_folder_in_its_place(path: Path) -> None:
    """Where no file can be, everything stays in memory."""
    path.mkdir()
    assert not keeps(path)
    assert not keeps(path.with_name("absent") / "cache.db")
