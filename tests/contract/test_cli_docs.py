from importlib import import_module
from pathlib import Path

import pytest

from contract.cli_samples import HOW, TODAY
from packetbuddy.cli.main import COMMANDS
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.parser import command_parser
from packetbuddy.cli.render.today import today_lines

PAGE = (Path(__file__).parents[2] / "docs/reference/commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_documented(name: str) -> None:
    """The reference has a heading for each command and mentions every option it takes."""
    module, summary = COMMANDS[name]
    parser = command_parser(name, summary)
    import_module(f"packetbuddy.cli.commands.{module}").arguments(parser)
    assert f"\n## `pb {name}".rstrip() in PAGE
    options = [option for option in parser._option_string_actions if option != "-h"]
    assert [option for option in options if option not in PAGE] == []


def test_the_example_of_today_is_real() -> None:
    """The documented table is what the command prints."""
    observed = TODAY._replace(usage=TODAY.usage._replace(coverage=1.0, estimated=0))
    assert "```text\n" + "\n".join(today_lines(observed, HOW, Paper(80))) + "\n```" in PAGE
