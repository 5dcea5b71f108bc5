"""Another wall clock for a process, through libfaketime.

The library is preloaded directly: the ``faketime`` command stays in front of what it starts and takes its signals.
"""

import os
import time
from datetime import datetime
from pathlib import Path

import pytest

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))

requires_faketime = pytest.mark.skipif(
    not LIBRARIES and not os.environ.get("CI"), reason="needs libfaketime (Debian: faketime)"
)


def preloaded(**settings: str) -> dict[str, str]:
    """The environment that fakes, with libfaketime's own settings added."""
    return {"LD_PRELOAD": str(LIBRARIES[0]), **settings}


SLEEP = """
import select, time
time.sleep = lambda seconds: select.select((), (), (), seconds) and None
"""
"""libfaketime 0.9 turns a short sleep, which Python asks for by a point of the steady clock, into an invalid one."""


class WallClock:
    """A wall clock that a test sets under running processes; their steady clocks go on, as the kernel's do."""

    def __init__(self, folder: Path) -> None:
        self._stamp, self._start = folder / "clock", folder / "start"
        self._start.mkdir()
        (self._start / "sitecustomize.py").write_text(SLEEP, "ascii")
        self.ahead = 0
        self.set(0)

    def set(self, ahead: int) -> None:
        """It is that many seconds ahead of the real one from now on."""
        fresh = self._stamp.with_suffix(".new")
        fresh.write_text(f"{ahead:+d}\n", "ascii")
        fresh.replace(self._stamp)
        self.ahead = ahead

    def show(self, at: datetime) -> None:
        """It is that time now, to the second."""
        self.set(round(at.timestamp() - time.time()))

    def environment(self) -> dict[str, str]:
        """What processes need to live by it."""
        return preloaded(
            FAKETIME_TIMESTAMP_FILE=str(self._stamp),
            FAKETIME_NO_CACHE="1",
            DONT_FAKE_MONOTONIC="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
            PYTHONPATH=str(self._start),
        )
