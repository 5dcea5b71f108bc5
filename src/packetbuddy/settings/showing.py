"""PURE: settings for a person or a program to see, defaults filled in and secrets masked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from packetbuddy.settings.load import parse
from packetbuddy.settings.rules import Key, Written
from packetbuddy.settings.table import OLD_KEYS, SECTION, SECTIONS, Section

Table = dict[str, object]


def effective(mapping: Mapping[str, object]) -> dict[str, Table | list[Table]]:
    """Every section and key as TOML would give it, with its default where the file is silent; ``plan`` is a list.

    Raises:
        SettingsError: the mapping holds a mistake.
    """
    settings = parse(mapping)
    result: dict[str, Table | list[Table]] = {}
    for section in SECTIONS:
        if section.name == "plan":
            result["plan"] = [_filled(section, plan) for plan in plan_tables(mapping)]
        else:
            given = mapping.get(section.name, {})
            extra = {"url": settings.sync.url} if section.name == "sync" else {}
            result[section.name] = _filled(section, {**extra, **given} if isinstance(given, dict) else extra)
    return result


def plan_tables(mapping: Mapping[str, object]) -> list[Table]:
    """The tables of ``[plan]`` or of each ``[[plan]]``."""
    given = mapping.get("plan", [])
    tables = given if isinstance(given, list) else [given]
    return [table for table in tables if isinstance(table, dict)]


def old_keys(mapping: Mapping[str, object]) -> list[str]:
    """The keys of PacketBuddy 1.x that a file still holds and that have no effect."""
    found = []
    for name, known in OLD_KEYS.items():
        given = mapping.get(name)
        found += [f"{name}.{key}" for key in (given if isinstance(given, dict) else {}) if key in known]
    return [name for name in found if name != "database.neon_url"]


def toml_value(value: object) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Written):
        return value.text
    if isinstance(value, list):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml_value(item)}" for name, item in value.items()) + "}"
    return str(value)


def plain_value(value: object) -> str:
    """A value for ``pb config get``: a text bare, ``none`` for nothing, everything else as TOML."""
    if isinstance(value, str):
        return value
    return "none" if value is None else toml_value(value)


def json_value(value: object) -> object:
    """A value that JSON can hold: dates become texts, floats lose how they were written."""
    if isinstance(value, dict):
        return {name: json_value(item) for name, item in value.items()}
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, float) else value


def show_lines(mapping: Mapping[str, object]) -> list[str]:
    """All settings as TOML; what the file does not say is marked as default.

    Raises:
        SettingsError: the mapping holds a mistake.
    """
    lines: list[str] = []
    for name, found in effective(mapping).items():
        if isinstance(found, list):
            for filled, given in zip(found, plan_tables(mapping), strict=True):
                lines += ["", f"[[{name}]]", *_table_lines(SECTION[name], filled, given)]
        else:
            given_table = mapping.get(name)
            given = given_table if isinstance(given_table, dict) else {}
            lines += ["", f"[{name}]", *_table_lines(SECTION[name], found, given)]
    return lines[1:]


def _table_lines(section: Section, filled: Table, given: Mapping[str, object]) -> list[str]:
    lines = []
    for key in section.keys:
        value = filled[key.name]
        line = f"# {key.name} = none" if value is None else f"{key.name} = {toml_value(value)}"
        lines.append(line if key.name in given or value is None else f"{line:<34}  # default")
    return lines


def _filled(section: Section, given: Mapping[str, object]) -> Table:
    return {key.name: masked(key, given.get(key.name, key.default)) for key in section.keys}


def masked(key: Key, value: object) -> object:
    """The value as it may be shown."""
    if key.mask is None:
        return value
    if isinstance(value, list):
        return [key.mask(item) for item in value]
    return key.mask(value) if isinstance(value, str) else value


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in escaped) + '"'
