"""``pb completion SHELL``: the script that completes commands; ``--values`` is what such scripts ask."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from packetbuddy.cli.context import Context, settings_of
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.result import Result, said
from packetbuddy.errors import WrongUsageError

if TYPE_CHECKING:
    from packetbuddy.answers.open import Question

SCRIPTS = {"bash": "pb.bash", "zsh": "_pb", "fish": "pb.fish", "powershell": "pb.ps1"}
"""Shell → its file in ``cli/completions``, made by ``scripts/generate.py``."""
FOLDER = Path(__file__).parents[1] / "completions"


def arguments(parser: Parser) -> None:
    """Take a shell, or what is asked for."""
    parser.add_argument("shell", nargs="?", choices=tuple(SCRIPTS), metavar="SHELL", help=", ".join(SCRIPTS))
    parser.add_argument("--values", choices=tuple(VALUES), help="for the scripts: the names that there are, one a line")


def run(context: Context, options: Namespace) -> Result:
    """Print a script, or names."""
    if (options.shell is None) == (options.values is None):
        raise WrongUsageError("it is `pb completion SHELL`", f"It knows: {', '.join(SCRIPTS)}")
    if options.values is not None:
        names = VALUES[options.values](context)
        return said(*names, data={"kind": options.values, "values": names})
    script = (FOLDER / SCRIPTS[options.shell]).read_text("utf-8")
    return said(*script.splitlines(), data={"shell": options.shell, "script": script})


def _interfaces(context: Context) -> list[str]:
    """Every interface that is there or was ever recorded."""
    from packetbuddy.answers.interfaces import names  # noqa: PLC0415 - only when asked

    return names(_question(context))


def _plans(context: Context) -> list[str]:
    return [plan.name for plan in settings_of(context).plans]


def _devices(context: Context) -> list[str]:
    from packetbuddy.cli.question import ask  # noqa: PLC0415 - same

    return ["this", "all", ask(context, Namespace(device="this", interface=None)).device]


def _zones(_context: Context) -> list[str]:
    from zoneinfo import available_timezones  # noqa: PLC0415 - same

    return sorted(available_timezones())


def _question(context: Context) -> "Question":
    from packetbuddy.cli.question import ask  # noqa: PLC0415 - same

    return ask(context, Namespace(device="this", interface=None)).question


VALUES: dict[str, Callable[[Context], list[str]]] = {
    "devices": _devices,
    "interfaces": _interfaces,
    "plans": _plans,
    "zones": _zones,
}
