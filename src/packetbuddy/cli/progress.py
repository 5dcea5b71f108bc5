"""How far something long is, on stderr, while a person watches; silent in a pipe and for what is soon done."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TextIO

PATIENCE_SECONDS = 0.5
"""Nobody needs to be told of less."""
EACH_SECONDS = 0.1
CELLS = 30


@contextmanager
def progress(
    stream: TextIO | None = None, clock: Callable[[], float] = monotonic, *, beside: TextIO | None = None
) -> Iterator[Callable[[float], None]]:
    """What to tell the share that is done, 0 to 1; the line is gone afterwards.

    ``beside`` is where the text goes: on a terminal the line would stand in the middle of it.
    """
    where = sys.stderr if stream is None else stream
    bar = _Bar(where, clock)
    watched = where.isatty() and not (beside is not None and beside.isatty())
    try:
        yield bar.show if watched else _silent
    finally:
        bar.clear()


def _silent(_part: float) -> None:
    return


class _Bar:
    """Owns one line of a terminal."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._next = clock() + PATIENCE_SECONDS
        self._drawn = False

    def show(self, part: float) -> None:
        """Draw it, if it is time to."""
        now = self._clock()
        if now < self._next:
            return
        self._next, self._drawn = now + EACH_SECONDS, True
        done = round(part * CELLS)
        self._stream.write(f"\r[{'#' * done}{'.' * (CELLS - done)}] {round(part * 100):3} %")
        self._stream.flush()

    def clear(self) -> None:
        """Leave nothing behind."""
        if self._drawn:
            self._stream.write(f"\r{' ' * (CELLS + 8)}\r")
            self._stream.flush()
