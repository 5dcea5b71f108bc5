"""Main of the upkeep child: composes, says complaints on standard error, leaves with 0 (healthy) or 1."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from packetbuddy.errors import PacketBuddyError, SettingsError
from packetbuddy.settings.load import load, parse
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home
from packetbuddy.upkeep.daily import daily


def run() -> NoReturn:
    """Entry point: the one argument is the home."""
    sys.exit(main(Home(Path(sys.argv[1]))))


def main(home: Home) -> int:
    """Do the upkeep of a home, with the lowest priority."""
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        complaints = daily(home, _settings(home), now_ns=time.time_ns(), today=datetime.now(UTC).date())
    except PacketBuddyError as exc:
        complaints = [str(exc)]
    except OSError as exc:
        complaints = [f"upkeep could not write: {exc}"]
    for complaint in complaints:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        sys.stderr.write(f"{stamp} warning upkeep: {complaint}\n")
    return 1 if complaints else 0


def _settings(home: Home) -> Settings:
    """The settings, or the defaults while the file has a mistake: the monitor says that already."""
    try:
        return load(home.config)
    except SettingsError:
        return parse({})
