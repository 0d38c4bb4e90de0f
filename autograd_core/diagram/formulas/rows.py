"""Rows of LaTeX that fit on a page: long formulas are broken in front of their signs, long derivations into blocks."""

from __future__ import annotations

import re
from itertools import accumulate, pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["aligned", "rows_of"]

WIDE, MOST_ROWS = 50, 15
"""Characters in a row, and rows in a block, that surely fit on a page of letter or A4 paper."""
TOKEN = re.compile(r"\\(?:left|right)\W|\\[a-zA-Z]+ ?|\\.|.", re.DOTALL)
OPENING, CLOSING = (r"\left", "{"), (r"\right", "}")
COMMANDS = (r"\sqrt", r"\text", r"\textit", r"\mathit", r"\operatorname", r"\hat")
SCALES = {"_": 0.7, "^": 0.7, **dict.fromkeys(COMMANDS, 1.0)}
UNSEEN = (*"{}^_ &", r"\frac", *COMMANDS)
SIGNS = ("+", "-", r"\cdot ")


def rows_of(left: str, steps: Sequence[str]) -> list[str]:
    r"""``left`` = step = step in one row, or in a row for each step, or in more.

    >>> rows_of("z", ["= x + x", "= 2 x"])
    ['z &= x + x = 2 x']
    >>> rows_of("z", [r"= x_{1} \cdot \left(" + " + ".join(["a"] * 20) + r"\right)"])[1]
    '&\\quad + a + a + a + a + a\\bigr)'
    """
    if sum(_widths(TOKEN.findall(" ".join(steps)))) <= WIDE:
        return [f"{left} &{' '.join(steps)}"]
    parts = [_broken(step) for step in steps]
    first, *others = [rf"&\quad {part}" if k else f"&{part}" for step in parts for k, part in enumerate(step)]
    return [f"{left} {first}", *others]


def _broken(latex: str) -> list[str]:
    """A formula in rows of limited width; brackets around a break get a size of their own."""
    tokens = TOKEN.findall(latex)
    breaks = _breaks(tokens, list(accumulate(_widths(tokens), initial=0.0)))
    for i, j in _brackets(tokens):
        if any([i < place < j for place in breaks]):
            tokens[i], tokens[j] = r"\bigl(", r"\bigr)"
    ends = [0, *breaks, len(tokens)]
    return ["".join(tokens[i:j]).strip() for i, j in pairwise(ends)]


def _widths(tokens: Sequence[str]) -> Iterator[float]:
    """In characters: signs have space around them, indices are small, and fractions have two lines."""
    scales = [1.0]
    for before, token in zip(["", *tokens], tokens, strict=False):
        if token == "{":
            scales.append(scales[-1] * SCALES.get(before, 0.5))
        elif token == "}":
            scales.pop()
        yield 0.0 if token in UNSEEN else scales[-1] * (2 if token in SIGNS else 1)


def _breaks(tokens: Sequence[str], widths: Sequence[float]) -> list[int]:
    """In front of which tokens a row begins: of those in the second half of a row the one that holds least together."""
    places = _places(tokens)
    breaks, start = list[int](), 0
    while widths[-1] - widths[start] > WIDE:
        room = [i for i in places if WIDE // 2 <= widths[i] - widths[start] <= WIDE]
        later = [i for i in places if widths[i] - widths[start] > WIDE]
        if not (room or later):
            break
        start = min(room, key=lambda i: (places[i], -i)) if room else later[0]
        breaks.append(start)
    return breaks


def _places(tokens: Sequence[str]) -> dict[int, int]:
    """The signs that a row may begin with, and how tightly they hold together; never inside braces."""
    places: dict[int, int] = {}
    around: list[str] = []
    for i, token in enumerate(tokens):
        if token.startswith(OPENING):
            around.append(token)
        elif token.startswith(CLOSING):
            around.pop()
        elif token in SIGNS and tokens[i - 1 : i] == [" "] and all([bracket == r"\left(" for bracket in around]):
            places[i] = 2 * len(around) + (token not in "+-")
    return places


def _brackets(tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Where round brackets begin and end."""
    pairs, opened = list[tuple[int, int]](), list[int]()
    for i, token in enumerate(tokens):
        if token.startswith(OPENING):
            opened.append(i)
        elif token.startswith(CLOSING):
            begin = opened.pop()
            pairs += [(begin, i)] if tokens[begin] == r"\left(" else []
    return pairs


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Lines of rows in ``align*`` environments short enough for LaTeX to put them on pages; a line stays whole."""
    blocks = list[list[str]]()
    for line in lines:
        if not blocks or len(blocks[-1]) + len(line) > MOST_ROWS:
            blocks.append([])
        blocks[-1] += line
    pieces = [block[i : i + MOST_ROWS] for block in blocks for i in range(0, len(block), MOST_ROWS)]
    return "\n".join([r"\begin{align*}" + "\n" + " \\\\\n".join(piece) + "\n" + r"\end{align*}" for piece in pieces])
