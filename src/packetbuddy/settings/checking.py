"""Everything that is wrong with the settings on this machine, one line each, without any secret."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import SettingsError
from packetbuddy.settings.database import VARIABLES
from packetbuddy.settings.load import examine, find_key, parse, read_mapping
from packetbuddy.settings.model import Settings
from packetbuddy.settings.rules import apply
from packetbuddy.settings.showing import old_keys
from packetbuddy.settings.zones import check_timezone


class Checked(NamedTuple):
    """The settings with defaults in place of every mistake; mistakes name the file or the variable."""

    settings: Settings
    mistakes: tuple[str, ...]
    notes: tuple[str, ...]


def checked(path: Path, environment: Mapping[str, str]) -> Checked:
    """Look at the file, the zone that it names and the variables that overrule it."""
    try:
        mapping = read_mapping(path)
    except SettingsError as error:
        return Checked(parse({}), (f"{path}: {error}. {error.hint}".rstrip(". "),), ())
    settings, found = examine(mapping)
    mistakes = [f"{path}: {mistake}" for mistake in found or _zone_mistakes(settings.display.timezone)]
    mistakes += [str(error) for error in _variable_mistakes(environment)]
    notes = [f"{name} is of PacketBuddy 1.x and has no effect" for name in old_keys(mapping)]
    return Checked(settings, tuple(mistakes), tuple(notes))


def _zone_mistakes(name: str) -> list[SettingsError]:
    try:
        check_timezone(name)
    except SettingsError as error:
        return [error]
    return []


def _variable_mistakes(environment: Mapping[str, str]) -> list[SettingsError]:
    found = []
    for name in VARIABLES:
        try:
            apply(find_key("sync.url"), name, environment.get(name, "").strip() or None)
        except SettingsError as error:
            found.append(error)
    return found
