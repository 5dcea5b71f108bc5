"""Mistakes in the settings, and what the environment says beside them."""

from collections.abc import Iterator

from packetbuddy.doctor.facts import Config, Facts
from packetbuddy.doctor.findings import BROKEN, NOTE, WARNING, Finding

NAME = "settings"


def check(facts: Facts) -> Iterator[Finding]:
    """Each mistake and each thing worth knowing; no URL is ever said."""
    config = facts.config
    readable = facts.place.kind in {"folder", "missing"} and not facts.place.foreign
    for mistake in config.checked.mistakes if readable else ():
        remedy = f"Mend it with `pb config set`, or in {config.path}; until then the service goes on without it"
        yield Finding(NAME, BROKEN, f"{mistake}.", remedy)
    for note in config.checked.notes:
        yield Finding(NAME, NOTE, f"{config.path}: {note}.", "Delete it from the file")
    if config.checked.settings.sync.enabled is not False:
        yield from _urls(config)


def _urls(config: Config) -> Iterator[Finding]:
    urls, put = config.urls, f"Put the URL into {config.path}: `[sync]`, `url`"
    if urls.variables and not urls.in_file:
        text = f"{urls.variables[0]} is set here, but services do not inherit it, and the settings hold no URL."
        yield Finding(NAME, WARNING, text, put)
    elif urls.variables and not urls.same:
        text = f"{urls.variables[0]} is another database than the settings name, and services do not inherit it."
        yield Finding(NAME, WARNING, text, f"{put}, or unset {urls.variables[0]}")
    elif config.checked.settings.sync.enabled and not urls.in_file:
        yield Finding(NAME, WARNING, "Sync is on, and no database URL is known.", put)
