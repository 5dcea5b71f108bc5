"""Mutation testing of a pure room: break it in every small way, one at a time, and see whether a test notices.

    python scripts/mutate.py [--room ROOM] [--sample N] [--jobs N] [--only MODULE] [--floor PERCENT]

Each mutant is one changed operator, constant, condition, or dropped statement. It runs in a fork of this process that
imports the mutated module in place of the real one and stops at the first failing test; nothing on disk is changed.
A full run writes docs/figures/mutation-ROOM.md. Exit code 1 when less than 90 % are killed.
"""

import argparse
import ast
import contextlib
import importlib.abc
import importlib.util
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
RULES = (
    *("comparison", "slots", "epochs", "batch", "accounting", "accounting_times", "meter"),
    *("accounting_worlds", "meter_storage"),
)
WAYS = ("routing", "topology", "uplinks")
FIRST = {"accounting": "accounting", "books": "accounting", "readings": "accounting"}
BILLING = {"habits": ("forecast",), "money": ("money", "tariff"), "sizes": ("quantities_sizes",)}
"""Tests of the modules of billing that are not called like them; each module there has tests of its own."""
ROOMS = ("metering", "billing")
SECONDS = 180
"""A mutant that computes longer hangs, and counts as killed; so does one that waits ten times as long."""


class Mutant(NamedTuple):
    """One small break of one module; ``source`` is the whole module with it."""

    room: str
    module: str
    line: int
    what: str
    source: str


PAIRS: tuple[tuple[type[ast.AST], type[ast.AST]], ...] = (
    *((ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.In, ast.NotIn), (ast.Is, ast.IsNot)),
    *((ast.And, ast.Or), (ast.Add, ast.Sub), (ast.Mult, ast.FloorDiv), (ast.LShift, ast.RShift)),
    (ast.BitOr, ast.BitAnd),
)
SWAPS = dict(PAIRS) | {other: one for one, other in PAIRS} | {ast.Mod: ast.FloorDiv}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


def changed(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every small break of one node, each as a new node in its place."""
    yield from _operators(node)
    match node:
        case ast.Constant(value=bool() as value):
            yield f"{value} → {not value}", ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield f"{value} → {value + 1}", ast.Constant(value + 1)
        case ast.Constant(value=str() as value):
            yield f"{value!r} → another text", ast.Constant(value + "?")
        case ast.Name(id=name, ctx=ast.Load()) if name in NAMES:
            yield f"{name} → {NAMES[name]}", ast.Name(NAMES[name], ast.Load())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield "without its sign", operand
        case ast.IfExp(body=body, orelse=orelse):
            yield "always the first", body
            yield "always the second", orelse
        case ast.Return(value=value) if value is not None and ast.unparse(value) != "None":
            yield "returns None", ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            yield "statement dropped", ast.Pass()


def _operators(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(ops=[op, *_]) if type(op) in SWAPS:
            yield _named(op), _with(node, ops=[SWAPS[type(op)](), *node.ops[1:]])
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in SWAPS:
            yield _named(op), _with(node, op=SWAPS[type(op)]())
        case ast.BoolOp(op=op, values=values):
            yield _named(op), _with(node, op=SWAPS[type(op)]())
            for place in range(len(values)):
                rest = values[:place] + values[place + 1 :]
                yield f"without operand {place + 1}", rest[0] if len(rest) == 1 else _with(node, values=rest)
        case ast.If() | ast.While():
            yield "never", _with(node, test=ast.Constant(value=False))
            if isinstance(node, ast.If):
                yield "always", _with(node, test=ast.Constant(value=True))


def _named(op: ast.AST) -> str:
    return f"{type(op).__name__} → {SWAPS[type(op)].__name__}"


def _with(node: ast.AST, **fields: object) -> ast.AST:
    copy = deepcopy(node)
    for name, value in fields.items():
        setattr(copy, name, value)
    return copy


def path_of(room: str, module: str) -> Path:
    """The module's file."""
    return ROOT / "src/packetbuddy" / room / f"{module}.py"


def mutants(room: str, module: str) -> Iterator[Mutant]:
    """Every mutant of a module; annotations, docstrings and imports are left alone."""
    tree = ast.parse(path_of(room, module).read_text(encoding="utf-8"))
    for parent, field, place in _slots(tree):
        held = getattr(parent, field)
        node = held if place is None else held[place]
        for what, other in changed(node):
            ast.fix_missing_locations(ast.copy_location(other, node))
            _put(parent, field, place, other)
            yield Mutant(room, module, node.lineno, what, ast.unparse(tree))
        _put(parent, field, place, node)


def _put(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


def _slots(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Where every expression and statement below a node sits: (parent, field, place in a list)."""
    for field, held in ast.iter_fields(node):
        if field in {"annotation", "returns", "bases", "decorator_list"} or _is_prose(held):
            continue
        children = list(enumerate(held)) if isinstance(held, list) else [(None, held)]
        for place, child in children:
            if isinstance(child, ast.AST) and not _is_prose(child):
                if isinstance(child, (ast.expr, ast.stmt)):
                    yield node, field, place
                yield from _slots(child)


def _is_prose(node: object) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


class _Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutated module where the real one is asked for."""

    def __init__(self, name: str, code: CodeType) -> None:
        self._name, self._code = name, code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Only our one module."""
        del path, target
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutated source."""
        exec(self._code, module.__dict__)  # noqa: S102 - that is what a mutation tester does


def tests_of(room: str, module: str) -> list[str]:
    """Its own tests first, the slowest last."""
    if room == "billing":
        return [f"tests/unit/test_{name}.py" for name in BILLING.get(module, (module,))]
    names = list(WAYS if module in WAYS else RULES)
    own = FIRST.get(module, module)
    ordered = [own, *[name for name in names if name != own]]
    if module not in WAYS:
        ordered += WAYS[-1:]
    return [f"tests/unit/test_{name}.py" for name in ordered]


def start(mutant: Mutant) -> int:
    """Fork a process that tests the mutant; it exits 0 when no test noticed. Returns its id."""
    child = os.fork()
    if child:
        return child
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))  # not the clock: the machine may be busy
    signal.alarm(10 * SECONDS)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    code = 1
    with contextlib.suppress(BaseException):
        source = compile(mutant.source, str(path_of(mutant.room, mutant.module)), "exec")
        sys.meta_path.insert(0, _Importer(f"packetbuddy.{mutant.room}.{mutant.module}", source))
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # loading them takes longer than most mutants live
        loaded = ("-p_hypothesis_pytestplugin", "-ppytest_timeout", "-pno:cacheprovider")
        how = [*loaded, "--assert=plain", "-x", "-q", "-o", "timeout=0", "-m", "not long"]
        chosen = tests_of(mutant.room, mutant.module)
        ended = (int(pytest.main([*how, one])) for one in chosen)  # one after the other: most end with the first
        code = next(filter(None, ended), 0)
    os._exit(code)


def run(todo: list[Mutant], jobs: int) -> Iterator[tuple[Mutant, bool]]:
    """Test mutants in parallel; yields each with whether it was killed."""
    waiting = list(reversed(todo))
    running: dict[int, Mutant] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[start(mutant)] = mutant
        child, status = os.wait()
        yield running.pop(child), status != 0


def table(room: str, done: list[tuple[Mutant, bool]], seconds: float) -> str:
    """The figure: killed per module, and every survivor."""
    total, killed = (
        Counter(mutant.module for mutant, _ in done),
        Counter(mutant.module for mutant, dead in done if dead),
    )
    rows = [f"| {name} | {total[name]} | {killed[name]} | {killed[name] / total[name]:.1%} |" for name in sorted(total)]
    alive = sorted((mutant.module, mutant.line, mutant.what) for mutant, dead in done if not dead)
    head = [
        f"# Mutation testing of the {room} room",
        "",
        f"Made by `python scripts/mutate.py --room {room}`: one operator, constant, condition or statement is broken",
        "at a time; killed means that a unit test noticed.",
        "",
        "| module | mutants | killed | share |",
        "|---|---|---|---|",
    ]
    everything = f"| **all** | {len(done)} | {killed.total()} | {killed.total() / len(done):.1%} |"
    told = [f"- {module}.py:{line}: {what}" for module, line, what in alive]
    took = f"It took {seconds / 60:.0f} minutes."
    return "\n".join([*head, *rows, everything, "", took, "", "## Survivors", "", *(told or ["None."]), ""])


def main() -> int:
    """Run and report."""
    options = _options()
    room = options.room
    modules = (
        [options.only] if options.only else sorted(path.stem for path in path_of(room, "").parent.glob("[a-z]*.py"))
    )
    todo = [mutant for module in modules for mutant in mutants(room, module)]
    random.Random(options.seed).shuffle(todo)  # noqa: S311 - a sample, not a secret
    todo = todo[: options.sample or len(todo)]
    hypothesis.settings.register_profile(
        "mutation",
        database=None,
        deadline=None,
        derandomize=True,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    hypothesis.settings.load_profile("mutation")
    os.chdir(ROOT)
    healthy = [Mutant(room, name, 0, "", path_of(room, name).read_text(encoding="utf-8")) for name in modules]
    if any(killed for _, killed in run(healthy, options.jobs)):
        print("the tests fail without any mutation")
        return 1
    began, done = time.monotonic(), []
    for mutant, killed in run(todo, options.jobs):
        done.append((mutant, killed))
        if not killed:
            print(f"alive: {mutant.module}.py:{mutant.line}: {mutant.what}", flush=True)
    share = 100 * sum(killed for _, killed in done) / len(done)
    print(f"{share:.1f} % of {len(done)} mutants killed in {time.monotonic() - began:.0f} s")
    if not options.sample and not options.only:
        figure = ROOT / f"docs/figures/mutation-{room}.md"
        figure.write_text(table(room, done, time.monotonic() - began), encoding="utf-8")
    return 0 if share >= options.floor else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Mutation testing of a pure room.")
    parser.add_argument("--room", choices=ROOMS, default=ROOMS[0], help="which room")
    parser.add_argument("--sample", type=int, default=0, help="this many mutants, chosen at random; 0 = all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--only", help="one module")
    parser.add_argument("--floor", type=float, default=90.0, help="least percentage killed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
