"""One run: come to terms with our row, take up what changed here, bring what changed elsewhere."""

from collections.abc import Sequence
from typing import NamedTuple

from packetbuddy.sync.identity import Facts
from packetbuddy.sync.local import Local
from packetbuddy.sync.postgres.remote import Profile, Remote
from packetbuddy.sync.pulling import pull_all
from packetbuddy.sync.pushing import push_all, settle
from packetbuddy.sync.uniting import unite


class Done(NamedTuple):
    """Days that were taken up and brought."""

    pushed: int
    pulled: int


def synchronise(local: Local, remote: Remote, facts: Facts, scripts: Sequence[str] | None = None) -> Done:
    """Do all of it. Who we are is known by now.

    Raises:
        SyncError: the database could not be used, or somebody was at the same rows; the next run goes on from here.
        LedgerError: the ledger could not be written; nothing was lost.
    """
    remote.prepare(scripts)
    standing = local.standing()
    machine = "" if standing.alone else standing.machine
    profile = Profile(standing.device, machine, standing.name, facts.os)
    profile = settle(local, remote, profile, facts.now_ns)
    pushed = push_all(local, remote, profile, facts.now_ns)
    pulled = pull_all(local, remote, facts.now_ns)
    with local.changing() as syncer:
        standing = unite(syncer)
        standing = standing._replace(listed=pulled.listed or standing.listed)
        syncer.keep(standing._replace(tried_ns=facts.now_ns, done_ns=facts.now_ns, problem=None))
    return Done(pushed, pulled.days)
