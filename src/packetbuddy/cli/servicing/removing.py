"""``pb service uninstall``: the service is taken back, with ``--purge`` everything else, too."""

import sys
from argparse import Namespace
from pathlib import Path

from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.result import Result, said
from packetbuddy.errors import WrongUsageError
from packetbuddy.installing.onpath import take_off_path
from packetbuddy.services.choosing import registered_with
from packetbuddy.services.marks import mark_stopped
from packetbuddy.services.purging import purge, refusal
from packetbuddy.settings.places import Home, own_folder

KEPT = "Kept: {home}, with all that was counted. `pb service uninstall --purge` deletes it."


def uninstall(context: Context, options: Namespace) -> Result:
    """Stop, take the registration back, and with ``--purge`` delete the home after asking."""
    home, user_home = home_of(context), own_folder(context.environment)
    if options.purge and not _agreed(home, user_home, yes=options.yes, as_json=options.json):
        return said("Nothing was changed.", data={"removed": False, "purged": False})
    if home.root.is_dir():
        mark_stopped(home.root)
    removed = registered_with(home, context.environment).uninstall()
    line = "The service is stopped and removed." if removed else "No service was installed, and none ran."
    data: dict[str, object] = {"removed": removed, "purged": options.purge}
    if not options.purge:
        kept = [KEPT.format(home=home.root)] if home.root.is_dir() else []
        return said(line, *kept, data=data)
    return said(line, *_purged(home, user_home), data=data)


def _agreed(home: Home, user_home: Path, *, yes: bool, as_json: bool) -> bool:
    """Whether to delete everything. Raises HomeError where that is not PacketBuddy's to delete."""
    refusal(home.root, user_home)
    if yes or not home.root.is_dir():
        return True
    if as_json or not sys.stdin.isatty():
        raise WrongUsageError("--purge deletes everything that was counted", "--yes says that this is meant")
    sys.stderr.write(f"Delete {home.root} and everything that was counted? (y/n) [n]: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _purged(home: Home, user_home: Path) -> list[str]:
    off_path = take_off_path(home, user_home)
    left = purge(home.root)
    lines = [f"Deleted: {home.root}"] if not left else [f"Deleted: all of PacketBuddy's in {home.root}"]
    lines += [f"Left alone, not PacketBuddy's: {', '.join(left)}"] if left else []
    return [*lines, f"Deleted: {off_path}"] if off_path else lines
