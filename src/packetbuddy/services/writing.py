"""Files that service managers read: written in one step, and only where they are to say something else."""

import os
from pathlib import Path

from packetbuddy.errors import ServiceError


def read(path: Path) -> str:
    """What the file says; empty without one, or where it is none or nobody may read it."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError:
        return ""


def leave(path: Path, text: str, *, encoding: str = "utf-8", mode: int = 0o644) -> None:
    """The file says this, afterwards. Raises ServiceError."""
    content = text.encode(encoding)
    aside = path.with_name(path.name + ".new")
    try:
        if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)  # whatever it is: a link is not followed, a named pipe not waited for
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor is no path
            file.write(content)
        aside.chmod(mode)
        aside.replace(path)
    except OSError as error:
        raise ServiceError(f"cannot write {path}: {error.strerror or error}") from error


def removed(path: Path) -> bool:
    """The file is gone, afterwards; whether it was there. Raises ServiceError."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ServiceError(f"cannot remove {path}: {error.strerror or error}") from error
    return True
