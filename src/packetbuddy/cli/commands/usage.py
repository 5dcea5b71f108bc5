"""``pb usage --by … [--from --to --top N]``."""

from argparse import Namespace
from datetime import UTC, datetime

from packetbuddy.cli.context import Context
from packetbuddy.cli.dates import check_range, parse_day
from packetbuddy.cli.parser import DAY_WORDS, Parser, add_data_options
from packetbuddy.cli.question import ask
from packetbuddy.cli.render.pages import groups_lines
from packetbuddy.cli.result import Result
from packetbuddy.errors import WrongUsageError
from packetbuddy.reports.bodies import groups_body

GROUPS = ("5min", "hour", "day", "week", "month", "year", "cycle")
MOST = 100_000


def arguments(parser: Parser) -> None:
    """Take the grouping, its ends, how many, and the data options."""
    parser.add_argument("--by", choices=GROUPS, default="day", help=f"{', '.join(GROUPS)} (default: day)")
    parser.add_argument("--from", dest="first", metavar="DATE", help=f"first day: {DAY_WORDS} (default: all)")
    parser.add_argument("--to", dest="last", metavar="DATE", help="last day, included (default: today)")
    parser.add_argument("--top", metavar="N", help="only the N biggest, biggest first")
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Ask for the groups."""
    from packetbuddy.answers.usage import groups  # noqa: PLC0415 - `--help` needs no ledger

    top = _count(options.top)
    asked = ask(context, options)
    first = None if options.first is None else parse_day(options.first, asked.today, "--from")
    last = None if options.last is None else parse_day(options.last, asked.today, "--to")
    if first is not None:
        check_range(first, last or max(first, asked.today))
    answer = groups(asked.question, by=options.by, first=first, last=last, top=top)
    now = datetime.fromtimestamp(context.now_ns // 10**9, UTC)
    return Result(groups_body(answer, asked.how), lambda paper: groups_lines(answer, asked.how, paper, now))


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 0 < int(text) <= MOST):
        raise WrongUsageError(f"--top {text!r} is not a count", f"Give a whole number from 1 to {MOST}")
    return int(text)
