"""``pb update``: bring PacketBuddy up to date now, or go back to the version before."""

from argparse import Namespace

from packetbuddy.answers.updating import updating
from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.parser import Parser, print_safely
from packetbuddy.cli.result import DONE, FAILED, Result, said
from packetbuddy.cli.servicing.keeping import examined, kept
from packetbuddy.errors import UpdateError
from packetbuddy.reports.words import capitalised
from packetbuddy.services.face import Service
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import TRIAL, current, number, pointed
from packetbuddy.updates import plan
from packetbuddy.updates.back import roll_back
from packetbuddy.updates.plan import Plan
from packetbuddy.updates.running import copy_that_runs
from packetbuddy.updates.updating import Work, alone, apply, look

FINE = frozenset({plan.UPDATE, plan.REINSTALL, plan.NEWEST, "ahead", "on-trial", "unreachable"})
"""Words of a check after which nothing is wrong."""
WAITS = "It waits for the next start; `pb service restart` is one."
NOT_AGAIN = "What you left is not installed again by itself, the next release is."
ON_TRIAL = "It is on trial for some minutes; where it does not count, the version before comes back by itself."
A_CHECK_SECONDS = 10.0
"""The service's own check, which nobody sees, is waited for; one that installs takes longer, and is told."""


def arguments(parser: Parser) -> None:
    """``pb update [--check-only | --force | --rollback]``."""
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check-only", action="store_true", help="only tell what there is")
    only.add_argument("--force", action="store_true", help="install once more, also what did not hold")
    only.add_argument("--rollback", action="store_true", help="go back to the version before")


def run(context: Context, options: Namespace) -> Result:
    """Do what the option says, without one bring it up to date."""
    home = home_of(context)
    if not home.root.is_dir():
        raise UpdateError("no-home", f"there is no {home.root} yet", "`pb service start` makes it")
    try:
        return _update(context, options, home)
    except UpdateError as error:
        if not options.json:
            raise
        return said(data={"word": error.word, "told": str(error), "target": None}, code=FAILED)


def _update(context: Context, options: Namespace, home: Home) -> Result:
    if options.rollback:
        return _roll_back(context, home)
    with alone(home, A_CHECK_SECONDS) as holding:
        work = _work(context, home)._replace(holding=holding)
        found = look(work, plan.reinstall if options.force else plan.decide)
        if options.check_only or not found.target:
            return _told(found)
        apply(work, found.target, anew=options.force)
    return _started(context, found)


def _work(context: Context, home: Home) -> Work:
    """Steps go to stderr, as they are done: stdout holds the answer."""
    return Work(
        home, examined(home).settings, context.environment, context.now_ns / 1e9, print_safely, copy_that_runs()
    )


def _told(found: Plan) -> Result:
    advice = ["`pb update` installs it."] if found.word == plan.UPDATE else []
    return said(f"{capitalised(found.told)}.", *advice, data=_data(found), code=DONE if found.word in FINE else FAILED)


def _started(context: Context, found: Plan) -> Result:
    """Start it where a service runs that is started anew by whoever keeps it."""
    service = kept(context)
    if not _is_kept(service):
        return said(f"{found.target} is installed.", WAITS, data={**_data(found), "started": False})
    service.restart()
    last = updating(home_of(context).root).last
    if last is not None and last.result == "reverted":
        words = f"{found.target} was started and did not hold: {last.why}. What ran before runs again."
        data = {"word": last.result, "told": words, "target": found.target, "started": False}
        return said(words, data=data, code=FAILED)
    return said(f"{found.target} is installed and started.", ON_TRIAL, data={**_data(found), "started": True})


def _roll_back(context: Context, home: Home) -> Result:
    before = _standing(home)
    with alone(home, A_CHECK_SECONDS):
        if _standing(home) != before:
            raise UpdateError("busy", "another update was installed meanwhile", "`pb service status` tells of it")
        now = number(roll_back(home))
    service = kept(context)
    starts = _is_kept(service)
    if starts:
        service.restart()
    data = {"word": "rolled-back", "target": now, "started": starts}
    return said(f"Back to {now}.", *([] if starts else [WAITS]), NOT_AGAIN, data=data)


def _standing(home: Home) -> tuple[str, str]:
    """The version that runs, and the one on trial: what a person wants to leave."""
    return current(home), pointed(home, TRIAL)


def _is_kept(service: Service) -> bool:
    """Whether it is to be started anew: not one that a person started by hand, in whose terminal it counts."""
    return service.state().word in {"running", "restarting"}


def _data(found: Plan) -> dict[str, object]:
    return {"word": found.word, "told": found.told, "target": found.target or None}
