"""``pb restore FILE``."""

from argparse import Namespace
from pathlib import Path

from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.render.drawing import clean
from packetbuddy.cli.result import DONE, FAILED, Result, said
from packetbuddy.errors import PacketBuddyError, ServiceError, WrongUsageError
from packetbuddy.settings.places import Home, ensure

BY_HAND = "It was started by hand: start it again, or `pb service start`."


def arguments(parser: Parser) -> None:
    """Take the backup."""
    parser.add_argument("file", metavar="FILE", help="a backup; what it replaces is kept in backups/")


def run(context: Context, options: Namespace) -> Result:
    """Look at it, stop counting, exchange the files, go on counting."""
    from packetbuddy.storage.restoring import prepare  # noqa: PLC0415 - `--help` needs no ledger

    home = home_of(context)
    ensure(home)
    source = _file(home, options.file)
    prepare(source, home.ledger, at_ns=context.now_ns)
    before = _stopped_for(context, home)
    try:
        aside = _exchange(home)
    except PacketBuddyError:
        _again(context, before)
        raise
    lines = [f"Restored {clean(str(source))}."]
    if aside is not None:
        lines.append(f"What was there before is kept: `pb restore {aside}` brings it back.")
    words, code = _again(context, before)
    data = {
        "file": str(source),
        "replaced": None if aside is None else str(aside),
        "started": before in MANAGED and not code,
    }
    return said(*lines, *words, data=data, code=code)


MANAGED = frozenset({"running", "restarting"})
"""States in which something keeps the monitor running."""


def _exchange(home: Home) -> Path | None:
    """Under the lock; where the replaced ledger is."""
    from packetbuddy.storage.lock import Lock  # noqa: PLC0415 - same
    from packetbuddy.storage.replacing import discard  # noqa: PLC0415 - same
    from packetbuddy.storage.restoring import put  # noqa: PLC0415 - same

    lock = Lock(home.lock)
    try:
        lock.acquire()
        return put(home.ledger, home.backups)
    except BaseException:
        if home.ledger.exists():  # else it is what the next start puts in place
            discard(home.ledger)
        raise
    finally:
        lock.release()


def _stopped_for(context: Context, home: Home) -> str:
    """Nothing counts any more; the state of before. What was prepared is forgotten where it cannot be stopped."""
    from packetbuddy.storage.replacing import discard  # noqa: PLC0415 - same

    try:
        return _stopped(context)
    except BaseException:
        discard(home.ledger)
        raise


def _stopped(context: Context) -> str:
    from packetbuddy.cli.servicing.keeping import kept  # noqa: PLC0415 - same
    from packetbuddy.services.marks import mark_stopped  # noqa: PLC0415 - same

    service = kept(context)
    before = service.state().word
    if before != "stopped":
        mark_stopped(home_of(context).root)  # or the watchdog would start it meanwhile
        service.stop()
    return before


def _again(context: Context, before: str) -> tuple[list[str], int]:
    """What became of the service, and the exit code."""
    from packetbuddy.cli.servicing.keeping import kept  # noqa: PLC0415 - same
    from packetbuddy.services.marks import forget_stopped  # noqa: PLC0415 - same

    if before in MANAGED:
        forget_stopped(home_of(context).root)
        try:
            started = kept(context).start()
        except ServiceError as error:
            return [f"It is in place, but PacketBuddy did not start: {error}"], FAILED
        return [
            f"PacketBuddy is counting again (process {started.monitor.pid}); what moved since the backup comes back."
        ], DONE
    return ([BY_HAND] if before == "unmanaged" else []), DONE


def _file(home: Home, name: str) -> Path:
    """As given; a name that is nowhere here is looked up in the home."""
    if not name:
        raise WrongUsageError("'' names no file", "Name a backup")
    path, in_home = Path(name), home.root / name
    return (in_home if not path.exists() and in_home.exists() else path).absolute()
