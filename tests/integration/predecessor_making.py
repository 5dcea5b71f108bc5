"""Databases as PacketBuddy 1.x kept them, and a process that keeps one: what is known of its tables, in our words."""

import contextlib
import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

TABLES = """
CREATE TABLE devices (device_id TEXT PRIMARY KEY, os_type TEXT NOT NULL, hostname TEXT NOT NULL, created_at TIMESTAMP);
CREATE TABLE usage_logs (id INTEGER PRIMARY KEY AUTOINCREMENT, device_id TEXT NOT NULL, timestamp TIMESTAMP NOT NULL,
  bytes_sent INTEGER NOT NULL, bytes_received INTEGER NOT NULL, synced BOOLEAN DEFAULT 0);
CREATE TABLE daily_aggregates (device_id TEXT NOT NULL, date DATE NOT NULL, bytes_sent INTEGER NOT NULL,
  bytes_received INTEGER NOT NULL, peak_speed INTEGER DEFAULT 0, PRIMARY KEY (device_id, date));
CREATE TABLE monthly_aggregates (device_id TEXT NOT NULL, month TEXT NOT NULL, bytes_sent INTEGER NOT NULL,
  bytes_received INTEGER NOT NULL, PRIMARY KEY (device_id, month));
CREATE TABLE sync_cursor (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE system_state (key TEXT PRIMARY KEY, value_text TEXT, value_int INTEGER, updated_at TIMESTAMP);
"""
DEVICE = "0d5c0b6e-7f0e-4a55-9c3c-1d8a6f1f2a10"
SERVER = """
import os, pathlib, signal, sqlite3, sys, time

path = pathlib.Path(os.environ["HOME"], ".packetbuddy", "packetbuddy.db")
path.parent.mkdir(exist_ok=True)
fresh = not path.exists()
base = sqlite3.connect(path)
if fresh:
    base.executescript(TABLES)
signal.signal(signal.SIGTERM, signal.SIG_IGN if "stubborn" in sys.argv else lambda *_: sys.exit(0))
while True:
    base.execute("INSERT INTO usage_logs (device_id, timestamp, bytes_sent, bytes_received)"
                 " VALUES ('x', datetime('now', 'localtime'), 10, 20)")
    base.commit()
    time.sleep(0.05)
"""


class Log(NamedTuple):
    """A row of ``usage_logs``: a naive local time, and what moved in the second before it."""

    at: datetime
    sent: int
    received: int


class DayRow(NamedTuple):
    """A row of ``daily_aggregates``."""

    day: date
    sent: int
    received: int
    peak: int = 0


def make_predecessor(
    path: Path,
    logs: Iterable[Log] = (),
    days: Iterable[DayRow] = (),
    months: Iterable[tuple[str, int, int]] = (),
    *,
    device: str = DEVICE,
) -> Path:
    """Write a database of 1.x; rows are added to one that is there."""
    with contextlib.closing(sqlite3.connect(path)) as base:
        if not base.execute("SELECT 1 FROM sqlite_schema").fetchone():
            base.executescript(TABLES)
        base.executemany(
            "INSERT INTO usage_logs (device_id, timestamp, bytes_sent, bytes_received) VALUES (?, ?, ?, ?)",
            ((device, log.at.isoformat(" "), log.sent, log.received) for log in logs),
        )
        base.executemany(
            "INSERT INTO daily_aggregates VALUES (?, ?, ?, ?, ?)",
            ((device, row.day.isoformat(), row.sent, row.received, row.peak) for row in days),
        )
        base.executemany("INSERT INTO monthly_aggregates VALUES (?, ?, ?, ?)", ((device, *row) for row in months))
        base.commit()
    return path


def make_server(folder: Path) -> Path:
    """A folder in which ``python -m src.api.server`` keeps writing a 1.x database in the home folder's home."""
    package = folder / "src/api"
    package.mkdir(parents=True)
    (package / "server.py").write_text(f"TABLES = {TABLES!r}\n{SERVER}", encoding="utf-8")
    return folder
