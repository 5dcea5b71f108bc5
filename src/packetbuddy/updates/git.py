"""Releases of a git repository: its tags, fetched into a mirror of ours, where nothing of it is ever run."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from packetbuddy.errors import UpdateError
from packetbuddy.services.runner import NOT_FOUND, Completed, Runner
from packetbuddy.settings.redact import mask_source
from packetbuddy.updates.order import released
from packetbuddy.updates.plan import Offer

ASK_SECONDS, FETCH_SECONDS, LOCAL_SECONDS = 60.0, 900.0, 120.0
HEAD = "refs/source/head"
"""Where the source's own branch stands in the mirror."""
_TAGS = "refs/tags/"
_SAFE = ("-c", "protocol.ext.allow=never", "-c", "gc.auto=0", "-c", "maintenance.auto=false")
_ASKS_NOBODY = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GCM_INTERACTIVE": "never",
    "LC_ALL": "C",
}
_BATCH = "ssh -o BatchMode=yes -o ConnectTimeout=30"
_LEADS_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")


class Seen(NamedTuple):
    """What the source has now: each release's tag and the object that it names."""

    tags: Mapping[str, str]
    has_head: bool


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
        ours = {name: value for name, value in self.environment.items() if name not in _LEADS_ELSEWHERE}
        environment = {"GIT_SSH_COMMAND": _BATCH, **ours, **_ASKS_NOBODY}
        command = ("git", f"--git-dir={self.folder}", *_SAFE, *words)
        return self.runner.run(command, environment=environment, seconds=seconds)


def repository(folder: Path, url: str, environment: Mapping[str, str], runner: Runner) -> Repository:
    """The repository with its mirror below ``folder``; a mirror of another source is not mixed up with it."""
    name = hashlib.sha256(url.encode()).hexdigest()[:16]
    return Repository(url, folder / f"mirror-{name}.git", environment, runner)


def ask(source: Repository) -> Seen:
    """What the source has now; nothing is fetched.

    Raises:
        UpdateError: there is no git, or the source does not answer.
    """
    source.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (source.folder / "HEAD").exists():
        _must(source, source.git("init", "--quiet", "--bare", str(source.folder)))
    words = ("ls-remote", "--refs", "--", source.url, f"{_TAGS}v*")
    tags = _listed(_must(source, source.git(*words, seconds=ASK_SECONDS)))
    head = source.git("ls-remote", "--exit-code", "--", source.url, "HEAD", seconds=ASK_SECONDS)
    return Seen(tags, head.code == 0)


def fetch(source: Repository, seen: Seen) -> None:
    """Bring new releases and the source's own branch into the mirror. A tag that we have is never replaced.

    Raises:
        UpdateError: the source does not answer any more.
    """
    known = mirrored(source)
    wanted = [f"{_TAGS}{tag}:{_TAGS}{tag}" for tag in seen.tags if tag not in known]
    head = [f"+HEAD:{HEAD}"] if seen.has_head else []
    if wanted or head:
        words = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", source.url, *head, *wanted)
        _must(source, source.git(*words, seconds=FETCH_SECONDS))


def mirrored(source: Repository) -> Mapping[str, str]:
    """The releases' tags that we have, and the objects that they name."""
    form = "--format=%(objectname) %(refname)"
    return _listed(_must(source, source.git("for-each-ref", form, f"{_TAGS}v*")))


def offers(source: Repository, seen: Seen, commit: str, is_ours: Mapping[str, bool]) -> Iterator[Offer]:
    """Each release of the source. Without a known ``commit`` (a ZIP) the numbers tell: see ``is_ours`` by version."""
    known = mirrored(source)
    for tag, name in seen.tags.items():
        version, moved = released(tag), known.get(tag) != name
        if commit:
            same = commit_of(source, tag) == commit
            yield Offer(version, same or contains(source, tag, commit), same, moved)
        else:
            yield Offer(version, contains=True, same=is_ours.get(version, False), moved=moved)


def commit_of(source: Repository, tag: str) -> str:
    """The commit that a release's tag leads to."""
    return source.git("rev-parse", "-q", "--verify", f"{_TAGS}{tag}^{{commit}}").out.strip()


def contains(source: Repository, name: str, commit: str) -> bool:
    """Whether a tag, or :data:`HEAD`, has this commit in its history; not one that the mirror does not know."""
    reference = name if name == HEAD else f"{_TAGS}{name}"
    return source.git("merge-base", "--is-ancestor", commit, reference).code == 0


def extract(source: Repository, tag: str, folder: Path) -> None:
    """The files of a release, in a folder that is made anew.

    Raises:
        UpdateError: they cannot be had.
    """
    archive = folder.with_suffix(".zip")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _must(source, source.git("archive", "--format=zip", f"--output={archive}", f"{_TAGS}{tag}"))
        with ZipFile(archive) as files:  # unlike a tar it can hold no link, and no place outside
            files.extractall(folder)
    except (OSError, BadZipFile) as error:
        raise UpdateError("broken", f"the files of {tag} cannot be had: {error}") from error
    finally:
        archive.unlink(missing_ok=True)


def forget_others(source: Repository) -> None:
    """Remove the mirrors of sources that are not ours any more."""
    for folder in source.folder.parent.glob("mirror-*.git"):
        if folder != source.folder:
            shutil.rmtree(folder, ignore_errors=True)


def _listed(done: Completed) -> Mapping[str, str]:
    pairs = (line.split(maxsplit=1) for line in done.out.splitlines() if line)
    named = {name.strip().removeprefix(_TAGS): thing for thing, name in pairs}
    return {name: thing for name, thing in named.items() if released(name)}


def _must(source: Repository, done: Completed) -> Completed:
    if done.code == NOT_FOUND:
        raise UpdateError("no-git", "git is not installed, and updates come from a git repository", "install git")
    if done.code:
        said = done.err.replace(source.url, source.place).strip().splitlines()
        raise UpdateError(
            "unreachable",
            f"{source.place} cannot be asked: {said[0] if said else 'no answer'}",
            os.linesep.join(said[1:3]),
        )
    return done
