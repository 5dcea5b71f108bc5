"""``pb serve``: count in the foreground until Ctrl-C."""

from argparse import Namespace

from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.result import Result


def arguments(_parser: Parser) -> None:
    """Take nothing."""


def run(context: Context, _options: Namespace) -> Result:
    """Run the monitor in this process; its exit code is ours. Its log says on stderr where the dashboard is."""
    from packetbuddy.monitor.main import main  # noqa: PLC0415 - no other command loads the monitor

    return Result({}, lambda _paper: (), main(home_of(context), context.environment))
