"""How the code meets the figures of the house: ``python scripts/figures_style.py [--print-only]``; exit code 1 if not.

Reads files only; the rooms' import rules are asked of import-linter.
"""

import argparse
import ast
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "packetbuddy"
TABLE = ROOT / "docs" / "figures" / "style.md"
RUN = 10
"""So many lines in a row that stand somewhere else too are a duplicate."""
THIN = re.compile(r"(import |from .* import |#|//|[\W_]*$)")
"""Lines that say nothing of their own: imports, comments, lone punctuation."""
FRAMES = 2
"""Outermost frames, which may catch everything."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Figure(NamedTuple):
    """One figure, its limit in words, and whether it is met."""

    name: str
    value: str
    limit: str
    met: bool


class Text(NamedTuple):
    """A file's lines."""

    place: str
    lines: list[str]


def measured() -> list[Figure]:
    """Every figure of the house."""
    code, tests, scripts = _python(SOURCE), _python(ROOT / "tests"), _python(ROOT / "scripts")
    trees = {text.place: ast.parse("\n".join(text.lines)) for text in code}
    browser = _texts(SOURCE, "*.js")
    return [
        *_functions(trees),
        *_files(code, browser),
        *_typing(trees),
        *_exceptions(trees),
        *_calls(trees),
        _ratio(code, tests),
        _rooms(),
        _repeated([*code, *tests, *scripts, *browser, *_texts(ROOT / "service", "*.sh"), *_texts(SOURCE, "*.sh")]),
    ]


def _functions(trees: dict[str, ast.Module]) -> Iterator[Figure]:
    lengths = sorted(body_lines(node) for tree in trees.values() for node in _defined(tree))
    nine_of_ten = lengths[len(lengths) * 9 // 10]
    median = statistics.median(lengths)
    yield Figure("functions", f"{len(lengths):,}", "", met=True)
    yield Figure("lines of a function's body, median", f"{median:.0f}", "at most 8", median <= 8)
    yield Figure("the same, nine of ten", f"{nine_of_ten}", "at most 25", nine_of_ten <= 25)
    yield Figure("the same, the longest", f"{lengths[-1]}", "at most 40", lengths[-1] <= 40)


def _files(code: Sequence[Text], browser: Sequence[Text]) -> Iterator[Figure]:
    for name, texts, most in (("Python", code, 300), ("JavaScript", browser, 200)):
        longest = max(texts, key=lambda text: len(text.lines))
        value = f"{len(longest.lines)} ({Path(longest.place).name})"
        yield Figure(
            f"lines of a {name} file, the longest of {len(texts)}", value, f"at most {most}", len(longest.lines) <= most
        )


def _typing(trees: dict[str, ast.Module]) -> Iterator[Figure]:
    functions = [node for tree in trees.values() for node in _defined(tree)]
    typed = sum(1 for node in functions if _is_typed(node))
    share = 100 * typed / len(functions)
    yield Figure("functions whose arguments and result are typed", f"{share:.1f} %", "all", typed == len(functions))


def _exceptions(trees: dict[str, ast.Module]) -> Iterator[Figure]:
    blind = [
        Path(place).name
        for place, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _is_blind(node)
    ]
    value, limit = f"{len(blind)} ({', '.join(blind)})", f"{FRAMES}: around a command and a tick"
    yield Figure("handlers that catch everything and go on", value, limit, len(blind) <= FRAMES)


def _calls(trees: dict[str, ast.Module]) -> Iterator[Figure]:
    functions = [node for tree in trees.values() for node in _defined(tree)]
    most = max(len(_parameters(node)) for node in functions)
    yield Figure("arguments of a function, the most", f"{most}", "at most 6", most <= 6)


def _ratio(code: Sequence[Text], tests: Sequence[Text]) -> Figure:
    ours, theirs = (sum(1 for text in texts for line in text.lines if line.strip()) for texts in (code, tests))
    value = f"{theirs / ours:.2f} ({theirs:,} to {ours:,})"
    return Figure("lines of test for a line of code", value, "at least 1", theirs >= ours)


def _rooms() -> Figure:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stdout)
    found = re.search(r"Contracts: (\d+) kept, (\d+) broken", done.stdout)
    return Figure(
        "import rules", found[0].partition(": ")[2] if found else "not read", "none broken", done.returncode == 0
    )


def _repeated(texts: Sequence[Text]) -> Figure:
    pairs = sorted(duplicates(texts))
    value = f"{len(pairs)}" + "".join(f"; {one} ~ {other}" for one, other in pairs)
    return Figure(f"runs of {RUN} lines that stand twice", value, "none", not pairs)


def duplicates(texts: Iterable[Text]) -> Iterator[tuple[str, str]]:
    """Pairs of places that share at least :data:`RUN` lines, thin ones and white space apart; each run once."""
    lines: dict[tuple[int, int], str] = {}
    windows: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for number, text in enumerate(texts):
        told = [(f"{text.place}:{at}", " ".join(line.split())) for at, line in enumerate(text.lines, start=1)]
        full = [(place, line) for place, line in told if not THIN.match(line)]
        for at in range(len(full) - RUN + 1):
            lines[number, at] = full[at][0]
            windows[tuple(line for _, line in full[at : at + RUN])].append((number, at))
    twins = {pair for places in windows.values() for pair in combinations(places, 2) if _apart(*pair)}
    for (number, at), (other, there) in twins:
        if ((number, at - 1), (other, there - 1)) not in twins:
            yield lines[number, at], lines[other, there]


def body_lines(node: Function) -> int:
    """Lines of a function's body, the docstring apart."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _apart(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] != other[0] or other[1] - one[1] >= RUN


def _defined(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _parameters(node: Function) -> list[ast.arg]:
    """Without ``self`` and ``cls``."""
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [one for one in every if one.arg not in {"self", "cls"}]


def _is_typed(node: Function) -> bool:
    starred = [one for one in (node.args.vararg, node.args.kwarg) if one is not None]
    return node.returns is not None and all(one.annotation is not None for one in [*_parameters(node), *starred])


def _is_blind(node: ast.ExceptHandler) -> bool:
    """Catches everything, and is no clean-up that raises it again."""
    everything = node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
    return everything and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))


def _python(folder: Path) -> list[Text]:
    return _texts(folder, "*.py")


def _texts(folder: Path, pattern: str) -> list[Text]:
    found = sorted(path for path in folder.rglob(pattern) if "vendor" not in path.parts)
    return [Text(str(path.relative_to(ROOT)), path.read_text("utf-8").splitlines()) for path in found]


def page(figures: Iterable[Figure]) -> str:
    """The figures as Markdown."""
    rows = (f"| {one.name} | {one.value} | {one.limit} |" for one in figures)
    made = (
        "Made by `python scripts/figures_style.py`, which `bash scripts/test` runs: a figure that is not met fails it."
    )
    return "\n".join(["# The code in figures", "", "| what | figure | promise |", "|---|---|---|", *rows, "", made, ""])


def main() -> int:
    """Measure, write the page, and say what is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print-only", action="store_true", help="leave docs/figures/style.md as it is")
    figures = measured()
    if not parser.parse_args().print_only:
        TABLE.write_text(page(figures), "utf-8")
    for one in figures:
        print(f"{'ok    ' if one.met else 'NOT   '} {one.name}: {one.value}{f' ({one.limit})' if one.limit else ''}")
    return 0 if all(one.met for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
