"""Writing a file that a person named: aside first, then moved into its place, so that it is whole or as it was."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex

from packetbuddy.errors import PacketBuddyError, WrongUsageError


def write_aside(path: Path, pieces: Iterable[str]) -> int:
    """Write text as UTF-8 into ``path`` and return its bytes.

    A file that is there keeps its permissions, and everything it held until the new one is complete on the disk; a
    link leads to the file that is replaced. What is no file (a pipe, a device) is written to as it is.

    Raises:
        WrongUsageError: that is a folder, or in none.
        PacketBuddyError: it could not be written.
    """
    try:
        target = Path(os.path.realpath(path))
        mode = _mode(target)
        if mode is not None and stat.S_ISDIR(mode):
            raise WrongUsageError(f"{path} is a folder", "Name a file in it")
        if not target.parent.is_dir():
            raise WrongUsageError(f"there is no folder {target.parent}", "Make it first, or name another one")
        if mode is not None and not stat.S_ISREG(mode):
            return _poured(target, pieces)
        return _moved(target, mode, pieces)
    except OSError as error:
        raise PacketBuddyError(f"{path} could not be written: {error.strerror or error}") from error


def _mode(target: Path) -> int | None:
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        return None


def _poured(target: Path, pieces: Iterable[str]) -> int:
    with target.open("wb", buffering=0) as file:
        return sum(file.write(piece.encode()) or 0 for piece in pieces)


def _moved(target: Path, mode: int | None, pieces: Iterable[str]) -> int:
    aside = target.with_name(f".{target.name[:200]}.{token_hex(4)}.part")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            size = sum(file.write(piece.encode()) for piece in pieces)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            aside.chmod(stat.S_IMODE(mode))
        aside.replace(target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return size
