"""Other processes of this user: found by what they were started with. Never asked by the monitor's loop."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
_LARGEST = 1 << 20


class Process(NamedTuple):
    """A process of ours: its arguments, and the home folder that its environment names (``None``: not known)."""

    pid: int
    arguments: tuple[str, ...]
    home: Path | None


def own_processes() -> Iterator[Process]:
    """Every living process of this user that tells its arguments; those that vanish meanwhile are left out."""
    return _linux(PROC) if sys.platform.startswith("linux") else _elsewhere()


def _linux(proc: Path) -> Iterator[Process]:
    for folder in proc.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            if folder.stat().st_uid == os.geteuid() and (arguments := _words(folder / "cmdline")):
                yield Process(int(folder.name), arguments, _home(dict(_pairs(_words(folder / "environ")))))
        except OSError:  # it ended, or is not for us to see
            continue


def _words(file: Path) -> tuple[str, ...]:
    with file.open("rb") as reading:
        content = reading.read(_LARGEST)
    return tuple(os.fsdecode(word) for word in content.split(b"\0") if word)


def _pairs(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for word in words:
        name, sign, value = word.partition("=")
        if sign:
            yield name, value


def _home(environment: dict[str, str]) -> Path | None:
    found = environment.get("USERPROFILE" if sys.platform == "win32" else "HOME")
    return Path(found) if found else None


def _elsewhere() -> Iterator[Process]:
    import psutil  # noqa: PLC0415 - Linux does without it

    us = psutil.Process().username()
    for process in psutil.process_iter():
        try:
            if process.username() == us and (arguments := process.cmdline()):
                yield Process(process.pid, tuple(arguments), _home(process.environ()))
        except (psutil.Error, OSError):  # it ended, or is not for us to see
            continue
