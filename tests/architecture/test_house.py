"""Rules of the house that no linter knows: sizes, reasons, promises that documents make."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from packetbuddy.cli.main import COMMANDS
from packetbuddy.settings.table import SECTIONS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "packetbuddy"
CODE = sorted(SOURCE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SCRIPTS = sorted((ROOT / "scripts").rglob("*.py"))
DOCUMENTS = "\n".join(path.read_text("utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))])
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text("utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def test_every_exception_from_a_rule_has_a_reason() -> None:
    """Each noqa names its rules and says why."""
    mark, whole = "# " + "noqa", re.compile("# " + r"noqa: [A-Z]+\d+(, [A-Z]+\d+)* - \S")
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*CODE, *TESTS, *SCRIPTS]
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if mark in line and not whole.search(line)
    ]
    assert bare == []


def test_every_test_says_what_it_proves() -> None:
    """Each test function has a docstring."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in TESTS
        for node in _functions(path)
        if node.name.startswith("test_") and ast.get_docstring(node) is None
    ]
    assert silent == []


def test_only_main_files_ask_what_time_it_is() -> None:
    """Rules take the instant: ``datetime.now``, ``utcnow`` and ``today`` occur in main files only."""
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in CODE
        if path.name != "main.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "utcnow", "today"}
        and ast.unparse(node.func.value) in {"datetime", "date", "datetime.datetime", "datetime.date"}
    ]
    assert asked == []


IMPORT_ALL = """
import sys
done = []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        done.append((event, arguments[0]))
    if event.startswith(("socket.", "subprocess.", "os.mkdir", "os.system", "os.fork", "sqlite3.", "_thread.start")):
        done.append((event, arguments))
sys.addaudithook(hook)
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
print(done)
"""


def test_importing_does_nothing(tmp_path: Path) -> None:
    """Importing any module opens no file for writing, starts nothing, connects to nothing, makes no home."""
    names = [".".join(path.relative_to(SOURCE.parent).with_suffix("").parts) for path in CODE]
    modules = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    home = tmp_path / "home"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL, *modules],
        env={**environment, "PACKETBUDDY_HOME": str(home), "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert not home.exists()


@pytest.mark.parametrize("command", sorted(filter(None, COMMANDS)))
def test_documents_mention_every_command(command: str) -> None:
    """A command that nobody can read about does not exist."""
    assert f"`pb {command}" in DOCUMENTS or f"\npb {command}" in DOCUMENTS


@pytest.mark.parametrize("key", sorted(f"{section.name}.{key.name}" for section in SECTIONS for key in section.keys))
def test_documents_mention_every_setting(key: str) -> None:
    """Every key of config.toml is explained, under its section and with its name."""
    reference = (ROOT / "docs" / "reference" / "configuration.md").read_text("utf-8")
    section, name = key.split(".")
    part = re.search(rf"^## `\[+{section}\]+`.*?(?=^## |\Z)", reference, re.MULTILINE | re.DOTALL)
    assert part is not None
    assert f"`{name}`" in part[0]


def test_readme_has_two_commands() -> None:
    """A newcomer needs one command to run it and one to check it."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"^bash .*$", readme, re.MULTILINE) == ["bash service/linux/setup.sh", "bash scripts/test"]


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link in a document names a file that is there."""
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    dead = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
        if not (document.parent / target).exists()
    ]
    assert dead == []


def test_development_dependencies_are_locked() -> None:
    """requirements-dev.txt pins each to one version, says nothing of where it comes from, and misses none."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = (ROOT / "requirements-dev.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []
    locked = {_plain(line.split("==")[0]) for line in pins}
    wanted = [*project["dependency-groups"]["dev"], *project["project"]["dependencies"]]
    names = {_plain(re.split(r"[<>=;\[ ]", one)[0]) for one in wanted}
    assert names - locked == set()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
