"""Writing down what updates did: one file, changed under a lock of its own that is held for an instant."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from packetbuddy.answers.updating import FILE, Last, Updating, last_words, updating, written
from packetbuddy.errors import UpdateError
from packetbuddy.services.locks import exclusive
from packetbuddy.settings.places import Home

PATIENCE_SECONDS = 5.0


def change(home: Home, how: Callable[[Updating], Updating]) -> Updating:
    """Put a changed state in the place of the one that is there.

    Raises:
        UpdateError: it cannot be written.
    """
    folder = work_folder(home)
    with exclusive(folder / "state.lock", seconds=PATIENCE_SECONDS):
        now = how(updating(home.root))
        fresh = folder / "state.new"
        try:
            fresh.write_text(written(now), "utf-8")
            fresh.replace(home.root / FILE)
        except OSError as error:
            raise UpdateError("no-space", f"cannot write {home.root / FILE}: {error.strerror or error}") from error
    return now


def work_folder(home: Home) -> Path:
    """Where updates work: mirrors, code, rehearsals. Nothing there is needed once they are done."""
    folder = home.root / "update"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def came_of_it(home: Home, result: str, why: str = "", *, lost: str = "") -> None:
    """What became of the last update; ``lost`` is the version that will not be tried again by itself.

    Raises:
        UpdateError: it cannot be written.
    """

    def changed(now: Updating) -> Updating:
        if now.last is None:
            return now._replace(begun=0.0)
        last = now.last._replace(at=time.time(), result=result, why=why)
        losses = {**now.lost, lost: why} if lost else now.lost
        told = f"{last.new} was the newest release" if result == "confirmed" else last_words(last)
        word = "newest" if result == "confirmed" else "lost"
        return now._replace(last=last, begun=0.0, lost=losses, word=word, told=told, available="")

    change(home, changed)


def begins(home: Home, old: str, new: str, result: str, why: str = "") -> None:
    """A new update, and how it stands.

    Raises:
        UpdateError: it cannot be written.
    """
    change(home, lambda now: now._replace(last=Last(time.time(), old, new, result, why), begun=0.0))


def tell(home: Home, level: str, words: str) -> None:
    """A line for the service's log; a disk that cannot take it is no reason not to go on."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with contextlib.suppress(OSError), home.stderr_log.open("a", encoding="utf-8") as log:
        log.write(f"{stamp} {level} updates: {' '.join(words.splitlines())}\n")
