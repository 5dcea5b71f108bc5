"""What [auto_update] asks for is what happens, key by key, on a service that runs; and updates by hand."""

import contextlib
import json
import signal
import subprocess
from pathlib import Path

import pytest

from acceptance.newcomers import Newcomer
from acceptance.releases import CONFIG, Person, following
from machine.monitor import moved
from machine.netns import requires_netns, wait_until
from packetbuddy.storage.lock import owner

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, pytest.mark.timeout(900), requires_netns]
PATIENCE = 240.0


def wish(person: Person, **keys: str) -> None:
    """Change the settings under a running service."""
    lines = [f"{key} = {value}" for key, value in keys.items()]
    fresh = person.home / "config.new"
    fresh.write_text("\n".join([CONFIG, "[auto_update]", *lines, ""]))
    fresh.replace(person.home / "config.toml")  # in one step: a check that finds it empty goes by the defaults


def publish(person: Person, version: str) -> None:
    """A release that is made already, but for what this test is not about."""
    person.source.number(version)
    person.ready()
    person.source.release(version)


def until(person: Person, word: str) -> None:
    """Wait for the last check's word, or for what came of the last update."""

    def came() -> bool:
        now = person.updating()
        return now.word == word or (now.last is not None and now.last.result == word)

    wait_until(came, PATIENCE)


def answering(newcomer: Newcomer) -> str:
    """The version that answers at the dashboard's address; empty while nobody does, as just after a start."""
    with contextlib.suppress(AssertionError):
        return str(json.loads(newcomer.page("/api/health"))["version"])
    return ""


def test_telling_waiting_and_doing_by_hand(tmp_path: Path, wheels: Path) -> None:
    """auto_apply, auto_restart and enabled are heeded one by one; by hand it goes there and back whatever they say."""
    config = f"{CONFIG}[auto_update]\nauto_apply = false\n"
    with following(tmp_path, wheels, config) as person:
        newcomer, pb = person.newcomer, str(person.newcomer.launcher)
        newcomer.setup()
        (monitor,) = newcomer.monitors()
        publish(person, "2.1.0")
        until(person, "update")
        health = json.loads(newcomer.page("/api/health"))["update"]
        assert (health["available"], health["last"]) == ("2.1.0", None)
        assert "2.1.0 is available" in newcomer.run(pb, "service", "status")
        log = person.home / "stderr.log"
        wait_until(lambda: "info updates: 2.1.0 is available" in log.read_text())  # it is told after it is known
        assert person.current() == "2.0.0"

        wish(person, auto_restart="false")
        until(person, "waiting")
        assert newcomer.monitors() == [monitor]
        told = newcomer.pb("service", "status")["update"]["last"]
        assert (told["from"], told["to"], told["result"]) == ("2.0.0", "2.1.0", "waiting")
        assert "waits for the next start" in newcomer.run(pb, "service", "status")
        newcomer.run(pb, "service", "restart")
        until(person, "confirmed")
        assert person.current() == "2.1.0"

        wish(person, enabled="false")
        newcomer.run(pb, "service", "restart")
        checked = person.updating().checked_at
        publish(person, "2.2.0")
        back = json.loads(newcomer.run(pb, "update", "--rollback", "--json"))["data"]
        assert (person.current(), back["started"]) == ("2.0.0", True)
        wait_until(lambda: answering(newcomer) == "2.0.0", 20)
        assert person.updating().checked_at == checked
        assert "2.2.0 is available" in newcomer.run(pb, "update", "--check-only")
        _two_at_once(person)
        until(person, "confirmed")
        assert person.current() == "2.2.0"
        expected = moved(newcomer.wire.host.counters(newcomer.wire.near))
        assert newcomer.today() == (expected.tx, expected.rx)


def _two_at_once(person: Person) -> None:
    """Done-when 5: of two who update at once one does it, and the other one is told."""
    newcomer, command = person.newcomer, (str(person.newcomer.launcher), "update")
    with subprocess.Popen(newcomer.command(*command), env=newcomer.environment()) as first:
        wait_until(lambda: owner(person.home / "setup.lock") == first.pid)
        first.send_signal(signal.SIGSTOP)  # so that it is still at work when the other one comes
        try:
            assert "another setup or update is at work" in newcomer.run(*command, code=1)
        finally:
            first.send_signal(signal.SIGCONT)
        assert first.wait(PATIENCE) == 0
