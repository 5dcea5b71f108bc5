"""Shell and batch files: what their linter and their interpreters ask for."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("service", "scripts", "src", ".ci")
SHELL = re.compile(rb"#!.*\b(ba)?sh\n")
BATCH = [
    *sorted(ROOT.glob("*.bat")),
    *sorted((ROOT / "service").rglob("*.bat")),
    *sorted((ROOT / "src").rglob("*.cmd")),
]


def shell_scripts() -> list[Path]:
    """Every file that a shell reads, whatever its name."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
    return [path for path in files if SHELL.match(path.read_bytes()[:100])]


def test_shellcheck_has_nothing_to_say() -> None:
    """Every shell script of the repository is clean; where a rule does not fit, the line says why."""
    scripts = [str(path) for path in shell_scripts()]
    names = {Path(script).name for script in scripts}
    assert {"test", "setup.sh", "supervisor.sh", "launcher.sh"} <= names
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not here (Debian: apt install shellcheck)")
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_macos_script_asks_for_nothing_modern() -> None:
    """It is plain sh, which bash 3.2 and zsh read too: dash takes it, and BASH_SOURCE does not occur."""
    script = ROOT / "service/macos/setup.sh"
    assert script.read_bytes().startswith(b"#!/bin/sh\n")
    assert script.stat().st_mode & 0o111
    assert "BASH_SOURCE" not in script.read_text("utf-8")
    subprocess.run(["/bin/sh", "-n", script], check=True)


@pytest.mark.parametrize("path", BATCH, ids=lambda path: path.name)
def test_batch_files_are_as_cmd_wants_them(path: Path) -> None:
    """CRLF, ASCII (whatever the code page), every path in quotes, places by %~dp0, no exclamation mark lost."""
    raw = path.read_bytes()
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") > 0
    text = raw.decode("ascii")
    assert "setlocal EnableExtensions DisableDelayedExpansion" in text
    code = [line for line in text.splitlines() if not line.startswith("rem ")]
    unquoted = [line for line in code if re.search(r"%~dp0|%home%|%python%\\", re.sub(r'"[^"]*"', "", line))]
    assert unquoted == []


def test_git_keeps_the_line_ends() -> None:
    """A clone with any git settings, and an archive, has CRLF in batch files and LF in shell scripts."""
    rules = (ROOT / ".gitattributes").read_text("ascii").splitlines()
    assert {"*.bat text eol=crlf", "*.cmd text eol=crlf", "*.sh text eol=lf"} <= set(rules)
