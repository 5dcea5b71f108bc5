"""``pb devices [rename|retire|forget]``."""

import sys
from argparse import Namespace

from packetbuddy.cli.context import Context
from packetbuddy.cli.parser import Parser, print_safely
from packetbuddy.cli.question import Asked, ask_here, identity_of
from packetbuddy.cli.render.devices import devices_lines
from packetbuddy.cli.result import Result, said
from packetbuddy.errors import WrongUsageError
from packetbuddy.reports.devicebodies import devices_body

VERBS = ("list", "rename", "retire", "forget")
LONGEST_NAME = 100


def arguments(parser: Parser) -> None:
    """``pb devices [VERB DEVICE [NAME]]``."""
    parser.add_argument("verb", nargs="?", default="list", choices=VERBS, metavar="VERB", help=", ".join(VERBS))
    parser.add_argument("which", nargs="?", metavar="DEVICE", help="this, a name or an id")
    parser.add_argument("name", nargs="?", metavar="NAME", help="rename: the new name")
    parser.add_argument("--yes", action="store_true", help="forget: do not ask")


def run(context: Context, options: Namespace) -> Result:
    """List the devices, or change one for everybody."""
    _check(options)
    asked = ask_here(context)
    if options.verb == "list":
        return _list(asked)
    return _change(context, asked, options)


def _check(options: Namespace) -> None:
    if options.verb == "list" and options.which is not None:
        raise WrongUsageError("`pb devices` alone lists them", "`pb today --device NAME` shows one")
    if options.verb != "list" and options.which is None:
        raise WrongUsageError(f"which device is to be {_DONE[options.verb]}?", f"`pb devices {options.verb} DEVICE`")
    if (options.verb == "rename") != (options.name is not None):
        raise WrongUsageError("a new name belongs to rename, and rename needs one", "`pb devices rename DEVICE NAME`")
    if options.name is not None and not (0 < len(options.name.strip()) <= LONGEST_NAME and options.name.isprintable()):
        raise WrongUsageError(f"{options.name!r} cannot be a name", f"1 to {LONGEST_NAME} printable characters")
    if options.name is not None and options.name.strip().casefold() in {"this", "all"}:
        raise WrongUsageError(f"{options.name!r} means something else already", "Take another name")


_DONE = {"rename": "renamed", "retire": "retired", "forget": "forgotten"}


def _list(asked: Asked) -> Result:
    from packetbuddy.answers.roster import devices  # noqa: PLC0415 - `--help` needs no ledger

    rows = devices(asked.question, identity_of(asked.question.home))
    now = asked.question.now_ns
    return Result(devices_body(rows, asked.how), lambda paper: devices_lines(rows, asked.how, paper, now_ns=now))


def _change(context: Context, asked: Asked, options: Namespace) -> Result:
    from packetbuddy.sync.changing import Change, change, found  # noqa: PLC0415 - the driver, only when it is needed

    member = found(asked.question.home, options.which)
    if options.verb == "forget" and not (options.yes or _agreed(member.name)):
        return said("Nothing was changed.", data={"device": member.id, "done": "nothing"})
    wanted = Change(options.verb, (options.name or "").strip())
    change(asked.question.home, context.environment, member, wanted)
    words = (
        f'{member.name} is called "{wanted.name}" now.' if wanted.name else f"{member.name} is {_DONE[options.verb]}."
    )
    return said(words, data={"device": member.id, "done": _DONE[options.verb]})


def _agreed(name: str) -> bool:
    """Ask; where nobody can answer, that is a no.

    Raises:
        WrongUsageError: there is no terminal.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise WrongUsageError(f"forgetting {name} deletes all its days in the database", "Add --yes if that is meant")
    print_safely(f"This deletes all days of {name} from the database, for every device. It cannot be undone.")
    print_safely(f"A device that still runs comes back; `pb devices retire {name}` keeps its history instead.")
    return input("Type its name to go on: ").strip() == name
