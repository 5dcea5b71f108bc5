"""Which program a service starts, over environments as pipx and uv leave them."""

import os
import sys
from pathlib import Path

import pytest

from packetbuddy.services.program import program_for, tool_shim
from packetbuddy.settings.places import Home

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the environments are laid out as on POSIX")

RECEIPT = """[tool]
requirements = [{ name = "packetbuddy" }]
entrypoints = [
    { name = "other", install-path = "/usr/bin/other", from = "packetbuddy" },
    { name = "pb", install-path = "SHIM", from = "packetbuddy" },
]
"""


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment with a ``pb`` in it."""
    program(tmp_path / "tools/packetbuddy/bin/pb")
    return tmp_path / "tools/packetbuddy"


@pytest.fixture
def shim(tmp_path: Path, prefix: Path) -> Path:
    """The link that leads there."""
    made = tmp_path / "shims/pb"
    made.parent.mkdir()
    made.symlink_to(prefix / "bin/pb")
    return made


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_uv(prefix: Path, shim: Path, tmp_path: Path) -> None:
    """The receipt of uv names the shim, and it is taken even where the home has a launcher of another installation."""
    (prefix / "uv-receipt.toml").write_text(RECEIPT.replace("SHIM", str(shim)))
    home = Home(tmp_path / "home")
    program(home.launcher)
    assert program_for(home, {}, prefix) == (str(shim),)


@pytest.mark.parametrize("variable", ["PIPX_BIN_DIR", "PATH"])
def test_pipx(prefix: Path, shim: Path, variable: str) -> None:
    """The shim of pipx is found by its setting or on PATH."""
    (prefix / "pipx_metadata.json").write_text("{}")
    assert tool_shim(prefix, {variable: str(shim.parent)}) == shim


def test_pipx_in_the_usual_folder(prefix: Path, tmp_path: Path) -> None:
    """Without either, ``~/.local/bin``."""
    (prefix / "pipx_metadata.json").write_text("{}")
    usual = tmp_path / ".local/bin/pb"
    usual.parent.mkdir(parents=True)
    usual.symlink_to(prefix / "bin/pb")
    assert tool_shim(prefix, {"HOME": str(tmp_path)}) == usual


@pytest.mark.parametrize("receipt", ["", "no toml", RECEIPT.replace("SHIM", "/nowhere/pb")])
def test_a_shim_that_is_not_there(prefix: Path, tmp_path: Path, receipt: str) -> None:
    """An unreadable receipt, a shim that is gone, another program of that name: what the shim would lead to."""
    (prefix / "uv-receipt.toml").write_text(receipt)
    assert tool_shim(prefix, {}) == prefix / "bin/pb"
    (prefix / "uv-receipt.toml").unlink()
    (prefix / "pipx_metadata.json").write_text("{}")
    other = program(tmp_path / "other/pb")
    assert tool_shim(prefix, {"PATH": str(other.parent), "HOME": str(tmp_path)}) == prefix / "bin/pb"


def test_ours(prefix: Path, tmp_path: Path) -> None:
    """An environment of nobody's: the home's launcher where there is one, else the code that runs now."""
    home = Home(tmp_path / "home")
    assert program_for(home, {}, prefix) == (sys.executable, "-P", "-m", "packetbuddy")
    program(home.launcher)
    assert program_for(home, {}, prefix) == (str(home.launcher),)
