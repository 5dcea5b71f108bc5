"""Words with which sentences begin."""

import pytest

from packetbuddy.cli.main import _sentence
from packetbuddy.errors import UpdateError, WrongUsageError
from packetbuddy.reports.words import capitalised


@pytest.mark.parametrize("words", ["nothing is lost", "who's there", "half-full", "left, right", "so: x", "été"])
def test_a_sentence_begins_with_a_capital(words: str) -> None:
    """Whatever stands behind its first word."""
    assert capitalised(words) == words[0].upper() + words[1:]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "`pb devices` lists them",
        "pb devices rename DEVICE",
        "https://h/x cannot be asked",
        "file:///nope cannot be asked",
        "git@h:a/b.git cannot be asked",
        "docs/how-to/update.md says more",
        "update.log tells more",
        "python -m ensurepip brings it",
        "2.1.0 is available",
    ],
)
def test_what_is_typed_as_it_stands_keeps_its_letters(words: str) -> None:
    """Commands, addresses and files are copied by people."""
    assert capitalised(words) == words


def test_a_hint_after_a_full_stop() -> None:
    """It is the next sentence, whose first word may be one to type."""
    assert _sentence(WrongUsageError("which?", "pb devices rename DEVICE")) == "which? pb devices rename DEVICE"
    assert _sentence(UpdateError("x", "no.", "take another")) == "no. Take another"
