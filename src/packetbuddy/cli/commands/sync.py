"""``pb sync now|status|sql``."""

from argparse import Namespace
from importlib.resources import files

from packetbuddy.cli.context import Context
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.question import Asked, ask_here
from packetbuddy.cli.render.devices import sync_lines
from packetbuddy.cli.result import Result, said
from packetbuddy.reports.devicebodies import sync_body

VERBS = ("now", "status", "sql")


def arguments(parser: Parser) -> None:
    """``pb sync VERB``."""
    parser.add_argument(
        "verb", choices=VERBS, metavar="VERB", help="now: synchronise at once; status: how it stands; sql: rights"
    )


def run(context: Context, options: Namespace) -> Result:
    """Synchronise, say how it stands, or print the SQL for rights."""
    if options.verb == "sql":
        return _sql()
    asked = ask_here(context)
    return _now(context, asked) if options.verb == "now" else _status(context, asked)


def _now(context: Context, asked: Asked) -> Result:
    from packetbuddy.sync.main import once  # noqa: PLC0415 - the driver, only when it is needed

    done = once(asked.question.home, context.environment)
    words = f"Synchronised: {_days(done.pushed)} taken up, {_days(done.pulled)} brought from other devices."
    return said(words, data={"pushed_days": done.pushed, "pulled_days": done.pulled})


def _sql() -> Result:
    """SQL for the database's owner: a role for each device, which can write its own rows only."""
    text = files("packetbuddy.sync.postgres").joinpath("least_privilege.sql").read_text(encoding="utf-8")
    return said(*text.splitlines(), data={"sql": text})


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _status(context: Context, asked: Asked) -> Result:
    from packetbuddy.answers.roster import sync_report  # noqa: PLC0415 - `--help` needs no ledger

    report = sync_report(asked.question, context.environment)
    now = asked.question.now_ns
    return Result(sync_body(report), lambda paper: sync_lines(report, paper, now_ns=now))
