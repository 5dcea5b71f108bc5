"""The stable launcher in the home's ``bin``: service files and links point at it, whatever the current version is."""

import os
import shlex
import sys
from pathlib import Path

from packetbuddy.errors import InstallError
from packetbuddy.settings.places import Home

SETUP = {
    "darwin": "./service/macos/setup.sh",
    "win32": "service\\windows\\setup.bat",
}.get(sys.platform, "bash service/linux/setup.sh")
"""How setup is called on this system."""


def launcher_text(home: Home) -> str:
    """The launcher of this home, for this system."""
    if os.name != "posix":
        return Path(__file__).with_name("launcher.cmd").read_text("utf-8")
    template = Path(__file__).with_name("launcher.sh").read_text("utf-8")
    return template.replace("@HOME@", shlex.quote(str(home.root))).replace("@SETUP@", SETUP)


def write_launcher(home: Home) -> None:
    """Write it in one step, where it is not there as it should be: Windows reads on in a file that it is running.

    Raises:
        InstallError: the home cannot be written.
    """
    text = launcher_text(home).encode()
    if os.name != "posix":
        text = text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    try:
        if home.launcher.is_file() and home.launcher.read_bytes() == text and os.access(home.launcher, os.X_OK):
            return
        home.bin.mkdir(mode=0o700, exist_ok=True)
        fresh = home.launcher.with_suffix(".new")
        fresh.unlink(missing_ok=True)  # whatever it is: a link is not followed, a named pipe not waited for
        fresh.write_bytes(text)
        fresh.chmod(0o700)
        fresh.replace(home.launcher)
    except OSError as error:
        raise InstallError(f"cannot write {home.launcher}: {error.strerror or error}") from error
