"""What the monitor tells systemd, over a real datagram socket: ready when it counts, alive while its loop turns."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from machine.netns import wait_until
from packetbuddy.answers.health import health
from packetbuddy.answers.open import Question
from packetbuddy.answers.zone import zone_for
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform == "win32", reason="systemd's protocol needs sockets that Windows lacks"),
]

SILENCE_SECONDS = 0.8
"""What WATCHDOG_USEC says: a sign of life is due after half of it."""
STUCK = """
import fcntl, os, sys
from packetbuddy.monitor import main as monitor
from packetbuddy.probes import open_probe
from packetbuddy.settings.places import Home

class Stuck:
    def __init__(self):
        self._probe, self._gate = open_probe(), open(sys.argv[2])
    def look(self):
        try:
            fcntl.flock(self._gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            open(sys.argv[2] + ".hangs", "w").close()
            fcntl.flock(self._gate, fcntl.LOCK_EX)
        fcntl.flock(self._gate, fcntl.LOCK_UN)
        return self._probe.look()
    def __getattr__(self, name):
        return getattr(self._probe, name)

vars(monitor)["open_probe"] = Stuck
from pathlib import Path
sys.exit(monitor.main(Home(Path(sys.argv[1])), os.environ))
"""
"""A monitor whose look hangs in a call while somebody else holds a lock; it says so before."""


class Manager(NamedTuple):
    """systemd's side: the socket that it listens on."""

    listening: socket.socket
    address: str

    def word(self, seconds: float = 30.0) -> str:
        """The next word, or "" when none comes in time."""
        self.listening.settimeout(seconds)
        try:
            return self.listening.recv(200).decode()
        except TimeoutError:
            return ""

    def other_word(self) -> str:
        """The next word that is no sign of life: one may be on its way whenever something else is asked for."""
        while (word := self.word()) == "WATCHDOG=1":
            continue
        return word

    def forget(self) -> float:
        """Drop what came until now; returns an instant before which nothing was sent of what is still to come."""
        while True:
            empty = time.monotonic()
            if not self.word(0.01):
                return empty

    def start(self, home: Path, *command: str, **more: str) -> subprocess.Popen[bytes]:
        """A monitor of this home that is told where to speak."""
        home.mkdir()
        (home / "config.toml").write_text("[monitoring]\npoll_interval = 0.2\n")
        environment = {**os.environ, "PACKETBUDDY_HOME": str(home), "NOTIFY_SOCKET": self.address, **more}
        environment.setdefault("WATCHDOG_USEC", str(int(SILENCE_SECONDS * 1_000_000)))
        return subprocess.Popen([sys.executable, *(command or ("-m", "packetbuddy", "serve"))], env=environment)


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    if request.param == "abstract" and sys.platform != "linux":
        pytest.skip("abstract names are Linux's")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        address = f"@packetbuddy-{os.getpid()}-{time.time_ns()}" if request.param == "abstract" else str(tmp_path / "s")
        listening.bind(address.replace("@", "\0", 1))
        yield Manager(listening, address)


@contextlib.contextmanager
def ending(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Whatever happens, no process stays."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_ready_alive_stopping(manager: Manager, tmp_path: Path) -> None:
    """Ready comes first, once a look is in the ledger; then signs of life, not more than are due; then stopping."""
    home = Home(tmp_path / "home")
    with ending(manager.start(home.root)) as monitor:
        assert manager.word() == "READY=1"
        zone = zone_for("local", os.environ, time.time_ns())
        state = health(Question(home, parse({}), time.time_ns(), None, zone.rules, zone.name))
        assert (state.state, state.last_write is None) == ("running", False)
        assert manager.word() == "WATCHDOG=1"
        began = manager.forget()
        assert [manager.word() for _ in range(5)] == ["WATCHDOG=1"] * 5
        # The first one may have been due before; the second is looked at after that was sent, the others each on time.
        assert time.monotonic() - began >= 3.5 * SILENCE_SECONDS / 2
        monitor.terminate()
        assert manager.other_word() == "STOPPING=1"
        assert monitor.wait(30) == 0
        assert manager.word(0.1) == ""


def test_a_halted_loop_falls_silent(manager: Manager, tmp_path: Path) -> None:
    """SIGSTOP ends the signs of life, SIGCONT brings them back."""
    with ending(manager.start(tmp_path / "home")) as monitor:
        assert [manager.word(), manager.word()] == ["READY=1", "WATCHDOG=1"]
        monitor.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, monitor.pid, os.WSTOPPED)
        manager.forget()
        assert manager.word(2 * SILENCE_SECONDS) == ""
        monitor.send_signal(signal.SIGCONT)
        assert manager.word() == "WATCHDOG=1"


def test_a_loop_stuck_in_a_call_falls_silent(manager: Manager, tmp_path: Path) -> None:
    """A loop that hangs in a call sends nothing, though its process lives; no thread speaks for it."""
    gate = tmp_path / "gate"
    gate.touch()
    with ending(manager.start(tmp_path / "home", "-c", STUCK, str(tmp_path / "home"), str(gate))) as monitor:
        assert [manager.word(), manager.word()] == ["READY=1", "WATCHDOG=1"]
        with gate.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            wait_until(gate.with_name("gate.hangs").exists)
            manager.forget()
            assert manager.word(2 * SILENCE_SECONDS) == ""
            assert monitor.poll() is None
        assert manager.word() == "WATCHDOG=1"


@pytest.mark.parametrize("wrong", [{"WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}])
def test_no_signs_of_life_that_nobody_asked_for(manager: Manager, tmp_path: Path, wrong: dict[str, str]) -> None:
    """A watchdog that is off, or meant for another process, is sent nothing but that it is ready."""
    with ending(manager.start(tmp_path / "home", **wrong)):
        assert manager.word() == "READY=1"
        assert manager.word(2 * SILENCE_SECONDS) == ""


def test_a_manager_that_is_gone_costs_nothing(manager: Manager, tmp_path: Path) -> None:
    """A socket that nobody reads any more neither ends nor delays the monitor."""
    with ending(manager.start(tmp_path / "home")) as monitor:
        assert manager.word() == "READY=1"
        manager.listening.close()
        time.sleep(2 * SILENCE_SECONDS)  # that nothing happens has no condition to await
        assert monitor.poll() is None
        monitor.terminate()
        assert monitor.wait(30) == 0
