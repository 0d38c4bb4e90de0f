"""Fused updates: a product of matrices that is only added to an array, as the gradient in p - ηg, accumulates in place.

The gradient of a layer is as large as the layer, so writing it and reading it again would take time.
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

    from .work import Task

__all__ = ["with_updates"]

ADD, SUB, MUL = (TABLE[name] for name in ("add", "sub", "mul"))
WORTH_IT = 256
"""Elements from which a product accumulates in place; a smaller one stays in the loop over the rest. An epoch of the
benchmark `matrices` takes as long with 1 to 1,024, and a twentieth longer with no product in place."""
MOST_STEPS = 3
"""Steps of a loop that may be an update: two multiplications and an addition."""


class Update(NamedTuple):
    """A loop that computes into[j] = base[j] + sign times x[j], where x is a tensor; times may be missing."""

    loop: Loop
    into: View
    base: View
    sign: float
    times: View | None
    x: Tensor


class Part(NamedTuple):
    """The elements of x that a product makes: from `start`, `rows` of `columns` consecutive ones, `down` apart."""

    product: Multiplication
    start: int
    rows: int
    columns: int
    down: int

    @property
    def end(self) -> int:
        """The position after the last element."""
        return self.start + (self.rows - 1) * self.down + self.columns


def with_updates(order: Sequence[Task]) -> list[Task]:
    """The tasks, with products accumulated in place where the only loop that reads them does nothing but add."""
    found = list(order)
    for task in order:
        update = _update(task) if isinstance(task, Loop) else None
        if update is None or any(other is not task and _reads(other, update.x) for other in order):
            continue
        parts = _parts(order, update.x)
        if parts:
            at = found.index(task)
            found[at : at + 1] = [*[_added(part, update) for part in parts], *_rest(update, parts)]
            for part in parts:
                found.remove(part.product)
    return found


def _reads(task: Task, tensor: Tensor) -> bool:
    return any(source.array is tensor for source in task.sources)


def _update(loop: Loop) -> Update | None:
    """The update that a loop is, or None if it does anything else."""
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
    """Node i of the loop's program as a sum of constants times products of reads; None if it is not one."""
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


def _parts(order: Sequence[Task], tensor: Tensor) -> list[Part]:
    """The large parts of a tensor that products make, in order; none if they overlap."""
    products = [task for task in order if isinstance(task, Multiplication) and task.into.array is tensor]
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
    """The product of a part, accumulated in place."""
    product = part.product
    into, base = [_rows(view, part.start, part.down) for view in (update.into, update.base)]
    sign = update.sign * product.sign
    return Multiplication(sign, (into, product.left, product.right), product.sizes, base, update.times)


def _rows(view: View, start: int, down: int) -> View:
    """The elements of a flat view from `start` on, as rows that are `down` elements apart."""
    along = view.steps[1]
    return View(view.array, view.offset + start * along, (down * along, along))


def _rest(update: Update, parts: Sequence[Part]) -> list[Loop]:
    """The loops over elements that no product makes: before each part, in the gaps between its rows, and after all."""
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
