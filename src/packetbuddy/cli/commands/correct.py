"""``pb correct DATE --sent … --received … --reason …`` and ``--undo``."""

from argparse import Namespace

from packetbuddy.billing.sizes import parse_size
from packetbuddy.cli.context import Context
from packetbuddy.cli.dates import parse_day
from packetbuddy.cli.parser import DAY_WORDS, Parser, add_data_options
from packetbuddy.cli.question import Asked, ask_of_this
from packetbuddy.cli.render.details import correction_lines
from packetbuddy.cli.result import Result
from packetbuddy.errors import WrongUsageError
from packetbuddy.reports.bodies import correction_body
from packetbuddy.reports.model import CorrectionRow

LARGEST = 2**62
"""More bytes than a day can move, and what the ledger can add up."""
LONGEST_REASON = 500


def arguments(parser: Parser) -> None:
    """Take the day, what is right for it, and why; or ``--undo``."""
    parser.add_argument("date", metavar="DATE", help=DAY_WORDS)
    parser.add_argument("--sent", metavar="SIZE", help='what was really uploaded that day, such as "1.5 GB"')
    parser.add_argument("--received", metavar="SIZE", help="what was really downloaded that day")
    parser.add_argument("--reason", metavar="TEXT", help="why, for the audit trail")
    parser.add_argument("--undo", action="store_true", help="take the day's last correction back")
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Correct the day, or take the last correction back."""
    _check_options(options)
    asked = ask_of_this(context, options)
    row = _undo(asked, options) if options.undo else _correct(asked, options)
    return Result({"correction": correction_body(row)}, lambda paper: correction_lines(row, asked.how, paper))


def _check_options(options: Namespace) -> None:
    given = [name for name in ("sent", "received", "reason") if getattr(options, name) is not None]
    missing = [f"--{name}" for name in ("sent", "received", "reason") if name not in given]
    if options.undo and given:
        raise WrongUsageError("--undo takes a date and nothing else", "`pb correct DATE --undo`")
    if missing and not options.undo:
        raise WrongUsageError(f"{', '.join(missing)} missing", "Give both sizes, as they should read, and a --reason")
    if options.reason is not None and not 0 < len(options.reason.strip()) <= LONGEST_REASON:
        raise WrongUsageError(f"--reason must be 1 to {LONGEST_REASON} characters", "Say why, for the audit trail")


def _correct(asked: Asked, options: Namespace) -> CorrectionRow:
    from packetbuddy.answers.amend import correct  # noqa: PLC0415 - writes; most commands never need it

    day = parse_day(options.date, asked.today, "the date")
    if day > asked.today:
        raise WrongUsageError(f"{day} has not been yet", "Correct a day up to today")
    sent = _size(options.sent, "--sent", asked.how.units)
    received = _size(options.received, "--received", asked.how.units)
    return correct(asked.question, day, sent=sent, received=received, reason=options.reason.strip())


def _undo(asked: Asked, options: Namespace) -> CorrectionRow:
    from packetbuddy.answers.amend import undo_correction  # noqa: PLC0415 - same

    return undo_correction(asked.question, parse_day(options.date, asked.today, "the date"))


def _size(text: str, name: str, units: str) -> int:
    try:
        size = parse_size(text, units=units)
    except ValueError as error:
        raise WrongUsageError(f"{name} {text!r}: {error}") from error
    if size > LARGEST:
        raise WrongUsageError(f"{name} {text!r} is more than a day can move", "Check the unit")
    return size
