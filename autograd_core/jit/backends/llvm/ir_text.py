"""A builder of LLVM's IR as text: a function line by line, with names for values, and basic blocks for loops."""

from __future__ import annotations

import ctypes
import struct
from contextlib import contextmanager

from .target import code_of, load, types_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

__all__ = ["Function", "OpenLoop", "address", "function_in", "hexadecimal", "module"]


class Function:
    """A function whose arguments %0, %1, ... have the given kinds, by default one address.

    >>> f = Function("total")
    >>> numbers, count = f.record("%0", 0, ("ptr", "i64"))
    >>> with f.loop(count, carried=[("double", "0.0")]) as loop:
    ...     x = f.load("double", f.at(numbers, loop.i, "double"))
    ...     loop.following = [f(f"fadd double {loop.carried[0]}, {x}")]
    >>> print(f)
    define void @total(ptr %0) nounwind {
    entry:
    %1 = getelementptr {ptr, i64}, ptr %0, i64 0, i32 0
    %2 = load ptr, ptr %1, align 8
    %3 = getelementptr {ptr, i64}, ptr %0, i64 0, i32 1
    %4 = load i64, ptr %3, align 8
    %some1 = icmp slt i64 0, %4
    br i1 %some1, label %body1, label %end1
    body1:
    %i1 = phi i64 [0, %entry], [%8, %body1]
    %i1_1 = phi double [0.0, %entry], [%7, %body1]
    %5 = getelementptr double, ptr %2, i64 %i1
    %6 = load double, ptr %5, align 8
    %7 = fadd double %i1_1, %6
    %8 = add i64 %i1, 1
    %more1 = icmp slt i64 %8, %4
    br i1 %more1, label %body1, label %end1
    end1:
    %9 = phi double [0.0, %entry], [%7, %body1]
    ret void
    }

    ``$V`` stands for a vector of `width` numbers, ``$B`` for one of bits, ``$I`` for one of integers, ``$P`` for one of
    addresses, ``$S`` and ``$Q`` for the suffixes of intrinsics on numbers and on addresses.
    """

    def __init__(self, name: str, kinds: Sequence[str] = ("ptr",), width: int = 1) -> None:
        self.width = width
        self.vector, self.bits, self.suffix = types_of(width)
        inputs = ", ".join([f"{kind} %{k}" for k, kind in enumerate(kinds)])
        self._head = f"@{name}({inputs}) nounwind {{"
        self._result, self._last = "void", "ret void"
        self.lines = ["entry:"]
        self.declarations: set[str] = set()
        self._block = "entry"
        self._values, self._labels = len(kinds) - 1, 0

    def __str__(self) -> str:
        return self.in_full("\n".join([f"define {self._result} {self._head}", *self.lines, self._last, "}"]))

    def gives(self, kind: str, value: str) -> None:
        """Make the function return a value; it is void otherwise."""
        self._result, self._last = kind, f"ret {kind} {value}"

    def in_full(self, text: str) -> str:
        """`text` with ``$V``, ``$B``, ... replaced by the types for this width."""
        if "$" in text:
            kinds = {"$V": self.vector, "$B": self.bits, "$S": self.suffix, "$Q": f"v{self.width}p0"}
            kinds |= {"$I": f"<{self.width} x i64>", "$P": f"<{self.width} x ptr>"}
            for short, kind in kinds.items():
                text = text.replace(short, kind)
        return text

    def __call__(self, text: str) -> str:
        """Write an instruction; the name of its value."""
        self._values += 1
        name = f"%{self._values}"
        self.lines.append(f"{name} = {text}")
        return name

    def do(self, text: str) -> None:
        """Write an instruction without a value."""
        self.lines.append(text)

    # Memory

    def at(self, base: str, index: object, kind: str = "i8") -> str:
        """The address of element `index` of a kind, or of a byte, from `base` on."""
        return self(f"getelementptr {kind}, ptr {base}, i64 {index}")

    def load(self, kind: str, at: str) -> str:
        """The value loaded from an address."""
        return self(f"load {kind}, ptr {at}, align 8")

    def store(self, kind: str, value: str, at: str) -> None:
        """Store a value at an address."""
        self.do(f"store {kind} {value}, ptr {at}, align 8")

    def record(self, base: str, index: object, kinds: Sequence[str]) -> list[str]:
        """The fields, 8 bytes each, of record `index` in an array of them."""
        whole = f"{{{', '.join(kinds)}}}"
        return [
            self.load(kind, self(f"getelementptr {whole}, ptr {base}, i64 {index}, i32 {j}"))
            for j, kind in enumerate(kinds)
        ]

    # Vectors

    def spread(self, kind: str, value: str) -> str:
        """The vector with a number, a bit or an integer broadcast to all lanes."""
        vector = {"double": "$V", "i64": "$I", "i1": "$B"}[kind]
        first = self(f"insertelement {vector} poison, {kind} {value}, i32 0")
        return self(f"shufflevector {vector} {first}, {vector} poison, <{self.width} x i32> zeroinitializer")

    def mask(self, start: int, count: str) -> str:
        """The mask of the integers from `start` on that are less than `count`, a vector of one number."""
        return self(f"icmp slt $I <{', '.join([f'i64 {start + k}' for k in range(self.width)])}>, {count}")

    def intrinsic(self, name: str, result: str, *operands: str, flags: str = "") -> str:
        """The result of an intrinsic on operands with their kinds; an empty name if `result` is void."""
        self.declarations.add(f"declare {result} @llvm.{name}({', '.join([x.rsplit(' ', 1)[0] for x in operands])})")
        call = f"call {flags}{result} @llvm.{name}({', '.join(operands)})"
        if result != "void":
            return self(call)
        self.do(call)
        return ""

    def masked_load(self, at: str, mask: str) -> str:
        """The vector loaded from an address, 0 where the mask is off."""
        return self.intrinsic("masked.load.$S.p0", "$V", f"ptr {at}", "i32 8", f"$B {mask}", "$V zeroinitializer")

    def masked_store(self, value: str, at: str, mask: str) -> None:
        """Store a vector where the mask is on."""
        self.intrinsic("masked.store.$S.p0", "void", f"$V {value}", f"ptr {at}", "i32 8", f"$B {mask}")

    # Control

    @contextmanager
    def loop(
        self, stop: object, start: object = 0, step: int = 1, carried: Iterable[tuple[str, str]] = ()
    ) -> Iterator[OpenLoop]:
        """A loop over start, start + step, ... below `stop`, whose body the ``with`` block writes.

        `carried` are the kinds and initial values of loop-carried values, which become phi nodes."""
        self._labels += 1
        k, before, kinds = self._labels, self._block, [("i64", start), *carried]
        names = [f"%i{k}", *[f"%i{k}_{j}" for j in range(1, len(kinds))]]
        loop = OpenLoop(names[0], names[1:])
        self.do(f"%some{k} = icmp slt i64 {start}, {stop}")
        self.do(f"br i1 %some{k}, label %body{k}, label %end{k}")
        self._begin(f"body{k}")
        head = len(self.lines)
        yield loop
        following = [self(f"add i64 {loop.i}, {step}"), *loop.following]
        self.do(f"%more{k} = icmp slt i64 {following[0]}, {stop}")
        self.do(f"br i1 %more{k}, label %body{k}, label %end{k}")
        paths = [
            f"phi {kind} [{first}, %{before}], [{later}, %{self._block}]"
            for (kind, first), later in zip(kinds, following, strict=True)
        ]
        self.lines[head:head] = [f"{name} = {path}" for name, path in zip(names, paths, strict=True)]
        self._begin(f"end{k}")
        loop.carried = list(map(self, paths[1:]))

    @contextmanager
    def when(self, condition: str) -> Iterator[Callable[[], None]]:
        """A branch taken where the condition holds, whose body the ``with`` block writes.

        The block gets a function; lines written after a call of that are the other branch."""
        self._labels += 1
        k = self._labels
        otherwise = [f"no{k}"]

        def turn() -> None:
            self.do(f"br label %end{k}")
            self._begin(otherwise.pop())

        self.do(f"br i1 {condition}, label %yes{k}, label %no{k}")
        self._begin(f"yes{k}")
        yield turn
        if otherwise:
            turn()
        self.do(f"br label %end{k}")
        self._begin(f"end{k}")

    def _begin(self, label: str) -> None:
        self._block = label
        self.lines.append(f"{label}:")


class OpenLoop:
    """A loop that is being written: its index ``i``, and the ``carried`` values, phi nodes of its body.

    The body must set ``following``, their values in the next iteration; after the loop ``carried`` are the last ones.
    """

    def __init__(self, i: str, carried: list[str]) -> None:
        self.i, self.carried = i, carried
        self.following: list[str] = []


def module(*functions: Function) -> str:
    """The text of a module: functions, and declarations of the intrinsics they call."""
    declarations = {f.in_full(line) for f in functions for line in f.declarations}
    return "\n".join([*map(str, functions), *sorted(declarations)])


def function_in(text: str, name: str) -> Any:
    """The compiled function `name` of a module, which takes the address of its arguments, int64 and float64."""
    engine = load(code_of(text, opt=2))
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.get_function_address(name))
    function.engine = engine  # type: ignore[attr-defined]  # the code lives as long as it does
    return function


def address(function: Any) -> int:
    """The address of a C function."""
    found = ctypes.cast(function, ctypes.c_void_p).value
    assert found is not None
    return found


def hexadecimal(value: float) -> str:
    """The literal of a number in LLVM's IR, to the last bit."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
