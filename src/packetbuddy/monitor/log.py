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

    def rotate(self, *others: Path) -> None:
        """Copy a file that grew past the limit aside and empty it in place: whoever follows it goes on following.

        ``others`` are files that somebody else writes to. Where there is no room for a copy the file is kept as it is,
        and that is said once.
        """
        stuck = [path for path in (self._path, *others) if not self._rotated(path)]
        self._stuck = bool(stuck)

    def _rotated(self, path: Path) -> bool:
        try:
            if path.stat().st_size > LIMIT_BYTES:
                _copy(path, path.with_name(path.name + ".1"))
                os.truncate(path, 0)
        except FileNotFoundError:
            return True
        except OSError as exc:
            if not self._stuck:
                self.line("warning", f"cannot rotate {path}: {exc.strerror}")
            return False
        return True

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


def _copy(path: Path, aside: Path) -> None:
    """In pieces: a log that a fault filled must not fill the memory too."""
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with path.open("rb") as reading, open(descriptor, "wb") as writing:  # noqa: PTH123 - a descriptor is no path
            while piece := reading.read(_PIECE):
                writing.write(piece)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
