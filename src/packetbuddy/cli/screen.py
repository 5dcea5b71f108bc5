"""The whole terminal for a while (POSIX): taken, drawn on, and given back as it was, however the program ends."""

import os
import select
import signal
import termios
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NamedTuple, NoReturn

TAKE = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J"
"""Another page than the shell's, no cursor, and long lines are cut instead of pushing everything up."""
GIVE_BACK = b"\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
PATIENCE_SECONDS = 0.5
"""A terminal that takes nothing (Ctrl-S) must not keep the program from leaving."""
LEAVING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Size(NamedTuple):
    """Of a terminal."""

    columns: int
    rows: int


class _Told(BaseException):
    """A signal told the program to leave; not an error that anybody may catch."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def taken(keyboard: int | None, paper: int) -> Iterator["Screen"]:
    """Take the terminal that ``paper`` writes to; ``keyboard`` is ``None`` where no keys can be read.

    SIGTERM, SIGHUP and SIGQUIT give it back first, then end the process as always; Ctrl-Z gives it back meanwhile.
    """
    screen, told = Screen(keyboard, paper), 0
    try:
        with _heeding(screen):
            screen.take()
            yield screen
    except _Told as leaving:
        told = leaving.number
    finally:
        screen.close()
    if told:
        signal.signal(told, signal.SIG_DFL)
        signal.raise_signal(told)


class Screen:
    """Owns the terminal's settings as they were, and the pipe that signals wake the waiting with."""

    def __init__(self, keyboard: int | None, paper: int) -> None:
        """Take nothing yet."""
        self._keyboard, self._paper = keyboard, paper
        self._before = None if keyboard is None else termios.tcgetattr(keyboard)
        self._taken = False
        self.bell, self.ring = os.pipe()
        for end in (self.bell, self.ring):
            os.set_blocking(end, False)

    def take(self) -> None:
        """Begin, or go on after Ctrl-Z."""
        if self._keyboard is not None:
            tty.setcbreak(self._keyboard, termios.TCSANOW)
        self._taken = True
        self._write(TAKE)

    def give_back(self) -> None:
        """Leave the terminal as it was; a second time does nothing, and no terminal that is gone is an error."""
        if not self._taken:
            return
        self._taken = False
        with suppress(OSError, termios.error):
            if select.select([], [self._paper], [], PATIENCE_SECONDS)[1]:
                os.write(self._paper, GIVE_BACK)
        with suppress(OSError, termios.error):
            if self._keyboard is not None and self._before is not None:
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._before)
                termios.tcflush(self._keyboard, termios.TCIFLUSH)

    def close(self) -> None:
        """Give everything back."""
        self.give_back()
        for end in (self.bell, self.ring):
            os.close(end)

    def size(self) -> Size:
        """As it is now; 80 by 24 where the terminal does not know.

        Raises:
            BrokenPipeError: it is gone.
        """
        with _may_be_gone():
            columns, rows = os.get_terminal_size(self._paper)
        return Size(columns or 80, rows or 24)

    def draw(self, lines: Sequence[str], encoding: str) -> None:
        """Show these lines from the top, and nothing else.

        Raises:
            BrokenPipeError: it is gone.
        """
        # Each place is erased before it is written: behind a full line the cursor still stands on the last letter.
        *above, last = lines or [""]
        drawn = "".join(f"\x1b[K{line}\x1b[0m\r\n" for line in above)
        with _may_be_gone():
            self._write(f"\x1b[H{drawn}\x1b[J{last}\x1b[0m".encode(encoding, "replace"))

    def wait(self, seconds: float) -> bytes:
        """Keys that are pressed within the time; empty when it is over, or when the terminal has another size.

        Raises:
            BrokenPipeError: it is gone.
        """
        sources = [self.bell] if self._keyboard is None else [self.bell, self._keyboard]
        ready = select.select(sources, [], [], max(0.0, seconds))[0]
        if self.bell in ready:
            os.read(self.bell, 4096)
        if self._keyboard is None or self._keyboard not in ready:
            return b""
        with _may_be_gone():
            return os.read(self._keyboard, 4096) or b"q"

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._paper, data) :]


@contextmanager
def _may_be_gone() -> Iterator[None]:
    """A window that was closed is like a pipe that nobody reads."""
    try:
        yield
    except OSError as exc:
        raise BrokenPipeError(exc.errno, "the terminal is gone") from exc


@contextmanager
def _heeding(screen: Screen) -> Iterator[None]:
    """The signals that concern a terminal, as long as it is taken. Once told to leave, a second time ends at once."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        signal.signal(number, signal.SIG_DFL)
        raise _Told(number)

    def stop(_number: int, _frame: FrameType | None) -> None:
        screen.give_back()
        signal.raise_signal(signal.SIGSTOP)
        screen.take()

    def wake(_number: int, _frame: FrameType | None) -> None:
        """Being called is enough: Python writes to the pipe."""

    handlers = {**dict.fromkeys(LEAVING, leave), signal.SIGTSTP: stop, signal.SIGWINCH: wake}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    awake = signal.set_wakeup_fd(screen.ring, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(awake)
        for number, handler in before.items():
            signal.signal(number, handler)
