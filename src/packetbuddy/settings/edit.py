"""Editing ``config.toml`` for a person: comments stay, nothing invalid is written, nothing is half written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item

from packetbuddy.errors import SettingsError
from packetbuddy.settings.load import find_key, parse, parse_text, read_text
from packetbuddy.settings.rules import Key, RefusedError
from packetbuddy.settings.sample import default_text


class Edited(NamedTuple):
    """The file's new text, and the value that was set as TOML gives it."""

    text: str
    value: object


def set_key(path: Path, name: str, value: str) -> Edited:
    """Set ``section.key`` in the file, or in a new commented one, and write it.

    ``value`` is TOML, or a bare word where the key wants a text. A symbolic link's target is written, mode 0600.

    Raises:
        SettingsError: unknown key, value not allowed, a file that has another mistake or cannot be written.
    """
    key = find_key(name)
    try:
        edited = change(read_text(path) or default_text(), name, key, value)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}; nothing was written", error.hint) from error
    write_text(path, edited.text)
    return edited


def write_text(path: Path, text: str) -> None:
    """Replace the file in one step: a reader finds the old text or the new one. Mode 0600, on disk when it returns.

    Raises:
        SettingsError: it could not be written; the old file is as it was.
    """
    target = Path(os.path.realpath(path))
    try:
        descriptor, name = tempfile.mkstemp(prefix=".config-", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise _unwritten(path, error) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise _unwritten(path, error) from error


def change(text: str, name: str, key: Key, value: str) -> Edited:
    """PURE: the text with one key set, proven to differ in nothing else.

    Raises:
        SettingsError: the text, the value or the result is not valid, or there is more than one plan.
    """
    before = parse_text(text)
    section = name.partition(".")[0]
    written = as_item(key, value)
    refuse_shape(before, section)
    result = _with_key(text, section, key.name, written)
    parsed = parse_text(result)
    parse(parsed)
    given = parse_text(f"value = {written.as_string()}")["value"]
    _table(before, section)[key.name] = given
    if parsed != before:
        raise SettingsError(f"{name} cannot be set without disturbing other lines", "Edit the file by hand.")
    return Edited(result, given)


def _with_key(text: str, section: str, name: str, written: Item) -> str:
    try:
        document = tomlkit.parse(text)
        _table(document, section)[name] = written
        return tomlkit.dumps(document)
    except (TOMLKitError, RecursionError) as error:
        raise SettingsError("is written in a way that cannot be edited", "Edit the file by hand.") from error


def refuse_shape(mapping: dict[str, object], section: str) -> None:
    """What stands in the section's place must be a table, or tables for plans; else say what the file's reader says."""
    found = mapping.get(section, {})
    tables = found if section == "plan" and isinstance(found, list) else [found]
    if not all(isinstance(table, dict) for table in tables):
        parse({section: found})


def as_item(key: Key, value: str) -> Item:
    """The value as TOML where the key's rule takes that, else as a text where it takes that, else what is refused."""
    candidates: list[Item] = []
    try:
        parsed = parse_text(f"value = {value.strip()}")
    except SettingsError:
        parsed = {}
    if list(parsed) == ["value"]:
        candidates.append(tomlkit.value(value.strip()))
    if not isinstance(parsed.get("value"), (list, dict)):  # what is a list was not meant as a name in brackets
        candidates.append(tomlkit.string(value))
    return next((item for item in candidates if _is_allowed(key, item)), candidates[0])


def _is_allowed(key: Key, item: Item) -> bool:
    try:
        key.rule.convert(parse_text(f"value = {item.as_string()}")["value"])
    except RefusedError:
        return False
    return True


def _table(document: Any, section: str) -> Any:  # noqa: ANN401 - tomlkit's containers and plain dicts alike
    """The section's table, made where it is missing (a plan as ``[[plan]]``); of ``[[plan]]`` the only one."""
    if section not in document:
        table: Any = tomlkit.table() if isinstance(document, tomlkit.TOMLDocument) else {}
        document[section] = [table] if section == "plan" else table
    found = document[section]
    if not isinstance(found, list):
        return found
    if len(found) != 1:
        raise SettingsError(f"there are {len(found)} plans, and it is not clear which one is meant", "Edit the file.")
    return found[0]


def _unwritten(path: Path, error: OSError) -> SettingsError:
    return SettingsError(f"{path}: cannot be written: {error.strerror or error}")


def _sync_folder(folder: Path) -> None:
    """The new name survives a power cut too; Windows has no such call and needs none."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
