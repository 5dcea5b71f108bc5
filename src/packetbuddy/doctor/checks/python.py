"""Python, SQLite and the package."""

from collections.abc import Iterator

from packetbuddy.doctor.facts import Facts
from packetbuddy.doctor.findings import BROKEN, NOTE, Finding
from packetbuddy.storage.examining import LEAST_SQLITE

NAME = "python"
LEAST_PYTHON = (3, 11)
AGAIN = "Install PacketBuddy again: run its setup, or reinstall the package"


def check(facts: Facts) -> Iterator[Finding]:
    """Old versions, libraries that do not load, missing byte code."""
    python = facts.python
    if python.version < LEAST_PYTHON:
        text = f"{python.executable} is Python {_dotted(python.version)}; PacketBuddy needs {_dotted(LEAST_PYTHON)}."
        yield Finding(NAME, BROKEN, text, "Install a newer Python and run setup again")
    if python.sqlite < LEAST_SQLITE:
        text = f"{python.executable} brings SQLite {_dotted(python.sqlite)}; the ledger needs {_dotted(LEAST_SQLITE)}."
        yield Finding(NAME, BROKEN, text, "Install a Python with a newer SQLite and run setup again")
    for name, why in python.unimportable:
        yield Finding(NAME, BROKEN, f"{python.executable} cannot load {name}, which PacketBuddy needs: {why}.", AGAIN)
    if python.uncompiled:
        text = f"{python.package} holds no byte code, which costs the service some 5 MB of memory and a slow start."
        yield Finding(NAME, NOTE, text, f"`{python.executable} -m compileall -q {python.package}` makes it")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
