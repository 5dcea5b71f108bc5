"""Setting keys of one plan among others, or making a new one: all at once, so that what belongs together fits."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item

from packetbuddy.errors import SettingsError
from packetbuddy.settings.edit import as_item, refuse_shape, write_text
from packetbuddy.settings.load import find_key, parse, parse_text, read_text
from packetbuddy.settings.sample import default_text

UNNAMED = "plan"
"""What a plan without a name is called."""


class PlanSet(NamedTuple):
    """The plan's name, and what was set as TOML gives it."""

    name: str
    values: dict[str, object]


def set_plan(path: Path, name: str | None, values: Mapping[str, str]) -> PlanSet:
    """Set keys of the plan of that name, made where there is none; without a name, of the only one.

    Values are TOML, or bare words where a key wants a text. Comments stay, nothing invalid is written.

    Raises:
        SettingsError: an unknown key, a value that is not allowed, several plans and no name, or a file that has
            another mistake or cannot be written.
    """
    try:
        text, done = change_plan(read_text(path) or default_text(), name, values)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}; nothing was written", error.hint) from error
    write_text(path, text)
    return done


def change_plan(text: str, name: str | None, values: Mapping[str, str]) -> tuple[str, PlanSet]:
    """PURE: the text with those keys set, proven to differ in nothing else.

    Raises:
        SettingsError: as :func:`set_plan`.
    """
    before = parse_text(text)
    refuse_shape(before, "plan")
    items = {key: as_item(find_key(f"plan.{key}"), value) for key, value in values.items()}
    place = _place(before, name)
    if place is None and name is not None and "name" not in items:
        items = {"name": tomlkit.string(name), **items}
    given = {key: parse_text(f"value = {item.as_string()}")["value"] for key, item in items.items()}
    result = _with_keys(text, place, items)
    wanted = _expected(before, place, given)
    parse(wanted)
    if parse_text(result) != wanted:
        raise SettingsError("the plan cannot be set without disturbing other lines", "Edit the file by hand.")
    after = _tables(wanted)[-1 if place is None else place]
    return result, PlanSet(str(after.get("name", UNNAMED)), given)


def _place(mapping: Mapping[str, object], name: str | None) -> int | None:
    """Which plan is meant; ``None``: a new one."""
    tables = _tables(mapping)
    names = [str(table.get("name", UNNAMED)) for table in tables]
    if name is None and len(tables) > 1:
        raise SettingsError(f"there are {len(tables)} plans", f"say which: --plan {' or --plan '.join(names)}")
    if name is None:
        return 0 if tables else None
    if name in names:
        return names.index(name)
    if isinstance(mapping.get("plan"), dict):
        raise SettingsError(f"there is no plan {name}, and a second one needs [[plan]] in place of [plan]", "Edit it.")
    return None


def _tables(mapping: Mapping[str, object]) -> list[dict[str, Any]]:
    found = mapping.get("plan", [])
    return found if isinstance(found, list) else [found] if isinstance(found, dict) else []


def _expected(before: Mapping[str, object], place: int | None, given: Mapping[str, object]) -> dict[str, object]:
    after = deepcopy(dict(before))
    if place is None:
        after["plan"] = [*_tables(after), dict(given)]
    else:
        _tables(after)[place].update(given)
    return after


def _with_keys(text: str, place: int | None, items: Mapping[str, Item]) -> str:
    try:
        document = tomlkit.parse(text)
        table: Any = tomlkit.table() if place is None else _tables(document)[place]
        for key, item in items.items():
            table[key] = item
        if place is None:
            _append(document, table)
        return tomlkit.dumps(document)
    except (TOMLKitError, RecursionError) as error:
        raise SettingsError("is written in a way that cannot be edited", "Edit the file by hand.") from error


def _append(document: Any, table: Any) -> None:  # noqa: ANN401 - tomlkit's containers
    """A new ``[[plan]]`` after the others, or at the end, an empty line before it."""
    table.trivia.indent = "\n"
    if "plan" not in document:
        document.append("plan", tomlkit.aot())
    document["plan"].append(table)
