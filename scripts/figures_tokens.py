"""What the exports cost a language model: ``python scripts/figures_tokens.py [--print-only]``.

Counted by o200k_base, a tokenizer in use, over exports of the same made-up household: days that are busy at weekends
and quiet in summer, a few of them partly observed. Nothing is cut, padded or rounded for the comparison.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from packetbuddy.exports.formats import SERIES  # noqa: E402 - the tests' folder is no package
from packetbuddy.reports.history import History  # noqa: E402 - same
from unit.histories import HOW, history, year_of_days  # noqa: E402 - same
from unit.tokens import tokens  # noqa: E402 - same

TABLE = ROOT / "docs" / "figures" / "tokens.md"
LENGTHS = {"30 days": 30, "1 year": 365, "10 years": 3652}
NAMES = {"csv": "CSV", "json": "JSON", "markdown": "Markdown", "toon": "TOON", "official": "official dialect"}
BESIDE = ("json", "markdown", "csv", "official")
LAST = date(2026, 12, 31)
ABOUT = """# What an export costs a language model

Tokens of o200k_base, of the same days in each format: a made-up household with a price set, 2 % of its days partly
observed. JSON, TOON and the official dialect hold every byte count exactly, with peaks, coverage, estimates and sums;
CSV lacks the sums; Markdown is rounded to three digits, as people read it."""


def counted(report: History) -> dict[str, int]:
    """Tokens by format."""
    return {name: tokens("".join(series.pieces(report, HOW))) for name, series in SERIES.items()}


def page(rows: dict[str, dict[str, int]]) -> str:
    """The figures as Markdown."""
    made = "Made by `python scripts/figures_tokens.py`."
    return "\n".join([ABOUT, "", *_table(rows), "", *_shares(rows), "", made, ""])


def _table(rows: dict[str, dict[str, int]]) -> Iterator[str]:
    yield f"| days | {' | '.join(NAMES.values())} |"
    yield f"|---|{'--:|' * len(NAMES)}"
    for length, counts in rows.items():
        yield f"| {length} | {' | '.join(f'{counts[name]:,}' for name in NAMES)} |"


def _shares(rows: dict[str, dict[str, int]]) -> Iterator[str]:
    yield f"| TOON against | {' | '.join(NAMES[name] for name in BESIDE)} |"
    yield f"|---|{'--:|' * len(BESIDE)}"
    for length, counts in rows.items():
        yield f"| {length} | {' | '.join(_against(counts['toon'], counts[name]) for name in BESIDE)} |"


def _against(toon: int, other: int) -> str:
    change = 100 * (1 - toon / other)
    return f"{abs(change):.0f} % {'fewer' if change >= 0 else 'more'}"


def main() -> None:
    """Count, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print-only", action="store_true", help="leave docs/figures/tokens.md alone")
    options = parser.parse_args()
    firsts = {name: date.fromordinal(LAST.toordinal() - count + 1) for name, count in LENGTHS.items()}
    text = page({name: counted(history(year_of_days(LENGTHS[name], first=first))) for name, first in firsts.items()})
    print(text)
    if not options.print_only:
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
