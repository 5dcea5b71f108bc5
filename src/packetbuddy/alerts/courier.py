"""``python -m packetbuddy.alerts.courier``: sends one message to one notification URL, both given on standard input.

A process of its own: what apprise needs for a hundred services is gone a moment later, and one that hangs hangs alone.
"""

import json
import logging
import re
import signal
import sys
import warnings
from typing import NoReturn

from packetbuddy.alerts.channels import NOT_KNOWN

SENT, NOT_SENT = 0, 1
READ_SECONDS = 25
"""So long the other end may take to answer. apprise's own four seconds would take a slow answer for a failure."""
ERROR = re.compile(r"error=(\d{3})\b")
"""How it says an HTTP status."""
GIVEN_AWAY = ("Read timed out", "RemoteDisconnected", "ConnectionResetError", "Connection reset by peer")
"""What apprise's log says where the message had gone out before the line broke."""


class Overheard(logging.Handler):
    """Owns what apprise logs; its answer is only yes or no."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.words.append(record.getMessage())


def run() -> NoReturn:
    """Entry point. What is being sent is sent to the end, also when the service is told to stop."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # those of other people's modules, whatever the environment asks for
    sys.exit(carry(json.load(sys.stdin)))


def carry(order: dict[str, str]) -> int:
    """Send it; 0 when the service at the other end took it. Says why not on standard error, without secrets."""
    try:
        import apprise  # noqa: PLC0415 - loaded only where it is needed
    except ImportError:
        return _complain("apprise is not installed: pip install apprise")
    overheard, log = Overheard(), logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.DEBUG)
    log.addHandler(overheard)
    service = apprise.Apprise()
    if not service.add(_patient(order["url"])):
        return _complain("apprise does not know such a notification URL")
    sys.stdout.write("sending\n")  # from here on nobody can be sure that it did not arrive
    sys.stdout.flush()
    if service.notify(title=order["title"], body=order["message"]):
        return SENT
    if any(sign in words for words in overheard.words for sign in GIVEN_AWAY):
        return NOT_KNOWN
    return _complain(_why(overheard.words))


def _why(words: list[str]) -> str:
    """What apprise's log says of a failure, without the names and addresses that are in it."""
    if any("connection error" in line.lower() for line in words):
        return "it cannot be reached, or does not answer"
    codes = [found.group(1) for line in words if (found := ERROR.search(line))]
    return f"it was refused there with error {codes[-1]}" if codes else "it was not taken there"


def _patient(url: str) -> str:
    """The URL with a longer read timeout, unless it names one itself."""
    return url if "rto=" in url else f"{url}{'&' if '?' in url else '?'}rto={READ_SECONDS}"


def _complain(words: str) -> int:
    sys.stderr.write(f"{words}\n")
    return NOT_SENT


if __name__ == "__main__":
    run()
