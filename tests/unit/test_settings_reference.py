"""The reference page and the code say the same."""

from pathlib import Path

import pytest

from packetbuddy.settings.rules import Key
from packetbuddy.settings.showing import toml_value
from packetbuddy.settings.table import OLD_KEYS, SECTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
KEYS = [(section.name, key) for section in SECTIONS for key in section.keys]


def rows(section: str) -> dict[str, list[str]]:
    """Key → cells of its row in the section's table."""
    heading = "## `[[plan]]`" if section == "plan" else f"## `[{section}]`"
    part = PAGE.split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]
    table = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines() if line.startswith("| `")
    ]
    return {cells[0].strip("`"): cells for cells in table}


@pytest.mark.parametrize(("section", "key"), KEYS, ids=lambda value: value if isinstance(value, str) else value.name)
def test_every_key_stands_in_the_reference_with_its_default(section: str, key: Key) -> None:
    """Each key has a row in its section's table whose second cell is the code's default."""
    default = "none" if key.default is None else f"`{toml_value(key.default)}`"
    assert rows(section)[key.name][1] == default


def test_the_reference_names_no_key_that_is_not_there() -> None:
    """No row is left over from a key that was renamed or removed."""
    written = [(section.name, name) for section in SECTIONS for name in rows(section.name)]
    assert written == [(section, key.name) for section, key in KEYS]


def test_numbers_in_the_code_are_the_numbers_in_the_reference() -> None:
    """Bounds that a rule states are stated in the row, too."""
    for section, key in KEYS:
        allowed = key.rule.allowed.replace(",", "").replace(")", "").split()
        numbers = [word for word in allowed if word.isdigit() and len(word) < 11] if "plan" not in section else []
        row = rows(section)[key.name]
        missing = [number for number in numbers if number not in " ".join(row).split() and f"{number}," not in row[2]]
        assert key.name == "max_rate" or not missing, (key.name, missing)


def test_old_keys_stand_in_the_reference() -> None:
    """Every key of 1.x that is read over is named as such."""
    for section, names in OLD_KEYS.items():
        for name in names - {"neon", "neon_url"}:
            assert f"`{section}.{name}`" in PAGE
    assert "`[storage.neon]`" in PAGE
    assert "`[database] neon_url`" in PAGE
