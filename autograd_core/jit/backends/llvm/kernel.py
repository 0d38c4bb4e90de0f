"""A kernel: straight-line steps as LLVM IR over vectors, one lane a point.

All numbers of a kernel live in one scratch array of slots, each a vector: first the constants, then what is read, then
temporaries, whose slots are used again and again. The steps are cut into functions of ``CHUNK`` steps, since compile
time grows faster than the length of a function. No vector register survives a call, so what is needed behind one goes
to a slot.
"""

from __future__ import annotations

import numpy as np

from ....op import Op
from ...ir.primitives import Instruction, Intrinsic
from .target import types_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...ir.primitives import Primitive

__all__ = ["Kernel"]

CHUNK = 300
NEGATION = Instruction("fneg")  # which the fast instruction selection does not know on vectors
NEGATIVE_ZERO = -1  # the key of the constant from which a vector is subtracted instead


class Kernel:
    """The text of a kernel and where in its scratch array everything is.

    ``steps`` are (node, what computes it, its inputs), in order; ``reads`` the nodes that are copied in, ``constants``
    the nodes with a known number, ``writes`` and ``sums`` those that are copied out or summed over the points. With
    ``copies_out`` the kernel itself copies what is written to consecutive slots.
    """

    def __init__(
        self,
        steps: Sequence[tuple[int, Primitive | Op, Sequence[int]]],
        reads: Sequence[int],
        constants: dict[int, float],
        *,
        writes: Sequence[int],
        sums: Sequence[int],
        width: int,
        copies_out: bool,
    ) -> None:
        self.width = width
        self.steps = steps
        self.functions: dict[tuple[Primitive | Op, int], int] = {}
        self.constants = list(constants.values())
        self.slot = {node: k for k, node in enumerate(constants)}
        if width > 1:
            self.slot[NEGATIVE_ZERO] = len(self.constants)
            self.constants.append(-0.0)
        self.first_read = len(self.constants)
        self.slot.update({node: self.first_read + k for k, node in enumerate(reads)})
        self.slots = self.first_read + len(reads)
        self.intrinsics: set[str] = set()
        self._plan_regions([*writes, *sums])
        chunks = [_Chunk(self, c).text() for c in range(self.chunks)]
        self.write_slots = [self.slot[node] for node in writes]
        self.sum_slots = np.array([self.slot[node] for node in sums], np.int64)
        calls = "".join(f"  call void @c{c}(ptr %scratch, ptr %functions)\n" for c in range(self.chunks))
        copies = self._copies_out() if copies_out else ""
        run = f"define void @run(ptr noalias %scratch, ptr noalias %functions) #0 {{\n{calls}{copies}  ret void\n}}\n"
        self.text = "".join([*chunks, run, *sorted(self.intrinsics), ATTRIBUTES])

    def _plan_regions(self, kept: Sequence[int]) -> None:
        """Number the stretches between calls; what is read in a later one than its own must be stored."""
        count = len(self.steps)
        self.chunks = max(1, -(-count // CHUNK))
        self.chunk = max(1, -(-count // self.chunks))
        self.used: list[int] = []
        self.made: list[int] = []
        region = 0
        for k, (_, function, _) in enumerate(self.steps):
            region += k > 0 and k % self.chunk == 0
            self.used.append(region)
            region += self._is_call(function)
            self.made.append(region)
        self.last_use: dict[int, int] = {}
        for k, (_, _, args) in enumerate(self.steps):
            self.last_use.update(dict.fromkeys(args, self.used[k]))
        self.last_use.update(dict.fromkeys(kept, region + 1))
        self.end = region
        self._free: list[int] = []
        self._expires: dict[int, list[int]] = {}

    def take_slot(self, node: int) -> int:
        """A slot for `node`, until the region of its last use is over."""
        if not self._free:
            self._free.append(self.slots)
            self.slots += 1
        self.slot[node] = self._free.pop()
        if self.last_use[node] <= self.end:
            self._expires.setdefault(self.last_use[node], []).append(self.slot[node])
        return self.slot[node]

    def free_after(self, region: int) -> None:
        """Use the slots again whose last use was in that region."""
        self._free += self._expires.pop(region, ())

    @staticmethod
    def _is_call(function: Primitive | Op) -> bool:
        return isinstance(function, Op) or not isinstance(function.code, (Instruction, Intrinsic))

    def _copies_out(self) -> str:
        """For one point: from the slot of each write to one of those from `first_write` on."""
        self.first_write = self.slots
        self.slots += len(self.write_slots)
        return "".join(
            f"  %a{j} = getelementptr double, ptr %scratch, i64 {slot}\n"
            f"  %x{j} = load double, ptr %a{j}, align 8\n"
            f"  %b{j} = getelementptr double, ptr %scratch, i64 {self.first_write + j}\n"
            f"  store double %x{j}, ptr %b{j}, align 8\n"
            for j, slot in enumerate(self.write_slots)
        )


class _Chunk:
    """Writes one function of a kernel: steps in order, each value a numbered line."""

    def __init__(self, kernel: Kernel, c: int) -> None:
        self.kernel = kernel
        self.c = c
        self.vector, _, self.suffix = types_of(kernel.width)
        self.aligned = f"align {8 * kernel.width}"
        self.lines: list[str] = []
        self.count = 2  # %0 is the scratch array, %1 the table of functions, %2 the entry block
        self.addresses: dict[int, str] = {}
        self.entries: dict[int, str] = {}
        self.values: dict[int, str] = {}

    def text(self) -> str:
        kernel = self.kernel
        end = min((self.c + 1) * kernel.chunk, len(kernel.steps))
        for k in range(self.c * kernel.chunk, end):
            self.step(k)
        if end:
            kernel.free_after(kernel.made[end - 1])
        head = f"define internal void @c{self.c}(ptr noalias %0, ptr noalias %1) #0 {{"
        return "\n".join([head, *self.lines, "ret void\n}\n"])

    def step(self, k: int) -> None:
        """Compute step k, and store it if a later region reads it."""
        kernel, values = self.kernel, self.values
        node, function, args = kernel.steps[k]
        found = self.line(self.instruction(function, [values[a] if a in values else self.value(a) for a in args]))
        if kernel.made[k] != kernel.used[k]:  # a call: what was in registers is lost
            kernel.free_after(kernel.used[k])
            self.values = {}
        self.values[node] = found
        if kernel.last_use.get(node, -1) > kernel.made[k]:
            self.lines.append(
                f"store {self.vector} {found}, ptr {self.address(kernel.take_slot(node))}, {self.aligned}"
            )

    def instruction(self, function: Primitive | Op, operands: list[str]) -> str:
        """What computes a step."""
        kernel, vector = self.kernel, self.vector
        code = None if isinstance(function, Op) else function.code
        if code == NEGATION and kernel.width > 1:
            return f"fsub {vector} {self.value(NEGATIVE_ZERO)}, {operands[0]}"
        if isinstance(code, Instruction):
            return f"{code.name} {vector} {', '.join(operands)}"
        typed = ", ".join([f"{vector} {operand}" for operand in operands])
        if isinstance(code, Intrinsic):
            name = f"llvm.{code.name}.{self.suffix}"
            kernel.intrinsics.add(f"declare {vector} @{name}({vector})\n")
            return f"call {vector} @{name}({typed})"
        position = kernel.functions.setdefault((function, len(operands)), len(kernel.functions))
        if position not in self.entries:
            self.entries[position] = self.line(f"getelementptr i8, ptr %1, i64 {8 * position}")
        pointer = self.line(f"load ptr, ptr {self.entries[position]}, align 8")
        return f"call {vector} {pointer}({typed}) #1"

    def line(self, text: str) -> str:
        """A new value."""
        self.count += 1
        name = f"%{self.count}"
        self.lines.append(f"{name} = {text}")
        return name

    def address(self, slot: int) -> str:
        """Where a slot lies."""
        if slot not in self.addresses:
            self.addresses[slot] = self.line(f"getelementptr i8, ptr %0, i64 {slot * 8 * self.kernel.width}")
        return self.addresses[slot]

    def value(self, node: int) -> str:
        """A node's value, in a register."""
        if node not in self.values:
            self.values[node] = self.line(
                f"load {self.vector}, ptr {self.address(self.kernel.slot[node])}, {self.aligned}"
            )
        return self.values[node]


ATTRIBUTES = "attributes #0 = { nounwind }\nattributes #1 = { nounwind willreturn memory(none) }\n"
