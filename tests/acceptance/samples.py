"""Code samples of the documents: where they are, what they are in, and what is said of them.

A line ``<!-- not run here: REASON -->`` before a sample keeps it from being run, ``<!-- until Ctrl-C -->``
says how it ends, ``<!-- answered: WORDS -->`` what a person answers to its question.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
SAMPLE = re.compile(
    r"(?:^ *<!-- (?P<mark>[^>]+) -->\n)?^(?P<indent> *)```(?P<language>\S*)\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
INLINE = re.compile(r"(?<!`)`(pb(?: [^`\n]+)?)`(?!`)")


class Sample(NamedTuple):
    """One block of code."""

    page: Path
    line: int
    language: str
    text: str
    mark: str

    @property
    def place(self) -> str:
        """For the names of tests, and for whoever mends it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def runs(self) -> bool:
        """Whether a test runs it as it is."""
        return self.language == "sh" and not self.mark.startswith("not run here: ")


def samples() -> Iterator[Sample]:
    """All of them."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for found in SAMPLE.finditer(text):
            line = text[: found.start("language")].count("\n") + 1
            body = re.sub(f"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
            yield Sample(page, line, found["language"], body, found["mark"] or "")


def mentioned() -> Iterator[tuple[str, str]]:
    """``pb …`` in running text, with its page."""
    for page in PAGES:
        text = SAMPLE.sub("", page.read_text("utf-8"))
        for found in INLINE.finditer(text):
            yield str(page.relative_to(ROOT)), found[1]
