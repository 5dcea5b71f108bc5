"""When a copy makes way for what updates have put into the home: newer, and never in somebody's checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from packetbuddy import __version__
from packetbuddy.cli.handover import hand_over, is_newer
from packetbuddy.settings.places import Home

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")


FROM_AN_INDEX = """
import os, sys
from packetbuddy.cli import handover
handover._is_from_an_index = lambda home: True
handover.hand_over(sys.argv[1:], os.environ)
print("itself")
"""
"""What pip writes beside an editable copy says that it is a checkout."""


def home_with(folder: Path, **pointers: str) -> dict[str, str]:
    home = Home(folder)
    home.versions.mkdir()
    home.bin.mkdir()
    home.launcher.write_text('#!/bin/sh\necho "launcher $PACKETBUDDY_HOME $*"\n')
    home.launcher.chmod(0o700)
    for pointer, name in pointers.items():
        (home.versions / pointer).symlink_to(name)
    return {"PACKETBUDDY_HOME": str(folder)}


def test_only_a_higher_number_is_newer() -> None:
    """The same one, an older one, and no name at all are not."""
    assert is_newer("999.0.0-abc")
    assert not any(is_newer(name) for name in ("", f"{__version__}-abc", "0.0.1-abc", "nonsense"))


def test_a_checkout_runs_itself(tmp_path: Path) -> None:
    """Whatever the home holds: whoever develops in it wants this code."""
    hand_over(["today"], home_with(tmp_path, current="999.0.0-abc"))


@pytest.mark.parametrize(
    ("pointers", "words", "leads"),
    [
        ({"current": "999.0.0-abc"}, ["today", "--json"], True),
        ({"current": f"{__version__}-own", "trial": "999.0.0-abc"}, ["serve"], True),
        ({"current": f"{__version__}-own", "trial": "999.0.0-abc"}, ["today"], False),
        ({"current": f"{__version__}-own"}, ["serve"], False),
        ({"current": "0.0.1-abc"}, ["serve"], False),
        ({}, ["today"], False),
    ],
)
def test_a_copy_from_an_index_leads_to_what_is_newer(
    tmp_path: Path, pointers: dict[str, str], words: list[str], leads: bool
) -> None:
    """It becomes the launcher of its home, with all arguments; for one on trial only where the service is started."""
    environment = {**os.environ, **home_with(tmp_path, **pointers)}
    command = [sys.executable, "-c", FROM_AN_INDEX, *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == (f"launcher {tmp_path} {' '.join(words)}\n" if leads else "itself\n")
