"""PURE: the keys of a data plan and how they go together."""

from __future__ import annotations

from datetime import date
from typing import Any

from packetbuddy.billing.sizes import parse_size
from packetbuddy.errors import SettingsError
from packetbuddy.settings import rules
from packetbuddy.settings.model import Cycle, Plan, Tier, Window
from packetbuddy.settings.rules import Key, RefusedError, Rule, apply, shown

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ALLOWED_CYCLES = '"monthly", "weekly", "daily", "prepaid" or a number of days from "1 day" to "3660 days"'
_ALLOWED_TIERS = 'prices by rising size, only the last without up_to: [{up_to = "50 GB", rate = 10}, {rate = 8}]'
_LARGEST_SIZE = 2**62
_HIGHEST_PRICE = 1_000_000_000


def _size(*, zero: bool) -> Rule:
    def parse(text: str) -> int:
        size = parse_size(text)
        if text.rstrip()[-1:].isdigit() or size > _LARGEST_SIZE or (not size and not zero):
            raise ValueError(text)
        return size

    return rules.changed(rules.text('a size in quotes such as "100 GB", "750 MB" or "1.5 TiB"', 60), parse)


def _cycle(given: object) -> tuple[str, int | None]:
    """The cycle's kind and its length in days, where it has a fixed one."""
    word = " ".join(given.lower().split()) if isinstance(given, str) else ""
    fixed: dict[str, int | None] = {"monthly": None, "weekly": 7, "daily": 1, "prepaid": None}
    if word in fixed:
        return word, fixed[word]
    count, _, unit = word.partition(" ")
    if unit in {"day", "days"} and count.isascii() and count.isdigit() and len(count) < 5 and 1 <= int(count) <= 3660:
        return "days", int(count)
    raise RefusedError


def _anything(given: object) -> object:
    """``starts`` is judged together with its cycle, in :func:`finish_plan`."""
    return given


def _weekday(given: object) -> int:
    if isinstance(given, str) and len(given) >= 3:
        for number, name in enumerate(WEEKDAYS, start=1):
            if name == given.lower() or name[:3] == given.lower():
                return number
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 7:
        raise RefusedError
    return given


def _window(text: str) -> Window:
    start, _, end = text.replace(" ", "").partition("-")
    window = Window(_minute(start) % 1440, _minute(end))
    if window.start == window.end:
        raise ValueError(text)
    return window


def _minute(text: str) -> int:
    hour, colon, minute = text.partition(":")
    if not colon or len(minute) != 2 or len(hour) > 2 or not (hour + minute).isascii() or not (hour + minute).isdigit():
        raise ValueError(text)
    if int(minute) > 59 or int(hour + minute) > 2400 or not hour:
        raise ValueError(text)
    return int(hour) * 60 + int(minute)


def _tiers(given: object) -> tuple[Tier, ...]:
    if not isinstance(given, list) or len(given) > 20:
        raise RefusedError
    tiers: list[Tier] = []
    for number, item in enumerate(given, start=1):
        tier = _tier(item, f"[{number}]", last=number == len(given))
        if tiers and tier.up_to is not None and tier.up_to <= (tiers[-1].up_to or 0):
            before = shown(given[number - 2]["up_to"])
            raise RefusedError(f"more than the {before} of the tier before", f"[{number}].up_to", shown(item["up_to"]))
        tiers.append(tier)
    return tuple(tiers)


def _tier(given: object, place: str, *, last: bool) -> Tier:
    """One price; only the last one holds for all the rest."""
    if not isinstance(given, dict):
        raise RefusedError('a table such as {up_to = "50 GB", rate = 10}', place, shown(given))
    for name in given.keys() - {"up_to", "rate"}:
        raise RefusedError("nothing beside up_to and rate", f"{place}.{name[:40]}", shown(given[name]))
    bound, price = _size(zero=False), _price("a price per unit")
    up_to = None if last and "up_to" not in given else _part(bound, given, place, "up_to")
    return Tier(up_to, _part(price, given, place, "rate"))


def _part(rule: Rule, given: dict[str, object], place: str, name: str) -> Any:  # noqa: ANN401 - whatever the rule makes
    """A value of a tier; only the last one's ``up_to`` may be left out."""
    seen = shown(given[name]) if name in given else "missing"
    try:
        return rule.convert(given.get(name))
    except RefusedError as refused:
        raise RefusedError(refused.allowed or rule.allowed, f"{place}.{name}", seen) from refused


def _price(meaning: str) -> Rule:
    return rules.exact(_HIGHEST_PRICE, meaning)


LINK = rules.text("an interface's name or a glob", 256)
_NAME = rules.text("a name in quotes, at most 100 characters", 100)

PLAN_KEYS = (
    Key("name", "plan", _NAME),
    Key("cap", None, _size(zero=False)),
    Key("cycle", "monthly", Rule(_ALLOWED_CYCLES, _cycle)),
    Key("starts", 1, Rule("what fits the cycle", _anything)),
    Key("interfaces", None, rules.listing(LINK, "a list of interface names and globs", empty=False, single=True)),
    Key("devices", ["this"], rules.listing(_NAME, '"this", "all" or a list of device names', empty=False, single=True)),
    Key(
        "off_peak",
        [],
        rules.listing(
            rules.changed(rules.text("a window", 20), _window), 'a list of windows such as ["01:00-07:00"]', single=True
        ),
    ),
    Key("off_peak_counts", rules.Written("0.0"), rules.exact(1, "a share")),
    Key("rollover", False, rules.flag()),  # noqa: FBT003 - a default, not a switch
    Key("tiers", [], Rule(_ALLOWED_TIERS, _tiers)),
    Key("overage_rate", None, _price("a price per unit")),
    Key("already_used", "0 GB", _size(zero=True)),
    Key(
        "alerts",
        [50, 80, 100],
        rules.listing(rules.whole(1, 1000), "a list of percentages of the cap, whole numbers from 1 to 1000"),
    ),
)

_STARTS = {
    "monthly": Key("starts", 1, rules.whole(1, 31, 'for cycle "monthly" a day of the month')),
    "weekly": Key("starts", 1, Rule('for cycle "weekly" a weekday such as "monday", or 1 (Monday) to 7', _weekday)),
    "daily": Key("starts", 1, rules.whole(1, 1, 'for cycle "daily" nothing else than 1: leave it out; a number')),
    "days": Key(
        "starts", 1, rules.day("for a cycle of days the date of a first day, 2000 to 2100, such as 2026-11-01")
    ),
    "prepaid": Key(
        "starts", 1, rules.day('for cycle "prepaid" the day it began, from 2000 to 2100, such as 2026-11-01')
    ),
}


def finish_plan(where: str, values: dict[str, Any]) -> Plan:
    """Put a plan's converted values together.

    Raises:
        SettingsError: ``starts`` does not fit the cycle, or a plan on links is shared with other devices.
    """
    kind, days = values.pop("cycle")
    starts: int | date = apply(_STARTS[kind], f"{where}.starts", values.pop("starts"))
    if values["interfaces"] and values["devices"] != ("this",):
        devices = shown(list(values["devices"]))
        raise SettingsError(
            f'{where}.devices is {devices}; allowed: only "this" beside interfaces, leave one of them out'
        )
    alerts = tuple(sorted(set(values.pop("alerts"))))
    texts = {f"{name}_text": values.pop(name) for name in ("off_peak_counts", "overage_rate")}
    return Plan(cycle=Cycle(kind, days, starts), alerts=alerts, **texts, **values)
