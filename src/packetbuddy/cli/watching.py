"""A view on a whole terminal: looked at anew each second until a key or a signal ends it."""

import sys
from collections.abc import Sequence
from time import monotonic
from typing import Protocol

from packetbuddy.cli.paper import WIDEST, Paper
from packetbuddy.cli.screen import taken

EACH_SECONDS = 1.0
QUITTING = frozenset({b"q", b"Q", b"\x1b", b"\x04"})
"""q, Escape, and Ctrl-D; an arrow key begins with an Escape but is longer."""


class View(Protocol):
    """What is shown."""

    def look(self) -> None:
        """Measure since the last time."""
        ...

    def lines(self, paper: Paper, rows: int, ending: str) -> Sequence[str]:
        """At most ``rows`` lines of at most ``paper.columns``; ``ending`` says how to leave."""
        ...


def watch(view: View, paper: Paper) -> None:
    """Show a view until somebody quits.

    Raises:
        PacketBuddyError: what the view raises.
        KeyboardInterrupt: Ctrl-C.
        BrokenPipeError: the terminal is gone.
    """
    keyboard = sys.stdin.fileno() if sys.stdin is not None and sys.stdin.isatty() else None
    ending = "Ctrl-C quits" if keyboard is None else "q quits"
    due, encoding = monotonic() + EACH_SECONDS, sys.stdout.encoding or "ascii"
    with taken(keyboard, sys.stdout.fileno()) as screen:
        while True:
            columns, rows = screen.size()
            screen.draw(view.lines(paper._replace(columns=min(columns, WIDEST)), rows, ending), encoding)
            if screen.wait(due - monotonic()) in QUITTING:
                return
            if monotonic() >= due:
                view.look()
                due = max(due + EACH_SECONDS, monotonic())
