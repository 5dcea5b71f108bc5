"""A real systemd of a user, in namespaces of its own: nothing of it reaches the machine, and it goes with the test.

::

    with user_systemd(tmp_path) as manager:
        manager.pb("service", "install")             # its own home folder, its own runtime directory
        manager.systemctl("show", "packetbuddy.service")

It has its own mounts (an empty ``/run``), process numbers and cgroup, so commands are run inside with ``nsenter``.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from machine.netns import wait_until

SYSTEMD = pathlib.Path("/lib/systemd/systemd")
CAN_RUN = sys.platform == "linux" and os.geteuid() == 0 and SYSTEMD.exists() and shutil.which("nsenter") is not None

requires_user_systemd = pytest.mark.skipif(
    sys.platform != "linux" or (not CAN_RUN and not os.environ.get("CI")),
    reason="needs root, Linux and an installed systemd to run one of a user",
)

BEGIN = """
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR" && chmod 700 "$XDG_RUNTIME_DIR" || exit 1
for group in $OUR_GROUPS; do mount --bind "$group" "${group%/*}" || exit 1; done
"$0" --user --log-target=console >"$LOG" 2>&1 &
wait
"""
"""``/run/systemd/system`` is how systemctl knows that systemd is there; of the cgroups it sees its own alone."""


class UserSystemd:
    """Owns the namespaces; :meth:`close` ends all that runs in them. ``seconds``: how long a command may take."""

    seconds = 60

    def __init__(self, folder: pathlib.Path) -> None:
        self.user_home = folder / "a höme"
        self.user_home.mkdir()
        self.log = folder / "systemd.log"
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "DBUS_", "COV"))
        }
        self.environment |= {
            "HOME": str(self.user_home),
            "PACKETBUDDY_HOME": str(self.user_home / ".packet buddy"),
            "XDG_RUNTIME_DIR": "/run/user/0",
            "LOG": str(self.log),
        }
        name = f"packetbuddy-{uuid.uuid4().hex[:8]}"
        self._groups = [hierarchy / name for hierarchy in _hierarchies()]
        for group in self._groups:
            group.mkdir()
        self.environment["OUR_GROUPS"] = " ".join(str(group) for group in self._groups)
        self._outside = self._begin()
        self._first = self._first_process()

    @property
    def home(self) -> pathlib.Path:
        """PacketBuddy's."""
        return pathlib.Path(self.environment["PACKETBUDDY_HOME"])

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside."""
        inside = ["nsenter", "-t", str(self._first), "-m", "-p", "-C", "--", *command]
        environment = {**self.environment, **more}
        return subprocess.run(
            inside, env=environment, capture_output=True, text=True, check=False, timeout=self.seconds
        )

    def done(self, *command: str) -> str:
        """Run a command that must succeed; its output."""
        done = self.run(*command)
        assert done.returncode == 0, (command, done.stdout, done.stderr, self.log.read_text(errors="replace")[-2000:])
        return done.stdout

    def pb(self, *arguments: str) -> str:
        """Run ``pb``."""
        return self.done(sys.executable, "-P", "-m", "packetbuddy", *arguments)

    def json(self, *arguments: str) -> dict[str, Any]:
        """The data of a ``pb`` command."""
        return dict(json.loads(self.pb(*arguments, "--json"))["data"])

    def show(self, name: str) -> str:
        """A property of the unit, as systemd tells it."""
        return self.done("systemctl", "--user", "show", "--value", f"--property={name}", "packetbuddy.service").strip()

    def signal(self, name: str, pid: int) -> None:
        """Send a signal to a process inside."""
        self.done("kill", "-s", name, str(pid))

    def wait_for_systemd(self) -> None:
        """Return when it answers."""
        wait_until(lambda: self.run("systemctl", "--user", "is-system-running").stdout.strip() == "running", 60)

    def close(self) -> None:
        """End everything inside: the first process of the namespace takes all others with it."""
        self._outside.kill()
        self._outside.wait()
        with contextlib.suppress(OSError):
            wait_until(self._is_empty)
        for group in self._groups:
            for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
                folder.rmdir()
            group.rmdir()

    def _is_empty(self) -> bool:
        return not any(path.read_text() for group in self._groups for path in group.rglob("cgroup.procs"))

    def _begin(self) -> subprocess.Popen[bytes]:
        command = [
            "unshare",
            "-m",
            "-p",
            "-C",
            "--fork",
            "--mount-proc",
            "--kill-child",
            "sh",
            "-c",
            BEGIN,
            str(SYSTEMD),
        ]
        join = "".join(f'echo $$ >"{group}/cgroup.procs" && ' for group in self._groups) + 'exec "$@"'
        return subprocess.Popen(["sh", "-c", join, "sh", *command], env=self.environment)

    def _first_process(self) -> int:
        children = pathlib.Path(f"/proc/{self._outside.pid}/task/{self._outside.pid}/children")
        wait_until(lambda: bool(children.read_text().split()))
        return int(children.read_text().split()[0])


def _hierarchies() -> list[pathlib.Path]:
    """All in which systemd makes groups; one of version 2 alone, or those of version 1 beside each other.

    ``cpuset`` takes no process before it is told which processors, and systemd leaves it alone.
    """
    root = pathlib.Path("/sys/fs/cgroup")
    if (root / "cgroup.procs").exists():
        return [root]
    return sorted(path.parent for path in root.glob("*/cgroup.procs") if path.parent.name != "cpuset")


@contextlib.contextmanager
def user_systemd(folder: pathlib.Path) -> Iterator[UserSystemd]:
    """A running one."""
    manager = UserSystemd(folder)
    try:
        manager.wait_for_systemd()
        yield manager
    finally:
        manager.close()


def drop_in(manager: UserSystemd, lines: Sequence[str]) -> None:
    """Change the unit for a test, as `systemctl edit` does."""
    folder = manager.user_home / ".config/systemd/user/packetbuddy.service.d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "test.conf").write_text("[Service]\n" + "\n".join(lines) + "\n")
    manager.done("systemctl", "--user", "daemon-reload")
