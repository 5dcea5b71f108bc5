"""One measurement for everybody: speeds each second and today as it changes, while somebody listens."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from packetbuddy.answers.live import Measurement
from packetbuddy.answers.open import local
from packetbuddy.answers.usage import today
from packetbuddy.api.desk import Asking, Desk
from packetbuddy.api.problems import Problem, told
from packetbuddy.probes import open_probe
from packetbuddy.probes.face import Probe
from packetbuddy.reports.bodies import live_body, today_body
from packetbuddy.settings.model import Settings

TICK_SECONDS = 1.0
TODAY_TICKS = 2


class News(NamedTuple):
    """The newest of its kind: a number that rises, the JSON, and the problem where it is one."""

    number: int
    data: bytes
    problem: Problem | None = None


class Counters:
    """Owns the open counters and the last look at them. Used by one thread at a time."""

    def __init__(self, interface: str | None) -> None:
        """Open nothing yet."""
        self._interface = interface
        self._settings: Settings | None = None
        self._probe: Probe | None = None
        self._measurement: Measurement | None = None

    def look(self, asking: Asking) -> bytes | None:
        """What moved since the last look; ``None`` at the first one, and after a change of settings.

        Raises:
            PacketBuddyError: no counters, or no such interface.
        """
        if self._measurement is None or asking.question.settings is not self._settings:
            self.close()
            self._probe, self._settings = open_probe(), asking.question.settings
            self._measurement = Measurement(asking.question, self._probe)
            return None
        return msgspec.json.encode(live_body(self._measurement.measure(0), asking.how))

    def close(self) -> None:
        """Give the counters back."""
        self._measurement = None
        if self._probe is not None:
            self._probe.close()
            self._probe = None


class Pulse:
    """Owns the ticker of one interface (or of all that count) and its newest news; ticks while anybody listens."""

    def __init__(self, desk: Desk, interface: str | None) -> None:
        """Start nothing yet."""
        self._desk, self._interface = desk, interface
        self._listeners: dict[asyncio.Event, bool] = {}
        self._ticker: asyncio.Task[None] | None = None
        self.news: dict[str, News] = {}

    @contextmanager
    def listening(self, bell: asyncio.Event, *, to_today: bool) -> Iterator[None]:
        """Set ``bell`` whenever there is news; with ``to_today`` also of the running day."""
        self._listeners[bell] = to_today
        if self._ticker is None:
            self._ticker = asyncio.get_running_loop().create_task(self._tick())
        try:
            yield
        finally:
            del self._listeners[bell]

    async def _tick(self) -> None:
        loop, counters, count, day = asyncio.get_running_loop(), Counters(self._interface), 0, ""
        due = loop.time()
        try:
            while self._listeners:
                asking = self._desk.ask(self._interface)
                await self._publish("live", lambda: counters.look(asking))  # noqa: B023 - awaited at once
                before, day = day, _day(asking)
                if any(self._listeners.values()) and (count % TODAY_TICKS == 0 or day != before):
                    await self._publish("today", lambda: _today(asking))  # noqa: B023 - same
                count += 1
                due = max(due + TICK_SECONDS, loop.time())
                await asyncio.sleep(due - loop.time())
        finally:
            self._ticker = None
            self.news.clear()
            counters.close()

    async def _publish(self, name: str, make: Callable[[], bytes | None]) -> None:
        problem = None
        try:
            data = await self._desk.tick(make)
        except Exception as error:  # noqa: BLE001 - an outermost frame: the next tick must come
            problem = told(error)
            data, name = problem.body(), f"no {name}"
        else:
            self.news.pop(f"no {name}", None)
        before = self.news.get(name)
        if data is None or (before is not None and before.data == data):
            return
        self.news[name] = News(before.number + 1 if before else 1, data, problem)
        for bell in self._listeners:
            bell.set()


class Pulses:
    """Owns the pulses, one for each interface that somebody listens to. Of one event loop."""

    def __init__(self, desk: Desk) -> None:
        """Start nothing yet."""
        self._desk = desk
        self._pulses: dict[str | None, Pulse] = {}
        self._users: dict[str | None, int] = {}

    @contextmanager
    def of(self, interface: str | None) -> Iterator[Pulse]:
        """The pulse of an interface, while it is used."""
        pulse = self._pulses.setdefault(interface, Pulse(self._desk, interface))
        self._users[interface] = self._users.get(interface, 0) + 1
        try:
            yield pulse
        finally:
            self._users[interface] -= 1
            if not self._users[interface]:
                del self._users[interface], self._pulses[interface]


def _day(asking: Asking) -> str:
    return local(asking.question, asking.question.now_ns).date().isoformat()


def _today(asking: Asking) -> bytes:
    return msgspec.json.encode(today_body(today(asking.question), asking.how))
