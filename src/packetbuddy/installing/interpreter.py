"""The Python that will run PacketBuddy for years: what it must have, and under which name it stays."""

import sys
from importlib.util import find_spec
from pathlib import Path

from packetbuddy.errors import InstallError
from packetbuddy.installing.running import listen

_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


def check() -> None:
    """See that the Python that runs now can make environments and open databases.

    Raises:
        InstallError: it cannot, and the package to install.
    """
    minor = f"3.{sys.version_info.minor}"
    if not (_has("venv") and _has("ensurepip")):
        raise InstallError(
            f"this Python ({sys.executable}) cannot make virtual environments",
            f"install the package python3-venv (or python{minor}-venv), for example: apt install python3-venv",
        )
    if not _has("_sqlite3"):
        raise InstallError(
            f"this Python ({sys.executable}) was built without SQLite",
            "use the system's Python, or one from https://www.python.org/downloads/",
        )


def lasting() -> Path:
    """The interpreter to build on: not that of an environment that somebody is in, and by the name of its version.

    ``/usr/bin/python3`` is another Python after the system's next release, and an environment made with it breaks in
    a way that is hard to read; ``/usr/bin/python3.11`` is either the same or gone, which the launcher can tell.
    """
    base = Path(getattr(sys, "_base_executable", None) or sys.executable)
    version = "{}.{}".format(*sys.version_info)
    named = base.with_name(f"python{version}")
    return named if named != base and listen([named, "-I", "-c", _VERSION]).text == version else base


def _has(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ValueError:  # a module that was put out of the way
        return False
