"""The service's log: one line an event, in ``stderr.log``; rotated so that ``tail -f`` goes on.

The standard library's ``logging`` would cost half a megabyte all day for what these lines need.
"""

import os
import sys
import time
from pathlib import Path

LIMIT_BYTES = 1_000_000


class Log:
    """Owns nothing but its file's name: every line opens, appends and closes, so a rotated file is never held."""

    def __init__(self, path: Path) -> None:
        """Write to ``path``, and to standard error too unless that is the same file."""
        self._path = path

    def line(self, level: str, text: str) -> None:
        """Write one line; a disk that cannot take it is no reason to stop counting."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        whole = f"{stamp} {level} {text.replace(chr(10), ' ')}\n"
        try:
            self._append(whole)
        except OSError:
            self._error_stream(whole)
            return
        if not self._is_error_stream():
            self._error_stream(whole)

    def rotate(self) -> None:
        """Copy a file that grew past the limit aside and empty it in place: whoever follows it goes on following."""
        try:
            if self._path.stat().st_size <= LIMIT_BYTES:
                return
            aside = self._path.with_name(self._path.name + ".1")
            aside.write_bytes(self._path.read_bytes())
            aside.chmod(0o600)
            os.truncate(self._path, 0)
        except OSError as exc:
            self._error_stream(f"cannot rotate {self._path}: {exc.strerror}\n")

    def _append(self, whole: str) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
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
