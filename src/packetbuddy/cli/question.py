"""From the command line to a question that :mod:`packetbuddy.answers` can answer."""

import os
from argparse import Namespace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from packetbuddy.answers.zone import complaint, zone_for
from packetbuddy.cli.context import Context, home_of, settings_of
from packetbuddy.cli.parser import print_safely
from packetbuddy.errors import WrongUsageError
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.plans import NO_PLANS, Plans
from packetbuddy.settings.places import Home

if TYPE_CHECKING:
    from packetbuddy.answers.open import Question


class Asked(NamedTuple):
    """A question, how its answer is to be written, and which local day it is now."""

    question: "Question"
    how: Presentation
    today: date
    device: str
    """What this machine is called."""


def ask(context: Context, options: Namespace) -> Asked:
    """Build the question of a command that took the data options.

    Raises:
        SettingsError: the settings have a mistake.
        WrongUsageError: no such device.
    """
    from packetbuddy.answers.open import Question  # noqa: PLC0415 - `--help` needs no ledger

    home, settings = home_of(context), settings_of(context)
    _check_device(options.device, home, context)
    zone = zone_for(settings.display.timezone, context.environment, context.now_ns)
    if settings.display.timezone == "local" and (strange := complaint(context.environment)):
        _tell(strange)
    question = Question(home, settings, context.now_ns, options.interface, zone.rules, zone.name, tell=_tell)
    how = Presentation(
        units=settings.display.units,
        speed=settings.display.speed,
        rate=settings.cost.rate_per_gb,
        currency=settings.cost.currency,
        unit=settings.cost.unit,
    )
    now = datetime.fromtimestamp(context.now_ns // 10**9, UTC).astimezone(zone.rules)
    return Asked(question, how, now.date(), _host_name(context))


def plans_at_a_glance(question: "Question") -> Plans:
    """The plans' running cycles without a forecast; who has no plan pays nothing for them."""
    if not question.settings.plans:
        return NO_PLANS
    from packetbuddy.answers.plans import gauges  # noqa: PLC0415 - only with a plan

    return gauges(question)


def _tell(words: str) -> None:
    """What an answer had to leave out goes to stderr, so that stdout stays the answer."""
    print_safely(f"pb: {words}")


def _check_device(asked: str, home: Home, context: Context) -> None:
    """Only this device exists so far: "this", "all", its name and its id mean the same ledger."""
    if asked in {"this", "all"}:
        return
    name = _host_name(context)
    if asked.lower() != name.lower() and asked != _identity(home):
        raise WrongUsageError(f"no device {asked!r} is known", f"Known: this ({name}), all")


def _host_name(context: Context) -> str:
    return os.uname().nodename if hasattr(os, "uname") else context.environment.get("COMPUTERNAME", "this")


def _identity(home: Home) -> str | None:
    try:
        return home.device_id.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
