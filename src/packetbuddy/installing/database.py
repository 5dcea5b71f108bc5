"""Setup's question about the database in which many devices meet."""

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from packetbuddy.errors import SettingsError
from packetbuddy.installing.running import listen
from packetbuddy.installing.words import Terminal
from packetbuddy.settings.database import VARIABLES
from packetbuddy.settings.edit import set_key
from packetbuddy.settings.load import find_key
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home
from packetbuddy.settings.redact import mask_url
from packetbuddy.settings.rules import apply

ENABLE = "Enable cloud sync? (y/n) [n]: "
URL = "NeonDB URL: "
KEEP = "Keep it for later? (y/n) [n]: "
OFF = "off"
TRIAL = "packetbuddy.sync.trial"


class Given(NamedTuple):
    """A variable of the environment and the URL it holds; ``""`` for a URL that makes no sense."""

    name: str
    url: str


def sync_words(home: Home, settings: Settings, environment: Mapping[str, str], terminal: Terminal | None) -> list[str]:
    """Settle which database is used, and say so; no password is in the words.

    A URL of the environment is copied into the settings, because a service does not inherit a shell's environment.

    Raises:
        SettingsError: the settings cannot be written.
    """
    if settings.sync.enabled is False:
        return ["off, as config.toml says"]
    known, given = settings.sync.url, given_by(environment)
    if known and (given is None or given.url in {known, ""}):
        return [f"{mask_url(known)}, as before"]
    url = _ask(terminal, given) if terminal else given.url if given else ""
    if not url:
        return [f"{mask_url(known)}, as before" if known else OFF, *_refused(given)]
    set_key(home.config, "sync.url", url)
    return [mask_url(url), *_copied(given, url), *_silent(url, terminal)]


def given_by(environment: Mapping[str, str]) -> Given | None:
    """The first variable that is set."""
    for name in VARIABLES:
        if url := environment.get(name, "").strip():
            return Given(name, url if is_database(url) else "")
    return None


def is_database(url: str) -> bool:
    """Whether the settings would take it."""
    try:
        apply(find_key("sync.url"), "url", url)
    except SettingsError:
        return False
    return True


def tried(url: str) -> str:
    """Why devices cannot meet in this database now, in words without a secret; empty where they can.

    Its tables are made where they are missing. That takes the driver, so it is a process of its own.
    """
    said = listen([sys.executable, "-I", "-m", TRIAL], {**os.environ, "PACKETBUDDY_DB_URL": url})
    return "" if said.code == 0 else said.text or "the connection could not be tried"


def _ask(terminal: Terminal, given: Given | None) -> str:
    """The URL that the person wants, tried before it is taken; empty for none."""
    if not said_yes(terminal, ENABLE):
        return ""
    if given and given.url:
        print(f"{given.name} holds {mask_url(given.url)}; press Enter to use it.")  # noqa: T201 - setup speaks
    while url := terminal.ask_hidden(URL) or (given.url if given else ""):
        if not is_database(url):
            print("That is no database URL; one looks like postgresql://user:password@host/database")  # noqa: T201 - setup speaks
            continue
        print(f"Trying {mask_url(url)} ...")  # noqa: T201 - setup speaks
        reason = tried(url)
        if not reason:
            return url
        print(f"{reason}.")  # noqa: T201 - setup speaks
        if said_yes(terminal, KEEP):
            return url
        given = None
    return ""


def said_yes(terminal: Terminal, question: str) -> bool:
    """Ask until the answer is one; nothing means no."""
    while (answer := terminal.ask(question).lower()) not in {"y", "yes", "n", "no", ""}:
        continue
    return answer in {"y", "yes"}


def _copied(given: Given | None, url: str) -> list[str]:
    if given is None or given.url != url:
        return []
    return [f"{given.name} is copied into config.toml, which only you can read: a service sees no shell's variables"]


def _silent(url: str, terminal: Terminal | None) -> list[str]:
    """Where nobody was asked, what the trial says is told and changes nothing."""
    reason = "" if terminal else tried(url)
    return [f"{reason}; the URL is kept for later"] if reason else []


def _refused(given: Given | None) -> list[str]:
    return [f"{given.name} holds no database URL and is left out"] if given and not given.url else []
