"""The page about services explains every line that is given to a service manager."""

import plistlib
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from packetbuddy.services.rendering import BACK_OFF, template

PAGE = (Path(__file__).parents[2] / "docs/explanation/services.md").read_text(encoding="utf-8")
STRUCTURE = {
    "Task", "RegistrationInfo", "Source", "Description", "Triggers", "Principals", "Principal", "Settings", "Actions",
    "Exec",
}  # fmt: skip
"""Elements that only hold others or a text for people."""


def _directives() -> list[str]:
    text = template("packetbuddy.service") + BACK_OFF
    names = re.findall(r"^([A-Z]\w+)=", text.replace("@BACK_OFF@", ""), re.MULTILINE)
    return sorted(set(names) - {"Description"})


def _keys() -> list[str]:
    found = (plistlib.loads(template(f"com.packetbuddy{name}.plist").encode()) for name in ("", ".watchdog"))
    return sorted({key for agent in found for key in agent})


def _settings() -> list[str]:
    found = (ET.fromstring(template(f"{name}.xml").encode("utf-16")) for name in ("PacketBuddy", "PacketBuddyWatchdog"))  # noqa: S314 - our own file
    return sorted({element.tag.rpartition("}")[2] for task in found for element in task.iter()} - STRUCTURE)


@pytest.mark.parametrize("name", [*_directives(), *_keys(), *_settings()])
def test_every_line_has_its_reason(name: str) -> None:
    """Unit directive, plist key, task setting: each stands in a table with a reason beside it."""
    rows = [
        line for line in PAGE.splitlines() if line.startswith("| `") and re.search(rf"\b{name}\b", line.split(" | ")[0])
    ]
    assert rows != []
    assert all(len(row.split(" | ")) == 2 for row in rows)
