"""``config.toml`` becomes :class:`Settings`, or one line that says what is wrong with it."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from packetbuddy.errors import SettingsError
from packetbuddy.settings.model import Settings
from packetbuddy.settings.plans import finish_plan
from packetbuddy.settings.rules import Key, Written, apply, shown
from packetbuddy.settings.table import OLD_KEYS, SECTION, SECTIONS, Section, old_url

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE = 1 << 20


class Examined(NamedTuple):
    """Settings with the default in place of every mistake, and the mistakes, each one line without the file's name."""

    settings: Settings
    mistakes: tuple[SettingsError, ...]


def load(path: Path) -> Settings:
    """Read the file; a missing or empty one gives the defaults.

    Raises:
        SettingsError: the file cannot be read, is no TOML, or holds a mistake; its name comes first.
    """
    try:
        return parse(read_mapping(path))
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}", error.hint) from error


def salvage(path: Path) -> Settings:
    """What a file says, as far as it can be read; the defaults where nothing can. Somebody else tells its mistakes."""
    try:
        return examine(read_mapping(path)).settings
    except SettingsError:
        return parse({})


def parse(mapping: Mapping[str, object]) -> Settings:
    """PURE: settings from what TOML gave.

    Raises:
        SettingsError: the first mistake, without the file's name.
    """
    examined = examine(mapping)
    if examined.mistakes:
        raise examined.mistakes[0]
    return examined.settings


def examine(mapping: Mapping[str, object]) -> Examined:
    """PURE: look at everything and collect all mistakes."""
    mistakes = [_unknown_section(name) for name in mapping if name not in SECTION and name not in OLD_KEYS]
    built: dict[str, Any] = {}
    for section in SECTIONS:
        given = mapping.get(section.name, {})
        if section.name == "plan":
            built["plans"] = _plans(section, given, mistakes)
        else:
            built[section.name] = section.build(**_values(section, section.name, given, mistakes))
    settings = _with_old_url(Settings(**built), old_url(mapping.get("database")))
    if not mistakes:
        mistakes = list(_contradictions(settings))
    return Examined(settings, tuple(mistakes))


def read_mapping(path: Path) -> dict[str, object]:
    """What TOML makes of the file; empty where there is none. Floats are :class:`Written`.

    Raises:
        SettingsError: not readable, not UTF-8, too large, or or a syntax error; without the file's name.
    """
    return parse_text(read_text(path) or "")


def read_text(path: Path) -> str | None:
    """The file's text without a byte order mark; ``None`` where there is no file.

    Raises:
        SettingsError: not a file, not readable, too large or not UTF-8; without the file's name.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SettingsError("is not a file", "Move it away; without a config.toml the defaults hold.")
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror or error}") from error
    if len(raw) > LARGEST_FILE:
        raise SettingsError(f"is larger than {LARGEST_FILE >> 20} MiB, which no settings need")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"is not UTF-8 text (line {line})", "Save it with the encoding UTF-8.") from error


def parse_text(text: str) -> dict[str, object]:
    """PURE: TOML's mapping of a text.

    Raises:
        SettingsError: a syntax error with its line and column, or nothing a person would write.
    """
    try:
        return tomllib.loads(text, parse_float=Written)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(_syntax_words(str(error), text)) from error
    except RecursionError as error:
        raise SettingsError("is nested too deeply") from error
    except ValueError as error:
        raise SettingsError("holds a number with too many digits") from error


def find_key(name: str) -> Key:
    """The key that ``section.key`` names.

    Raises:
        SettingsError: there is none, with the nearest one.
    """
    first, _, second = name.partition(".")
    if first not in SECTION:
        raise _unknown_section(first)
    found = next((key for key in SECTION[first].keys if key.name == second), None)
    if found is None:
        raise _unknown_key(SECTION[first], first, second)
    return found


def _syntax_words(complaint: str, text: str) -> str:
    """``line 3, column 5: expected …`` of tomllib's ``Expected … (at line 3, column 5)``."""
    words, _, place = complaint.rpartition(" (at ")
    place = place.rstrip(")")
    if not place.startswith("line "):
        last = text.rstrip("\n")
        place = f"line {last.count(chr(10)) + 1}, column {len(last) - last.rfind(chr(10))} (the end)"
    return f"{place}: no valid TOML: {words[:1].lower()}{words[1:]}"


def _values(section: Section, where: str, given: object, mistakes: list[SettingsError]) -> dict[str, Any]:
    """The converted values of one table, defaults in place of what is missing or wrong."""
    if not isinstance(given, dict):
        mistakes.append(SettingsError(f"{where} is {shown(given)}; allowed: a table [{where}] with its keys below it"))
        given = {}
    known = {key.name for key in section.keys} | OLD_KEYS.get(section.name, frozenset())
    mistakes.extend(_unknown_key(section, where, name) for name in given if name not in known)
    values = {}
    for key in section.keys:
        try:
            values[key.name] = apply(key, f"{where}.{key.name}", given.get(key.name, key.default))
        except SettingsError as mistake:
            mistakes.append(mistake)
            values[key.name] = apply(key, where, key.default)
    return values


def _plans(section: Section, given: object, mistakes: list[SettingsError]) -> tuple[Any, ...]:
    tables = given if isinstance(given, list) else [given] if given != {} else []
    plans = []
    for number, table in enumerate(tables, start=1):
        where = "plan" if len(tables) == 1 else f"plan[{number}]"
        try:
            plans.append(finish_plan(where, _values(section, where, table, mistakes)))
        except SettingsError as mistake:
            mistakes.append(mistake)
    return tuple(plans)


def _with_old_url(settings: Settings, url: object) -> Settings:
    """A 1.x file kept the database's URL under ``[database]``; a broken one is read over, as 1.x's other keys are."""
    if url is None or settings.sync.url is not None:
        return settings
    try:
        converted = apply(find_key("sync.url"), "database.neon_url", url)
        return settings._replace(sync=settings.sync._replace(url=converted))
    except SettingsError:
        return settings


def _contradictions(settings: Settings) -> Iterable[SettingsError]:
    """Values that are fine alone and not together."""
    poll, write = settings.monitoring.poll_interval, settings.monitoring.batch_write_interval
    if write < poll:
        yield SettingsError(
            f"monitoring.batch_write_interval is {write:g}; allowed: at least poll_interval, which is {poll:g}"
        )
    names = [plan.name for plan in settings.plans]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield SettingsError(f"plan.name is {shown(name)} more than once; allowed: a name of its own for each [[plan]]")


def _unknown_section(name: str) -> SettingsError:
    owners = [f"{section.name}.{name}" for section in SECTIONS if any(key.name == name for key in section.keys)]
    if owners:
        return SettingsError(f"{_bare(name)} stands outside of any section; nearest: {' or '.join(owners)}")
    found = _nearest(name, [section.name for section in SECTIONS])
    known = ", ".join(f"[{section.name}]" for section in SECTIONS)
    return SettingsError(
        f"unknown section [{_bare(name)}]; " + (f"nearest: [{found}]" if found else f"allowed: {known}")
    )


def _unknown_key(section: Section, where: str, name: str) -> SettingsError:
    names = [key.name for key in section.keys]
    found = _nearest(name, names)
    elsewhere = [other.name for other in SECTIONS if any(key.name == name for key in other.keys)]
    if elsewhere and not found:
        nearest = f"nearest: {elsewhere[0]}.{name}"
    else:
        nearest = f"nearest: {where}.{found}" if found else f"allowed: {', '.join(names)}"
    return SettingsError(f"unknown key {where}.{_bare(name)}; {nearest}")


def _nearest(name: str, known: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - 0.3 MB that the monitor needs only after a mistake

    return next(iter(get_close_matches(name.lower()[:100], known, n=1, cutoff=0.5)), "")


def _bare(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum() and len(name) <= 40
    return name if plain else shown(name)
