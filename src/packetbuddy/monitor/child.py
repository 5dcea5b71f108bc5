"""Short-lived children, so that big scans and other people's servers never cost the monitor memory or time."""

import os
import signal
import sys
import time

from packetbuddy.monitor.log import Log

FIRST_AFTER_SECONDS = 120
EVERY_SECONDS = 24 * 3600
DEADLINE_SECONDS = 1800
PATIENCE_SECONDS = 0.3
"""A child that is told to end and does not is killed after this; all its work is transactional."""
UNSEEN_SECONDS = 60.0
"""Where the end of a child cannot be seen (Windows) it is taken for done after this."""
MOST_LINES = 20


class Helper:
    """Owns the one running child of one module, if any, and two pipes to it; minds it without ever waiting for it.

    The child's standard input is its life-line: it ends when the monitor closes it, or dies. Its standard error is what
    it has to say, logged when it is done.
    """

    name = ""
    """What it is called in the log and as a module of ours."""
    again = ""
    """When the next one comes, in words."""
    finishes = False
    """Whether it may finish what it is at when the monitor ends: it leaves by itself once its life-line is cut."""

    def __init__(self, home: str, log: Log) -> None:
        """Nothing is started yet."""
        self._home, self._log = home, log
        self._pid: int | None = None
        self._pipes: tuple[int, int] = (-1, -1)
        self._started = 0.0
        self._ended = False

    def end(self) -> None:
        """End a running child; its work is transactional, the next one goes on with it."""
        if self._pid is None or sys.platform == "win32":
            return
        if self.finishes:
            self._forget()
            return
        os.kill(self._pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not os.waitpid(self._pid, os.WNOHANG)[0]:
            if time.monotonic() > deadline:
                os.kill(self._pid, signal.SIGKILL)
                break  # init collects it when we are gone; waiting for one that hangs in the kernel would never end
            time.sleep(0.01)
        self._forget()

    def _deadline(self) -> float:
        return DEADLINE_SECONDS

    def _start(self, now: float) -> None:
        self._started, self._ended = now, False
        try:
            self._pid, self._pipes = _start(f"packetbuddy.{self.name}", self._home)
        except OSError as exc:
            self._log.line("warning", f"{self.name} cannot be started: {exc.strerror}; {self.again}")

    def _collect(self, now: float) -> int | None:
        """Its exit code once it is gone."""
        pid = self._pid
        if pid is None:
            return None
        if sys.platform == "win32":  # a detached process there; nothing to collect
            if now - self._started > UNSEEN_SECONDS:
                self._pid = None
            return None if self._pid else 0
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            self._tell(code)
            self._forget()
            return code
        if now - self._started > self._deadline() and not self._ended:
            self._ended = True
            self._log.line("warning", f"{self.name} takes too long and is ended; {self.again}")
            os.kill(pid, signal.SIGKILL)
        return None

    def _tell(self, code: int) -> None:
        """Log what the child said; of a crash's traceback only the last line is for people."""
        try:
            said = os.read(self._pipes[1], 65_536).decode("utf-8", "replace").splitlines()[-MOST_LINES:]
        except OSError:
            said = []
        for line in said[-1:] if any(line.startswith("Traceback") for line in said) else said:
            self._log.line("warning", f"{self.name}: {line}")
        if code and not self._ended:
            self._tell_code(code)

    def _tell_code(self, code: int) -> None:
        self._log.line("warning", f"{self.name} ended with code {code}; {self.again}")

    def _forget(self) -> None:
        for descriptor in self._pipes:
            os.close(descriptor)
        self._pid, self._pipes = None, (-1, -1)


class Upkeep(Helper):
    """The daily upkeep. Owns when the next one is due."""

    name = "upkeep"
    again = "it is tried again tomorrow"

    def __init__(self, home: str, log: Log) -> None:
        """The first one comes when the machine has settled."""
        super().__init__(home, log)
        self._next = time.monotonic() + FIRST_AFTER_SECONDS

    def mind(self) -> None:
        """Start the child when it is time; collect or end it when it is done or over its deadline."""
        now = time.monotonic()
        if self._pid is not None:
            self._collect(now)
        elif now >= self._next:
            self._next = now + EVERY_SECONDS
            self._start(now)


def _start(module: str, home: str) -> tuple[int, tuple[int, int]]:
    """Process number, and our ends of its life-line and of what it says."""
    arguments = [sys.executable, "-I" if sys.flags.isolated else "-P", "-m", module, home]
    if sys.platform == "win32":
        return os.spawnv(os.P_DETACH, sys.executable, arguments), (-1, -1)  # noqa: S606 - our own program
    theirs, line = os.pipe()
    words, said = os.pipe()
    os.set_blocking(words, False)
    moved = [(os.POSIX_SPAWN_DUP2, theirs, 0), (os.POSIX_SPAWN_DUP2, said, 2)]
    try:
        pid = os.posix_spawn(sys.executable, arguments, os.environ, file_actions=moved, setpgroup=0)
    except OSError:
        os.close(line)
        os.close(words)
        raise
    finally:
        os.close(theirs)
        os.close(said)
    return pid, (line, words)
