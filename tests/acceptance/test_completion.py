"""TAB in real shells: commands, options, and the names that there are."""

import os
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from acceptance.shells import offered
from acceptance.story import Story, write
from packetbuddy.cli.main import COMMANDS
from packetbuddy.settings.places import Home

SHELLS = [
    pytest.param(
        shell,
        marks=pytest.mark.skipif(
            shutil.which(shell) is None and not os.environ.get("CI"),
            reason=f"needs {shell} (Debian: apt install {shell})",
        ),
    )
    for shell in ("bash", "zsh", "fish")
]
pytestmark = [pytest.mark.acceptance, pytest.mark.parametrize("shell", SHELLS)]
PLANS = """
[[plan]]
name = "Home"
[[plan]]
name = "On the road"
[[plan]]
name = "kitchen:top"
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """A person with a history on wlan0 and lan0, three plans, and a `pb` of their own."""
    folder = tmp_path_factory.mktemp("person")
    home = Home(folder / ".packetbuddy")
    write(home, Story(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)))
    with home.config.open("a") as config:
        config.write(PLANS)
    (folder / ".local" / "bin").mkdir(parents=True)
    (folder / ".local" / "bin" / "pb").symlink_to(Path(sys.executable).with_name("pb"))
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return {
        **bare,
        "HOME": str(folder),
        "PACKETBUDDY_HOME": str(home.root),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "TERM": "dumb",
        "LANG": "C.UTF-8",
    }


WORDS = {
    "pb su": {"summary"},
    "pb us": {"usage"},
    "pb usage --b": {"--by"},
    "pb usage --by ": {"5min", "hour", "day", "week", "month", "year", "cycle"},
    "pb usage --top 5 --by w": {"week"},
    "pb why ": {"today", "yesterday"},
    "pb service st": {"start", "stop", "status"},
    "pb service logs --p": {"--pause", "--purge"},
    "pb service logs -n 5 --j": {"--json"},
    "pb config ": {"show", "get", "set", "check", "path"},
    "pb config set display.": {"display.units", "display.speed", "display.timezone"},
    "pb config set display.units ": {"decimal", "binary", "windows"},
    "pb config set display.timezone Asia/Kol": {"Asia/Kolkata"},
    "pb plan set cap 9GB cy": {"cycle"},
    "pb plan set cycle ": {"monthly", "weekly", "daily", "prepaid"},
    "pb plan --check --plan H": {"Home"},
    "pb today --interface la": {"lan0"},
    "pb today --device al": {"all"},
    "pb completion ": {"bash", "zsh", "fish", "powershell"},
    "pb config show ": set(),
    "pb correct 2026-03-01 --reason ": set(),
}
"""Line → what may stand there."""


def test_words(shell: str, environment: Mapping[str, str], tmp_path: Path) -> None:
    """Commands, options, words, names of the machine, the ledger and the settings: these and nothing else."""
    assert offered(shell, list(WORDS), environment, tmp_path) == WORDS


def test_commands_names_and_files(shell: str, environment: Mapping[str, str], tmp_path: Path) -> None:
    """Every command; a plan with spaces in its name, as the shell writes it; files, where one belongs."""
    (tmp_path / "usage-2026.csv").write_text("")
    file = f"pb import {tmp_path}/usa"
    found = offered(shell, ["pb ", "pb plan --plan O", file], environment, tmp_path)
    assert {word for word in found["pb "] if not word.startswith("-")} == set(filter(None, COMMANDS))
    assert {word.replace("\\", "") for word in found["pb plan --plan O"]} == {"On the road"}
    assert {Path(word).name for word in found[file]} == {"usage-2026.csv"}


NAMES = {
    "~/.local/bin/pb plan --plan O": "On the road",
    "~/nowhere/pb plan --plan O": "",
    "pb usage --by=h": "hour",
    "pb plan --plan kit": "kitchen:top",
    "pb plan --plan kitchen:": "{behind}",
    "pb plan --plan kitchen:t": "{behind}",
    "pb plan --plan=kitchen:t": "{behind}",
    'pb plan --plan "On t': "On the road",
    "pb plan --plan 'kitchen:t": "kitchen:top",
}
"""Line → the one name that may stand there."""


def test_names_however_they_are_written(shell: str, environment: Mapping[str, str], tmp_path: Path) -> None:
    """With a colon, where bash begins a new word; within a quote that is still open; by a program under ``~``."""
    found = offered(shell, list(NAMES), environment, tmp_path)
    behind = "top" if shell == "bash" else "kitchen:top"  # bash itself keeps what is before the colon
    for line, name in NAMES.items():
        assert {word.replace("\\", "").rpartition("=")[2] for word in found[line]} == (
            {name.format(behind=behind)} if name else set()
        ), line
