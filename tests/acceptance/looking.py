"""The whole service as a person who looks has it: a real monitor, the real API behind it, and requests."""

import contextlib
import http.client
import itertools
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

from machine.netns import wait_until
from unit.calm import excused
from unit.ports import free_port
from unit.processes import alive

MONITOR = Path(__file__).with_name("watched_monitor.py")
POLL_SECONDS = 1


class Look(NamedTuple):
    """When it was, on the monotonic clock, and how long the monitor had then waited for a processor that others had.

    ``stalled`` is what a stopwatch nets out: the monitor waits for the disk too, and for the processes it starts.
    """

    at: float
    waited: float
    stalled: float


class Service:
    """One home; ``with`` starts a monitor and stops the one that runs last."""

    def __init__(self, folder: Path, *numbers: str) -> None:
        self.home = folder / "home"
        self.home.mkdir(mode=0o700)
        self.port = free_port()
        self.write_seconds = 1
        self.configure()
        self._looks = folder / "looks"
        self._errors = folder / "errors"
        self._numbers = numbers
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(30) == 0
        self.process.wait()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The monitor that was started last."""
        assert self._process is not None
        return self._process

    def configure(self, port: int = 0, **api: int) -> None:
        """Write the settings; ``api`` holds more keys of that section."""
        self.port = port or self.port
        more = "".join(f"{key} = {value}\n" for key, value in api.items())
        pace = f"[monitoring]\npoll_interval = {POLL_SECONDS}\nbatch_write_interval = {self.write_seconds}\n"
        (self.home / "config.toml").write_text(f"[api]\nport = {self.port}\n{more}{pace}", "utf-8")

    def start(self) -> None:
        """Start a monitor in a session of its own, without waiting for anything."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        environment["PYTHONPATH"] = str(MONITOR.parent.parent)
        command = [sys.executable, str(MONITOR), str(self.home), str(self._looks), *self._numbers]
        with self._errors.open("ab") as errors:
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stderr=errors, start_new_session=True
            )

    def listening(self) -> bool:
        """Whether somebody has the port; wakes nobody up."""
        with socket.socket() as asking:
            asking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                asking.bind(("127.0.0.1", self.port))
                asking.listen()
            except OSError:
                return True
        return False

    def said(self, words: str) -> bool:
        """Whether the log holds these words."""
        log = self.home / "stderr.log"
        return log.exists() and words in log.read_text("utf-8")

    def problem(self) -> str:
        """What the ledger's state row says is wrong; empty when nothing is."""
        address = f"file:{self.home / 'packetbuddy.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
            row = connection.execute("SELECT problem FROM state").fetchone()
        return str(row[0] or "") if row else ""

    def ready(self) -> None:
        """Return when the monitor has its port."""
        wait_until(lambda: self.said(f"the dashboard is at http://127.0.0.1:{self.port}/dashboard"))

    def apis(self) -> list[int]:
        """Process numbers of the monitor's APIs that live, oldest first; its other helpers come and go."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        return [child for child in map(int, children) if alive(child) and is_api(child)]

    def connect(self, seconds: float = 15) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def get(self, path: str = "/api/health") -> tuple[int, bytes]:
        """Status and body of a request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    @contextlib.contextmanager
    def streaming(self) -> Iterator[socket.socket]:
        """An open stream that has begun to flow."""
        with self.connect() as stream:
            stream.sendall(f"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
            told = b""
            while b"data:" not in told:
                more = stream.recv(4096)
                assert more, told
                told += more
            yield stream

    def pb(self, *arguments: str) -> str:
        """What a command prints on this home."""
        environment = {**os.environ, "PACKETBUDDY_HOME": str(self.home)}
        command = [sys.executable, "-m", "packetbuddy", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    def signal(self, number: signal.Signals) -> None:
        """To the monitor alone."""
        self.process.send_signal(number)

    @contextlib.contextmanager
    def on_time(self) -> Iterator[None]:
        """Inside, and for two polls after it, every look comes when it should; a missed one would be a poll late."""
        began = time.monotonic()
        yield
        ended = time.monotonic()
        wait_until(lambda: len(self.looks(began)) > 1 and self.looks()[-1].at > ended + POLL_SECONDS)
        assert max(late_without_excuse(self.looks(began))) < 0.8 * POLL_SECONDS

    def looks(self, since: float = 0.0) -> list[Look]:
        """Looks at the counters, from the last one before an instant of the monotonic clock on."""
        looks = [Look(*map(float, line.split())) for line in self._looks.read_text("ascii").splitlines()]
        return looks[max(0, sum(look.at < since for look in looks) - 1) :]


def late(looks: list[Look]) -> list[float]:
    """By how much each gap between two looks is longer than it should be, for all that the monitor can do about it."""
    return [then.at - now.at - POLL_SECONDS - (then.waited - now.waited) for now, then in itertools.pairwise(looks)]


def late_without_excuse(looks: list[Look]) -> list[float]:
    """The same, where more is left out if a stopwatch leaves out more than the monitor itself waited for."""
    return [
        gap - POLL_SECONDS - max(then.waited - now.waited, excused(gap, then.stalled - now.stalled))
        for now, then in itertools.pairwise(looks)
        for gap in [then.at - now.at]
    ]


def is_api(pid: int) -> bool:
    """Whether that is what the process was started as; between fork and exec it is not yet."""
    try:
        return b"packetbuddy.api" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def private_kb(pid: int) -> int:
    """Memory that would be free without the process (USS), in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:")))


def resident_kb(pid: int) -> int:
    """Resident memory, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0])
