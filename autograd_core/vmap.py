"""vmap: a function of one point as a function of a batch.

Eagerly this is the plain loop; what it adds is reading the points out of nested batches and stacking the results.
Lists and arrays are batches; tuples, dicts and records are structure whose members are batches.
"""

from __future__ import annotations

from numbers import Integral

from .containers import is_array, is_structure, members, stack, too_deep, with_children
from .errors import OpError, StructureError
from .tracing import state
from .transformed import Transformed
from .transforms import require_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["vmap"]


def vmap(f: Callable[..., Any], in_axes: int | Sequence[int | None] | None = 0) -> Callable[..., Any]:
    """`f` over a batch: a loop over axis `in_axes` of every argument (None: the same for all points).

    Lists and arrays are batches; of tuples, dicts and records each member is one. Arrays in, arrays out; lists in,
    lists out. Where `f` returns a tuple, dict or record, each member comes back as a batch of its own; where arrays
    come out, so does each element of a list that holds such.

    >>> vmap(lambda x, y: x * y, in_axes=(0, None))([1.0, 2.0], 10.0)
    [10.0, 20.0]
    >>> from autograd_core import value_and_grad
    >>> vmap(value_and_grad(lambda x: x * x))([1.0, 2.0])
    ([1.0, 4.0], [2.0, 4.0])

    Raises `StructureError` for batches of different lengths, and when nothing is mapped; `OpError` for other `in_axes`.
    """
    require_function(f, "vmap")
    _require_axes(in_axes)

    def mapped(*args: Any, **named: Any) -> Any:
        axes: list[Any] = list(in_axes) if isinstance(in_axes, (list, tuple)) else [in_axes] * len(args)
        if len(axes) != len(args):
            raise StructureError(f"vmap: in_axes has {len(axes)} entries for {len(args)} arguments")
        batches = [
            (f"argument {key!r}", axis, batch)
            for key, axis, batch in [
                *zip(range(len(args)), axes, args, strict=True),
                *((name, 0, batch) for name, batch in named.items()),
            ]
            if axis is not None
        ]
        lengths = {what: _length(batch, axis, what) for what, axis, batch in batches}
        if len(set(lengths.values())) != 1:
            given = ", ".join(f"{what}: {length}" for what, length in lengths.items())
            raise StructureError(f"vmap: batches need one common length, got {given or 'nothing to map over'}")
        n = next(iter(lengths.values()))
        if state.tracer is not None and n:
            lanes = state.tracer.vmap(f, axes, args, named)
            if lanes is not None:
                return lanes[0]
        of_point = f if state.tracer is None else state.tracer.branching(f)
        results = [
            of_point(
                *(x if axis is None else take(x, axis, i) for x, axis in zip(args, axes, strict=True)),
                **{name: take(x, 0, i) for name, x in named.items()},
            )
            for i in range(n)
        ]
        try:
            return _collect(results, any(holds_array(batch) for _, _, batch in batches))
        except RecursionError:
            raise too_deep("the function's result") from None

    transformed = Transformed(mapped, vmap, f, in_axes)
    transformed.in_axes = in_axes
    return transformed


def _require_axes(in_axes: object) -> None:
    """Raise `OpError` unless `in_axes` is an integer, None, or a list or tuple of these."""
    axes = in_axes if isinstance(in_axes, (list, tuple)) else [in_axes]
    if not all(axis is None or (isinstance(axis, Integral) and not isinstance(axis, bool)) for axis in axes):
        raise OpError(
            f"vmap: in_axes must be an integer, None, or a tuple of these with one per argument, got {in_axes!r:.60}"
        )


def _length(batch: Any, axis: int, what: str) -> int:
    try:
        return batch_length(batch, axis, what)
    except RecursionError:
        raise too_deep(what) from None


def batch_length(batch: Any, axis: int, what: str) -> int:
    if is_structure(batch):
        lengths = {batch_length(member, axis, what) for member in members(batch).values()}
        if len(lengths) != 1:
            raise StructureError(f"vmap: the members of {what} need one common length, got {sorted(lengths)}")
        return lengths.pop()
    if is_array(batch) and -batch.ndim <= axis < batch.ndim:
        return int(batch.shape[axis])
    if isinstance(batch, list) and axis == 0:
        return len(batch)
    if isinstance(batch, list) and axis > 0 and batch:
        lengths = {batch_length(row, axis - 1, what) for row in batch}
        if len(lengths) == 1:
            return lengths.pop()
    given = f"{batch!r:.60}. Give a list or an array, or None in in_axes"
    if hasattr(batch, "to_numpy"):
        given = f"it is a table of type {type(batch).__name__}. Give its numbers, .to_numpy()"
    raise StructureError(f"vmap: {what} has no axis {axis} to map over: {given}")


def take(batch: Any, axis: int, i: int) -> Any:
    """Point `i` of a batch."""
    if is_structure(batch):
        return with_children(batch, lambda _, member: take(member, axis, i))
    if is_array(batch):
        return batch[(slice(None),) * (axis % batch.ndim) + (i,)]
    return batch[i] if axis == 0 else [take(row, axis - 1, i) for row in batch]


def holds_array(batch: Any) -> bool:
    return is_array(batch) or (is_structure(batch) and any(map(holds_array, members(batch).values())))


def _kind(result: Any) -> object:
    """The structure that results of all points must share: keys of a dict, length of a tuple, class of a record."""
    return (type(result), set(members(result))) if is_structure(result) else None


def _collect(results: list[Any], as_arrays: bool) -> Any:
    """The results of all points, batch first; tuples and dicts stay outside."""
    if not results:
        return stack([[]], ()) if as_arrays else []
    if as_arrays:
        return stack(results, (len(results),))
    first = results[0]
    for i, result in enumerate(results):
        if _kind(result) != _kind(first):
            raise StructureError(
                f"vmap: the function returned {first!r:.60} for point 0, but {result!r:.60} for point {i}"
            )
    if is_structure(first):
        rows = [members(result) for result in results]
        columns = iter([_collect([row[key] for row in rows], False) for key in members(first)])
        return with_children(first, lambda *_: next(columns))
    return results
