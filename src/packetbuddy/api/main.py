"""The API's main: composes the parts, and leaves when nobody looks, when it is told to, or when the monitor is gone."""

import asyncio
import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import NamedTuple, NoReturn

from packetbuddy.api import log
from packetbuddy.api.activity import Activity
from packetbuddy.api.app import build
from packetbuddy.api.awake import tell_asleep, tell_awake
from packetbuddy.api.desk import Desk, Facts
from packetbuddy.api.looking import tell_looking
from packetbuddy.api.serving import Serving
from packetbuddy.settings.places import Home

LISTENER, LIFE_LINE, GIVEN_BACK = 3, 0, 1
"""Descriptors: the shared socket, a pipe that ends with the monitor, and a pipe whose closing gives the socket back."""
CLEAN, WRONG_USAGE = 0, 2
LONGEST_NAP, SHORTEST_NAP = 15.0, 0.05
BACKLOG = 512
MALLOC_OPTIONS = {-8: 1, -1: 64 * 1024, -3: 128 * 1024}
"""M_ARENA_MAX, M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's ``mallopt``."""


class Called(NamedTuple):
    """The command line: the home, and in development the address to listen on."""

    home: Path
    listen: tuple[str, int] | None


def _say_nothing() -> None:
    """In development nobody waits for the socket."""


def run() -> NoReturn:
    """Entry point of ``python -m packetbuddy.api HOME [--listen ADDRESS:PORT]``."""
    called = _called(sys.argv[1:])
    if called is None:
        sys.stderr.write("usage: python -m packetbuddy.api HOME [--listen 127.0.0.1:PORT]\n")
        sys.exit(WRONG_USAGE)
    _spare_memory()
    home = Home(called.home)
    facts = Facts(home, os.environ, socket.gethostname(), time.time_ns(), time.time_ns)
    handed = called.listen is None
    if handed or stat.S_ISFIFO(os.fstat(LIFE_LINE).st_mode):
        Thread(target=_hold, args=(LIFE_LINE,), name="life-line", daemon=True).start()
    listener = socket.socket(fileno=LISTENER) if called.listen is None else _bound(called.listen)
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(_main(facts, listener, handed=handed))
    sys.exit(CLEAN)


async def _main(facts: Facts, listener: socket.socket, *, handed: bool) -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told.set)
    begun, given_back = (_say_begun, _close_output) if handed else (_say_nothing, _say_nothing)
    await serve(facts, listener, told=told, given_back=given_back, begun=begun)


async def serve(
    facts: Facts,
    listener: socket.socket,
    *,
    told: asyncio.Event,
    given_back: Callable[[], None],
    begun: Callable[[], None] = _say_nothing,
) -> None:
    """Serve until ``told`` to leave or nobody looks.

    ``begun`` is called once connections are taken, ``given_back`` once the socket is free for others.
    """
    loop = asyncio.get_running_loop()
    desk, activity = Desk(facts), Activity(loop.time)
    serving = Serving(listener, build(desk, activity), activity)
    serving.begin()
    begun()
    tell_awake(facts.home)
    await _until_idle(desk, activity, told)
    tell_asleep(facts.home)
    serving.give_back()
    given_back()
    await serving.drain()
    desk.close()


async def _until_idle(desk: Desk, activity: Activity, told: asyncio.Event) -> None:
    while not told.is_set():
        if activity.streams:
            tell_looking(desk.facts.home)
        timeout = desk.settings.api.idle_timeout
        left = timeout - activity.idle_seconds() if timeout else LONGEST_NAP
        if left <= 0:
            return
        try:
            await asyncio.wait_for(told.wait(), max(SHORTEST_NAP, min(left, LONGEST_NAP)))
        except TimeoutError:
            continue


def _hold(descriptor: int) -> None:
    """Leave at once when the other end of the life-line is gone, whatever is being done."""
    try:
        while os.read(descriptor, 64):
            pass
    except OSError as error:
        log.line("error", f"the life-line cannot be read: {error.strerror}")
    os._exit(CLEAN)


def _spare_memory() -> None:
    """Have glibc give memory back: by default it keeps an arena a thread and all it ever took, 10 MB here."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - the probe of Linux has it anyway, the others may not

        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            for option, value in MALLOC_OPTIONS.items():
                library.mallopt(option, value)


def _say_begun() -> None:
    """One byte tells the monitor that the start went well."""
    os.write(GIVEN_BACK, b"+")


def _close_output() -> None:
    """Close the pipe without freeing its number for another file."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, GIVEN_BACK)
    os.close(nothing)


def _called(arguments: list[str]) -> Called | None:
    home, *rest = arguments or [""]
    if not home or home.startswith("-"):
        return None
    if not rest:
        return Called(Path(home), None)
    address, colon, port = rest[-1].rpartition(":")
    if len(rest) != 2 or rest[0] != "--listen" or not colon or not port.isdigit():
        return None
    return Called(Path(home), (address, int(port)))


def _bound(address: tuple[str, int]) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address[0].strip("[]"), address[1]))
    listener.listen(BACKLOG)
    return listener
