"""Main of the upkeep child: composes, says complaints on standard error, leaves with 0, 1 or 4 (left alone)."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from packetbuddy.errors import PacketBuddyError, SettingsError
from packetbuddy.services.lifeline import when_cut
from packetbuddy.settings.load import load, parse
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home
from packetbuddy.upkeep.daily import daily

LEFT_ALONE = 4
"""Exit code when the monitor went away; what was at work is rolled back, the next run goes on with it."""


def run() -> NoReturn:
    """Entry point: the one argument is the home."""
    when_cut(lambda: os._exit(LEFT_ALONE))
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
        sys.stderr.write(f"{complaint}\n")
    return 1 if complaints else 0


def _settings(home: Home) -> Settings:
    """The settings, or the defaults while the file has a mistake: the monitor says that already."""
    try:
        return load(home.config)
    except SettingsError:
        return parse({})
