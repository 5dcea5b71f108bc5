"""The versions in the home: which are whole, which one is current.

``versions/NAME`` is an environment of its own; a file ``complete`` in it says that nothing is missing. ``current``
names the version that the launcher starts: a link on POSIX; on Windows, where links need a privilege, a file that
holds the name. Either is replaced in one step, so any interruption leaves the old version or the new one.
"""

import os
import shutil
from pathlib import Path

from packetbuddy.errors import InstallError
from packetbuddy.installing.running import listen
from packetbuddy.settings.places import Home

_WHOLE = "complete"
_LINKS = os.name == "posix"


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "bin" / "python" if os.name == "posix" else folder / "Scripts" / "python.exe"


def current(home: Home) -> str:
    """The name of the version that is current; empty where none is."""
    pointer = _pointer(home)
    try:
        return str(pointer.readlink()) if _LINKS else pointer.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def make_current(home: Home, name: str) -> None:
    """Let the launcher start this version from now on.

    Raises:
        InstallError: the home cannot be written.
    """
    pointer = _pointer(home)
    fresh = pointer.with_name("current.new")
    try:
        fresh.unlink(missing_ok=True)
        if _LINKS:
            fresh.symlink_to(name)
        else:
            fresh.write_text(f"{name}\n", "ascii")
        fresh.replace(pointer)
    except OSError as error:
        raise InstallError(f"cannot write {pointer}: {error.strerror or error}") from error


def begin_change(home: Home, before: str) -> None:
    """Note which version serves, before another one becomes current: a setup that is killed then has not restarted it.

    Raises:
        InstallError: the home cannot be written.
    """
    try:
        end_change(home)
        _note(home).write_text(f"{before}\n", "ascii")
    except OSError as error:
        raise InstallError(f"cannot write {_note(home)}: {error.strerror or error}") from error


def end_change(home: Home) -> None:
    """What is current serves."""
    _note(home).unlink(missing_ok=True)


def unfinished_from(home: Home) -> str:
    """The version from which a setup that never ended was changing; empty where none was."""
    try:
        return _note(home).read_text("ascii").strip() if _note(home).is_file() else ""
    except (OSError, ValueError):
        return ""


def is_whole(folder: Path) -> bool:
    """Whether nothing is missing and it runs, which a system's upgrade may have changed."""
    if not (folder / _WHOLE).is_file():
        return False
    return listen([python_of(folder), "-I", "-m", "packetbuddy", "--version"]).code == 0


def mark_whole(folder: Path) -> None:
    """Say that nothing is missing."""
    (folder / _WHOLE).touch()


def name_for(home: Home, base: str) -> str:
    """``base``, where that is whole or free, else ``base.2`` and so on: what may be running is never written over.

    What an interrupted setup left, and so never was current, is removed.
    """
    name, repair = base, 1
    while (folder := home.versions / name).exists() and not is_whole(folder):
        if (folder / _WHOLE).exists():
            repair += 1
            name = f"{base}.{repair}"
        else:
            _remove(folder)
    return name


def remove_others(home: Home, *keep: str) -> None:
    """Remove the other versions that were whole once; a half made one may be in the making."""
    for folder in home.versions.iterdir():
        if folder.name not in {"current", *keep} and (folder / _WHOLE).is_file() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)  # Windows keeps what still runs; the next setup gets it


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise InstallError(f"cannot remove {folder}: {error.strerror or error}") from error


def _note(home: Home) -> Path:
    return home.root / "setup.before"


def _pointer(home: Home) -> Path:
    return home.versions / "current"
