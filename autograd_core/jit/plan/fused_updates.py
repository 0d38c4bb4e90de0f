"""Products of matrices that are only added to something, as the gradient in p - ηg, are added to it as they are made.

The gradient of a layer is as large as the layer: neither writing nor reading it is free.
"""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import NamedTuple

from ...ops import TABLE
from ..ir.program import Constant, Input
from .layout import Tensor, View
from .work import Loop, Multiplication

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .work import Stage

__all__ = ["with_updates"]

ADD, SUB, MUL = (TABLE[name] for name in ("add", "sub", "mul"))
WORTH_IT = 256
"""The least number of elements of a product that is added at once; a smaller one is left to the loop."""
MOST_STEPS = 3


class Update(NamedTuple):
    """A loop that computes into[j] = base[j] + sign times x[j], x being in memory of our own; times may be missing."""

    loop: Loop
    into: View
    base: View
    sign: float
    times: View | None
    x: Tensor


class Part(NamedTuple):
    """What of the elements a product makes: `columns` one after the other, again in `rows`, which are `down` apart."""

    product: Multiplication
    start: int
    rows: int
    columns: int
    down: int

    @property
    def end(self) -> int:
        """Behind the last element."""
        return self.start + (self.rows - 1) * self.down + self.columns


def with_updates(order: Sequence[Stage]) -> list[Stage]:
    """The stages, with products added to something where the only loop that reads them would do no more."""
    found = list(order)
    for stage in order:
        update = _update(stage) if isinstance(stage, Loop) else None
        if update is None or any(other is not stage and _reads(other, update.x) for other in order):
            continue
        parts = _parts(order, update.x)
        if parts:
            at = found.index(stage)
            found[at : at + 1] = [*[_added(part, update) for part in parts], *_rest(update, parts)]
            for part in parts:
                found.remove(part.product)
    return found


def _reads(stage: Stage, tensor: Tensor) -> bool:
    return any(source.array is tensor for source in stage.sources)


def _update(loop: Loop) -> Update | None:
    """What a loop adds to what, if it does nothing else."""
    if loop.rows != 1 or len(loop.writes) != 1 or len(loop.steps) > MOST_STEPS:
        return None
    (result, into), *_ = loop.writes
    terms = _terms(loop, result) or [] if into.steps[1] == 1 else []
    for (one, bases), (sign, factors) in permutations(terms) if len(terms) == 2 else ():
        numbers = [view for view in factors if view.steps[1] == 0]
        match one, bases, [view for view in factors if view not in numbers], numbers:
            case 1.0, [View(steps=(_, 1)) as base], [View(Tensor(axis=None) as x, 0, (_, 1))], [] | [_]:
                if isinstance(loop.length, tuple) or loop.length == x.width:
                    return Update(loop, into, base, sign, numbers[0] if numbers else None, x)
    return None


def _terms(loop: Loop, i: int) -> list[tuple[float, list[View]]] | None:
    """Node i of the loop's program as a sum of numbers times what is read; None if it is none."""
    node = loop.program.nodes[i]
    if isinstance(node, Constant):
        return [(node.value, [])]
    if isinstance(node, Input):
        return [(1.0, [loop.reads[i]])]
    operands = [_terms(loop, a) for a in node.args]
    match node.op, operands:
        case op, [[*a], [*b]] if op is ADD or op is SUB:
            return [*a, *[(c if op is ADD else -c, views) for c, views in b]]
        case op, [[(c, some)], [(d, others)]] if op is MUL:
            return [(c * d, [*some, *others])]
    return None


def _parts(order: Sequence[Stage], tensor: Tensor) -> list[Part]:
    """What products make of a tensor in large parts, one behind the other; none if they overlap."""
    products = [stage for stage in order if isinstance(stage, Multiplication) and stage.into.array is tensor]
    parts = []
    for product in products:
        rows, columns, _ = product.sizes
        down, along = product.into.steps
        if isinstance(rows, int) and isinstance(columns, int) and along == 1 and rows * columns >= WORTH_IT:
            parts.append(Part(product, product.into.offset, rows, columns, down))
    parts.sort(key=lambda part: part.start)
    is_in_order = all(a.end <= b.start for a, b in pairwise(parts)) and all(part.down >= part.columns for part in parts)
    return parts if is_in_order and all(part.product.base is None for part in parts) else []


def _added(part: Part, update: Update) -> Multiplication:
    """The product, added to its part of the base."""
    product = part.product
    into, base = [_rows(view, part.start, part.down) for view in (update.into, update.base)]
    sign = update.sign * product.sign
    return Multiplication(sign, (into, product.left, product.right), product.sizes, base, update.times)


def _rows(view: View, start: int, down: int) -> View:
    """From `start` on, with rows that are `down` elements apart, what a view has one after the other."""
    along = view.steps[1]
    return View(view.array, view.offset + start * along, (down * along, along))


def _rest(update: Update, parts: Sequence[Part]) -> list[Loop]:
    """The loop over what no product makes: before each part, in the gaps between its rows, and behind all."""
    gaps, at = [], 0
    for part in parts:
        between = part.start + part.columns, part.rows - 1, part.down, part.down - part.columns
        gaps += [(at, 1, 0, part.start - at), between]
        at = part.end
    gaps.append((at, 1, 0, update.x.width - at))
    loop = update.loop
    return [
        Loop(
            (rows, length),
            loop.program,
            range(len(loop.program.nodes)),
            lambda i, start=start, down=down: _rows(loop.reads[i], start, down),  # type: ignore[misc]  # of this round
            writes=[(i, _rows(view, start, down)) for i, view in loop.writes],
        )
        for start, rows, down, length in gaps
        if rows > 0 and length > 0
    ]
