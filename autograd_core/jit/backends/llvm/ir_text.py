"""Writing LLVM's language: a function line by line, whose values, loops and branches get their names here."""

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
    """A function of arguments of these kinds, %0, %1, ...: one address if nothing else is said.

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
        """Have the function return that value, and not nothing."""
        self._result, self._last = kind, f"ret {kind} {value}"

    def in_full(self, text: str) -> str:
        """`text` with the types of these vectors."""
        if "$" in text:
            vector, bits, suffix = types_of(self.width)
            kinds = {"$V": vector, "$B": bits, "$S": suffix, "$Q": f"v{self.width}p0"}
            kinds |= {"$I": f"<{self.width} x i64>", "$P": f"<{self.width} x ptr>"}
            for short, kind in kinds.items():
                text = text.replace(short, kind)
        return text

    def __call__(self, text: str) -> str:
        """A new value."""
        self._values += 1
        self.lines.append(f"%{self._values} = {text}")
        return f"%{self._values}"

    def do(self, text: str) -> None:
        """What gives no value."""
        self.lines.append(text)

    # Memory

    def at(self, base: str, index: object, kind: str = "i8") -> str:
        """The address `index` elements of a kind, or bytes, behind another."""
        return self(f"getelementptr {kind}, ptr {base}, i64 {index}")

    def load(self, kind: str, at: str) -> str:
        """What stands there."""
        return self(f"load {kind}, ptr {at}, align 8")

    def store(self, kind: str, value: str, at: str) -> None:
        """Write it there."""
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
        """A vector that has a number, a bit or an integer everywhere."""
        vector = {"double": "$V", "i64": "$I", "i1": "$B"}[kind]
        first = self(f"insertelement {vector} poison, {kind} {value}, i32 0")
        return self(f"shufflevector {vector} {first}, {vector} poison, <{self.width} x i32> zeroinitializer")

    def mask(self, start: int, count: str) -> str:
        """Which of the integers from `start` on are less than `count`, a vector."""
        return self(f"icmp slt $I <{', '.join([f'i64 {start + k}' for k in range(self.width)])}>, {count}")

    def intrinsic(self, name: str, result: str, *operands: str, flags: str = "") -> str:
        """What an intrinsic function makes of operands with their kinds; nothing if its `result` is void."""
        self.declarations.add(f"declare {result} @llvm.{name}({', '.join([x.rsplit(' ', 1)[0] for x in operands])})")
        call = f"call {flags}{result} @llvm.{name}({', '.join(operands)})"
        if result != "void":
            return self(call)
        self.do(call)
        return ""

    def masked_load(self, at: str, mask: str) -> str:
        """A vector, 0 where it is masked."""
        return self.intrinsic("masked.load.$S.p0", "$V", f"ptr {at}", "i32 8", f"$B {mask}", "$V zeroinitializer")

    def masked_store(self, value: str, at: str, mask: str) -> None:
        """Write a vector where it is not masked."""
        self.intrinsic("masked.store.$S.p0", "void", f"$V {value}", f"ptr {at}", "i32 8", f"$B {mask}")

    # Control

    @contextmanager
    def loop(
        self, stop: object, start: object = 0, step: int = 1, carried: Iterable[tuple[str, str]] = ()
    ) -> Iterator[OpenLoop]:
        """The block for start, start + step, ... below `stop`; `carried` are the kinds of values that it changes, and
        what they are before."""
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
        """The block where the condition holds. It gives a function: what is written after a call of that is done where
        the condition does not hold."""
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
    """A loop that is being written: its index ``i``, and the ``carried`` values as they are at the beginning of a round
    and, behind the loop, at its end; the block has to say what they are in the ``following`` round."""

    def __init__(self, i: str, carried: list[str]) -> None:
        self.i, self.carried = i, carried
        self.following: list[str] = []


def module(*functions: Function) -> str:
    """The text of functions and of what they need."""
    declarations = {f.in_full(line) for f in functions for line in f.declarations}
    return "\n".join([*map(str, functions), *sorted(declarations)])


def function_in(text: str, name: str) -> Any:
    """The C function of that name, which takes one address: that of its arguments, int64 and float64."""
    engine = load(code_of(text, opt=2))
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.get_function_address(name))
    function.engine = engine  # type: ignore[attr-defined]  # the code lives as long as it does
    return function


def address(function: Any) -> int:
    """Where a C function is."""
    found = ctypes.cast(function, ctypes.c_void_p).value
    assert found is not None
    return found


def hexadecimal(value: float) -> str:
    """A number as the language writes it, to the last bit."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
