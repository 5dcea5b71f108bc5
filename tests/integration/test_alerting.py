"""Looking and telling over a real ledger: once each, through failures, crashes and clocks that step."""

import contextlib
import itertools
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.ledgers import DAY, HOUR, Counting, Machine, asking, at
from packetbuddy.alerts.channels import FAILED, SENT, UNKNOWN, Channel, Outcome
from packetbuddy.alerts.looking import look
from packetbuddy.alerts.telling import (
    LONGEST_PAUSE_SECONDS,
    MOST_ATTEMPTS,
    Telling,
    next_due,
    pause_seconds,
    tell,
)
from packetbuddy.errors import LedgerMissingError
from packetbuddy.metering.readings import SECOND
from packetbuddy.settings.load import parse
from packetbuddy.storage.alerting import Fresh, Register, alerting
from packetbuddy.storage.trips import Trip, Waits
from packetbuddy.storage.writer import Writer

GB = 10**9
DESKTOP, HOOK = Channel("desktop", "desktop"), Channel("url", "json://user:secret@127.0.0.1/hook")
START = at(2026, 11, 2, 12)


class Diedness(BaseException):
    """A ``kill -9`` in the middle of a delivery, as far as the ledger can tell."""


class Post:
    """Channels that answer as told, and a clock that is set."""

    def __init__(self, register: Register, *answers: Outcome) -> None:
        self.register, self.now = register, START
        self.sent: list[tuple[str, str]] = []
        self._answers = itertools.chain(answers, itertools.repeat(Outcome(SENT)))

    def tell(self, *channels: Channel) -> list[str]:
        """One round."""
        guard: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext
        return tell(Telling(self.register, channels or (DESKTOP,), self._send, lambda: self.now, guard))

    def states(self) -> list[str]:
        """Of all deliveries."""
        rows = self.register._connection.execute("SELECT state FROM deliveries ORDER BY alert, channel")
        return [row["state"] for row in rows]

    def _send(self, channel: Channel, title: str, message: str) -> Outcome:
        answer = next(self._answers)
        if answer.state == "killed":
            raise Diedness
        self.sent.append((channel.kind, f"{title}. {message}"))
        return answer


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    Writer(tmp_path / "ledger.db").close()
    with alerting(tmp_path / "ledger.db", tmp_path / "lock") as register:
        yield register


def added(register: Register, *keys: str, channels: tuple[Channel, ...] = (DESKTOP,)) -> None:
    alerts = [Fresh(key, f"title {key}", "message") for key in keys]
    register.add(alerts, [channel.fingerprint for channel in channels], START)


def test_an_alert_is_kept_once(register: Register) -> None:
    """The same key again, also as a lesser one of another alert, adds nothing: no second delivery, no second row."""
    added(register, "50", "50")
    register.add([Fresh("80", "title", "message", covered=("50", "70"))], [DESKTOP.fingerprint], START)
    added(register, "70")
    assert register.told() == {"50", "70", "80"}
    assert [each.title for each in register.waiting()] == ["title 50", "title"]


def test_told_on_every_channel_once(register: Register) -> None:
    """Each channel gets each message once, however often somebody looks."""
    added(register, "50", channels=(DESKTOP, HOOK))
    post = Post(register)
    assert post.tell(DESKTOP, HOOK) == post.tell(DESKTOP, HOOK) == []
    assert sorted(post.sent) == [("desktop", "title 50. message"), ("url", "title 50. message")]
    assert next_due(register.waiting()) is None


def test_a_failure_is_tried_again_with_growing_pauses(register: Register) -> None:
    """30 s, a minute, two … up to six hours; the first failure and the last are said; then it is given up."""
    added(register, "50", channels=(HOOK,))
    post = Post(register, *[Outcome(FAILED, "nobody there")] * MOST_ATTEMPTS)
    said = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        said += post.tell(HOOK)
        due = next_due(register.waiting())
        if attempt < MOST_ATTEMPTS:
            assert due == post.now + pause_seconds(attempt) * SECOND
            assert post.tell(HOOK) == []
            post.now = due - 1
            assert post.tell(HOOK) == []
            post.now = due
    assert len(post.sent) == MOST_ATTEMPTS
    assert said == ["json://***: nobody there; it is tried again", "json://***: nobody there; given up"]
    assert post.states() == ["given up"]
    assert [pause_seconds(number) for number in (1, 2, 3, 99)] == [30, 60, 120, LONGEST_PAUSE_SECONDS]


def test_a_success_after_failures(register: Register) -> None:
    """What failed twice arrives at the third attempt, and that is the end of it."""
    added(register, "50")
    post = Post(register, Outcome(FAILED, "no"), Outcome(FAILED, "no"))
    for _ in range(5):
        post.tell()
        post.now += 3600 * SECOND
    assert len(post.sent) == 3
    assert post.states() == ["sent"]


def test_what_may_have_arrived_is_not_sent_again(register: Register) -> None:
    """No answer is not a failure: said, and never sent twice."""
    added(register, "50")
    post = Post(register, Outcome(UNKNOWN, "no answer within 30 seconds"))
    assert post.tell() == ["desktop: it is not known whether it arrived: no answer within 30 seconds"]
    post.now += DAY * SECOND
    assert post.tell() == []
    assert post.states() == ["unknown"]


def test_killed_in_the_middle(register: Register) -> None:
    """The intent is in the ledger before the act: whoever comes next gives it up, and tells the rest."""
    added(register, "50", "80")
    post = Post(register, Outcome("killed"))
    with pytest.raises(Diedness):
        post.tell()
    assert post.states() == ["sending", "waiting"]
    assert post.tell() == []
    assert register.lose() == 1
    assert register.lose() == 0
    assert post.tell() == []
    assert post.states() == ["unknown", "sent"]
    assert len(post.sent) == 1


def test_of_two_who_send_only_one_does(register: Register, tmp_path: Path) -> None:
    """A delivery is taken by whoever commits the intent first."""
    added(register, "50")
    (delivery,) = register.waiting()
    with alerting(tmp_path / "ledger.db", tmp_path / "lock") as other:
        assert [register.intend(delivery), other.intend(delivery)] == [True, False]
    register.settle(delivery, "waiting", due_ns=START, problem=None)
    added(register, "80")
    taken = register.waiting()[0]
    post = Post(register)
    assert register.intend(taken)
    post.tell()
    assert len(post.sent) == 1


def test_a_channel_that_is_gone(register: Register) -> None:
    """A channel that left the settings is given up, silently; its secrets are nowhere in the ledger."""
    added(register, "50", channels=(DESKTOP, HOOK))
    post = Post(register)
    assert post.tell(DESKTOP) == []
    assert sorted(post.states()) == ["given up", "sent"]
    dump = "\n".join(register._connection.iterdump())
    assert "secret" not in dump
    assert "127.0.0.1" not in dump


def test_a_clock_that_went_back(register: Register) -> None:
    """An attempt that a wrong clock put years ahead is made now."""
    added(register, "50")
    post = Post(register, Outcome(FAILED, "no"))
    post.now += 3650 * DAY * SECOND
    post.tell()
    post.now = START
    post.tell()
    assert post.states() == ["sent"]


def test_what_the_monitor_waits_for(register: Register, tmp_path: Path) -> None:
    """The monitor reads what the last look left behind, all of it and nothing of the one before."""
    writer = Writer(tmp_path / "ledger.db")
    with contextlib.closing(writer):
        assert writer.waits() is None
        register.wait_for(Waits(1, 2, (Trip((), 5), Trip(("eth0", "ww*"), 6))))
        assert writer.waits() == Waits(1, 2, (Trip((), 5), Trip(("eth0", "ww*"), 6)))
        register.wait_for(Waits(3, 4, ()))
        assert writer.waits() == Waits(3, 4, ())


def test_no_ledger_no_alerts(tmp_path: Path) -> None:
    """Nothing is made where nothing was counted."""
    with pytest.raises(LedgerMissingError), alerting(tmp_path / "none.db", tmp_path / "lock"):
        pass
    assert list(tmp_path.iterdir()) == []


class Looking:
    """A machine that counts, and somebody who looks."""

    def __init__(self, root: Path, machine: Machine) -> None:
        self.root, self.machine = root, machine
        self.config: dict[str, Any] = {"plan": {"name": "Home", "cap": "10 GB"}}

    def look(self) -> Waits:
        """One look, in UTC."""
        question = asking(self.root, self.machine)._replace(settings=parse(self.config))
        home = question.home
        with alerting(home.ledger, home.lock) as register:
            return look(question, register, [DESKTOP.fingerprint])

    def titles(self) -> list[str]:
        """Everything that was ever to be told."""
        with contextlib.closing(sqlite3.connect(self.root / "packetbuddy.db")) as connection:
            joined = "SELECT title FROM alerts JOIN deliveries ON alert = id ORDER BY id"
            return [row[0] for row in connection.execute(joined)]


def test_a_month_with_its_alerts(tmp_path: Path) -> None:
    """Percentages and the forecast, each once; a new cycle is armed again; a clock that steps tells nothing twice."""
    machine = Machine(at(2026, 11, 1), uptime=DAY)
    looking = Looking(tmp_path, machine)
    with Counting(tmp_path, machine) as counting:
        for day in range(28):
            counting.use(at(2026, 11, 1, 12) + day * DAY * SECOND, rx=4 * GB // 10)
            counting.flush()
            machine.run(12 * HOUR - 60)
            counting.look()
            counting.flush()
            looking.look()
        assert looking.titles() == [
            "Home: heading for 120 %",
            "Home: 52 % used",
            "Home: 80 % used",
            "Home: 100 % used",
        ]
        machine.set_clock(-5 * DAY)
        counting.look()
        looking.look()
        machine.set_clock(40 * DAY)
        counting.look()
        looking.look()
        machine.set_clock(-35 * DAY)
        counting.look()
        counting.flush()
        looking.look()
        assert len(looking.titles()) == 4
        counting.use(at(2026, 12, 1, 12), rx=55 * GB // 10)
        counting.flush()
        looking.look()
    assert looking.titles()[4:] == ["Home: 55 % used", "An unusual day"]


def test_what_a_look_leaves_behind(tmp_path: Path) -> None:
    """Bytes to the next percentage; midnight, an edge of off-peak or six hours, whatever comes first."""
    machine = Machine(at(2026, 11, 2, 10), uptime=DAY)
    looking = Looking(tmp_path, machine)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 11, 2, 11), rx=GB)
        counting.flush()
        waits = looking.look()
        assert (waits.trips, waits.due_ns) == ((Trip((), 4 * GB),), machine.wall_ns + 6 * HOUR * SECOND)
        looking.config["plan"]["off_peak"] = ["12:30-13:00"]
        assert looking.look().due_ns == at(2026, 11, 2, 12, 30)
        counting.use(at(2026, 11, 2, 23), rx=1)
        counting.flush()
        assert looking.look().due_ns == at(2026, 11, 3, 0, 1)


def test_a_plan_that_is_edited_tells_again(tmp_path: Path) -> None:
    """In mid-cycle another cap: what is reached of the new one is told, once."""
    machine = Machine(at(2026, 11, 2, 10), uptime=DAY)
    looking = Looking(tmp_path, machine)
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 11, 2, 11), rx=3 * GB)
        counting.flush()
        for cap in ("5 GB", "5 GB", "3500 MB", "3500 MB", "5 GB"):
            looking.config["plan"]["cap"] = cap
            looking.look()
    assert looking.titles() == ["Home: 60 % used", "Home: 85.7 % used"]
