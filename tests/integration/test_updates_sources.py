"""Looking for releases in real git repositories: what is followed, and everything that is left alone, with its word."""

import errno
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from acceptance.releases import AUTHOR, SMALL, Author, author, cloned
from packetbuddy.answers.updating import updating
from packetbuddy.errors import HomeError, InstallError, UpdateError
from packetbuddy.installing.naming import version_name
from packetbuddy.installing.origin import Origin, observed, read_origin, write_origin
from packetbuddy.services.runner import Completed
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home
from packetbuddy.storage.lock import PATIENCE_SECONDS, Lock
from packetbuddy.updates import plan
from packetbuddy.updates.git import MOST_TAGS, _must, ask, extract, fetch
from packetbuddy.updates.plan import Plan
from packetbuddy.updates.updating import Work, alone, apply, look


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.root.mkdir()
    return made


@pytest.fixture
def source(tmp_path: Path) -> Author:
    return author(tmp_path, SMALL)


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
    foreign = author(tmp_path / "foreign", SMALL)
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
    secret = Origin("git", "http://me:secret@127.0.0.1:9/pb.git?token=secret%40", "c0ffee")
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


def test_a_check_is_waited_for(home: Home) -> None:
    """Who types a command meets a check that is soon over, and need not type it again."""
    check = Lock(home.root / "setup.lock")
    check.acquire()
    over = threading.Timer(2 * PATIENCE_SECONDS, check.release)
    over.start()
    with alone(home, 30):
        over.join()


def test_a_full_disk_is_left_alone(home: Home, source: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is made, it looks for room."""
    source.release("2.1.0")
    monkeypatch.setattr("packetbuddy.updates.preparing.NEEDED_BYTES", shutil.disk_usage(tmp_path).total)
    with pytest.raises(UpdateError, match="MB left") as caught:
        apply(work(home, Origin("folder"), source=str(source.remote)), "2.1.0")
    assert caught.value.word == "no-space"
    assert not home.versions.exists()


def test_a_tag_with_another_version_in_it_is_refused(home: Home, source: Author) -> None:
    """A tag v2.1.0 whose code says 2.0.0 is not installed, and not tried again."""
    source.tag("2.1.0")
    found = work(home, Origin("folder"), source=str(source.remote))
    assert look(found).target == "2.1.0"
    with pytest.raises(UpdateError, match=r"holds 2\.0\.0"):
        apply(found, "2.1.0")
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


def test_what_a_tag_named_first_outlives_the_mirror(home: Home, source: Author, tmp_path: Path) -> None:
    """The mirror may be deleted at any time; a tag that moved meanwhile is told all the same."""
    found = work(home, cloned(source, tmp_path / "clone"))
    source.release("2.1.0")
    look(found)
    shutil.rmtree(home.root / "update")
    source.commit("Another one under the same name")
    source.tag("2.1.0")
    assert look(found).word == "moved"
    another = author(tmp_path / "another", SMALL)
    another.release("2.1.0")
    assert look(work(home, Origin("folder"), source=str(another.remote))).word == "update"


def nothing_in_objects(mirror: Path) -> None:
    for file in (mirror / "objects").rglob("*"):
        if file.is_file():
            file.chmod(0o600)
            file.write_bytes(b"")


def a_ref_without_words(mirror: Path) -> None:
    (mirror / "refs/tags").mkdir(exist_ok=True)
    (mirror / "refs/tags/v2.1.0").write_text("")


def no_head(mirror: Path) -> None:
    (mirror / "HEAD").write_text("")


def no_settings(mirror: Path) -> None:
    (mirror / "config").write_text("[core\n")


def locks(mirror: Path) -> None:
    """What a git that was killed leaves behind."""
    for name in ("config.lock", "packed-refs.lock", "HEAD.lock", "refs/source/head.lock", "refs/tags/v2.2.0.lock"):
        (mirror / name).touch()
    (mirror / "objects/pack/tmp_pack_x").write_bytes(bytes(100))


@pytest.mark.parametrize("harm", [nothing_in_objects, a_ref_without_words, no_head, no_settings, locks])
def test_a_mirror_that_was_damaged_is_made_anew(
    home: Home, source: Author, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """A power cut, a disk's fault, a git that was killed: the same look finds the release, and its files are there."""
    found = work(home, cloned(source, tmp_path / "clone"))
    source.release("2.1.0")
    look(found)
    (mirror,) = (home.root / "update").glob("mirror-*.git")
    harm(mirror)
    source.release("2.2.0")
    assert look(found).target == "2.2.0"
    assert not list(mirror.rglob("tmp_pack_*"))
    extract(found.repository(str(source.remote)), updating(home.root).tags["v2.2.0"], tmp_path / "code")
    assert version_name(tmp_path / "code").startswith("2.2.0-")


def test_a_mirror_whose_files_are_gone_is_no_fault_of_the_release(home: Home, source: Author) -> None:
    """Found out while it is installed: told, the mirror removed, the release tried again the next time."""
    found = work(home, Origin("folder"), source=str(source.remote))
    source.release("2.1.0")
    look(found)
    (mirror,) = (home.root / "update").glob("mirror-*.git")
    nothing_in_objects(mirror)
    with pytest.raises(UpdateError, match="damaged"):
        apply(found, "2.1.0")
    assert not mirror.exists()
    assert look(found).target == "2.1.0"


def test_variables_that_lead_git_elsewhere_do_not_lead_us(home: Home, source: Author, tmp_path: Path) -> None:
    """Those of a hook that started us, and a template whose hook would run in the mirror."""
    hook = tmp_path / "template/hooks/reference-transaction"
    hook.parent.mkdir(parents=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    led = {
        "GIT_DIR": str(tmp_path / "x"),
        "GIT_COMMON_DIR": str(tmp_path / "x"),
        "GIT_OBJECT_DIRECTORY": str(tmp_path / "x"),
        "GIT_QUARANTINE_PATH": str(tmp_path / "x"),
        "GIT_DEFAULT_HASH": "sha256",
        "GIT_TEMPLATE_DIR": str(hook.parents[1]),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.hooksPath",
        "GIT_CONFIG_VALUE_0": str(hook.parent),
    }
    found = work(home, cloned(source, tmp_path / "clone"))
    source.release("2.1.0")
    assert look(found._replace(environment={**found.environment, **led})).target == "2.1.0"
    assert not (tmp_path / "ran").exists()


def test_nothing_of_a_clone_is_run_to_look_at_it(
    source: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its hooks nor its file system monitor; variables of a hook that started setup lead nowhere else."""
    clone = cloned(source, tmp_path / "clone")
    spy = tmp_path / "spy"
    spy.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    spy.chmod(0o755)
    shutil.copy(spy, clone / ".git/hooks/post-index-change")
    git(clone, "config", "core.fsmonitor", str(spy))
    head = source.git("rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "x"))
    assert observed(clone) == Origin("git", str(source.remote), head)
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root")
def test_a_clone_that_another_account_owns_is_a_clone(source: Author, tmp_path: Path) -> None:
    """Root who sets up from a person's clone has its updates; a home that is another's is left alone."""
    clone = cloned(source, tmp_path / "clone")
    other = Home(tmp_path / "other")
    other.root.mkdir()
    for path in (clone, *clone.rglob("*"), other.root):
        os.chown(path, 12345, 12345)
    assert observed(clone).kind == "git"
    with pytest.raises(HomeError, match="belongs to another user"), alone(other):
        raise AssertionError
    assert list(other.root.iterdir()) == []


def test_files_are_as_they_were_committed(home: Home, source: Author, tmp_path: Path) -> None:
    """Whatever a person's git does to the ends of lines: a shell would choke on them."""
    settings = tmp_path / "gitconfig"
    settings.write_text("[core]\n\tautocrlf = true\n")
    found = work(home, Origin("folder"), source=str(source.remote))
    found = found._replace(environment={**found.environment, "GIT_CONFIG_GLOBAL": str(settings)})
    look(found)
    extract(found.repository(str(source.remote)), updating(home.root).tags["v2.0.0"], tmp_path / "code")
    assert b"\r" not in (tmp_path / "code/service/linux/setup.sh").read_bytes()


def test_a_flood_of_tags_is_looked_at_in_part(home: Home, source: Author) -> None:
    """Tens of thousands of releases, some with absurd numbers: the newest ones are, and the newest is found."""
    thing = source.git("rev-parse", "v2.0.0^{commit}")
    many = [f"{thing} refs/tags/v9.{number}.{part}" for number in range(200) for part in range(100)]
    many += [f"{thing} refs/tags/v{'9' * size}.0.0" for size in (10, 300, 5000)]
    packed = source.remote / "packed-refs"
    packed.write_text(
        "\n".join(["# pack-refs with: peeled fully-peeled sorted ", *sorted(many, key=lambda line: line[41:]), ""])
    )
    found = look(work(home, Origin("folder"), source=str(source.remote)))
    assert found.target == "9.199.99"
    assert len(updating(home.root).tags) <= MOST_TAGS


@pytest.mark.parametrize(
    ("what", "words"), [("blob", "leads to no commit"), ("bomb", "none of PacketBuddy"), ("other", "holds no")]
)
def test_a_tag_of_something_else_is_refused(
    home: Home, source: Author, monkeypatch: pytest.MonkeyPatch, what: str, words: str
) -> None:
    """A tag that names a file, more than a release can hold, or another program: told, passed over, nothing made."""
    if what == "blob":
        source.git("tag", "--force", "v2.1.0", "HEAD:README.md")
        source.git("push", "--quiet", "origin", "v2.1.0")
    elif what == "other":
        source.commit("Another program", shutil.rmtree)
        source.tag("2.1.0")
    else:
        source.release("2.1.0")
        monkeypatch.setattr("packetbuddy.updates.git.LARGEST", 1000)
    found = work(home, Origin("folder"), source=str(source.remote))
    assert look(found).target == "2.1.0"
    with pytest.raises(UpdateError, match=words):
        apply(found, "2.1.0")
    assert not list(home.versions.glob("*"))
    assert not (home.root / "update/code").exists()
    assert look(found).word == "lost"


def test_a_source_that_changes_meanwhile_is_asked_again_later(home: Home, source: Author) -> None:
    """A tag that moves between the question and the fetch is not taken for what was seen."""
    found = work(home, Origin("folder"), source=str(source.remote))
    source.release("2.1.0")
    mirror = found.repository(str(source.remote))
    seen = ask(mirror)
    source.commit("Another one under the same name")
    source.tag("2.1.0")
    with pytest.raises(UpdateError, match="changed while it was asked"):
        fetch(mirror, seen)


def test_a_persons_own_ssh_command_holds(home: Home, tmp_path: Path) -> None:
    """Git's core.sshCommand is how some people reach their repository; without one nobody is ever asked anything."""
    ssh = tmp_path / "ssh"
    ssh.write_text(f'#!/bin/sh\necho "$0 $*" >>{tmp_path}/called\nexit 1\n')
    ssh.chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\tsshCommand = {ssh} -i mine\n")
    found = work(home, Origin("git", "git@example.invalid:pb.git", "c0ffee"))
    for environment in ({"GIT_CONFIG_GLOBAL": str(settings)}, {"PATH": f"{tmp_path}:{os.environ['PATH']}"}):
        assert look(found._replace(environment={**found.environment, **environment})).word == "unreachable"
    own, ours = (tmp_path / "called").read_text().splitlines()
    assert (" -i mine " in own, "BatchMode" in own, "BatchMode=yes" in ours) == (True, False, True)


def test_a_disk_that_is_full_is_told_as_that(home: Home, source: Author) -> None:
    """Git's own words for it make it no unreachable source."""
    mirror = work(home, Origin("folder")).repository(str(source.remote))
    full = Completed(128, "", f"fatal: write error: {os.strerror(errno.ENOSPC)}")
    with pytest.raises(UpdateError) as caught:
        _must(mirror, full)
    assert caught.value.word == "no-space"
