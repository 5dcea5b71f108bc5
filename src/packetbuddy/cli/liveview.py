"""What ``pb live`` shows on a whole terminal: the speed each second, and beside it what the ledger says."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from packetbuddy.answers.health import health
from packetbuddy.answers.live import Measurement
from packetbuddy.answers.open import Question
from packetbuddy.answers.usage import today
from packetbuddy.cli.paper import WIDEST, Paper
from packetbuddy.cli.question import Asked, plans_at_a_glance
from packetbuddy.cli.render.board import Board, board_lines
from packetbuddy.cli.render.graph import Point
from packetbuddy.errors import LedgerMissingError, PacketBuddyError
from packetbuddy.metering.readings import SECOND
from packetbuddy.probes import open_probe
from packetbuddy.reports.model import Live
from packetbuddy.reports.plans import Plans

FIRST_SECONDS = 0.25
LEDGER_LOOKS, PLAN_LOOKS = 2, 30
"""The ledger is asked at each second look, for plans each half minute: that costs more than the counters."""


@contextmanager
def live_view(asked: Asked) -> Iterator["LiveView"]:
    """The view after its first measurement, as long as the counters are open.

    Raises:
        ProbeError: the counters could not be read.
        WrongUsageError: there is no such interface now.
    """
    probe = open_probe()
    try:
        view = LiveView(asked, Measurement(asked.question, probe))
        view.look(FIRST_SECONDS)
        yield view
    finally:
        probe.close()


class LiveView:
    """Owns the measurement, the speeds so far, and what the ledger said last."""

    def __init__(self, asked: Asked, measurement: Measurement) -> None:
        """Know nothing yet."""
        self._how = asked.how
        self._notes: list[str] = []
        self._question = asked.question._replace(tell=self._notes.append)
        self._measurement = measurement
        self._points: deque[Point] = deque(maxlen=WIDEST)
        self._looks = 0
        self._board: Board

    def look(self, seconds: float = 0) -> None:
        """Measure since the last look, and ask the ledger where it is time to.

        Raises:
            ProbeError: the counters could not be read.
        """
        live = self._measurement.measure(seconds)
        self._points.append(Point(live.received, live.sent))
        self._question = self._question._replace(now_ns=round(live.at.timestamp()) * SECOND)
        if self._looks % LEDGER_LOOKS == 0:
            self._board = self._asked(live)
        self._looks += 1
        self._board = self._board._replace(live=live, points=tuple(self._points))

    def lines(self, paper: Paper, rows: int, ending: str) -> Sequence[str]:
        """As much as fits."""
        return board_lines(self._board._replace(ending=ending), self._how, paper, rows)

    def _asked(self, live: Live) -> Board:
        """What the ledger says now; why it says nothing, where that is so."""
        self._notes.clear()
        question, empty = self._question, Board(live, ())
        try:
            board = empty._replace(today=today(question), health=health(question), plans=self._plans(question))
        except LedgerMissingError:
            return empty._replace(trouble="nothing has been counted yet; `pb service start` starts counting")
        except PacketBuddyError as error:
            return empty._replace(trouble=str(error))
        return board._replace(trouble=" ".join(self._notes))

    def _plans(self, question: Question) -> Plans:
        fresh = self._looks % PLAN_LOOKS == 0
        return plans_at_a_glance(question) if fresh else self._board.plans
