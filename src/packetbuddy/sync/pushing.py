"""Taking up what changed here: whole days, as often as it takes, always to the same end."""

from uuid import uuid4

from packetbuddy.errors import SyncBusyError, SyncSetupError
from packetbuddy.metering.quarters import QUARTER_NS, UtcDay
from packetbuddy.storage.far import Standing
from packetbuddy.sync.identity import another
from packetbuddy.sync.local import Batch, Local, own_day, own_standing
from packetbuddy.sync.merge.believing import Believed, RefusedError, believed
from packetbuddy.sync.merge.returning import lacking
from packetbuddy.sync.merge.standing import Ours, Theirs, Verdict, judge
from packetbuddy.sync.postgres.remote import Profile, Push, Remote

LATELY_NS = 24 * 3600 * 10**9
"""A copy that lives shows itself within a day."""


def settle(local: Local, remote: Remote, profile: Profile, now_ns: int) -> Profile:
    """Come to stand with our row so that we can go on from it; returns who we are then."""
    theirs = remote.look(profile.id)
    verdict = judge(
        ours_of(local.standing(), now_ns), theirs
    )  # read later: what another run writes there is known here
    if verdict is Verdict.LEAVE:
        device = another(local).device
        profile = profile._replace(id=device, machine="")
        theirs, verdict = remote.look(device), Verdict.BEGIN
    if verdict is Verdict.BEGIN:
        remote.join(profile)
        theirs = remote.look(profile.id)
    if theirs is None:
        raise _anothers(profile.id)
    if verdict is Verdict.TAKE_OVER:
        _take_over(local, remote, theirs, now_ns)
    elif verdict is not Verdict.GO_ON:
        _adopt(local, theirs)
    return profile


def push_all(local: Local, remote: Remote, profile: Profile, now_ns: int) -> int:
    """Take up everything that changed; returns how many days."""
    done, more = 0, True
    while more:
        batch = local.next_batch()
        if batch.days:
            _push(local, remote, profile, batch, now_ns)
        done, more = done + len(batch.days), batch.more
    return done


def ours_of(standing: Standing, now_ns: int) -> Ours:
    """What is judged."""
    lately = standing.took_over_ns is not None and now_ns - standing.took_over_ns < LATELY_NS
    return Ours(standing.born, standing.token, standing.intent, standing.revision, lately)


def _push(local: Local, remote: Remote, profile: Profile, batch: Batch, now_ns: int) -> None:
    token = uuid4().hex

    def prepare(theirs: Theirs | None) -> Push:
        """With our row held, so that two runs of this ledger take turns; what is written there is remembered before."""
        if theirs is None and remote.look(profile.id) is not None:
            raise _anothers(profile.id)
        with local.changing() as syncer:
            standing = own_standing(syncer.sharing)
            if theirs is None or judge(ours_of(standing, now_ns), theirs) is not Verdict.GO_ON:
                raise SyncBusyError("sync: this device's rows were written to in this moment", "it is tried again")
            syncer.keep(standing._replace(intent=token))
        return Push(batch.days, max(theirs.revision, standing.highest) + 1, token)

    push = remote.push(profile, prepare)
    local.acknowledge(token, push.revision, batch)


def _anothers(device: str) -> SyncSetupError:
    """With rights by row, a row that another role made can be seen at most."""
    return SyncSetupError(
        "sync: this device's rows in the database are another role's",
        f"let its owner run: UPDATE packetbuddy.devices SET owner = 'ROLE' WHERE id = '{device}'",  # noqa: S608 - for a person
    )


def _adopt(local: Local, theirs: Theirs, took_over_ns: int | None = None) -> None:
    """Go on from what the row says, and take up everything."""
    local.revise(
        lambda standing: standing._replace(
            born=theirs.born,
            token=theirs.token,
            intent="",
            revision=theirs.revision,
            pushed=0,
            pushed_day=0,
            upto_day=0,
            took_over_ns=took_over_ns or standing.took_over_ns,
        )
    )


def _take_over(local: Local, remote: Remote, theirs: Theirs, now_ns: int) -> None:
    standing = local.standing()
    same = standing.born == theirs.born
    revision, day = standing.revision if same else 0, 0
    while rows := remote.days(standing.device, revision, day):
        found = [_believed(row, now_ns) for row in rows]
        _take_back(local, [one for one in found if one is not None], now_ns)
        day, revision = _cursor(rows[-1])
    _adopt(local, theirs, now_ns if same else None)


def _cursor(row: tuple[object, ...]) -> tuple[int, int]:
    day, revision = row[0], row[1]
    if not isinstance(day, int) or not isinstance(revision, int):
        raise SyncBusyError("sync: the tables in the database are not PacketBuddy's", "give it a database of its own")
    return day, revision


def _believed(row: tuple[object, ...], now_ns: int) -> Believed | None:
    try:
        return believed(row, today=now_ns // (96 * QUARTER_NS))
    except RefusedError:
        return None


def _take_back(local: Local, rows: list[Believed], now_ns: int) -> None:
    """Book what this ledger lacks of its own days; what the counters may still tell is left to them.

    Raises:
        SyncBusyError: the database knows of time since this ledger's last look. Only after another look is it sure
            what the counters tell of that.
    """
    with local.changing() as syncer:
        standing, at = syncer.sharing.standing(), syncer.reader.books().at
        if standing is None or at is None:
            return
        final = at.wall_ns // QUARTER_NS
        if any(_knows_between(row.day, final, now_ns // QUARTER_NS) for row in rows):
            raise SyncBusyError("sync: the ledger is older than the database", "it waits until something was counted")
        for row in rows:
            mine = own_day(syncer.reader, standing, row.day.day)
            lack = [each for each in lacking(mine, row.day, final=final) if each[0] > standing.cut]
            syncer.take_back(row.day.day, lack)


def _knows_between(day: UtcDay, after: int, upto: int) -> bool:
    return any(seconds and after < number <= upto for number, seconds in enumerate(day.observed, day.first))
