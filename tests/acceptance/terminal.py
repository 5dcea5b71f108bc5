"""A real pseudo-terminal with a process on it, and what a person would see there.

pyte shows a page; it knows no second one, so the two that a terminal has are kept here.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyte

from unit.processes import state

SWITCH = re.compile(rb"(\x1b\[\?1049[hl])")
LAST = b"\0"
"""A terminal shows nothing for it. What was written before it comes before it: the kernel hands all on later."""
SHELL = b"$ pb live\r\n"
"""What stood there before."""


class Page(pyte.Screen):
    """Where nothing wraps the cursor of a terminal stays on the last column; pyte's goes beyond."""

    def draw(self, data: str) -> None:
        super().draw(data)
        if pyte.modes.DECAWM not in self.mode:
            self.cursor.x = min(self.cursor.x, self.columns - 1)


class Terminal:
    """Owns both ends of the pseudo-terminal, the process, and the two pages."""

    def __init__(self, home: Path, *, columns: int = 80, rows: int = 24) -> None:
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}},
            "PACKETBUDDY_HOME": str(home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }
        self.master, self.slave = pty.openpty()
        self.shell, self.page = (Page(columns, rows) for _ in range(2))
        self._streams = {False: pyte.ByteStream(self.shell), True: pyte.ByteStream(self.page)}
        self.on_page, self.bytes, self.gone = False, b"", False
        self.resize(columns, rows)
        self._streams[False].feed(SHELL)
        self.before = termios.tcgetattr(self.slave)
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for end in (self.slave, *([] if self.gone else [self.master])):
            os.close(end)

    def run(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        keyboard: bool = True,
        start: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen,
    ) -> Self:
        """Start ``pb`` with this as its controlling terminal; without ``keyboard`` its stdin is empty."""
        options: dict[str, Any] = {
            "stdin": self.slave if keyboard else subprocess.DEVNULL,
            "stdout": self.slave,
            "stderr": self.slave,
            "env": {**self._environment, **(environment or {})},
            "start_new_session": True,
            "preexec_fn": _take_terminal,
        }
        command: Sequence[str] = [sys.executable, "-m", "packetbuddy", *arguments]
        self.process = start(command, **options)
        return self

    def resize(self, columns: int, rows: int) -> None:
        """Drag the window's corner; the kernel tells the process."""
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        for screen in (self.shell, self.page):
            screen.resize(rows, columns)

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self.master, keys)

    def text(self) -> str:
        """The page that is shown now."""
        return "\n".join(line.rstrip() for line in (self.page if self.on_page else self.shell).display).rstrip()

    def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Read and show until it holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"never came; it shows\n{self.text()}"
            self._read(0.05)

    def shows(self, *words: str) -> None:
        """Return when all of these are on the page."""
        self.until(lambda: all(word in self.text() for word in words))

    def silent(self, seconds: float) -> None:
        """Return when nothing has come for so long."""
        seen, since = -1, time.monotonic()

        def quiet() -> bool:
            nonlocal seen, since
            if len(self.bytes) != seen:
                seen, since = len(self.bytes), time.monotonic()
            return time.monotonic() - since > seconds

        self.until(quiet, 60)

    def ends(self, seconds: float = 30.0) -> int:
        """How the process ended; everything it wrote is shown then."""
        self.until(lambda: self.process.poll() is not None, seconds)
        while self._read(0):
            pass
        seen = len(self.bytes)
        os.write(self.slave, LAST)
        self.until(lambda: LAST in self.bytes[seen:], seconds)
        return int(self.process.returncode)

    def state(self) -> str:
        """Of the process: S sleeps, T is stopped."""
        return state(self.process.pid)

    def as_before(self) -> bool:
        """The shell's page is shown with what stood on it, the cursor after it; wrapping, keys, echo as they were."""
        return (
            not self.on_page
            and self.text() == SHELL.decode().strip()
            and not self.shell.cursor.hidden
            and (self.shell.cursor.x, self.shell.cursor.y) == (0, 1)
            and pyte.modes.DECAWM in self.shell.mode
            and self.shell.cursor.attrs == pyte.screens.Char(" ")
            and termios.tcgetattr(self.slave) == self.before
        )

    def vanish(self) -> None:
        """The window is closed."""
        os.close(self.master)
        self.gone = True

    def _read(self, seconds: float) -> bool:
        if self.gone or not select.select([self.master], [], [], seconds)[0]:
            return False
        data = os.read(self.master, 65536)
        self.bytes += data
        for piece in SWITCH.split(data):
            if SWITCH.fullmatch(piece):
                self.on_page = piece.endswith(b"h")
                self.page.reset() if self.on_page else None
            elif piece:
                self._both(piece)
        return True

    def _both(self, piece: bytes) -> None:
        """The cursor's visibility and the wrapping belong to the terminal, not to a page."""
        self._streams[self.on_page].feed(piece)
        one, other = (self.page, self.shell) if self.on_page else (self.shell, self.page)
        other.cursor.hidden = one.cursor.hidden
        other.mode = set(one.mode)


def _take_terminal() -> None:
    fcntl.ioctl(1, termios.TIOCSCTTY, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
