"""Whose rows those are: ours as we left them, ours from before a restore, or those of a copy of us that lives."""

from enum import Enum
from typing import NamedTuple


class Ours(NamedTuple):
    """What this ledger remembers of its row there; all empty before the first push.

    ``intent`` is what a push wrote whose acknowledgement may have been lost. ``took_over``: it lately went on from what
    a stranger had written.
    """

    born: str
    token: str
    intent: str
    revision: int
    took_over: bool = False


class Theirs(NamedTuple):
    """What the row says: which making of it, who wrote last, and how often it was written to."""

    born: str
    token: str
    revision: int


class Verdict(Enum):
    """What follows; see :func:`judge`."""

    BEGIN = "there is no row of ours: make one and take up everything"
    GO_ON = "it is as we left it: take up what changed"
    WENT_BACK = "the database lost what we had taken up: take up everything again"
    TAKE_OVER = "it knows more than we do: take back what we lack, then take up everything"
    LEAVE = "another living ledger goes by our name: become another device"


def judge(ours: Ours, theirs: Theirs | None) -> Verdict:
    """Compare token and revision.

    A stranger's token after a backup was restored is our own from later. One that comes back after we took over is
    that of a copy which lives as well: the one that notices takes another name, from now on.
    """
    if theirs is None:
        return Verdict.BEGIN
    if theirs.born != ours.born:
        return Verdict.TAKE_OVER
    if theirs.revision < ours.revision:
        return Verdict.WENT_BACK
    if theirs.token in {ours.token, ours.intent}:
        return Verdict.GO_ON
    return Verdict.LEAVE if ours.took_over else Verdict.TAKE_OVER
