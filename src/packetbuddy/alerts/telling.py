"""Sending what waits: the intent first, then the act, then its outcome; failures again, with growing pauses."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple

from packetbuddy.alerts.channels import FAILED, SENT, Channel, Outcome
from packetbuddy.metering.readings import SECOND
from packetbuddy.storage.alerting import Delivery, Register

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 30, 6 * 3600
MOST_ATTEMPTS = 16
"""Two days and a half; then the message is no news any more."""


class Telling(NamedTuple):
    """What sending needs: the ledger, the channels, the act itself, the clock, and what guards one delivery."""

    register: Register
    channels: Iterable[Channel]
    send: Callable[[Channel, str, str], Outcome]
    clock: Callable[[], int]
    undisturbed: Callable[[], AbstractContextManager[object]]

    def by_fingerprint(self) -> Mapping[str, Channel]:
        """The channels as the ledger names them."""
        return {channel.fingerprint: channel for channel in self.channels}


def tell(telling: Telling) -> list[str]:
    """Send everything that is due; returns complaints, one line each for a first failure and for giving up."""
    channels = telling.by_fingerprint()
    complaints = []
    for delivery in telling.register.waiting():
        now = telling.clock()
        if _is_due(delivery, now):
            with telling.undisturbed():
                complaints += _deliver(telling, delivery, channels.get(delivery.channel), now)
    return complaints


def next_due(waiting: Iterable[Delivery]) -> int | None:
    """When the next attempt is due; ``None``: nothing waits."""
    return min((delivery.due_ns for delivery in waiting), default=None)


def pause_seconds(attempts: int) -> int:
    """After so many attempts."""
    return min(FIRST_PAUSE_SECONDS << min(attempts - 1, 20), LONGEST_PAUSE_SECONDS)


def _is_due(delivery: Delivery, now: int) -> bool:
    """A time further away than any pause was written under a clock that was wrong."""
    return delivery.due_ns <= now or delivery.due_ns - now > LONGEST_PAUSE_SECONDS * SECOND


def _deliver(telling: Telling, delivery: Delivery, channel: Channel | None, now: int) -> list[str]:
    register = telling.register
    if channel is None:
        register.settle(delivery, "given up", due_ns=now, problem="the channel is not in the settings any more")
        return []
    if not register.intend(delivery):
        return []
    outcome, attempts = telling.send(channel, delivery.title, delivery.message), delivery.attempts + 1
    if outcome.state != FAILED:
        register.settle(delivery, outcome.state, due_ns=now, problem=outcome.problem)
        return (
            [] if outcome.state == SENT else [f"{channel.shown}: it is not known whether it arrived: {outcome.problem}"]
        )
    last = attempts >= MOST_ATTEMPTS
    due = telling.clock() + pause_seconds(attempts) * SECOND
    register.settle(delivery, "given up" if last else "waiting", due_ns=due, problem=outcome.problem)
    ending = "given up" if last else "it is tried again"
    return [f"{channel.shown}: {outcome.problem}; {ending}"] if last or attempts == 1 else []
