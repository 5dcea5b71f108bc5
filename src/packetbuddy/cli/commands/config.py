"""``pb config``: the settings shown, looked up, changed and checked. No password is ever printed."""

import contextlib
import os
import stat
import sys
from argparse import Namespace
from collections.abc import Callable

from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.parser import Parser, print_safely
from packetbuddy.cli.result import FAILED, Result, said
from packetbuddy.errors import LedgerError, SettingsError, WrongUsageError
from packetbuddy.reports.planwords import unknown_notes
from packetbuddy.settings.checking import checked
from packetbuddy.settings.load import find_key, read_mapping
from packetbuddy.settings.places import Home, ensure
from packetbuddy.settings.rules import Key, RefusedError
from packetbuddy.settings.showing import effective, json_value, masked, plain_value, show_lines, toml_value
from packetbuddy.settings.table import SECTION
from packetbuddy.settings.zones import check_timezone

TAKES = {"show": 0, "get": 1, "set": 1, "check": 0, "path": 0}
"""Verb → how many words it takes; ``set`` joins all after the key into one value, or reads it where there is none."""


def arguments(parser: Parser) -> None:
    """``pb config VERB [KEY [VALUE]]``."""
    parser.add_argument("verb", nargs="?", default="show", choices=tuple(TAKES), metavar="VERB", help=", ".join(TAKES))
    parser.add_argument(
        "words",
        nargs="*",
        metavar="KEY VALUE",
        help="get KEY; set KEY VALUE, such as display.units binary; set KEY asks for it or reads a pipe",
    )


def run(context: Context, options: Namespace) -> Result:
    """Do what the verb says."""
    verb, words = options.verb, options.words
    if len(words) < TAKES[verb] or (len(words) > TAKES[verb] and verb != "set"):
        wanted = {"get": " KEY", "set": " KEY [VALUE]"}.get(verb, "")
        raise WrongUsageError(f"it is `pb config {verb}{wanted}`", "`pb config show` lists the keys")
    home = home_of(context)
    if verb == "set":
        return _set(home, words[0], words[1:])
    if verb == "get":
        return _get(home, words[0])
    verbs: dict[str, Callable[[], Result]] = {
        "show": lambda: _show(home),
        "check": lambda: _check(context, home),
        "path": lambda: said(str(home.config), data={"path": str(home.config), "exists": home.config.exists()}),
    }
    return verbs[verb]()


def _show(home: Home) -> Result:
    mapping = _valid(home)
    data = {"path": str(home.config), "exists": home.config.exists(), "settings": json_value(effective(mapping))}
    state = "" if home.config.exists() else " (not there: all defaults)"
    return said(f"# {home.config}{state}", "", *show_lines(mapping), data=data)


def _get(home: Home, name: str) -> Result:
    section = name.partition(".")[0]
    if name != section or section not in SECTION:
        _known(name)
    found = effective(_valid(home))[section]
    tables = found if isinstance(found, list) else [found]
    if name == section:
        lines = [f"{section}.{key} = {plain_value(value)}" for table in tables for key, value in table.items()]
        return said(*lines, data={"key": name, "value": json_value(found)})
    values = [table[name.partition(".")[2]] for table in tables]
    value = values if section == "plan" else values[0]
    return said(*(plain_value(one) for one in values), data={"key": name, "value": json_value(value)})


def _set(home: Home, name: str, words: list[str]) -> Result:
    from packetbuddy.settings.edit import set_key  # noqa: PLC0415 - only `set` pays for tomlkit

    key = _known(name)
    value = " ".join(words) if words else _written(key, name)
    if name == "display.timezone" and _is_allowed(name, value):
        check_timezone(value)
    ensure(home)
    edited = set_key(home.config, name, value)
    seen = masked(key, edited.value)
    if words and seen != edited.value:
        print_safely(f"Shells keep what is typed: `pb config set {name}` without a value asks for it unseen.")
    return said(
        f"{name} = {toml_value(seen)}",
        data={"key": name, "value": json_value(seen), "path": str(home.config)},
    )


def _written(key: Key, name: str) -> str:
    """The value from a person, unseen where it may hold a secret, or the first line of a pipe.

    Raises:
        WrongUsageError: there is none.
    """
    from getpass import getpass  # noqa: PLC0415 - only where it is asked for

    value = ""
    with contextlib.suppress(EOFError):
        if sys.stdin is not None and sys.stdin.isatty():
            value = (getpass if key.mask else input)(f"{name} = ")
        elif sys.stdin is not None:
            value = sys.stdin.readline()
    if not value.strip():
        raise WrongUsageError(f"there is no value for {name}", f"`pb config set {name} VALUE`, or a value in a pipe")
    return value.strip()


def _check(context: Context, home: Home) -> Result:
    mistakes, notes = _findings(context, home)
    data = {
        "path": str(home.config),
        "exists": home.config.exists(),
        "valid": not mistakes,
        "mistakes": mistakes,
        "notes": notes,
    }
    lines = [*mistakes, *(f"Note: {note}" for note in notes)]
    if not mistakes:
        lines.insert(
            0, f"{home.config}: {'no mistakes' if home.config.exists() else 'not there, so all defaults hold'}"
        )
    return said(*lines, data=data, code=FAILED if mistakes else 0)


def _findings(context: Context, home: Home) -> tuple[list[str], list[str]]:
    """Mistakes that keep settings from being used, and things worth knowing, one line each."""
    found = checked(home.config, context.environment)
    notes = [*found.notes, *_open_notes(home)]
    if not found.mistakes and any(plan.interfaces or plan.devices != ("this",) for plan in found.settings.plans):
        notes += _plan_notes(context)
    return list(found.mistakes), notes


def _plan_notes(context: Context) -> list[str]:
    """Interfaces and devices of plans that are not known; nothing before anything is counted, or can be read."""
    from packetbuddy.answers.plans import gauges  # noqa: PLC0415 - only with a plan on interfaces or devices
    from packetbuddy.cli.question import ask  # noqa: PLC0415 - same

    question = ask(context, Namespace(device="this", interface=None)).question
    with contextlib.suppress(LedgerError):
        rows = gauges(question._replace(tell=lambda _words: None)).rows
        return [f"plan {row.gauge.name}: {note}" for row in rows for note in unknown_notes(row.gauge)]
    return []


def _open_notes(home: Home) -> list[str]:
    if os.name != "posix":
        return []
    try:
        mode = home.config.stat().st_mode
    except OSError:
        return []
    others = stat.S_IRWXG | stat.S_IRWXO
    return [f"others can read {home.config}: chmod 600 closes it"] if mode & others and stat.S_ISREG(mode) else []


def _valid(home: Home) -> dict[str, object]:
    """What the file says, known to be without mistakes; errors begin with its name."""
    try:
        mapping = read_mapping(home.config)
        effective(mapping)
    except SettingsError as error:
        raise SettingsError(f"{home.config}: {error}", error.hint or "`pb config check` lists all mistakes") from error
    return mapping


def _known(name: str) -> Key:
    """The key of that name; a wrong name is wrong usage."""
    try:
        return find_key(name)
    except SettingsError as error:
        raise WrongUsageError(str(error)) from error


def _is_allowed(name: str, value: str) -> bool:
    try:
        find_key(name).rule.convert(value)
    except RefusedError:
        return False
    return True
