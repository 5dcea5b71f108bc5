"""Backups of a person's own and their return: nothing written over, nothing unverified, nothing lost on the way."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.predecessor_making import make_predecessor
from integration.storage_making import Machine, counted, dump, keeping, make_first, rows, spoil
from packetbuddy.errors import (
    LedgerDamagedError,
    LedgerError,
    LedgerForeignError,
    LedgerFullError,
    LedgerMissingError,
    LedgerNewerError,
    LedgerReadOnlyError,
)
from packetbuddy.storage import copying, restoring
from packetbuddy.storage.replacing import finish, fresh_place, newest_backup, set_aside, verified
from packetbuddy.storage.restoring import back_up, prepare, put
from packetbuddy.storage.tending import UNFINISHED, sweep
from packetbuddy.storage.writer import Writer


class Desk:
    """A home with two hours of history."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        self.root, self.ledger, self.lock, self.backups = root, root / "packetbuddy.db", root / "lock", root / "backups"
        self.machine = Machine()
        self.go_on(2)

    def go_on(self, hours: float) -> None:
        """Count so much longer."""
        with keeping(self.ledger, self.machine) as books:
            books.steady(hours)

    def backup(self, name: str = "copy.db") -> Path:
        """A backup in a folder of its own."""
        target = self.root.parent / name
        back_up(self.ledger, self.lock, target)
        return target

    def restore(self, source: Path) -> Path | None:
        """Put it in place."""
        prepare(source, self.ledger, at_ns=5)
        return put(self.ledger, self.backups)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


def files(folder: Path) -> dict[str, bytes]:
    """Names and contents beneath a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def estimated(ledger: Path) -> int:
    """Counted bytes at estimated times."""
    sql = "SELECT sum(estimated) FROM slots JOIN series ON series.id = slots.id & 65535 WHERE counted = 1"
    return int(rows(ledger, sql)[0][0])


def test_a_backup_is_whole_and_private(desk: Desk) -> None:
    """It verifies, holds every row, is one file, belongs to its owner alone, and leaves nothing beside it."""
    made = desk.backup()
    assert verified(made)
    assert dump(made) == dump(desk.ledger)
    if os.name == "posix":
        assert made.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in made.parent.iterdir()) == ["copy.db", "home"]


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_nothing_is_written_over(desk: Desk, tmp_path: Path, kind: str) -> None:
    """What stands there stays as it is, a link to nowhere included."""
    target = tmp_path / "taken"
    {"file": target.touch, "link": lambda: target.symlink_to("/nowhere"), "folder": target.mkdir}[kind]()
    with pytest.raises(LedgerError, match="exists already"):
        back_up(desk.ledger, desk.lock, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "taken"]


def test_a_name_that_is_taken_in_the_last_moment(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody makes the file while the copy is written: theirs stays, also where there are no hard links."""
    target = tmp_path / "taken"
    real = os.link

    def taken(source: Path, place: Path) -> None:
        target.write_text("theirs")
        real(source, place)

    def no_links(_source: Path, _place: Path) -> None:
        target.write_text("theirs")
        raise PermissionError(1, "Operation not permitted")

    for link in (taken, no_links):
        monkeypatch.setattr(os, "link", link)
        target.unlink(missing_ok=True)
        with pytest.raises(LedgerError, match="exists already"):
            back_up(desk.ledger, desk.lock, target)
        assert target.read_text() == "theirs"


def test_without_hard_links(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that has none gets the copy all the same."""

    def no_links(_source: Path, _place: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    assert verified(desk.backup())


def test_places_that_cannot_be_written(desk: Desk, tmp_path: Path) -> None:
    """A folder that is not there, a file in a folder's place, no ledger at all: said as such."""
    with pytest.raises(LedgerFullError, match="No such file"):
        back_up(desk.ledger, desk.lock, tmp_path / "no/x.db")
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be written"):
        back_up(desk.ledger, desk.lock, tmp_path / "file/x.db")
    with pytest.raises(LedgerMissingError):
        back_up(tmp_path / "none.db", desk.lock, tmp_path / "x.db")
    assert not (tmp_path / "x.db").exists()


def test_a_damaged_ledger_is_not_backed_up(desk: Desk, tmp_path: Path) -> None:
    """A copy that does not verify is not kept under the name of a backup."""
    desk.go_on(30)
    spoil(desk.ledger)
    with pytest.raises(LedgerDamagedError):
        back_up(desk.ledger, desk.lock, tmp_path / "x.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def test_restored_as_it_was(desk: Desk) -> None:
    """Every row of the backup is back, of a new lineage, with an event that says so; what it replaced is kept whole."""
    made = desk.backup()
    before = dump(desk.ledger, without=frozenset({"state", "events"}))
    desk.go_on(3)
    later = dump(desk.ledger)
    aside = desk.restore(made)
    assert aside is not None
    assert dump(aside) == later
    assert dump(desk.ledger, without=frozenset({"state", "events"})) == before
    assert rows(desk.ledger, "SELECT lineage FROM state") != rows(aside, "SELECT lineage FROM state")
    assert rows(desk.ledger, "SELECT detail FROM events WHERE kind = 'restored'") == [("from copy.db",)]
    left = {path.name for path in desk.root.iterdir()} - {"lock", "writing.lock"}
    assert left == {"backups", "packetbuddy.db"}


def test_counting_goes_on_and_back(desk: Desk) -> None:
    """Same boot: bytes since come back once, estimated; restoring what was replaced brings that state back."""
    made, at_backup = desk.backup(), counted(desk.ledger)
    desk.go_on(3)
    all_of_it = counted(desk.ledger)
    aside = desk.restore(made)
    assert counted(desk.ledger) == at_backup
    desk.go_on(0)
    assert counted(desk.ledger) == all_of_it
    assert estimated(desk.ledger) - estimated(made) == sum(all_of_it) - sum(at_backup)
    assert aside is not None
    desk.restore(aside)
    desk.go_on(0)
    assert counted(desk.ledger) == all_of_it


def test_a_set_aside_ledger_with_its_log(desk: Desk, tmp_path: Path) -> None:
    """A source whose last rows are in the write-ahead log beside it is restored with them."""
    with keeping(desk.ledger, desk.machine) as books:
        books.steady(1)
        for part in ("", "-wal", "-shm"):
            shutil.copy(desk.ledger.with_name(desk.ledger.name + part), tmp_path / f"aside.db{part}")
        there = counted(desk.ledger)
    desk.restore(tmp_path / "aside.db")
    assert counted(desk.ledger) == there


def test_where_nothing_stands(desk: Desk) -> None:
    """A ledger that is gone is restored too; there is nothing to keep then."""
    made = desk.backup()
    desk.ledger.unlink()
    assert desk.restore(made) is None
    assert verified(desk.ledger)


def test_an_interruption_goes_on_at_the_next_start(desk: Desk) -> None:
    """Set aside, and then nothing more: the next writer's start puts the prepared copy in place."""
    made, at_backup = desk.backup(), counted(desk.ledger)
    desk.go_on(3)
    prepare(made, desk.ledger, at_ns=5)
    assert fresh_place(desk.ledger).exists()
    set_aside(desk.ledger, desk.backups, stem="replaced-x")
    assert finish(desk.ledger, desk.backups)
    assert counted(desk.ledger) == at_backup


def halve(path: Path) -> None:
    """Cut a file in the middle."""
    os.truncate(path, path.stat().st_size // 2)


def test_a_copy_that_is_gone_replaces_nothing(desk: Desk) -> None:
    """Where another restore took the prepared copy away or is still writing its own, the ledger stays where it is."""
    made = desk.backup()
    for spoil_it in (Path.unlink, halve):
        prepare(made, desk.ledger, at_ns=5)
        spoil_it(fresh_place(desk.ledger))
        before = dump(desk.ledger)
        with pytest.raises(LedgerError, match="is gone"):
            put(desk.ledger, desk.backups)
        assert dump(desk.ledger) == before


def test_what_was_interrupted_long_ago_is_swept_away(desk: Desk) -> None:
    """An abandoned restore and half-made copies go after their time, not before, never while no ledger stands."""
    made = desk.backup()
    prepare(made, desk.ledger, at_ns=5)
    folder = desk.backups / f"{UNFINISHED}abc"
    folder.mkdir(parents=True)
    (folder / "copy.db").write_bytes(b"half")
    part = desk.backups / "packetbuddy-2026-11-27-080000-schema-1.db.part"
    part.write_bytes(b"half")
    left = {fresh_place(desk.ledger), folder, part}
    now = max(path.stat().st_mtime_ns for path in left)
    assert sweep(desk.ledger, desk.backups, before_ns=now - 10**12) == []
    aside = desk.ledger.rename(desk.ledger.with_name("aside.db"))
    assert sweep(desk.ledger, desk.backups, before_ns=now + 1) == []
    aside.rename(desk.ledger)
    assert set(sweep(desk.ledger, desk.backups, before_ns=now + 1)) == left
    assert [path for path in left if path.exists()] == []
    assert verified(made)


def test_no_room_is_said_of_the_file_that_was_asked_for(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not of the copy that is made first, whose name nobody knows."""

    def full(_connection: object, aside: Path) -> None:
        raise LedgerFullError(f"{aside.with_name(aside.name.removesuffix('.part'))} cannot grow: the disk is full")

    monkeypatch.setattr(copying, "_copy", full)
    target = tmp_path / "mine.db"
    with pytest.raises(LedgerFullError, match=r"mine\.db cannot grow") as told:
        back_up(desk.ledger, desk.lock, target)
    assert UNFINISHED not in str(told.value)
    assert not target.exists()


def _newer(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA user_version = 99")


def _foreign(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE notes (text)")


def _former(path: Path) -> None:
    path.unlink()
    make_predecessor(path)


def _incoherent(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("DELETE FROM looks")
        base.commit()


def _stateless(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("DELETE FROM state")
        base.commit()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _text(path: Path) -> None:
    path.write_text("not a database, but long enough to be looked at as one " * 99)


def _half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _gone(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _zeros(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_newer, LedgerNewerError),
        (_foreign, LedgerForeignError),
        (_former, LedgerForeignError),
        (_incoherent, LedgerDamagedError),
        (_stateless, LedgerDamagedError),
        (spoil, LedgerDamagedError),
        (_empty, LedgerForeignError),
        (_text, LedgerDamagedError),
        (_half, LedgerDamagedError),
        (_gone, LedgerError),
        (_folder, LedgerError),
        (_zeros, LedgerError),
    ],
)
def test_what_is_no_backup_changes_nothing(desk: Desk, change: Callable[[Path], None], kind: type[LedgerError]) -> None:
    """Refused in one line that names the file, before anything of the home is touched."""
    desk.go_on(30)
    made = desk.backup()
    change(made)
    before = files(desk.root)
    with pytest.raises(kind) as told:
        prepare(made, desk.ledger, at_ns=5)
    assert str(made) in str(told.value)
    assert files(desk.root) == before


def test_the_ledger_itself_is_no_backup(desk: Desk) -> None:
    """Nor is a link to it."""
    link = desk.root.parent / "link"
    link.symlink_to(desk.ledger)
    with pytest.raises(LedgerError, match="the ledger itself"):
        prepare(link, desk.ledger, at_ns=5)


def test_no_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without room for the copy is told, and what was begun is gone."""
    made = desk.backup()

    def full(_fresh: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring, "renew", full)
    before = files(desk.root)
    with pytest.raises(LedgerFullError, match="No space left"):
        prepare(made, desk.ledger, at_ns=5)
    assert files(desk.root) == before


class Brimming(sqlite3.Connection):
    """Reads like any other; what it is copied into has no room for it."""

    def backup(self, target: sqlite3.Connection, **_options: object) -> None:
        """Fail as SQLite does."""
        target.execute("PRAGMA max_page_count = 1")
        target.execute("CREATE TABLE filler AS SELECT zeroblob(9000)")


def test_a_full_disk_is_said_of_the_copy(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backup that is read does not grow, so the words are about what is written; nothing is left of it."""
    made = desk.backup()
    monkeypatch.setattr(restoring, "_visited", lambda source: sqlite3.connect(source, factory=Brimming))
    before = files(desk.root)
    with pytest.raises(LedgerFullError) as told:
        prepare(made, desk.ledger, at_ns=5)
    assert str(told.value) == f"a copy of {made} in {desk.root} cannot grow: the disk is full"
    assert files(desk.root) == before


def test_a_home_that_may_not_be_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal of the system while the files are exchanged is told in our words."""
    prepare(desk.backup(), desk.ledger, at_ns=5)

    def refused(*_arguments: object, **_keywords: object) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(restoring, "set_aside", refused)
    with pytest.raises(LedgerReadOnlyError, match="Permission denied"):
        put(desk.ledger, desk.backups)


def test_the_newest_backup_is_found_by_its_time(desk: Desk) -> None:
    """Of a day's automatic backup and one with a time the latter is taken, and a later day before both."""
    desk.backups.mkdir()
    names = ("packetbuddy-2026-11-24.db", "packetbuddy-2026-11-25.db", "packetbuddy-2026-11-25-101500.db")
    for name in names:
        back_up(desk.ledger, desk.lock, desk.backups / name)
    make_predecessor(desk.backups / "packetbuddy-1.x-2026-11-26.db")
    assert newest_backup(desk.backups) == desk.backups / names[2]
    back_up(desk.ledger, desk.lock, desk.backups / "packetbuddy-2026-11-26.db")
    assert newest_backup(desk.backups) == desk.backups / "packetbuddy-2026-11-26.db"


def test_a_restored_ledger_of_an_older_schema_is_brought_up(desk: Desk) -> None:
    """A backup that an earlier version made is migrated by the next writer."""
    made = desk.backup()
    make_first(made)
    desk.restore(made)
    Writer(desk.ledger).close()
    assert rows(desk.ledger, "SELECT count(*) FROM imports") == [(0,)]
