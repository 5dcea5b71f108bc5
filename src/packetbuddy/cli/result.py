"""What a command hands back: the JSON body and how to write it for a person. One place shows it (main.py)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from packetbuddy.cli.paper import Paper

DONE = 0
FAILED = 1
WRONG_USAGE = 2
LIMIT_EXCEEDED = 4
INTERRUPTED = 130

EXIT_CODES = {
    DONE: "done",
    FAILED: "failed; stderr says why and what to do",
    WRONG_USAGE: "wrong usage; stderr says what would be right",
    LIMIT_EXCEEDED: "`pb plan --check`: a plan is used up",
    INTERRUPTED: "interrupted by Ctrl-C",
}
"""What each means, for the documents."""


class Result(NamedTuple):
    """One answer.

    ``data`` is what ``--json`` puts into the envelope. ``write`` makes the lines for a person, without line ends,
    for the given paper; an empty sequence prints nothing. ``code`` is the process's exit code.
    """

    data: Mapping[str, object]
    write: Callable[[Paper], Sequence[str]]
    code: int = DONE


class Document(NamedTuple):
    """A file for programs on stdout: UTF-8 as it is, whatever the terminal can hold; with ``--json`` it is JSON."""

    pieces: Iterator[str]


Outcome = Result | Document | Iterator[Result]
"""A command answers once, or streams answers until it is interrupted; with ``--json`` one envelope per line."""


def said(*lines: str, data: Mapping[str, object] | None = None, code: int = DONE) -> Result:
    """A result whose text is the same on every paper."""
    return Result(data or {}, lambda _paper: lines, code)
