"""The ways to a person: the system's own notifications, a notification URL, a command. Each is tried once and timed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from json import dumps
from pathlib import Path
from typing import NamedTuple

from packetbuddy.settings.commandline import mask_program, without_words, words_of
from packetbuddy.settings.model import Alerts
from packetbuddy.settings.redact import mask_secret, mask_words

DESKTOP = "desktop"
SECONDS = 30.0
"""A channel that takes longer is ended."""
DRAIN_SECONDS = 2.0
"""So long the last words of one that was ended are waited for."""
SENT, FAILED, UNKNOWN = "sent", "failed", "unknown"
NOT_KNOWN = 3
"""The courier's exit code where a message was given away, and nobody said whether it arrived."""


class Channel(NamedTuple):
    """``kind`` is desktop, command or url; ``target`` may hold secrets, ``shown`` does not."""

    kind: str
    target: str

    @property
    def shown(self) -> str:
        """What may be printed and logged."""
        return {"desktop": DESKTOP, "command": "command"}.get(self.kind) or mask_secret(self.target)

    @property
    def fingerprint(self) -> str:
        """What stands for it in the ledger."""
        return blake2b(f"{self.kind} {self.target}".encode(), digest_size=8).hexdigest()


class Outcome(NamedTuple):
    """``state``: sent, failed (it surely did not arrive), or unknown; with the reason where there is one."""

    state: str
    problem: str | None = None


def channels_of(alerts: Alerts) -> list[Channel]:
    """Every way that the settings name, each once."""
    found = [Channel("desktop" if text == DESKTOP else "url", text) for text in alerts.notify]
    if alerts.command is not None:
        found.append(Channel("command", alerts.command))
    return list(dict.fromkeys(found))


def send(channel: Channel, title: str, message: str, environment: Mapping[str, str]) -> Outcome:
    """Tell one channel, once. Never raises for what can go wrong there."""
    told = {**environment, "PACKETBUDDY_TITLE": title, "PACKETBUDDY_MESSAGE": message}
    if channel.kind == "url":
        order = dumps({"url": channel.target, "title": title, "message": message})
        return _run(_courier(), environment, given=order)
    if channel.kind == "command":
        program, *words = words_of(channel.target)
        return _run([program, *words, f"{title}. {message}"], told, secrets=words)
    return _run(_desktop(title, message, environment), told)


def _run(
    command: list[str], environment: Mapping[str, str], *, given: str = "", secrets: Sequence[str] = ()
) -> Outcome:
    try:
        process = subprocess.Popen(  # noqa: S603 - our own programs, or the command that the user wrote
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_with_bus(environment),
        )
    except OSError as error:
        return Outcome(FAILED, f"{mask_program(command[0])} cannot be started: {error.strerror or error}")
    with process:
        try:
            said = process.communicate(given.encode(), timeout=SECONDS)[1]
        except subprocess.TimeoutExpired:
            return _ended(process, courier=bool(given))
    if process.returncode == 0:
        return Outcome(SENT)
    if given and process.returncode == NOT_KNOWN:
        return Outcome(UNKNOWN, "nobody said that it arrived")
    return _failure(process.returncode, said, secrets)


def _ended(process: subprocess.Popen[bytes], *, courier: bool) -> Outcome:
    """It took too long. The courier says when it begins to send: only one that is dead and did not say so failed."""
    process.kill()
    process.wait()
    if courier and _said_nothing(process):
        return Outcome(FAILED, f"it was not ready to send within {SECONDS:.0f} seconds")
    return Outcome(UNKNOWN, f"no answer within {SECONDS:.0f} seconds")


def _said_nothing(process: subprocess.Popen[bytes]) -> bool:
    """All that it said is in the pipe now, also what came after the last look before the deadline."""
    try:
        return not process.communicate(timeout=DRAIN_SECONDS)[0]
    except subprocess.TimeoutExpired:
        return False  # somebody else holds the pipe: nobody can tell


def _failure(code: int, said: bytes, secrets: Sequence[str]) -> Outcome:
    if code < 0:
        return Outcome(UNKNOWN, f"it was ended by signal {-code}")
    return Outcome(FAILED, _last_line(said, secrets) or f"exit code {code}")


def _last_line(said: bytes, secrets: Sequence[str]) -> str:
    """The end of what it said, in one short line without secrets of URLs, nor what it was given."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    text = "".join(char if char.isprintable() else " " for char in lines[-1]) if lines else ""
    return mask_words(without_words(text, secrets))[:200]


def _courier() -> list[str]:
    """Apprise and its imports live in a process of their own, short as this one is; the URL goes there by a pipe."""
    return [sys.executable, "-I" if sys.flags.isolated else "-P", "-m", "packetbuddy.alerts.courier"]


def _desktop(title: str, message: str, environment: Mapping[str, str]) -> list[str]:
    if sys.platform == "darwin":
        script = ("on run words", "display notification (item 2 of words) with title (item 1 of words)", "end run")
        return ["/usr/bin/osascript", *(part for line in script for part in ("-e", line)), title, message]
    if sys.platform == "win32":
        toast = str(Path(__file__).with_name("toast.ps1"))
        return ["powershell.exe", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", toast]
    found = shutil.which("notify-send", path=environment.get("PATH")) or "notify-send"
    return [found, "--app-name=PacketBuddy", "--icon=network-transmit-receive", "--", title, message]


def _with_bus(environment: Mapping[str, str]) -> dict[str, str]:
    """A service may not have inherited the way to the user's desktop; it is at a known place."""
    if sys.platform != "linux" or "DBUS_SESSION_BUS_ADDRESS" in environment:
        return dict(environment)
    bus = Path(environment.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")) / "bus"
    return {**environment, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}"} if bus.exists() else dict(environment)
