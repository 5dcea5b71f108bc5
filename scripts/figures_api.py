"""How quickly the API wakes and answers, and what an open dashboard costs; writes docs/figures/api.md.

``python scripts/figures_api.py [--seconds 60] [--years 10] [--print-only]``. A ledger of ten years; beside the service
that is looked at runs one that is not, in the same minutes.
"""

import argparse
import contextlib
import http.client
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from acceptance.looking import Service, late, private_kb, resident_kb  # noqa: E402 - the folder is no package
from machine.netns import wait_until  # noqa: E402 - same
from unit.processes import alive  # noqa: E402 - same

TODAY = datetime.now(UTC).date()
YEAR_AGO = TODAY - timedelta(days=365)
FIGURES = ROOT / "docs" / "figures" / "api.md"
PATHS = (
    "/api/health",
    "/api/today",
    "/api/month",
    "/api/summary",
    f"/api/range?from={YEAR_AGO}&to={TODAY}",
    f"/api/usage?by=day&from={YEAR_AGO}&to={TODAY}",
    "/api/usage?by=month",
    "/api/heatmap",
    "/dashboard",
)
CLIENTS, PER_SECOND, STREAMS = 8, 2.0, 50
REVIVALS, TURNS = 20, 10


class Spent(NamedTuple):
    """CPU seconds of a process so far, private and resident memory in KiB."""

    cpu: float
    private: int
    resident: int


def spent(pid: int) -> Spent:
    """Read it from /proc: schedstat counts nanoseconds."""
    tasks = list(Path(f"/proc/{pid}/task").iterdir())
    cpu = sum(int((task / "schedstat").read_text("ascii").split()[0]) for task in tasks) / 1e9
    return Spent(cpu, private_kb(pid), resident_kb(pid))


def first_byte(service: Service, path: str) -> float:
    """Milliseconds from the connect to the first byte of the answer."""
    began = time.perf_counter()
    with service.connect() as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        connection.recv(1)
    return (time.perf_counter() - began) * 1000


def part(service: Service) -> None:
    """Let the API leave as when it was idle, until it is gone."""
    for api in service.apis():
        os.kill(api, signal.SIGTERM)
    wait_until(lambda: not service.apis())


def waking(service: Service, path: str) -> list[float]:
    """Times to the first byte while no API runs."""
    times = []
    for _ in range(REVIVALS):
        part(service)
        times.append(first_byte(service, path))
    return times


class Clients:
    """Eight who ask twice a second each over a kept connection, every path in turn."""

    def __init__(self, service: Service, seconds: float) -> None:
        self.times: dict[str, list[float]] = {path: [] for path in PATHS}
        self._service, self._until = service, time.monotonic() + seconds
        threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _ask(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=30)
        due = time.monotonic() + number / CLIENTS / PER_SECOND
        with contextlib.closing(connection):
            while due < self._until:
                time.sleep(max(0.0, due - time.monotonic()))
                path = PATHS[number % len(PATHS)]
                began = time.perf_counter()
                connection.request("GET", path)
                connection.getresponse().read()
                self.times[path].append((time.perf_counter() - began) * 1000)
                number, due = number + 1, due + 1 / PER_SECOND


@contextlib.contextmanager
def streams(service: Service) -> Iterator[list[int]]:
    """Fifty open streams, read as they flow; yields how many live events each has had, filled in the end."""
    told = [0] * STREAMS
    over = threading.Event()

    def read(number: int) -> None:
        with service.streaming() as stream:
            while not over.is_set():
                told[number] += stream.recv(65_536).count(b"event: live")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(STREAMS)]
    for thread in threads:
        thread.start()
    yield told
    over.set()
    for thread in threads:
        thread.join()


def looked_at(service: Service, idle: Service, seconds: float) -> list[str]:
    """Rows of the table: a minute of open streams beside an idle service."""
    with streams(service) as told:
        wait_until(lambda: len(service.apis()) == 1)
        pids = {"API": service.apis()[0], "monitor": service.process.pid, "monitor nobody looks at": idle.process.pid}
        before = {name: spent(pid) for name, pid in pids.items()}
        began = time.monotonic()
        time.sleep(seconds)
        rows = [row(name, before[name], spent(pid), time.monotonic() - began) for name, pid in pids.items()]
        lateness = [polls(service, began), polls(idle, began)]
    events = f"Live events in that time: {min(told)} to {max(told)} a stream."
    return [*rows, "", events, f"Polls, looked at: {lateness[0]}; not looked at: {lateness[1]}."]


def row(name: str, before: Spent, after: Spent, seconds: float) -> str:
    """One line of the table."""
    cpu = (after.cpu - before.cpu) / seconds * 100
    return f"| {name} | {after.private / 1024:.1f} MB | {after.resident / 1024:.1f} MB | {cpu:.3f} % |"


def polls(service: Service, since: float) -> str:
    """How many there were and by how much the latest was late."""
    gaps = late(service.looks(since))
    return f"{len(gaps) + 1}, at most {max(gaps) * 1000:.0f} ms late"


def parting(service: Service) -> str:
    """How long the API outlives a killed monitor, and how soon the next one has the port."""
    gone, back = [], []
    for _ in range(TURNS):
        first_byte(service, "/api/health")
        (api,) = service.apis()
        (service.home / "stderr.log").unlink()
        began = time.perf_counter()
        service.signal(signal.SIGKILL)
        while alive(api):
            time.sleep(0.001)
        gone.append((time.perf_counter() - began) * 1000)
        service.process.wait()
        began = time.perf_counter()
        service.start()
        service.ready()
        back.append((time.perf_counter() - began) * 1000)
    return f"the API is gone after {spread(gone)}; a new monitor has the port {spread(back)} after its start"


def spread(times: list[float]) -> str:
    """Median and worst."""
    return f"{statistics.median(times):.0f} ms (at most {max(times):.0f})"


def percentile(times: list[float], share: float) -> float:
    """The value below which that share lies."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def measure(seconds: float, years: int) -> str:
    """Everything, as a page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "busy").mkdir()
        (folder / "idle").mkdir()
        busy, idle = Service(folder / "busy"), Service(folder / "idle")
        for service in (busy, idle):
            service.write_seconds = 30
            service.configure()
        maker = [sys.executable, str(ROOT / "scripts" / "make_ledger.py"), str(busy.home), "--years", str(years)]
        subprocess.run(maker, check=True)
        with busy, idle:
            busy.ready()
            idle.ready()
            for path in PATHS:  # whatever is worked out once
                busy.get(path)
            wakes = [f"- {path}: {spread(waking(busy, path))}" for path in ("/api/health", "/dashboard", "/api/today")]
            clients = Clients(busy, seconds)
            rows = looked_at(busy, idle, seconds)
            ends = parting(busy)
    return page(years, wakes, clients, [*rows, "", f"After `kill -9` of the monitor {ends}."])


def page(years: int, wakes: list[str], clients: Clients, rest: list[str]) -> str:
    """The page's text."""
    answered = [
        f"| `{path}` | {len(times)} | {statistics.median(times):.1f} ms | {percentile(times, 0.99):.1f} ms |"
        for path, times in clients.times.items()
    ]
    lines = [
        "# API",
        "",
        f"Measured by `python scripts/figures_api.py` on a ledger of {years} years, client and service on one machine.",
        "",
        f"## Waking to the first byte, {REVIVALS} times each",
        "",
        *wakes,
        "",
        f"## Warm answers, {CLIENTS} clients with {PER_SECOND:g} requests a second each",
        "",
        "| request | answers | median | 99 of 100 within |",
        "|---|---|---|---|",
        *answered,
        "",
        f"## {STREAMS} open streams",
        "",
        "| process | private memory | resident | CPU of one core |",
        "|---|---|---|---|",
        *rest,
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--print-only", action="store_true")
    options = parser.parse_args()
    text = measure(options.seconds, options.years)
    print(text)
    if not options.print_only:
        FIGURES.parent.mkdir(parents=True, exist_ok=True)
        FIGURES.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
