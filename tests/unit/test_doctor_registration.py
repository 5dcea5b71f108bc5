"""What a unit starts is read back from its text, as `pb doctor` does to find what an upgrade left behind."""

from pathlib import Path

import pytest

from packetbuddy.services.rendering import VIA_SHELL, started, template, unit

PATHS = [
    "/home/anna/.packetbuddy/bin/pb",
    "/home/änne b/.packet buddy/bin/pb",
    "/a/100%/$HOME/pb",
    "/a/it's/pb",
    '/a/"b"/pb',
    "/a/back\\slash/pb",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("version", [252, 254])
def test_the_program_is_read_back(path: str, version: int) -> None:
    """Whatever the path holds, also where a shell has to start it; arguments of the program are none of it."""
    text = unit(template("packetbuddy.service"), Path("/home/a"), (path, "serve"), version=version)
    assert str(started(text)) == path


@pytest.mark.parametrize("text", ["", "[Service]", "ExecStart=", 'ExecStart="/open'])
def test_what_is_no_unit_starts_nothing(text: str) -> None:
    """A file that somebody emptied or broke."""
    assert started(text) is None
    assert len(VIA_SHELL) == 3
