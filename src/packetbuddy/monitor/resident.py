"""Where a listening socket cannot be handed over (Windows): the API stays, one child that is started again."""

import math
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from packetbuddy.monitor.log import Log
from packetbuddy.monitor.tuning import Tuning
from packetbuddy.settings.address import address_of

if TYPE_CHECKING:
    from subprocess import Popen

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
YOUNG_SECONDS = 10.0
PARTING_SECONDS = 0.3


class Resident:
    """Owns the one child, which binds the port itself; its standard input is its life-line. See :class:`.door.Door`."""

    problem: str | None = None

    def __init__(self, log: Log, tuning: Tuning, command: Sequence[str]) -> None:
        """``command`` starts the API; the address is added to it."""
        self._log, self._tuning, self._command = log, tuning, command
        self._address = address_of(tuning.settings.api)
        self._child: Popen[bytes] | None = None
        self._started = self._resume = 0.0
        self._failures = 0

    def descriptors(self) -> list[int]:
        """Pipes cannot be selected there."""
        return []

    def patience(self) -> float:
        """The first look starts it; after that each poll is soon enough."""
        return math.inf if self._started else 0.0

    def mind(self, _ready: Sequence[int]) -> None:
        """Start it, start it again when it ended, and again when it has to move."""
        now = time.monotonic()
        if self._child is not None and address_of(self._tuning.settings.api) != self._address:
            self._part()
        if self._child is not None and self._child.poll() is not None:
            self._ended(self._child.returncode, now)
        if self._child is None and now >= self._resume:
            self._start(now)

    def close(self) -> None:
        """End it."""
        self._part()

    def _start(self, now: float) -> None:
        from subprocess import PIPE, Popen  # noqa: PLC0415 - never loaded where memory is promised

        self._address, self._started = address_of(self._tuning.settings.api), now
        command = [*self._command, "--listen", str(self._address)]
        group = 0x200 if sys.platform == "win32" else 0  # CREATE_NEW_PROCESS_GROUP: Ctrl-C is for the monitor alone
        self._child = Popen(command, stdin=PIPE, creationflags=group)  # noqa: S603 - our own program

    def _ended(self, code: int, now: float) -> None:
        self._part()
        self._failures = self._failures + 1 if code and now - self._started < YOUNG_SECONDS else 0
        if self._failures:
            pause = min(FIRST_PAUSE_SECONDS * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE_SECONDS)
            self._resume = now + pause
            self._log.line("warning", f"the API ended with code {code}; it is started again in {pause:g} s")

    def _part(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        deadline = time.monotonic() + PARTING_SECONDS
        while child.poll() is None:
            if time.monotonic() > deadline:
                child.kill()
                child.wait()
                return
            time.sleep(0.01)
