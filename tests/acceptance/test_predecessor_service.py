"""Whole processes: a PacketBuddy 1.x runs in the home, and ours is started on it."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.newcomers import ended_when_told
from integration.predecessor_making import make_server
from machine.netns import wait_until
from packetbuddy.services.locks import owner
from unit.calm import Stopwatch

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform == "win32", reason="the background adapter is for POSIX"),
]
CONFIG = """
[monitoring]
poll_interval = 1
batch_write_interval = 5
max_delta_bytes = 1000000000
[sync]
enabled = false
retry_delay = 5
[api]
port = 17399
[database]
neon_url = ""
pool_size = 5
"""
"""As 1.x wrote it: keys that nobody needs any more are read over."""


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Path]:
    """A user's folder in which 1.x runs."""
    folder = tmp_path / "user"
    folder.mkdir()
    command = [sys.executable, "-m", "src.api.server"]
    with subprocess.Popen(command, cwd=make_server(tmp_path / "clone"), env=_environment(folder)) as former:
        try:
            wait_until(lambda: _count(folder / ".packetbuddy/packetbuddy.db", "usage_logs") > 0)
            (folder / ".packetbuddy/config.toml").write_text(CONFIG, encoding="utf-8")
            watch = Stopwatch()
            yield folder
            assert ended_when_told(former, watch)
        finally:
            former.kill()
            _pb(folder, "service", "stop")


def _environment(user: Path) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name != "PACKETBUDDY_HOME"}, "HOME": str(user)}


def _pb(user: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "packetbuddy", *arguments]
    return subprocess.run(command, env=_environment(user), capture_output=True, text=True, check=False, timeout=60)


def _count(database: Path, table: str) -> int:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as base:
            return int(base.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our names
    except sqlite3.Error:
        return 0


def _kept(user: Path) -> Path:
    return next((user / ".packetbuddy/backups").glob("packetbuddy-1.x-*.db"))


@pytest.mark.parametrize("verb", ["start", "restart", "install"])
def test_the_service_takes_over(user: Path, verb: str) -> None:
    """It is stopped, its rows are kept, its settings stand, the import is offered, and ours counts."""
    started = _pb(user, "service", verb)
    assert started.returncode == 0, started.stderr
    assert f"pb import {_kept(user)}" in started.stdout
    assert json.loads(_pb(user, "service", "status", "--json").stdout)["data"]["state"] == "running"
    assert _count(_kept(user), "usage_logs") > 0
    assert _count(user / ".packetbuddy/packetbuddy.db", "state") == 1
    assert (user / ".packetbuddy/config.toml").read_text(encoding="utf-8") == CONFIG
    assert "1.x" not in _pb(user, "service", "restart").stdout


def test_what_is_offered_can_be_done(user: Path) -> None:
    """The line that is printed imports its history: every byte of its logs, beside what we count from then on."""
    offered = _pb(user, "service", "start").stdout.partition("pb import ")[2].split()[0]
    with contextlib.closing(sqlite3.connect(_kept(user))) as base:
        sent, received = base.execute("SELECT sum(bytes_sent), sum(bytes_received) FROM usage_logs").fetchone()
    told = json.loads(_pb(user, "import", offered, "--apply", "--json").stdout)["data"]
    assert (told["kind"], told["new"]["bytes_sent"], told["new"]["bytes_received"]) == (
        "PacketBuddy 1.x",
        sent,
        received,
    )
    assert json.loads(_pb(user, "import", offered, "--json").stdout)["data"]["new"]["total_bytes"] == 0


def test_serve_takes_over(user: Path) -> None:
    """In the foreground and under a service manager too; the log says where the database is."""
    command = [sys.executable, "-m", "packetbuddy", "serve"]
    with subprocess.Popen(command, env=_environment(user), stderr=subprocess.DEVNULL) as monitor:
        try:
            home = user / ".packetbuddy"
            wait_until(
                lambda: owner(home / "monitor.lock") is not None and _count(home / "packetbuddy.db", "looks") > 0
            )
            assert f"pb import {_kept(user)}" in (home / "stderr.log").read_text(encoding="utf-8")
        finally:
            monitor.send_signal(signal.SIGTERM)
            assert monitor.wait(30) == 0
