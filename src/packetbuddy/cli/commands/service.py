"""``pb service``: the background monitor, registered, started, stopped and looked at."""

from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, cast

from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.render.drawing import clean
from packetbuddy.cli.result import Outcome, Result, said
from packetbuddy.errors import WrongUsageError
from packetbuddy.settings.places import Home

if TYPE_CHECKING:
    from packetbuddy.services.logs import Tail

PLACES = {
    "install": "starting",
    "uninstall": "removing",
    "start": "starting",
    "stop": "starting",
    "restart": "starting",
    "status": "status",
}
"""Verb → module in ``cli.servicing`` with a function of its name."""
VERBS = (*PLACES, "logs")
BELONGS = {
    "-n": ("logs",),
    "-f": ("logs",),
    "--pause": ("stop",),
    "--purge": ("uninstall",),
    "--yes": ("install", "uninstall"),
}
"""Which verbs take an option."""
LINES = 50


def arguments(parser: Parser) -> None:
    """``pb service VERB``."""
    parser.add_argument("verb", choices=VERBS, metavar="VERB", help=", ".join(VERBS))
    parser.add_argument("-n", type=int, metavar="N", help=f"logs: how many lines (default {LINES})")
    parser.add_argument("-f", action="store_true", help="logs: go on with new lines until Ctrl-C")
    parser.add_argument("--pause", action="store_true", help="stop: leave out what moves until the next start")
    parser.add_argument("--purge", action="store_true", help="uninstall: delete all that was counted, too")
    parser.add_argument("--yes", action="store_true", help="install, uninstall: ask nothing")


def run(context: Context, options: Namespace) -> Outcome:
    """Do what the verb says."""
    _check(options)
    if options.verb == "logs":
        return _logs(home_of(context), options)
    module = import_module(f"packetbuddy.cli.servicing.{PLACES[options.verb]}")
    return cast("Callable[[Context, Namespace], Outcome]", vars(module)[options.verb])(context, options)


def _check(options: Namespace) -> None:
    """Each option belongs to its verbs."""
    given = {"-n": options.n is not None, "-f": options.f, "--pause": options.pause}
    given |= {"--purge": options.purge, "--yes": options.yes}
    for option, verbs in BELONGS.items():
        if given[option] and options.verb not in verbs:
            raise WrongUsageError(f"{option} belongs to {' and '.join(f'`pb service {verb}`' for verb in verbs)}")


def _logs(home: Home, options: Namespace) -> Outcome:
    from packetbuddy.services.logs import tail  # noqa: PLC0415 - only here

    count = LINES if options.n is None else options.n
    if count < 0:
        raise WrongUsageError(f"-n cannot be {count}", "give how many lines to show, 0 or more")
    found = tail(home.stderr_log, count=count)
    if options.f:
        return _followed(home, found)
    if not found.lines and not home.stderr_log.exists():
        return said(f"Nothing has been logged yet ({home.stderr_log}).", data={"lines": []})
    return _shown(found.lines)


def _followed(home: Home, found: "Tail") -> Iterator[Result]:
    from packetbuddy.services.logs import follow  # noqa: PLC0415 - only here

    yield _shown(found.lines)
    for lines in follow(home.stderr_log, found.end):
        yield _shown(lines)


def _shown(lines: Sequence[str]) -> Result:
    return said(*(clean(line) for line in lines), data={"lines": list(lines)})
