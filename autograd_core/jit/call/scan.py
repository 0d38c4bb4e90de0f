"""Scan: a compiled function applied again and again, each time to the carry that the call before returned.

The Python loop answers all functions. If matrices were found in one, a single machine-code call runs all iterations:
the carry is double buffered, and the batches are read where they lie.
"""

from __future__ import annotations

import math

import numpy as np

from ...containers import stack
from ...errors import StructureError
from ..runtime import memory
from ..runtime.row_batches import RowBatches, staying
from ..trace.tracer import FIRST_ARRAY
from .arguments import SMALL
from .results import AlongAxis, Array, Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .variant import Variant

__all__ = ["Repeatable", "scan"]


def scan(
    f: Callable[..., Any],
    loop_of: Callable[[Any, Sequence[Any]], Repeatable | None],
    carry: Any,
    batches: Sequence[Any],
) -> tuple[Any, Any]:
    """The last carry and the stacked outputs, as `CompiledFunction.scan` says.

    `loop_of` gives the machine code for calls with such a carry and such entries, or None.
    """
    arrays = [b if isinstance(b, RowBatches) else np.ascontiguousarray(b, dtype=float) for b in batches]
    lengths = {len(array) if array.ndim else 0 for array in arrays}
    if len(lengths) != 1 or 0 in lengths:
        given = ", ".join(str(array.shape) for array in arrays) or "none"
        raise StructureError(f"scan goes through batches of one common length, at least 1; got arrays of shape {given}")
    carry = np.array(carry, dtype=float)
    loop = loop_of(carry, [array[0] for array in arrays])
    found = None if loop is None else _by_machine(loop, carry, arrays)
    return _by_loop(f, carry, arrays) if found is None else found


def _by_loop(f: Callable[..., Any], carry: Any, arrays: Sequence[Any]) -> tuple[Any, Any]:
    outputs = []
    for k in range(len(arrays[0])):
        result = f(carry, *[array[k] for array in arrays])
        carry = _next(result, carry)
        outputs.append(result[1])
    return carry, stack(outputs, (len(outputs),))


def _next(result: Any, carry: Any) -> Any:
    """The carry that a step returned: an array like the one it got, or several arrays that together make one."""
    if type(result) is tuple and len(result) == 2:
        parts = result[0] if type(result[0]) is tuple else (result[0],)
        found = np.concatenate([np.ravel(np.asarray(part, dtype=float)) for part in parts])
        if found.size == carry.size:
            return found.reshape(carry.shape)
    raise StructureError(
        f"scan needs a function that returns (carry, output), with {carry.size} numbers in the carry as it got it"
    )


class Repeatable:
    """A variant whose machine code loops by itself, and the sinks that make up its carry."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self.sizes = [sink.size for sink in variant.result.sinks(variant.lengths)]
        self.carried = self._carried()
        offer = getattr(variant.executable, "repeated", None)
        self.repeated: Any = None if offer is None else offer()

    def _carried(self) -> list[int]:
        template = self.variant.result.template
        if type(template) is not tuple or len(template) != 2:
            return []
        parts = template[0] if type(template[0]) is tuple else (template[0],)
        return [part.sink for part in parts] if all(isinstance(part, (Array, AlongAxis)) for part in parts) else []

    def fits(self, carry: Any) -> bool:
        """Whether the code can loop, with a carry of that size."""
        return self.repeated is not None and sum(self.sizes[sink] for sink in self.carried) == carry.size


def _by_machine(loop: Repeatable, carry: Any, arrays: Sequence[Any]) -> tuple[Any, Any] | None:
    """The carry and outputs by machine code; None if a guard failed, or an opened gate let an infinite number through.

    Then the loop in Python answers.
    """
    variant = loop.variant
    count = len(arrays[0])
    small = [array[:].reshape(count, -1) for array in arrays if _entry_size(array) <= SMALL]
    large = [array for array in arrays if _entry_size(array) > SMALL]
    there_and_back = memory.empty(2 * carry.size).reshape(2, carry.size)
    there_and_back[0] = carry.reshape(-1)
    numbers = np.concatenate(small, axis=1) if small else np.empty((count, 0))
    captured = staying(np.array([x._data for x in variant.captured]), count)
    sources = [numbers, captured, there_and_back, *large, *[staying(array, count) for array in variant.arrays]]
    sinks = [
        there_and_back if k in loop.carried else memory.empty(count * size).reshape(count, size)
        for k, size in enumerate(loop.sizes)
    ]
    start = 0
    for sink in loop.carried:
        sinks[sink] = there_and_back[:, start : start + loop.sizes[sink]]
        start += loop.sizes[sink]
    is_right = loop.repeated.run(count, (sources, sinks), variant.lengths, there=FIRST_ARRAY, back=set(loop.carried))
    variant.runs += count
    carry = there_and_back[count % 2].reshape(carry.shape)
    return (carry, _built(variant, variant.result.template[1], sinks)) if is_right else None


def _entry_size(array: Any) -> int:
    return math.prod(array.shape[1:])


def _built(variant: Variant, template: Any, sinks: Sequence[Any]) -> Any:
    """The outputs of all steps, nested as `stack` nests them."""
    kind = type(template)
    if kind is Number:
        return sinks[0][:, template.i].copy()
    if kind is Array:
        return sinks[template.sink].reshape(-1, *template.shape)
    if kind is AlongAxis and template.point is None:
        return sinks[template.sink].reshape(-1, variant.lengths[template.axis], *template.shape)
    if isinstance(template, dict):
        return {key: _built(variant, child, sinks) for key, child in template.items()}
    if isinstance(template, tuple):
        return tuple(_built(variant, child, sinks) for child in template)
    count = len(sinks[0])  # the carry's sinks, which are no outputs, have two rows
    rows = [[sink[k % len(sink)] for sink in sinks] for k in range(count)]
    return stack([variant.result.build(row, variant.lengths, part=template) for row in rows], (count,))
