"""The background adapter: a monitor kept by a tiny shell supervisor. Any POSIX system, for where no service manager is.

It can start, stop and restart, and tell its state. Whatever the state was, each verb ends in the one it promises.
"""

import os
import re
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from packetbuddy.errors import HomeError, ServiceError
from packetbuddy.services.face import Patience, Registration, Started, State, Stopped
from packetbuddy.services.locks import Owner, exclusive, owner, wait_until
from packetbuddy.services.logs import last_lines
from packetbuddy.services.runner import Runner, SystemRunner
from packetbuddy.storage.lock import take

SUPERVISOR = Path(__file__).with_name("supervisor.sh")
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\S+ (error )?")
"""What stands before the words of a log line."""
ADVICE = "no service manager starts it by itself here: after a reboot, `pb service start` does"


class Background:
    """Controls the monitor of one home; owns no state but the lock files there.

    ``command`` is the monitor's command line. ``counting`` says whether the monitor does its work; it is asked only
    while a monitor holds the lock.
    """

    manager = "background"

    def __init__(
        self,
        home: Path,
        command: Sequence[str],
        *,
        counting: Callable[[], bool] = lambda: True,
        runner: Runner | None = None,
        patience: Patience = Patience(),  # noqa: B008 - an immutable value
    ) -> None:
        self._home = home
        self._command = tuple(command)
        self._counting = counting
        self._runner = runner or SystemRunner()
        self._patience = patience

    def state(self) -> State:
        """Who lives now. Raises HomeError."""
        supervisor = owner(self._home / "supervisor.pid")
        return State(owner(self._home / "monitor.lock"), supervisor, managed=supervisor is not None)

    def install(self) -> Registration:
        """Nothing is registered here; that is said in words."""
        return self.registration()

    def uninstall(self) -> bool:
        """Leaves nothing that runs."""
        return self.stop().ran

    def registration(self) -> Registration:
        """What there is of one: no manager starts this service by itself."""
        return Registration("background", (), Path(self._command[0]), auto_start=False, at_boot=False, advice=ADVICE)

    def start(self) -> Started:
        """Leaves a monitor that counts. Raises ServiceError with the last log lines, or HomeError."""
        with self._alone():
            return self._start()

    def stop(self) -> Stopped:
        """Leaves no monitor and no supervisor. Raises ServiceError where the system forbids that."""
        with self._alone():
            return self._stop()

    def restart(self) -> Started:
        """Stops whatever runs, by whomever started, and starts anew."""
        with self._alone():
            self._stop()
            return self._start()

    def _alone(self) -> AbstractContextManager[None]:
        return exclusive(self._home / "service.lock", seconds=self._patience.others)

    def _start(self) -> Started:
        before = self.state()
        log = self._home / "stderr.log"
        seen = log.stat().st_size if log.exists() else 0
        if before.word == "stopped":
            self._launch(log)
        elif before.word == "restarting":
            _send(before.supervisor, signal.SIGHUP)  # cuts its pause short
        wait_until(self._settled, seconds=self._patience.start)
        now = self.state()
        if now.monitor is None or not self._counting():
            raise self._failure(last_lines(log, count=3, start=seen))
        return Started(now.monitor, managed=now.managed, already=before.monitor is not None)

    def _launch(self, log: Path) -> None:
        descriptor = self._open_pid_file()
        try:
            if not take(descriptor):  # a supervisor whose starter was killed before it wrote the pid
                return
            environment = {**os.environ, "PACKETBUDDY_HOME": str(self._home)}
            command = ("/bin/sh", str(SUPERVISOR), str(self._home), *self._command)
            pid = self._runner.spawn(command, environment=environment, stdin=descriptor, log=log)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, b"%d\n" % pid, 0)
        except OSError as error:
            raise ServiceError(f"cannot start the supervisor: {error}") from error
        finally:
            os.close(descriptor)

    def _open_pid_file(self) -> int:
        path = self._home / "supervisor.pid"
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise HomeError(f"cannot write {path}: {error.strerror}") from error

    def _settled(self) -> bool:
        """Counting, or given up."""
        now = self.state()
        return now.word == "stopped" or (now.monitor is not None and self._counting())

    def _failure(self, lines: Sequence[str]) -> ServiceError:
        gone = self.state().word == "stopped"
        what = "the monitor did not start" if gone else f"no counting within {self._patience.start:.0f} s"
        told = [line for line in lines if " supervisor: " not in line][-2:] or lines[-1:]
        words = " / ".join(STAMP.sub("", line) for line in told) or "it left no word in stderr.log"
        hint = "" if gone else "It is tried again in the background; `pb service stop` ends that"
        return ServiceError(f"{what}: {words}", hint)

    def _stop(self) -> Stopped:
        before = self.state()
        if before.word == "stopped":
            return Stopped(ran=False, killed=())
        _send(before.supervisor or before.monitor, signal.SIGTERM)
        if wait_until(self._gone, seconds=self._patience.stop):
            return Stopped(ran=True, killed=())
        return Stopped(ran=True, killed=self._kill())

    def _gone(self) -> bool:
        return self.state().word == "stopped"

    def _kill(self) -> tuple[int, ...]:
        """The supervisor first, or it would start another monitor."""
        now = self.state()
        stubborn = tuple(one for one in (now.supervisor, now.monitor) if one)
        for one in stubborn:
            _send(one, signal.SIGKILL)
        if not wait_until(self._gone, seconds=self._patience.kill):
            raise ServiceError(f"process {', '.join(str(one.pid) for one in stubborn)} cannot be ended")
        return tuple(one.pid for one in stubborn)


def _send(process: Owner | None, what: signal.Signals) -> None:
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
