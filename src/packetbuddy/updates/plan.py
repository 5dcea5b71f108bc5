"""PURE: what an update would do, from what is known; nothing here looks anywhere."""

from collections.abc import Mapping
from typing import NamedTuple

from packetbuddy.installing.origin import Origin
from packetbuddy.updates.order import key

UPDATE, REINSTALL, NEWEST = "update", "reinstall", "newest"
"""Words of a plan; every other word says why everything is left alone."""

ZIP_ADVICE = (
    "this copy came from a folder of which nobody knows where it came from; to have updates, run setup from a clone, "
    "or set [auto_update] source to a repository"
)
CHECKOUT_ADVICE = "somebody develops in this copy; git brings it up to date"
EDITED = "the clone that was installed had changes that its commit lacks; install from a clean one to have updates"
NO_UPSTREAM = "the clone that was installed has no remote; set [auto_update] source to a repository"


class Plan(NamedTuple):
    """One clear word for programs, one sentence for people, and the version to install where there is one."""

    word: str
    told: str
    target: str = ""


class Offer(NamedTuple):
    """A release at the source.

    ``contains``: it holds all that is installed. ``same``: it is what is installed. ``moved``: its tag leads elsewhere
    than when it was first seen.
    """

    version: str
    contains: bool = True
    same: bool = False
    moved: bool = False


class Facts(NamedTuple):
    """What is known once the source has answered.

    ``ahead``: what is installed is upstream, but in no release yet. ``withdrawn`` are releases that were there and are
    gone. ``lost`` are versions that were tried and did not hold, with the reason.
    """

    installed: str
    offers: tuple[Offer, ...]
    place: str
    ahead: bool = False
    withdrawn: tuple[str, ...] = ()
    lost: Mapping[str, str] = {}


def passed_over(version: str, why: str) -> str:
    """Of a release that is not installed by itself any more, for a person."""
    return f"{version} is passed over ({why}); the next release is followed, `pb update --force` tries this one again"


def hindrance(origin: Origin, trial: str) -> Plan | None:
    """What is left alone before anybody is asked; ``origin`` with the settings' source already in it."""
    if trial:
        return Plan("on-trial", f"{trial} is on trial or waits for its start")
    if origin.kind == "checkout":
        return Plan("checkout", CHECKOUT_ADVICE)
    if origin.kind == "folder":
        return Plan("no-source", ZIP_ADVICE)
    if origin.kind == "git" and origin.edited:
        return Plan("edited", EDITED)
    if origin.kind == "git" and not origin.url:
        return Plan("no-upstream", NO_UPSTREAM)
    return None


def decide(facts: Facts) -> Plan:
    """The newest release that can follow what is installed, or why there is none."""
    newer = sorted((one for one in facts.offers if _follows(one, facts)), key=lambda one: key(one.version))
    fresh = [one for one in newer if one.version not in facts.lost]
    if fresh:
        version = fresh[-1].version
        if fresh[-1].moved:
            told = f"the tag v{version} at {facts.place} does not lead where it once did; it is not followed"
            return Plan("moved", told)
        return Plan(UPDATE, f"{version} is available", version)
    if newer:
        version = newer[-1].version
        return Plan("lost", passed_over(version, facts.lost[version]))
    return _standing(facts)


def reinstall(facts: Facts) -> Plan:
    """With force: what :func:`decide` says, also a version that did not hold once, or what is installed once more."""
    plan = decide(facts._replace(lost={}))
    if plan.word == NEWEST:
        return Plan(REINSTALL, f"{facts.installed} is installed once more", facts.installed)
    return plan


def _follows(offer: Offer, facts: Facts) -> bool:
    """A release with the number of what is installed follows it, too, where it is another commit that contains it."""
    return offer.contains and not offer.same and key(offer.version) >= key(facts.installed)


def _standing(facts: Facts) -> Plan:
    """Why nothing follows."""
    installed, place = facts.installed, facts.place
    gone = [one for one in facts.withdrawn if key(one) >= key(installed)]
    if gone:
        return Plan("withdrawn", f"{max(gone, key=key)} was withdrawn from {place}; nothing is changed")
    if not facts.offers:
        return Plan("no-release", f"{place} has no releases")
    if any(one.same for one in facts.offers):
        return Plan(NEWEST, f"{installed} is the newest release")
    if facts.ahead:
        return Plan("ahead", f"what is installed is newer than every release at {place}; the next one is followed")
    newest = max((one.version for one in facts.offers), key=key)
    if key(newest) < key(installed):
        return Plan("downgrade", f"the newest release at {place} is {newest}, older than the {installed} installed")
    return Plan("own-commits", f"no release at {place} holds the commit that is installed; it is left alone")
