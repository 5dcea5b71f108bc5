"""Long answers: few at once, and sent piece by piece, so that slow readers cost little."""

from io import BytesIO
from typing import IO, NamedTuple

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from packetbuddy.api.problems import CROWDED_LARGE, ProblemError

LARGE_BYTES = 256 * 1024
MOST_LARGE = 4
PIECE_BYTES = 64 * 1024
Headers = list[tuple[bytes, bytes]]


class Stored(NamedTuple):
    """An answer that lies in a file, which goes with it; a large one is not in memory."""

    source: IO[bytes]
    size: int
    headers: Headers
    status: int = 200


class Large:
    """Owns the number of long answers that are being sent. Of one event loop."""

    def __init__(self) -> None:
        self._sending = 0

    def admitted(self, answer: Response | Stored) -> ASGIApp:
        """The answer, or one that waits for no place where it is long."""
        if isinstance(answer, Stored):
            return _Pieces(self, answer)
        size = len(answer.body)
        if size <= LARGE_BYTES:
            return answer
        return _Pieces(self, Stored(BytesIO(answer.body), size, answer.raw_headers, answer.status_code))

    async def send(self, answer: Stored, scope: Scope, send: Send) -> None:
        """Send an answer; a long one takes a place.

        Raises:
            ProblemError: as many as may be are being sent.
        """
        place = int(answer.size > LARGE_BYTES)
        if place and self._sending >= MOST_LARGE:
            raise ProblemError(CROWDED_LARGE)
        self._sending += place
        try:
            await _sent(answer, scope, send)
        finally:
            self._sending -= place


class _Pieces:
    """An answer on its way to its place."""

    def __init__(self, large: Large, answer: Stored) -> None:
        self._large, self._answer = large, answer

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        with self._answer.source:
            await self._large.send(self._answer, scope, send)


async def _sent(answer: Stored, scope: Scope, send: Send) -> None:
    """Each piece waits until the one before it has left."""
    await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})
    while scope["method"] != "HEAD" and (piece := answer.source.read(PIECE_BYTES)):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
