"""`pb completion`: scripts to the letter, names for them, and nothing written."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from packetbuddy.cli.commands.completion import FOLDER, SCRIPTS, VALUES
from packetbuddy.cli.main import main
from packetbuddy.probes import open_probe


def ask(home: Path, *words: str) -> int:
    return main(["completion", *words], {"PACKETBUDDY_HOME": str(home)}, 0)


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_the_file(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed is the shipped file, also within JSON; no home is made."""
    text = (FOLDER / SCRIPTS[shell]).read_text("utf-8")
    assert ask(tmp_path / "home", shell) == 0
    assert capsys.readouterr() == (text, "")
    assert ask(tmp_path / "home", shell, "--json") == 0
    assert json.loads(capsys.readouterr().out)["data"] == {"shell": shell, "script": text}
    assert not (tmp_path / "home").exists()


def test_values_are_one_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names that hold spaces stay whole; time zones are those that the settings take."""
    (tmp_path / "config.toml").write_text('[[plan]]\nname = "On the road"\n[[plan]]\nname = "Home"\n')
    assert ask(tmp_path, "--values", "plans") == 0
    assert capsys.readouterr() == ("On the road\nHome\n", "")
    assert ask(tmp_path, "--values", "zones", "--json") == 0
    told = json.loads(capsys.readouterr().out)["data"]
    assert told["kind"] == "zones"
    assert {"UTC", "Asia/Kolkata"} <= set(told["values"])


def test_interfaces_are_known_before_anything_was_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the machine, quietly; no home is made."""
    with closing(open_probe()) as probe:
        there = {link.name for link in probe.look().links}
    assert ask(tmp_path / "home", "--values", "interfaces") == 0
    answer = capsys.readouterr()
    assert answer.err == ""
    assert set(answer.out.splitlines()) == there
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("kind", sorted(set(VALUES) - {"zones"}))
def test_what_cannot_be_known_is_an_error(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the settings cannot be read no list is made up: a script then offers nothing."""
    (tmp_path / "config.toml").write_text("[[plan")
    assert ask(tmp_path, "--values", kind) == 1
    answer = capsys.readouterr()
    assert answer.out == ""
    assert answer.err.startswith("pb: ")


@pytest.mark.parametrize("words", [(), ("bash", "--values", "plans"), ("tcsh",)])
def test_wrong_usage_is_said(words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that names the shells, or the nearest."""
    assert ask(tmp_path, *words) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "zsh" in told
