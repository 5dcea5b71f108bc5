"""Serving a listening socket that is shared: accepting, and giving it back without losing a connection."""

import asyncio
import logging
import socket

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import ServerState

from packetbuddy.api import log
from packetbuddy.api.activity import Activity
from packetbuddy.api.connection import Connection
from packetbuddy.api.guard import LARGEST_HEAD
from packetbuddy.api.turning import Turner

MOST_CONNECTIONS = 200
"""Further ones are told to come again."""
SEND_BYTES = 128 * 1024
"""What the system may hold for a reader who does not read; left alone it takes megabytes for each."""
KEEP_ALIVE_SECONDS = 8
DRAIN_LEAST, DRAIN_MOST = 0.5, 2.0
"""Seconds. What was accepted in the last moment is still answered; who then has said nothing is closed."""
ACCEPTS_AT_ONCE = 32


class Serving:
    """Owns the listening socket until it gives it back, and the connections. Of one event loop."""

    def __init__(self, listener: socket.socket, app: ASGIApp, activity: Activity) -> None:
        """Accept nothing yet."""
        self._listener, self._activity = listener, activity
        self._loop = asyncio.get_running_loop()
        self._config = _config(app)
        self._state = ServerState()
        self._arriving: set[asyncio.Task[object]] = set()
        self._turner = Turner(self._loop)
        self._open = 0
        self._accepting = False

    def begin(self) -> None:
        """Accept connections from now on."""
        self._listener.settimeout(0)
        self._resume()

    def give_back(self) -> None:
        """Accept nothing more; the socket stays with whoever shares it."""
        self._pause()
        self._listener.close()
        self._activity.leave()

    async def drain(self) -> None:
        """Answer what was accepted, then close."""
        begun = self._loop.time()
        while self._open or self._loop.time() - begun < DRAIN_LEAST:
            passed = self._loop.time() - begun
            if passed > DRAIN_MOST:
                break
            if passed > DRAIN_LEAST:
                self._dismiss(fresh_too=False)
            await asyncio.sleep(0.02)
        self._dismiss(fresh_too=True)
        self._turner.close()
        await asyncio.sleep(0)

    def _dismiss(self, *, fresh_too: bool) -> None:
        for connection in list(self._state.connections):
            if isinstance(connection, Connection) and (fresh_too or not connection.fresh):
                connection.leave()

    def _resume(self) -> None:
        if not self._accepting and not self._activity.leaving:
            self._accepting = True
            self._loop.add_reader(self._listener, self._accept)

    def _pause(self) -> None:
        if self._accepting:
            self._accepting = False
            self._loop.remove_reader(self._listener)

    def _accept(self) -> None:
        """Take what waits. No await lies between taking a connection and owning it, so none gets lost."""
        for _ in range(ACCEPTS_AT_ONCE):
            try:
                accepted, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:  # no descriptors left
                log.line("warning", f"no connection can be taken now: {error.strerror}")
                self._pause()
                self._loop.call_later(1.0, self._resume)
                return
            if self._open < MOST_CONNECTIONS:
                self._own(accepted)
            else:
                self._turner.turn_away(accepted)

    def _own(self, accepted: socket.socket) -> None:
        accepted.settimeout(0)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        task: asyncio.Task[object] = self._loop.create_task(
            self._loop.connect_accepted_socket(self._connection, accepted)
        )
        self._open += 1
        self._arriving.add(task)
        task.add_done_callback(self._arrived)

    def _arrived(self, task: asyncio.Task[object]) -> None:
        self._arriving.discard(task)
        if task.cancelled() or task.exception() is not None:
            self._lost()

    def _lost(self) -> None:
        self._open -= 1
        self._resume()

    def _connection(self) -> Connection:
        return Connection(self._config, self._state, {}, self._loop, lost=self._lost)


def _config(app: ASGIApp) -> Config:
    config = Config(
        app,
        interface="asgi3",
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )
    config.load()
    for name in ("uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [_Lines(logging.ERROR)], False
    return config


class _Lines(logging.Handler):
    """What uvicorn and asyncio complain about, one line each."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write it; a task that was ended on leaving is no mistake."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, asyncio.CancelledError):
            return
        if error is not None:
            log.mistake(error)
        else:
            log.line("error", record.getMessage().splitlines()[0])
