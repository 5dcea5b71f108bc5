"""The copy that runs now: where it lies, and what it is a copy of."""

import json
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packetbuddy.installing.origin import Origin, read_origin
from packetbuddy.settings.model import AutoUpdate
from packetbuddy.settings.places import Home


def copy_that_runs() -> Origin:
    """What was written down beside it, else what its installer wrote (PEP 610); its name is never guessed from."""
    written = read_origin(Path(sys.prefix))
    if written is not None:
        return written
    try:
        return from_direct_url(distribution("packetbuddy").read_text("direct_url.json"))
    except PackageNotFoundError:
        return Origin("checkout")


def from_direct_url(text: str | None) -> Origin:
    """PEP 610: without a direct URL it came from an index; with one from there, and an editable one is a checkout."""
    if text is None:
        return Origin("index")
    try:
        told = json.loads(text)
        if told.get("dir_info", {}).get("editable"):
            return Origin("checkout")
        return _from_repository(told)
    except (ValueError, AttributeError, KeyError):
        return Origin("folder")


def _from_repository(told: Mapping[str, Mapping[str, str]]) -> Origin:
    repository = told.get("vcs_info", {})
    if repository.get("vcs") != "git":
        return Origin("folder")
    return Origin("git", str(told["url"]), repository["commit_id"])


def with_source(origin: Origin, settings: AutoUpdate) -> Origin:
    """The settings' source holds for a clone and for a folder of which nobody knows; a checkout stays what it is."""
    if settings.source is None or origin.kind in {"checkout", "index"}:
        return origin
    return origin._replace(kind="git", url=settings.source)


def is_ours(home: Home) -> bool:
    """Whether it lies in the home's versions, and not in an environment that somebody else made."""
    return Path(sys.prefix).resolve().parent == home.versions.resolve()
