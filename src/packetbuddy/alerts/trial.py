"""A test message to every channel, for a person who waits for it."""

from collections.abc import Mapping
from typing import NamedTuple

from packetbuddy.alerts.channels import SENT, channels_of, send
from packetbuddy.settings.model import Alerts

TITLE, MESSAGE = "PacketBuddy", "This is a test. Alerts of your data plan will look like this."


class Tried(NamedTuple):
    """A channel as it may be shown, and why it did not get the message; ``None``: it did."""

    channel: str
    problem: str | None


def try_channels(alerts: Alerts, environment: Mapping[str, str]) -> list[Tried]:
    """Send to all of them, one after the other."""
    tried = []
    for channel in channels_of(alerts):
        outcome = send(channel, TITLE, MESSAGE, environment)
        problem = None if outcome.state == SENT else outcome.problem or outcome.state
        tried.append(Tried(channel.shown, problem))
    return tried
