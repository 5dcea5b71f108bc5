"""Releases of a git repository: its tags, fetched into a mirror of ours, where nothing of it is ever run.

The mirror is a copy that may be removed at any time. What a tag named when it was first seen is remembered elsewhere.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from packetbuddy.errors import UpdateError
from packetbuddy.installing.origin import QUIET, for_git
from packetbuddy.services.runner import NOT_FOUND, Completed, Runner
from packetbuddy.settings.redact import mask_source
from packetbuddy.settings.redact_said import mask_said
from packetbuddy.updates.order import key, released
from packetbuddy.updates.plan import Offer

ASK_SECONDS, FETCH_SECONDS, LOCAL_SECONDS = 60.0, 900.0, 120.0
MOST_TAGS = 200
"""How many releases are looked at: the newest ones."""
LARGEST = 50_000_000
"""Bytes of a release's files; more than that is none of ours."""
HEAD = "refs/source/head"
"""Where the source's own branch stands in the mirror."""
_TAGS = "refs/tags/"
_RELEASES = f"{_TAGS}v*"
_SETTINGS = {
    "protocol.ext.allow": "never",  # a source that is a command
    "core.autocrlf": "false",  # the files are as they were committed, whatever a person's settings say
    "core.eol": "lf",
    "core.attributesFile": os.devnull,
    "http.lowSpeedLimit": "1000",  # a server that went to sleep does not keep git's helper for ever
    "http.lowSpeedTime": "45",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
_SAFE = tuple(word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}"))
_ASKS_NOBODY = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GCM_INTERACTIVE": "never",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
_BATCH = "ssh -o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15"
_BY_SSH = re.compile(r"(?:git\+)?ssh(?:\+git)?://|(?!\w+://)[^/]+:")
_FULL = re.compile("no space left on device|disk quota exceeded", re.IGNORECASE)
_UNKNOWN_COMMIT = 129


class DamagedError(UpdateError):
    """The mirror is not whole; it is removed, and can be fetched anew."""


class Seen(NamedTuple):
    """What the source has now: by release's tag the object that it names, and the commit behind that; its branch."""

    tags: Mapping[str, str]
    commits: Mapping[str, str]
    head: str


class Repository(NamedTuple):
    """A source and our mirror of it. Owns the mirror's folder."""

    url: str
    folder: Path
    environment: Mapping[str, str]
    runner: Runner

    @property
    def place(self) -> str:
        """The source as it may be shown."""
        return mask_source(self.url)

    def git(self, *words: str, seconds: float = LOCAL_SECONDS) -> Completed:
        """Run git on the mirror; it never asks anybody anything."""
        environment = {**self._ssh(), **for_git(self.environment), **_ASKS_NOBODY}
        command = ("git", f"--git-dir={self.folder}", *QUIET, *_SAFE, *words)
        return self.runner.run(command, environment=environment, seconds=seconds)

    def _ssh(self) -> Mapping[str, str]:
        """Ours never asks; a person's own command, which the variable would overrule, is left as it is."""
        if not _BY_SSH.match(self.url) or "GIT_SSH" in self.environment:
            return {}
        asked = ("git", "config", "--get", "core.sshCommand")
        own = self.runner.run(asked, environment=for_git(self.environment), seconds=LOCAL_SECONDS)
        return {} if own.out.strip() else {"GIT_SSH_COMMAND": _BATCH}


def repository(folder: Path, url: str, environment: Mapping[str, str], runner: Runner) -> Repository:
    """The repository with its mirror below ``folder``; a mirror of another source is not mixed up with it."""
    name = hashlib.sha256(url.encode()).hexdigest()[:16]
    return Repository(url, folder / f"mirror-{name}.git", environment, runner)


def ask(source: Repository) -> Seen:
    """What the source has now, the newest releases of it; nothing is fetched.

    Raises:
        UpdateError: there is no git, or the source does not answer.
    """
    _make(source)
    words = ("ls-remote", "--", source.url, "HEAD", _RELEASES)
    named = _listed(_must(source, source.git(*words, seconds=ASK_SECONDS)))
    releases = [name.removeprefix(_TAGS) for name in named if released(name.removeprefix(_TAGS))]
    tags = {tag: named[f"{_TAGS}{tag}"] for tag in sorted(releases, key=key)[-MOST_TAGS:]}
    commits = {tag: named.get(f"{_TAGS}{tag}^{{}}", thing) for tag, thing in tags.items()}
    return Seen(tags, commits, named.get("HEAD", ""))


def fetch(source: Repository, seen: Seen) -> None:
    """Bring the mirror to what the source has.

    Raises:
        DamagedError: the mirror was not whole.
        UpdateError: the source does not answer any more.
    """
    if _has(source, seen):
        return
    wanted = [f"+{_TAGS}{tag}:{_TAGS}{tag}" for tag in seen.tags] + ([f"+HEAD:{HEAD}"] if seen.head else [])
    words = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", source.url, *wanted)
    done = source.git(*words, seconds=FETCH_SECONDS)
    if done.code:
        _see_that_it_is_whole(source)
    _must(source, done)
    if not _has(source, seen):
        raise UpdateError("unreachable", f"{source.place} changed while it was asked")


def offers(source: Repository, seen: Seen, commit: str, installed: str, first: Mapping[str, str]) -> Iterator[Offer]:
    """Each release of the source; ``first`` are the tags as they were first seen.

    Without a known ``commit`` (a ZIP) the number that is ``installed`` tells what is the same.

    Raises:
        DamagedError: the mirror is not whole.
    """
    holding = _holding(source, commit) if commit else frozenset(seen.tags)
    for tag, thing in seen.tags.items():
        version = released(tag)
        same = seen.commits[tag] == commit if commit else version == installed
        yield Offer(version, same or tag in holding, same, moved=first.get(tag, thing) != thing)


def head_holds(source: Repository, commit: str) -> bool:
    """Whether the source's own branch has this commit in its history."""
    return bool(commit) and source.git("merge-base", "--is-ancestor", commit, HEAD).code == 0


def commit_of(source: Repository, thing: str) -> str:
    """The commit that the object of a release's tag leads to.

    Raises:
        DamagedError: the mirror is not whole.
        UpdateError: it leads to none.
    """
    done = source.git("rev-parse", "-q", "--verify", f"{thing}^{{commit}}")
    if done.code:
        _see_that_it_is_whole(source)
        raise UpdateError("broken", f"a tag at {source.place} leads to no commit")
    return done.out.strip()


def extract(source: Repository, thing: str, folder: Path) -> None:
    """The files of a release, by the object of its tag, in a folder that is made anew.

    Raises:
        DamagedError: the mirror is not whole.
        UpdateError: they cannot be had.
    """
    archive = folder.with_suffix(".zip")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        done = source.git("archive", "--format=zip", f"--output={archive}", thing)
        if done.code:
            _see_that_it_is_whole(source)
            raise _refused(source, done, "broken")
        with ZipFile(archive) as files:  # unlike a tar it can hold no link, and no place outside
            if sum(each.file_size for each in files.infolist()) > LARGEST:
                raise UpdateError("broken", f"a release of more than {LARGEST // 10**6} MB is none of PacketBuddy")
            files.extractall(folder)
    except OSError as error:
        raise UpdateError("no-space", f"cannot write {folder}: {error.strerror or error}") from error
    except BadZipFile as error:
        raise UpdateError("broken", f"its files cannot be had: {error}") from error
    finally:
        archive.unlink(missing_ok=True)


def forget_others(source: Repository) -> None:
    """Remove the mirrors of sources that are not ours any more."""
    for folder in source.folder.parent.glob("mirror-*.git"):
        if folder != source.folder:
            shutil.rmtree(folder, ignore_errors=True)


def _make(source: Repository) -> None:
    """A mirror, and nothing in it of a git that was killed: whoever still works there would hold our lock."""
    folder = source.folder
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for pattern in ("*.lock", "refs/**/*.lock", "objects/**/tmp_*"):
        for left in folder.glob(pattern):
            left.unlink(missing_ok=True)
    if source.git("rev-parse", "--git-dir").code:
        shutil.rmtree(folder, ignore_errors=True)
        _must(source, source.git("init", "--quiet", "--bare", "--template=", "--object-format=sha1", str(folder)))


def _has(source: Repository, seen: Seen) -> bool:
    """Whether there is nothing to fetch."""
    done = source.git("for-each-ref", "--format=%(objectname) %(refname)", _RELEASES, HEAD)
    theirs = {f"{_TAGS}{tag}": thing for tag, thing in seen.tags.items()} | ({HEAD: seen.head} if seen.head else {})
    return done.code == 0 and theirs.items() <= _listed(done).items()


def _holding(source: Repository, commit: str) -> frozenset[str]:
    """The tags that have this commit in their history."""
    done = source.git("for-each-ref", "--format=%(refname)", f"--contains={commit}", _RELEASES)
    if done.code:
        _see_that_it_is_whole(source)
    if done.code == _UNKNOWN_COMMIT:
        return frozenset()
    return frozenset(name.removeprefix(_TAGS) for name in _must(source, done).out.split())


def _see_that_it_is_whole(source: Repository) -> None:
    """Raises DamagedError, with the mirror removed."""
    if source.git("fsck", "--connectivity-only", "--no-dangling", "--no-progress").code:
        shutil.rmtree(source.folder, ignore_errors=True)
        raise DamagedError("damaged", f"the mirror of {source.place} is damaged", "it is fetched anew the next time")


def _listed(done: Completed) -> Mapping[str, str]:
    pairs = (line.split(maxsplit=1) for line in done.out.splitlines() if line)
    return {name.strip(): thing for thing, name in pairs}


def _must(source: Repository, done: Completed) -> Completed:
    if done.code == NOT_FOUND:
        raise UpdateError("no-git", "git is not installed, and updates come from a git repository", "install git")
    if done.code:
        raise _refused(source, done, "unreachable")
    return done


def _refused(source: Repository, done: Completed, word: str) -> UpdateError:
    said = mask_said(done.err, [source.url]).strip().splitlines() or ["no answer"]
    if _FULL.search(done.err):
        return UpdateError("no-space", f"there is no room for what {source.place} has: {said[0]}", "free some space")
    what = "cannot be asked" if word == "unreachable" else "has a release that cannot be had"
    return UpdateError(word, f"{source.place} {what}: {said[0]}", os.linesep.join(said[1:3]))
