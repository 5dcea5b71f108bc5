"""Alerts end to end: a real monitor on a real wire, a real webhook, a stand-in for notify-send, a command."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest

from acceptance.faking import WallClock, requires_faketime
from acceptance.faults_bench import Bench, bench_in
from acceptance.looking import resident_kb
from machine.netns import Namespace, requires_netns, wait_until
from unit.calm import Stopwatch

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]

STANDIN = """#!/bin/sh
printf '%s\\n' "$*" >> {told}
"""
KB = 1000
DAY = 86_400
STEPS = (-3600, 0, 3600, 0, DAY, 0, 40 * DAY, 0, -40 * DAY, 0)
"""Seconds that the wall clock is ahead, one after the other: an hour, a day, another cycle, and back each time."""


class Webhook:
    """A web server inside a namespace that keeps what it is sent; ``delay`` seconds before it answers."""

    def __init__(self, space: Namespace) -> None:
        self.got: list[dict[str, Any]] = []
        self.delay = threading.Event()
        self.delay.set()
        self._space = space
        self._made = contextlib.ExitStack()
        held = space.socket(socket.SOCK_STREAM, bind="127.0.0.1")
        self.port: int = held.getsockname()[1]
        held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.delay.set()
        self._made.close()

    @property
    def url(self) -> str:
        """As apprise wants it."""
        return f"json://127.0.0.1:{self.port}/hook"

    def open(self) -> Self:
        """Listen from now on."""
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                hook.delay.wait(20)
                with contextlib.suppress(OSError):
                    self.send_response(200)
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        server.socket.close()
        with self._space.entered():
            server.socket = socket.socket()
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.socket.bind(("127.0.0.1", self.port))
        server.socket.listen(16)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        self._made.callback(server.server_close)
        self._made.callback(thread.join)
        self._made.callback(server.shutdown)
        return self

    def titles(self) -> list[str]:
        """What it was told, in order."""
        return [each["title"] for each in self.got]


class Told:
    """A monitor whose alerts go to a webhook, a stand-in of notify-send and a command."""

    def __init__(self, bench: Bench, hook: Webhook, folder: Path) -> None:
        self.bench, self.hook, self._folder = bench, hook, folder
        self._desktop, self._command = folder / "desktop", folder / "command"
        for name, told in (("notify-send", self._desktop), ("tell-me", self._command)):
            script = folder / name
            script.write_text(STANDIN.format(told=told), "utf-8")
            script.chmod(0o700)
        bench.monitor._environment["PATH"] = f"{folder}:{os.environ['PATH']}"

    def configure(self, cap: str = "1 MB", more: str = "") -> None:
        """Write the settings."""
        self.bench.home.config.write_text(
            f"""
[monitoring]
poll_interval = 0.2
batch_write_interval = 1
[alerts]
notify = ["desktop", "{self.hook.url}"]
command = "{self._folder}/tell-me --from"
[[plan]]
name = "Home"
cap = "{cap}"
{more}
""",
            "utf-8",
        )

    def move(self, kilobytes: int) -> None:
        """So many thousand bytes, to within a datagram."""
        for _ in range(kilobytes // 100):
            self.bench.wire.download(96)

    def looked(self, ahead: int = 0) -> None:
        """Return when a look that began after this call is over, by a clock that is so many seconds ahead."""
        now = time.time_ns() + ahead * 10**9
        wait_until(lambda: now < self._looked_ns() < now + 1800 * 10**9, 60)

    def look(self, ahead: int = 0) -> None:
        """Have the settings read again, which makes somebody look; return when that is over."""
        self.bench.monitor.child.send_signal(signal.SIGHUP)
        self.looked(ahead)

    def _looked_ns(self) -> int:
        rows = self.bench.monitor.query("SELECT at_ns FROM looked")
        return int(rows[0]["at_ns"]) if rows else 0

    def desktop(self) -> list[str]:
        """Lines that the stand-in of notify-send was called with."""
        return self._desktop.read_text("utf-8").splitlines() if self._desktop.exists() else []

    def command(self) -> list[str]:
        """The same of the command."""
        return self._command.read_text("utf-8").splitlines() if self._command.exists() else []

    def states(self) -> dict[str, int]:
        """How many deliveries are in which state."""
        rows = self.bench.monitor.query("SELECT state, count(*) AS count FROM deliveries GROUP BY state")
        return {row["state"]: row["count"] for row in rows}

    def settled(self) -> None:
        """Return when nothing is on its way any more."""
        try:
            wait_until(lambda: set(self.states()) <= {"sent", "unknown", "given up"}, 60)
        except AssertionError as error:
            rows = self.bench.monitor.query("SELECT * FROM deliveries")
            raise AssertionError([dict(row) for row in rows]) from error


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    with bench_in(tmp_path) as bench, Webhook(bench.host) as hook:
        told = Told(bench, hook, tmp_path)
        told.configure()
        yield told


def test_each_percentage_is_told_once_on_every_channel(told: Told) -> None:
    """50, 80 and 100 %: one message each on each channel within a minute; none after kill -9, restart, more traffic."""
    told.hook.open()
    told.bench.monitor.start()
    for size, count in ((600, 1), (250, 2), (300, 3)):
        told.move(size)
        wait_until(lambda count=count: len(told.command()) == count, 60)  # type: ignore[misc]  # mypy dislikes defaults
        told.settled()
    assert resident_kb(told.bench.monitor.child.pid) <= 20 * 1024 or "COVERAGE_PROCESS_CONFIG" in os.environ
    told.bench.monitor.kill()
    told.bench.monitor.start()
    told.looked()
    told.move(300)
    told.look()
    assert told.bench.monitor.stop() == 0
    told.bench.monitor.start()
    told.looked()
    titles = told.hook.titles()
    assert len(titles) == len(told.desktop()) == len(told.command()) == 3
    assert [title.split(":")[0] for title in titles] == ["Home"] * 3
    assert all(title in line for title, line in zip(titles, told.command(), strict=True))
    assert told.command()[0].startswith("--from Home: ")
    assert "--app-name=PacketBuddy" in told.desktop()[0]
    assert "Nothing is left" in told.hook.got[2]["message"]
    assert told.states() == {"sent": 9}
    told.bench.agrees()


def test_a_monitor_that_is_killed_while_it_is_told(told: Told) -> None:
    """``kill -9`` of the monitor while the webhook takes its time: the delivery is finished, and not made again."""
    told.hook.open().delay.clear()
    told.bench.monitor.start()
    told.looked()
    told.move(600)
    wait_until(lambda: len(told.hook.got) == 1, 60)
    told.bench.monitor.kill()
    told.bench.monitor.start()
    told.hook.delay.set()
    told.settled()
    told.look()
    assert len(told.hook.got) == len(told.desktop()) == len(told.command()) == 1
    assert told.states() == {"sent": 3}


def test_a_look_that_is_killed_while_it_tells(told: Told) -> None:
    """``kill -9`` of the look itself: nobody knows whether that message arrived: it is not told again, the rest is."""
    told.hook.open().delay.clear()
    told.bench.monitor.start()
    told.looked()
    told.move(600)
    wait_until(lambda: len(told.hook.got) == 1, 60)
    (look,) = _children(told.bench.monitor.child.pid, "packetbuddy.alerts")
    os.kill(look, signal.SIGKILL)
    told.hook.delay.set()
    told.bench.monitor.kill()
    told.bench.monitor.start()
    told.settled()
    assert told.states() == {"sent": 2, "unknown": 1}
    assert len(told.hook.got) == len(told.desktop()) == len(told.command()) == 1
    told.bench.heard("interrupted")


def _children(parent: int, module: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (path / "cmdline").read_bytes().split(b"\0")
            mother = int((path / "stat").read_text("ascii").rsplit(")", 1)[1].split()[1])
            if module.encode() in words and mother == parent:
                found.append(int(path.name))
    return found


def test_an_unreachable_url_is_tried_again_and_delays_nothing(told: Told) -> None:
    """While nobody answers there others are told and writes go on in time; when somebody does, it arrives, once."""
    told.bench.monitor.start()
    told.looked()
    told.move(600)
    wait_until(lambda: told.states() == {"sent": 2, "waiting": 1}, 60)
    late = _latest(told, seconds=6)
    assert late < 2.5
    told.hook.open()
    wait_until(lambda: len(told.hook.got) == 1, 60)
    told.settled()
    assert told.states() == {"sent": 3}
    assert len(told.desktop()) == len(told.command()) == 1
    assert told.bench.logged("it cannot be reached, or does not answer; it is tried again") == 1
    assert told.bench.logged("json://127") == 0
    told.bench.agrees()


def _latest(told: Told, seconds: float) -> float:
    """The longest time between two writes, which are due each second."""
    deadline, longest, last, watch = time.monotonic() + seconds, 0.0, 0, Stopwatch()
    while time.monotonic() < deadline:
        state = told.bench.monitor.state()
        assert state is not None
        if state["heartbeat_ns"] != last:
            longest, last, watch = max(longest, watch.seconds), state["heartbeat_ns"], Stopwatch()
        time.sleep(0.05)
    return longest


@requires_faketime
def test_a_clock_that_steps_tells_nothing_twice(told: Told, tmp_path: Path) -> None:
    """An hour, a day, another cycle, forth and back: what was told is not told again, and the next percentage is."""
    clock = WallClock(tmp_path)
    told.bench.monitor._environment |= clock.environment()
    told.hook.open()
    told.bench.monitor.start()
    told.looked()
    told.move(600)
    wait_until(lambda: len(told.hook.got) == 1, 60)
    told.settled()
    for ahead in STEPS:
        clock.set(ahead)
        told.look(ahead)
        told.settled()
        assert (ahead, told.hook.titles()[1:], told.desktop()[1:], told.command()[1:]) == (ahead, [], [], [])
    told.move(250)
    wait_until(lambda: len(told.hook.got) == 2, 60)
    told.settled()
    told.look()
    assert len(told.hook.got) == len(told.desktop()) == len(told.command()) == 2
    assert told.states() == {"sent": 6}
    told.bench.agrees()


def test_a_changed_plan_is_armed_again(told: Told) -> None:
    """Another cap is another plan: what was told of the old one is told of the new one when it is reached."""
    told.hook.open()
    told.bench.monitor.start()
    told.looked()
    told.move(600)
    told.settled()
    wait_until(lambda: len(told.hook.got) == 1, 60)
    told.configure(cap="2 MB")
    told.look()
    assert len(told.hook.got) == 1
    told.move(600)
    wait_until(lambda: len(told.hook.got) == 2, 60)
    told.settled()
    assert "of 2.00 MB used" in told.hook.got[1]["message"]


def test_without_a_plan_nobody_looks(told: Told) -> None:
    """No plan, no look: the monitor starts nothing, and asks the ledger nothing."""
    told.bench.monitor.configure(poll_interval=0.2, batch_write_interval=1)
    told.bench.monitor.start()
    told.move(600)
    told.bench.pause(40)
    assert told.bench.monitor.query("SELECT * FROM looked") == []


def test_a_test_message(told: Told) -> None:
    """``pb plan --test-alert`` tells every channel at once, says what became of it, and fails where one failed."""
    told.hook.open()
    told.bench.monitor.start()
    done = _pb(told, told.bench.monitor._environment)
    assert (done.returncode, done.stdout.splitlines()) == (0, ["desktop: sent", "json://***: sent", "command: sent"])
    assert told.hook.titles() == ["PacketBuddy"]
    assert len(told.desktop()) == len(told.command()) == 1
    Path(told.bench.home.root.parent / "notify-send").unlink()
    failed = _pb(told, {**told.bench.monitor._environment, "PATH": str(told.bench.home.root)})
    assert failed.returncode == 1
    assert failed.stdout.splitlines()[0] == "desktop: notify-send cannot be started: No such file or directory"


def _pb(told: Told, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    ip = shutil.which("ip") or "ip"
    command = [ip, "netns", "exec", told.bench.host.name, sys.executable, "-m", "packetbuddy", "plan", "--test-alert"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
