"""The home folder, as the file system tells it."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import disk_usage

from packetbuddy.doctor.facts import Place
from packetbuddy.settings.mounts import foreign_mount
from packetbuddy.settings.places import Home

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def look(home: Home, environment: Mapping[str, str], user_home: Path) -> Place:
    """The folder, its owner, its rights, its room."""
    default = Home(user_home / ".packetbuddy")
    kind, found = _kind(home.root)
    bare = Place(
        root=home.root,
        kind=kind,
        asked=environment.get("PACKETBUDDY_HOME", "").strip(),
        default=default.root,
        default_used=_exists(default.ledger),
        mount=foreign_mount(home.root),
    )
    if found is None or kind != "folder":
        return bare
    writable = os.access(home.root, os.W_OK | os.X_OK)
    bare = bare._replace(writable=writable, unwritable=tuple(_unwritable(home)) if writable else ())
    bare = _with_room(bare)
    return _with_rights(bare, home, found) if os.name == "posix" else bare


def _kind(root: Path) -> tuple[str, os.stat_result | None]:
    try:
        found = root.stat()
    except FileNotFoundError:
        return "missing", None
    except NotADirectoryError:
        return "other", None
    except OSError:
        return "closed", None
    return ("folder" if stat.S_ISDIR(found.st_mode) else "other"), found


def _unwritable(home: Home) -> Iterator[str]:
    for path in (home.ledger, home.lock, home.stderr_log):
        if _exists(path) and not os.access(path, os.W_OK):
            yield path.name


def _with_room(place: Place) -> Place:
    try:
        place = place._replace(free_bytes=disk_usage(place.root).free)
        if os.name != "posix":
            return place
        room = os.statvfs(place.root)
    except OSError:
        return place
    return place._replace(
        read_only=bool(room.f_flag & os.ST_RDONLY), free_files=room.f_favail if room.f_files else None
    )


def _with_rights(place: Place, home: Home, found: os.stat_result) -> Place:
    foreign = found.st_uid != os.geteuid()
    return place._replace(foreign=foreign, open_to_others=() if foreign else tuple(_open(home, found)))


def _open(home: Home, found: os.stat_result) -> Iterator[str]:
    """What `ensure` closes at the next start, and what is in the ledger's companions."""
    if found.st_mode & OTHERS and not found.st_mode & stat.S_ISVTX:
        yield str(home.root)
    ledger = home.ledger.name
    for name in (home.config.name, ledger, f"{ledger}-wal", f"{ledger}-shm", home.device_id.name, home.backups.name):
        try:
            mode = (home.root / name).lstat().st_mode
        except OSError:
            continue
        if mode & OTHERS and not stat.S_ISLNK(mode):
            yield str(home.root / name)


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except OSError:
        return False
    return True
