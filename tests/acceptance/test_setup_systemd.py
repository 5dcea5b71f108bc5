"""Setup where a service manager is: a real systemd of a user."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from acceptance.newcomers import alone, change_both, copy_code, install_copy
from machine.netns import wait_until
from machine.user_systemd import UserSystemd, requires_user_systemd, user_systemd
from unit.ports import free_port

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, pytest.mark.timeout(900), requires_user_systemd]


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[UserSystemd]:
    with user_systemd(tmp_path) as manager:
        manager.seconds = 250
        manager.home.mkdir(mode=0o700)
        (manager.home / "config.toml").write_text(f"[api]\nport = {free_port()}\n")
        yield manager


class Desk:
    """A clone, and the one command in it."""

    def __init__(self, manager: UserSystemd, clone: Path, wheels: Path) -> None:
        self._manager, self.clone = manager, clone
        self._path = f"{Path(sys.base_prefix) / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin"
        self._pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels.as_uri(), "PIP_CONFIG_FILE": os.devnull}
        copy_code(clone)

    def run(self) -> subprocess.CompletedProcess[str]:
        """One setup, whatever it comes to."""
        script = str(self.clone / "service/linux/setup.sh")
        return self._manager.run("bash", script, "--yes", PATH=self._path, **self._pip)

    def setup(self, code: int = 0) -> str:
        """All that it says."""
        done = self.run()
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def killed_setup(self, current: Path) -> None:
        """Ends as soon as another version is current; on a busy machine it may come to its end before."""
        before, script = current.readlink(), str(self.clone / "service/setup.py")
        with ThreadPoolExecutor(1) as pool:
            ended = pool.submit(self.run)
            wait_until(lambda: bool(_running(script)) or ended.done(), 60)
            running = _running(script)
            wait_until(lambda: current.readlink() != before, 60)
            for process in running:
                with contextlib.suppress(psutil.NoSuchProcess):  # it has come to its end meanwhile
                    process.kill()
            assert ended.result().returncode in {0, -signal.SIGKILL, 128 + signal.SIGKILL}


def test_versions_come_and_go_under_systemd(manager: UserSystemd, tmp_path: Path, wheels: Path, version: Path) -> None:
    """Registered on the launcher; again disturbs nothing; a new version is started, a bad one is gone back from.

    A setup that is killed after the new version became current, before it was started, is finished by the next one.
    """
    desk, home = Desk(manager, tmp_path / "clone", wheels), manager.home
    install_copy(version, home)
    said = desk.setup()
    assert "Registered: systemd, " in said
    assert "Auto-start: yes, when you log in" in said
    assert str(home / "bin/pb") in manager.show("ExecStart")
    first = manager.show("MainPID")
    assert "Already installed" in desk.setup()
    assert manager.show("MainPID") == first

    change_both(desk.clone, home / "versions" / version.name, "__init__.py", '"""A newer version of the code."""\n')
    desk.killed_setup(home / "versions/current")
    assert "Already installed" in desk.setup()
    second, name = manager.show("MainPID"), (home / "versions/current").readlink()
    assert second != first
    assert str(name) in Path(f"/proc/{_monitor(home)}/cmdline").read_text()

    change_both(desk.clone, home / "versions" / name, "monitor/main.py", "\nraise SystemExit(78)\n")
    assert f"back to {name}" in desk.setup(code=1)
    assert (home / "versions/current").readlink() == name
    assert manager.show("ActiveState") == "active"
    assert manager.show("MainPID") != second

    manager.done(str(home / "bin/pb"), "service", "uninstall", "--purge", "--yes")
    assert manager.show("LoadState") == "not-found"
    left = [path.name for path in manager.user_home.rglob("*") if path.is_file() and ".cache" not in path.parts]
    assert left == []


def _running(script: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter(["cmdline"]) if script in (process.info["cmdline"] or ())]


def _monitor(home: Path) -> int:
    """The number, out here, of the only process that counts for this home."""
    words = str(home).encode()
    (pid,) = alone(
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and _is_serving(folder / "cmdline", words)
    )
    return pid


def _is_serving(line: Path, home: bytes) -> bool:
    try:
        words = line.read_bytes()
    except OSError:
        return False
    return home in words.split(b"\0")[0] and words.endswith(b"\0serve\0")
