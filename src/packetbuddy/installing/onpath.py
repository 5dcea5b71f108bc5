"""``pb`` on PATH, without touching a ``pb`` that is not ours.

POSIX: a link in ``~/.local/bin``. Windows: the home's ``bin`` is added to the account's own Path, of which nothing else
is changed.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from packetbuddy.errors import InstallError
from packetbuddy.settings.places import Home


class OnPath(NamedTuple):
    """How a person calls PacketBuddy in a shell from now on, and what there is to say about it."""

    command: str
    words: tuple[str, ...]


def put_on_path(home: Home, user_home: Path, environment: Mapping[str, str]) -> OnPath:
    """Let ``pb`` be found from everywhere. A folder that cannot be written is told; PacketBuddy counts all the same.

    Raises:
        InstallError: the account's Path on Windows cannot be written.
    """
    if sys.platform == "win32":
        return _in_registry(home)
    link = link_of(user_home)
    if not _is_ours(link, home):
        return OnPath(
            quote(str(home.launcher)), (f"{link} is not PacketBuddy's and is left alone; run {home.launcher}",)
        )
    try:
        _link(link, home.launcher)
    except OSError as error:
        reason = error.strerror or error
        return OnPath(quote(str(home.launcher)), (f"{home.launcher} ({link} cannot be written: {reason})",))
    if str(link.parent) in environment.get("PATH", "").split(os.pathsep):
        return OnPath("pb", (f"pb ({link})",))
    profile = "~/.zprofile" if sys.platform == "darwin" else "~/.profile"
    advice = f"to have pb everywhere, add this line to {profile} and log in again:"
    return OnPath(quote(str(link)), (f"{link}; {advice}", '  export PATH="$HOME/.local/bin:$PATH"'))


def take_off_path(home: Home, user_home: Path) -> str:
    """Undo :func:`put_on_path`; says what is gone, nothing where nothing of this home was there.

    Raises:
        InstallError: the link or the account's Path cannot be changed.
    """
    if sys.platform == "win32":
        return f"{home.bin} in your Path" if _change_registry(lambda path: without_entry(path, str(home.bin))) else ""
    link = link_of(user_home)
    if not link.is_symlink() or link.readlink() != home.launcher:
        return ""
    try:
        link.unlink(missing_ok=True)
    except OSError as error:
        raise InstallError(f"cannot remove {link}: {error.strerror or error}") from error
    return str(link)


def link_of(user_home: Path) -> Path:
    """The link on POSIX."""
    return user_home / ".local" / "bin" / "pb"


def with_entry(path: str, entry: str) -> str:
    """A Windows Path with this folder in it, at its end where it was not; everything else as it is."""
    if _folded(entry) in map(_folded, path.split(";")):
        return path
    return f"{path.rstrip(';')};{entry}" if path.strip("; ") else entry


def without_entry(path: str, entry: str) -> str:
    """A Windows Path without this folder."""
    return ";".join(one for one in path.split(";") if _folded(one) != _folded(entry))


def _folded(entry: str) -> str:
    return entry.strip().strip('"').rstrip("\\").lower()


def _is_ours(link: Path, home: Home) -> bool:
    """Free, or a link to a PacketBuddy's launcher; an older home's is taken over."""
    if not link.is_symlink():
        return not link.exists()
    target = link.readlink()
    return target == home.launcher or target.parts[-3:] == (".packetbuddy", "bin", "pb")


def _link(link: Path, target: Path) -> None:
    for folder in (link.parent.parent, link.parent):
        if not folder.is_dir():
            folder.mkdir()
            folder.chmod(0o755)  # other programs of this person come here too
    fresh = link.with_name(".pb.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


if sys.platform == "win32":
    import ctypes
    import winreg
    from collections.abc import Callable

    def _in_registry(home: Home) -> OnPath:
        if _change_registry(lambda path: with_entry(path, str(home.bin))):
            return OnPath("pb", (f"pb, in windows opened from now on ({home.bin} is added to your Path)",))
        return OnPath("pb", (f"pb ({home.launcher})",))

    def _change_registry(change: Callable[[str], str]) -> bool:
        rights = winreg.KEY_READ | winreg.KEY_WRITE
        try:
            with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, "Environment", 0, rights) as key:
                path, kind = _path_in(key)
                if (changed := change(path)) == path:
                    return False
                winreg.SetValueEx(key, "Path", 0, kind, changed)
        except OSError as error:
            raise InstallError(f"your Path cannot be changed: {error.strerror or error}") from error
        # Explorer hears of it, so that new windows have it: WM_SETTINGCHANGE to all, abandoned where one hangs.
        ctypes.windll.user32.SendMessageTimeoutW(0xFFFF, 0x1A, 0, "Environment", 2, 1000, None)
        return True

    def _path_in(key: winreg.HKEYType) -> tuple[str, int]:
        try:
            return winreg.QueryValueEx(key, "Path")
        except FileNotFoundError:
            return "", winreg.REG_EXPAND_SZ
