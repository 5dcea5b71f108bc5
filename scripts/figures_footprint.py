"""The whole footprint, the monitor beside vnstatd in a namespace with light traffic; writes docs/figures/footprint.md.

``python scripts/figures_footprint.py [--minutes 10] [--rounds 200] [--print-only]``
"""

import argparse
import os
import platform
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from figures_api import part, waking  # noqa: E402 - the tests' folder is no package
from figures_dashboard import paints  # noqa: E402 - same
from figures_queries import ONCE_MS, WARM_MS, Figure, measured  # noqa: E402 - same
from make_ledger import make  # noqa: E402 - same

from acceptance.browser import Browser  # noqa: E402 - same
from acceptance.looking import Service, private_kb  # noqa: E402 - same
from machine.netns import Lab, Namespace, Wire, wait_until  # noqa: E402 - same
from packetbuddy.settings.places import Home  # noqa: E402 - same

FIGURES = ROOT / "docs" / "figures" / "footprint.md"
UPKEEP_SECONDS = 180
"""After the start, the day's upkeep is over: what happens once a day is not to be spread over ten minutes."""
SLOTS_A_MONTH = 30 * 24 * 12


class Usage(NamedTuple):
    """What a process has used so far: CPU in seconds, bytes handed to the disk, resident memory in KiB."""

    cpu_seconds: float
    written_bytes: int
    rss_kb: int


class Promise(NamedTuple):
    """One line of the contract: at most how much, how much it was, and what else there is to say."""

    name: str
    most: float
    found: float
    note: str = ""


def usage(pid: int) -> Usage:
    """Read it from /proc: schedstat counts nanoseconds, where stat would count hundredths of a second."""
    folder = Path(f"/proc/{pid}")
    cpu = sum(int((task / "schedstat").read_text("ascii").split()[0]) for task in (folder / "task").iterdir())
    written = int((folder / "io").read_text("ascii").split("write_bytes:")[1].split()[0])
    rss = int((folder / "status").read_text("ascii").split("VmRSS:")[1].split()[0])
    return Usage(cpu / 1e9, written, rss)


class Rate(NamedTuple):
    """What a process takes: resident memory in MB, percents of a core, bytes a second to the disk."""

    rss: float
    cpu: float
    written: float


def rate(before: Usage, after: Usage, seconds: float) -> Rate:
    """Between two readings."""
    cpu = (after.cpu_seconds - before.cpu_seconds) / seconds * 100
    return Rate(after.rss_kb / 1024, cpu, (after.written_bytes - before.written_bytes) / seconds)


class Beside(NamedTuple):
    """What a run of both daemons showed."""

    rates: dict[str, Rate]
    growth: tuple[float, float]
    today: list[float]


class Looked(NamedTuple):
    """What somebody who looks costs, and waits for: private MB of monitor and API together; milliseconds."""

    private: float
    wakes: list[float]
    paints: list[float]
    answers: list[Figure]


def traffic(wire: Wire, seconds: float) -> None:
    """A datagram each way every half second: enough that every slot and every write has something to hold."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        wire.upload(1, 400)
        wire.download(1, 1200)
        time.sleep(0.5)


def growth(ledger: Path) -> tuple[float, float]:
    """MB that a month with traffic in all slots adds to a copy of the file: of 5 minutes, and of quarter hours."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "month.db"
        source, target = sqlite3.connect(ledger), sqlite3.connect(copy)
        source.backup(target)
        before = _pages(target)
        series = target.execute("SELECT max(id & 65535) FROM slots").fetchone()[0]
        first = target.execute("SELECT max(id >> 16) FROM slots").fetchone()[0] + 1
        _fill(target, series, first, 1)
        fine = _pages(target) - before
        with target:
            target.execute("DELETE FROM slots WHERE id >= ?", (first << 16,))
        target.execute("VACUUM")
        before = _pages(target)
        _fill(target, series, first, 3)
        coarse = _pages(target) - before
        source.close()
        target.close()
    return fine / 1e6, coarse / 1e6


def _fill(target: sqlite3.Connection, series: int, first: int, step: int) -> None:
    rows = [
        ((first + slot) << 16 | series, 40_000_000 + slot, 3_000_000 + slot, 0, 9_000_000, 900_000, 9_500_000)
        for slot in range(0, SLOTS_A_MONTH, step)
    ]
    with target:
        target.executemany("INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _pages(connection: sqlite3.Connection) -> int:
    size: int = connection.execute("PRAGMA page_size").fetchone()[0]
    count: int = connection.execute("PRAGMA page_count").fetchone()[0]
    free: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
    return size * (count - free)


def today_times(host: Namespace, environment: dict[str, str], runs: int = 20) -> list[float]:
    """Wall milliseconds of warm ``pb today`` runs, where the monitor counts."""
    command = [str(Path(sys.executable).with_name("pb")), "today"]
    times = []
    for _ in range(runs + 3):
        begun = time.perf_counter()
        if host.start(command, env=environment, stdout=subprocess.DEVNULL).wait() != 0:
            raise SystemExit("pb today failed")
        times.append((time.perf_counter() - begun) * 1000)
    return times[3:]


def beside(minutes: float) -> Beside:
    """Run both daemons side by side."""
    with Lab("figures") as lab, tempfile.TemporaryDirectory() as folder:
        host, router = lab.namespace("host"), lab.namespace("router")
        wire = lab.wire(host, router)
        home = Path(folder) / "home"
        environment = {**os.environ, "PACKETBUDDY_HOME": str(home)}
        monitor = host.start([sys.executable, "-m", "packetbuddy", "serve"], env=environment, stderr=subprocess.DEVNULL)
        wait_until((home / "packetbuddy.db-wal").exists)
        daemons = {"PacketBuddy": monitor.pid}
        if shutil.which("vnstatd"):
            daemons["vnstatd 2.10"] = _vnstatd(host, Path(folder) / "vnstat")
        traffic(wire, UPKEEP_SECONDS)
        before = {name: usage(pid) for name, pid in daemons.items()}
        traffic(wire, minutes * 60)
        rates = {name: rate(before[name], usage(pid), minutes * 60) for name, pid in daemons.items()}
        times = today_times(host, environment)
        size = growth(home / "packetbuddy.db")
        monitor.send_signal(signal.SIGTERM)
        monitor.wait(10)
    return Beside(rates, size, times)


def looked_at(rounds: int) -> Looked:
    """Ask, wake, paint: a service of ten years that somebody looks at."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        home = Home(service.home)
        make(home, years=10, now_ns=time.time_ns())
        answers = measured(home, rounds)
        with service:
            service.ready()
            service.get("/api/today")
            wakes = waking(service, "/api/today")
            part(service)
            with Browser() as browser, browser.page(f"http://127.0.0.1:{service.port}"):
                wait_until(lambda: len(service.apis()) == 1)
                time.sleep(30)
                private = sum(map(private_kb, (service.process.pid, *service.apis()))) / 1024
    return Looked(private, wakes, paints(10), answers)


def _vnstatd(host: Namespace, folder: Path) -> int:
    folder.mkdir()
    config = folder / "vnstat.conf"
    lines = (f'DatabaseDir "{folder}"', "PollInterval 1", "UpdateInterval 20", "SaveInterval 1", "UseLogging 0", "")
    config.write_text("\n".join(lines), "ascii")
    process = host.start(["vnstatd", "--nodaemon", "--config", str(config)], stdout=subprocess.DEVNULL)
    wait_until((folder / "vnstat.db").exists)
    return process.pid


def page(minutes: float, both: Beside, seen: Looked) -> str:
    """The page's text."""
    ours = both.rates["PacketBuddy"]
    longest = max((each for each in seen.answers if each.goal == WARM_MS), key=lambda each: each.p99)
    once = next(each for each in seen.answers if each.goal == ONCE_MS)
    today, wake, paint = (statistics.median(times) for times in (both.today, seen.wakes, seen.paints))
    promises = [
        Promise("the one process that stays, MB", 20, ours.rss),
        Promise("monitor and API with the dashboard open, private memory, MB", 40, seen.private),
        Promise("processor, nobody looking, % of a core", 0.05, ours.cpu),
        Promise("written to disk, bytes a second", 1024, ours.written),
        Promise("growth of the database, MB a month", 0.5, both.growth[0], f"{both.growth[1]:.2f} in quarter hours"),
        Promise("`pb today`, warm, median, ms", 120, today, slowest(both.today)),
        Promise("waking the API to the first byte, median, ms", 400, wake, slowest(seen.wakes)),
        Promise("the dashboard's first paint, the API asleep before, median, ms", 1000, paint, slowest(seen.paints)),
        Promise("answers on ten years, 99 of 100 within, ms", 10, longest.p99, f"the slowest question: {longest.name}"),
        Promise("the same, once after a zone change, ms", 250, once.p99),
    ]
    lines = [
        "# Footprint",
        "",
        f"Measured over {minutes:g} minutes by `python scripts/figures_footprint.py`: one veth uplink with a datagram",
        "each way twice a second, a poll each second, a write each 30 seconds, both daemons side by side in one run,",
        "begun when the day's upkeep was over.",
        "",
        "| daemon | resident memory | CPU of one core | written to disk |",
        "|---|---|---|---|",
        *(f"| {name} | {of.rss:.1f} MB | {of.cpu:.4f} % | {of.written:.0f} B/s |" for name, of in both.rates.items()),
        "",
        "vnstatd is written in C and reads bare counters; it writes every minute here (its default is five). Its",
        "memory and CPU are far below ours. Ours buys exact restarts, resets, namespaces and uplinks.",
        "",
        "## All that is promised, in the same run",
        "",
        "| figure | at most | measured | |",
        "|---|--:|--:|---|",
        *map(row, promises),
        "",
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.",
        "More about these: [API](api.md), [dashboard](dashboard.md), [answers](queries.md).",
        "",
    ]
    return "\n".join(lines)


def row(promise: Promise) -> str:
    """Its line of the table; one that is missed says so."""
    missed = "**missed**" if promise.found > promise.most else ""
    digits = next(digits for least, digits in ((100, 0), (1, 1), (0.1, 2), (0, 4)) if promise.most >= least)
    words = "; ".join(filter(None, (missed, promise.note)))
    return f"| {promise.name} | {promise.most:g} | {promise.found:.{digits}f} | {words} |"


def slowest(times: list[float]) -> str:
    """The worst."""
    return f"slowest of {len(times)}: {max(times):.0f}"


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=200, help="how often each question is asked")
    parser.add_argument("--print-only", action="store_true")
    options = parser.parse_args()
    text = page(options.minutes, beside(options.minutes), looked_at(options.rounds))
    print(text)
    if not options.print_only:
        FIGURES.parent.mkdir(parents=True, exist_ok=True)
        FIGURES.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
