"""The daily upkeep: what one run does."""

import contextlib
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integration.storage_making import Machine, counted, dump, keeping, rows, spoil
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home
from packetbuddy.storage.replacing import verified
from packetbuddy.upkeep.daily import daily

DAY = 86_400
SETTINGS = parse({"storage": {"detail_days": 3, "backups": 2}})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with twelve days of history; no monitor runs."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    with keeping(home.ledger, Machine()) as books:
        books.steady(24 * 12)
    return home


def at(home: Home, days: int = 0) -> tuple[int, datetime]:
    """So many days after the last look, as nanoseconds and as a date."""
    now = rows(home.ledger, "SELECT heartbeat_ns FROM state")[0][0] + days * DAY * 10**9
    return now, datetime.fromtimestamp(now / 10**9, UTC)


def upkeep(home: Home, days: int = 0) -> list[str]:
    now, today = at(home, days)
    return daily(home, SETTINGS, now_ns=now, today=today.date())


def run(home: Home, *, code: int) -> str:
    """The real program; returns what it says."""
    command = [sys.executable, "-P", "-m", "packetbuddy.upkeep", str(home.root)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    return done.stderr


def test_a_healthy_day(home: Home) -> None:
    """Old days become quarters, a verified backup of the day is there, old backups go, and there is no complaint."""
    before = counted(home.ledger)
    for days in range(4):
        assert upkeep(home, days) == []
    assert counted(home.ledger) == before
    assert rows(home.ledger, "SELECT count(*) FROM slots WHERE (id >> 16) % 3 <> 0")[0][0] < 288 * 4
    names = [f"packetbuddy-{at(home, days)[1].date()}.db" for days in (2, 3)]
    assert sorted(path.name for path in home.backups.iterdir()) == names
    assert all(verified(home.backups / name) for name in names)
    assert dump(home.backups / names[1]) == dump(home.ledger)


def test_wrong_totals_are_mended_and_told(home: Home) -> None:
    """Day totals that differ from their slots are one complaint; the next run has none, and its backup is sound."""
    with contextlib.closing(sqlite3.connect(home.ledger, isolation_level=None)) as connection:
        connection.execute("UPDATE days SET tx = tx + 5")
    (complaint,) = upkeep(home)
    assert "totals of 13 days differed" in complaint
    assert upkeep(home) == []


def test_unbalanced_books_are_told(home: Home) -> None:
    """Where bookings and counters differ, the interface and the difference are named."""
    with contextlib.closing(sqlite3.connect(home.ledger, isolation_level=None)) as connection:
        connection.execute("UPDATE baselines SET booked_tx = booked_tx + 12 WHERE name = 'eth0'")
    assert upkeep(home) == ["conservation does not hold for eth0: 0 bytes in, -12 out"]


def test_a_damaged_ledger_is_told_and_backups_stay(home: Home) -> None:
    """The program leaves with 1 and one line that says so; not one backup is replaced or pruned."""
    for days in range(2):
        upkeep(home, days)
    before = {path.name: path.read_bytes() for path in home.backups.iterdir()}
    spoil(home.ledger)
    told = run(home, code=1)
    assert told.count("\n") == 1
    assert "is damaged" in told
    assert {path.name: path.read_bytes() for path in home.backups.iterdir()} == before


def test_without_a_ledger(home: Home) -> None:
    """Nothing to keep up is a complaint in words, no traceback, and nothing is made."""
    home.ledger.unlink()
    assert "nothing is counted yet" in run(home, code=1)
    assert list(home.root.iterdir()) == []


def test_backups_can_be_off(home: Home) -> None:
    """``backups = 0`` makes none and deletes none."""
    upkeep(home)
    now, today = at(home, 1)
    off = parse({"storage": {"backups": 0}})
    assert daily(home, off, now_ns=now, today=today.date()) == []
    assert len(list(home.backups.iterdir())) == 1


def test_a_broken_config_does_not_stop_it(home: Home) -> None:
    """While config.toml has a mistake the defaults hold: the day's backup is made."""
    home.config.write_text("[storage]\nbackups = 'many'\n")
    assert run(home, code=0) == ""
    assert len(list(home.backups.iterdir())) == 1


def test_backups_that_cannot_be_written(home: Home) -> None:
    """A file in the place of the backups' folder: one line that says what is in the way."""
    home.backups.write_text("in the way")
    assert "upkeep could not write" in run(home, code=1)
