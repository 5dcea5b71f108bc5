"""The reference is complete: every command, option, setting, endpoint, exit code and variable of the environment."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from generating.facts import ENVIRONMENT, INTERNAL
from generating.grammar import COMMON, Command, commands
from generating.shapes import page as json_page
from generating.tables import PLACE

from packetbuddy.api.routes import ENDPOINTS
from packetbuddy.cli import result
from packetbuddy.monitor import main as monitor
from packetbuddy.settings.renewing import MAKES_WAY
from packetbuddy.settings.table import SECTIONS

ROOT = Path(__file__).parents[2]
SOURCE = sorted((ROOT / "src/packetbuddy").rglob("*.py"))
FOREIGN = {
    "COMPUTERNAME", "DISPLAY", "HOME", "NOTIFY_SOCKET", "PATH", "PIPX_BIN_DIR", "SUDO_USER", "TERM", "USERDOMAIN",
    "USERNAME", "USERPROFILE", "WATCHDOG_PID", "WATCHDOG_USEC", "WAYLAND_DISPLAY", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR",
}  # fmt: skip
"""Variables that the system sets and we only read."""


def made(name: str) -> set[str]:
    """The tables of a page that are made from the code; tests/architecture holds them to it."""
    page = (ROOT / "docs/reference" / name).read_text("utf-8")
    return {found[1] for found in PLACE.finditer(page)}


@pytest.mark.parametrize("command", [command for command in commands() if command.name], ids=lambda each: each.name)
def test_each_command_has_its_table(command: Command) -> None:
    """One that takes more than what all take has a table of it, made from its parser."""
    own = command.arguments or [option for option in command.options if option.names[-1] not in COMMON]
    assert (f"options of pb {command.name}" in made("commands.md")) == bool(own)


def test_what_all_share_has_its_tables() -> None:
    """Common options, exit codes, the environment; each section of the settings."""
    assert {"common options", "exit codes", "environment"} <= made("commands.md")
    assert made("configuration.md") == {f"keys of {section.name}" for section in SECTIONS}


def test_each_exit_code_is_explained() -> None:
    """Those of commands by the code itself, those of the service where its keeping is explained."""
    codes = {value for name, value in vars(result).items() if name.isupper() and isinstance(value, int)}
    assert codes == set(result.EXIT_CODES)
    services = (ROOT / "docs/explanation/services.md").read_text("utf-8")
    told = services.partition("## What the exit codes mean")[2].partition("\n## ")[0]
    final = {monitor.CLEAN, monitor.ANOTHER_RUNS, monitor.UNUSABLE, MAKES_WAY}
    assert [code for code in final if f"\n| {code}" not in told] == []


def test_each_endpoint_and_shape_is_there() -> None:
    """The page of shapes has each endpoint, and a part for each shape that another one mentions."""
    page = json_page()
    assert [row.path for row in ENDPOINTS if f"\n### `GET {row.path}`\n" not in page] == []
    mentioned = {part.split(")")[0] for part in page.split("](#")[1:]}
    headings = {line[4:].lower() for line in page.splitlines() if line.startswith("### ")}
    assert {name for name in mentioned if not name.startswith("get-api")} <= headings


def test_each_variable_is_explained() -> None:
    """What the code looks up in the environment is in the reference, or nobody sets it by hand."""
    read = {name for path in SOURCE for name in looked_up(ast.parse(path.read_text("utf-8")))}
    assert read - FOREIGN == set(ENVIRONMENT) | set(INTERNAL)


def looked_up(tree: ast.AST) -> Iterator[str]:
    """Names of variables in capitals: ours anywhere, others where an environment is asked for them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.startswith(("PACKETBUDDY_", "NEON_DB_")) and node.value.replace("_", "").isalnum():
                yield node.value
        elif isinstance(node, (ast.Call, ast.Subscript)):
            yield from asked(node)


def asked(node: ast.Call | ast.Subscript) -> Iterator[str]:
    key = node.slice if isinstance(node, ast.Subscript) else next(iter(node.args), None)
    place = ast.unparse(node.value if isinstance(node, ast.Subscript) else node.func)
    if "environ" in place and isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isupper():
        yield key.value
