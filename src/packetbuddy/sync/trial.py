"""Whether a database is good for meeting: asked by setup before a URL is taken, in a process of its own."""

import os
import sys
import threading
from collections.abc import Mapping
from typing import NoReturn

from packetbuddy.errors import SyncError, SyncSetupError
from packetbuddy.sync.main import met

VARIABLE = "PACKETBUDDY_DB_URL"
"""What hands the URL over: arguments are for everybody to see."""
PATIENCE_SECONDS = 30.0
GOOD, BAD = 0, 1


def run() -> NoReturn:
    """Entry point of ``python -m packetbuddy.sync.trial``."""
    timer = threading.Timer(PATIENCE_SECONDS, _give_up)
    timer.daemon = True
    timer.start()
    sys.exit(main(os.environ))


def main(environment: Mapping[str, str]) -> int:
    """Connect and make the tables where they are missing; 0, or 1 and on one line why that does not go."""
    try:
        with met(environment[VARIABLE]) as remote:
            remote.prepare()
    except SyncError as exc:
        _say(str(exc).removeprefix("sync: "), exc.hint if isinstance(exc, SyncSetupError) else "")
        return BAD
    return GOOD


def _say(words: str, hint: str) -> None:
    line = f"{words}; {hint}" if hint else words
    sys.stdout.buffer.write(f"{line}\n".encode())
    sys.stdout.flush()


def _give_up() -> None:
    """A server that is frozen in the middle of an answer would be waited for without end."""
    _say("the database takes too long to answer", "")
    os._exit(BAD)


if __name__ == "__main__":
    run()
