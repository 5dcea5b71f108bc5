"""The daily upkeep runs as a short-lived child, so that its big scans never stay in the monitor's memory."""

import os
import signal
import sys
import time

from packetbuddy.monitor.log import Log

FIRST_AFTER_SECONDS = 120
EVERY_SECONDS = 24 * 3600
DEADLINE_SECONDS = 1800


class Upkeep:
    """Owns the one running child, if any; minds it without ever waiting for it."""

    def __init__(self, home: str, log: Log) -> None:
        """Nothing is started yet."""
        self._home, self._log = home, log
        self._pid: int | None = None
        self._started = 0.0
        self._next = time.monotonic() + FIRST_AFTER_SECONDS

    def mind(self) -> None:
        """Start the child when it is time; collect or end it when it is done or over its deadline."""
        now = time.monotonic()
        if self._pid is not None:
            self._collect(now)
        elif now >= self._next:
            self._next = now + EVERY_SECONDS
            self._started = now
            self._pid = _start(self._home)

    def end(self) -> None:
        """End a running child; its work is transactional, the next one goes on with it."""
        if self._pid is not None and sys.platform != "win32":
            os.kill(self._pid, signal.SIGTERM)
            os.waitpid(self._pid, 0)
            self._pid = None

    def _collect(self, now: float) -> None:
        pid = self._pid
        if pid is None or sys.platform == "win32":  # a detached process there; nothing to collect
            self._pid = None
            return
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            self._pid = None
            code = os.waitstatus_to_exitcode(status)
            if code:
                self._log.line("warning", f"upkeep ended with code {code}; it is tried again tomorrow")
        elif now - self._started > DEADLINE_SECONDS:
            self._log.line("warning", "upkeep takes too long and is ended; it is tried again tomorrow")
            os.kill(pid, signal.SIGKILL)


def _start(home: str) -> int:
    arguments = [sys.executable, "-m", "packetbuddy.upkeep", home]
    if sys.platform == "win32":
        return os.spawnv(os.P_DETACH, sys.executable, arguments)  # noqa: S606 - our own program
    quiet = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    return os.posix_spawn(sys.executable, arguments, os.environ, file_actions=quiet, setpgroup=0)
