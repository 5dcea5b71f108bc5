"""HTML: the year as one page to keep or to send. It needs no network and no script, and its own policy allows none."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

from packetbuddy.exports.chapters import calendar, comparisons, evening, hours, months, opening
from packetbuddy.exports.endings import cost, observation, records, split
from packetbuddy.exports.template import Markup, fill, joined, style
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.history import Wrapup
from packetbuddy.reports.words import long_day

CHAPTERS = (opening, comparisons, calendar, months, evening, hours, split, records, cost, observation)
"""In the order of the story."""


def html(wrapup: Wrapup, how: Presentation) -> Iterator[str]:
    """The page; chapters that have nothing to tell are left out."""
    told = (chapter(wrapup, how) for chapter in CHAPTERS)
    origin = wrapup.origin
    yield (
        fill(
            "page",
            policy=policy(),
            version=origin.version,
            title=f"{wrapup.year} in data",
            style=Markup(style()),
            chapters=joined(each for each in told if each is not None),
            made=long_day(origin.made_at),
            timezone=origin.timezone,
        )
        + "\n"
    )


def policy() -> str:
    """What the page may load: nothing, but its own style sheet."""
    digest = b64encode(sha256(style().encode()).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
