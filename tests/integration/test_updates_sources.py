"""Looking for releases in real git repositories: what is followed, and everything that is left alone, with its word."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from acceptance.releases import AUTHOR, Author, author, cloned
from packetbuddy.answers.updating import updating
from packetbuddy.errors import InstallError, UpdateError
from packetbuddy.installing.origin import Origin, observed, read_origin, write_origin
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home
from packetbuddy.updates import plan
from packetbuddy.updates.plan import Plan
from packetbuddy.updates.updating import Work, alone, apply, look


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.root.mkdir()
    return made


@pytest.fixture
def source(tmp_path: Path) -> Author:
    return author(tmp_path)


@pytest.fixture(autouse=True)
def _git(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of whoever runs the tests."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, AUTHOR[name])


def work(home: Home, copy: Path | Origin, **settings: str) -> Work:
    """An update of what was installed from a clone; the version is 2.0.0."""
    origin = copy if isinstance(copy, Origin) else observed(copy)
    said: list[str] = []
    environment = {**os.environ, **AUTHOR}
    return Work(home, parse({"auto_update": settings}), environment, 1000.0, said.append, origin, "2.0.0")


def git(folder: Path, *words: str) -> str:
    environment = {**os.environ, **AUTHOR}
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_a_clone_follows_the_newest_release_that_contains_it(home: Home, source: Author, tmp_path: Path) -> None:
    """Done-when 4: from a tag and from an untagged commit of main, also when the clone is gone; then it is newest."""
    source.commit("Something between two releases")
    clone = cloned(source, tmp_path / "clone")
    found = work(home, clone)
    shutil.rmtree(clone)
    assert look(found).word == "ahead"
    source.release("2.1.0")
    source.release("2.2.0")
    assert look(found) == Plan("update", "2.2.0 is available", "2.2.0")
    state = updating(home.root)
    assert (state.available, state.checked_at, state.source) == ("2.2.0", 1000.0, str(source.remote))
    newest = work(home, cloned(source, tmp_path / "new"))._replace(installed="2.2.0")
    assert look(newest).word == "newest"


def dirty(clone: Path) -> None:
    (clone / "README.md").write_text("mine")


def dirtier(clone: Path) -> None:
    (clone / "src/packetbuddy/mine.py").write_text("")


def ahead(clone: Path) -> None:
    dirty(clone)
    git(clone, "-c", "user.name=me", "-c", "user.email=me@example.org", "commit", "-qam", "Mine")


def on_a_branch(clone: Path) -> None:
    git(clone, "checkout", "-qb", "mine")
    ahead(clone)


def without_a_remote(clone: Path) -> None:
    git(clone, "remote", "remove", "origin")


def a_folder(clone: Path) -> None:
    shutil.rmtree(clone / ".git")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (dirty, "edited"),
        (dirtier, "edited"),
        (ahead, "own-commits"),
        (on_a_branch, "own-commits"),
        (without_a_remote, "no-upstream"),
        (a_folder, "no-source"),
    ],
)
def test_what_is_not_a_clean_clone_is_left_alone(
    home: Home, source: Author, tmp_path: Path, change: Callable[[Path], None], word: str
) -> None:
    """Done-when 4: edits, own commits, another branch, no upstream, a ZIP: told in one word, nothing is made."""
    clone = cloned(source, tmp_path / "clone")
    change(clone)
    source.release("2.1.0")
    found = look(work(home, clone))
    assert (found.word, found.target) == (word, "")
    assert updating(home.root).word == word
    assert not home.versions.exists()


def test_a_folder_within_a_repository_of_somebody_is_no_clone(source: Author, tmp_path: Path) -> None:
    """A ZIP that was unpacked into a person's own repository has nothing to do with that."""
    clone = cloned(source, tmp_path / "clone")
    inner = clone / "downloads/packetbuddy"
    inner.mkdir(parents=True)
    assert observed(inner) == Origin("folder")


def test_a_folder_with_a_source_follows_its_numbers(home: Home, source: Author) -> None:
    """[auto_update] source gives a ZIP its updates; its own number is the newest until a higher one comes."""
    zipped = work(home, Origin("folder"), source=str(source.remote))
    assert look(zipped).word == "newest"
    source.release("2.1.0")
    assert look(zipped).target == "2.1.0"


def test_a_tag_that_moved_is_not_followed(home: Home, source: Author, tmp_path: Path) -> None:
    """Done-when 4: once seen, a tag leads where it led; a later release is followed all the same."""
    found = work(home, cloned(source, tmp_path / "clone"))
    source.release("2.1.0")
    assert look(found).target == "2.1.0"
    source.commit("Another one under the same name")
    source.tag("2.1.0")
    assert look(found).word == "moved"
    assert look(found, plan.reinstall).word == "moved"
    source.release("2.2.0")
    assert look(found).target == "2.2.0"


def test_a_tag_that_was_deleted_is_told(home: Home, source: Author, tmp_path: Path) -> None:
    """Done-when 4: a release that was seen and is gone is not followed, and not forgotten."""
    found = work(home, cloned(source, tmp_path / "clone"))
    source.release("2.1.0")
    assert look(found).target == "2.1.0"
    source.git("push", "--quiet", "--delete", "origin", "v2.1.0")
    assert look(found).word == "withdrawn"


def test_older_releases_are_no_updates(home: Home, source: Author, tmp_path: Path) -> None:
    """Nothing is ever replaced by something older."""
    found = work(home, Origin("folder"), source=str(source.remote))._replace(installed="3.0.0")
    assert look(found).word == "downgrade"
    assert look(found, plan.reinstall).word == "downgrade"
    foreign = author(tmp_path / "foreign")
    foreign.commit("Something else")  # two first commits of the same second are the same one
    assert look(work(home, cloned(foreign, tmp_path / "clone"), source=str(source.remote))).word == "own-commits"


def test_a_source_that_does_not_answer_is_no_error(home: Home, source: Author, tmp_path: Path) -> None:
    """Done-when 5: told as such, never "up to date"; what was known stays; the password of its address is not told."""
    found = work(home, cloned(source, tmp_path / "clone"))
    source.release("2.1.0")
    look(found)
    source.remote.rename(tmp_path / "away")
    assert look(found._replace(now=2000.0)).word == "unreachable"
    assert updating(home.root)[:2] == (1000.0, "unreachable")
    assert updating(home.root).available == "2.1.0"
    secret = Origin("git", "http://me:secret@127.0.0.1:9/pb.git", "c0ffee")
    assert look(work(home, secret)).word == "unreachable"
    assert "secret" not in (home.root / "update.json").read_text()


def test_without_git_it_says_so(home: Home, source: Author, tmp_path: Path) -> None:
    """A missing tool is named."""
    found = work(home, cloned(source, tmp_path / "clone"))
    assert look(found._replace(environment={"PATH": str(tmp_path)})).word == "no-git"


def test_two_never_update_at_once(home: Home, source: Author, tmp_path: Path) -> None:
    """Done-when 5: who comes second is told and changes nothing."""
    found = work(home, cloned(source, tmp_path / "clone"))
    with alone(found.home), pytest.raises(UpdateError, match="at work") as caught, alone(home):
        raise AssertionError
    assert caught.value.word == "busy"


def test_a_full_disk_is_left_alone(home: Home, source: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is made, it looks for room."""
    source.release("2.1.0")
    monkeypatch.setattr("packetbuddy.updates.preparing.NEEDED_BYTES", shutil.disk_usage(tmp_path).total)
    with pytest.raises(UpdateError, match="MB left") as caught:
        apply(work(home, Origin("folder"), source=str(source.remote)), "2.1.0", ())
    assert caught.value.word == "no-space"
    assert not home.versions.exists()


def test_a_tag_with_another_version_in_it_is_refused(home: Home, source: Author) -> None:
    """A tag v2.1.0 whose code says 2.0.0 is not installed, and not tried again."""
    source.tag("2.1.0")
    found = work(home, Origin("folder"), source=str(source.remote))
    assert look(found).target == "2.1.0"
    with pytest.raises(UpdateError, match=r"holds 2\.0\.0"):
        apply(found, "2.1.0", ())
    assert list(home.versions.glob("*")) == []
    assert look(found).word == "lost"


def test_where_a_version_came_from_is_written_beside_it(tmp_path: Path) -> None:
    """Only for its owner; what makes no sense is nothing; a folder that is gone is told."""
    write_origin(tmp_path, Origin("git", "https://me:secret@example.org/pb", "c0ffee"))
    assert read_origin(tmp_path) == Origin("git", "https://me:secret@example.org/pb", "c0ffee")
    assert (tmp_path / "origin.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "origin.json").write_text("[]")
    assert read_origin(tmp_path) is read_origin(tmp_path / "none") is None
    with pytest.raises(InstallError):
        write_origin(tmp_path / "none", Origin("folder"))
