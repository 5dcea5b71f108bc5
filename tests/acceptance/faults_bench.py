"""A real monitor on a real wire, and the ways to hurt it: for tests that compare with the kernel to the byte.

::

    def test_x(bench: Bench) -> None:
        bench.monitor.start()
        bench.traffic()                        # both ways, both different
        ...
        bench.agrees()                         # shown, stopped, stored: what the kernel counted since the first start
"""

import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from machine.monitor import QUICK, Monitor, Moved, moved
from machine.netns import Lab, Traffic, Wire, run, wait_until

MOST_RSS_KB = 20 * 1024
_COVERAGE = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
"""Coverage's own memory is not the monitor's."""


class Bench:
    """One wire out of a namespace, and a monitor in it whose first start is the begin of counting."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.wire: Wire = lab.wire(lab.namespace("host"), lab.namespace("router"))
        self.host = self.wire.host
        self.wire.download(30)  # what was before is not counted
        self.monitor = Monitor(self.host, folder)
        self.home = self.monitor.home
        self.before: Traffic = self.host.settle("eth0")

    def traffic(self, times: int = 1) -> None:
        """Some bytes each way, not the same."""
        self.wire.upload(17 * times)
        self.wire.download(41 * times)

    def moved(self) -> Moved:
        """What the kernel counted since counting began."""
        return moved(self.host.counters("eth0"), self.before)

    def told(self, words: str) -> int:
        """How many lines, on standard error, hold these words."""
        if not self.monitor.errors.exists():
            return 0
        return sum(words in line for line in self.monitor.errors.read_text("utf-8").splitlines())

    def heard(self, words: str) -> None:
        """Return when such a line is there."""
        wait_until(lambda: self.told(words) > 0)

    def logged(self, words: str) -> int:
        """How many lines of ``stderr.log`` hold these words."""
        return sum(words in line for line in self.monitor.log())

    def pause(self, turns: int = 8) -> None:
        """Return when the monitor has run so many times: it looks five times a second, and tries to write as often."""
        state = Path(f"/proc/{self.monitor.child.pid}/schedstat")
        ran = int(state.read_text("ascii").split()[2])
        wait_until(lambda: int(state.read_text("ascii").split()[2]) >= ran + turns, 60)

    def agrees(self) -> None:
        """Everybody says what the kernel counted; leaves the monitor stopped and the ledger audited."""
        self.monitor.agrees(self.moved())

    def refused(self, code: int) -> str:
        """Start a monitor that must leave with this code; returns the one line that it says, without its stamp."""
        own = self.monitor.errors.with_name("refused")
        own.unlink(missing_ok=True)
        shared, self.monitor.errors = self.monitor.errors, own  # into that one another monitor may write meanwhile
        child = self.monitor.launch()
        self.monitor.errors = shared
        assert child.wait(60) == code, own.read_text("utf-8")
        (line,) = own.read_text("utf-8").splitlines()
        return line.split(" ", 1)[1]

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside, the monitor is stopped, and not in the middle of a write."""
        with contextlib.ExitStack() as thawing:
            with nobody_writes(self.home.ledger):
                thawing.enter_context(self.monitor.frozen())
            yield

    def pb(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of a person, which may fail."""
        command = ["ip", "netns", "exec", self.host.name, sys.executable, "-m", "packetbuddy", *arguments]
        environment = {**os.environ, "PACKETBUDDY_HOME": str(self.home.root)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def upkeep(self) -> subprocess.CompletedProcess[str]:
        """One run of the daily upkeep."""
        command = [sys.executable, "-P", "-m", "packetbuddy.upkeep", str(self.home.root)]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def write_limit(self, most: int) -> None:
        """From now on no file of the running monitor may grow beyond this; -1: no limit."""
        resource.prlimit(self.monitor.child.pid, resource.RLIMIT_FSIZE, (most, -1))

    def rss_kb(self) -> int:
        """Resident memory of the monitor."""
        return int(Path(f"/proc/{self.monitor.child.pid}/status").read_text("ascii").split("VmRSS:")[1].split()[0])


@contextlib.contextmanager
def bench_in(folder: Path) -> Iterator[Bench]:
    """A bench that goes away with everything on it; a monitor that still runs must leave cleanly."""
    with Lab("faults") as lab:
        bench = Bench(lab, folder)
        yield bench
        child = bench.monitor._child
        if child is not None and child.poll() is None:
            child.send_signal(signal.SIGTERM)
            assert child.wait(30) == 0


@contextlib.contextmanager
def nobody_writes(ledger: Path) -> Iterator[None]:
    """Inside, no process is in the middle of a write: one that is stopped here leaves the ledger unlocked."""
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextlib.contextmanager
def small_disk(folder: Path, size: str = "400k") -> Iterator[None]:
    """The folder is a file system of its own, of this size, empty at first."""
    run("mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "packetbuddy-test", str(folder))
    try:
        yield
    finally:
        run("umount", "-l", str(folder))


@contextlib.contextmanager
def full(folder: Path) -> Iterator[None]:
    """Inside, not a byte more fits on the folder's disk."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (65_536, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    continue
    try:
        yield
    finally:
        ballast.unlink()


def without_coverage() -> dict[str, str]:
    """An environment whose processes' memory is their own."""
    return {name: value for name, value in os.environ.items() if name not in _COVERAGE}


__all__ = ["MOST_RSS_KB", "QUICK", "Bench", "bench_in", "full", "nobody_writes", "small_disk", "without_coverage"]
