"""The background adapter: a monitor kept by a tiny shell supervisor. Any POSIX system, for where no service manager is.

It can start, stop and restart, and tell its state. Whatever the state was, each verb ends in the one it promises.
"""

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from packetbuddy.errors import HomeError, ServiceError
from packetbuddy.services.face import Patience, Registration, Started, State, Stopped
from packetbuddy.services.locks import wait_until
from packetbuddy.services.processes import Processes, send
from packetbuddy.services.runner import Runner, SystemRunner
from packetbuddy.services.verbs import Verbs
from packetbuddy.storage.lock import take

SUPERVISOR = Path(__file__).with_name("supervisor.sh")
ADVICE = "after a reboot, run `pb service start`"


class Background(Verbs):
    """Controls the monitor of one home; owns no state but the lock files there.

    ``command`` is the monitor's command line. ``counting`` says whether the monitor does its work; it is asked only
    while a monitor holds the lock. ``advice`` is what to do for a monitor that starts by itself.
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
        advice: Callable[[], str] = lambda: ADVICE,
    ) -> None:
        super().__init__(Processes(home, counting, patience))
        self._home = home
        self._command = tuple(command)
        self._runner = runner or SystemRunner()
        self._patience = patience
        self._advice = advice

    def install(self) -> Registration:
        """Nothing is registered here; that is said in words."""
        return self.registration()

    def uninstall(self) -> bool:
        """Leaves nothing that runs."""
        return self.stop().ran

    def registration(self) -> Registration:
        """What there is of one: no manager starts this service by itself."""
        program = Path(self._command[0])
        return Registration("background", (), program, auto_start=False, at_boot=False, advice=self._advice())

    def state(self) -> State:
        """Who lives now. Raises HomeError."""
        return self._processes.state()

    def _start(self) -> Started:
        before, seen = self.state(), self._processes.logged()
        if before.word == "stopped":
            self._launch(self._home / "stderr.log")
        elif before.word == "restarting":
            send(before.supervisor, signal.SIGHUP)  # cuts its pause short
        wait_until(self._settled, seconds=self._patience.start)
        if (
            before.word != "stopped" and self.state().word == "stopped"
        ):  # it was on its way out: somebody had stopped it
            self._launch(self._home / "stderr.log")
            wait_until(self._settled, seconds=self._patience.start)
        now = self.state()
        self._processes.must_count(seen, given_up=now.word == "stopped")
        return self._processes.started(before, managed=now.managed)

    def _stop(self) -> Stopped:
        return self._processes.end()

    def _launch(self, log: Path) -> None:
        for place in (log, self._home / "stdout.log"):
            _see_that_it_is_a_file(place)
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
            raise ServiceError(f"cannot start the supervisor: {error.strerror or error}") from error
        finally:
            os.close(descriptor)

    def _open_pid_file(self) -> int:
        path = self._home / "supervisor.pid"
        _see_that_it_is_a_file(path)
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise HomeError(f"cannot write {path}: {error.strerror}") from error

    def _settled(self) -> bool:
        """Counting, or given up."""
        return self.state().word == "stopped" or self._processes.counts()


def _see_that_it_is_a_file(path: Path) -> None:
    """The shell would wait for ever at a named pipe. Raises HomeError."""
    if path.exists() and not path.is_file():
        raise HomeError(f"{path} is not a file", "move it away")
