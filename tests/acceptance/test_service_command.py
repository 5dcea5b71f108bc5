"""``pb service`` with the real monitor, from a checkout."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from packetbuddy.services.locks import Owner, owner, wait_until
from unit.calm import Stopwatch

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform == "win32", reason="the background adapter is for POSIX"),
]


class Desk(NamedTuple):
    """A home of its own."""

    home: Path

    def pb(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``pb``."""
        environment = {**os.environ, "PACKETBUDDY_HOME": str(self.home)}
        command = [sys.executable, "-m", "packetbuddy", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    def json(self, *arguments: str) -> dict[str, Any]:
        """The data of a command that must succeed."""
        done = self.pb(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout)["data"])

    def monitor(self) -> Owner | None:
        """Who counts here."""
        return owner(self.home / "monitor.lock")

    def nobody(self) -> bool:
        """Neither a monitor nor a supervisor."""
        return self.monitor() is None and owner(self.home / "supervisor.pid") is None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "home")
    yield desk
    assert desk.pb("service", "stop").returncode == 0
    assert desk.nobody()


def test_the_verbs_and_their_words(desk: Desk) -> None:
    """Each verb says what it did and can be said again; status tells the truth between them."""
    assert "not running" in desk.pb("service", "status").stdout
    assert "Not running" in desk.pb("service", "stop").stdout
    assert not desk.home.exists()
    assert "is counting" in desk.pb("service", "start").stdout
    assert "was counting already" in desk.pb("service", "start").stdout
    assert "is counting (process" in desk.pb("service", "status").stdout
    assert "will be counted at the next start" in desk.pb("service", "stop").stdout
    assert "was not running" in desk.pb("service", "stop").stdout
    assert desk.json("service", "status")["state"] == "stopped"


def test_status_for_programs(desk: Desk) -> None:
    """The JSON status names the process, its start, the version, the last write and the way it is kept."""
    desk.json("service", "start")
    status = desk.json("service", "status")
    monitor = desk.monitor()
    assert monitor is not None
    assert (status["state"], status["managed"], status["auto_start"]) == ("running", True, False)
    assert (status["pid"], status["config_mistakes"]) == (monitor.pid, [])
    assert None not in (status["since"], status["last_write"], status["version"])


def test_a_killed_monitor_comes_back_and_counts(desk: Desk) -> None:
    """A kill -9 of the monitor is a restart; of the supervisor, a warning; of none, a second monitor."""
    first = desk.json("service", "start")["pid"]
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: (now := desk.monitor()) is not None and now.pid != first, seconds=30)
    second = desk.json("service", "start")["pid"]
    assert second != first
    supervisor = owner(desk.home / "supervisor.pid")
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    assert wait_until(lambda: owner(desk.home / "supervisor.pid") is None, seconds=30)
    assert "Nothing starts it again" in desk.pb("service", "start").stdout
    assert desk.json("service", "restart")["managed"] is True


def test_stop_takes_less_than_a_second_of_the_monitor(desk: Desk) -> None:
    """The monitor flushes and leaves within 1 s of being told."""
    pid = desk.json("service", "start")["pid"]
    watch = Stopwatch()
    os.kill(pid, signal.SIGTERM)
    assert wait_until(lambda: desk.monitor() is None, seconds=30)
    assert watch.seconds < 1
    assert wait_until(desk.nobody, seconds=30)


def test_a_second_monitor_is_refused(desk: Desk) -> None:
    """``pb serve`` beside the service ends with 3 and a clear line; the first one goes on."""
    pid = desk.json("service", "start")["pid"]
    second = desk.pb("serve")
    assert second.returncode == 3
    assert "another" in second.stderr
    assert desk.json("service", "status")["pid"] == pid


def test_a_monitor_in_the_foreground_is_seen_and_stopped(desk: Desk) -> None:
    """``pb serve`` by hand is running but not managed, and stop ends it."""
    environment = {**os.environ, "PACKETBUDDY_HOME": str(desk.home)}
    by_hand = subprocess.Popen([sys.executable, "-m", "packetbuddy", "serve"], env=environment)
    try:
        assert wait_until(lambda: desk.json("service", "status")["last_write"] is not None, seconds=30)
        assert desk.json("service", "status")["managed"] is False
        assert desk.json("service", "stop")["ran"] is True
        assert by_hand.wait(timeout=30) == 0
    finally:
        by_hand.kill()
        by_hand.wait()


def test_broken_settings_are_told_while_it_goes_on(desk: Desk) -> None:
    """A mistake in config.toml is in status, by name; the monitor goes on with what it had."""
    pid = desk.json("service", "start")["pid"]
    (desk.home / "config.toml").write_text("[monitoring]\npoll_intervall = 1\n")
    status = desk.json("service", "status")
    assert (status["pid"], status["state"]) == (pid, "running")
    assert "poll_intervall" in status["config_mistakes"][0]
    assert "poll_interval" in desk.pb("service", "status").stdout


def test_a_start_that_fails_says_why_and_leaves_nothing(desk: Desk) -> None:
    """A foreign database in the ledger's place: exit 1, one line with the reason, no process stays."""
    desk.home.mkdir()
    with contextlib.closing(sqlite3.connect(desk.home / "packetbuddy.db")) as foreign:
        foreign.execute("CREATE TABLE usage_logs (bytes_sent INTEGER)")
    done = desk.pb("service", "start")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "packetbuddy.db" in done.stderr
    assert wait_until(desk.nobody, seconds=30)


@pytest.mark.parametrize(("keeper", "code"), [("launchd", 0), ("", 78)])
def test_a_final_failure_under_launchd_is_no_failure(desk: Desk, keeper: str, code: int) -> None:
    """What fails is started again by launchd, so what starting again cannot help ends with 0 there, and says why."""
    desk.home.mkdir(mode=0o700)
    with contextlib.closing(sqlite3.connect(desk.home / "packetbuddy.db")) as foreign:
        foreign.execute("CREATE TABLE usage_logs (bytes_sent INTEGER)")
    environment = {**os.environ, "PACKETBUDDY_HOME": str(desk.home), "PACKETBUDDY_KEPT_BY": keeper}
    command = [sys.executable, "-m", "packetbuddy", "serve"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == code
    assert "packetbuddy.db" in done.stderr


def test_logs(desk: Desk) -> None:
    """Logs show the last lines of stderr.log; wrong numbers and misplaced options are refused in words."""
    assert "Nothing has been logged" in desk.pb("service", "logs").stdout
    desk.json("service", "start")
    assert desk.json("service", "logs", "-n", "0") == {"lines": []}
    desk.json("service", "stop")
    assert wait_until(desk.nobody, seconds=30), "who still runs, still logs: the dashboard tells late where it is"
    with (desk.home / "stderr.log").open("a") as log:
        log.write("one\ntwo\x1b[31m\n")
    assert desk.json("service", "logs", "-n", "2")["lines"][-2:] == ["one", "two\x1b[31m"]
    assert desk.pb("service", "logs", "-n", "1").stdout == "two?[31m\n"
    assert desk.pb("service", "logs", "-n", "-1").returncode == 2
    assert desk.pb("service", "stop", "-f").returncode == 2
    assert desk.pb("service", "sto").returncode == 2
