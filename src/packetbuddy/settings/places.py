"""The places of PacketBuddy's home folder, and making it safe to use."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import HomeError
from packetbuddy.settings.mounts import foreign_mount

_ELSEWHERE = "Set PACKETBUDDY_HOME to a folder on a local disk that you may write to."


class Home(NamedTuple):
    """The folder that holds everything. Naming a place creates nothing."""

    root: Path

    @property
    def config(self) -> Path:
        """The settings that a person edits."""
        return self.root / "config.toml"

    @property
    def ledger(self) -> Path:
        """The SQLite ledger."""
        return self.root / "packetbuddy.db"

    @property
    def cache(self) -> Path:
        """Answers that can be worked out again, written by readers."""
        return self.root / "packetbuddy-cache.db"

    @property
    def device_id(self) -> Path:
        """The random identity of this device."""
        return self.root / "device_id"

    @property
    def stderr_log(self) -> Path:
        """All log lines."""
        return self.root / "stderr.log"

    @property
    def stdout_log(self) -> Path:
        """What the service printed."""
        return self.root / "stdout.log"

    @property
    def lock(self) -> Path:
        """Held by the one monitor that owns the ledger."""
        return self.root / "monitor.lock"

    @property
    def sync_lock(self) -> Path:
        """Held by the one run that meets the shared database."""
        return self.root / "sync.lock"

    @property
    def looking(self) -> Path:
        """Its time says when somebody last looked at a live page; it holds nothing."""
        return self.root / "looking"

    @property
    def alerts_lock(self) -> Path:
        """Held by the one that sends alerts."""
        return self.root / "alerts.lock"

    @property
    def pid(self) -> Path:
        """Process number of the monitor."""
        return self.root / "monitor.pid"

    @property
    def api_pid(self) -> Path:
        """Process number of the API while it is awake."""
        return self.root / "api.pid"

    @property
    def supervisor_pid(self) -> Path:
        """Process number of the shell supervisor, where there is no service manager."""
        return self.root / "supervisor.pid"

    @property
    def backups(self) -> Path:
        """Folder of the daily backups and of files set aside."""
        return self.root / "backups"

    @property
    def versions(self) -> Path:
        """Folder of installed code, one folder a version."""
        return self.root / "versions"

    @property
    def bin(self) -> Path:
        """Folder of the stable launcher."""
        return self.root / "bin"

    @property
    def launcher(self) -> Path:
        """What service files start."""
        return self.bin / ("pb.cmd" if os.name == "nt" else "pb")


def own_folder(environment: Mapping[str, str]) -> Path:
    """The user's own folder: ``HOME``, or what the account says where that is not set, empty or no full path.

    Raises:
        HomeError: nobody knows one.
    """
    asked = environment.get("HOME", "")
    if os.name == "posix" and asked.startswith("/"):
        return Path(asked)
    found = _of_account()
    if found is None or not found.is_absolute():
        raise HomeError("no home folder is known", "Set HOME, or PACKETBUDDY_HOME, to a folder of yours")
    return found


def home_from(environment: Mapping[str, str], user_home: Path) -> Home:
    """The home that the environment asks for: ``PACKETBUDDY_HOME``, else ``.packetbuddy`` in the user's own folder.

    A ``~`` at the start means ``user_home``; a relative path is taken from the working directory.
    """
    asked = environment.get("PACKETBUDDY_HOME", "").strip()
    if not asked:
        return Home(user_home.absolute() / ".packetbuddy")
    if asked == "~" or asked.startswith(("~/", "~\\")):
        return Home(user_home.absolute() / asked[2:])
    return Home(Path(asked).absolute())


def _of_account() -> Path | None:
    if sys.platform == "win32":
        try:
            return Path.home()
        except RuntimeError:
            return None
    import pwd  # noqa: PLC0415 - exists on POSIX only

    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:  # a container's bare number
        return None


def fits_a_line(path: str) -> bool:
    """Whether a line of UTF-8 can hold the path, as service files, the launcher and the log have to."""
    return not any(
        letter < " " or "\x7f" <= letter <= "\x9f" or "\ud800" <= letter <= "\udfff" or letter in "\u2028\u2029"
        for letter in path
    )


def ensure(home: Home) -> None:
    """Make the home exist, private and writable. An existing home's files that are open to others are closed to them.

    Raises:
        HomeError: not a folder, no permission, read-only, on a network or Windows drive mount, or a name of strange
            letters.
    """
    if not fits_a_line(str(home.root)):
        raise HomeError(f"{str(home.root)!r} cannot be written into a text file", _ELSEWHERE)
    strange = foreign_mount(home.root)
    if strange:
        raise HomeError(f"{home.root} is on a {strange}, where a database is not safe.", _ELSEWHERE)
    try:
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix":
            _refuse_read_only(home.root)
            _close_to_others(home)
    except OSError as error:
        raise HomeError(_words(home.root, error), _ELSEWHERE) from error
    if not os.access(home.root, os.W_OK | os.X_OK):
        raise HomeError(f"{home.root} cannot be written: permission denied.", _ELSEWHERE)
    refuse_other_owner(home)


def refuse_other_owner(home: Home) -> None:
    """Its owner could replace any file in it under us, which matters when we are root, and would be locked out of ours.

    Raises:
        HomeError: it is another user's, or gone.
    """
    try:
        owner = home.root.stat().st_uid
    except OSError as error:
        raise HomeError(_words(home.root, error), _ELSEWHERE) from error
    if os.name == "posix" and owner != os.geteuid():
        raise HomeError(f"{home.root} belongs to another user", _ELSEWHERE)


def _words(root: Path, error: OSError) -> str:
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return f"{root} is not a folder."
    if isinstance(error, PermissionError):
        return f"{root} cannot be made or opened: permission denied."
    if error.errno == errno.EROFS:
        return f"{root} is on a read-only file system."
    return f"{root} cannot be used: {error.strerror or error}."


def _refuse_read_only(root: Path) -> None:
    if os.statvfs(root).f_flag & os.ST_RDONLY:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def _close_to_others(home: Home) -> None:
    """Take everybody else's rights from the home, but never from a shared folder that is not a home (``/tmp``)."""
    names = set(os.listdir(home.root))  # noqa: PTH208 - names are compared, not opened
    ours = {home.config.name, home.ledger.name, home.device_id.name, home.lock.name, home.stderr_log.name}
    if names and not names & ours:
        return
    _tighten(home.root, 0o700)
    for name in names & ours | {name for name in names if name.startswith("packetbuddy")}:
        with suppress(FileNotFoundError):  # what stands beside a database comes and goes
            _tighten(home.root / name, 0o600)


def _tighten(path: Path, mode: int) -> None:
    found = path.lstat()
    regular = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    shared = found.st_mode & stat.S_ISVTX
    if regular and not shared and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(mode)
