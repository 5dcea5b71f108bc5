"""``pb serve``: count in the foreground until Ctrl-C."""

from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.result import Result
from packetbuddy.errors import LockHeldError
from packetbuddy.settings.places import Home, own_folder


def arguments(_parser: Parser) -> None:
    """Take nothing."""


def run(context: Context, _options: Namespace) -> Result:
    """Run the monitor in this process; its exit code is ours. Its log says on stderr where the dashboard is."""
    from packetbuddy.monitor.main import main  # noqa: PLC0415 - no other command loads the monitor

    home = home_of(context)
    _take_over(home, own_folder(context.environment))
    return Result({}, lambda _paper: (), main(home, context.environment))


def _take_over(home: Home, user_home: Path) -> None:
    """From a PacketBuddy 1.x, if one is here; what runs already is the monitor's to tell."""
    from packetbuddy.storage.predecessor import is_predecessor  # noqa: PLC0415 - same

    if not is_predecessor(home.ledger):
        return
    from packetbuddy.monitor.log import Log  # noqa: PLC0415 - once in a home's life
    from packetbuddy.services.predecessor import relieve, told  # noqa: PLC0415 - same

    with suppress(LockHeldError):
        aside = relieve(home, user_home)
        for line in told(aside) if aside else ():
            Log(home.stderr_log).line("info", line)
