"""A service that keeps itself up to date, through good and bad releases, while traffic runs."""

from pathlib import Path

import pytest

from acceptance.releases import (
    Change,
    Person,
    following,
    mended,
    that_crashes,
    that_does_not_count,
    with_a_migration,
)
from machine.monitor import Chatter, moved
from machine.netns import requires_netns, wait_until

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, pytest.mark.timeout(900), requires_netns]
PATIENCE = 240.0


def until(person: Person, version: str, result: str) -> None:
    """Wait for what becomes of an update."""
    try:
        wait_until(lambda: person.came_to(version, result), PATIENCE)
    except AssertionError as error:
        raise AssertionError(f"{version} did not come to be {result}:\n{person.story()}") from error


def publish(person: Person, version: str, change: Change) -> None:
    """A release whose making would be no other than that of the one before; nobody knows of it until it is made."""
    change(person.source.work / "src/packetbuddy")
    person.source.number(version)
    person.ready()
    person.source.release(version)


def otherwise_broken(code: Path) -> None:
    """The fault of before is mended, and another one is there."""
    mended(code)
    that_does_not_count(code)


def test_it_follows_good_releases_and_comes_back_from_bad_ones(tmp_path: Path, wheels: Path) -> None:
    """Done-when 1: a migration, one that crashes, one that does not count, a good one: every byte once, by itself."""
    with following(tmp_path, wheels) as person:
        person.newcomer.setup()
        with Chatter(person.newcomer.wire) as chatter:
            person.source.release("2.1.0", with_a_migration)
            until(person, "2.1.0", "confirmed")
            chatter.going()
            publish(person, "2.2.0", that_crashes)
            until(person, "2.2.0", "reverted")
            assert person.current() == "2.1.0"
            publish(person, "2.3.0", otherwise_broken)
            until(person, "2.3.0", "reverted")
            assert person.current() == "2.1.0"
            publish(person, "2.4.0", mended)
            until(person, "2.4.0", "confirmed")
            chatter.going()
        wire = person.newcomer.wire
        expected = moved(wire.host.settle(wire.near))
        assert person.newcomer.today() == (expected.tx, expected.rx)
        wait_until(lambda: person.newcomer.stored() == (expected.tx, expected.rx))
        assert person.newcomer.counts_once()
        assert person.current() == "2.4.0"
        assert set(person.updating().lost) == {"2.2.0", "2.3.0"}
