"""The commands as the parsers know them: names, options, and what may stand behind each."""

import argparse
import re
from importlib import import_module
from typing import NamedTuple

from packetbuddy.cli.main import COMMANDS
from packetbuddy.cli.parser import command_parser
from packetbuddy.settings.rules import Key, RefusedError
from packetbuddy.settings.table import SECTIONS

FREE = {"N", "NAME", "SIZE", "TEXT", "YYYY", "YYYY-MM"}
"""Metavars of what only a person knows."""
KINDS = {"FILE": "files", "DEVICE": "devices", "DATE": "dates", "KEY VALUE": "settings"}
"""Metavar → what completes it."""
ASKED = {"--interface": "interfaces", "--device": "devices", "--plan": "plans", "--zone": "zones"}
"""Option → what of the machine, the ledger or the settings completes it: a kind of ``pb completion --values``."""
SETTINGS = {
    "display.timezone": "zones",
    "monitoring.interface": "interfaces",
    "plan.interfaces": "interfaces",
    "plan.devices": "devices",
}
"""Settings that hold a name of something."""
DATES = ("today", "yesterday")
COMMON = ("--help", "--json", "--device", "--interface")
"""Options that many commands take, explained once."""


class Values(NamedTuple):
    """What may stand in a place: ``words`` of a fixed set, or of a kind; ``free`` where only a person knows."""

    kind: str
    words: tuple[str, ...] = ()


class Option(NamedTuple):
    """An option; ``metavar`` and ``values`` are ``None`` for a switch."""

    names: tuple[str, ...]
    metavar: str | None
    values: Values | None
    help: str
    required: bool = False
    many: bool = False


class Argument(NamedTuple):
    """What stands without an option's name; ``many`` of it may."""

    metavar: str
    values: Values
    help: str
    optional: bool
    many: bool


class Command(NamedTuple):
    """One command. The empty name is bare ``pb``."""

    name: str
    summary: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    excluding: tuple[tuple[str, ...], ...]
    """Options of which only one may be given."""


def commands() -> list[Command]:
    """All of them, in the order of ``pb --help``."""
    return [_command(name, module, summary) for name, (module, summary) in COMMANDS.items()]


def usage(command: Command) -> str:
    """The line that says all of it: ``pb why [DATE] [--accept N | --reject N] …``."""
    alone = [option for option in command.options if not any(option.names[0] in group for group in command.excluding)]
    groups = [[option for option in command.options if option.names[0] in group] for group in command.excluding]
    words = [_shown(argument.metavar, argument.values) for argument in command.arguments]
    arguments = [
        f"[{word}{' …' if each.many else ''}]" if each.optional else word
        for word, each in zip(words, command.arguments, strict=True)
    ]
    own = [one for one in alone if one.names[-1] not in COMMON]
    required = [spelled(one) for one in own if one.required]
    chosen = [f"[{' | '.join(map(spelled, group))}]" for group in groups]
    wishes = [f"[{spelled(one)}]" for one in own if not one.required]
    return " ".join(["pb", *filter(None, [command.name]), *arguments, *required, *chosen, *wishes])


def spelled(option: Option) -> str:
    """An option with what belongs behind it: ``--by 5min|hour|…``."""
    if option.values is None:
        return option.names[-1]
    return f"{option.names[-1]} {_shown(option.metavar or '', option.values)}"


def _shown(metavar: str, values: Values) -> str:
    return "|".join(values.words) if values.words and values.words != DATES else metavar


def settings_of(command: str) -> dict[str, Values]:
    """The keys that a command's KEY VALUE knows, each with what may follow it."""
    if command == "plan":
        return {
            key.name: _setting("plan", key) for section in SECTIONS if section.name == "plan" for key in section.keys
        }
    return {f"{section.name}.{key.name}": _setting(section.name, key) for section in SECTIONS for key in section.keys}


def _command(name: str, module: str, summary: str) -> Command:
    parser = command_parser(name, summary)
    import_module(f"packetbuddy.cli.commands.{module}").arguments(parser)
    actions = parser._actions  # noqa: SLF001 - argparse shows its actions nowhere else
    groups = parser._mutually_exclusive_groups  # noqa: SLF001 - same
    return Command(
        name,
        summary,
        tuple(_option(action) for action in actions if action.option_strings),
        tuple(_argument(action) for action in actions if not action.option_strings),
        tuple(tuple(action.option_strings[0] for action in group._group_actions) for group in groups),  # noqa: SLF001 - same
    )


def _option(action: argparse.Action) -> Option:
    names, told = tuple(action.option_strings), str(action.help or "")
    if action.dest == "help":
        return Option(names, None, None, "what the command takes")
    if action.nargs == 0:
        return Option(names, None, None, told)
    metavar = str(action.metavar or names[-1].lstrip("-").upper())
    asked = Values(ASKED[names[-1]]) if names[-1] in ASKED else _values(action, metavar)
    return Option(names, metavar, asked, told, action.required, many=isinstance(action, argparse._AppendAction))  # noqa: SLF001 - same


def _argument(action: argparse.Action) -> Argument:
    metavar = str(action.metavar)
    return Argument(
        metavar, _values(action, metavar), str(action.help or ""), action.nargs in {"?", "*"}, action.nargs == "*"
    )


def _values(action: argparse.Action, metavar: str) -> Values:
    """Raises a ``KeyError`` for a metavar of which nobody decided what completes it."""
    if action.choices is not None:
        return Values("words", tuple(map(str, action.choices)))
    if metavar in FREE:
        return Values("free")
    kind = KINDS[metavar]
    return Values("words", DATES) if kind == "dates" else Values(kind)


def _setting(section: str, key: Key) -> Values:
    name, words = f"{section}.{key.name}", _words(key)
    if name in SETTINGS:
        return Values(SETTINGS[name])
    return Values("words", words) if words else Values("free")


def _words(key: Key) -> tuple[str, ...]:
    """The words that a key's rule speaks of and takes; a shell cuts at a colon."""
    spoken = re.findall(r'"([\w.]+)"|\b(true|false)\b', key.rule.allowed)
    return tuple(dict.fromkeys(word for pair in spoken for word in pair if word and _takes(key, word)))


def _takes(key: Key, word: str) -> bool:
    try:
        key.rule.convert({"true": True, "false": False}.get(word, word))
    except RefusedError:
        return False
    return True
