"""``pb export --format csv|json|html|markdown|toon [--output FILE] …``."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from packetbuddy import __version__
from packetbuddy.cli.context import Context
from packetbuddy.cli.dates import EARLIEST, LATEST, check_range, parse_day
from packetbuddy.cli.parser import DAY_WORDS, Parser, add_data_options
from packetbuddy.cli.progress import progress
from packetbuddy.cli.question import Asked, ask
from packetbuddy.cli.result import Document, Outcome, said
from packetbuddy.cli.writing import write_aside
from packetbuddy.errors import WrongUsageError

if TYPE_CHECKING:
    from packetbuddy.answers.export import Order

FORMATS = ("csv", "json", "html", "markdown", "toon")
BY_ENDING = {".csv": "csv", ".json": "json", ".html": "html", ".htm": "html", ".md": "markdown", ".toon": "toon"}
STDOUT = "-"


def arguments(parser: Parser) -> None:
    """Take the format, where to, which days, and the data options."""
    parser.add_argument("--format", choices=FORMATS, help=f"{', '.join(FORMATS)} (default: the file's ending, or json)")
    parser.add_argument("--output", metavar="FILE", help="write this file, a folder, or - for stdout")
    parser.add_argument("--from", dest="first", metavar="DATE", help=f"first day: {DAY_WORDS} (default: all)")
    parser.add_argument("--to", dest="last", metavar="DATE", help="last day, included (default: today)")
    parser.add_argument("--year", metavar="YYYY", help="only this year; html without: this one, in January the last")
    parser.add_argument("--redact", action="store_true", help="leave the machine's name out")
    parser.add_argument("--dialect", choices=("official",), help="of toon: the public Token-Oriented Object Notation")
    parser.add_argument("--llm", action="store_true", help="for a language model: the same as --format toon")
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Outcome:
    """Write a file and say where it is, or pour it to stdout."""
    format_ = _format(options)
    asked = ask(context, options)
    wanted = _order(options, asked, format_)
    device = None if options.redact else asked.device
    target = options.output or ("." if format_ == "html" else STDOUT)
    if target != STDOUT:
        return _written(asked, wanted, device, Path(target))
    if options.json and format_ != "json":
        raise WrongUsageError(f"--json on stdout cannot hold {format_}", "Add --output FILE, or leave --json out")
    return Document(_poured(asked, wanted, device))


def _format(options: Namespace) -> str:
    if options.output == "":
        raise WrongUsageError("--output '' names no file", "Name a file, a folder, or - for stdout")
    if options.llm and options.format not in {None, "toon"}:
        raise WrongUsageError(f"--llm is --format toon, not {options.format}", "Give one of them")
    if options.llm or (options.dialect and options.format is None):
        return "toon"
    ending = Path(options.output or "").suffix.lower()
    return str(options.format or BY_ENDING.get(ending, "json"))


def _order(options: Namespace, asked: Asked, format_: str) -> "Order":
    from packetbuddy.answers.export import order  # noqa: PLC0415 - `--help` needs no ledger
    from packetbuddy.answers.history import Bounds  # noqa: PLC0415 - same

    first = None if options.first is None else parse_day(options.first, asked.today, "--from")
    last = None if options.last is None else parse_day(options.last, asked.today, "--to")
    if first is not None:
        check_range(first, last or max(first, asked.today))
    return order(format_, dialect=options.dialect, bounds=Bounds(first, last), year=_year(options.year))


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4 and EARLIEST <= int(text) <= LATEST):
        raise WrongUsageError(f"--year {text!r} is not a year", f"Give one from {EARLIEST} to {LATEST}")
    return int(text)


def _written(asked: Asked, wanted: "Order", device: str | None, target: Path) -> Outcome:
    from packetbuddy.answers.export import exported  # noqa: PLC0415 - `--help` needs no ledger
    from packetbuddy.answers.history import Maker  # noqa: PLC0415 - same

    maker = Maker(device, __version__)
    with progress() as told, exported(asked.question, asked.how, wanted, maker, told) as export:
        path = target / export.name if target.is_dir() else target
        size = write_aside(path, export.pieces)
    return said(str(path), data={"path": str(path.absolute()), "format": wanted.format, "size_bytes": size})


def _poured(asked: Asked, wanted: "Order", device: str | None) -> Iterator[str]:
    from packetbuddy.answers.export import exported  # noqa: PLC0415 - `--help` needs no ledger
    from packetbuddy.answers.history import Maker  # noqa: PLC0415 - same

    maker = Maker(device, __version__)
    with (
        progress(beside=sys.stdout) as told,
        exported(asked.question, asked.how, wanted, maker, told) as export,
    ):
        yield from export.pieces
