"""What is published: the source archive, the wheel made of it, and places in which that wheel is all there is."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import NamedTuple, Self

from acceptance.newcomers import copy_code

BIN, EXE = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
PYTHON = Path(sys.base_prefix) / ("python.exe" if os.name == "nt" else "bin/python3")


class Published(NamedTuple):
    """Both files of a release."""

    archive: Path
    wheel: Path


def publish(folder: Path) -> Published:
    """Build an archive of a copy of this code, and a wheel of that archive, as an index's readers will."""
    copy_code(folder / "code")
    archive = build(folder / "code", "sdist", folder)
    return Published(archive, build(unpack(archive, folder / "unpacked"), "wheel", folder))


def unpack(archive: Path, folder: Path) -> Path:
    """The folder with the code that a source archive holds."""
    with tarfile.open(archive) as held:
        held.extractall(folder, filter="data")
    (code,) = folder.iterdir()
    return code


def build(code: Path, target: str, folder: Path) -> Path:
    """The ``sdist`` or ``wheel`` of some code."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    done = subprocess.run(command, cwd=code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.tar.gz" if target == "sdist" else "*.whl")
    return made


class Place(NamedTuple):
    """A person's folder, with the wheels that an index would give, where nothing knows of the source tree."""

    home: Path
    wheels: Path
    tool: str
    """``pip``, ``pipx`` or ``uv``."""

    @property
    def bin(self) -> Path:
        """Where the tool puts commands."""
        return self.home / (f"own/{BIN}" if self.tool == "pip" else ".local/bin")

    @property
    def pb(self) -> Path:
        """The command that was installed."""
        return self.bin / f"pb{EXE}"

    def environment(self) -> dict[str, str]:
        """A login's, without what this test run added; pip, pipx and uv have only the wheels."""
        unwanted = ("COV", "PACKETBUDDY", "PIP", "PY", "UV", "VIRTUAL_ENV", "XDG")
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(unwanted)},
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "PACKETBUDDY_HOME": str(self.home / "packets"),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.wheels.as_uri(),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_OFFLINE": "1",
            "UV_NO_INDEX": "1",
            "UV_NO_CONFIG": "1",
            "UV_FIND_LINKS": str(self.wheels),
        }

    def run(self, *command: str | Path) -> str:
        """Run a command to its end; returns what it printed."""
        done = subprocess.run(
            command, cwd=self.home, env=self.environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def install(self, wheel: Path) -> Self:
        """As the tool's manual says; pip into an environment of its own."""
        if self.tool == "pip":
            self.run(PYTHON, "-m", "venv", self.home / "own")
            self.run(self.bin / f"python{EXE}", "-m", "pip", "install", "-q", wheel)
        elif self.tool == "pipx":
            self.run(sys.executable, "-m", "pipx", "install", "--python", PYTHON, wheel)
        else:
            self.run(sys.executable, "-m", "uv", "tool", "install", "--python", PYTHON, wheel)
        return self
