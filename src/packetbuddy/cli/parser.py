"""argparse with our manners: one clear line instead of a usage dump, the nearest name for a typo, few imports."""

import argparse
import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from packetbuddy.errors import WrongUsageError

DAY_WORDS = "YYYY-MM-DD, today or yesterday"


class Formatter(argparse.HelpFormatter):
    """A fixed width: asking the terminal would import shutil and the compressors each time an option is added."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=78)


class Parser(argparse.ArgumentParser):
    """A parser of one command; mistakes are :class:`WrongUsageError`."""

    def __init__(self, **keywords: Any) -> None:  # noqa: ANN401 - argparse's own keywords, handed on
        super().__init__(**{"formatter_class": Formatter, "allow_abbrev": False, **keywords})
        self._negative_number_matcher = re.compile(r"-\.?\d")  # "-5GB" is a value, and a wrong one: no option of ours

    def error(self, message: str) -> NoReturn:
        """Turn argparse's complaint into one line.

        Raises:
            WrongUsageError: always.
        """
        unknown = message.partition("unrecognized arguments: ")[2]
        if unknown:
            word = unknown.split(" ", 1)[0]
            raise WrongUsageError(f"{self._name()} does not know {word!r}", near(word, self._option_string_actions))
        raise WrongUsageError(f"{self._name()}: {message}", f"`{self.prog} --help` shows what it takes")

    def _name(self) -> str:
        """The command's name; the line begins with "pb:" anyway."""
        return self.prog.removeprefix("pb ")

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # noqa: ANN401 - argparse's own type
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            what = action.metavar or action.dest or "argument"
            name = "/".join(action.option_strings) or (what if isinstance(what, str) else what[0])
            raise WrongUsageError(f"{self._name()}: {name} cannot be {value!r}", near(str(value), known))


def near(word: str, known: Iterable[str]) -> str:
    """A hint that names the closest known word, or all of them when none is close."""
    from difflib import get_close_matches  # noqa: PLC0415 - only after a mistake

    names = [name for name in known if name != "-h"]
    closest = get_close_matches(word.lower(), names, n=1, cutoff=0.5)
    return f"Did you mean {closest[0]!r}?" if closest else f"It knows: {', '.join(names) or 'no arguments'}"


def command_parser(name: str, summary: str) -> Parser:
    """The parser of ``pb NAME``, with ``--json``, which every command takes."""
    parser = Parser(prog=f"pb {name}".strip(), description=summary)
    parser.add_argument("--json", action="store_true", help="one JSON value on stdout instead of text")
    return parser


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command that shows usage takes."""
    parser.add_argument("--device", default="this", metavar="NAME", help="this (default), all, or a device's name")
    parser.add_argument("--interface", metavar="NAME", help="only this interface, counted or not")


def print_safely(text: str) -> None:
    """Print a line for a person to stderr, whatever its encoding can hold."""
    encoding = sys.stderr.encoding or "ascii"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
