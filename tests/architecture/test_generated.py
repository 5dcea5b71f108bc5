"""What is made from the code says what the code says, and is as its readers want it."""

import os
import shutil
import subprocess
from pathlib import Path

import generate
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPLETIONS = ROOT / "src/packetbuddy/cli/completions"
MANUAL = ROOT / "src/packetbuddy/cli/manual/pb.1"
READERS: dict[str, list[str | Path]] = {
    "bash": ["-n", COMPLETIONS / "pb.bash"],
    "shellcheck": [COMPLETIONS / "pb.bash"],
    "zsh": ["-n", COMPLETIONS / "_pb"],
    "fish": ["-n", COMPLETIONS / "pb.fish"],
    "groff": ["-man", "-ww", "-z", "-Tutf8", MANUAL],
    "mandoc": ["-T", "lint", "-W", "all", MANUAL],
}


def test_nothing_that_is_made_is_stale() -> None:
    """Each file is, to the letter, what ``python scripts/generate.py`` writes."""
    assert [str(path.relative_to(ROOT)) for path in generate.stale()] == []


@pytest.mark.parametrize("reader", READERS)
def test_readers_have_nothing_to_say(reader: str) -> None:
    """Neither the shells about their completions nor the formatters about the manual page."""
    if shutil.which(reader) is None and not os.environ.get("CI"):
        pytest.skip(f"{reader} is not here; scripts/test installs it on Debian")
    done = subprocess.run([reader, *READERS[reader]], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_man_shows_it(tmp_path: Path) -> None:
    """It finds the page and renders it without a warning."""
    if shutil.which("man") is None and not os.environ.get("CI"):
        pytest.skip("man is not here (Debian: apt install man-db)")
    (tmp_path / "man1").mkdir()
    shutil.copy(MANUAL, tmp_path / "man1")
    environment = {**os.environ, "MANPATH": str(tmp_path), "LC_ALL": "C.UTF-8", "MANWIDTH": "80"}
    command = ["man", "--warnings", "1", "pb"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "pb - how much internet this computer uses" in done.stdout
