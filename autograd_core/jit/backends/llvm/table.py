"""The table of a span: the arguments of its tasks in one array of integers, most of which stay from call to call.

Every piece of machine code takes one address, that of its arguments, which are addresses and sizes in this table. A
`Table` has the positions at which each array and each length is entered, a `Memory` is a copy of it for one number of
points, with tensors of its own. For a block of points the addresses are advanced.
"""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

from ...plan import Copy, Loop, Multiplication
from ...plan.layout import Tensor, View
from ...runtime import memory
from .blas import blas_product, by_blas, suits_blas
from .block_driver import ARGUMENTS, driver
from .elementwise import Elementwise
from .ir_text import address
from .matmul import product
from .native import Native
from .sequence import copies, sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ...plan.layout import Place
    from ...plan.work import Size, Span, Task

__all__ = ["Memory", "Table", "allocated"]


class Table:
    """The table of a span; `codes` has the machine code of its loops.

    Once it is `settled` it knows which arrays come with a call: number ``which[j]`` of them is entered in place at[j],
    offsets[j] bytes into the array, and for the next point steps[j] bytes on. All others are tensors of its ``own``.
    """

    def __init__(self, span: Span, codes: Mapping[Loop, Elementwise | Native], width: int) -> None:
        self.span, self.width, self._codes = span, width, codes
        self._numbers: list[int] = []
        self._entries: list[tuple[Any, int, int, int]] = []  # array, where, how far into it, bytes to the next point
        self.sizes: dict[int, list[int]] = defaultdict(list)  # of each lane axis: where its length stands
        self.inside: list[tuple[int, int]] = []  # addresses of the table itself: where, and which place of it
        self.scratches: list[tuple[int, Native]] = []
        self.products: list[tuple[int, Multiplication]] = []
        self.totals: list[int] = []  # where the address of sums stands
        self._add(len(span.tasks), *[0] * (2 * len(span.tasks)))
        for k, task in enumerate(span.tasks):
            self.inside.append((2 + 2 * k, len(self._numbers)))
            self._numbers[1 + 2 * k] = self._task(task, 1 + 2 * k)
        self.numbers = np.array(self._numbers, np.int64)
        self.sums = [place for loop in span.loops() for _, place in loop.sums]
        self.arrays = {array for array, *_ in self._entries} | {place.array for place in self.sums}

    def settle(self, given: Sequence[Any]) -> None:
        """The arrays that come with a call, in their order."""
        number = {array: k for k, array in enumerate(given)}
        entries = [(number[array], *places) for array, *places in self._entries if array in number]
        self.which, self.at, self.offsets, self.steps = np.array(entries, np.int64).reshape(-1, 4).T.copy()
        self.own: dict[Tensor, list[tuple[int, int]]] = defaultdict(list)
        for array, at, offset, _ in self._entries:
            if array not in number:
                self.own[array].append((at, offset))

    def _add(self, *numbers: int) -> int:
        start = len(self._numbers)
        self._numbers += numbers
        return start

    def _add_address(self, array: Any, offset: int, step: int = 0) -> None:
        """The address of an element of an array, which is `step` elements further on for the next point."""
        self._entries.append((array, self._add(0), 8 * offset, 8 * step))

    def _add_view(self, view: View | None, sizes: tuple[Size, Size]) -> None:
        """Add the address of a view, 0 for None; `sizes` are those along its steps."""
        if view is None:
            self._add(0)
        else:
            counts_points = [size == ("lanes", self.span.axis) for size in sizes]
            step = sum([step for step, moves in zip(view.steps, counts_points, strict=True) if moves])
            self._add_address(view.array, view.offset, step)

    def _add_entry(self, view: View, loop: Loop) -> None:
        """Add the address and the strides of a read or write of a loop."""
        self._add_view(view, (loop.rows, loop.length))
        self._add_steps(view)

    def _add_steps(self, view: View | None) -> None:
        self._add(*[8 * step for step in view.steps] if view is not None else (0, 0))

    def _add_size(self, size: Size) -> None:
        if isinstance(size, int):
            self._add(size)
        else:
            self.sizes[size[1]].append(self._add(0))

    @property
    def depends_on_lengths(self) -> bool:
        """Whether a `Memory` fits one set of lengths only: it has tensors along points, or functions chosen by size."""
        return bool(self.products) or any(tensor.axis is not None for tensor in self.own)

    def _task(self, task: Task, at: int) -> int:
        """The address of a task's function, which stands at position `at`; its arguments are added to the table."""
        if isinstance(task, Copy):
            return self._copy(task)
        if isinstance(task, Multiplication):
            self.products.append((at, task))
            return self._product(task)
        code = self._codes[task]
        return self._short_loop(task, code) if isinstance(code, Elementwise) else self._loop(task, code)

    def _copy(self, task: Copy) -> int:
        self._add_size(task.rows)
        self._add(len(task.moves))
        for move in task.moves:
            for place in move:
                self._add_view(View(place.array, place.offset, (place.lane, 0)), (task.rows, 1))
                self._add(8 * place.lane)
        return address(copies())

    def _product(self, task: Multiplication) -> int:
        n, m, k = task.sizes
        views = (task.into, (n, m)), (task.left, (n, k)), (task.right, (k, m)), (task.base, (n, m))
        for view, sizes in (*views, (task.times, (1, 1))):
            self._add_view(view, sizes)
        for size in task.sizes:
            self._add_size(size)
        self._add(int(np.float64(task.sign).view(np.int64)))
        for view, _ in views:
            self._add_steps(view)
        return 0  # the function depends on the sizes: `Memory` enters it

    def _short_loop(self, task: Loop, code: Elementwise) -> int:
        self._add(code.table.ctypes.data)
        self._add_size(task.rows)
        self._add_size(task.length)
        for view in task.views:
            self._add_entry(view, task)
        return code.address

    def _loop(self, task: Loop, native: Native) -> int:
        kernel = native.kernel
        place = {name: len(self._numbers) + k for k, name in enumerate(ARGUMENTS)}
        self.scratches.append((place["scratch"], native))
        self.totals += [place["totals"]] if task.sums else []
        values = {
            "kernel": native.address, "functions": native.functions_at, "first_read": kernel.first_read,
            "reads": len(task.reads), "writes": len(task.writes), "sum_count": len(task.sums),
        }  # fmt: skip
        sizes = {"count": task.length, "rows": task.rows}
        for name in ARGUMENTS:
            if name in sizes:
                self._add_size(sizes[name])
            else:
                self._add(values.get(name, 0))
        self.inside.append((place["in"], len(self._numbers)))
        for view in task.reads.values():
            self._add_entry(view, task)
        self.inside.append((place["out"], len(self._numbers)))
        for (_, view), slot in zip(task.writes, kernel.write_slots, strict=True):
            self._add_entry(view, task)
            self._add(slot)
        self.inside.append((place["sums"], self._add(*kernel.sum_slots)))
        return address(driver(kernel.width))


class Memory:
    """A table for one set of lengths, with tensors and scratch memory of its own, for one call at a time."""

    def __init__(self, table: Table, lengths: Sequence[int], check: Place | None) -> None:
        self.table, self.numbers = table, table.numbers.copy()
        self.at = self.numbers.ctypes.data
        for at, place in table.inside:
            self.numbers[at] = self.at + 8 * place
        self._tensors = {tensor: allocated(tensor, lengths) for tensor in table.own}
        for tensor, places in table.own.items():
            for at, offset in places:
                self.numbers[at] = self._tensors[tensor].ctypes.data + offset
        self._scratches = [native.new() for _, native in table.scratches]
        for (at, _), scratch in zip(table.scratches, self._scratches, strict=True):
            self.numbers[at] = scratch[1]
        self._uses_blas = False
        for at, task in table.products:
            self.numbers[at] = self._product([x if isinstance(x, int) else lengths[x[1]] for x in task.sizes], task)
        self._check = None if check is None else (self._tensors[check.array], check.offset)

    def enter(self, lengths: Sequence[int]) -> None:
        """Write the lengths into the table."""
        for axis, places in self.table.sizes.items():
            self.numbers[places] = lengths[axis]

    def _product(self, sizes: Sequence[int], task: Multiplication) -> int:
        """The address of the function for a product of such sizes: BLAS, or tiles by rows or columns."""
        if suits_blas(sizes, task.into.steps, task.left.steps, task.right.steps):
            large = blas_product()
            if large is not None:
                self._uses_blas = True
                return address(large)
        by_rows = task.by_rows and (not task.by_columns or sizes[2] >= self.table.width)
        return address(product(self.table.width, by_rows))

    def run(self, addresses: Any) -> bool:
        """Everything, once, with these addresses at ``table.at``; whether all that had to be finite was."""
        self.numbers[self.table.at] = addresses
        self.start(sequence(), self.at)
        return self.is_right()

    def start(self, function: Any, at: int) -> None:
        """Call machine code with the arguments at an address."""
        if self._uses_blas:
            by_blas.run(lambda: function(at))
        else:
            function(at)

    def is_right(self) -> bool:
        """Whether the number to check, which is reset, is finite."""
        if self._check is None:
            return True
        numbers, offset = self._check
        total, numbers[offset] = numbers[offset], 0.0
        return math.isfinite(total)


def allocated(tensor: Tensor, lengths: Sequence[int]) -> Any:
    """The memory of a tensor, with its constants."""
    numbers = memory.zeros(tensor.width * (1 if tensor.axis is None else lengths[tensor.axis]))
    numbers[: len(tensor.values)] = tensor.values
    return numbers
