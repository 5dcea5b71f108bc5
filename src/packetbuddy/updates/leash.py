"""A program on a leash: it ends when our standard input does, and so with whoever holds its other end, dead or alive.

``python -m packetbuddy.updates.leash COMMAND ...`` ends with the command's exit code.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

PATIENCE_SECONDS = 10.0
"""For a program that is told to end."""


def main(command: Sequence[str], lifeline: int) -> int:
    """Run it; the exit code, as a shell says it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of us, and whoever holds the leash sees to it
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:  # noqa: S603 - whoever starts us says what
        threading.Thread(target=_follow, args=(lifeline, process), daemon=True).start()
        code = process.wait()
    return code if code >= 0 else 128 - code


def _follow(lifeline: int, process: subprocess.Popen[bytes]) -> None:
    while os.read(lifeline, 64):
        continue
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE_SECONDS)
    process.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], 0))
