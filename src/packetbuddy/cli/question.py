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
        WrongUsageError: a device is asked for where nothing was counted yet.
    """
    asked = ask_here(context)
    device = _device(options.device, asked.question.home, context)
    return asked._replace(question=asked.question._replace(device=device, interface=options.interface))


def ask_here(context: Context) -> Asked:
    """Build the question of a command that is about this device alone.

    Raises:
        SettingsError: the settings have a mistake.
    """
    from packetbuddy.answers.open import Question  # noqa: PLC0415 - `--help` needs no ledger

    home, settings = home_of(context), settings_of(context)
    zone = zone_for(settings.display.timezone, context.environment, context.now_ns)
    if settings.display.timezone == "local" and (strange := complaint(context.environment)):
        _tell(strange)
    question = Question(home, settings, context.now_ns, None, zone.rules, zone.name, tell=_tell)
    how = Presentation(
        units=settings.display.units,
        speed=settings.display.speed,
        rate=settings.cost.rate_per_gb,
        currency=settings.cost.currency,
        unit=settings.cost.unit,
    )
    now = datetime.fromtimestamp(context.now_ns // 10**9, UTC).astimezone(zone.rules)
    return Asked(question, how, now.date(), _host_name(context))


def ask_of_this(context: Context, options: Namespace) -> Asked:
    """Build the question of a command that takes the data options and can only answer about this device.

    Raises:
        SettingsError: the settings have a mistake.
        WrongUsageError: another device is asked for.
    """
    asked = ask(context, options)
    if asked.question.device not in {"this", "all", identity_of(asked.question.home)}:
        raise WrongUsageError("that is known of this device only", "Ask on the other one, or leave --device out")
    return asked._replace(question=asked.question._replace(device="this"))


def plans_at_a_glance(question: "Question") -> Plans:
    """The plans' running cycles without a forecast; who has no plan pays nothing for them."""
    if not question.settings.plans:
        return NO_PLANS
    from packetbuddy.answers.plans import gauges  # noqa: PLC0415 - only with a plan

    return gauges(question)


def _tell(words: str) -> None:
    """What an answer had to leave out goes to stderr, so that stdout stays the answer."""
    print_safely(f"pb: {words}")


def _device(asked: str, home: Home, context: Context) -> str:
    """What ``--device`` means: this device also by its machine's name, unless another device goes by that."""
    if asked in {"this", "all"}:
        return asked
    own = tuple(name for name in (_host_name(context), identity_of(home)) if name)
    if home.ledger.exists():
        from packetbuddy.answers.devices import meant  # noqa: PLC0415 - who asks for this device pays nothing for it

        return meant(home, asked, own)
    if asked.casefold() not in {name.casefold() for name in own}:
        raise WrongUsageError(f"no device {asked!r} is known", "Known: this, all")
    return "this"


def _host_name(context: Context) -> str:
    return os.uname().nodename if hasattr(os, "uname") else context.environment.get("COMPUTERNAME", "this")


def identity_of(home: Home) -> str | None:
    """What the home says of its device."""
    try:
        return home.device_id.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
