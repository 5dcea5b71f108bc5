import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.newcomers import ROOT, Newcomer, arriving

BUILD_TOOLS = ("hatchling",)
RUNTIME = ("h11", "msgspec", "psutil", "starlette", "tomlkit", "uvicorn")


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels that setup would download, in the locked versions: the namespaces have no way out."""
    folder = tmp_path_factory.mktemp("wheels")
    locked = [line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if not line.startswith("#")]
    pins = folder / "pins.txt"
    pins.write_text("\n".join(locked))
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "-d", str(folder)]
    subprocess.run([*command, "-c", str(pins), *BUILD_TOOLS, *RUNTIME], check=True)
    return folder


@pytest.fixture
def newcomer(tmp_path: Path, wheels: Path) -> Iterator[Newcomer]:
    with arriving(tmp_path, wheels) as person:
        yield person
