"""Templates: text files in which ``@NAME@`` stands for what is made."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")


def filled(name: str, **parts: str) -> str:
    """The template with each part in its place; a part on a line of its own may have several.

    Raises:
        KeyError: the template has a place that is not given.
    """
    text = (TEMPLATES / name).read_text("utf-8")
    return re.sub(r"@([A-Z_]+)@", lambda found: parts[found[1].lower()], text)
