r"""Rows of LaTeX that fit on a page: long formulas are broken in front of their signs, long derivations into blocks.

    \begin{align*}
    z &= x_{1} \cdot \bigl(a + a + a + a + a + a + a + a + a + a + a + a + a + a + a \\
    &\quad + a + a + a + a + a\bigr)
    \end{align*}

Fractions, roots and exponents, which LaTeX does not break, are written with brackets if they are wider than a row.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["aligned", "rows_of"]

WIDE, MOST_ROWS, WIDE_LEFT = 58, 15, 10
"""Characters of a row, and rows of a block, that fit on a page of letter or A4 paper; more run off it. A left side of
more characters than the last gets a row of its own, as it shifts all rows of its block."""
TOKEN = re.compile(r"\\(?:left|right)(?:\\[a-zA-Z]+ ?|\W)|\\[a-zA-Z]+ ?|\\.|.", re.DOTALL)
BRACKETS = (r"\left", r"\right")
UNSEEN = (*"^_ &", r"\text", r"\textit", r"\mathit", r"\operatorname", r"\hat")
UPRIGHT = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "ln", "log", "exp", "max", "min")
SUMS, SIGNS = ("+", "-"), ("+", "-", "/", r"\cdot ", r"\odot ")
SPACE, CAPITAL, WIDEST = 0.6, 1.35, dict.fromkeys("MWm", 1.7)


def rows_of(left: str, steps: Sequence[str]) -> list[str]:
    r"""The line ``left`` = step = step in one row, or in a row for each step, or in more.

    >>> rows_of("z", ["= x + x", "= 2 x"])
    ['z &= x + x = 2 x']
    >>> rows_of("z", [r"= x_{1} \cdot \left(" + " + ".join(["a"] * 20) + r"\right)"])[1]
    '&\\quad + a + a + a + a + a\\bigr)'
    """
    if sum(_widths(TOKEN.findall(" ".join([left, *steps])))) <= WIDE:
        return [f"{left} &{' '.join(steps)}"]
    parts = [_broken(step) for step in steps]
    if sum(_widths(TOKEN.findall(left))) > WIDE_LEFT:
        return [f"&{left}", *[rf"&\quad {part}" for step in parts for part in step]]
    first, *others = [rf"&\quad {part}" if k else f"&{part}" for step in parts for k, part in enumerate(step)]
    return [f"{left} {first}", *others]


def _broken(latex: str) -> list[str]:
    """A formula in rows of limited width; brackets around a break get a size of their own."""
    tokens = _opened(TOKEN.findall(latex))
    breaks = _breaks(tokens, list(accumulate(_widths(tokens), initial=0.0)))
    for i, j in _pairs(tokens, *BRACKETS).items():
        if bisect_right(breaks, i) < bisect_left(breaks, j):
            tokens[i] = tokens[i].replace(r"\left", r"\bigl")
            tokens[j] = tokens[j].replace(r"\right", r"\bigr")
    ends = [0, *breaks, len(tokens)]
    return ["".join(tokens[i:j]).strip() for i, j in pairwise(ends)]


def _opened(tokens: Sequence[str]) -> list[str]:
    """The tokens with brackets in place of fractions, roots and powers of e that are wider than a row."""
    widths, ends = _widths(tokens), _pairs(tokens, "{", "}")
    opened, i = list[str](), 0
    while i < len(tokens):
        start = next((k for k in range(i, min(i + 5, len(tokens))) if tokens[k] == "{"), i)
        end = ends.get(start, i)
        inside = tokens[start + 1 : end]
        match "".join(tokens[i:start]):
            case r"\frac" if widths[i] > WIDE:
                start, end = end + 1, ends[end + 1]
                quotient = [*_in_brackets(inside), " ", "/", " ", *_bracketed(tokens[start + 1 : end])]
                opened += _in_brackets(quotient) if _is_factor(tokens[end + 1 : end + 3]) else quotient
            case r"\sqrt[3]" if widths[start] > WIDE:  # (...)^{1/3} says nothing of negative numbers
                opened += [*TOKEN.findall(r"\operatorname{cbrt}"), *_bracketed(inside)]
            case r"\sqrt" if widths[start] > WIDE:
                power = [*_bracketed(inside), "^", "{", "1", "/", "2", "}"]
                opened += _in_brackets(power) if tokens[end + 1 : end + 2] == ["^"] else power
            case "e^" if widths[start] > WIDE:
                opened += [r"\exp", *_bracketed(inside)]
            case _:
                opened.append(tokens[i])
                end = i
        i = end + 1
    return opened


def _is_factor(rest: Sequence[str]) -> bool:
    """Whether another factor follows."""
    return [token for token in rest if token != " "][:1] in (["\\cdot "], [r"\sum"])


def _in_brackets(tokens: Sequence[str]) -> list[str]:
    is_one = not any([token in SIGNS for token in tokens])
    return _opened(tokens) if is_one else _bracketed(tokens)


def _bracketed(tokens: Sequence[str]) -> list[str]:
    return [r"\left(", *_opened(tokens), r"\right)"]


def _widths(tokens: Sequence[str]) -> list[float]:
    """The width of each token in characters; a group in braces, or a fraction, has all of its at its first token."""
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
            width += SPACE * tokens[i:end].count(" ") if tokens[i - 1] == r"\text" else 0.0
        else:
            end, width = i, _width(token)
        widths += [width] + [0.0] * (end - i)
    return widths


def _width(token: str) -> float:
    name = token.strip().removeprefix("\\")
    if token in UNSEEN:
        return 0.0
    if token in SIGNS:
        return 2.5
    return len(name) if name in UPRIGHT else WIDEST.get(token, CAPITAL if token.isupper() else 1.0)


def _pairs(tokens: Sequence[str], opening: str, closing: str) -> dict[int, int]:
    """The position of each opening bracket, and of the one that closes it."""
    pairs, opened = dict[int, int](), list[int]()
    for i, token in enumerate(tokens):
        if token.startswith(opening):
            opened.append(i)
        elif token.startswith(closing):
            pairs[opened.pop()] = i
    return pairs


def _breaks(tokens: Sequence[str], widths: Sequence[float]) -> list[int]:
    """The tokens that begin a row: of those in the second half of the row before, the one that binds least tightly."""
    tightness = _places(tokens)
    places = list(tightness)
    at = [widths[i] for i in places]
    breaks, start = list[int](), 0.0
    while widths[-1] - start > WIDE:
        begin, middle, end = bisect_right(at, start), bisect_left(at, start + WIDE / 2), bisect_right(at, start + WIDE)
        room = places[middle:end] or places[begin:end] or places[end : end + 1]  # or the next one, if none is in time
        if not room:
            break
        breaks.append(min(room, key=lambda i: (tightness[i], -i)))
        start = widths[breaks[-1]]
    return breaks


def _places(tokens: Sequence[str]) -> dict[int, int]:
    """The signs and arguments that a row may begin with, and how tightly they bind; never inside braces."""
    places: dict[int, int] = {}
    around: list[str] = []
    for i, token in enumerate(tokens):
        if token.startswith((BRACKETS[0], "{")):
            around.append(token)
        elif token.startswith((BRACKETS[1], "}")):
            around.pop()
        elif "{" in around or not i:
            continue
        elif tokens[i - 1] == "," and around:
            places[i] = 2 * len(around) - 1
        elif token in SIGNS and tokens[i - 1] == " ":
            places[i] = 2 * len(around) + (token not in SUMS)
    return places


def aligned(lines: Sequence[Sequence[str]], environment: str = "align*") -> str:
    """Lines of rows in environments short enough for LaTeX to put them on pages; a line stays whole."""
    blocks = list[list[str]]()
    for line in lines:
        if not blocks or len(blocks[-1]) + len(line) > MOST_ROWS:
            blocks.append([])
        blocks[-1] += line
    pieces = [block[i : i + MOST_ROWS] for block in blocks for i in range(0, len(block), MOST_ROWS)]
    begin, end = rf"\begin{{{environment}}}", rf"\end{{{environment}}}"
    return "\n".join(["\n".join([begin, " \\\\\n".join(piece), end]) for piece in pieces])
