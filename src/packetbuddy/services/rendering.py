"""Texts for service managers: a template and values, each value written as its format wants it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote, split
from subprocess import list2cmdline
from xml.sax.saxutils import escape

from packetbuddy.errors import ServiceError
from packetbuddy.settings.places import fits_a_line

FILES = Path(__file__).with_name("files")
BACK_OFF = "RestartSteps=5\nRestartMaxDelaySec=60\n"
BACK_OFF_SINCE = 254
"""The systemd that learned to wait longer and longer."""
REFUSED = frozenset("'\"\\")
"""What systemd does not take in an executable's path, although it is quoted."""
VIA_SHELL = ("/bin/sh", "-c", 'exec "$0" "$@"')
_PLACE = re.compile(r"@([A-Z_]+)@")


def template(name: str) -> str:
    """A file of ``files/``."""
    return (FILES / name).read_text(encoding="utf-8")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The template with each ``@NAME@`` replaced, once: what a value holds is not looked at again."""
    return _PLACE.sub(lambda found: values[found[1]], text)


def unit(text: str, home: Path, command: Sequence[str], *, version: int) -> str:
    """The systemd unit. ``version`` is that of the systemd which will read it."""
    values = {
        "HOME_PATH": plain(str(home)),
        "PROGRAM_PATH": plain(command[0]),
        "HOME_VARIABLE": home_variable(home),
        "COMMAND": _command_line(command),
        "BACK_OFF": BACK_OFF if version >= BACK_OFF_SINCE else "",
    }
    return filled(text, values)


def _command_line(command: Sequence[str]) -> str:
    """An executable is not looked for variables; its arguments are."""
    first, *rest = (*VIA_SHELL, *command) if REFUSED & set(command[0]) else command
    return " ".join([quoted(first), *(quoted(word).replace("$", "$$") for word in rest)])


def started(text: str) -> Path | None:
    """The executable that a unit starts; ``None`` where the text is no unit of ours (any more)."""
    line = next((line for line in text.splitlines() if line.startswith("ExecStart=")), "")
    try:
        first, *rest = split(line.removeprefix("ExecStart=").replace("%%", "%"))
    except ValueError:  # a quote is open, or nothing is there
        return None
    words = [first, *(word.replace("$$", "$") for word in rest)]
    program = words[len(VIA_SHELL) :] if tuple(words[: len(VIA_SHELL)]) == VIA_SHELL else words
    return Path(program[0]) if program else None


def starter(text: str, home: Path, program: Sequence[str]) -> str:
    """The program that launchd starts: a shell script."""
    return filled(text, {"HOME": shell(str(home)), "PROGRAM": " ".join(shell(word) for word in program)})


def agent(text: str, program: Path) -> str:
    """A launchd agent."""
    return filled(text, {"PROGRAM": xml(str(program))})


def task(text: str, user: str, program: Sequence[str]) -> str:
    """A scheduled task; ``user`` is a domain, a backslash and a name."""
    return filled(text, {"USER": xml(user), "COMMAND": xml(list2cmdline([writable(word) for word in program]))})


def home_variable(home: Path) -> str:
    """The unit's assignment of the home, which tells whose unit it is."""
    return quoted(f"PACKETBUDDY_HOME={home}")


def quoted(word: str) -> str:
    """One word of a unit's assignment or command (systemd.syntax(7)); arguments of a command double ``$`` beside."""
    written = writable(word).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{written}"'


def plain(path: str) -> str:
    """A path that a unit takes unquoted to the end of the line."""
    if path != path.strip() or path.endswith("\\"):
        raise ServiceError(f"the path {path!r} cannot be written into a systemd unit", "choose another home")
    return writable(path).replace("%", "%%")


def shell(word: str) -> str:
    """One word of a shell script."""
    return quote(writable(word))


def xml(word: str) -> str:
    """Text of an XML element."""
    return escape(writable(word))


def writable(word: str) -> str:
    """The word as it is, if a line of UTF-8 can hold it."""
    if not fits_a_line(word):
        raise ServiceError(f"the path {word!r} cannot be written into a service file", "choose another home")
    return word
