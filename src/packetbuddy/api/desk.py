"""The desk: who asks (settings, zone, instant) and the threads that answers are made in."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import stack_size
from typing import Literal, NamedTuple, TypeVar, get_args

from packetbuddy.answers.heatmap import Memory
from packetbuddy.answers.metrics import Outlooks
from packetbuddy.answers.open import Question
from packetbuddy.answers.zone import Zone, zone_for
from packetbuddy.api.problems import CROWDED_LARGE, ProblemError
from packetbuddy.errors import SettingsError, WrongUsageError
from packetbuddy.reports.bodies import Presentation
from packetbuddy.settings.load import examine, parse, read_mapping
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home

Lane = Literal["quick", "usual", "long"]
LANES: tuple[Lane, ...] = get_args(Lane)
"""Answers wait for those of their own lane only: by how long they may take."""
MOST_WAITING = 32
"""So many long answers; the short ones are soon made."""
STACK_BYTES = 512 * 1024
"""Answers need little stack."""

Answer = TypeVar("Answer")


class Facts(NamedTuple):
    """What is true of this process: its home, environment and host name, when it started, and the clock (UTC, ns)."""

    home: Home
    environment: Mapping[str, str]
    hostname: str
    started_ns: int
    clock: Callable[[], int]


class Asking(NamedTuple):
    """A question asked now, and how its answer is written."""

    question: Question
    how: Presentation


class _Read(NamedTuple):
    """The file as it was last read: its stamp, the settings that hold, and the mistake in it."""

    stamp: tuple[int, int, int] | None
    settings: Settings
    mistake: str | None


class Desk:
    """Owns the settings as last read, the threads, and what the heat map and the metrics remember. One a process."""

    def __init__(self, facts: Facts) -> None:
        """Read the settings; what is wrong in them has its default."""
        self.facts = facts
        self.hours: Memory = {}
        self.outlooks = Outlooks()
        self._read = self._first()
        self._zone = zone_for("local", facts.environment, facts.started_ns)
        stack_size(STACK_BYTES)
        self._lanes = {lane: ThreadPoolExecutor(1, thread_name_prefix=lane) for lane in LANES}
        self._waiting = dict.fromkeys(LANES, 0)
        self._ticks = ThreadPoolExecutor(1, thread_name_prefix="ticks")

    @property
    def settings(self) -> Settings:
        """The settings as the file says them now; while there is a mistake in it, the last good ones."""
        return self._renewed().settings

    @property
    def mistake(self) -> str | None:
        """What is wrong in the file now."""
        return self._renewed().mistake

    def ask(self, interface: str | None = None, device: str = "this") -> Asking:
        """A question asked now.

        Raises:
            WrongUsageError: that cannot be a device.
        """
        if not device.isprintable():
            raise WrongUsageError(f"{device!r} cannot be a device", "device is this, all, a name or an id")
        facts, settings = self.facts, self.settings
        now_ns = facts.clock()
        zone = self._zone_of(settings, now_ns)
        question = Question(facts.home, settings, now_ns, interface, zone.rules, zone.name, device=device)
        return Asking(question, _presentation(settings))

    async def run(self, make: Callable[[], Answer], lane: Lane = "usual") -> Answer:
        """Make an answer in the thread of its lane: SQLite and counters block. One at a time spares memory.

        Raises:
            ProblemError: too many long answers wait.
        """
        if lane == "long" and self._waiting[lane] >= MOST_WAITING:
            raise ProblemError(CROWDED_LARGE)
        self._waiting[lane] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._lanes[lane], make)
        finally:
            self._waiting[lane] -= 1

    async def tick(self, make: Callable[[], Answer]) -> Answer:
        """The same in the thread of the streams, so that no long answer delays the next second."""
        return await asyncio.get_running_loop().run_in_executor(self._ticks, make)

    def close(self) -> None:
        """Let the threads go; what they still make is not waited for."""
        for threads in (*self._lanes.values(), self._ticks):
            threads.shutdown(wait=False, cancel_futures=True)

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.facts.home.config.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _first(self) -> _Read:
        """What is right in the file holds, what is wrong has its default."""
        stamp, path = self._stamp(), self.facts.home.config
        try:
            examined = examine(read_mapping(path))
        except SettingsError as error:
            return _Read(stamp, parse({}), f"{path}: {error}")
        mistake = next(map(str, examined.mistakes), None) or self._zone_mistake(examined.settings)
        return _Read(stamp, examined.settings, mistake and f"{path}: {mistake}")

    def _renewed(self) -> _Read:
        stamp, path = self._stamp(), self.facts.home.config
        if stamp != self._read.stamp:
            try:
                settings = parse(read_mapping(path))
                mistake = self._zone_mistake(settings)
            except SettingsError as error:
                settings, mistake = self._read.settings, str(error)
            held = self._read.settings if mistake else settings
            self._read = _Read(stamp, held, mistake and f"{path}: {mistake}")
        return self._read

    def _zone_mistake(self, settings: Settings) -> str | None:
        try:
            zone_for(settings.display.timezone, self.facts.environment, self.facts.started_ns)
        except SettingsError as error:
            return str(error)
        return None

    def _zone_of(self, settings: Settings, now_ns: int) -> Zone:
        """The zone now, for a laptop travels; one whose rules are not there leaves the last one."""
        with suppress(SettingsError):
            self._zone = zone_for(settings.display.timezone, self.facts.environment, now_ns)
        return self._zone


def _presentation(settings: Settings) -> Presentation:
    return Presentation(
        units=settings.display.units,
        speed=settings.display.speed,
        rate=settings.cost.rate_per_gb,
        currency=settings.cost.currency,
        unit=settings.cost.unit,
    )
