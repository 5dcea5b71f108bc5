"""/api/health: whether everything counts, at the same cost whatever the ledger holds; and mistakes of our own."""

import runpy
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

import pytest

from contract.api_serving import HOUR, NOON, Moved, Served, write_ledger
from packetbuddy import __version__
from packetbuddy.answers import usage
from packetbuddy.metering.readings import SECOND
from packetbuddy.settings.places import Home
from packetbuddy.storage.lock import Lock

ROOT = Path(__file__).resolve().parents[2]
LATE = 3 * 30 + 10
"""Seconds after which a heartbeat of a monitor that writes each 30 s is too old."""


@pytest.fixture
def counting(tmp_path: Path) -> Path:
    """A home whose monitor lives: the lock is held."""
    write_ledger(tmp_path, [Moved(NOON - HOUR, 1, 2)])
    (tmp_path / "device_id").write_text("7d7a9b1c-0000-4000-8000-000000000000\n")
    return tmp_path


def test_a_living_monitor_is_ok_until_its_heartbeat_is_too_old(counting: Path) -> None:
    """200 and "ok" up to three write intervals and ten seconds after the last write, then 503 and "degraded"."""
    lock = Lock(Home(counting).lock)
    lock.acquire()
    try:
        with Served(counting) as served:
            well = served.get("/api/health")
            served.now_ns = NOON + LATE * SECOND
            edge = served.get("/api/health")
            served.now_ns += SECOND
            late = served.get("/api/health")
    finally:
        lock.release()
    assert (well.status, well.json["status"], well.json["monitor"]["state"]) == (200, "ok", "running")
    assert edge.status == 200
    assert (late.status, late.json["status"], late.json["monitor"]["state"]) == (503, "degraded", "stale")


def test_health_says_who_and_what(counting: Path) -> None:
    """Name, version, identity, system, times, interfaces and the states of everything else."""
    with Served(counting) as served:
        body = served.get("/api/health").json
    assert body["version"] == __version__
    assert body["device_id"] == "7d7a9b1c-0000-4000-8000-000000000000"
    assert body["os"] in {"Linux", "macOS", "Windows"}
    assert body["monitor"]["interfaces"] == ["eth0"]
    assert body["monitor"]["last_reading"] == body["monitor"]["last_write"] == "2026-11-23T12:00:00+05:30"
    assert body["monitor"]["state"] == "stopped"
    assert (body["sync"]["state"], body["config"], body["storage"]["state"]) == ("off", {"problem": None}, "ok")
    assert body["storage"]["size_bytes"] == (counting / "packetbuddy.db").stat().st_size


def test_a_mistake_in_the_settings_alone_degrades_nothing(counting: Path) -> None:
    """The last good settings hold, so counting is well; the mistake is told."""
    (counting / "config.toml").write_text("[cost]\nrate = 3\n")
    lock = Lock(Home(counting).lock)
    lock.acquire()
    try:
        with Served(counting) as served:
            answer = served.get("/api/health")
    finally:
        lock.release()
    assert (answer.status, answer.json["status"]) == (200, "ok")
    assert "rate_per_gb" in answer.json["config"]["problem"]


@pytest.mark.parametrize(
    ("heartbeat", "status", "told"),
    [
        ("{config}: [cost] rate: unknown key (did you mean rate_per_gb?)", 200, False),
        ("Address already in use: 127.0.0.1:7373", 503, True),
        ("degraded: [monitoring] interface 'eth9' is not there, nothing is counted for it", 503, True),
    ],
)
def test_a_repaired_mistake_is_over_at_once(counting: Path, heartbeat: str, status: int, told: bool) -> None:
    """What the heartbeat still says about a file that is right now degrades nothing; any other problem does."""
    home = Home(counting)
    with closing(sqlite3.connect(home.ledger)) as ledger, ledger:
        ledger.execute("UPDATE state SET problem = ?", (heartbeat.format(config=home.config),))
    lock = Lock(home.lock)
    lock.acquire()
    try:
        with Served(counting) as served:
            answer = served.get("/api/health")
    finally:
        lock.release()
    assert (answer.status, answer.json["monitor"]["problem"] is not None) == (status, told)


def test_a_monitor_that_has_not_written_yet_is_starting(tmp_path: Path) -> None:
    """In the first moments there is no ledger: degraded, but starting and not stopped."""
    lock = Lock(Home(tmp_path).lock)
    lock.acquire()
    try:
        with Served(tmp_path) as served:
            answer = served.get("/api/health")
    finally:
        lock.release()
    assert (answer.status, answer.json["monitor"]["state"], answer.json["storage"]["state"]) == (
        503,
        "starting",
        "no_data",
    )


def test_health_costs_the_same_on_a_large_ledger(tmp_path: Path) -> None:
    """Nothing that grows with the ledger is read: three years answer as quickly as one hour, give or take."""
    write_ledger(tmp_path / "small", [Moved(NOON - HOUR, 1, 2)])
    make = runpy.run_path(str(ROOT / "scripts" / "make_ledger.py"))["make"]
    make(Home(tmp_path / "large"), years=3, now_ns=time.time_ns())
    with Served(tmp_path / "small") as small, Served(tmp_path / "large") as large:
        pairs = [(_seconds(small), _seconds(large)) for _ in range(40)]
    little, much = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert much < 2 * little + 0.002


def _seconds(served: Served) -> float:
    begun = time.perf_counter()
    served.get("/api/health")
    return time.perf_counter() - begun


def test_a_mistake_of_ours_is_told_without_details(
    counting: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """An unexpected error is a 500 in the one shape; the log has its kind and place, not what was asked."""

    def broken(_question: object) -> object:
        raise ZeroDivisionError("a confidential value")

    with Served(counting) as served:
        monkeypatch.setattr(usage, "today", broken)
        answer = served.get("/api/today")
        assert served.get("/api/summary").status == 200
    assert (answer.status, answer.code) == (500, "internal")
    logged = capfd.readouterr().err
    assert " error api: internal error: ZeroDivisionError at broken, line " in logged
    assert "confidential" not in logged + answer.body.decode()
    assert "Traceback" not in logged
