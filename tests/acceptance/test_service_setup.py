"""What setup.sh says where it cannot do its work, and what it leaves alone."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from machine.netns import requires_netns, wait_until
from packetbuddy.storage.lock import Lock, held

SETUP = Path(__file__).resolve().parents[2] / "service/linux/setup.sh"
BASH = "/bin/bash"

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform != "linux", reason="setup.sh is for Linux"),
]


COVERAGE = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


def setup(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run setup with an almost empty environment."""
    python = str(Path(sys.executable).parent)
    bare = {"HOME": str(home), "PATH": f"{python}:/usr/bin:/bin", "PIP_CONFIG_FILE": os.devnull, **COVERAGE}
    return subprocess.run(
        [BASH, str(SETUP), *arguments], env={**bare, **environment}, capture_output=True, text=True, check=False
    )


def fake_python(folder: Path, script: str) -> str:
    """A folder that holds nothing but a python3."""
    folder.mkdir()
    python = folder / "python3"
    python.write_text(f"#!{BASH}\n{script}\n")
    python.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


@pytest.mark.parametrize("shell", ["/bin/sh", BASH])
def test_the_macos_script(tmp_path: Path, shell: str) -> None:
    """It hands over to the same core, in any shell; without Python it says where a Mac gets one."""
    script = SETUP.parents[1] / "macos/setup.sh"
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    bare = {"HOME": str(tmp_path), "PATH": path}
    done = subprocess.run([shell, script, "--help"], env=bare, capture_output=True, text=True, check=False)
    assert (done.returncode, "[--yes]" in done.stdout) == (0, True)
    none = {**bare, "PATH": fake_python(tmp_path / "bin", "exit 1").partition(":")[0]}
    done = subprocess.run([shell, script], env=none, capture_output=True, text=True, check=False)
    assert (done.returncode, "Python 3.11+ not found" in done.stderr) == (1, True)
    assert "brew install python" in done.stderr


@pytest.mark.machine
@requires_netns
def test_a_full_disk(tmp_path: Path) -> None:
    """A home without room for a version is told before anything is tried."""
    small = 'mount -t tmpfs -o size=256k none "$0" && exec "$@"'
    command = ["unshare", "--mount", BASH, "-c", small, str(tmp_path), BASH, str(SETUP), "--yes"]
    bare = {"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", **COVERAGE}
    done = subprocess.run(command, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "0 MB are free, 100 MB are needed" in done.stderr


@pytest.mark.machine
@requires_netns
def test_a_disk_that_fills_meanwhile(tmp_path: Path) -> None:
    """Nothing fits that could tell why the tools fail: it is told all the same."""
    script = """mount -t tmpfs -o size=102m none "$0" && mkdir -p "$0/.packetbuddy/versions" && {
      until ls "$0"/.packetbuddy/versions/*/bin; do sleep 0.01; done; cat /dev/zero >"$0/filled"
    } >/dev/null 2>&1 & cd / && until mountpoint -q "$0"; do sleep 0.01; done; "$@"; code=$?; wait; exit $code"""
    command = ["unshare", "--mount", BASH, "-c", script, str(tmp_path), BASH, str(SETUP), "--yes"]
    bare = {"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", **COVERAGE}
    done = subprocess.run(command, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "there is no room" in done.stderr


def test_help_and_wrong_usage(tmp_path: Path) -> None:
    """--help explains and does nothing; an unknown argument is refused."""
    assert "usage: bash service/linux/setup.sh" in setup(tmp_path, "--help").stdout
    wrong = setup(tmp_path, "--frobnicate")
    assert (wrong.returncode, "usage:" in wrong.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", ["exit 1", ""])
def test_no_python(tmp_path: Path, script: str) -> None:
    """Without Python, or with one that is too old, it says what is needed and where to get it; nothing is written."""
    path = fake_python(tmp_path / "bin", script).partition(":")[0] if script else str(tmp_path / "none")
    done = setup(tmp_path / "home", PATH=path)
    assert done.returncode == 1
    assert "Python 3.11+ not found" in done.stderr
    assert "apt install python3" in done.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(("module", "words"), [("ensurepip", "python3-venv"), ("_sqlite3", "without SQLite")])
def test_a_python_that_lacks_something(tmp_path: Path, module: str, words: str) -> None:
    """A Debian Python without its venv package is told the package's name, one without SQLite where to get another."""
    start = "sys.argv.pop(0); runpy.run_path(sys.argv[0], None, '__main__')"
    hide = f"import runpy, sys; sys.modules[{module!r}] = None; {start}"
    real = f"exec {sys.executable!r} -I -B"
    path = fake_python(tmp_path / "bin", f'case $2 in -B) shift 2; {real} -c "{hide}" "$@" ;; *) {real} "$@" ;; esac')
    done = setup(tmp_path / "home", PATH=path)
    assert done.returncode == 1
    assert words in done.stderr
    assert not (tmp_path / "home").exists()


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
    assert f"{tmp_path}/.packetbuddy is not a folder" in done.stderr


def test_another_setup_at_work(tmp_path: Path) -> None:
    """Two at once: the second one leaves everything to the first."""
    home = tmp_path / ".packetbuddy"
    home.mkdir()
    lock = Lock(home / "setup.lock")
    lock.acquire()
    try:
        done = setup(tmp_path, "--yes")
    finally:
        lock.release()
    assert done.returncode == 1
    assert f"another setup or update is at work in {home}" in done.stderr
    assert [one.name for one in home.iterdir()] == ["setup.lock"]


def tools(setup: psutil.Process) -> list[psutil.Process]:
    """What makes the environment for it now; other children are gone as soon as they are seen."""
    found = []
    for child in setup.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [child] if "venv" in child.cmdline() else []
    return found


def first_tool(setup: psutil.Process) -> psutil.Process:
    """Wait for the first one, and halt it."""
    seen: list[psutil.Process] = []

    def came() -> bool:
        for tool in tools(setup):
            with contextlib.suppress(psutil.NoSuchProcess):
                tool.suspend()
                seen.append(tool)
        return bool(seen)

    wait_until(came)
    return seen[0]


def test_a_setup_that_was_killed_is_not_joined(tmp_path: Path) -> None:
    """What it started writes on for a while: the next setup leaves the folder to that until it ends."""
    environment = {"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PIP_NO_INDEX": "1"}
    killed = psutil.Popen([BASH, str(SETUP), "--yes"], env=environment, stdout=subprocess.DEVNULL)
    try:
        tool = first_tool(killed)
    finally:
        killed.kill()
        killed.wait()
    try:
        done = setup(tmp_path, "--yes", PIP_NO_INDEX="1")
        assert (done.returncode, "another setup or update is at work" in done.stderr) == (1, True), done.stderr
    finally:
        for process in [*tool.children(recursive=True), tool]:
            process.kill()
    wait_until(lambda: not held(tmp_path / ".packetbuddy/setup.lock"))
