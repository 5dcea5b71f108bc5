"""Real shells at a terminal, asked what a press of TAB would offer."""

import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from acceptance.newcomers import Sitting
from machine.netns import wait_until
from packetbuddy.cli.commands.completion import FOLDER

END = "the end"
INTERACTIVE = {"bash": ("--norc", "--noprofile", "-i"), "zsh": ("-f", "-i")}


def offered(shell: str, lines: Sequence[str], environment: Mapping[str, str], folder: Path) -> dict[str, set[str]]:
    """What the shell offers after each of these lines."""
    if shell == "fish":
        return {line: _fish(line, environment) for line in lines}
    return _at_a_terminal(shell, lines, environment, folder)


def _answered(out: Path, lines: int) -> bool:
    return out.read_text().count(END) == lines


def _fish(line: str, environment: Mapping[str, str]) -> set[str]:
    script = f"source {shlex.quote(str(FOLDER / 'pb.fish'))}; complete -C {shlex.quote(line)}"
    command = ["fish", "--no-config", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {row.partition("\t")[0] for row in done.stdout.splitlines()}


def _at_a_terminal(
    shell: str, lines: Sequence[str], environment: Mapping[str, str], folder: Path
) -> dict[str, set[str]]:
    out = folder / "offered"
    out.write_text("")
    asking = {**environment, "OFFERED": str(out), "SCRIPTS": str(FOLDER)}
    sitting = Sitting([str(shutil.which(shell)), *INTERACTIVE[shell]], asking)
    sitting.press("", f". {shlex.quote(str(Path(__file__).with_name(f'asking.{shell}')))}\r")
    for number, line in enumerate(lines, start=1):
        sitting.press("ready> ", f"{line}\t\x15echo '{END}' >> \"$OFFERED\"\r")  # ^U takes the line back
        wait_until(partial(_answered, out, number), 20)
    sitting.press("", "exit\r")
    assert sitting.ends() == 0
    answers = out.read_text().split(END)
    return {
        line: {row.rstrip() for row in answer.splitlines() if row.strip()}
        for line, answer in zip(lines, answers, strict=False)
    }
