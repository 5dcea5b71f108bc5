"""``pb live`` on a whole terminal: what is shown each second until a key or a signal ends it."""

import sys
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from packetbuddy.answers.health import health
from packetbuddy.answers.live import Measurement
from packetbuddy.answers.usage import today
from packetbuddy.cli.paper import WIDEST, Paper
from packetbuddy.cli.question import Asked, plans_at_a_glance
from packetbuddy.cli.render.board import Board, board_lines
from packetbuddy.cli.render.graph import Point
from packetbuddy.cli.screen import Screen, taken
from packetbuddy.errors import LedgerMissingError, PacketBuddyError
from packetbuddy.metering.readings import SECOND
from packetbuddy.probes import open_probe
from packetbuddy.reports.model import Live
from packetbuddy.reports.plans import Plans

if TYPE_CHECKING:
    from packetbuddy.answers.open import Question

EACH_SECONDS, FIRST_SECONDS = 1.0, 0.25
LEDGER_LOOKS, PLAN_LOOKS = 2, 30
"""The ledger is asked at each second look, for plans each half minute: that costs more than the counters."""
QUITTING = frozenset({b"q", b"Q", b"\x1b", b"\x04"})
"""q, Escape, and Ctrl-D; an arrow key begins with an Escape but is longer."""


def watch(asked: Asked, paper: Paper, keyboard: int | None) -> None:
    """Show the speed each second until somebody quits.

    Raises:
        ProbeError: the counters could not be read.
        WrongUsageError: there is no such interface now.
        KeyboardInterrupt: Ctrl-C.
    """
    probe = open_probe()
    try:
        ending = "Ctrl-C quits" if keyboard is None else "q quits"
        view = View(asked, Measurement(asked.question, probe), ending)
        view.look(FIRST_SECONDS)
        with taken(keyboard, sys.stdout.fileno()) as screen:
            _show(screen, view, paper)
    finally:
        probe.close()


def _show(screen: Screen, view: "View", paper: Paper) -> None:
    due, encoding = monotonic() + EACH_SECONDS, sys.stdout.encoding or "ascii"
    while True:
        columns, rows = screen.size()
        room = paper._replace(columns=min(columns, WIDEST))
        screen.draw(board_lines(view.board, view.how, room, rows), encoding)
        if screen.wait(due - monotonic()) in QUITTING:
            return
        if monotonic() >= due:
            view.look()
            due = max(due + EACH_SECONDS, monotonic())


class View:
    """Owns the measurement, the speeds so far, and what the ledger said last."""

    def __init__(self, asked: Asked, measurement: Measurement, ending: str) -> None:
        """Know nothing yet."""
        self.how = asked.how
        self._notes: list[str] = []
        self._question = asked.question._replace(tell=self._notes.append)
        self._measurement = measurement
        self._points: deque[Point] = deque(maxlen=WIDEST)
        self._looks, self._ending = 0, ending
        self.board: Board

    def look(self, seconds: float = 0) -> None:
        """Measure since the last look, and ask the ledger where it is time to.

        Raises:
            ProbeError: the counters could not be read.
        """
        live = self._measurement.measure(seconds)
        self._points.append(Point(live.received, live.sent))
        self._question = self._question._replace(now_ns=round(live.at.timestamp()) * SECOND)
        if self._looks % LEDGER_LOOKS == 0:
            self.board = self._asked(live)
        self._looks += 1
        self.board = self.board._replace(live=live, points=tuple(self._points))

    def _asked(self, live: Live) -> Board:
        """What the ledger says now; why it says nothing, where that is so."""
        self._notes.clear()
        question, empty = self._question, Board(live, (), ending=self._ending)
        try:
            board = empty._replace(today=today(question), health=health(question), plans=self._plans(question))
        except LedgerMissingError:
            return empty._replace(trouble="nothing has been counted yet; `pb service start` starts counting")
        except PacketBuddyError as error:
            return empty._replace(trouble=str(error))
        return board._replace(trouble=" ".join(self._notes))

    def _plans(self, question: "Question") -> Plans:
        fresh = self._looks % PLAN_LOOKS == 0
        return plans_at_a_glance(question) if fresh else self.board.plans
