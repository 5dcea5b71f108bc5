"""Versions that are made in half a second: an environment that looks into a folder of code and into the tests' own."""

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from acceptance.newcomers import ROOT
from packetbuddy.settings.places import Home


def code(folder: Path, version: str) -> Path:
    """This code, as another version."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    module = folder / "src/packetbuddy/__init__.py"
    module.write_text(re.sub(r'(?<=__version__ = ")[^"]+', version, module.read_text()))
    return folder


def make(home: Home, name: str, source: Path) -> Path:
    """A whole version in the home, running the code of a folder; its packages are the tests' own."""
    home.versions.mkdir(parents=True, exist_ok=True)
    folder = home.versions / name
    command = [sys.executable, "-I", "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "quick.pth").write_text(f"{source / 'src'}\n{sysconfig.get_path('purelib')}\n")
    (folder / "complete").touch()
    return folder
