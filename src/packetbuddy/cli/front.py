"""Whether a command may take the whole terminal."""

import os
import sys

from packetbuddy.cli.context import Context

WITHOUT_PAGES = frozenset({"", "dumb", "unknown"})
"""Terminals that can only write on."""


def whole_terminal(context: Context) -> bool:
    """Whether stdout is a terminal that can show pages, and is this process's own now; on Windows lines do."""
    pages = context.environment.get("TERM", "") not in WITHOUT_PAGES
    return pages and sys.platform != "win32" and sys.stdout.isatty() and _in_front(sys.stdout.fileno())


def _in_front(terminal: int) -> bool:
    """Not a job in the background, and not another session's terminal."""
    try:
        return os.getpgrp() == os.tcgetpgrp(terminal)
    except OSError:
        return False
