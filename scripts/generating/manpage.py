"""The manual page ``pb(1)``, in man(7) macros."""

import re
from collections.abc import Mapping
from textwrap import wrap

from generating.facts import ENVIRONMENT, FILES
from generating.filling import filled
from generating.grammar import COMMON, Command, Option, spelled, usage
from packetbuddy import __version__
from packetbuddy.cli.result import EXIT_CODES


def page(commands: list[Command]) -> str:
    """The text of ``pb.1``."""
    return filled(
        "pb.1",
        version=__version__,
        commands="\n".join(_command(command) for command in commands if command.name),
        common="\n".join(_option(option) for option in commands[0].options if option.names[-1] in COMMON),
        exit="\n".join(_row(str(code), told) for code, told in EXIT_CODES.items()),
        environment=_rows(ENVIRONMENT),
        files=_rows(FILES),
    )


def _command(command: Command) -> str:
    own = [option for option in command.options if option.names[-1] not in COMMON]
    summary = f"{command.summary[0].upper()}{command.summary[1:]}."
    told = [_row(argument.metavar, argument.help) for argument in command.arguments]
    return "\n".join([f".SS {_text(usage(command))}", _text(summary), *told, *map(_option, own)])


def _option(option: Option) -> str:
    return f".TP\n.B {_text(', '.join([*option.names[:-1], spelled(option)]))}\n{_wrapped(option.help)}"


def _rows(rows: Mapping[str, str]) -> str:
    return "\n".join(_row(name, told) for name, told in rows.items())


def _row(name: str, told: str) -> str:
    return f".TP\n.B {_text(name)}\n{_wrapped(told)}"


def _wrapped(told: str) -> str:
    return "\n".join(_text(line) for line in wrap(told.replace("`", ""), 70, break_on_hyphens=False))


def _text(words: str) -> str:
    """Safe in a line of input: no macro, no escape by accident; hyphens that can be copied, ASCII only."""
    escaped = words.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    escaped = re.sub(r"[^\x00-\x7f]", lambda found: f"\\[u{ord(found[0]):04X}]", escaped)
    return f"\\&{escaped}" if escaped[:1] in {".", "'"} else escaped
