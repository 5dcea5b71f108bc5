"""Whose PacketBuddy this would become: the account that setup runs as, and the person who sits there."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from packetbuddy.errors import InstallError


def check_account(environment: Mapping[str, str], user_home: Path) -> str:
    """A word of warning, or nothing.

    Raises:
        InstallError: PacketBuddy would count for another account than that of the person who asked for it.
    """
    if sys.platform == "win32":
        return judge_windows(_process_account(), _session_account())
    person = environment.get("SUDO_USER", "")
    owns_home = not user_home.exists() or user_home.stat().st_uid == os.geteuid()
    return judge_posix(person, is_root=os.geteuid() == 0, owns_home=owns_home)


def judge_windows(process: str, session: str) -> str:
    """The same account, elevated or not, is fine; a session without a person (ssh, a service) too."""
    if session and process.lower() != session.lower():
        raise InstallError(
            f"this window runs as {process}, but {session} is logged in here; PacketBuddy would count for {process}",
            f"run it again as {session}, not as administrator; no such rights are needed",
        )
    return ""


def judge_posix(person: str, *, is_root: bool, owns_home: bool) -> str:
    """Root for its own sake is fine, also through sudo; in somebody else's folder it would lock that person out."""
    if is_root and not owns_home:
        raise InstallError("this is root, in the home folder of another account", "run it again without sudo")
    if is_root and person not in {"", "root"}:
        return f"this installs PacketBuddy for root, not for {person}; for {person} run it without sudo"
    return ""


if sys.platform == "win32":
    import ctypes
    from ctypes import byref, c_ulong, c_wchar_p, create_unicode_buffer

    _CURRENT_SESSION, _USER_NAME = c_ulong(0xFFFFFFFF), 5

    def _process_account() -> str:
        name, size = create_unicode_buffer(257), c_ulong(257)
        return name.value if ctypes.windll.advapi32.GetUserNameW(name, byref(size)) else ""

    def _session_account() -> str:
        """Who is logged in to this session, by the terminal services that every Windows has."""
        name, size, services = c_wchar_p(), c_ulong(), ctypes.windll.wtsapi32
        if not services.WTSQuerySessionInformationW(None, _CURRENT_SESSION, _USER_NAME, byref(name), byref(size)):
            return ""
        found = name.value or ""
        services.WTSFreeMemory(name)
        return found
