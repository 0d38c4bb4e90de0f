"""A kernel: straight-line steps as LLVM IR over vectors, one lane a point.

All numbers of a kernel live in one scratch array of slots, each a vector: first the constants, then reads, then spilled
temporaries, whose slots are reused after their last use. The steps are cut into functions of ``CHUNK`` steps, since
compile time grows faster than the length of a function. No vector register survives a call, so a value that is live
across one is spilled to a slot.

    %2 = getelementptr i8, ptr %0, i64 0
    %3 = load $V, ptr %2, align 32
    %4 = fmul $V %3, %3
    %5 = getelementptr i8, ptr %0, i64 64
    store $V %4, ptr %5, align 32
"""

from __future__ import annotations

from ....op import Op
from ....ops.arithmetic import neg
from ...ir.primitives import PRIMITIVES, Instruction, Intrinsic
from .instructions import Instructions
from .ir_text import Function, module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...ir.primitives import Primitive

__all__ = ["Kernel"]

CHUNK = 300  # from 100 to 700 compile time per step (``python -m benchmarks compiled``) shows no difference
NEGATION = PRIMITIVES[neg]  # the fast instruction selection does not know it on vectors
NEGATIVE_ZERO = -1  # the key of the constant from which a vector is subtracted instead
SLOTS_AND_FUNCTIONS = "ptr noalias", "ptr noalias"


class Kernel:
    """The text of a kernel and the slots of its numbers.

    ``steps`` are (node, primitive or op, operands), in order; ``reads`` the nodes that are copied in, ``constants`` the
    nodes with a known number, ``writes`` and ``sums`` those that are copied out or summed over the points. With
    ``copies_out`` the kernel itself copies the writes to consecutive slots.
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
        self._plan_regions([*writes, *sums])
        chunks = [_Chunk(self, c) for c in range(self.chunks)]
        self.write_slots = [self.slot[node] for node in writes]
        self.sum_slots = [self.slot[node] for node in sums]
        run = Function("run", SLOTS_AND_FUNCTIONS)
        for c in range(self.chunks):
            run.do(f"call void @c{c}(ptr %0, ptr %1)")
        if copies_out:
            self._copy_out(run)
        self.text = module(*chunks, run)

    def _plan_regions(self, kept: Sequence[int]) -> None:
        """Number the regions between calls; a value that is live beyond its region must be spilled."""
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
        """A slot for `node`, free again after the region of its last use."""
        if not self._free:
            self._free.append(self.slots)
            self.slots += 1
        self.slot[node] = self._free.pop()
        if self.last_use[node] <= self.end:
            self._expires.setdefault(self.last_use[node], []).append(self.slot[node])
        return self.slot[node]

    def free_after(self, region: int) -> None:
        """Free the slots whose last use was in a region."""
        self._free += self._expires.pop(region, ())

    @staticmethod
    def _is_call(function: Primitive | Op) -> bool:
        return isinstance(function, Op) or not isinstance(function.code, (Instruction, Intrinsic))

    def _copy_out(self, run: Function) -> None:
        """Write copies of single numbers, from the slot of each write to consecutive ones from `first_write` on."""
        self.first_write = self.slots
        self.slots += len(self.write_slots)
        for k, slot in enumerate(self.write_slots):
            x = run.load("double", run.at("%0", slot, "double"))
            run.store("double", x, run.at("%0", self.first_write + k, "double"))


class _Chunk(Instructions):
    """One function of a kernel: steps in order, on slots and the table of functions."""

    calls_snippets = True  # the fast instruction selection does not know their instructions

    def __init__(self, kernel: Kernel, c: int) -> None:
        super().__init__(f"c{c}", SLOTS_AND_FUNCTIONS, kernel.width)
        self.kernel = kernel
        self.functions = kernel.functions
        self.negation = NEGATION if kernel.width > 1 else None
        self.aligned = f"align {8 * kernel.width}"
        self.addresses: dict[int, str] = {}
        self.entries: dict[int, str] = {}
        self.values: dict[int, str] = {}
        end = min((c + 1) * kernel.chunk, len(kernel.steps))
        for k in range(c * kernel.chunk, end):
            self.step(k)
        if end:
            kernel.free_after(kernel.made[end - 1])

    def step(self, k: int) -> None:
        """Compute step k, and spill it if it is live beyond its region."""
        kernel, values = self.kernel, self.values
        node, function, args = kernel.steps[k]
        operands = [values[a] if a in values else self.value(a) for a in args]
        found = self.negated(*operands) if function is self.negation else self.computed(function, operands)
        if kernel.made[k] != kernel.used[k]:  # a call: no register survives
            kernel.free_after(kernel.used[k])
            self.values = {}
        self.values[node] = found
        if kernel.last_use.get(node, -1) > kernel.made[k]:
            self.do(f"store {self.vector} {found}, ptr {self.address(kernel.take_slot(node))}, {self.aligned}")

    def negated(self, operand: str) -> str:
        """The negative of a vector: -0.0 - x."""
        return self(f"fsub {self.vector} {self.value(NEGATIVE_ZERO)}, {operand}")

    def function(self, position: int) -> str:
        if position not in self.entries:
            self.entries[position] = self.at("%1", position, "ptr")
        return self.load("ptr", self.entries[position])

    def address(self, slot: int) -> str:
        """The address of a slot."""
        if slot not in self.addresses:
            self.addresses[slot] = self.at("%0", slot * 8 * self.width)
        return self.addresses[slot]

    def value(self, node: int) -> str:
        """A node's value in a register, loaded from its slot if need be."""
        if node not in self.values:
            self.values[node] = self(f"load {self.vector}, ptr {self.address(self.kernel.slot[node])}, {self.aligned}")
        return self.values[node]
