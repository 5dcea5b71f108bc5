"""Who writes without being the monitor, and who takes a ledger without one for unchanging, never meet."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from integration.ledgers import Counting, Machine, at
from packetbuddy.monitor.ledger import open_ledger
from packetbuddy.monitor.log import Log
from packetbuddy.settings.places import Home
from packetbuddy.storage.alerting import alerting
from packetbuddy.storage.amending import amending
from packetbuddy.storage.importing import importing
from packetbuddy.storage.lock import quiet
from packetbuddy.storage.reader import Reader, reading
from packetbuddy.storage.reconciling import StoredReading, add_reading, all_readings
from packetbuddy.storage.syncing import syncing
from packetbuddy.storage.tending import tending

MOVED = (5_000_000, 70_000)
OPENERS: list[Callable[[Path, Path], AbstractContextManager[object]]] = [
    alerting,
    amending,
    importing,
    syncing,
    tending,
]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A ledger, and no monitor any more."""
    machine = Machine(at(2026, 11, 2, 9))
    with Counting(tmp_path, machine) as counting:
        counting.tick(*MOVED)
    return Home(tmp_path)


def moved(reader: Reader) -> tuple[int, int]:
    """Bytes of everything."""
    total = reader.lifetime(None)
    return total.rx, total.tx


def after(home: Home, act: Callable[[], object]) -> None:
    """Something that has to wait for a reader, and is done once that one left."""
    done = threading.Event()

    def run() -> None:
        act()
        done.set()

    other = threading.Thread(target=run)
    with reading(home.ledger, home.lock) as reader:
        other.start()
        assert not done.wait(0.3)
        assert moved(reader) == MOVED
    other.join()
    assert done.is_set()


@pytest.fixture
def known(home: Home) -> Home:
    """Somebody wrote without a monitor before, so that there is a file to meet at."""
    with amending(home.ledger, home.lock):
        return home


@pytest.mark.parametrize("opener", OPENERS)
def test_a_writer_waits_for_who_takes_the_ledger_for_unchanging(
    known: Home, opener: Callable[[Path, Path], AbstractContextManager[object]]
) -> None:
    """Alerts, amending, importing, sync and upkeep let a reader finish before they open a ledger without a monitor."""

    def change() -> None:
        with opener(known.ledger, known.lock):
            pass

    after(known, change)


def test_a_reading_of_the_isp_waits_too(known: Home) -> None:
    """What is stored for reconciling waits, and is there in the end."""
    row = StoredReading(0, 1, "2026-11-01", "2026-11-02", "UTC", "1 GB", 10**9, 1, 2, None)
    after(known, lambda: add_reading(known.ledger, known.lock, row))
    assert all_readings(known.ledger, known.lock) == [row._replace(number=1)]


@pytest.mark.parametrize("opener", OPENERS)
def test_nobody_takes_it_for_unchanging_meanwhile(
    home: Home, opener: Callable[[Path, Path], AbstractContextManager[object]]
) -> None:
    """Inside, a reader gets the last committed state by the ordinary way, and says so to nobody else's harm."""
    with opener(home.ledger, home.lock), quiet(home.lock) as calm, reading(home.ledger, home.lock) as reader:
        assert not calm
        assert moved(reader) == MOVED
    with quiet(home.lock) as calm:
        assert calm


def test_a_monitor_lets_them_finish_too(known: Home) -> None:
    """A monitor that starts opens the ledger when those are done who took it for unchanging before it came."""
    log = Log(known.stderr_log)

    def start() -> None:
        opened = open_ledger(known, log, wait=lambda: True)
        assert opened is not None
        opened.writer.close()

    after(known, start)
