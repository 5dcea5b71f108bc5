"""One API process: started with the listening socket, on a life-line, in a process group of its own. POSIX."""

import os
import signal
import sys
import time
from collections.abc import Sequence

SOCKET = 3
"""The descriptor under which the child finds the listening socket."""


class Child:
    """Owns the process and our ends of its two pipes.

    Its standard input is the life-line: it leaves at once when that ends, so also when the monitor is killed. It closes
    its standard output, on which it says nothing, when it gives the socket back.
    """

    def __init__(self, command: Sequence[str], listening: int, now: float) -> None:
        """Start it.

        Raises:
            OSError: that is not possible now.
        """
        self.started = now
        self.took = False
        """Whether it was seen to accept what waited."""
        self.looks = 0
        """How often it was looked at since then."""
        self.told = False
        """Whether we asked it to leave."""
        self.gave_up = 0.0
        """When it gave the socket back; 0 while it serves."""
        self.pid, self._line, self.returned = _start(command, listening)

    def gave_back(self) -> bool:
        """Whether the readable :attr:`returned` says so. Something printed does not, but shows a good start."""
        said = os.read(self.returned, 4096)
        self.took = self.took or bool(said)
        return not said

    def ended(self) -> int | None:
        """Its exit code (negative: a signal) once it is gone, ``None`` before."""
        try:
            done, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:  # we were started with SIGCHLD ignored
            return 0
        return os.waitstatus_to_exitcode(status) if done else None

    def ask_to_leave(self) -> None:
        """As when it is idle: it gives the socket back, answers what it has, and goes."""
        self.told = True
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it now."""
        self._send(signal.SIGKILL)

    def release(self) -> None:
        """Cut the life-line and forget the pipes."""
        os.close(self._line)
        os.close(self.returned)

    def _send(self, number: signal.Signals) -> None:
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:  # gone a moment ago
            return


def part_with(children: Sequence[Child], seconds: float) -> None:
    """Cut all life-lines and give the children so long to leave; kill who does not."""
    for child in children:
        child.release()
    deadline = time.monotonic() + seconds
    left = [child for child in children if child.ended() is None]
    while left and time.monotonic() < deadline:
        time.sleep(0.01)
        left = [child for child in left if child.ended() is None]
    for child in left:
        child.kill()


def _start(command: Sequence[str], listening: int) -> tuple[int, int, int]:
    """Process number, our end of the life-line, our end of its standard output.

    Beside standard error these three are all that the child gets.
    """
    _keep_the_rest()
    pipes: list[tuple[int, int]] = []
    try:
        pipes.append(os.pipe())
        pipes.append(os.pipe())
        (theirs, line), (returned, out) = pipes
        given = [(os.POSIX_SPAWN_DUP2, old, new) for old, new in ((theirs, 0), (out, 1), (listening, SOCKET))]
        pid = os.posix_spawn(command[0], tuple(command), os.environ, file_actions=given, setpgroup=0)
    except OSError:
        for descriptor in (end for pipe in pipes for end in pipe):
            os.close(descriptor)
        raise
    os.close(theirs)
    os.close(out)
    return pid, line, returned


def _keep_the_rest() -> None:
    """Python opens every descriptor closed-on-exec; those that whoever started us left open become so, too."""
    try:
        names = os.listdir("/dev/fd")  # noqa: PTH208 - numbers, not files
    except OSError:  # no /proc in this sandbox; then the child has what we were given
        return
    for descriptor in (int(name) for name in names if int(name) > 2):
        try:
            os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional only
        except OSError:  # the one of the listing itself
            continue


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module of ours with this interpreter, never one from the working directory."""
    return (sys.executable, "-I" if sys.flags.isolated else "-P", "-m", module, *arguments)
