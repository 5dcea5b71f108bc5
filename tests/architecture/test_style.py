"""What measures the house is measured itself."""

import ast
import runpy
from collections.abc import Sequence
from pathlib import Path

STYLE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "scripts" / "figures_style.py"))
LINES = [f"line({number})" for number in range(14)]


def found(*texts: Sequence[str]) -> list[tuple[str, str]]:
    named = [STYLE["Text"](f"f{number}", list(lines)) for number, lines in enumerate(texts)]
    return sorted(STYLE["duplicates"](named))


def test_ten_lines_that_stand_twice_are_found_once() -> None:
    """Whatever their indentation, with comments between them, in one file or two; a longer run is one finding."""
    assert found(LINES[:10], ["other", "# why", *(f"    {line}" for line in LINES[:10])]) == [("f0:1", "f1:3")]
    assert found([*LINES, "between", *LINES]) == [("f0:1", "f0:16")]
    assert found(LINES, [*LINES[:5], "", "# said", *LINES[5:]]) == [("f0:1", "f1:1")]


def test_nine_lines_are_no_finding() -> None:
    """Nor is a run that overlaps itself, nor imports alike."""
    assert found(LINES[:9], LINES[:9]) == []
    assert found(["same()"] * 15) == []
    assert found([f"import m{number}" for number in range(20)], [f"import m{number}" for number in range(20)]) == []


def test_what_a_body_is() -> None:
    """The docstring is none of it; a function in a function is."""
    tree = ast.parse('def f():\n    """Says."""\n    def g():\n        return 1\n    return g\n')
    assert STYLE["body_lines"](tree.body[0]) == 3


def test_a_handler_that_goes_on_is_blind() -> None:
    """One that cleans up and raises again is not."""
    tries = ast.parse(
        "try:\n    a()\nexcept Exception:\n    b()\n    raise\nexcept:\n    b()\nexcept OSError:\n    b()\n"
    )
    handlers = [node for node in ast.walk(tries) if isinstance(node, ast.ExceptHandler)]
    assert [STYLE["_is_blind"](handler) for handler in handlers] == [False, True, False]
