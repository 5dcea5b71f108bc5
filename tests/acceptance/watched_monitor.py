"""A real monitor that writes down when it looks: ``watched_monitor.py HOME LOOKS [MODULE.NAME=NUMBER …]``.

The numbers shorten waits of the monitor's modules, such as ``listening.RETRY_SECONDS=1``.
"""

import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from packetbuddy.monitor import main as monitor
from packetbuddy.probes import open_probe
from packetbuddy.settings.places import Home
from unit.calm import Stopwatch


class Watched:
    """A probe that notes when each look was, and the seconds so far that the machine let us, and anybody, wait."""

    def __init__(self, looks: Path) -> None:
        self._probe = open_probe()
        self._watch = Stopwatch()
        self._file = os.open(looks, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def look(self) -> Any:
        """Look, and note when."""
        waited = int(Path("/proc/self/schedstat").read_text("ascii").split()[1]) / 1e9
        os.write(self._file, f"{time.monotonic()} {waited} {self._watch.stalled}\n".encode())
        return self._probe.look()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._probe, name)


def main() -> int:
    """Count until told to stop."""
    home, looks, *numbers = sys.argv[1:]
    for each in numbers:
        path, value = each.split("=")
        module, name = path.split(".")
        setattr(import_module(f"packetbuddy.monitor.{module}"), name, float(value))
    vars(monitor)["open_probe"] = lambda: Watched(Path(looks))
    return monitor.main(Home(Path(home)), os.environ)


sys.exit(main())
