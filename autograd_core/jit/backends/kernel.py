"""A kernel: straight-line steps as LLVM IR over vectors, one lane a point.

All numbers of a kernel live in one scratch array of slots, each a vector: first the constants, then what is read, then
temporaries, whose slots are used again and again. The steps are cut into functions of ``CHUNK`` steps, since compile
time grows faster than the length of a function. No vector register survives a call, so what is needed behind one goes
to a slot.

The driver runs all chunks for one block of points after the other: it copies the block's inputs to their slots, with
any distance between points, and its outputs and sums from theirs. The last block repeats its last point in the lanes
that are too many, and writes and sums only the others.
"""

from __future__ import annotations

from .machine import types_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...op import Op

__all__ = ["Kernel"]

CHUNK = 300
INSTRUCTIONS = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
INTRINSICS = {"sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "trunc": "trunc", "round": "roundeven"}
NEGATIVE_ZERO = -1  # the key of the constant from which a vector is subtracted to negate it


class Kernel:
    """The text of a kernel and where in its scratch array everything is.

    ``steps`` are (node, what computes it, its inputs), in order; ``reads`` the nodes that are copied in, ``constants``
    the nodes with a known number, ``writes`` and ``sums`` those that are copied out or summed over the points.
    """

    def __init__(
        self,
        steps: Sequence[tuple[int, str | Op, Sequence[int]]],
        reads: Sequence[int],
        constants: dict[int, float],
        *,
        writes: Sequence[int],
        sums: Sequence[int],
        width: int,
        is_loop: bool,
    ) -> None:
        self.width = width
        self.steps = steps
        self.functions: dict[tuple[str | Op, int], int] = {}
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
        self.sum_slots = [self.slot[node] for node in sums]
        calls = "".join(f"  call void @c{c}(ptr %scratch, ptr %functions)\n" for c in range(self.chunks))
        driver = self._loop(calls, len(reads), len(writes), len(sums)) if is_loop else self._one(calls)
        self.text = "".join([*chunks, driver, *sorted(self.intrinsics), ATTRIBUTES])

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
    def _is_call(function: str | Op) -> bool:
        return function not in INSTRUCTIONS and function not in INTRINSICS and function != "neg"

    def _one(self, calls: str) -> str:
        """For one point: what is written comes to lie in consecutive slots."""
        self.first_write = self.slots
        self.slots += len(self.write_slots)
        copies = "".join(
            f"  %a{j} = getelementptr double, ptr %scratch, i64 {slot}\n"
            f"  %x{j} = load double, ptr %a{j}, align 8\n"
            f"  %b{j} = getelementptr double, ptr %scratch, i64 {self.first_write + j}\n"
            f"  store double %x{j}, ptr %b{j}, align 8\n"
            for j, slot in enumerate(self.write_slots)
        )
        return f"define void @run(ptr noalias %scratch, ptr noalias %functions) #0 {{\n{calls}{copies}  ret void\n}}\n"

    def _loop(self, calls: str, reads: int, writes: int, sums: int) -> str:
        text = DRIVER
        for name, replacement in (
            ("$CALLS", calls),
            ("$VECTOR", types_of(self.width)[0]),
            ("$WIDTH", str(self.width)),
            ("$SIZE", str(8 * self.width)),
            ("$FIRST_READ", str(self.first_read)),
            ("$READS", str(reads)),
            ("$WRITES", str(writes)),
            ("$SUMS", str(sums)),
        ):
            text = text.replace(name, replacement)
        return text


class _Chunk:
    """Writes one function of a kernel: steps in order, each value a numbered line."""

    def __init__(self, kernel: Kernel, c: int) -> None:
        self.kernel = kernel
        self.c = c
        self.vector, _, self.suffix = types_of(kernel.width)
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
        kernel = self.kernel
        node, function, args = kernel.steps[k]
        found = self.line(self.instruction(function, [self.value(a) for a in args]))
        if kernel.made[k] != kernel.used[k]:  # a call: what was in registers is lost
            kernel.free_after(kernel.used[k])
            self.values = {}
        self.values[node] = found
        if kernel.last_use.get(node, -1) > kernel.made[k]:
            self.lines.append(
                f"store {self.vector} {found}, ptr {self.address(kernel.take_slot(node))}, {self.aligned}"
            )

    def instruction(self, function: str | Op, operands: list[str]) -> str:
        """What computes a step."""
        kernel, vector = self.kernel, self.vector
        if isinstance(function, str) and function in INSTRUCTIONS:
            return f"{INSTRUCTIONS[function]} {vector} {operands[0]}, {operands[1]}"
        if function == "neg":
            is_scalar = kernel.width == 1
            return (
                f"fneg {vector} {operands[0]}"
                if is_scalar
                else f"fsub {vector} {self.value(NEGATIVE_ZERO)}, {operands[0]}"
            )
        typed = ", ".join([f"{vector} {operand}" for operand in operands])
        if isinstance(function, str) and function in INTRINSICS:
            name = f"llvm.{INTRINSICS[function]}.{self.suffix}"
            kernel.intrinsics.add(f"declare {vector} @{name}({vector})\n")
            return f"call {vector} @{name}({typed})"
        position = kernel.functions.setdefault((function, len(operands)), len(kernel.functions))
        if position not in self.entries:
            self.entries[position] = self.line(f"getelementptr i8, ptr %1, i64 {8 * position}")
        pointer = self.line(f"load ptr, ptr {self.entries[position]}, align 8")
        return f"call {vector} {pointer}({typed}) #1"

    @property
    def aligned(self) -> str:
        return f"align {8 * self.kernel.width}"

    def line(self, text: str) -> str:
        """A new value."""
        self.count += 1
        self.lines.append(f"%{self.count} = {text}")
        return f"%{self.count}"

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

# in: {address, bytes from point to point} per read; out: {address, bytes, slot} per write; sums: slot per sum;
# totals: a vector per sum, to which the points' numbers are added.
DRIVER = """
define void @run(ptr noalias %scratch, ptr noalias %functions, ptr noalias %in, ptr noalias %out,
                 ptr noalias %sums, ptr noalias %totals, i64 %begin, i64 %end) #0 {
entry:
  br label %block_test
block_test:
  %i = phi i64 [ %begin, %entry ], [ %i_next, %block_end ]
  %left = sub i64 %end, %i
  %more = icmp sgt i64 %left, 0
  br i1 %more, label %block, label %done
block:
  %full = icmp sge i64 %left, $WIDTH
  %m = select i1 %full, i64 $WIDTH, i64 %left
  %last = sub i64 %m, 1
  br label %in_test

in_test:
  %j = phi i64 [ 0, %block ], [ %j_next, %in_end ]
  %in_more = icmp slt i64 %j, $READS
  br i1 %in_more, label %in_one, label %work
in_one:
  %in_entry = getelementptr {ptr, i64}, ptr %in, i64 %j
  %in_base = load ptr, ptr %in_entry
  %in_entry1 = getelementptr {ptr, i64}, ptr %in, i64 %j, i32 1
  %in_step = load i64, ptr %in_entry1
  %in_offset = mul i64 %i, %in_step
  %in_at = getelementptr i8, ptr %in_base, i64 %in_offset
  %in_slot = add i64 %j, $FIRST_READ
  %in_bytes = mul i64 %in_slot, $SIZE
  %in_to = getelementptr i8, ptr %scratch, i64 %in_bytes
  %in_dense = icmp eq i64 %in_step, 8
  %in_fast = and i1 %in_dense, %full
  br i1 %in_fast, label %in_vector, label %in_lane
in_vector:
  %v = load $VECTOR, ptr %in_at, align 8
  store $VECTOR %v, ptr %in_to, align $SIZE
  br label %in_end
in_lane:
  %l = phi i64 [ 0, %in_one ], [ %l_next, %in_lane ]
  %inside = icmp slt i64 %l, %last
  %l_real = select i1 %inside, i64 %l, i64 %last
  %l_offset = mul i64 %l_real, %in_step
  %l_at = getelementptr i8, ptr %in_at, i64 %l_offset
  %x = load double, ptr %l_at, align 8
  %l_to = getelementptr double, ptr %in_to, i64 %l
  store double %x, ptr %l_to, align 8
  %l_next = add i64 %l, 1
  %l_more = icmp slt i64 %l_next, $WIDTH
  br i1 %l_more, label %in_lane, label %in_end
in_end:
  %j_next = add i64 %j, 1
  br label %in_test

work:
$CALLS
  br label %out_test

out_test:
  %k = phi i64 [ 0, %work ], [ %k_next, %out_end ]
  %out_more = icmp slt i64 %k, $WRITES
  br i1 %out_more, label %out_one, label %sum_test
out_one:
  %out_entry = getelementptr {ptr, i64, i64}, ptr %out, i64 %k
  %out_base = load ptr, ptr %out_entry
  %out_entry1 = getelementptr {ptr, i64, i64}, ptr %out, i64 %k, i32 1
  %out_step = load i64, ptr %out_entry1
  %out_entry2 = getelementptr {ptr, i64, i64}, ptr %out, i64 %k, i32 2
  %out_slot = load i64, ptr %out_entry2
  %out_offset = mul i64 %i, %out_step
  %out_at = getelementptr i8, ptr %out_base, i64 %out_offset
  %out_bytes = mul i64 %out_slot, $SIZE
  %out_from = getelementptr i8, ptr %scratch, i64 %out_bytes
  %out_dense = icmp eq i64 %out_step, 8
  %out_fast = and i1 %out_dense, %full
  br i1 %out_fast, label %out_vector, label %out_lane
out_vector:
  %w = load $VECTOR, ptr %out_from, align $SIZE
  store $VECTOR %w, ptr %out_at, align 8
  br label %out_end
out_lane:
  %h = phi i64 [ 0, %out_one ], [ %h_next, %out_lane ]
  %h_from = getelementptr double, ptr %out_from, i64 %h
  %y = load double, ptr %h_from, align 8
  %h_offset = mul i64 %h, %out_step
  %h_at = getelementptr i8, ptr %out_at, i64 %h_offset
  store double %y, ptr %h_at, align 8
  %h_next = add i64 %h, 1
  %h_more = icmp slt i64 %h_next, %m
  br i1 %h_more, label %out_lane, label %out_end
out_end:
  %k_next = add i64 %k, 1
  br label %out_test

sum_test:
  %s = phi i64 [ 0, %out_test ], [ %s_next, %sum_end ]
  %sum_more = icmp slt i64 %s, $SUMS
  br i1 %sum_more, label %sum_one, label %block_end
sum_one:
  %sum_entry = getelementptr i64, ptr %sums, i64 %s
  %sum_slot = load i64, ptr %sum_entry
  %sum_bytes = mul i64 %sum_slot, $SIZE
  %sum_from = getelementptr i8, ptr %scratch, i64 %sum_bytes
  %total_bytes = mul i64 %s, $SIZE
  %total_at = getelementptr i8, ptr %totals, i64 %total_bytes
  br i1 %full, label %sum_vector, label %sum_lane
sum_vector:
  %t = load $VECTOR, ptr %total_at, align 8
  %u = load $VECTOR, ptr %sum_from, align $SIZE
  %tu = fadd $VECTOR %t, %u
  store $VECTOR %tu, ptr %total_at, align 8
  br label %sum_end
sum_lane:
  %q = phi i64 [ 0, %sum_one ], [ %q_next, %sum_lane ]
  %q_total = getelementptr double, ptr %total_at, i64 %q
  %q_from = getelementptr double, ptr %sum_from, i64 %q
  %tq = load double, ptr %q_total, align 8
  %uq = load double, ptr %q_from, align 8
  %tuq = fadd double %tq, %uq
  store double %tuq, ptr %q_total, align 8
  %q_next = add i64 %q, 1
  %q_more = icmp slt i64 %q_next, %m
  br i1 %q_more, label %sum_lane, label %sum_end
sum_end:
  %s_next = add i64 %s, 1
  br label %sum_test

block_end:
  %i_next = add i64 %i, $WIDTH
  br label %block_test
done:
  ret void
}
"""
