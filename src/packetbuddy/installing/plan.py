"""Setup's question about a data plan."""

from packetbuddy.errors import SettingsError
from packetbuddy.installing.words import Terminal
from packetbuddy.settings.edit import set_key
from packetbuddy.settings.load import find_key
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home
from packetbuddy.settings.rules import apply

CAP = "Data plan, such as 100 GB a month (empty = none): "
STARTS = "It begins on which day of the month? (1-31) [1]: "


def plan_words(home: Home, settings: Settings, terminal: Terminal | None) -> str:
    """Settle the plan and say so; a plan that is there is not asked about.

    Raises:
        SettingsError: the settings cannot be written.
    """
    if settings.plans:
        return f"{', '.join(plan.name for plan in settings.plans)}, as before"
    cap = ask_cap(terminal) if terminal else ""
    if not terminal or not cap:
        return "none"
    day = ask_day(terminal)
    set_key(home.config, "plan.cap", cap)
    set_key(home.config, "plan.starts", str(day))
    return f"{cap} a month, from day {day} on"


def ask_cap(terminal: Terminal) -> str:
    """A size with its unit; empty for none."""
    while cap := terminal.ask(CAP).removesuffix("a month").strip():
        try:
            apply(find_key("plan.cap"), "cap", cap)
        except SettingsError:
            print("Write a number and its unit, such as 100 GB or 1.5 TB.")  # noqa: T201 - setup speaks
        else:
            return cap
    return ""


def ask_day(terminal: Terminal) -> int:
    """A day of the month; 1 where nothing is said."""
    while answer := terminal.ask(STARTS):
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= 31:
            return int(answer)
        print("Write a day from 1 to 31; 31 means the last day of each month.")  # noqa: T201 - setup speaks
    return 1
