"""The life-line of a helper: a pipe as its standard input, whose other end only the monitor that started it holds."""

import os
import stat
import threading
from collections.abc import Callable

LIFE_LINE = 0


def when_cut(leave: Callable[[], None]) -> None:
    """Call ``leave`` in a thread when the monitor is gone or lets go of us; never where we were started by hand."""
    if not stat.S_ISFIFO(os.fstat(LIFE_LINE).st_mode):
        return

    def wait() -> None:
        while os.read(LIFE_LINE, 64):
            continue
        leave()

    threading.Thread(target=wait, daemon=True).start()
