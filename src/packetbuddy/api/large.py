"""Long answers: few at once, and sent piece by piece, so that slow readers cost little."""

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from packetbuddy.api.problems import CROWDED_LARGE, ProblemError

LARGE_BYTES = 256 * 1024
MOST_LARGE = 4
PIECE_BYTES = 64 * 1024


class Large:
    """Owns the number of long answers that are being sent. Of one event loop."""

    def __init__(self) -> None:
        self._sending = 0

    def admitted(self, response: Response) -> ASGIApp:
        """The answer, or one that waits for no place where it is long."""
        return response if len(response.body) <= LARGE_BYTES else _Pieces(self, response)

    async def send(self, response: Response, scope: Scope, send: Send) -> None:
        """Send a long answer.

        Raises:
            ProblemError: as many as may be are being sent.
        """
        if self._sending >= MOST_LARGE:
            raise ProblemError(CROWDED_LARGE)
        self._sending += 1
        try:
            await _sent(response, scope, send)
        finally:
            self._sending -= 1


class _Pieces:
    """A long answer on its way to its place."""

    def __init__(self, large: Large, response: Response) -> None:
        self._large, self._response = large, response

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await self._large.send(self._response, scope, send)


async def _sent(response: Response, scope: Scope, send: Send) -> None:
    """Each piece waits until the one before it has left."""
    headers = response.raw_headers
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else bytes(response.body)
    for start in range(0, len(body), PIECE_BYTES):
        await send({"type": "http.response.body", "body": body[start : start + PIECE_BYTES], "more_body": True})
    await send({"type": "http.response.body", "body": b""})
