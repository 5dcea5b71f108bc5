"""Every device and everything it moved, and how the synchronisation stands: from the ledger alone, at once, offline."""

from collections.abc import Mapping

from packetbuddy.answers.devices import Together
from packetbuddy.answers.members import Member, members
from packetbuddy.answers.open import Question, Sight, added, local, looking, total_of, usage_of
from packetbuddy.errors import LedgerError
from packetbuddy.probes.system import host_name, system_name
from packetbuddy.reports.model import DeviceRow, SyncReport
from packetbuddy.settings.database import database_url, sync_enabled
from packetbuddy.settings.redact import mask_url
from packetbuddy.storage.far import FarReader, Sharing
from packetbuddy.storage.reader import Reader, Sum, reading


def devices(question: Question, identity: str | None) -> tuple[DeviceRow, ...]:
    """This device first, then the others in the order in which they came.

    Without a run of sync there is this one alone; ``identity`` is what the home says of it.
    """
    with looking(question._replace(device="this")) as sight:
        sharing = Sharing(sight.reader)
        known = members(sharing) or [Member(this=True, id=identity or "", name=host_name(), devices=())]
        return tuple(_mine(sight, sharing, each) if each.this else _theirs(sight, each) for each in known)


def _mine(sight: Sight, sharing: Sharing, member: Member) -> DeviceRow:
    standing = sharing.standing()
    reader: Reader = sight.reader
    if standing is not None and (standing.cut or member.devices):
        reader = Together(sight.reader, FarReader(sight.reader, member.numbers), standing)
    total = added(reader.lifetime(None), total_of(sight.moved.values()))
    seen = local(sight.question, sight.question.now_ns if sight.state.alive else sight.state.heartbeat_ns)
    return DeviceRow(
        id=member.id,
        name=member.name,
        os=system_name(),
        last_seen=seen,
        this=True,
        retired=False,
        accounts=1 + len(member.devices),
        usage=usage_of(total, None),
    )


def _theirs(sight: Sight, member: Member) -> DeviceRow:
    total: Sum = FarReader(sight.reader, member.numbers).lifetime(None)
    reason = next((device.reason for device in member.devices if device.reason), "")
    return DeviceRow(
        id=member.id,
        name=member.name,
        os=member.devices[0].os,
        last_seen=None if member.seen_ns is None else local(sight.question, member.seen_ns),
        this=False,
        retired=member.retired_ns is not None,
        accounts=len(member.devices),
        usage=usage_of(total, None),
        refused=f"some of its days are left out: {reason}" if reason else "",
    )


def sync_report(question: Question, environment: Mapping[str, str]) -> SyncReport:
    """How the synchronisation stands. Never raises for a ledger that is missing or cannot be read."""
    url = database_url(question.settings, environment)
    if url is None or not sync_enabled(question.settings, environment):
        return SyncReport("off", None if url is None else mask_url(url), None, None, None, 0)
    try:
        with reading(question.home.ledger, question.home.lock) as reader:
            sharing = Sharing(reader)
            standing, count = sharing.standing(), len(members(sharing))
    except LedgerError:
        standing, count = None, 0
    if standing is None:
        return SyncReport("waiting", mask_url(url), None, None, None, count)
    tried, done = (None if at is None else local(question, at) for at in (standing.tried_ns, standing.done_ns))
    state = "failing" if standing.problem else "ok" if done else "waiting"
    return SyncReport(state, mask_url(url), tried, done, standing.problem, count)
