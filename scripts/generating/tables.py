"""Tables of the reference that are made from the code, in pages that people write.

A table stands below a line such as ``<!-- from the code: options of pb usage -->`` and is made anew each time.
What there is to say beyond it stands below the table.
"""

import re
from collections.abc import Callable

from generating.facts import ENVIRONMENT
from generating.grammar import COMMON, Command, Option, commands, spelled
from packetbuddy.cli.result import EXIT_CODES
from packetbuddy.settings.rules import Key
from packetbuddy.settings.sample import MEANINGS
from packetbuddy.settings.showing import toml_value
from packetbuddy.settings.table import SECTIONS

Rows = list[tuple[str, ...]]
"""The first one is the head."""
PLACE = re.compile(r"^<!-- from the code: (.+) -->\n\n((?:\|.*\n)*)", re.MULTILINE)


def renewed(page: str) -> str:
    """The page with each such table as the code has it now.

    Raises:
        KeyError: a line names a table that is not known.
    """
    return PLACE.sub(lambda found: f"<!-- from the code: {found[1]} -->\n\n{_drawn(_table(found[1]))}", page)


def _table(name: str) -> Rows:
    kind, _, of = name.partition(" of ")
    return TABLES[kind](of)


def _drawn(rows: Rows) -> str:
    head, *others = rows
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ["---"] * len(head), *others)).replace(
        "| --- ", "|---"
    )


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _options(of: str) -> Rows:
    command = _command(of)
    shown = [option for option in command.options if option.names[-1] not in COMMON or option.many]
    return [
        ("argument, option", "meaning"),
        *((_code(each.metavar), each.help) for each in command.arguments),
        *((_named(option), option.help) for option in shown),
    ]


def _named(option: Option) -> str:
    return ", ".join([*map(_code, option.names[:-1]), _code(spelled(option))])


def _command(of: str) -> Command:
    return {f"pb {each.name}".strip(): each for each in commands()}[of]


def _common(_of: str) -> Rows:
    return [("option", "meaning"), *((_named(option), option.help) for option in commands()[0].options)]


def _keys(of: str) -> Rows:
    (section,) = (section for section in SECTIONS if section.name == of)
    return [("key", "default", "allowed", "meaning"), *(_key(of, key) for key in section.keys)]


def _key(section: str, key: Key) -> tuple[str, ...]:
    default = "none" if key.default is None else _code(toml_value(key.default))
    return _code(key.name), default, _allowed(key.rule.allowed), _allowed(MEANINGS[f"{section}.{key.name}"])


def _allowed(words: str) -> str:
    """A rule's words, with what is to be typed as code."""
    typed = r"(\[.*\])|(\"[^\"]*\"|\b(?:true|false)\b)"
    return re.sub(typed, lambda found: f"`{found[0]}`", words).replace("|", "\\|")


def _codes(_of: str) -> Rows:
    return [("code", "meaning"), *((str(code), told) for code, told in EXIT_CODES.items())]


def _variables(_of: str) -> Rows:
    return [("variable", "effect"), *((_code(name), told) for name, told in ENVIRONMENT.items())]


TABLES: dict[str, Callable[[str], Rows]] = {
    "options": _options,
    "common options": _common,
    "keys": _keys,
    "exit codes": _codes,
    "environment": _variables,
}
