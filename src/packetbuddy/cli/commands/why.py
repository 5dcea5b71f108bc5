"""``pb why DATE [--accept N|--reject N]``."""

from argparse import Namespace

from packetbuddy.cli.context import Context
from packetbuddy.cli.dates import parse_day
from packetbuddy.cli.parser import DAY_WORDS, Parser, add_data_options
from packetbuddy.cli.question import Asked, ask_of_this
from packetbuddy.cli.render.details import doubt_lines, why_lines
from packetbuddy.cli.result import Result
from packetbuddy.errors import WrongUsageError
from packetbuddy.reports.bodies import doubt_body, why_body


def arguments(parser: Parser) -> None:
    """Take a date, a decision, and the data options."""
    parser.add_argument("date", nargs="?", default="today", metavar="DATE", help=f"{DAY_WORDS} (default: today)")
    decision = parser.add_mutually_exclusive_group()
    decision.add_argument("--accept", metavar="N", help="count the doubt with this number")
    decision.add_argument("--reject", metavar="N", help="leave the doubt with this number out for good")
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Explain the day, or decide a doubt."""
    number = _number(options.reject if options.accept is None else options.accept)
    asked = ask_of_this(context, options)
    day = parse_day(options.date, asked.today, "the date")
    if number is not None:
        return _decide(asked, number, accept=options.accept is not None)
    from packetbuddy.answers.why import why  # noqa: PLC0415 - `--help` needs no ledger

    answer = why(asked.question, day)
    return Result(why_body(answer, asked.how), lambda paper: why_lines(answer, asked.how, paper))


def _decide(asked: Asked, number: int, *, accept: bool) -> Result:
    from packetbuddy.answers.amend import decide_doubt  # noqa: PLC0415 - writes; most never need it

    row = decide_doubt(asked.question, number, accept=accept)
    return Result({"doubt": doubt_body(row)}, lambda paper: doubt_lines(row, asked.how, paper))


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    word = text.removeprefix("#")
    if not (word.isascii() and word.isdigit() and len(word) < 16):
        raise WrongUsageError(f"{text!r} is not the number of a doubt", "`pb why DATE` lists them with their numbers")
    return int(word)
