"""The words of a command line, and what of it may be shown."""

from types import SimpleNamespace

import pytest

from packetbuddy.settings.commandline import is_command, mask_command, without_words, words_of
from packetbuddy.settings.showing import show_lines

SECRET = "Zq7Ws1xK"  # noqa: S105 - the secret that must not be found


def test_words() -> None:
    """As a shell parts them, without a shell."""
    assert words_of("tell --to 'a friend' a\\ b \"c d\"") == ["tell", "--to", "a friend", "a b", "c d"]


@pytest.mark.parametrize("command", ["tell 'me", 'tell "me', "tell me\\", "''", '"" x', " "])
def test_what_is_no_command(command: str) -> None:
    """An open quote, an escape of nothing, no program."""
    assert not is_command(command)
    assert mask_command(command) == "***"


def test_words_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backslashes are letters there, quotes hold a path together and are no part of it, an apostrophe is a letter."""
    monkeypatch.setattr("packetbuddy.settings.commandline.os", SimpleNamespace(name="nt"))
    command = '"C:\\Program Files\\tell.exe" --to C:\\me\\ don\'t'
    assert words_of(command) == ["C:\\Program Files\\tell.exe", "--to", "C:\\me\\", "don't"]
    assert not is_command('"C:\\tell.exe')


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (f"curl -H 'Authorization: Bearer {SECRET}' https://host/{SECRET}", "curl ***"),
        (f"/usr/bin/tell --password {SECRET}", "/usr/bin/tell ***"),
        ("notify-send", "notify-send"),
        (f"TOKEN={SECRET} tell", "*** ***"),
        (f"https://{SECRET}@host", "***"),
        ("'a program' x", "a program ***"),
    ],
)
def test_only_the_program_is_shown(command: str, shown: str) -> None:
    """Whatever stands behind it may be a secret."""
    assert mask_command(command) == shown
    assert not any(SECRET in line for line in show_lines({"alerts": {"command": command}}))


def test_what_a_program_says_of_its_arguments() -> None:
    """They are taken out, also the parts of them; short words stay."""
    words = [f"--token={SECRET}", "-x", "Authorization: Bearer abcd", "to"]
    said = without_words(f"cannot use {SECRET} to log in -x: bad Bearer abcd, abc", words)
    assert said == "cannot use *** to log in -x: bad *** ***, abc"
    assert without_words("nothing of it", []) == "nothing of it"
