"""Making a version: an environment of its own with PacketBuddy and what it needs, byte-compiled."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import InstallError
from packetbuddy.installing.interpreter import lasting
from packetbuddy.installing.running import run_into
from packetbuddy.installing.versions import mark_whole, python_of
from packetbuddy.settings.database import VARIABLES
from packetbuddy.settings.redact_said import mask_said

_NO_NETWORK = re.compile(
    r"resolution|unreachable|connection|timed out|temporary failure|no matching distribution|getaddrinfo", re.IGNORECASE
)
_MUCH = 1 << 18
"""Bytes of the log that are looked at for a reason."""
_ROOM = 100 * 10**6
"""Three times what a version takes, for what is built on the way."""
_NO_ROOM = 10**6
_SOMEWHERE_ELSE = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON")
"""Settings of a person's pip that would put the packages where nobody looks for them."""


class Making(NamedTuple):
    """What a version is made from: the code's folder, the environment variables, and where all words go.

    ``holding`` are descriptors of locks: who writes into a version's folder keeps them, even when we are killed.
    """

    root: Path
    environment: Mapping[str, str]
    log: Path
    holding: tuple[int, ...] = ()


def make(folder: Path, making: Making) -> None:
    """Make the version in a folder that does not exist yet; it is whole when this returns.

    Raises:
        InstallError: it could not be made, with the reason as far as it is known.
    """
    make_of(folder, making, "--", str(making.root))


def make_of(folder: Path, making: Making, *what: str) -> None:
    """The same from whatever pip is to install: the last words of its command line.

    Raises:
        InstallError: it could not be made, with the reason as far as it is known.
    """
    _look_for_room(folder.parent, _ROOM)
    try:
        _make(folder, making, what)
    except InstallError:
        _look_for_room(folder.parent, _NO_ROOM)  # the tools may have been unable to write down what it was
        raise


def _make(folder: Path, making: Making, what: tuple[str, ...]) -> None:
    python, log = str(python_of(folder)), making.log
    if run_into(log, [lasting(), "-I", "-m", "venv", "--", folder], making.environment, making.holding):
        raise InstallError(f"cannot make {folder}: {last_words(log)}", f"all of it: {log}")
    pip = [python, "-I", "-m", "pip", "install", "--compile", "--no-input", "--disable-pip-version-check"]
    command = [*pip, "--no-warn-script-location", *what]
    if run_into(log, command, for_pip(making.environment), making.holding):
        raise _explain(log, making.environment)
    if run_into(log, [python, "-I", "-m", "packetbuddy", "--version"], making.environment):
        raise InstallError(f"it does not run: {last_words(log)}", f"all of it: {log}")
    mark_whole(folder)


def _look_for_room(folder: Path, enough: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < enough:
        raise InstallError(
            f"there is no room in {folder}: {free // 10**6} MB are free, {_ROOM // 10**6} MB are needed",
            "make room, or set PACKETBUDDY_HOME to a folder on another disk",
        )


def last_words(log: Path, pattern: str = r"\S") -> str:
    """The last line of the log that matches; empty where there is none."""
    lines = _lines(log)
    return next((line.strip() for line in reversed(lines) if re.search(pattern, line)), "")


def for_pip(environment: Mapping[str, str]) -> dict[str, str]:
    """A person's own pip settings hold (an index, a proxy), except those that would lead it elsewhere.

    What is built is not shown the database's password.
    """
    kept = {name: value for name, value in environment.items() if name not in {*_SOMEWHERE_ELSE, *VARIABLES}}
    return {"PIP_RETRIES": "2", **kept, "PIP_USER": "0"}


def places_of_pip(environment: Mapping[str, str]) -> list[str]:
    """URLs that the environment gives pip, which may hold secrets: indexes, proxies."""
    for_it = (text for name, text in environment.items() if name.startswith("PIP_") or name.lower().endswith("_proxy"))
    return [word for text in for_it for word in text.split() if "://" in word]


def _explain(log: Path, environment: Mapping[str, str]) -> InstallError:
    error = last_words(log, r"^\s*(\w+Error|ERROR): ") or last_words(log)
    error = mask_said(error, places_of_pip(environment))
    if any(_NO_NETWORK.search(line) for line in _lines(log)):
        return InstallError(
            "could not download what PacketBuddy needs; is there a network connection?", f"{error} (all of it: {log})"
        )
    return InstallError(f"the installation failed: {error}", f"all of it: {log}")


def _lines(log: Path) -> list[str]:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _MUCH))
        return file.read(_MUCH).decode("utf-8", "replace").splitlines()
