"""How setup speaks: one line a step, its name in front, and questions where somebody sits there."""

import os
import sys
from getpass import getpass
from io import TextIOWrapper
from typing import Protocol

_WIDTH = 11


class Terminal(Protocol):
    """A person who can be asked. Where the input ends, every answer is empty."""

    def ask(self, question: str) -> str:
        """What the person writes, without blanks around it."""
        ...

    def ask_hidden(self, question: str) -> str:
        """The same, and nothing of it is seen while it is written."""
        ...


class SystemTerminal:
    """The terminal that setup was started in."""

    def ask(self, question: str) -> str:
        """See :class:`Terminal`."""
        try:
            return input(question).strip()
        except EOFError:
            return _ended()

    def ask_hidden(self, question: str) -> str:
        """See :class:`Terminal`."""
        try:
            return getpass(question, sys.stdout).strip()
        except EOFError:
            return _ended()


def is_interactive() -> bool:
    """Whether somebody sits there who can answer."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def say(step: str, *lines: str) -> None:
    """Print a step's name and what there is to tell; further lines stand below the first."""
    for number, line in enumerate(lines):
        name = f"{step}:" if step and not number else ""
        print(f"{name:<{_WIDTH}} {line}", flush=True)  # noqa: T201 - setup speaks


def prepare_streams() -> None:
    """Whatever the encoding of the output cannot hold is written in another way instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def hush() -> None:
    """Nothing more is written to a standard output that cannot take it, not by Python at its end either."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _ended() -> str:
    print(flush=True)  # noqa: T201 - the next line is not to stand behind the question
    return ""
