import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.newcomers import ROOT, Newcomer, arriving


def _needed() -> list[str]:
    """What pyproject.toml says that a build and an installation need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return [*project["build-system"]["requires"], *project["project"]["dependencies"]]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels that setup would download, in the locked versions: the namespaces have no way out."""
    folder = tmp_path_factory.mktemp("wheels")
    locked = [line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if not line.startswith("#")]
    pins = folder / "pins.txt"
    pins.write_text("\n".join(locked))
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "-d", str(folder)]
    subprocess.run([*command, "-c", str(pins), *_needed()], check=True)
    return folder


@pytest.fixture
def newcomer(tmp_path: Path, wheels: Path) -> Iterator[Newcomer]:
    with arriving(tmp_path, wheels) as person:
        yield person


@pytest.fixture(scope="session")
def version(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Path:
    """A version that setup made, for tests of what comes after that: to make one takes half a minute."""
    with arriving(tmp_path_factory.mktemp("version"), wheels) as person:
        person.setup()
    versions = person.home / ".packetbuddy/versions"
    return versions / (versions / "current").readlink()
