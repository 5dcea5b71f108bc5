"""The ``pb`` command: finds the command, runs it, shows its result, and catches in one outermost frame."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from itertools import chain
from time import time_ns
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

from packetbuddy import __version__
from packetbuddy.cli.context import Context
from packetbuddy.cli.handover import hand_over
from packetbuddy.cli.paper import paper_for
from packetbuddy.cli.parser import Parser, command_parser, near, print_safely
from packetbuddy.cli.result import DONE, FAILED, INTERRUPTED, WRONG_USAGE, Document, Outcome, Result
from packetbuddy.errors import LedgerMissingError, PacketBuddyError, WrongUsageError

if TYPE_CHECKING:
    from io import TextIOWrapper

COMMANDS: dict[str, tuple[str, str]] = {
    "": ("overview", "today, this month and the speed now, in a few lines"),
    "today": ("today", "what moved today, and what it costs"),
    "summary": ("summary", "everything since tracking began"),
    "month": ("month", "a row per day of a month"),
    "range": ("range_", "a row per day between two dates"),
    "usage": ("usage", "usage by hour, day, week, month, year or cycle"),
    "live": ("live", "the speed now, as a picture that moves"),
    "top": ("top", "which programs talk now; live only, nothing is stored"),
    "plan": ("plan", "what is left of the data plan, and whether it lasts"),
    "reconcile": ("reconcile", "our figure beside the ISP's, and why they differ"),
    "interfaces": ("interfaces", "every interface, counted or not, and why"),
    "why": ("why", "how a day's number came about; decide doubts"),
    "correct": ("correct", "set a day's figures right, with an audit trail"),
    "export": ("export", "CSV, JSON, Markdown, TOON, or the year as a page to share"),
    "import": ("import_", "take usage over from another file"),
    "backup": ("backup", "a verified copy of everything counted, while the service runs"),
    "restore": ("restore", "put a backup in place of what is counted"),
    "devices": ("devices", "every device and what it moved; rename or forget one"),
    "sync": ("sync", "synchronise with other devices, or see how that stands"),
    "dashboard": ("dashboard", "open the dashboard in the browser"),
    "doctor": ("doctor", "what is wrong here, and what to do about it"),
    "config": ("config", "show, get, set or check the settings"),
    "serve": ("serve", "count in the foreground, with the dashboard"),
    "service": ("service", "install, start, stop or look at the background service"),
    "update": ("update", "bring PacketBuddy up to date, or go back"),
    "watchdog": ("watchdog", "start a service that hangs anew"),
    "completion": ("completion", "the script that completes pb in your shell"),
}
"""Command → module in ``cli.commands`` and what it does. The empty name is bare ``pb``."""


class Command(Protocol):
    """What each module in ``cli.commands`` offers."""

    def arguments(self, parser: Parser) -> None:
        """Add the command's own arguments; ``--json`` is there already (as ``options.json``)."""
        ...

    def run(self, context: Context, options: object) -> Outcome:
        """Do it. ``options`` is argparse's namespace of the arguments; raises ``PacketBuddyError`` for people."""
        ...


def run() -> NoReturn:
    """Entry point of ``pb`` and ``python -m packetbuddy``."""
    _prepare_streams()
    hand_over(sys.argv[1:], os.environ)
    sys.exit(main(sys.argv[1:], os.environ, time_ns()))


def main(arguments: Sequence[str], environment: Mapping[str, str], now_ns: int) -> int:
    """Run one command line and return its exit code. Prints; never raises, never shows a traceback unasked."""
    try:
        code = _dispatch(arguments, environment, now_ns)
        _flush()
    except PacketBuddyError as error:
        _complain(f"pb: {_sentence(error)}", environment)
        return WRONG_USAGE if isinstance(error, WrongUsageError) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _close_quietly()
        return DONE
    except SystemExit as leaving:  # argparse after --help
        return leaving.code if isinstance(leaving.code, int) else DONE
    except Exception as error:  # noqa: BLE001 - the outermost frame: no traceback ever reaches a person unasked
        hint = "PACKETBUDDY_DEBUG=1 shows the details"
        _complain(f"pb: internal error: {type(error).__name__}: {_one_line(str(error))} ({hint})", environment)
        return FAILED
    return code


def _dispatch(arguments: Sequence[str], environment: Mapping[str, str], now_ns: int) -> int:
    name, rest = _split(arguments)
    if name in {"--help", "-h", "help"}:
        return _print_help()
    if name in {"--version", "-V"}:
        _print(f"PacketBuddy {__version__}")
        return DONE
    if name not in COMMANDS:
        kind = "option" if name.startswith("-") else "command"
        raise WrongUsageError(
            f"there is no {kind} {name!r}", near(name, [*filter(None, COMMANDS), "--version", "--json", "--help"])
        )
    module, summary = COMMANDS[name]
    command = cast("Command", import_module(f"packetbuddy.cli.commands.{module}"))
    parser = command_parser(name, summary)
    command.arguments(parser)
    options = parser.parse_intermixed_args(rest)  # options may stand between the words
    context = Context(environment, now_ns, paper_for(sys.stdout, environment))
    return _show(command.run(context, options), name, context, as_json=options.json)


def _split(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """The command's name and its own arguments; options of bare ``pb`` may stand without a name."""
    if not arguments:
        return "", []
    first = arguments[0]
    if first.split("=", 1)[0] in {"--json", "--device", "--interface"}:
        return "", list(arguments)
    return first or "''", list(arguments[1:])


def _show(outcome: Outcome, name: str, context: Context, *, as_json: bool) -> int:
    code = DONE
    if isinstance(outcome, Document):
        _pour(outcome.pieces, name, as_json=as_json)
        return code
    for result in [outcome] if isinstance(outcome, Result) else outcome:
        for line in [_envelope(name, result)] if as_json else result.write(context.paper):
            _print(line)
        _flush()
        code = result.code
    return code


def _pour(pieces: Iterator[str], name: str, *, as_json: bool) -> None:
    """Bytes, so that line ends and letters stay what they are, also in a locale that is not UTF-8."""
    opening, closing = (f'{{"schema": 1, "command": "{name}", "data": ', "}\n") if as_json else ("", "")
    for piece in chain([opening], pieces, [closing]):
        _written(partial(sys.stdout.buffer.write, piece.encode()))


def _print(line: str) -> None:
    encoding = sys.stdout.encoding or "ascii"
    _written(lambda: print(line.encode(encoding, "replace").decode(encoding)))


def _flush() -> None:
    _written(lambda: sys.stdout.flush())  # noqa: PLW0108 - stdout is looked up when it is called


def _written(write: Callable[[], object]) -> None:
    try:
        write()
    except BrokenPipeError:
        raise
    except OSError as error:
        _close_quietly()
        raise PacketBuddyError(f"the output could not be written: {error.strerror or error}") from error


def _envelope(name: str, result: Result) -> str:
    from json import dumps  # noqa: PLC0415 - only with --json

    return dumps({"schema": 1, "command": name or "overview", "data": result.data}, ensure_ascii=False)


def _print_help() -> int:
    rows = [*((name, summary) for name, (_, summary) in COMMANDS.items()), ("--version", "which PacketBuddy this is")]
    for line in (
        "pb: how much internet this computer uses, and what it costs",
        "",
        "usage: pb [command] [options]",
        "",
        *(f"  {'pb ' + name:<15} {summary}" for name, summary in rows),
        "",
        "`pb COMMAND --help` shows what a command takes.",
        "Every command knows --json.",
    ):
        _print(line)
    return DONE


def _sentence(error: PacketBuddyError) -> str:
    message, hint = _one_line(str(error)), _one_line(error.hint)
    if isinstance(error, LedgerMissingError):
        message, hint = "nothing has been counted yet", "`pb service start` starts counting"
    if not hint:
        return message
    if message.endswith((".", "!", "?")):
        from packetbuddy.reports.words import capitalised  # noqa: PLC0415 - only where something went wrong

        return f"{message} {capitalised(hint)}"
    return f"{message}; {hint}" if hint[0].islower() else f"{message}. {hint}"


def _one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text).strip()


def _complain(line: str, environment: Mapping[str, str]) -> None:
    """Say one line on stderr; the traceback of the error being handled only for those who asked."""
    if environment.get("PACKETBUDDY_DEBUG", "0") not in {"", "0"}:
        from traceback import print_exc  # noqa: PLC0415 - only when debugging

        print_exc()
    print_safely(line)


def _close_quietly() -> None:
    """Nobody reads any more: keep the interpreter from complaining about it when it leaves."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _prepare_streams() -> None:
    """Closed streams lead nowhere; on Windows a pipe speaks UTF-8 instead of an old code page."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - same
    if sys.platform == "win32":
        for stream in (sys.stdout, sys.stderr):
            cast("TextIOWrapper", stream).reconfigure(encoding="utf-8")
