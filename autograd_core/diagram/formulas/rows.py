"""Rows of LaTeX that fit on a page: long formulas are broken in front of their signs, long derivations into blocks."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["aligned", "rows_of"]

WIDE, MOST_ROWS = 58, 15
"""Characters in a row, and rows in a block, that surely fit on a page of letter or A4 paper."""
TOKEN = re.compile(r"\\(?:left|right)\W|\\[a-zA-Z]+ ?|\\.|.", re.DOTALL)
BRACKETS, ROUND = (r"\left", r"\right"), r"\left("
UNSEEN = (*"^_ &", r"\text", r"\textit", r"\mathit", r"\operatorname", r"\hat")
UPRIGHT = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "ln", "log", "exp", "max", "min")
SIGNS = ("+", "-", r"\cdot ")


def rows_of(left: str, steps: Sequence[str]) -> list[str]:
    r"""``left`` = step = step in one row, or in a row for each step, or in more.

    >>> rows_of("z", ["= x + x", "= 2 x"])
    ['z &= x + x = 2 x']
    >>> rows_of("z", [r"= x_{1} \cdot \left(" + " + ".join(["a"] * 20) + r"\right)"])[1]
    '&\\quad + a + a + a + a + a\\bigr)'
    """
    if sum(_widths(TOKEN.findall(" ".join([left, *steps])))) <= WIDE:
        return [f"{left} &{' '.join(steps)}"]
    parts = [_broken(step) for step in steps]
    first, *others = [rf"&\quad {part}" if k else f"&{part}" for step in parts for k, part in enumerate(step)]
    return [f"{left} {first}", *others]


def _broken(latex: str) -> list[str]:
    """A formula in rows of limited width; brackets around a break get a size of their own."""
    tokens = TOKEN.findall(latex)
    breaks = _breaks(tokens, list(accumulate(_widths(tokens), initial=0.0)))
    for i, j in _pairs(tokens, *BRACKETS).items():
        if tokens[i] == ROUND and any([i < place < j for place in breaks]):
            tokens[i], tokens[j] = r"\bigl(", r"\bigr)"
    ends = [0, *breaks, len(tokens)]
    return ["".join(tokens[i:j]).strip() for i, j in pairwise(ends)]


def _widths(tokens: Sequence[str]) -> list[float]:
    """In characters. What stands in braces is a whole: a fraction as wide as the longer of its lines, small indices."""
    ends = _pairs(tokens, "{", "}")
    widths: list[float] = []
    while (i := len(widths)) < len(tokens):
        token = tokens[i]
        if token == r"\frac":
            middle = ends[i + 1]
            end = ends[middle + 1]
            width = max(sum(_widths(tokens[i + 2 : middle])), sum(_widths(tokens[middle + 2 : end])))
        elif token == "{":
            end, width = ends[i], sum(_widths(tokens[i + 1 : ends[i]])) * (0.7 if tokens[i - 1] in ("_", "^") else 1.0)
        else:
            name = token.strip().removeprefix("\\")
            end, width = i, 0.0 if token in UNSEEN else 2.5 if token in SIGNS else len(name) if name in UPRIGHT else 1.0
        widths += [width] + [0.0] * (end - i)
    return widths


def _pairs(tokens: Sequence[str], opening: str, closing: str) -> dict[int, int]:
    """Where brackets begin, and where they end."""
    pairs, opened = dict[int, int](), list[int]()
    for i, token in enumerate(tokens):
        if token.startswith(opening):
            opened.append(i)
        elif token.startswith(closing):
            pairs[opened.pop()] = i
    return pairs


def _breaks(tokens: Sequence[str], widths: Sequence[float]) -> list[int]:
    """In front of which tokens a row begins: of those in the second half of a row the one that holds least together."""
    tightness = _places(tokens)
    places = list(tightness)
    at = [widths[i] for i in places]
    breaks, start = list[int](), 0.0
    while widths[-1] - start > WIDE:
        first, end = bisect_left(at, start + WIDE / 2), bisect_right(at, start + WIDE)
        room = places[first : max(end, first + 1)]  # or the next one, if there is none in time
        if not room:
            break
        breaks.append(min(room, key=lambda i: (tightness[i], -i)))
        start = widths[breaks[-1]]
    return breaks


def _places(tokens: Sequence[str]) -> dict[int, int]:
    """The signs that a row may begin with, and how tightly they hold together; never inside braces."""
    places: dict[int, int] = {}
    around: list[str] = []
    for i, token in enumerate(tokens):
        if token.startswith((BRACKETS[0], "{")):
            around.append(token)
        elif token.startswith((BRACKETS[1], "}")):
            around.pop()
        elif token in SIGNS and tokens[i - 1 : i] == [" "] and all([bracket == ROUND for bracket in around]):
            places[i] = 2 * len(around) + (token not in "+-")
    return places


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Lines of rows in ``align*`` environments short enough for LaTeX to put them on pages; a line stays whole."""
    blocks = list[list[str]]()
    for line in lines:
        if not blocks or len(blocks[-1]) + len(line) > MOST_ROWS:
            blocks.append([])
        blocks[-1] += line
    pieces = [block[i : i + MOST_ROWS] for block in blocks for i in range(0, len(block), MOST_ROWS)]
    return "\n".join([r"\begin{align*}" + "\n" + " \\\\\n".join(piece) + "\n" + r"\end{align*}" for piece in pieces])
