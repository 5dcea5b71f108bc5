import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.newcomers import ROOT, Newcomer, arriving

BUILD_TOOLS = ("hatchling",)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels that setup would download, in the locked versions: the namespaces have no way out."""
    folder = tmp_path_factory.mktemp("wheels")
    locked = [line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if not line.startswith("#")]
    pins = folder / "pins.txt"
    pins.write_text("\n".join(locked))
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "-d", str(folder)]
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    subprocess.run([*command, "-c", str(pins), *BUILD_TOOLS, *needed], check=True)
    return folder


@pytest.fixture
def newcomer(tmp_path: Path, wheels: Path) -> Iterator[Newcomer]:
    with arriving(tmp_path, wheels) as person:
        yield person
