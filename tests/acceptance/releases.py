"""Releases of PacketBuddy that a test makes: a real repository, real tags, real code with real faults."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from acceptance.newcomers import ROOT, Newcomer
from integration.quick_versions import make
from machine.netns import Lab
from packetbuddy.answers.updating import Updating, updating
from packetbuddy.installing.naming import version_name
from packetbuddy.settings.places import Home

HASTE = "first=0.5 every=1.5 confirm=3"
CONFIG = """[monitoring]
poll_interval = 0.2
batch_write_interval = 1
"""
AUTHOR = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Maintainer",
    "GIT_AUTHOR_EMAIL": "maintainer@example.org",
    "GIT_COMMITTER_NAME": "Maintainer",
    "GIT_COMMITTER_EMAIL": "maintainer@example.org",
}
MODULE = Path("src/packetbuddy/__init__.py")
SMALL = "service"
"""A folder of the code, for releases that are never installed."""
REAL_HOME_ONLY = """
import os as _os
if "rehearsal" not in _os.environ.get("PACKETBUDDY_HOME", ""):
"""

Change = Callable[[Path], None]
"""What a release does to the code."""


class Author(NamedTuple):
    """Somebody who publishes: a repository to work in, and the one that everybody clones."""

    work: Path
    remote: Path

    def git(self, *words: str, **environment: str) -> str:
        """Run git in the working repository; returns what it says."""
        done = subprocess.run(
            ["git", "-C", str(self.work), *words],
            env={**os.environ, **AUTHOR, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, words: str, change: Change = lambda _code: None) -> str:
        """Change something and publish it on main; returns the commit."""
        change(self.work / "src/packetbuddy")
        with (self.work / "NEWS").open("a") as news:
            news.write(f"{words}\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", words)
        self.git("push", "--quiet", "origin", "HEAD:main")
        return self.git("rev-parse", "HEAD")

    def number(self, version: str) -> None:
        """Let the code say that it is this version."""
        module = self.work / MODULE
        module.write_text(re.sub(r'(?<=__version__ = ")[^"]+', version, module.read_text()))

    def release(self, version: str, change: Change = lambda _code: None) -> str:
        """Publish a version, whose tag is an annotated one; returns its commit."""

        def changed(code: Path) -> None:
            change(code)
            self.number(version)

        commit = self.commit(f"Version {version}", changed)
        self.tag(version)
        return commit

    def tag(self, version: str, *words: str, **environment: str) -> None:
        """Tag what stands there and publish the tag, also in the place of another one."""
        self.git("tag", "--force", "-a", *words, "-m", f"Version {version}", f"v{version}", **environment)
        self.git("push", "--quiet", "--force", "origin", f"v{version}")


def author(folder: Path, *folders: str) -> Author:
    """An author whose first release is this code, or where nothing is to be installed just these folders of it."""
    made = Author(folder / "author", folder / "remote.git")
    made.work.mkdir(parents=True)
    for name in folders or ("src", "service"):
        shutil.copytree(ROOT / name, made.work / name, ignore=shutil.ignore_patterns("__pycache__"))
    (made.work / MODULE.parent).mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / MODULE, made.work / MODULE)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, made.work / name)
    made.git("init", "--quiet", "--initial-branch=main")
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(made.remote)], check=True)
    made.git("remote", "add", "origin", str(made.remote))
    made.release("2.0.0")
    return made


def cloned(source: Author, folder: Path) -> Path:
    """A person's clone."""
    command = ["git", "clone", "--quiet", str(source.remote), str(folder)]
    subprocess.run(command, env={**os.environ, **AUTHOR}, check=True)
    return folder


def with_a_migration(code: Path) -> None:
    """The schema grows: a column, and a table."""
    connection = code / "storage/connection.py"
    text = connection.read_text()
    found = re.search(r"^SCHEMA_VERSION = (\d+)$", text, re.MULTILINE)
    assert found is not None
    number = int(found[1]) + 1
    connection.write_text(text.replace(found[0], f"SCHEMA_VERSION = {number}"))
    script = (
        "ALTER TABLE state ADD COLUMN tried INTEGER NOT NULL DEFAULT 7;\nCREATE TABLE trials (id INTEGER) STRICT;\n"
    )
    (code / f"storage/migrations/{number:04}_trials.sql").write_text(script)


def that_crashes(code: Path) -> None:
    """It ends as soon as it starts, but not on a stage."""
    with (code / "monitor/main.py").open("a") as module:
        module.write(REAL_HOME_ONLY + "    raise RuntimeError('broken')\n")


def that_does_not_count(code: Path) -> None:
    """It starts, holds the lock, writes its heartbeat and never looks at a counter, but not on a stage."""
    with (code / "monitor/loop.py").open("a") as module:
        module.write(REAL_HOME_ONLY + "    Loop._look = lambda self: False\n")


def mended(code: Path) -> None:
    """Neither of both."""
    for name in ("monitor/main.py", "monitor/loop.py"):
        path = code / name
        path.write_text(path.read_text().partition(REAL_HOME_ONLY)[0])


class Person(NamedTuple):
    """A newcomer with a clone of a source that goes on being published."""

    newcomer: Newcomer
    source: Author

    @property
    def home(self) -> Path:
        """The home."""
        return self.newcomer.home / ".packetbuddy"

    def ready(self) -> None:
        """What is published now is made already, as an update leaves it that ended there: it takes half a minute."""
        name = version_name(self.source.work)
        code = shutil.copytree(self.source.work, self.source.work.with_name(f"code-{name}"))
        make(Home(self.home), name, code)

    def updating(self) -> Updating:
        """What updates say of themselves."""
        return updating(self.home)

    def current(self) -> str:
        """The version that would be started."""
        return str((self.home / "versions/current").readlink()).partition("-")[0]

    def came_to(self, version: str, result: str) -> bool:
        """Whether that is what became of the update to this version."""
        last = self.updating().last
        return last is not None and (last.new, last.result) == (version, result)

    def story(self) -> str:
        """For whoever reads a failure."""
        logs = [self.home / name for name in ("update.json", "update.log", "stderr.log", "stdout.log")]
        return "\n".join(f"== {log.name}\n{log.read_text('utf-8', 'replace')[-4000:]}" for log in logs if log.exists())


@contextmanager
def following(folder: Path, wheels: Path, config: str = CONFIG, **more: str) -> Iterator[Person]:
    """A person behind one wire with a fresh clone and these settings; nothing runs yet, and nothing will be left.

    Setup finds what it would install, which tests of its own make for real.
    """
    source = author(folder)
    home = folder / "home"
    (home / ".packetbuddy").mkdir(parents=True, mode=0o700)
    (home / ".packetbuddy/config.toml").write_text(config)
    extra: Mapping[str, str] = {**AUTHOR, "PACKETBUDDY_TEST_HASTE": HASTE, **more}
    with Lab("updates") as lab:
        wire = lab.wire(lab.namespace("host"), lab.namespace("router"))
        newcomer = Newcomer(wire, home, cloned(source, folder / "clone"), wheels, extra=extra)
        person = Person(newcomer, source)
        person.ready()
        try:
            yield person
        finally:
            if newcomer.launcher.exists():
                newcomer.run(str(newcomer.launcher), "service", "stop")
            assert newcomer.monitors() == []
