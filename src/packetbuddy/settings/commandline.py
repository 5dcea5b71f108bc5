"""PURE: a command line as the settings hold it: its words, and what of it may be shown."""

from __future__ import annotations

import os
from collections.abc import Iterable

from packetbuddy.settings.redact import MASK

QUOTES = "\"'"
LEAST_SECRET = 4
"""Shorter words give nothing away."""


def words_of(command: str) -> list[str]:
    """The program and its arguments, as a shell would part them; on Windows backslashes are letters.

    Raises:
        ValueError: a quote is not closed, or there is no program.
    """
    from shlex import split  # noqa: PLC0415 - the monitor needs it only where there is a command

    words = split(command, posix=os.name == "posix")
    if os.name != "posix":
        words = [word[1:-1] if word[:1] in QUOTES and word[-1:] == word[:1] else word for word in words]
    if not words or not words[0]:
        raise ValueError("there is no program")
    return words


def is_command(command: str) -> bool:
    """Whether it can be parted into words."""
    try:
        words_of(command)
    except ValueError:
        return False
    return True


def mask_command(command: str) -> str:
    """The program alone: any argument may be a password or a token."""
    try:
        program, *arguments = words_of(command)
    except ValueError:
        return MASK
    return f"{mask_program(program)} {MASK}" if arguments else mask_program(program)


def mask_program(program: str) -> str:
    """A program's name, unless it is none: ``TOKEN=secret`` was meant for a shell."""
    return MASK if "=" in program or "://" in program else program


def without_words(text: str, words: Iterable[str]) -> str:
    """What a program said, without the arguments that it was given and the parts of them."""
    parts = {part for word in words for part in (word, *word.replace("=", " ").replace(":", " ").split())}
    for part in sorted((part for part in parts if len(part) >= LEAST_SECRET), key=len, reverse=True):
        text = text.replace(part, MASK)
    return text
