"""What runs at a host of the repository: nothing that changes behind our back, and no right that it does not need."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # only read here

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"\s*(?:- )?uses: [\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+(\.\d+)*")


def workflow(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text("utf-8")))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_rights_are_few(path: Path) -> None:
    """Each action is named by the hash of a commit, beside its version; a job may read the repository at most."""
    used = [line for line in path.read_text("utf-8").splitlines() if re.match(r"\s*(- )?uses:", line)]
    assert used != []
    assert [line for line in used if not PINNED.fullmatch(line)] == []
    told = workflow(path)
    assert told["permissions"] == {}
    assert {tuple(job["permissions"].items()) for job in told["jobs"].values()} == {(("contents", "read"),)}


def test_every_system_and_every_python_is_tried() -> None:
    """Linux, macOS and Windows with each Python that the package's classifiers name."""
    matrix = workflow(ROOT / ".github/workflows/test.yml")["jobs"]["systems"]["strategy"]["matrix"]
    assert [name.partition("-")[0] for name in matrix["system"]] == ["ubuntu", "macos", "windows"]
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    named = [one.rpartition(" :: ")[2] for one in classifiers if re.search(r":: 3\.\d+$", one)]
    assert matrix["python"] == named
