"""Ledgers for tests of the answers, written as the monitor writes them: readings through the real Meter and Writer.

::

    machine = Machine(at(2026, 11, 2, 9, zone=UTC))
    with Counting(tmp_path, machine) as counting:        # a monitor: looks, flushes, stops
        counting.use(at(2026, 11, 2, 10), rx=5, tx=7)    # moved within the second before that instant
        counting.flush()
    today(asking(tmp_path, machine, zone="Asia/Kolkata"))
"""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from packetbuddy.answers.open import Question
from packetbuddy.errors import ProbeError
from packetbuddy.metering.books import Policy
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND, Boot, Counters, Facts, Instant, Link, Reading, Route
from packetbuddy.probes.fake import FakeProbe
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home
from packetbuddy.storage.lock import Lock
from packetbuddy.storage.tending import Audit, tending
from packetbuddy.storage.writer import Beat, Flush, Writer

WIFI, CABLE = 2, 3
NAMES = {WIFI: "wlan0", CABLE: "eth0"}
MINUTE, HOUR, DAY = 60, 3600, 86_400
EXACT_NS = 3 * SECOND


def at(*parts: int, zone: str | tzinfo = UTC, fold: int = 0) -> int:
    """A local date and time as nanoseconds since 1970."""
    rules = ZoneInfo(zone) if isinstance(zone, str) else zone
    return int(datetime(*parts, tzinfo=rules, fold=fold).timestamp()) * SECOND  # type: ignore[arg-type,misc]


class Machine:
    """A computer with two interfaces and three clocks, all of which do what the test says; the Wi-Fi leads out."""

    def __init__(self, wall_ns: int, *, synchronized: bool | None = True, uptime: int = HOUR) -> None:
        self.wall_ns = wall_ns
        self.elapsed_ns = self.awake_ns = uptime * SECOND
        self.synchronized = synchronized
        self.boot = 1
        self.namespace = "net:1"
        self.uplink = WIFI
        self.bytes = {WIFI: [1000, 1000], CABLE: [1000, 1000]}
        self.link_speed: int | None = 10**9

    def run(self, seconds: float) -> None:
        """Time passes."""
        self._pass(round(seconds * SECOND), awake=True)

    def run_until(self, wall_ns: int) -> None:
        """Time passes until the wall clock says so."""
        assert wall_ns >= self.wall_ns, "time does not go back by itself"
        self._pass(wall_ns - self.wall_ns, awake=True)

    def sleep(self, seconds: int) -> None:
        """Time passes, the machine sleeps."""
        self._pass(seconds * SECOND, awake=False)

    def set_clock(self, by_seconds: int) -> None:
        """Somebody sets the wall clock forward or back."""
        self.wall_ns += by_seconds * SECOND

    def reboot(self, off_seconds: int = 60) -> None:
        """Off for a while, then up with counters at zero."""
        self.wall_ns += off_seconds * SECOND
        self.elapsed_ns = self.awake_ns = 0
        self.boot += 1
        self.bytes = {identity: [0, 0] for identity in self.bytes}

    def move(self, rx: int, tx: int, identity: int = WIFI) -> None:
        """Bytes move over an interface."""
        self.bytes[identity][0] += rx
        self.bytes[identity][1] += tx

    def reading(self) -> Reading:
        """What a probe sees now."""
        return Reading(
            at=Instant(self.wall_ns, self.elapsed_ns, self.awake_ns, self.synchronized),
            boot=Boot(f"boot-{self.boot}", certain=True),
            namespace=self.namespace,
            machine="a machine",
            links=tuple(self._link(identity) for identity in NAMES),
            routes=(Route(4, 0, 0, self.uplink, gateway=True),),
        )

    def _link(self, identity: int) -> Link:
        rx, tx = self.bytes[identity]
        facts = Facts("hardware", bytes_per_second=self.link_speed)
        return Link(identity, NAMES[identity], Counters(rx, tx, rx, tx), facts)

    def _pass(self, length_ns: int, *, awake: bool) -> None:
        self.wall_ns += length_ns
        self.elapsed_ns += length_ns
        self.awake_ns += length_ns if awake else 0


class Counting:
    """A monitor without its process: owns the meter, the writer and the lock from entering to leaving."""

    def __init__(self, root: Path, machine: Machine) -> None:
        self.home, self.machine = Home(root), machine
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        lock = Lock(self.home.lock)
        lock.acquire()
        self._stack.callback(lock.release)
        self.writer = Writer(self.home.ledger)
        self._stack.callback(self.writer.close)
        books = self.writer.books()
        epochs, highest = self.writer.epochs(books.boot)
        self.meter = Meter(books, selection=None, policy=Policy(EXACT_NS), epochs=epochs, highest=highest)
        self.look()
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            self.flush(stopped=True)

    def look(self) -> None:
        """One poll; what the monitor would write at once is written."""
        if self.meter.look(self.machine.reading()):
            self.flush()

    def tick(self, rx: int = 0, tx: int = 0, identity: int = WIFI) -> None:
        """A second with this traffic, then a poll."""
        self.machine.run(1)
        self.machine.move(rx, tx, identity)
        self.look()

    def use(self, wall_ns: int, *, rx: int = 0, tx: int = 0, identity: int = WIFI) -> None:
        """Idle until a second before that instant, then this traffic within the second, exact."""
        self.machine.run_until(wall_ns - SECOND)
        self.look()
        self.tick(rx, tx, identity)

    def flush(self, *, stopped: bool = False) -> None:
        """Commit what waits."""
        machine, meter = self.machine, self.meter
        beat = Beat("test", machine.wall_ns, SECOND, 30 * SECOND, None, machine.wall_ns if stopped else None)
        kinds = {each.name: each.kind for each in meter.choice.decisions}
        self.writer.commit(Flush(meter.harvest(), meter.books, kinds, beat))
        meter.committed()


def asking(
    root: Path, machine: Machine, *, zone: str | tzinfo = "UTC", interface: str | None = None, failing: str = ""
) -> Question:
    """A question asked on that machine now; ``failing``: the counters cannot be read, in these words."""
    rules, name = (ZoneInfo(zone), zone) if isinstance(zone, str) else (zone, str(zone))
    shown = ProbeError(failing) if failing else machine.reading()
    return Question(Home(root), parse({}), machine.wall_ns, interface, rules, name, lambda: FakeProbe([shown]))


def audit(root: Path) -> Audit:
    """What the daily audit finds."""
    home = Home(root)
    with tending(home.ledger, home.lock) as tender:
        return tender.audit()


def sound(root: Path) -> bool:
    """Whether the audit finds nothing to complain of."""
    return audit(root) == Audit(None, (), ())


@contextlib.contextmanager
def cold(question: Question) -> Iterator[Question]:
    """The same question without a cache; the cache that was there is back afterwards."""
    cache = question.home.cache
    aside = cache.with_name("aside.db")
    if cache.exists():
        cache.rename(aside)
    yield question
    cache.unlink(missing_ok=True)
    if aside.exists():
        aside.rename(cache)
