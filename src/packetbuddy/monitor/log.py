"""The service's log: one line an event, in ``stderr.log``; rotated so that ``tail -f`` goes on.

The standard library's ``logging`` would cost half a megabyte all day for what these lines need.
"""

import os
import sys
import time
from pathlib import Path

LIMIT_BYTES = 1_000_000
PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Nobody's link is followed, and a named pipe in the file's place holds nobody up."""
_PIECE = 65_536


class Log:
    """Owns nothing but its file's name: every line opens, appends and closes, so a rotated file is never held."""

    def __init__(self, path: Path) -> None:
        """Write to ``path``, and to standard error too unless that is the same file."""
        self._path = path
        self._stuck = False

    def line(self, level: str, text: str) -> None:
        """Write one line; a disk that cannot take it is no reason to stop counting."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        whole = f"{stamp} {level} {' '.join(text.splitlines())}\n"
        try:
            self._append(whole)
        except OSError:
            self._error_stream(whole)
            return
        if not self._is_error_stream():
            self._error_stream(whole)

    def rotate(self) -> None:
        """Copy a file that grew past the limit aside and empty it in place: whoever follows it goes on following.

        Where there is no room for the copy the file is kept as it is, and that is said once.
        """
        aside = self._path.with_name(self._path.name + ".1")
        try:
            if self._path.stat().st_size <= LIMIT_BYTES:
                return
            self._copy(aside)
            os.truncate(self._path, 0)
        except OSError as exc:
            if not self._stuck:
                self.line("warning", f"cannot rotate {self._path}: {exc.strerror}")
            self._stuck = True
            return
        self._stuck = False

    def _copy(self, aside: Path) -> None:
        """In pieces: a log that a fault filled must not fill the memory too."""
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with self._path.open("rb") as reading, open(descriptor, "wb") as writing:  # noqa: PTH123 - a descriptor is no path
                while piece := reading.read(_PIECE):
                    writing.write(piece)
        except OSError:
            aside.unlink(missing_ok=True)
            raise

    def _append(self, whole: str) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | PLAIN, 0o600)
        try:
            os.write(descriptor, whole.encode("utf-8", "replace"))
        finally:
            os.close(descriptor)

    def _is_error_stream(self) -> bool:
        try:
            ours, theirs = self._path.stat(), os.fstat(2)
        except OSError:
            return False
        return (ours.st_dev, ours.st_ino) == (theirs.st_dev, theirs.st_ino)

    @staticmethod
    def _error_stream(whole: str) -> None:
        if sys.stderr is None:  # pythonw has none
            return
        try:
            os.write(2, whole.encode("utf-8", "replace"))
        except OSError:
            return
