"""PURE: what a single key may hold. A rule turns what TOML gave into what the settings hold, or refuses it in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple, Self

from packetbuddy.errors import SettingsError
from packetbuddy.settings.redact import MASK, mask_secret

_LONGEST_SHOWN = 60
_LONGEST_NUMBER = 30


class Written(float):
    """A TOML float that remembers how it was written, so that money stays exact."""

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> Self:
        """Take the text of a TOML float, underscores and exponents included."""
        number = super().__new__(cls, text)
        number.text = text
        return number


class RefusedError(ValueError):
    """A rule does not allow the value; ``allowed`` says what would be, where the rule's own words are not enough.

    ``place`` and ``seen``: which part of the value it is, such as ``[2].rate``, and what stands there, in words.
    """

    def __init__(self, allowed: str = "", place: str = "", seen: str = "") -> None:
        super().__init__(allowed)
        self.allowed, self.place, self.seen = allowed, place, seen


class Rule(NamedTuple):
    """``allowed`` in words; ``convert`` returns the settings' value or raises :class:`RefusedError`."""

    allowed: str
    convert: Callable[[object], Any]


class Key(NamedTuple):
    """One key of a section: its name, its default as TOML would give it (``None``: none), and its rule.

    ``mask`` makes a text showable where the key may hold a secret.
    """

    name: str
    default: object
    rule: Rule
    mask: Callable[[str], str] | None = None


def apply(key: Key, where: str, given: object) -> Any:  # noqa: ANN401 - each rule has its own type
    """Convert one value; a missing one (``None``) where the default is none stays ``None``.

    Raises:
        SettingsError: one line with the key, what was given and what is allowed.
    """
    if given is None and key.default is None:
        return None
    try:
        return key.rule.convert(given)
    except RefusedError as refused:
        seen = MASK if key.mask is not None and isinstance(given, (str, list)) else refused.seen or shown(given)
        allowed = refused.allowed or key.rule.allowed
        raise SettingsError(f"{where}{refused.place} is {seen}; allowed: {allowed}") from refused


def shown(value: object) -> str:
    """A value as TOML would write it, on one short line, without control characters and without secrets of URLs."""
    text = _shown(value, depth=2)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _shown(value: object, *, depth: int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(mask_secret(value[:4096]))
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 128 else "a number of more than 38 digits"
    if isinstance(value, list):
        inner = ", ".join(_shown(item, depth=depth - 1) for item in value[:20]) if depth else "…"
        return f"[{inner}]"
    if isinstance(value, Written):
        return value.text
    return "a table" if isinstance(value, dict) else str(value)


def _quoted(text: str) -> str:
    escaped = text[:_LONGEST_SHOWN].replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in escaped) + '"'


def flag() -> Rule:
    """``true`` or ``false``."""

    def convert(given: object) -> bool:
        if not isinstance(given, bool):
            raise RefusedError
        return given

    return Rule("true or false", convert)


def whole(low: int, high: int, meaning: str = "a whole number") -> Rule:
    """An integer from ``low`` to ``high``, both included."""

    def convert(given: object) -> int:
        if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
            raise RefusedError
        return given

    return Rule(f"{meaning} from {low} to {high}", convert)


def number(low: float, high: float, unit: str, *, zero: str = "") -> Rule:
    """An amount from ``low`` to ``high``, both included; also 0 where ``zero`` says what that means."""

    def convert(given: object) -> float:
        amount = _plain_number(given)
        if not (low <= amount <= high or (zero and amount == 0)):
            raise RefusedError
        return float(amount)

    return Rule(f"{unit} from {low:g} to {high:g}" + (f", or 0 {zero}" if zero else ""), convert)


def exact(high: int, meaning: str) -> Rule:
    """A number from 0 to ``high`` that is kept as its exact decimal text."""

    def convert(given: object) -> str:
        if not 0 <= _plain_number(given) <= high:
            raise RefusedError
        text = given.text if isinstance(given, Written) else str(given)
        if len(text) > _LONGEST_NUMBER:
            raise RefusedError(f"at most {_LONGEST_NUMBER} characters")
        return text.replace("_", "").lstrip("+") if given else "0"

    return Rule(f"{meaning} from 0 to {high}", convert)


def _plain_number(given: object) -> int | float:
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not -1e18 < given < 1e18:
        raise RefusedError
    return given


def words(*known: str) -> Rule:
    """One of some words, in any case; converted to the way they are written here."""
    by_lower = {word.lower(): word for word in known}

    def convert(given: object) -> str:
        if not isinstance(given, str) or given.lower() not in by_lower:
            raise RefusedError
        return by_lower[given.lower()]

    return Rule(" or ".join(f'"{word}"' for word in known), convert)


def text(meaning: str, longest: int = 1024, test: Callable[[str], bool] | None = None) -> Rule:
    """Printable text that is not blank and passes ``test``."""

    def convert(given: object) -> str:
        if not isinstance(given, str) or not given.strip() or len(given) > longest or not given.isprintable():
            raise RefusedError
        if test is not None and not test(given):
            raise RefusedError
        return given

    return Rule(meaning, convert)


def changed(rule: Rule, change: Callable[[str], Any]) -> Rule:
    """A rule whose value is changed afterwards (folded to one case, parsed); ``ValueError`` refuses it."""

    def convert(given: object) -> Any:  # noqa: ANN401 - whatever the change makes
        value = rule.convert(given)
        try:
            return change(value)
        except ValueError as error:
            raise RefusedError from error

    return Rule(rule.allowed, convert)


def auto(rule: Rule) -> Rule:
    """``"auto"``, converted to ``None``, or what the rule allows."""

    def convert(given: object) -> Any:  # noqa: ANN401 - whatever the rule makes
        return None if isinstance(given, str) and given.lower() == "auto" else rule.convert(given)

    return Rule(f'"auto" or {rule.allowed}', convert)


def listing(rule: Rule, meaning: str, *, empty: bool = True, single: bool = False) -> Rule:
    """A list of up to 100 values, converted to a tuple; with ``single`` one value may stand without brackets."""

    def convert(given: object) -> tuple[Any, ...]:
        items = [given] if single and not isinstance(given, list) else given
        if not isinstance(items, list) or len(items) > 100 or not (items or empty):
            raise RefusedError
        try:
            return tuple(rule.convert(item) for item in items)
        except RefusedError as refused:
            raise RefusedError from refused

    return Rule(meaning, convert)


def day(meaning: str) -> Rule:
    """A date between 2000 and 2100, bare or in quotes."""

    def convert(given: object) -> date:
        try:
            found = date.fromisoformat(given) if isinstance(given, str) and len(given) == 10 else given
        except ValueError as error:
            raise RefusedError from error
        if not isinstance(found, date) or isinstance(found, datetime) or not 2000 <= found.year <= 2100:
            raise RefusedError
        return found

    return Rule(meaning, convert)
