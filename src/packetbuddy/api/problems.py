"""The one shape of errors: ``{"error": {"code", "message", "hint"}}``, and which error of ours has which status."""

from typing import NamedTuple

import msgspec

from packetbuddy.api.log import mistake
from packetbuddy.errors import (
    LedgerBusyError,
    LedgerError,
    LedgerMissingError,
    PacketBuddyError,
    ProbeError,
    WrongUsageError,
)


class Problem(NamedTuple):
    """An answer that is no answer: HTTP status, a word for programs, a line for people, and what to do."""

    status: int
    code: str
    message: str
    hint: str = ""

    def body(self) -> bytes:
        """The JSON that is sent."""
        return msgspec.json.encode({"error": {"code": self.code, "message": self.message, "hint": self.hint}})


class ProblemError(Exception):
    """Stops the making of an answer; the application sends its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


BAD_REQUEST = Problem(400, "bad_request", "this is not a valid HTTP request", "GET /api/docs shows what can be asked")
BUSY = Problem(503, "busy", "too many connections at once", "Try again in a few seconds")
LATE = Problem(408, "too_slow", "the request did not arrive in time", "Send it in one go")
INTERNAL = Problem(500, "internal", "PacketBuddy made a mistake", "`pb service logs` says more")

CROWDED = Problem(503, "busy", "too many pages listen at once", "Close some, or ask /api/live")
CROWDED_LARGE = Problem(503, "busy", "too many long answers at once", "Try again in a few seconds, or ask for less")
_HINTS = {
    "invalid": "GET /api/docs shows every parameter",
    "no_data": "`pb service status` says whether it counts",
    "ledger_busy": "Try again in a few seconds",
}
_OTHERWISE = "`pb service status` and `pb service logs` say more"

_KINDS: tuple[tuple[type[PacketBuddyError], int, str], ...] = (
    (WrongUsageError, 422, "invalid"),
    (LedgerMissingError, 503, "no_data"),
    (LedgerBusyError, 503, "ledger_busy"),
    (LedgerError, 503, "ledger"),
    (ProbeError, 503, "counters"),
    (PacketBuddyError, 503, "unavailable"),
)


def problem_of(error: PacketBuddyError) -> Problem:
    """How an error of ours is told: the caller's mistakes 422, everything that may pass 503."""
    status, code = next((status, code) for kind, status, code in _KINDS if isinstance(error, kind))
    return Problem(status, code, str(error), error.hint or _HINTS.get(code, _OTHERWISE))


def invalid(message: str, hint: str) -> ProblemError:
    """What the caller asked cannot be meant."""
    return ProblemError(Problem(422, "invalid", message, hint))


def told(error: Exception) -> Problem:
    """What an outermost frame says about whatever it caught; a mistake of ours goes to the log."""
    if isinstance(error, ProblemError):
        return error.problem
    if isinstance(error, PacketBuddyError):
        return problem_of(error)
    mistake(error)
    return INTERNAL
