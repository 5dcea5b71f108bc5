"""A tiny renderer: templates are files of the package, every value is escaped unless it was rendered itself."""

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

PART = "<!-- part: "
UNBROKEN = "\N{NO-BREAK SPACE}%"
"""A number and its sign stay on one line."""


class Markup(str):
    """HTML that :func:`fill` made: the only text that gets into a page as it is."""

    __slots__ = ()


def fill(part: str, **values: object) -> Markup:
    """The part of this name with its values in place.

    Raises:
        KeyError: there is no such part, or a value is missing.
    """
    return Markup(parts()[part].substitute({name: _safe(value) for name, value in values.items()}))


def joined(pieces: Iterable[Markup]) -> Markup:
    """Several in one."""
    return Markup("".join(pieces))


def style() -> str:
    """The page's own style sheet."""
    return _text("wrapup.css")


@cache
def parts() -> dict[str, Template]:
    """The templates by name. The package's own files are as constant as its code, so reading them changes nothing."""
    found: dict[str, Template] = {}
    for file in ("page.html", "chapters.html", "drawings.html"):
        for part in _text(file).split(PART)[1:]:
            name, _, body = part.partition(" -->\n")
            found[name] = Template(body.strip())
    return found


def _text(name: str) -> str:
    return files("packetbuddy.exports").joinpath("templates", name).read_text("utf-8")


def _safe(value: object) -> str:
    return value if isinstance(value, Markup) else escape(str(value).replace(" %", UNBROKEN))
