"""A PacketBuddy 1.x in the same home is recognised, stopped and set aside whole; nothing else is."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from integration.predecessor_making import DayRow, make_predecessor, make_server
from machine.netns import wait_until
from packetbuddy.errors import LockHeldError, ServiceError
from packetbuddy.probes import processes
from packetbuddy.services import predecessor
from packetbuddy.services.predecessor import MODULE, PLIST, UNIT, relieve, told
from packetbuddy.settings.places import Home
from packetbuddy.storage.lock import Lock
from packetbuddy.storage.predecessor import is_predecessor
from packetbuddy.storage.writer import Writer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes and service files of POSIX")
DAY = DayRow(date(2026, 3, 1), 5, 7)


class Manager:
    """Stands for the service managers' tools: remembers what it was asked, answers what it was told to."""

    def __init__(self, answers: str | None = "") -> None:
        self.asked: list[tuple[str, ...]] = []
        self.answers = answers

    def __call__(self, command: Sequence[str]) -> str | None:
        self.asked.append(tuple(command))
        return self.answers


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A user's folder with 1.x's home in it."""
    (tmp_path / "user/.packetbuddy").mkdir(parents=True)
    return tmp_path / "user"


@pytest.fixture
def home(user: Path) -> Home:
    found = Home(user / ".packetbuddy")
    make_predecessor(found.ledger, days=[DAY])
    return found


@contextlib.contextmanager
def running(folder: Path, user: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process as 1.x's service started it, at work."""
    environment = {**os.environ, "HOME": str(user)}
    command = [sys.executable, "-m", MODULE, *arguments]
    with subprocess.Popen(command, cwd=make_server(folder), env=environment) as process:
        try:
            ledger = user / ".packetbuddy/packetbuddy.db"
            before = _logs(ledger)
            wait_until(lambda: _logs(ledger) > before)
            yield process
        finally:
            process.kill()


def _logs(database: Path) -> int:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as base:
            return int(base.execute("SELECT count(*) FROM usage_logs").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_set_aside_whole(home: Home, user: Path) -> None:
    """The database moves with everything that SQLite kept beside it; the place is free, and said in words."""
    for part in ("-wal", "-shm", "-journal"):
        home.ledger.with_name(home.ledger.name + part).write_bytes(part.encode())
    content = home.ledger.read_bytes()
    aside = relieve(home, user, ask=Manager())
    assert aside is not None
    assert aside.database.parent == home.backups
    assert aside.database.name.startswith("packetbuddy-1.x-")
    assert aside.database.read_bytes() == content
    moved = {path.name.removeprefix(aside.database.name): path.read_bytes() for path in home.backups.iterdir()}
    assert moved == {"": content, "-wal": b"-wal", "-shm": b"-shm", "-journal": b"-journal"}
    assert not list(home.root.glob("packetbuddy.db*"))
    assert any(f"pb import {aside.database}" in line for line in told(aside))


def test_a_second_one_gets_a_name_of_its_own(home: Home, user: Path) -> None:
    """Nothing that was set aside is ever written over."""
    first = relieve(home, user, ask=Manager())
    make_predecessor(home.ledger)
    second = relieve(home, user, ask=Manager())
    assert first is not None
    assert second is not None
    assert first.database != second.database
    assert first.database.exists()


def test_what_is_not_recognisably_it_stays(tmp_path: Path, user: Path) -> None:
    """No file, a folder, text, another program's tables, half of 1.x's, a view, and our own ledger: left alone."""
    home = Home(user / ".packetbuddy")
    places = {name: tmp_path / name for name in ("none", "folder", "text", "other", "half", "view", "ours")}
    places["folder"].mkdir()
    places["text"].write_text("SQLite format 3? no")
    for name, sql in (
        ("other", "CREATE TABLE usage_logs (a)"),
        ("half", "CREATE TABLE daily_aggregates (device_id, date, bytes_sent, bytes_received)"),
        ("view", "CREATE TABLE x (a); CREATE VIEW usage_logs AS SELECT 1; CREATE VIEW daily_aggregates AS SELECT 1"),
    ):
        with contextlib.closing(sqlite3.connect(places[name])) as base:
            base.executescript(sql)
    Writer(places["ours"]).close()
    assert [name for name, path in places.items() if is_predecessor(path)] == []
    places["other"].replace(home.ledger)
    assert relieve(home, user, ask=Manager()) is None
    assert home.ledger.exists()


def test_a_running_one_ends_and_its_last_rows_are_kept(home: Home, user: Path, tmp_path: Path) -> None:
    """The process is told to end before its database moves, so nothing is written behind our back."""
    with running(tmp_path / "clone", user) as process:
        aside = relieve(home, user, ask=Manager())
        assert aside is not None
        assert aside.ended == (process.pid,)
        assert process.wait(30) == 0
    assert _logs(aside.database) > 0
    assert not home.ledger.exists()


def test_a_stubborn_one_is_killed(home: Home, user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not heed the word is killed; what its killing left is moved along."""
    monkeypatch.setattr(predecessor, "PATIENCE_SECONDS", 0.3)
    with running(tmp_path / "clone", user, "stubborn") as process:
        assert relieve(home, user, ask=Manager()) is not None
        assert process.wait(30) < 0


def test_one_that_cannot_be_ended(home: Home, user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it lives, its database stays where it is."""
    monkeypatch.setattr(predecessor, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(predecessor, "_send", lambda *_: None)
    with running(tmp_path / "clone", user), pytest.raises(ServiceError, match="cannot be ended"):
        relieve(home, user, ask=Manager())
    assert home.ledger.exists()


def test_somebody_elses_process_lives_on(home: Home, user: Path, tmp_path: Path) -> None:
    """A 1.x that keeps another user folder's home is not ours to end."""
    other = tmp_path / "other"
    (other / ".packetbuddy").mkdir(parents=True)
    with running(tmp_path / "clone", other) as process:
        aside = relieve(home, user, ask=Manager())
        assert aside is not None
        assert aside.ended == ()
        assert process.poll() is None


def test_its_unit_is_disabled_and_moved(home: Home, user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its manager is told, and the link that would start it at login goes also where no systemd answered."""
    monkeypatch.setattr(sys, "platform", "linux")
    unit = user / UNIT
    link = unit.parent / "default.target.wants" / unit.name
    link.parent.mkdir(parents=True)
    unit.write_text(f"[Service]\nExecStart=/x/venv/bin/python -m {MODULE}\n")
    link.symlink_to(unit)
    manager = Manager(None)
    aside = relieve(home, user, ask=manager)
    assert aside is not None
    assert manager.asked[0] == ("systemctl", "--user", "disable", "--now", "packetbuddy.service")
    assert not unit.exists()
    assert not link.is_symlink()
    assert [MODULE in file.read_text() for file in aside.files] == [True]


def test_its_agent_is_booted_out(home: Home, user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS launchd forgets the label, and the file that would bring it back moves."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(predecessor, "own_processes", lambda: iter(()))
    plist = user / PLIST
    plist.parent.mkdir(parents=True)
    plist.write_text(f"<string>-m</string><string>{MODULE}</string>")
    manager = Manager()
    assert relieve(home, user, ask=manager) is not None
    assert manager.asked == [("launchctl", "bootout", f"gui/{os.getuid()}/com.packetbuddy.daemon")]
    assert not plist.exists()


@pytest.mark.parametrize(("found", "asked"), [(r"C:\x\service\windows\launcher.py", 3), ("pb.cmd serve", 1)])
def test_its_task_is_ended_and_disabled(
    home: Home, user: Path, monkeypatch: pytest.MonkeyPatch, found: str, asked: int
) -> None:
    """On Windows the task of the same name is looked at first: ours is left alone."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(predecessor, "own_processes", lambda: iter(()))
    monkeypatch.setattr(predecessor, "ensure", lambda _home: None)
    monkeypatch.setattr(predecessor, "Lock", _NoLock)
    manager = Manager(found)
    assert relieve(home, user, ask=manager) is not None
    assert len(manager.asked) == asked


class _NoLock:
    """Windows locks by other calls; what is locked is proved elsewhere."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def acquire(self) -> None:
        """Nothing."""

    def release(self) -> None:
        """Nothing."""


def test_our_own_service_and_foreign_homes_are_left_alone(home: Home, user: Path, tmp_path: Path) -> None:
    """A unit that starts us stays; a 1.x database that was copied elsewhere stops no service at all."""
    unit = user / UNIT
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\nExecStart=%h/.packetbuddy/bin/pb serve\n")
    manager = Manager()
    assert relieve(home, user, ask=manager) is not None
    assert unit.exists()
    unit.write_text(f"[Service]\nExecStart=python -m {MODULE}\n")
    elsewhere = Home(tmp_path / "elsewhere")
    elsewhere.root.mkdir()
    make_predecessor(elsewhere.ledger)
    assert relieve(elsewhere, user, ask=manager) is not None
    assert (unit.exists(), manager.asked) == (True, [])


def test_never_beside_a_monitor(home: Home, user: Path) -> None:
    """While somebody holds the lock nothing is moved."""
    lock = Lock(home.lock)
    lock.acquire()
    with pytest.raises(LockHeldError):
        relieve(home, user, ask=Manager())
    lock.release()
    assert home.ledger.exists()


def test_processes_beyond_linux_are_found_too(user: Path, tmp_path: Path) -> None:
    """What psutil tells elsewhere names the same process with the same home."""
    with running(tmp_path / "clone", user) as process:
        for found in (processes._linux(processes.PROC), processes._elsewhere()):
            mine = next(each for each in found if each.pid == process.pid)
            assert (MODULE in mine.arguments, mine.home) == (True, user)


def test_tools_that_fail_or_are_not_there() -> None:
    """A command's output, or None for a failure and for a program that does not exist."""
    assert predecessor.ask_system(["/bin/sh", "-c", "echo yes"]) == "yes\n"
    assert predecessor.ask_system(["/bin/sh", "-c", "exit 1"]) is None
    assert predecessor.ask_system(["/nowhere/systemctl"]) is None
