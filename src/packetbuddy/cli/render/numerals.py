"""Figures of three lines, for the one number that a screen is about."""

SHAPES = {
    "0": ("###", "#.#", "#.#", "#.#", "###", "..."),
    "1": (".#.", "##.", ".#.", ".#.", "###", "..."),
    "2": ("###", "..#", "###", "#..", "###", "..."),
    "3": ("###", "..#", "###", "..#", "###", "..."),
    "4": ("#.#", "#.#", "###", "..#", "..#", "..."),
    "5": ("###", "#..", "###", "..#", "###", "..."),
    "6": ("###", "#..", "###", "#.#", "###", "..."),
    "7": ("###", "..#", ".#.", ".#.", ".#.", "..."),
    "8": ("###", "#.#", "###", "#.#", "###", "..."),
    "9": ("###", "#.#", "###", "..#", "###", "..."),
    ".": (".", ".", ".", ".", "#", "."),
}
"""Six rows of points each; two rows are a line of half blocks."""
HALVES = {("#", "#"): "█", ("#", "."): "▀", (".", "#"): "▄", (".", "."): " "}


def numerals(figure: str) -> list[str]:
    """Digits and a point as three lines of equal width."""
    return [" ".join(_line(SHAPES[one], line) for one in figure) for line in range(3)]


def _line(shape: tuple[str, ...], line: int) -> str:
    return "".join(HALVES[both] for both in zip(shape[2 * line], shape[2 * line + 1], strict=True))
