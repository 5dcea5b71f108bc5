"""Which program the service managers start: one whose path stays the same when PacketBuddy is upgraded."""

import filecmp
import os
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from packetbuddy.settings.places import Home

_NAME = "pb.exe" if os.name == "nt" else "pb"
_FOLDER = "Scripts" if os.name == "nt" else "bin"


def program_for(home: Home, environment: Mapping[str, str], prefix: Path | None = None) -> tuple[str, ...]:
    """The command line that is ``pb``.

    Where pipx or uv installed the code that runs now (``prefix`` is its environment), their stable shim: they upgrade
    behind it. Else the home's own launcher; else the code that runs now, which is a checkout.
    """
    if shim := tool_shim(prefix or Path(sys.prefix), environment):
        return (str(shim),)
    if os.access(home.launcher, os.X_OK):
        return (str(home.launcher),)
    return (sys.executable, "-P", "-m", "packetbuddy")


def tool_shim(prefix: Path, environment: Mapping[str, str]) -> Path | None:
    """The ``pb`` that pipx or uv put on PATH for this environment; ``None`` where neither made it.

    Both leave a note in the environments they make. A shim that cannot be found is replaced by what it leads to, whose
    path stays the same as well.
    """
    inside = prefix / _FOLDER / _NAME
    if (prefix / "uv-receipt.toml").is_file():
        candidates = _of_uv(prefix / "uv-receipt.toml")
    elif (prefix / "pipx_metadata.json").is_file():
        candidates = _of_pipx(environment)
    else:
        return None
    return next((one for one in candidates if _leads_to(one, inside)), inside)


def _of_uv(receipt: Path) -> Iterator[Path]:
    """The tool writes down where it put what."""
    try:
        tool = tomllib.loads(receipt.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError):
        return
    for entry in tool.get("entrypoints", []):
        if Path(str(entry.get("install-path", ""))).name == _NAME:
            yield Path(entry["install-path"])


def _of_pipx(environment: Mapping[str, str]) -> Iterator[Path]:
    """It does not say: its folder for shims is a setting, on PATH, or the usual one."""
    if folder := environment.get("PIPX_BIN_DIR"):
        yield Path(folder) / _NAME
    if found := shutil.which(_NAME, path=environment.get("PATH", "")):
        yield Path(found)
    yield Path(environment.get("USERPROFILE" if os.name == "nt" else "HOME", "")) / ".local" / "bin" / _NAME


def _leads_to(shim: Path, target: Path) -> bool:
    """A link on POSIX, on Windows a copy."""
    try:
        return shim.samefile(target) or (os.name == "nt" and filecmp.cmp(shim, target, shallow=False))
    except OSError:
        return False
