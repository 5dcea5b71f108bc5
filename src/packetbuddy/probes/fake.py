"""A probe that shows what it is told: for tests of whatever looks through the face."""

import contextlib
import os
from collections.abc import Iterable

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Reading


class FakeProbe:
    """Gives the readings one after the other, then repeats the last. A :class:`ProbeError` among them is raised.

    ``battery`` is what :meth:`on_battery` says. Owns a pipe once :meth:`changes` was asked.
    """

    def __init__(self, readings: Iterable[Reading | ProbeError] = (), *, battery: bool | None = None) -> None:
        self.battery = battery
        self.looks = 0
        self.closed = False
        self._coming = iter(readings)
        self._shown: Reading | ProbeError = ProbeError("the fake probe was given no reading")
        self._pipe: tuple[int, int] | None = None

    def show(self, reading: Reading | ProbeError) -> None:
        """From now on every look gives this."""
        self._coming = iter(())
        self._shown = reading

    def announce(self) -> None:
        """Make the descriptor of :meth:`changes` readable until the next look."""
        self.changes()
        if self._pipe is not None:
            os.write(self._pipe[1], b"!")

    def look(self) -> Reading:
        """The next reading. Raises the ProbeError that was given in its place."""
        self.looks += 1
        self._drain()
        self._shown = next(self._coming, self._shown)
        if isinstance(self._shown, ProbeError):
            raise self._shown
        return self._shown

    def changes(self) -> int | None:
        """A descriptor that :meth:`announce` makes readable; ``None`` once closed."""
        if self._pipe is None and not self.closed:
            self._pipe = os.pipe()
            os.set_blocking(self._pipe[0], False)
        return None if self._pipe is None else self._pipe[0]

    def on_battery(self) -> bool | None:
        """What the test said."""
        return self.battery

    def close(self) -> None:
        """Give back the pipe; safe to call twice."""
        self.closed = True
        for descriptor in self._pipe or ():
            os.close(descriptor)
        self._pipe = None

    def _drain(self) -> None:
        if self._pipe is None:
            return
        with contextlib.suppress(BlockingIOError):
            os.read(self._pipe[0], 65536)
