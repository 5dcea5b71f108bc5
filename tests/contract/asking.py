"""A command line and what it left behind: exit code, output, complaint."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from packetbuddy.cli.main import main


class Answer(NamedTuple):
    """What one `pb` left behind."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)["data"]


Ask = Callable[..., Answer]
"""Takes the command's words, and the environment as keywords."""


def asker(command: str, home: Path, capsys: pytest.CaptureFixture[str], *, now_ns: int) -> Ask:
    """Runs this command in a home, in this process."""

    def ask(*words: str, **environment: str) -> Answer:
        code = main([command, *words], {"PACKETBUDDY_HOME": str(home), **environment}, now_ns)
        return Answer(code, *capsys.readouterr())

    return ask
