"""What every command may know: the environment, the instant, the paper, and from them the home and the settings."""

from collections.abc import Mapping
from typing import NamedTuple

from packetbuddy.cli.paper import Paper
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home, home_from, own_folder


class Context(NamedTuple):
    """Made once in main.py; commands read no environment, clock or terminal of their own."""

    environment: Mapping[str, str]
    now_ns: int
    paper: Paper


def home_of(context: Context) -> Home:
    """The home's places. Writes nothing.

    Raises:
        HomeError: there is no home folder to be found.
    """
    return home_from(context.environment, own_folder(context.environment))


def settings_of(context: Context) -> Settings:
    """The settings of the home's config.toml, defaults where it has none.

    Raises:
        SettingsError: the file has a mistake.
    """
    from packetbuddy.settings.load import load  # noqa: PLC0415 - `pb --help` needs no settings

    return load(home_of(context).config)
