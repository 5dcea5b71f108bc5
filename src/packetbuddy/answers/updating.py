"""What updates say of themselves: the file that they leave in the home, read by everybody who tells."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

FILE = "update.json"
UNDER_WAY = frozenset({"waiting", "trial"})


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

    ``checked_at`` is in UTC seconds. ``begun`` is when the version on trial was started, 0 before that. ``lost`` are
    versions that did not hold, with the reason.
    """

    checked_at: float | None = None
    word: str = ""
    told: str = ""
    available: str = ""
    source: str = ""
    last: Last | None = None
    begun: float = 0.0
    lost: Mapping[str, str] = {}


NEVER = Updating()


def updating(home: Path) -> Updating:
    """What is known; nothing where nothing was ever looked for, or the file makes no sense."""
    try:
        now = parsed(json.loads((home / FILE).read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return NEVER
    if now.last and now.last.result in UNDER_WAY and not os.path.lexists(home / "versions" / "trial"):
        return now._replace(last=now.last._replace(result="interrupted"))
    return now


def parsed(told: Mapping[str, object]) -> Updating:
    """The value of the file's JSON.

    Raises:
        KeyError, TypeError, ValueError: it makes no sense.
    """
    last, lost, checked = told["last"], told["lost"], told["checked_at"]
    if not isinstance(lost, dict):
        raise TypeError(lost)
    return Updating(
        checked_at=None if checked is None else float(str(checked)),
        word=str(told["word"]),
        told=str(told["told"]),
        available=str(told["available"]),
        source=str(told["source"]),
        last=_last(last) if isinstance(last, dict) else None,
        begun=float(str(told["begun"])),
        lost={str(version): str(why) for version, why in lost.items()},
    )


def written(now: Updating) -> str:
    """The file's text."""
    told = {**now._asdict(), "last": now.last._asdict() if now.last else None, "lost": dict(now.lost)}
    return json.dumps(told, indent=1) + "\n"


def _last(told: Mapping[str, object]) -> Last:
    return Last(float(str(told["at"])), *(str(told[name]) for name in Last._fields[1:]))


def last_words(last: Last) -> str:
    """What the last update did, in a few words for a person; its time apart."""
    return {
        "waiting": f"{last.new} is installed and waits for the next start",
        "trial": f"{last.new} is on trial",
        "confirmed": f"{last.old} became {last.new}",
        "reverted": f"{last.new} did not hold ({last.why}); back to {last.old}",
        "rolled_back": "somebody went back to the version before",
        "failed": f"{last.new} was not installed: {last.why}",
    }.get(last.result, f"the one to {last.new} was interrupted; nothing has changed")
