"""Whose PacketBuddy it becomes, and how that person finds it."""

import os
from pathlib import Path
from shlex import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.errors import InstallError
from packetbuddy.installing.account import check_account, judge_posix, judge_windows
from packetbuddy.installing.onpath import link_of, put_on_path, take_off_path, with_entry, without_entry
from packetbuddy.settings.places import Home

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has a Path in its registry")


def test_elevated_under_another_account_stops() -> None:
    """The person of the session is the one to count for; nobody there, or the same in other letters, is fine."""
    with pytest.raises(InstallError, match="runs as Admin, but Jane is logged in") as raised:
        judge_windows("Admin", "Jane")
    assert "as Jane, not as administrator" in raised.value.hint
    assert judge_windows("jane", "Jane") == judge_windows("Admin", "") == ""


def test_root_in_a_persons_home_stops() -> None:
    """A HOME that sudo kept would lock its person out of files; root in its own home is warned, or just fine."""
    with pytest.raises(InstallError, match="home folder of another account"):
        judge_posix("jane", is_root=True, owns_home=False)
    assert "for root, not for jane" in judge_posix("jane", is_root=True, owns_home=True)
    assert judge_posix("", is_root=True, owns_home=True) == judge_posix("", is_root=False, owns_home=False) == ""


@posix
def test_this_account_is_asked(tmp_path: Path) -> None:
    """The account that runs the tests may install into a folder of its own."""
    assert check_account({}, tmp_path) == ""


@pytest.fixture
def person(tmp_path: Path) -> Path:
    folder = tmp_path / "Jürgen Groß"
    folder.mkdir()
    return folder


@posix
def test_the_link_comes_and_goes(person: Path) -> None:
    """It is there by name when the folder is on PATH; else the line to add is told; taken away, nothing is left."""
    home = Home(person / ".packetbuddy")
    link = link_of(person)
    assert put_on_path(home, person, {"PATH": f"/usr/bin:{link.parent}"}).command == "pb"
    assert link.readlink() == home.launcher
    told = put_on_path(home, person, {})
    assert told.command == quote(str(link))
    assert 'export PATH="$HOME/.local/bin:$PATH"' in told.words[-1]
    assert [link.parent.stat().st_mode & 0o777, link.parent.parent.stat().st_mode & 0o777] == [0o755, 0o755]
    assert take_off_path(home, person) == str(link)
    assert take_off_path(home, person) == ""
    assert list(link.parent.iterdir()) == []


@posix
def test_an_older_homes_link_is_taken_over(person: Path) -> None:
    """A link to some home's launcher is PacketBuddy's, also when that home is gone."""
    link = link_of(person)
    link.parent.mkdir(parents=True)
    link.symlink_to("/gone/.packetbuddy/bin/pb")
    home = Home(person / "elsewhere")
    assert take_off_path(home, person) == ""
    put_on_path(home, person, {})
    assert link.readlink() == home.launcher


@posix
@pytest.mark.parametrize("what", ["file", "link"])
def test_another_pb_is_left_alone(person: Path, what: str) -> None:
    """A program or a link of somebody else stays, in both directions, and the person is told what to run."""
    home, link = Home(person / ".packetbuddy"), link_of(person)
    link.parent.mkdir(parents=True)
    link.write_text("mine") if what == "file" else link.symlink_to("/usr/bin/true")
    told = put_on_path(home, person, {})
    assert told.command == quote(str(home.launcher))
    assert "left alone" in told.words[0]
    assert take_off_path(home, person) == ""
    assert link.read_bytes() == (b"mine" if what == "file" else Path("/usr/bin/true").read_bytes())


@posix
def test_a_folder_that_cannot_be_is_told(person: Path) -> None:
    """A file in the folder's place: the launcher itself still works and is named, and the reason is told."""
    (person / ".local").write_text("")
    home = Home(person / ".packetbuddy")
    told = put_on_path(home, person, {})
    assert told.command == quote(str(home.launcher))
    assert "bin/pb cannot be written: File exists" in told.words[0]


ENTRIES = st.lists(st.sampled_from([r"C:\Windows", r"%SystemRoot%\x", r"C:\a b\bin", '"C:\\q"', ""]), max_size=5)


@given(ENTRIES)
def test_a_windows_path_loses_nothing(entries: list[str]) -> None:
    """Our folder comes in once, whatever its case and backslash, and goes without a trace; nothing else changes."""
    ours = r"C:\Users\Jürgen & Co\.packetbuddy\bin"
    before = ";".join(entries)
    once = with_entry(before, ours)
    assert with_entry(once, ours.upper() + "\\") == once
    assert [one for one in once.split(";") if one] == [one for one in [*entries, ours] if one]
    assert without_entry(once, ours).strip(";") == before.strip(";")
