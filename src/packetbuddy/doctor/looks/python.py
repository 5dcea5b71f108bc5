"""The interpreter that runs this, and whether what PacketBuddy needs can be loaded by it."""

import sys
from importlib import import_module
from importlib.util import cache_from_source
from pathlib import Path

import packetbuddy
from packetbuddy.doctor.facts import Python
from packetbuddy.storage.examining import sqlite_version

LIBRARIES = ("h11", "msgspec", "psutil", "starlette", "tomlkit", "uvicorn")
"""What the dashboard, the API and `pb config set` load; the monitor needs none of them on Linux."""


def look() -> Python:
    """Load every library once: a package that is there may still not load."""
    package = Path(packetbuddy.__file__).parent
    compiled = (Path(cache_from_source(str(each))) for each in (package / "monitor").glob("*.py"))
    return Python(
        version=sys.version_info[:3],
        sqlite=sqlite_version(),
        executable=sys.executable,
        package=package,
        unimportable=tuple((name, why) for name in LIBRARIES if (why := _refusal(name))),
        uncompiled=not any(_is_there(each) for each in compiled),
    )


def _is_there(path: Path) -> bool:
    """Byte code that this user may not read is as good as none."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


def _refusal(name: str) -> str:
    try:
        import_module(name)
    except (ImportError, OSError, SyntaxError, AttributeError) as error:  # what a half-installed package does
        return str(error) or type(error).__name__
    return ""
