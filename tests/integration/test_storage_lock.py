"""One monitor per ledger, and readers that ask for it without getting in anybody's way."""

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from packetbuddy.errors import LockHeldError
from packetbuddy.storage.lock import Lock, held, hold_readers, owner, quiet

HOLD = """
import sys
from pathlib import Path
from packetbuddy.storage.lock import Lock
lock = Lock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "monitor.lock"


def test_only_one(path: Path) -> None:
    """While one holds it, another is refused with the holder's pid; after it, the next one gets it."""
    one, other = Lock(path), Lock(path)
    one.acquire()
    assert held(path)
    assert owner(path) == os.getpid()
    with pytest.raises(LockHeldError, match=f"another PacketBuddy monitor is running .pid {os.getpid()}."):
        other.acquire()
    one.release()
    one.release()
    assert not held(path)
    other.acquire()
    other.release()
    assert path.exists()


def test_it_ends_with_its_owner(path: Path) -> None:
    """However the holder dies, the lock is free at once."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert held(path)
        holder.kill()
        holder.wait()
    assert not held(path)
    lock = Lock(path)
    lock.acquire()
    lock.release()


def test_many_who_ask_never_see_each_other(path: Path) -> None:
    """Readers that ask all the time, while no monitor lives, are always told that none does."""
    path.touch()
    told: list[bool] = []
    threads = [threading.Thread(target=lambda: told.extend(held(path) for _ in range(3000))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(told) == 12_000
    assert not any(told)


def test_who_asks_never_keeps_a_monitor_from_starting(path: Path) -> None:
    """A monitor that starts amid readers' questions gets the lock."""
    path.touch()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            held(path)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for each in threads:
        each.start()
    for _ in range(30):
        lock = Lock(path)
        lock.acquire()
        lock.release()
    over.set()
    for each in threads:
        each.join()


def test_without_a_file(path: Path) -> None:
    """Nobody holds a lock that does not exist, and asking makes no file."""
    assert not held(path)
    assert owner(path) is None
    assert not path.exists()
    path.write_text("no number\n")
    assert owner(path) is None


def test_a_full_disk_does_not_keep_it_from_being_held(path: Path) -> None:
    """Where the pid cannot be written the lock holds all the same."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    lock = Lock(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        lock.acquire()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert held(path)
    lock.release()


def test_readers_and_writers_without_a_monitor_take_turns(tmp_path: Path) -> None:
    """While somebody writes without a monitor nobody takes the ledger for unchanging, and the other way round."""
    lock = tmp_path / "monitor.lock"
    with quiet(lock) as calm:
        assert calm
    with hold_readers(lock), quiet(lock) as calm:
        assert not calm
    entered = threading.Event()

    def write() -> None:
        with hold_readers(lock):
            entered.set()

    with quiet(lock) as calm, quiet(lock) as other:
        assert (calm, other) == (True, True)
        writer = threading.Thread(target=write)
        writer.start()
        assert not entered.wait(0.2)
    writer.join()
    assert entered.is_set()
