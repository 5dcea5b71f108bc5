"""Where the code of a version came from: written down beside it, because its folder may be gone tomorrow."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import InstallError
from packetbuddy.installing.running import listen

_NAME = "origin.json"
QUIET = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
"""What git is told before its verb: nothing of a repository is run."""
_LEAD_ELSEWHERE = "GIT_"
_STAY = ("GIT_SSH", "GIT_SSL_", "GIT_HTTP_", "GIT_PROXY_", "GIT_CONFIG_", "GIT_ALLOW_PROTOCOL", "GIT_EXEC_PATH")


class Origin(NamedTuple):
    """What a copy is a copy of.

    ``kind`` is ``git`` (a clone; ``url`` is where it was cloned from, empty where it has no remote), ``index`` (a
    package index), ``folder`` (a ZIP, an archive: nobody knows) or ``checkout`` (somebody develops in it).
    ``edited`` says that the clone held what its ``commit`` does not.
    """

    kind: str
    url: str = ""
    commit: str = ""
    edited: bool = False


def observed(root: Path) -> Origin:
    """The origin of a folder of code. A folder that merely lies within somebody's repository is no clone."""
    top = _git(root, "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != root.resolve():
        return Origin("folder")
    return Origin("git", _upstream(root), _git(root, "rev-parse", "-q", "--verify", "HEAD^{commit}"), _is_edited(root))


def write_origin(folder: Path, origin: Origin) -> None:
    """Write it into a version's folder, in one step.

    Raises:
        InstallError: the folder cannot be written.
    """
    fresh = folder / f"{_NAME}.new"
    try:
        fresh.write_text(json.dumps(origin._asdict()), "utf-8")
        fresh.chmod(0o600)  # the address may hold a password
        fresh.replace(folder / _NAME)
    except OSError as error:
        raise InstallError(f"cannot write {folder / _NAME}: {error.strerror or error}") from error


def read_origin(folder: Path) -> Origin | None:
    """What was written down; ``None`` where nothing was, or nothing that makes sense."""
    try:
        told = json.loads((folder / _NAME).read_text("utf-8"))
        return Origin(str(told["kind"]), str(told["url"]), str(told["commit"]), told["edited"] is not False)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def for_git(environment: Mapping[str, str]) -> dict[str, str]:
    """A person's settings, keys and proxies hold; variables that lead git to another repository (a hook's) do not."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(_LEAD_ELSEWHERE) or name.startswith(_STAY)
    }


def _upstream(root: Path) -> str:
    """Where the branch comes from, else ``origin``; a folder by its full name, since we shall be somewhere else."""
    branch = _git(root, "symbolic-ref", "--short", "-q", "HEAD")
    remote = _git(root, "config", f"branch.{branch}.remote") if branch else ""
    url = _git(root, "remote", "get-url", remote if remote not in {"", "."} else "origin")
    return str((root / url).resolve()) if url and (root / url).exists() else url


def _is_edited(root: Path) -> bool:
    """Changed files, and new ones where they would be installed."""
    return bool(
        _git(root, "status", "--porcelain", "--untracked-files=no")
        or _git(root, "ls-files", "--others", "--exclude-standard", "--", "src")
    )


def _git(root: Path, *words: str) -> str:
    """What git says; empty where it refuses or is not installed.

    A clone that another account owns will do: what is asked about is installed by the one who asks.
    """
    command = ("git", "--no-optional-locks", *QUIET, "-c", "safe.directory=*", "-C", str(root), *words)
    said = listen(command, for_git(os.environ))
    return said.text if said.code == 0 else ""
