"""What is not asked once: server-sent events, and the speed now out of the same measurement."""

import asyncio
from collections.abc import Iterator

from starlette.types import Receive, Scope, Send

from packetbuddy.api.activity import Activity
from packetbuddy.api.problems import CROWDED, Problem, ProblemError
from packetbuddy.api.pulse import News, Pulse, Pulses

HEARTBEAT_SECONDS = 15.0
PATIENCE_SECONDS = 10.0
MOST_STREAMS = 64
"""Each costs a connection for as long as it likes; the others must find one."""
NO_SPEED = Problem(503, "counters", "the counters did not answer in time", "Try again")
KINDS = {"live": "live", "today": "today", "no live": "problem", "no today": "problem"}
"""Which event each kind of news is sent as."""
HELLO = b"retry: 2000\n\n"
ALIVE = b": alive\n\n"


async def next_speed(pulses: Pulses, interface: str | None) -> bytes:
    """The body of ``/api/live``: measured over the second that ends with the next tick.

    Raises:
        ProblemError: the counters could not be read, or there is no such interface.
    """
    bell = asyncio.Event()
    with pulses.of(interface) as pulse:
        before = pulse.news.get("live")
        with pulse.listening(bell, to_today=False):
            try:
                return await asyncio.wait_for(_speed(pulse, bell, before), PATIENCE_SECONDS)
            except TimeoutError as error:
                raise ProblemError(NO_SPEED) from error


async def _speed(pulse: Pulse, bell: asyncio.Event, before: News | None) -> bytes:
    while True:
        failed, found = pulse.news.get("no live"), pulse.news.get("live")
        if failed is not None and failed.problem is not None:
            raise ProblemError(failed.problem)
        if found is not None and found is not before:
            return found.data
        bell.clear()
        await bell.wait()


class EventStream:
    """The answer to one listener: lasts until the listener or the server leaves. Slow listeners skip, never queue."""

    def __init__(self, pulses: Pulses, activity: Activity, interface: str | None) -> None:
        """Begin nothing yet."""
        self._pulses, self._activity, self._interface = pulses, activity, interface
        self._bell = asyncio.Event()
        self._gone = False
        self._sent: dict[str, News] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with events.

        Raises:
            ProblemError: too many streams are open.
        """
        if self._activity.streams >= MOST_STREAMS:
            raise ProblemError(CROWDED)
        with self._activity.looking(self._bell):
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = scope["method"] == "HEAD"
        headers = [(b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if not head:
            watching = asyncio.get_running_loop().create_task(self._watch(receive))
            try:
                await self._tell(send)
            finally:
                watching.cancel()
        await send({"type": "http.response.body", "body": b""})

    async def _tell(self, send: Send) -> None:
        with self._pulses.of(self._interface) as pulse, pulse.listening(self._bell, to_today=True):
            await _push(send, HELLO)
            while not (self._gone or self._activity.leaving):
                for data in self._fresh(pulse):
                    await _push(send, data)
                await self._wait(send)

    async def _wait(self, send: Send) -> None:
        try:
            await asyncio.wait_for(self._bell.wait(), HEARTBEAT_SECONDS)
        except TimeoutError:
            await _push(send, ALIVE)
        self._bell.clear()

    def _fresh(self, pulse: Pulse) -> Iterator[bytes]:
        for name, news in list(pulse.news.items()):
            if self._sent.get(name) is not news:
                self._sent[name] = news
                yield b"event: %s\ndata: %s\n\n" % (KINDS[name].encode(), news.data)

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._bell.set()


async def _push(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})
