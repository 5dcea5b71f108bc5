"""``pb backup [FILE]``."""

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.render.drawing import clean
from packetbuddy.cli.result import Result, said
from packetbuddy.errors import LedgerReadOnlyError, WrongUsageError
from packetbuddy.settings.places import Home


def arguments(parser: Parser) -> None:
    """Take where to write it."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="a new file, or a folder (default: backups/ of the home)"
    )


def run(context: Context, options: Namespace) -> Result:
    """Write it and say where it is."""
    from packetbuddy.storage.restoring import back_up  # noqa: PLC0415 - `--help` needs no ledger

    home = home_of(context)
    target = _target(home, options.file, context.now_ns)
    size = back_up(home.ledger, home.lock, target)
    return said(
        f"Backed up to {clean(str(target))} ({size:,} bytes, verified).",
        f"`pb restore {clean(str(target))}` puts it back.",
        data={"file": str(target), "bytes": size},
    )


def _target(home: Home, asked: str | None, now_ns: int) -> Path:
    """The file; in a folder under a name with the time, which the daily ones don't have."""
    name = f"packetbuddy-{datetime.fromtimestamp(now_ns // 10**9, UTC):%Y-%m-%d-%H%M%S}.db"
    if asked == "":
        raise WrongUsageError("'' names no file", "Name a new file or a folder, or nothing")
    if asked is None:
        _make(home.backups)
        return home.backups / name
    path = Path(asked).absolute()
    return path / name if path.is_dir() else path


def _make(folder: Path) -> None:
    if not folder.parent.is_dir():  # no home yet: the ledger will be missed in words
        return
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as exc:
        raise LedgerReadOnlyError(f"{folder} cannot be made: {exc.strerror}") from exc
