"""The settings, their mistakes, and from where a database URL is known."""

from collections.abc import Mapping
from pathlib import Path

from packetbuddy.doctor.facts import Config, Urls
from packetbuddy.settings.checking import checked
from packetbuddy.settings.database import VARIABLES, database_url


def look(path: Path, environment: Mapping[str, str]) -> Config:
    """The file and the environment beside it."""
    found = checked(path, environment)
    url = found.settings.sync.url
    urls = Urls(
        variables=tuple(name for name in VARIABLES if environment.get(name, "").strip()),
        in_file=url is not None,
        same=database_url(found.settings, environment) == url,
    )
    return Config(path, found, urls)
