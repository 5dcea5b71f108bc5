"""What setup.sh says where it cannot do its work, and what it leaves alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SETUP = Path(__file__).resolve().parents[2] / "service/linux/setup.sh"
BASH = "/bin/bash"

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform != "linux", reason="setup.sh is for Linux"),
]


def setup(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run setup with an almost empty environment."""
    python = str(Path(sys.base_prefix) / "bin")
    bare = {"HOME": str(home), "PATH": f"{python}:/usr/bin:/bin", "PIP_CONFIG_FILE": os.devnull, **environment}
    return subprocess.run([BASH, str(SETUP), *arguments], env=bare, capture_output=True, text=True, check=False)


def fake_python(folder: Path, script: str) -> str:
    """A folder that holds nothing but a python3."""
    folder.mkdir()
    python = folder / "python3"
    python.write_text(f"#!{BASH}\n{script}\n")
    python.chmod(0o755)
    return str(folder)


def test_help_and_wrong_usage(tmp_path: Path) -> None:
    """--help explains and does nothing; an unknown argument is refused."""
    assert "usage: bash service/linux/setup.sh" in setup(tmp_path, "--help").stdout
    wrong = setup(tmp_path, "--frobnicate")
    assert (wrong.returncode, "usage:" in wrong.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", ["exit 1", ""])
def test_no_python(tmp_path: Path, script: str) -> None:
    """Without Python, or with one that is too old, it says what is needed and where to get it; nothing is written."""
    path = fake_python(tmp_path / "bin", script) if script else str(tmp_path / "none")
    done = setup(tmp_path / "home", PATH=path)
    assert done.returncode == 1
    assert "Python 3.11+ not found" in done.stderr
    assert "apt install python3" in done.stderr
    assert not (tmp_path / "home").exists()


def test_no_venv(tmp_path: Path) -> None:
    """A Debian Python without its venv package: the package's name."""
    real = Path(sys.base_prefix) / "bin/python3"
    path = fake_python(tmp_path / "bin", f'case $2 in *ensurepip*) exit 1 ;; *) exec {str(real)!r} "$@" ;; esac')
    done = setup(tmp_path / "home", PATH=path)
    assert done.returncode == 1
    assert "python3-venv" in done.stderr


def test_no_network(tmp_path: Path) -> None:
    """Where nothing can be downloaded it says so, installs nothing, and the next try is not confused."""
    for _ in range(2):
        done = setup(tmp_path, "--yes", PIP_NO_INDEX="1")
        assert done.returncode == 1
        assert "could not download" in done.stderr
        assert "network" in done.stderr
    assert not (tmp_path / ".packetbuddy/bin/pb").exists()
    assert not (tmp_path / ".local").exists()


def test_home_that_cannot_be(tmp_path: Path) -> None:
    """A file where the home should be is told by name."""
    (tmp_path / ".packetbuddy").write_text("not a folder")
    done = setup(tmp_path)
    assert done.returncode == 1
    assert f"cannot make {tmp_path}/.packetbuddy" in done.stderr
