"""Deleting a home: all of it, nothing but it, and only where it is one."""

import sys
from pathlib import Path

import pytest

from packetbuddy.errors import HomeError
from packetbuddy.services.purging import purge, refusal
from packetbuddy.settings.places import Home


def make_home(root: Path) -> Path:
    """A home as a long life leaves it."""
    for folder in ("backups", "bin", "update", "versions/2.0.0-12345678/bin"):
        (root / folder).mkdir(parents=True)
    names = (
        "config.toml", "config.toml.bak", "packetbuddy.db", "packetbuddy.db-wal", "packetbuddy-cache.db", "device_id",
        "stderr.log", "stderr.log.1", "stdout.log", "setup.log", "setup.lock", "monitor.lock", "supervisor.pid",
        "api.pid", "looking", "alerts.lock", "writing.lock", "update.json", "update/state.lock", "service.lock",
        "service.stopped", "watchdog.memory", "bin/pb", "backups/packetbuddy-2026-11-20.db",
        "versions/2.0.0-12345678/complete",
    )  # fmt: skip
    for name in names:
        (root / name).write_text("x")
    return root


def test_a_whole_home_goes(tmp_path: Path) -> None:
    """Every file that PacketBuddy makes is deleted, and the folder; again is fine."""
    root = make_home(tmp_path / "a höme")
    refusal(root, tmp_path)
    assert purge(root) == ()
    assert list(tmp_path.iterdir()) == []
    refusal(root, tmp_path)
    assert purge(root) == ()


def test_no_place_of_a_home_is_left(tmp_path: Path) -> None:
    """Whatever a home has a place for is its own: a new one cannot be forgotten here."""
    home = Home(tmp_path / "home")
    places = [getattr(home, name) for name, kind in vars(Home).items() if isinstance(kind, property)]
    assert home.looking in places
    for place in sorted(places, key=lambda each: -len(each.parts)):  # what is in a folder before the folder
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_dir():
            place.write_text("x")
    refusal(home.root, tmp_path)
    assert purge(home.root) == ()
    assert not home.root.exists()


def test_what_is_somebody_elses_stays(tmp_path: Path) -> None:
    """A file that PacketBuddy did not make stays, with its folder, and is named."""
    root = make_home(tmp_path / "home")
    (root / "thesis.docx").write_text("years")
    (root / "photos").mkdir()
    assert purge(root) == ("photos", "thesis.docx")
    assert sorted(path.name for path in root.iterdir()) == ["photos", "thesis.docx"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_are_deleted_not_followed(tmp_path: Path) -> None:
    """A link inside the home goes, what it leads to stays; a home that is itself a link goes with its folder."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    disk = make_home(tmp_path / "other disk")
    (disk / "backups" / "link").symlink_to(outside)
    (disk / "packetbuddy-link").symlink_to(outside)
    home = tmp_path / "home"
    home.symlink_to(disk)
    assert purge(home) == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside"]
    assert (outside / "precious").exists()


def test_what_is_no_home_is_refused(tmp_path: Path) -> None:
    """The user's own folder, what contains it, the root and a folder without anything of PacketBuddy: refused."""
    user_home = tmp_path / "anna"
    user_home.mkdir()
    (user_home / "packetbuddy.db").write_text("x")
    for root in (user_home, tmp_path, Path(tmp_path.anchor)):
        with pytest.raises(HomeError, match="alone"):
            refusal(root, user_home)
    documents = user_home / "documents"
    documents.mkdir()
    (documents / "config.toml").write_text("somebody else's")
    with pytest.raises(HomeError, match="nothing of PacketBuddy"):
        refusal(documents, user_home)
