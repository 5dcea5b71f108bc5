"""The versions in the home: which are whole, which one is current.

``versions/NAME`` is an environment of its own; a file ``complete`` in it says that nothing is missing. A pointer (see
:mod:`~packetbuddy.settings.pointers`) is replaced in one step, so any interruption leaves the old version or the new.
"""

import contextlib
import os
import shutil
from pathlib import Path

from packetbuddy.errors import InstallError
from packetbuddy.installing.running import listen
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import CURRENT, LINKS, PREVIOUS, TRIAL

_POINTERS = frozenset({CURRENT, TRIAL, PREVIOUS})
_WHOLE, _GONE = "complete", ".gone"
TRY_SECONDS = 60.0


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "bin" / "python" if os.name == "posix" else folder / "Scripts" / "python.exe"


def make_current(home: Home, name: str) -> None:
    """Let the launcher start this version from now on; a trial is over then.

    Raises:
        InstallError: the home cannot be written.
    """
    point(home, CURRENT, name)
    forget(home, TRIAL)


def point(home: Home, pointer: str, name: str) -> None:
    """Let a pointer lead to this version, in one step.

    Raises:
        InstallError: the home cannot be written.
    """
    path = home.versions / pointer
    fresh = path.with_name(f"{pointer}.new")
    try:
        fresh.unlink(missing_ok=True)
        if LINKS:
            fresh.symlink_to(name)
        else:
            fresh.write_text(f"{name}\n", "ascii")
        fresh.replace(path)
    except OSError as error:
        raise InstallError(f"cannot write {path}: {error.strerror or error}") from error


def forget(home: Home, pointer: str) -> None:
    """Let a pointer lead nowhere.

    Raises:
        InstallError: the home cannot be written.
    """
    path = home.versions / pointer
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise InstallError(f"cannot remove {path}: {error.strerror or error}") from error


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
    """Whether nothing is missing and it runs, which a system's upgrade may have changed.

    A link leads to an environment that somebody else made and keeps whole.
    """
    if not (folder / _WHOLE).is_file() and not leads_elsewhere(folder):
        return False
    return listen([python_of(folder), "-I", "-m", "packetbuddy", "--version"], seconds=TRY_SECONDS).code == 0


def leads_elsewhere(folder: Path) -> bool:
    """Whether this is a link (on Windows a junction) to an environment outside ``versions``."""
    return folder.resolve().parent != folder.parent.resolve()


def mark_whole(folder: Path) -> None:
    """Say that nothing is missing, once it is on the disk: a power cut leaves no version that only seems whole."""
    if os.name == "posix":
        os.sync()
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


def free_name(home: Home, base: str) -> str:
    """``base``, where nothing lies there, else ``base.2`` and so on; what an interruption left is removed."""
    name, number = base, 1
    while (folder := home.versions / name).exists():
        if (folder / _WHOLE).exists() or leads_elsewhere(folder):
            number += 1
            name = f"{base}.{number}"
        else:
            _remove(folder)
    return name


def set_aside(home: Home, *keep: str) -> list[Path]:
    """Take the other versions that were whole once out of the way, at once; returns what is left to be deleted.

    A half made one may be in the making, and is not touched; Windows keeps what still runs, and the next one gets it.
    """
    aside = []
    for folder in home.versions.iterdir():
        if folder.name in {*_POINTERS, *keep} or folder.is_symlink() or not (folder / _WHOLE).is_file():
            continue
        gone = folder if folder.suffix == _GONE else folder.with_name(f"{folder.name}{_GONE}")
        with contextlib.suppress(OSError):
            folder.rename(gone)
            aside.append(gone)
    return aside


def remove_others(home: Home, *keep: str) -> None:
    """Remove the other versions that were whole once."""
    for folder in set_aside(home, *keep):
        shutil.rmtree(folder, ignore_errors=True)


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise InstallError(f"cannot remove {folder}: {error.strerror or error}") from error


def _note(home: Home) -> Path:
    return home.root / "setup.before"
