"""Fast calls: Python generated around one kernel, for one point at a time.

A function of a few numbers and small arrays takes a fraction of a microsecond once compiled; computing a call's key
and looking up its program would take a hundred times that. So calls like the last one run code specialised to their
arguments (Rosenbrock's function in ``python -m benchmarks compiled`` is called this way). For a number and an array:

    def quick(args):
        ...
        view[0] = args[0]
        slots[1:4] = x1
        run(address, functions)
        result = view[5]
        ...
        return result
"""

from __future__ import annotations

import math

import numpy as np

from ..trace.tracer import CAPTURED, NUMBERS
from .results import Array, Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from .variant import Variant

__all__ = ["MISS", "quick_call"]

TAKE = (
    "try: scratch = free.pop()",
    "except IndexError: scratch = new()",
    "slots, address, view = scratch",
)
"""The lines that take slots from the free list of an `autograd_core.jit.backends.OnePoint`."""

MISS = object()
"""The result of a quick call whose arguments are of another kind, or for which a guard does not hold."""


def quick_call(variant: Variant, args: Sequence[Any]) -> Callable[[tuple[Any, ...]], Any] | None:
    """A function of the tuple of arguments for calls like this one; None if the variant is not simple enough.

    Simple are arguments that are floats and arrays, and results that are numbers, arrays, and tuples or lists of them.
    """
    offer = getattr(variant.executable, "one_point", None)
    slots = None if offer is None or variant.arrays else offer()
    if slots is None:
        return None
    try:
        lines = _copies_in(variant, slots.slot_of, args)
        result = _expression(variant.result.template, slots.results, variant.result.offsets)
    except NotSimpleError:
        return None
    checks = []
    if slots.guard is not None:
        checks = [f"if view[{slots.guard}] == 0.0:", "    free.append(scratch)", "    return MISS"]
    namespace: dict[str, Any] = {
        "MISS": MISS,
        "ndarray": np.ndarray,
        "float64": np.dtype(float),
        "free": slots.free,
        "new": slots.new,
        "run": slots.run,
        "functions": slots.functions,
        "captured": variant.captured,
    }
    body = [*lines, "run(address, functions)", *checks, f"result = {result}", "free.append(scratch)", "return result"]
    exec("def quick(args):\n    " + "\n    ".join(body), namespace)  # our own text: numbers and the names above
    found: Callable[[tuple[Any, ...]], Any] = namespace["quick"]
    return found


class NotSimpleError(Exception):
    """Arguments or results that are nested, large or mixed."""


def _copies_in(variant: Variant, slot_of: Mapping[tuple[int, int], int], args: Sequence[Any]) -> list[str]:
    """The lines that check the arguments and copy them to their slots."""
    if not {source for source, _ in slot_of} <= {NUMBERS, CAPTURED}:
        raise NotSimpleError
    checks, copies, offset = [f"if len(args) != {len(args)}: return MISS"], [], 0
    for i, x in enumerate(args):
        name = f"args[{i}]"
        if type(x) is float:
            checks.append(f"if type({name}) is not float: return MISS")
            copies += [f"view[{slot_of[NUMBERS, offset]}] = {name}"] if (NUMBERS, offset) in slot_of else []
            offset += 1
        elif type(x) is np.ndarray and x.dtype == np.float64 and x.ndim:
            checks += [
                f"x{i} = {name}",
                f"if type(x{i}) is not ndarray or x{i}.dtype is not float64 or x{i}.shape != {x.shape}: return MISS",
            ]
            flat = f"x{i}" if x.ndim == 1 else f"x{i}.reshape(-1)"
            for start, end, slot in _runs([slot_of.get((NUMBERS, offset + k)) for k in range(x.size)]):
                part_of = flat if end - start == x.size else f"{flat}[{start}:{end}]"
                copies.append(f"slots[{slot}:{slot + end - start}] = {part_of}")
            offset += x.size
        else:
            raise NotSimpleError
    for k in range(len(variant.captured)):
        if (CAPTURED, k) in slot_of:
            copies.append(f"view[{slot_of[CAPTURED, k]}] = captured[{k}]._data")
    return [*checks, *TAKE, *copies]


def _runs(slots: Sequence[int | None]) -> list[tuple[int, int, int]]:
    """(start, end, first slot) of every stretch of elements that go to consecutive slots."""
    runs: list[tuple[int, int, int]] = []
    for k, slot in enumerate(slots):
        if slot is None:
            continue
        if runs and runs[-1][1] == k and runs[-1][2] + k - runs[-1][0] == slot:
            runs[-1] = (runs[-1][0], k + 1, runs[-1][2])
        else:
            runs.append((k, k + 1, slot))
    return runs


def _expression(template: Any, first: int, offsets: Sequence[int]) -> str:
    """The Python expression of the result, read from the slots; sink k begins at slot ``first + offsets[k]``."""
    if type(template) is Number:
        return f"view[{first + template.i}]"
    if type(template) is Array:
        start = first + offsets[template.sink]
        copied = f"slots[{start}:{start + math.prod(template.shape)}].copy()"
        return copied if len(template.shape) == 1 else f"{copied}.reshape({template.shape})"
    if type(template) is tuple:
        return "(" + "".join(f"{_expression(child, first, offsets)}, " for child in template) + ")"
    if type(template) is list:
        return "[" + ", ".join(_expression(child, first, offsets) for child in template) + "]"
    raise NotSimpleError
