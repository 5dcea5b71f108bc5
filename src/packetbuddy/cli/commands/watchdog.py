"""``pb watchdog``: start a service that hangs anew."""

import time
from argparse import Namespace
from collections.abc import Iterator

from packetbuddy.cli.context import Context
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.result import FAILED, Outcome, Result, said
from packetbuddy.cli.servicing.watching import Done, heal, look
from packetbuddy.services.watching import Sight

EVERY_SECONDS = 30.0
CONFIRM_SECONDS = 35.0
"""A trouble must last: after a sleep or a step of the clock the next write is half a minute away."""


def arguments(parser: Parser) -> None:
    """Take ``--once``."""
    parser.add_argument("--once", action="store_true", help="look once and end, for a scheduled task")


def run(context: Context, options: Namespace) -> Outcome:
    """Look once, or every 30 seconds until Ctrl-C."""
    if not options.once:
        return _watch(context)
    done = _once(context)
    return said(done.line or "All is well.", data=_data(done), code=FAILED if done.action == "failed" else 0)


def _watch(context: Context) -> Iterator[Result]:
    """A line only where something was done, not at every look."""
    before = ""
    while True:
        done = _once(context._replace(now_ns=time.time_ns()))
        if done.line and (done.action != "waits" or done.reason != before):
            yield said(done.line, data=_data(done))
        before = done.reason
        time.sleep(EVERY_SECONDS)


def _once(context: Context) -> Done:
    def confirm() -> Sight:
        time.sleep(CONFIRM_SECONDS)
        return look(context._replace(now_ns=time.time_ns()))

    return heal(context, confirm)


def _data(done: Done) -> dict[str, object]:
    return {"action": done.action, "reason": done.reason or None}
