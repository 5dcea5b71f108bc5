"""The installed code and the ways into it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from packetbuddy.doctor.facts import Launcher
from packetbuddy.settings.places import Home

TRY_SECONDS = 20.0
ABSENT, FINE, BROKEN = "absent", "fine", "broken"


def look(home: Home, environment: Mapping[str, str], user_home: Path) -> Launcher:
    """The launcher, the version that is current, its interpreter, and what a terminal finds as `pb`."""
    link = user_home / ".local" / "bin" / "pb"
    current = home.versions / "current"
    version = _version(current)
    interpreter = version / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    found = shutil.which("pb", path=environment.get("PATH", ""))
    return Launcher(
        launcher=home.launcher,
        launcher_state=_state(home.launcher, usable=os.access(home.launcher, os.X_OK)),
        current=current,
        current_state=_state(current, usable=_is_folder(version)),
        interpreter=interpreter,
        interpreter_state=_interpreter(version, interpreter),
        link=link,
        link_target=_target(link),
        link_state=_state(link, usable=os.access(link, os.X_OK)),
        first_on_path=Path(found) if found else None,
        first_is_ours=found is not None and Path(found).resolve() == home.launcher.resolve(),
    )


def _state(path: Path, *, usable: bool) -> str:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    except OSError:
        return BROKEN
    return FINE if usable else BROKEN


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # somewhere above, this user may not look
        return False


def _version(current: Path) -> Path:
    """Where the pointer leads: a link, or on Windows, where links need rights, a file that names the folder."""
    try:
        return current.parent / current.read_text(encoding="utf-8").strip() if current.is_file() else current
    except (OSError, ValueError):
        return current


def _interpreter(version: Path, interpreter: Path) -> str:
    """Whether the installed Python runs the installed code: after an upgrade of the system's Python it may not."""
    if not _is_folder(version):
        return ABSENT
    if Path(sys.prefix).resolve() == version.resolve():
        return FINE
    command = [str(interpreter), "-I", "-B", "-c", "import packetbuddy.monitor.main"]
    try:
        done = subprocess.run(  # noqa: S603 - the installed interpreter, as the service starts it
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TRY_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return BROKEN
    return FINE if done.returncode == 0 else BROKEN


def _target(link: Path) -> Path | None:
    try:
        return link.parent / link.readlink()
    except OSError:
        return None
