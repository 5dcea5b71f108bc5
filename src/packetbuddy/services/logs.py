"""Reading the log files of the home, also while they are written and rotated."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import HomeError

STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\S+ (error |info supervisor: )?")
"""What stands before the words of a log line."""
_LONGEST_LINE = 400
_LARGEST_LOOK = 1 << 20
_LOOK_SECONDS = 0.3


class Tail(NamedTuple):
    """Whole lines of a log and the byte after them; what follows there is a line that has not ended yet."""

    lines: tuple[str, ...]
    end: int


def _opener(path: str, flags: int) -> int:
    """A named pipe in the log's place must not hold us up."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_from(path: Path, start: int) -> Tail:
    """The whole lines from that byte on, or from 0 if the log has been cut since. Nothing without a file.

    Raises:
        HomeError: the log cannot be read.
    """
    try:
        with open(path, "rb", opener=_opener) as file:
            size = file.seek(0, os.SEEK_END)
            start = start if start <= size else 0
            file.seek(start)
            content = file.read(_LARGEST_LOOK)
    except FileNotFoundError:
        return Tail((), 0)
    except OSError as error:
        raise HomeError(f"cannot read {path}: {error.strerror}") from error
    whole = content.rfind(b"\n") + 1
    return Tail(tuple(content[:whole].decode("utf-8", "replace").splitlines()), start + whole)


def tail(path: Path, *, count: int, start: int = 0) -> Tail:
    """The last whole lines after that byte (after 0 if the log has been cut since)."""
    size = path.stat().st_size if path.exists() else 0
    begin = max(start if start <= size else 0, size - min(_LARGEST_LOOK, _LONGEST_LINE * (count + 1)))
    found = read_from(path, begin)
    return found._replace(lines=found.lines[-count:] if count else ())


def last_lines(path: Path, *, count: int, start: int = 0) -> tuple[str, ...]:
    """The lines of :func:`tail`."""
    return tail(path, count=count, start=start).lines


def last_words(path: Path, *, start: int = 0) -> str:
    """What a monitor said last after that byte, on one line and without the time; empty where nothing was said.

    The supervisor's words stand only where there are no others.
    """
    lines = last_lines(path, count=3, start=start)
    told = [line for line in lines if not _supervisor(line)][-2:] or lines[-1:]
    return " / ".join(STAMP.sub("", line) for line in told)


def last_failure(path: Path) -> str:
    """Why the monitor of before failed, as far as the log tells: nothing where it was well, or was told to leave."""
    last = last_lines(path, count=40)
    well = max((number for number, line in enumerate(last) if " info " in line and not _supervisor(line)), default=-1)
    since = last[well + 1 :]
    told = [line for line in since if not _supervisor(line) and " warning " not in line]
    ended = [line for line in since if _supervisor(line) and " ended with code " in line]
    return " / ".join(STAMP.sub("", line) for line in told[-2:] or ended[-1:])


def _supervisor(line: str) -> bool:
    return " supervisor: " in line


def follow(path: Path, end: int) -> Iterator[tuple[str, ...]]:
    """New lines as they come, beginning at that byte; never ends by itself."""
    while True:
        found = read_from(path, end)
        end = found.end
        if found.lines:
            yield found.lines
        else:
            time.sleep(_LOOK_SECONDS)
