"""What updates say of themselves: the file that they leave in the home, read by everybody who tells."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import TRIAL, current, number, pointed

FILE = "update.json"
UNDER_WAY = frozenset({"waiting", "trial"})
LATEST_SECONDS = 253_402_214_400
"""The end of the last year that a calendar can write."""


class Last(NamedTuple):
    """The last update: when (UTC seconds), from which version to which, what came of it, and why.

    ``result`` is waiting (for the next start), trial, confirmed, reverted, rolled_back, failed or interrupted.
    """

    at: float
    old: str
    new: str
    result: str
    why: str


class Updating(NamedTuple):
    """``word`` and ``told`` are the last check's: one word, one sentence. ``available`` is a newer version, or empty.

    ``checked_at`` is in UTC seconds. ``begun`` is when the version on trial was started, 0 before that. ``earlier`` is
    the monitor's start of which the ledger told when the last update began, or its trial. ``lost`` are versions that
    did not hold, with the reason. ``tags`` are the tags of the source's releases and the objects that they named when
    they were first seen.
    """

    checked_at: float | None = None
    word: str = ""
    told: str = ""
    available: str = ""
    source: str = ""
    last: Last | None = None
    begun: float = 0.0
    earlier: int = 0
    lost: Mapping[str, str] = {}
    tags: Mapping[str, str] = {}


NEVER = Updating()


def updating(root: Path) -> Updating:
    """What is known of a home; nothing where nothing was ever looked for, or the file makes no sense."""
    file = root / FILE
    try:
        return _as_it_stands(Home(root), parsed(json.loads(file.read_text("utf-8")))) if file.is_file() else NEVER
    except (OSError, ValueError, KeyError, TypeError):
        return NEVER


def _as_it_stands(home: Home, now: Updating) -> Updating:
    """The pointers are the truth: who was killed between them and the file has not written down what came of it."""
    standing = number(current(home))
    if now.available and now.available == standing:  # setup, or a person, was faster
        now = now._replace(word="newest", told=f"{standing} was the newest release", available="")
    last = now.last
    if last is None or last.result not in UNDER_WAY or pointed(home, TRIAL):
        return now
    result = "confirmed" if standing == last.new != last.old else "interrupted"
    return now._replace(last=last._replace(result=result))


def parsed(told: Mapping[str, object]) -> Updating:
    """The value of the file's JSON.

    Raises:
        KeyError, TypeError, ValueError: it makes no sense.
    """
    last, checked = told["last"], told["checked_at"]
    return Updating(
        checked_at=None if checked is None else _instant(checked),
        word=str(told["word"]),
        told=str(told["told"]),
        available=str(told["available"]),
        source=str(told["source"]),
        last=_last(last) if isinstance(last, dict) else None,
        begun=_instant(told["begun"]),
        earlier=int(str(told["earlier"])),
        lost=_texts(told["lost"]),
        tags=_texts(told["tags"]),
    )


def written(now: Updating) -> str:
    """The file's text."""
    last = now.last._asdict() if now.last else None
    told = {**now._asdict(), "last": last, "lost": dict(now.lost), "tags": dict(now.tags)}
    return json.dumps(told, indent=1) + "\n"


def _last(told: Mapping[str, object]) -> Last:
    return Last(_instant(told["at"]), *(str(told[name]) for name in Last._fields[1:]))


def _instant(told: object) -> float:
    seconds = float(str(told))
    if not math.isfinite(seconds) or not 0 <= seconds <= LATEST_SECONDS:
        raise ValueError(told)
    return seconds


def _texts(told: object) -> dict[str, str]:
    if not isinstance(told, dict):
        raise TypeError(told)
    return {str(name): str(text) for name, text in told.items()}


def last_words(last: Last) -> str:
    """What the last update did, in a few words for a person; its time apart."""
    return {
        "waiting": f"{last.new} is installed and waits for the next start",
        "trial": f"{last.new} is on trial",
        "confirmed": f"{last.old} became {last.new}",
        "reverted": f"{last.new} did not hold ({last.why}); back to {last.old}",
        "rolled_back": f"somebody went back from {last.old} to {last.new}",
        "failed": f"{last.new} was not installed: {last.why}",
    }.get(last.result, f"the one to {last.new} was interrupted; nothing has changed")
