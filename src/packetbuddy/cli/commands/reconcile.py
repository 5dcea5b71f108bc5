"""``pb reconcile --isp SIZE --from DATE [--to DATE]``, ``--list`` and ``--remove N``."""

from argparse import Namespace
from datetime import date

from packetbuddy.billing.sizes import parse_size
from packetbuddy.cli.context import Context
from packetbuddy.cli.dates import check_range, parse_day
from packetbuddy.cli.parser import DAY_WORDS, Parser, add_data_options
from packetbuddy.cli.question import Asked, ask
from packetbuddy.cli.render.reconcile import compared_lines, removed_lines, series_lines
from packetbuddy.cli.result import Result
from packetbuddy.errors import WrongUsageError
from packetbuddy.reports.reconciling import compared_body, reading_body, series_body

LARGEST = 2**62
EXAMPLE = 'pb reconcile --isp "812 GB" --from 2026-11-01 --to 2026-11-30'


def arguments(parser: Parser) -> None:
    """Take the ISP's figure and its period; or ``--list``, or ``--remove``."""
    parser.add_argument("--isp", metavar="SIZE", help='what the ISP says was used, such as "812 GB"')
    parser.add_argument("--from", dest="first", metavar="DATE", help=f"first day of the bill: {DAY_WORDS}")
    parser.add_argument("--to", dest="last", metavar="DATE", help="last day, included (default: today)")
    parser.add_argument("--list", action="store_true", help="all earlier readings, for a dispute")
    parser.add_argument("--remove", metavar="N", help="forget the reading with this number: it was a mistake")
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Compare, or show what was compared before."""
    _check_options(options)
    asked = ask(context, options)
    if options.remove is not None:
        return _remove(asked, options.remove)
    return _list(asked) if options.list else _compare(asked, options)


def _check_options(options: Namespace) -> None:
    """One thing at a time."""
    given = [name for name in ("isp", "first", "last") if getattr(options, name) is not None]
    if options.list and (given or options.remove is not None):
        raise WrongUsageError("reconcile: --list takes nothing else", "`pb reconcile --list`")
    if options.remove is not None and given:
        raise WrongUsageError(
            "reconcile: --remove takes a number and nothing else", "`pb reconcile --list` numbers them"
        )
    if not options.list and options.remove is None and (options.isp is None or options.first is None):
        raise WrongUsageError("reconcile: --isp and --from are needed, or --list", EXAMPLE)


def _remove(asked: Asked, number: str) -> Result:
    from packetbuddy.answers.reconcile import remove  # noqa: PLC0415 - `--help` needs no ledger

    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise WrongUsageError(f"--remove {number!r} is not a reading's number", "`pb reconcile --list` numbers them")
    reading = remove(asked.question, int(number))
    return Result({"removed": reading_body(reading, asked.how)}, lambda paper: removed_lines(reading, paper))


def _list(asked: Asked) -> Result:
    from packetbuddy.answers.reconcile import readings  # noqa: PLC0415 - `--help` needs no ledger

    found = readings(asked.question)
    return Result(series_body(found, asked.how), lambda paper: series_lines(found, asked.how, paper))


def _compare(asked: Asked, options: Namespace) -> Result:
    from packetbuddy.answers.reconcile import reconcile  # noqa: PLC0415 - same

    first = parse_day(options.first, asked.today, "--from")
    last = asked.today if options.last is None else parse_day(options.last, asked.today, "--to")
    check_range(first, last)
    _check_over(first, last, asked.today)
    isp = " ".join(options.isp.split())
    found = reconcile(asked.question, first, last, isp=isp, sizes=_sizes(isp, asked.how.units))
    return Result(compared_body(found, asked.how), lambda paper: compared_lines(found, asked.how, paper))


def _check_over(first: date, last: date, today: date) -> None:
    if first > today:
        raise WrongUsageError(f"reconcile: {first} has not been yet", EXAMPLE)
    if last > today:
        raise WrongUsageError(f"reconcile: --to {last} has not been yet", "Leave it out for a bill up to today")


def _sizes(text: str, units: str) -> tuple[int, int]:
    """Bytes as they were written, and with the same unit read as the other kind (GB as GiB, GiB as GB)."""
    if text[-1:].isdigit():
        raise WrongUsageError(f"--isp {text!r} has no unit", EXAMPLE)
    try:
        size = parse_size(text, units=units)
        binary = text.lower().endswith("ib")
        other = parse_size(f"{text[:-2]}B" if binary else text, units=_other_kind(units, binary=binary))
    except ValueError as error:
        raise WrongUsageError(f"--isp {text!r}: {error}", EXAMPLE) from error
    if max(size, other) > LARGEST:
        raise WrongUsageError(f"--isp {text!r} is more than anybody can use", "Check the unit")
    if not size and set(text) & set("123456789"):
        raise WrongUsageError(f"--isp {text!r} is less than a byte", "Check the unit")
    return size, other


def _other_kind(units: str, *, binary: bool) -> str:
    """What GB stands for in the other kind: of GiB, and of the GB of Windows, it is that of 1000s."""
    return "decimal" if binary or units == "windows" else "windows"
