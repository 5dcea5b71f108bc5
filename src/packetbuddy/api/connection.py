"""One connection: uvicorn's h11 protocol, with a deadline for requests that dribble in and our shape of errors."""

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from packetbuddy.api.guard import sealing
from packetbuddy.api.problems import BAD_REQUEST, LATE, Problem

REQUEST_SECONDS = 10.0
"""So long may a request take to arrive, from the first moment of the connection or the end of the last answer."""


STALLED_SECONDS = 20.0
"""So long may a reader take nothing of what waits for it."""


class Connection(H11Protocol):
    """Owns one socket's transport and its deadline."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        lost: Callable[[], None],
    ) -> None:
        """As uvicorn makes it; ``lost`` is called when the connection is gone."""
        super().__init__(config, server_state, app_state, _loop)
        self._lost = lost
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._heard = False

    @property
    def answering(self) -> bool:
        """A request has arrived and its answer is not sent yet."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def fresh(self) -> bool:
        """No request has arrived yet."""
        return self.cycle is None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # told of every byte that the reader has not taken yet
        self._mind()

    def data_received(self, data: bytes) -> None:
        """Take bytes; a whole request begins an answer."""
        self._heard = True
        super().data_received(data)
        self._mind()

    def on_response_complete(self) -> None:
        """An answer was sent: wait for the next request."""
        self._heard = False
        super().on_response_complete()
        self._mind()

    def pause_writing(self) -> None:
        """The reader is slower than we are."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """The reader has taken everything."""
        super().resume_writing()
        self._unwatch()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side left."""
        self._clear()
        self._unwatch()
        super().connection_lost(exc)
        self._lost()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words are not ours
        """Not HTTP."""
        self.refuse(BAD_REQUEST)

    def refuse(self, problem: Problem) -> None:
        """Say what is wrong, where that can still be said, and close."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE} and not self.transport.is_closing():
            body = problem.body()
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ]
            headers += sealing("/api", headers, [])
            events = (h11.Response(status_code=problem.status, headers=headers), h11.Data(body), h11.EndOfMessage())
            self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()

    def leave(self) -> None:
        """Close if nothing is being answered."""
        if not self.answering:
            self.transport.close()

    def _mind(self) -> None:
        """A deadline holds exactly while no answer is being made; dribbled bytes do not move it."""
        if self.answering:
            self._clear()
        elif self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(REQUEST_SECONDS, self._late)

    def _late(self) -> None:
        self._deadline = None
        if self._heard and self.conn.our_state is h11.IDLE and self.conn.their_state is h11.IDLE:
            self.refuse(LATE)
        else:
            self.transport.close()

    def _watch(self) -> None:
        self._unwatch()
        waiting = self.transport.get_write_buffer_size()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self._check, waiting)

    def _check(self, before: int) -> None:
        """A reader that took something has its time again; what has closed but cannot be sent goes too."""
        if self.transport.get_write_buffer_size() < before:
            self._watch()
        else:
            self.transport.abort()

    def _unwatch(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _clear(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
