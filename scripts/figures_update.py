"""How long nobody looks while one version makes way for another; writes docs/figures/update.md.

``python scripts/figures_update.py [--switches 3] [--print-only]``. A real service in a namespace (background adapter)
follows releases that this script makes: good ones, one that crashes, one that does not count. Needs root.
"""

import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from acceptance.newcomers import fetch_wheels  # noqa: E402 - the tests' folder is no package
from acceptance.releases import Change, Person, following, mended, that_crashes, that_does_not_count  # noqa: E402 - same
from machine.monitor import Chatter, moved  # noqa: E402 - same
from machine.netns import wait_until  # noqa: E402 - same

FIGURES = ROOT / "docs" / "figures" / "update.md"
PATIENCE = 300.0
SECOND = 1e9


class Pause(NamedTuple):
    """From the last heartbeat of one monitor to the first of the next, on the wall clock."""

    began_ns: int
    ended_ns: int

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.ended_ns - self.began_ns) / SECOND


class Watcher(threading.Thread):
    """Owns a sight of the ledger's heartbeat, and the pauses in it."""

    def __init__(self, ledger: Path) -> None:
        super().__init__(daemon=True)
        self.ledger = ledger
        self.pauses: list[Pause] = []
        self.over = threading.Event()

    def run(self) -> None:
        """A hundred looks a second."""
        with closing(sqlite3.connect(f"{self.ledger.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            before = None
            while not self.over.wait(0.01):
                now = connection.execute("SELECT started_ns, heartbeat_ns FROM state").fetchone()
                if before is not None and now[0] != before[0]:
                    self.pauses.append(Pause(before[1], now[1]))
                before = now


class Told(NamedTuple):
    """Pauses in seconds by what happened, and the bytes of the kernel and of the ledger in the end."""

    switches: list[float]
    crash: float
    silence: float
    kernel: int
    ledger: int


def nothing(_code: Path) -> None:
    """A good release."""


def silent(code: Path) -> None:
    """One that does not count, without the fault of the one before."""
    mended(code)
    that_does_not_count(code)


def publish(person: Person, version: str, change: Change, result: str) -> None:
    """Release something and wait for what comes of it."""
    person.source.release(version, change)
    wait_until(lambda: person.came_to(version, result), PATIENCE)


def measure(person: Person, switches: int) -> Told:
    """Follow releases while traffic runs."""
    newcomer, wire = person.newcomer, person.newcomer.wire
    newcomer.setup()
    watcher = Watcher(person.home / "packetbuddy.db")
    watcher.start()
    with Chatter(wire):
        for number in range(1, switches + 1):
            publish(person, f"2.{number}.0", nothing, "confirmed")
        good = watcher.pauses[:]
        publish(person, "3.0.0", that_crashes, "reverted")
        wait_until(lambda: len(watcher.pauses) > len(good), PATIENCE)
        publish(person, "3.1.0", silent, "reverted")
        wait_until(lambda: len(watcher.pauses) > len(good) + 2, PATIENCE)
    crash, to_silence, from_silence = watcher.pauses[len(good) :][:3]
    silence = Pause(to_silence.began_ns, from_silence.ended_ns)  # its heartbeats were no looks
    expected = moved(wire.host.settle(wire.near))
    wait_until(lambda: sum(newcomer.stored()) == sum(expected), 30)
    watcher.over.set()
    watcher.join()
    pauses = [each.seconds for each in good]
    return Told(pauses, crash.seconds, silence.seconds, sum(expected), sum(newcomer.stored()))


def page(told: Told) -> str:
    """The page's text."""
    switches = f"{statistics.median(told.switches):.2f} ({max(told.switches):.2f})"
    lines = [
        "# Updates",
        "",
        "Measured by `python scripts/figures_update.py`: a real service kept by the background adapter, a look at the",
        "counters every 0.2 s, a write each second, datagrams both ways all the time.",
        "",
        "| what | seconds from the last look before to the first one after |",
        "|---|---|",
        f"| to a new version, median (longest) of {len(told.switches)} | {switches} |",
        f"| back from one that crashes at its start | {told.crash:.2f} |",
        f"| there and back again: one that starts and does not count | {told.silence:.2f} |",
        "",
        f"Bytes lost in the whole story: {told.kernel - told.ledger} of {told.kernel}.",
        "",
        "One that does not count is found out after three writes and ten seconds (here: three). systemd starts a new",
        "version after its `RestartSec` of 5 s, launchd after at most 30 s, Windows at once.",
        f"Load of the {os.cpu_count()} processors meanwhile: {os.getloadavg()[1]:.1f} (average of five minutes).",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--switches", type=int, default=3)
    parser.add_argument("--print-only", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pb-update-") as name:
        folder = Path(name)
        wheels = folder / "wheels"
        wheels.mkdir()
        with following(folder, fetch_wheels(wheels)) as person:
            text = page(measure(person, options.switches))
    print(f"{text}\n({time.monotonic() - began:.0f} s)")
    if not options.print_only:
        FIGURES.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
