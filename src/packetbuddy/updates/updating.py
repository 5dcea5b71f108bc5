"""An update from end to end: look, prepare, rehearse, put on trial. Every step leaves a whole version behind."""

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from packetbuddy import __version__
from packetbuddy.answers.updating import Updating, updating
from packetbuddy.errors import HomeError, InstallError, LockHeldError, UpdateError
from packetbuddy.installing.launcher import write_launcher
from packetbuddy.installing.origin import Origin
from packetbuddy.installing.versions import point
from packetbuddy.services.runner import SystemRunner
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home, refuse_other_owner
from packetbuddy.settings.pointers import TRIAL, pointed
from packetbuddy.storage.lock import PATIENCE_SECONDS, Lock
from packetbuddy.updates import git, index, plan, signing
from packetbuddy.updates.order import key
from packetbuddy.updates.plan import Facts, Offer, Plan
from packetbuddy.updates.preparing import Release, Workshop, adopt, check_space, from_index, from_repository
from packetbuddy.updates.rehearsal import Rehearsal, rehearse
from packetbuddy.updates.running import with_source
from packetbuddy.updates.state import begins, change, tell, work_folder

MOST_TAGS = 1000
"""How many releases are remembered: the newest ones."""


class Work(NamedTuple):
    """What an update works with.

    ``say`` hears each step, in words for a person. ``now`` is in UTC seconds. ``copy_of`` is what runs now a copy of,
    ``installed`` its version. ``holding`` are the lock's descriptors: every tool that we start keeps it, too.
    """

    home: Home
    settings: Settings
    environment: Mapping[str, str]
    now: float
    say: Callable[[str], None]
    copy_of: Origin
    installed: str = __version__
    holding: tuple[int, ...] = ()

    @property
    def origin(self) -> Origin:
        """Where releases come from: the settings may name another source."""
        return with_source(self.copy_of, self.settings.auto_update)

    @property
    def packages(self) -> index.Index:
        """The package index, as pip is set here."""
        return index.Index(work_folder(self.home), self.environment, SystemRunner(self.holding))

    def repository(self, url: str) -> git.Repository:
        """A source, with our mirror of it."""
        return git.repository(work_folder(self.home), url, self.environment, SystemRunner(self.holding))


@contextmanager
def alone(home: Home, seconds: float = PATIENCE_SECONDS) -> Generator[tuple[int, ...], None, None]:
    """Nobody else updates or sets this home up meanwhile; yields descriptors that keep it so after our death.

    Who does is waited for, up to that many seconds.

    Raises:
        UpdateError: somebody does.
        HomeError: the home is another user's, or cannot be written.
    """
    refuse_other_owner(home)
    lock = Lock(home.root / "setup.lock")
    os.umask(0o077)  # what is written into the home is for its owner only
    try:
        lock.acquire(seconds)
    except LockHeldError as error:
        raise UpdateError(
            "busy", f"another setup or update is at work in {home.root}", "wait until it is done"
        ) from error
    except OSError as error:
        raise HomeError(f"cannot write {lock.path}: {error.strerror or error}") from error
    try:
        yield lock.lent()
    finally:
        lock.release()


def look(work: Work, how: Callable[[Facts], Plan] = plan.decide) -> Plan:
    """Ask the source, and write down what it says. An unreachable source is a plan, too: it leaves everything alone."""
    origin = work.origin
    try:
        found = plan.hindrance(origin, _on_trial(work.home)) or _planned(work, origin, how)
    except UpdateError as error:
        found = Plan(error.word, str(error))
    if found.word != "on-trial":
        change(work.home, lambda now: _looked(now, found, work.now, _place(work, origin)))
    return found


def _planned(work: Work, origin: Origin, how: Callable[[Facts], Plan]) -> Plan:
    """A release that nobody may install is none: its signature is looked at before it is told of."""
    found = how(_facts(work, origin))
    signer = work.settings.auto_update.signer
    if signer and found.target:
        signing.check(work.repository(origin.url), f"v{found.target}", _thing(work, found.target), signer)
    return found


def _thing(work: Work, version: str) -> str:
    """The object that the tag of a release named when it was first seen."""
    return updating(work.home.root).tags.get(f"v{version}", "")


def apply(work: Work, target: str, *, anew: bool = False) -> str:
    """Prepare the version, rehearse it, put it on trial; returns its name. It is started by the next start.

    Raises:
        UpdateError, InstallError: it was not done, and nothing has changed.
    """
    try:
        return _put_on_trial(work, target, anew=anew)
    except (UpdateError, InstallError) as error:
        _failed(work, target, error)
        raise
    except OSError as error:
        failure = UpdateError("no-space", f"cannot write {error.filename}: {error.strerror or error}")
        _failed(work, target, failure)
        raise failure from error


def _put_on_trial(work: Work, target: str, *, anew: bool) -> str:
    home = work.home
    check_space(home)
    work.say(f"Preparing {target} (a minute at most) ...")
    name = _made(work, Workshop(home, work.environment, work.holding, anew), target)
    work.say("Rehearsing it on a copy of the ledger ...")
    stage = work_folder(home) / "rehearsal"
    rehearse(Rehearsal(home.versions / name, target, home, stage, work.environment))
    adopt(home, work.installed)
    write_launcher(home)
    begins(home, work.installed, target, "waiting")
    point(home, TRIAL, name)
    return name


def _made(work: Work, shop: Workshop, target: str) -> str:
    origin, signer = work.origin, work.settings.auto_update.signer
    if origin.kind == "index":
        return from_index(shop, work.packages, target)
    return from_repository(shop, work.repository(origin.url), Release(target, _thing(work, target), signer))


def _facts(work: Work, origin: Origin) -> Facts:
    lost = updating(work.home.root).lost
    if origin.kind == "index":
        return _facts_of_index(work, lost)
    source = work.repository(origin.url)
    try:
        return _facts_of_repository(work, source, origin.commit, lost)
    except git.DamagedError:  # and removed
        return _facts_of_repository(work, source, origin.commit, lost)


def _facts_of_repository(work: Work, source: git.Repository, commit: str, lost: Mapping[str, str]) -> Facts:
    seen = git.ask(source)
    first = _remembered(work.home, source.place, seen)
    git.fetch(source, seen)
    git.forget_others(source)
    offers = tuple(git.offers(source, seen, commit, work.installed, first))
    withdrawn = tuple(tag.removeprefix("v") for tag in first if tag not in seen.tags)
    return Facts(work.installed, offers, source.place, git.head_holds(source, commit), withdrawn, lost)


def _remembered(home: Home, place: str, seen: git.Seen) -> Mapping[str, str]:
    """What each release's tag named when it was first seen, written down before anything is fetched."""
    before = updating(home.root)
    known = before.tags if before.source == place else {}
    newest = sorted({**seen.tags, **known}.items(), key=lambda each: key(each[0]))[-MOST_TAGS:]
    if dict(newest) != known or before.source != place:
        change(home, lambda now: now._replace(tags=dict(newest), source=place))
    return dict(newest)


def _facts_of_index(work: Work, lost: Mapping[str, str]) -> Facts:
    if work.settings.auto_update.signer:
        raise UpdateError("unsigned", f"{index.PLACE} has no signed releases, and [auto_update] signer asks for one")
    newest = index.newest(work.packages)
    offer = Offer(newest, same=key(newest) == key(work.installed))
    return Facts(work.installed, (offer,), index.PLACE, lost=lost)


def _on_trial(home: Home) -> str:
    if not pointed(home, TRIAL):
        return ""
    last = updating(home.root).last
    return last.new if last else pointed(home, TRIAL)


def _place(work: Work, origin: Origin) -> str:
    if origin.kind == "index":
        return index.PLACE
    return work.repository(origin.url).place if origin.url else ""


def _looked(now: Updating, found: Plan, at: float, place: str) -> Updating:
    """What a check that could not ask does not change: what was found before."""
    tags = now.tags if now.source == place else {}
    now = now._replace(word=found.word, told=found.told, source=place, tags=tags)
    return now if found.word == "unreachable" else now._replace(checked_at=at, available=_available(found))


def _available(found: Plan) -> str:
    return found.target if found.word == plan.UPDATE else ""


def _failed(work: Work, target: str, error: UpdateError | InstallError) -> None:
    """A version that failed its rehearsal is not tried again by itself; anything else may be over next time."""
    home, why = work.home, str(error)
    tell(home, "warning", f"{target} was not installed: {why}")
    begins(home, work.installed, target, "failed", why)
    if isinstance(error, UpdateError) and error.word in {"rehearsal", "broken"}:
        change(home, lambda now: now._replace(lost={**now.lost, target: why}))
