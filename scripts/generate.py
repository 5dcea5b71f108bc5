"""Write what is made from the code: completions, the manual page, the reference. ``--check`` only names what is stale.

``python scripts/generate.py [--check]``
"""

import sys
from pathlib import Path

from generating.completion import scripts
from generating.grammar import commands
from generating.manpage import page
from generating.shapes import page as json_page
from generating.tables import renewed

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src/packetbuddy/cli"
REFERENCE = ROOT / "docs/reference"


def made() -> dict[Path, str]:
    """Every file that is made, and its text."""
    known = commands()
    completions = {PACKAGE / "completions" / name: text for name, text in scripts(known).items()}
    tables = {path: renewed(path.read_text("utf-8")) for path in sorted(REFERENCE.glob("*.md"))}
    return {**completions, PACKAGE / "manual" / "pb.1": page(known), **tables, REFERENCE / "json.md": json_page()}


def stale() -> list[Path]:
    """Files that say something else than the code does."""
    return [path for path, text in made().items() if not path.exists() or path.read_text("utf-8") != text]


def main() -> int:
    """Write them, or look."""
    found = stale()
    for path in found:
        print(path.relative_to(ROOT))
    if "--check" in sys.argv[1:]:
        return 1 if found else 0
    for path, text in made().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
