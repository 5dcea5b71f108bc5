"""The second half of setup: ``config.toml``, and the two questions whose answers go into it."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from packetbuddy.errors import PacketBuddyError, SettingsError
from packetbuddy.installing.database import sync_words
from packetbuddy.installing.plan import plan_words
from packetbuddy.installing.words import SystemTerminal, Terminal, hush, prepare_streams, say
from packetbuddy.settings.load import load
from packetbuddy.settings.places import Home
from packetbuddy.settings.sample import default_text

INTERRUPTED = 130


def run() -> NoReturn:
    """Entry point of ``python -m packetbuddy.installing HOME [--ask]``."""
    parser = ArgumentParser(prog="python -m packetbuddy.installing", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--ask", action="store_true", help="somebody sits there and can answer")
    options = parser.parse_args()
    prepare_streams()
    sys.exit(main(Home(options.home), os.environ, SystemTerminal() if options.ask else None))


def main(home: Home, environment: Mapping[str, str], terminal: Terminal | None) -> int:
    """Settle what can be settled now; returns the exit code."""
    try:
        settle(home, environment, terminal)
    except PacketBuddyError as error:
        print(f"setup: {error} {error.hint}".rstrip(), file=sys.stderr)  # noqa: T201 - setup speaks
        return 1
    except OSError as error:  # the disk is full, or nobody reads on
        print(f"setup: {error.filename or 'output'}: {error.strerror or error}", file=sys.stderr)  # noqa: T201 - setup speaks
        hush()
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def settle(home: Home, environment: Mapping[str, str], terminal: Terminal | None) -> None:
    """Make ``config.toml`` where there is none, and put the answers in.

    A file with a mistake is left as it is, and so is what it says already: setup may be run again at any time.

    Raises:
        SettingsError: the file cannot be written.
    """
    say("Settings", f"{home.config} ({'new, all defaults' if make_config(home) else 'kept'})")
    try:
        settings = load(home.config)
    except SettingsError as mistake:
        say("", f"has a mistake: {mistake}", "it is left as it is; `pb config check` lists all of them")
        return
    say("Cloud sync", *sync_words(home, settings, environment, terminal))
    say("Data plan", plan_words(home, settings, terminal))


def make_config(home: Home) -> bool:
    """Write the settings file with every default, for its owner only; False where there is one.

    Raises:
        SettingsError: it cannot be written.
    """
    try:
        descriptor = os.open(home.config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    except OSError as error:
        raise SettingsError(f"{home.config}: cannot be written: {error.strerror or error}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(default_text())
    return True
