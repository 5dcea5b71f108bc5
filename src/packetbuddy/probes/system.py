"""The operating system's and the machine's names, as people know them."""

import os
import socket
import sys

SYSTEMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}


def system_name() -> str:
    """Linux, macOS, Windows, or what Python calls it."""
    return SYSTEMS.get(sys.platform, sys.platform)


def host_name() -> str:
    """The machine's name: nice to show, never an identity."""
    return os.uname().nodename if hasattr(os, "uname") else socket.gethostname()
