"""Releases of the package index that pip asks here: whichever a person's or a system's settings of pip name."""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from packetbuddy.errors import UpdateError
from packetbuddy.installing.making import for_pip, places_of_pip
from packetbuddy.services.runner import Runner
from packetbuddy.settings.redact_said import mask_said

PLACE = "the package index"
NAME = "packetbuddy"
ASK_SECONDS, FETCH_SECONDS = 120.0, 900.0
_VERSION = re.compile(r"[A-Za-z0-9.+!]{1,60}")
_ONLY_READ = ("--only-binary", NAME)
"""A look runs no code of a release: what has to be built to be asked for its number is none of ours."""
_HEARD = ("--retries", "1")
"""pip complains of an index that is away only when it tries again; without that it merely knows of no release."""
_AWAY = re.compile(
    r"retrying|newconnection|connection (?:broken|error|reset|refused)|name resolution|getaddrinfo|unreachable"
    r"|timed out|certificate|proxy|5\d\d server",
    re.IGNORECASE,
)


class Index(NamedTuple):
    """What asks: an interpreter that has pip. ``folder`` is where its reports go."""

    folder: Path
    environment: Mapping[str, str]
    runner: Runner


def newest(index: Index) -> str:
    """The newest release.

    Raises:
        UpdateError: there is no pip, or the index does not answer or does not know us.
    """
    version = str(_report(index, ("--no-deps", NAME), ASK_SECONDS)[0]["metadata"]["version"])
    if not _VERSION.fullmatch(version):
        raise UpdateError("no-release", f"{PLACE} has {NAME} with the version {version[:40]!r}, which is none")
    return version


def pinned(index: Index, version: str) -> list[str]:
    """Lines for pip: this release and all that it needs, each with the hash of its file. pip takes no other file then.

    Raises:
        UpdateError: the index does not answer, or a file has no hash.
    """
    return [_pin(package) for package in _report(index, (f"{NAME}=={version}",), FETCH_SECONDS)]


def _pin(package: Mapping[str, Any]) -> str:
    name, version = package["metadata"]["name"], package["metadata"]["version"]
    hashes = package["download_info"].get("archive_info", {}).get("hashes", {})
    if "sha256" not in hashes:
        raise UpdateError("no-hash", f"{PLACE} gives no hash for {name} {version}")
    return f"{name}=={version} --hash=sha256:{hashes['sha256']}"


def _report(index: Index, what: tuple[str, ...], seconds: float) -> list[dict[str, Any]]:
    """What pip would install, as it reports it."""
    index.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    report = index.folder / "report.json"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-I", "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", *_ONLY_READ, *_HEARD, "--report", str(report), *what]
    done = index.runner.run(command, environment=for_pip(index.environment), seconds=seconds)
    if done.code:
        raise _refused(mask_said(done.err, places_of_pip(index.environment)), done.code)
    try:
        return list(json.loads(report.read_text("utf-8"))["install"])
    except (OSError, ValueError, KeyError) as error:
        raise UpdateError("no-pip", f"pip gives no report ({error})", "a newer pip does") from error
    finally:
        report.unlink(missing_ok=True)  # its addresses may hold a password


def _refused(said: str, code: int) -> UpdateError:
    lines = [line for line in said.splitlines() if line.strip()] or [f"exit code {code}"]
    if "No module named pip" in said:
        return UpdateError(
            "no-pip", f"{sys.executable} has no pip, which asks {PLACE}", "python -m ensurepip brings it"
        )
    if "DO NOT MATCH THE HASHES" in said:
        return UpdateError("wrong-hash", f"a file of {PLACE} is not the one that its hash promises")
    if code < 0 or _AWAY.search(said):
        return UpdateError("unreachable", f"{PLACE} cannot be asked: {lines[-1]}")
    return UpdateError("no-release", f"{PLACE} has no {NAME} for this computer: {lines[-1]}")
