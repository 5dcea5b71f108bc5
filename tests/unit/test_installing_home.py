"""The installer's work inside the home: names, versions, the launcher."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from packetbuddy.errors import InstallError
from packetbuddy.installing import main as installing
from packetbuddy.installing.interpreter import lasting
from packetbuddy.installing.launcher import launcher_text, write_launcher
from packetbuddy.installing.main import Change, Setup, change_to
from packetbuddy.installing.naming import version_name
from packetbuddy.installing.versions import (
    begin_change,
    end_change,
    is_whole,
    make_current,
    mark_whole,
    name_for,
    point,
    python_of,
    remove_others,
    set_aside,
    unfinished_from,
)
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import PREVIOUS, TRIAL, current, pointed

posix = pytest.mark.skipif(os.name != "posix", reason="links and sh are for POSIX")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "it's Jürgen's $HOME")
    home.versions.mkdir(parents=True)
    return home


def code(root: Path, text: str = "") -> Path:
    """A folder that looks like a clone."""
    package = root / "src" / "packetbuddy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f'__version__ = "2.1.0"\n{text}')
    (root / "pyproject.toml").write_text("[project]\n")
    return root


def version(home: Home, name: str, *, whole: bool = True, runs: bool = True) -> Path:
    """A version whose Python is a script that says what it was asked."""
    folder = home.versions / name
    python = python_of(folder)
    python.parent.mkdir(parents=True)
    if runs:
        python.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$PACKETBUDDY_HOME" "$@"\n')
        python.chmod(0o755)
    if whole:
        mark_whole(folder)
    return folder


def test_same_code_has_one_name(tmp_path: Path) -> None:
    """The name is the code's own: another folder or compiled files change nothing, one byte of the code does."""
    here, there, other = code(tmp_path / "a"), code(tmp_path / "b c"), code(tmp_path / "c", "#")
    cache = here / "src/packetbuddy/__pycache__"
    cache.mkdir()
    (cache / "x.pyc").write_bytes(b"x")
    assert version_name(here) == version_name(there)
    assert version_name(here).startswith("2.1.0-")
    assert version_name(other) != version_name(here)


def test_a_folder_without_the_code_is_refused(tmp_path: Path) -> None:
    """An empty folder, half a clone and a foreign package are told as what they are."""
    with pytest.raises(InstallError, match="not a whole PacketBuddy folder"):
        version_name(tmp_path)
    root = code(tmp_path / "x")
    (root / "src/packetbuddy/__init__.py").write_text("")
    with pytest.raises(InstallError, match="not a PacketBuddy folder"):
        version_name(root)


@posix
def test_current_changes_in_one_step(home: Home) -> None:
    """None at first; then the name it was given last, also after an interruption between the two steps."""
    assert current(home) == ""
    make_current(home, "one")
    (home.versions / "current.new").symlink_to("interrupted")
    make_current(home, "two")
    assert current(home) == "two"
    assert not (home.versions / "current.new").is_symlink()


@posix
def test_a_home_that_cannot_be_written_is_told(home: Home) -> None:
    """A folder in the pointer's place is not replaced, and the error names it."""
    (home.versions / "current" / "something").mkdir(parents=True)
    with pytest.raises(InstallError, match=r"cannot write .*current"):
        make_current(home, "one")


@posix
def test_names_never_meet_what_may_be_running(home: Home) -> None:
    """A free or whole name is taken, a broken version's is not, what an interrupted setup left is removed."""
    assert name_for(home, "a") == "a"
    version(home, "a")
    assert name_for(home, "a") == "a"
    shutil.rmtree(home.versions / "a")
    version(home, "a", runs=False)
    version(home, "a.2", whole=False)
    assert name_for(home, "a") == "a.2"
    assert not (home.versions / "a.2").exists()
    assert (home.versions / "a").exists()


@posix
def test_the_version_before_is_kept(home: Home) -> None:
    """The current one and the one to go back to stay, and so does what another setup is making; the rest goes."""
    for name in ("old", "before", "now"):
        version(home, name)
    version(home, "half", whole=False)
    make_current(home, "now")
    (aside,) = set_aside(home, "now", "before")
    assert (aside.name, (home.versions / "old").exists()) == ("old.gone", False)  # nobody can take it for his
    version(home, "older")
    remove_others(home, "now", "before")  # also what somebody who was killed left aside
    assert sorted(one.name for one in home.versions.iterdir()) == ["before", "current", "half", "now"]


@posix
def test_the_launcher_starts_the_version_itself(home: Home) -> None:
    """It hands arguments on unchanged, in a home with every awkward character, and says which home; not by the link."""
    folder = version(home, "one")
    assert is_whole(folder)
    make_current(home, "one")
    write_launcher(home)
    said = run(home, "today", "--from", "a b", "*", "")
    python, asked, *arguments = said.stdout.split("\n")[:-1]
    assert Path(python).resolve() == python_of(folder).resolve()
    assert "current" not in python
    assert asked == str(home.root)
    assert arguments == ["-I", "-m", "packetbuddy", "today", "--from", "a b", "*", ""]


@posix
def test_another_home_may_be_asked_for(home: Home) -> None:
    """PACKETBUDDY_HOME wins over the home that the launcher stands in."""
    version(home, "one")
    make_current(home, "one")
    write_launcher(home)
    assert run(home, PACKETBUDDY_HOME="/elsewhere").stdout.split("\n")[1] == "/elsewhere"


@posix
@pytest.mark.parametrize(
    ("versions", "words"), [(["one"], "Python that PacketBuddy was installed with is gone"), ([], "no version")]
)
def test_the_launcher_says_what_to_do(home: Home, versions: list[str], words: str) -> None:
    """An interpreter that an upgrade took away, or no version at all: 127, the reason and the command that repairs."""
    for name in versions:
        version(home, name, runs=False)
        make_current(home, name)
    write_launcher(home)
    done = run(home, "today")
    assert (done.returncode, done.stdout) == (127, "")
    assert words in done.stderr
    assert "setup.sh" in done.stderr
    assert is_whole(home.versions / "one") is False


@posix
def test_the_launcher_is_written_where_it_is_not_right(home: Home) -> None:
    """The same text leaves the file alone; a changed one, or one that cannot be run, is put right."""
    write_launcher(home)
    first = home.launcher.stat().st_ino
    write_launcher(home)
    assert home.launcher.stat().st_ino == first
    home.launcher.chmod(0o600)
    write_launcher(home)
    assert home.launcher.stat().st_mode & 0o777 == 0o700
    home.launcher.write_text("#!/bin/sh\n")
    write_launcher(home)
    assert home.launcher.read_text() == launcher_text(home)


@posix
def test_nothing_is_written_through_a_link_or_a_pipe(home: Home) -> None:
    """What lies in the place of the file that is written aside is replaced, not followed and not waited for."""
    victim = home.root / "victim"
    victim.write_text("mine")
    home.bin.mkdir()
    aside = home.launcher.with_suffix(".new")
    aside.symlink_to(victim)
    write_launcher(home)
    os.mkfifo(aside)
    home.launcher.unlink()
    write_launcher(home)
    assert (victim.read_text(), home.launcher.read_text()) == ("mine", launcher_text(home))


def test_a_change_that_never_ended_is_remembered(home: Home) -> None:
    """Which version serves is known until another one does, also where it is the first one that is missing."""
    assert unfinished_from(home) == ""
    begin_change(home, "2.0.0-old")
    assert unfinished_from(home) == "2.0.0-old"
    end_change(home)
    end_change(home)
    assert unfinished_from(home) == ""


@posix
def test_a_launcher_that_cannot_be_written_is_told(home: Home) -> None:
    """A file where its folder should be."""
    home.bin.write_text("")
    with pytest.raises(InstallError, match="cannot write"):
        write_launcher(home)


@posix
def test_the_interpreter_has_the_name_of_its_version() -> None:
    """Not the environment's that somebody is in, and by a name that is gone, not another one, after an upgrade."""
    python = lasting()
    assert not python.is_relative_to(sys.prefix)
    assert python.name == "python{}.{}".format(*sys.version_info)


def run(home: Home, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher through a link, as ``~/.local/bin/pb`` is one."""
    link = home.root / "link"
    link.unlink(missing_ok=True)
    link.symlink_to(home.launcher)
    bare = {"PATH": "/usr/bin:/bin", **environment}
    return subprocess.run([link, *arguments], env=bare, capture_output=True, text=True, check=False)


@posix
def test_what_served_before_is_remembered(home: Home) -> None:
    """Setup notes it until it is done, also when an earlier one was killed, and leaves it to be gone back to."""
    for name in ("2.0.0-old", "2.1.0-new"):
        version(home, name)
    assert change_to(home, "2.0.0-old") == Change("", "2.0.0-old", changed=True)
    end_change(home)
    assert change_to(home, "2.0.0-old") == Change("2.0.0-old", "2.0.0-old", changed=False)
    assert (pointed(home, PREVIOUS), unfinished_from(home)) == ("", "")
    for _ in range(2):
        assert change_to(home, "2.1.0-new") == Change("2.0.0-old", "2.1.0-new", changed=True)
        assert (current(home), pointed(home, PREVIOUS)) == ("2.1.0-new", "2.0.0-old")


@posix
def test_setup_ends_a_trial(home: Home) -> None:
    """What runs may be of the version on trial, so it is to be restarted though the current one stays."""
    version(home, "2.0.0-old")
    make_current(home, "2.0.0-old")
    point(home, TRIAL, "2.1.0-new")
    assert change_to(home, "2.0.0-old") == Change("2.0.0-old", "2.0.0-old", changed=True)
    assert pointed(home, TRIAL) == ""


@posix
@pytest.mark.parametrize(("restarts", "pid"), [(True, 28512), (False, 26946)])
def test_who_counts_in_the_end_is_told_once(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, restarts: bool, pid: int
) -> None:
    """A monitor of the version before that lived through the registration is named by nobody: it is restarted."""
    home.launcher.parent.mkdir(parents=True, exist_ok=True)
    steps = "Registered: x\\nStarted:    it counts (process 26946)\\nAuto-start: yes\\nDashboard:  y\\n"
    again = "PacketBuddy is counting (process 28512).\\n"
    home.launcher.write_text(f"#!/bin/sh\ncase $2 in install) printf '{steps}' ;; restart) printf '{again}' ;; esac\n")
    home.launcher.chmod(0o755)
    pids = iter([26946, 26946, *[28512] * 9])
    monkeypatch.setattr(installing, "_monitor", lambda _: next(pids))
    setup = Setup(home.root, home, home.root, os.environ, asks=False)
    assert installing._serves(setup, changed=restarts)
    told = f"Registered: x\nStarted:    it counts (process {pid})\nAuto-start: yes\n"
    assert capsys.readouterr().out == told
