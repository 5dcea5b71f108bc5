"""The processes of one home, known by the locks that they hold, whoever started them: looked at, awaited, ended."""

import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import ServiceError
from packetbuddy.services.face import Patience, Started, State, Stopped
from packetbuddy.services.locks import Owner, exclusive, owner, wait_until
from packetbuddy.services.logs import last_words

KILL = signal.SIGTERM if os.name == "nt" else signal.SIGKILL
"""On Windows the one signal there is ends a process at once; what it has not written is in the kernel's counters."""


class Processes(NamedTuple):
    """Owns nothing but the home's name. ``counting`` says whether the monitor does its work."""

    home: Path
    counting: Callable[[], bool]
    patience: Patience

    def state(self) -> State:
        """Who lives now, as far as the locks tell. Raises HomeError."""
        supervisor = owner(self.home / "supervisor.pid")
        return State(owner(self.home / "monitor.lock"), supervisor, managed=supervisor is not None)

    def alone(self) -> AbstractContextManager[None]:
        """Only one `pb service` at a time changes something. A home that was deleted is no reason to keep its service.

        Raises:
            ServiceError: another one is at work for too long.
            HomeError: the home cannot be written.
        """
        if not self.home.is_dir():
            return nullcontext()
        return exclusive(self.home / "service.lock", seconds=self.patience.others)

    def counts(self) -> bool:
        """A monitor lives and does its work."""
        return self.state().monitor is not None and self.counting()

    def must_count(self, seen: int, *, given_up: bool, otherwise: str = "") -> None:
        """Raise ServiceError with the last words since that byte of the log, else with ``otherwise``."""
        if self.counts():
            return
        what = "the monitor did not start" if given_up else f"no counting within {self.patience.start:.0f} s"
        words = last_words(self.home / "stderr.log", start=seen) or otherwise or "it left no word in stderr.log"
        hint = "" if given_up else "It is tried again in the background; `pb service stop` ends that"
        raise ServiceError(f"{what}: {words}", hint)

    def started(self, before: State, *, managed: bool) -> Started:
        """The monitor that lives now, after a start."""
        now = self.state()
        if now.monitor is None:
            raise ServiceError("the monitor counted and left at once", "`pb service logs` shows why")
        return Started(now.monitor, managed=managed, already=before.monitor is not None)

    def logged(self) -> int:
        """Where the log ends now: what a start says comes after."""
        log = self.home / "stderr.log"
        return log.stat().st_size if log.exists() else 0

    def end(self) -> Stopped:
        """Leave no supervisor and no monitor. Raises ServiceError where the system forbids that."""
        before = self.state()
        if before.word == "stopped":
            return Stopped(ran=False, killed=())
        self._ask(before.supervisor or before.monitor)
        if wait_until(self._gone, seconds=self.patience.stop):
            return Stopped(ran=True, killed=())
        return Stopped(ran=True, killed=self._kill())

    def _ask(self, process: Owner | None) -> None:
        """One that was halted has to be woken to hear it."""
        send(process, signal.SIGTERM)
        if os.name == "posix":
            send(process, signal.SIGCONT)

    def _gone(self) -> bool:
        return self.state().word == "stopped"

    def _kill(self) -> tuple[int, ...]:
        """The supervisor first, or it would start another monitor."""
        now = self.state()
        stubborn = tuple(one for one in (now.supervisor, now.monitor) if one)
        for one in stubborn:
            send(one, KILL)
        if not wait_until(self._gone, seconds=self.patience.kill):
            raise ServiceError(f"process {', '.join(str(one.pid) for one in stubborn)} cannot be ended")
        return tuple(one.pid for one in stubborn)


def send(process: Owner | None, what: signal.Signals) -> None:
    """Send a signal to a process that may be gone. Raises ServiceError where it is somebody else's."""
    if process is None:
        return
    try:
        os.kill(process.pid, what)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise ServiceError(
            f"process {process.pid} belongs to another user", "use the account that started it"
        ) from error


def on_one_line(text: str) -> str:
    """What a tool said."""
    return " ".join(text.split())
