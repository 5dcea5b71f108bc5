"""``pb update`` where nothing can be updated: what it says and how it ends."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from packetbuddy.answers.updating import Updating, written
from packetbuddy.cli.main import main
from packetbuddy.installing.versions import point
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import TRIAL, pointed
from packetbuddy.storage.lock import PATIENCE_SECONDS, Lock


def run(home: Path, *words: str) -> int:
    return main(["update", *words], {"PACKETBUDDY_HOME": str(home)}, 1_795_760_000 * 10**9)


def test_a_checkout_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever develops in the code that runs is told so, exit code 1; in JSON the word."""
    assert run(tmp_path) == 1
    assert capsys.readouterr().out == "Somebody develops in this copy; git brings it up to date.\n"
    assert run(tmp_path, "--check-only", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["command"], told["data"]["word"], told["data"]["target"]) == ("update", "checkout", None)
    assert not (tmp_path / "versions").exists()


def test_there_is_nothing_to_go_back_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on stderr, exit code 1."""
    (tmp_path / "versions").mkdir()
    assert run(tmp_path, "--rollback") == 1
    assert capsys.readouterr().err == "pb: there is no version to go back to\n"


@pytest.fixture
def check(tmp_path: Path) -> Iterator[Lock]:
    """A check of the service's, as long as it has the lock."""
    lock = Lock(tmp_path / "setup.lock")
    lock.acquire()
    yield lock
    lock.release()


@pytest.mark.parametrize("words", [("--check-only",), ("--rollback",)])
def test_a_check_of_the_services_is_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], check: Lock, words: tuple[str, ...]
) -> None:
    """Nobody sees it, and it is soon over: no word about it."""
    over = threading.Timer(2 * PATIENCE_SECONDS, check.release)
    over.start()
    assert run(tmp_path, *words, "--json") == 1
    over.join()
    assert json.loads(capsys.readouterr().out)["data"]["word"] in {"checkout", "no-previous"}


def test_nobody_goes_back_from_what_he_has_not_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], check: Lock
) -> None:
    """The check puts another version on trial while somebody waits: that stays, and is told."""
    (tmp_path / "versions/2.2.0-new").mkdir(parents=True)

    def ends() -> None:
        point(Home(tmp_path), TRIAL, "2.2.0-new")
        check.release()

    over = threading.Timer(2 * PATIENCE_SECONDS, ends)
    over.start()
    assert run(tmp_path, "--rollback") == 1
    over.join()
    assert capsys.readouterr().err.startswith("pb: another update was installed meanwhile")
    assert pointed(Home(tmp_path), TRIAL) == "2.2.0-new"


def test_a_home_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not made: nothing runs in it that could be updated."""
    assert run(tmp_path / "none") == 1
    assert "pb service start" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_options_exclude_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage: exit code 2."""
    assert run(tmp_path, "--force", "--rollback") == 2
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "told"), [("unreachable", "h cannot be asked (last reached "), ("newest", "h cannot be asked (checked ")]
)
def test_a_source_that_is_away_was_not_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], word: str, told: str
) -> None:
    """The time beside it is that of the last answer, and is called so; without one there is none."""
    for at, words in ((1_795_750_000.0, told), (None, "h cannot be asked\n")):
        (tmp_path / "update.json").write_text(written(Updating(at, word, "h cannot be asked")))
        assert main(["service", "status"], {"PACKETBUDDY_HOME": str(tmp_path)}, 1_795_760_000 * 10**9) == 0
        assert words in capsys.readouterr().out
