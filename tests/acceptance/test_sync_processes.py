"""Real processes at a real PostgreSQL: cut, killed, at once, with a server that crashes, freezes or is not there."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Self

import pytest

from integration.cutting import Cutter
from integration.postgres import Server
from integration.sync_process import started
from integration.sync_world import BEGIN, Named, Place, check, settle
from machine.netns import requires_netns, wait_until
from packetbuddy.errors import LedgerError
from packetbuddy.probes.linux_machine import machine_identity
from packetbuddy.settings.places import Home
from packetbuddy.storage.reader import reading
from packetbuddy.sync.local import Local
from packetbuddy.sync.main import ANOTHER_RUNS, FAILED, SYNCED
from unit.calm import Stopwatch
from unit.ports import free_port

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]


def environment(**more: str) -> dict[str, str]:
    """This one's, without what a developer's own sync would need."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("NEON_DB", "PG"))}
    return {**mine, **more}


class House:
    """A place whose runs are processes of their own, on a machine with an identity of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir()
        (folder / "machine-id").write_text(f"{name:0>32}\n", encoding="ascii")
        machine = Named(BEGIN)
        machine.identity = machine_identity(str(folder))
        self.place = Place(folder / "home", name, machine)
        self._identity = folder / "machine-id"
        self.told = folder / "told"

    def run(self, url: str) -> BaseProcess:
        """One run, begun."""
        return started(self.place.home.root, url, self._identity, self.told)


def misfortune(chance: random.Random, houses: list[House], url: str, cutter: Cutter, server: Server) -> set[int | None]:
    """Everybody runs at once; some are cut, some killed, some run twice, and now and then the server crashes.

    Returns how they ended.
    """
    runs = []
    for house in houses:
        fate = chance.choice(("well", "well", "cut", "killed", "twice"))
        cutter.cut_after(told=chance.randint(0, 40) if fate == "cut" else None)
        address = url.replace(str(server.port), str(cutter.port)) if fate == "cut" else url
        runs += [(house.run(address), fate) for _ in range(2 if fate == "twice" else 1)]
    if chance.random() < 0.15:
        time.sleep(chance.random() / 2)
        server.stop(signal.SIGQUIT)
        server.start()
    for process, fate in runs:
        if fate == "killed":
            process.join(chance.random() / 2)
            process.kill()
    for process, _ in runs:
        process.join(150)  # a run that hangs ends itself after 80 s
    return {process.exitcode for process, _ in runs}


@pytest.mark.parametrize("seed", range(10))
def test_five_processes_end_equal(seed: int, server: Server, tmp_path: Path) -> None:
    """Two rounds of everything that can go wrong with five devices at once; then all are equal to the byte."""
    chance, database = random.Random(seed), "processes"  # noqa: S311 - any traffic will do
    url = server.database(database)
    houses = [House(tmp_path / f"house{number}", f"{number}") for number in range(5)]
    ends: set[int | None] = set()
    with Cutter(server.port) as cutter:
        for _ in range(2):
            for house in houses:
                house.place.use(chance)
            ends |= misfortune(chance, houses, url, cutter, server)
    told = [house.told.read_text("utf-8") for house in houses]
    assert ends <= {SYNCED, FAILED, ANOTHER_RUNS, -signal.SIGKILL}, told
    assert SYNCED in ends, told
    settle([house.place for house in houses], url)
    check([house.place for house in houses], server, database)


class Service:
    """A real monitor with sync on, its API on a port of its own. A run that hangs does so until its deadline."""

    def __init__(self, folder: Path, url: str) -> None:
        self.home, self.url = Home(folder / "home"), url
        self.port = free_port()
        self.home.root.mkdir(mode=0o700)
        lines = ["[sync]", f'url = "{url}?connect_timeout=75"', "idle_interval = 10", "[api]", f"port = {self.port}"]
        lines += ["[monitoring]", "poll_interval = 0.2", "batch_write_interval = 1", ""]
        self.home.config.write_text("\n".join(lines), encoding="utf-8")
        self._environment = environment(PACKETBUDDY_HOME=str(self.home.root))

    def __enter__(self) -> Self:
        quiet = subprocess.DEVNULL
        command = [sys.executable, "-m", "packetbuddy", "serve"]
        self.process = subprocess.Popen(command, env=self._environment, stdout=quiet, stderr=quiet)
        try:
            wait_until(self._counts, 40)
            wait_until(lambda: f"the dashboard is at http://127.0.0.1:{self.port}/" in self.log(), 40)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(30)

    def _counts(self) -> bool:
        with contextlib.suppress(LedgerError):
            return self.heartbeat() > 0
        return False

    def heartbeat(self) -> int:
        """When it last wrote."""
        with reading(self.home.ledger, self.home.lock) as reader:
            return reader.state().heartbeat_ns

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command, whatever comes of it."""
        command = [sys.executable, "-m", "packetbuddy", *words, "--json"]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False, timeout=90)

    def pb(self, *words: str) -> tuple[Any, float]:
        """An answer of the command line, and how long it took."""
        watch = Stopwatch()
        done = self.ask(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["data"], watch.seconds

    def runs(self) -> list[int]:
        """Process numbers of runs at work."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if b"packetbuddy.sync" in words and str(self.home.root).encode() in words:
                    found.append(int(folder.name))
        return found

    def status(self) -> Any:
        """How sync stands."""
        return self.pb("sync", "status")[0]

    def log(self) -> str:
        """What it wrote."""
        return self.home.stderr_log.read_text(encoding="utf-8")


@pytest.fixture
def service(server: Server, tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path, server.database("service")) as running:
        yield running


def test_a_service_takes_up_what_it_counts(service: Service, server: Server) -> None:
    """The monitor starts runs by itself; rows, status, health and devices say so."""
    wait_until(lambda: service.status()["state"] == "ok", 40)
    wait_until(lambda: bool(server.execute("SELECT 1 FROM packetbuddy.days", "service")), 40)
    devices = service.pb("devices")[0]["devices"]
    assert [device["this"] for device in devices] == [True]
    assert devices[0]["id"] == service.home.device_id.read_text(encoding="ascii").strip()
    assert "secret" not in json.dumps(service.status())


def test_a_server_that_is_not_there_at_the_first_start(tmp_path: Path) -> None:
    """Counting begins, one line says what is wrong, status and health know it, nothing is degraded."""
    with Service(tmp_path, "postgresql://user:secret@127.0.0.1:1/x") as service:
        wait_until(lambda: service.status()["state"] == "failing", 40)
        assert "nobody listens at 127.0.0.1" in service.status()["problem"]
        assert service.pb("today")[0]["coverage"] is not None
        wait_until(lambda: "sync: nobody listens" in service.log())
        whole = service.log() + json.dumps(service.status())
        assert "secret" not in whole


@contextlib.contextmanager
def hanging(service: Service, server: Server) -> Iterator[None]:
    """Inside, every process of the server is stopped, and a run hangs."""
    wait_until(lambda: service.status()["state"] == "ok", 40)
    wait_until(lambda: not service.runs())  # the one after which all is well is there for a moment longer
    server.freeze()
    try:
        wait_until(lambda: bool(service.runs()), 40)
        yield
    finally:
        server.thaw()


def test_a_frozen_server_delays_nothing(service: Service, server: Server) -> None:
    """While every process of the server is stopped, a run hangs; writes, answers and the stop come as always."""
    with hanging(service, server):
        beats = set()
        for _ in range(3):
            _, seconds = service.pb("today", "--device", "all")
            assert seconds < 5
            beats.add(service.heartbeat())
            watch = Stopwatch()
            wait_until(lambda: service.heartbeat() not in beats)
            assert watch.seconds < 5
        run = service.runs()
        watch = Stopwatch()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
        assert watch.seconds < 2
        assert service.runs() == run != []
        wait_until(lambda: not service.runs())


def test_a_run_may_finish_after_the_stop(service: Service, server: Server) -> None:
    """What was under way when the monitor was told to stop is acknowledged when the server answers within seconds."""
    with hanging(service, server):
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
    wait_until(lambda: not service.runs())
    standing = Local(service.home).standing()
    assert (standing.token, standing.problem) == (standing.intent, None)


def test_a_killed_monitor_leaves_no_run_behind(service: Service, server: Server) -> None:
    """After kill -9 of the monitor a run that hangs is gone within its grace."""
    with hanging(service, server):
        service.process.kill()
        wait_until(lambda: not service.runs())


def test_somebody_who_looks_is_seen(service: Service) -> None:
    """An open stream makes its mark on the file that the monitor looks at; without one the mark grows old."""
    import http.client  # noqa: PLC0415 - only here

    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    connection.request("GET", "/api/stream")
    connection.getresponse()
    wait_until(service.home.looking.exists)
    connection.close()
    assert time.time() - service.home.looking.stat().st_mtime < 20


def test_a_run_by_hand_says_what_it_did(service: Service) -> None:
    """``pb sync now`` beside the service: done; or in words that another run is at work, and done when that is over."""
    wait_until(lambda: service.status()["state"] == "ok", 40)
    said: list[str] = []

    def done() -> bool:
        run = service.ask("sync", "now")
        assert run.returncode == 0 or "another run is at work" in run.stderr, run.stderr
        said.append(run.stdout)
        return run.returncode == 0

    wait_until(done, 60)
    assert json.loads(said[-1])["data"].keys() == {"pushed_days", "pulled_days"}
