"""Deleting a home, and nothing else: the last thing that PacketBuddy does on a computer."""

import fnmatch
import os
import shutil
from pathlib import Path

from packetbuddy.errors import HomeError

OURS = (
    "config.toml*", "device_id*", "packetbuddy*", "backups", "versions", "bin", "*.log", "*.log.[0-9]", "*.lock",
    "*.pid", "service.*", "watchdog.*", "setup.*", "update*", "looking",
)  # fmt: skip
"""Names in a home that PacketBuddy gives. What else is there belongs to somebody else and stays."""
SIGNS = ("packetbuddy.db", "monitor.lock", "device_id", "bin/pb", "bin/pb.cmd")
"""One of these makes a folder a home."""


def refusal(root: Path, user_home: Path) -> None:
    """See that this is a home that may be deleted; one that is gone already is fine.

    Raises:
        HomeError: it is not, and why.
    """
    if not root.exists():
        return
    place = root.resolve()
    if place == user_home.resolve() or place in user_home.resolve().parents or place.parent == place:
        raise HomeError(
            f"{root} is no folder of PacketBuddy's alone and is not deleted", "delete what is in it by hand"
        )
    if not any((root / sign).exists() for sign in SIGNS):
        raise HomeError(f"{root} holds nothing of PacketBuddy and is not deleted", "set PACKETBUDDY_HOME to its home")
    if os.name == "posix" and root.stat().st_uid != os.geteuid():
        raise HomeError(f"{root} belongs to another user", "use the account that it belongs to")


def purge(root: Path) -> tuple[str, ...]:
    """Delete the home; the names of what is not PacketBuddy's and stays, with the folder.

    Raises:
        HomeError: something cannot be deleted.
    """
    if not root.exists():
        return ()
    try:
        names = sorted(os.listdir(root))  # noqa: PTH208 - names are compared, not opened
        for name in names:
            if _is_ours(name):
                _delete(root / name)
        left = tuple(name for name in names if not _is_ours(name))
        if not left:
            _remove_folder(root)
    except OSError as error:
        raise HomeError(f"{error.filename or root} cannot be deleted: {error.strerror or error}") from error
    return left


def _is_ours(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in OURS)


def _delete(path: Path) -> None:
    """A link is deleted, not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _remove_folder(root: Path) -> None:
    """A home may be a link to a folder on another disk."""
    root.resolve().rmdir()
    if root.is_symlink():
        root.unlink()
