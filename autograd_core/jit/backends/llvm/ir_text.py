"""Text of LLVM's IR about vectors of one width, and the functions that it becomes."""

from __future__ import annotations

import ctypes

from .target import code_of, load, types_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

__all__ = ["Lines", "counted", "function_in", "loads"]


def function_in(text: str, name: str) -> Any:
    """The C function of that name, which takes one address: that of its arguments, int64 and float64."""
    engine = load(code_of(text, opt=2))
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.get_function_address(name))
    function.engine = engine  # type: ignore[attr-defined]  # the code lives as long as it does
    return function


def loads(kinds: Mapping[str, str]) -> str:
    """The lines that read a function's arguments, which lie at %arguments one after the other, by name and type."""
    return "\n".join(
        f"%place_of_{name} = getelementptr i64, ptr %arguments, i64 {k}\n%{name} = load {kind}, ptr %place_of_{name}"
        for k, (name, kind) in enumerate(kinds.items())
    )


def counted(k: str, count: str, body: str) -> str:
    """Lines of a function's first block and on: ``body``, one block, for %k = 0, 1, ... below `count`."""
    return f"""
  br label %test
test:
  %{k} = phi i64 [ 0, %entry ], [ %{k}_next, %one ]
  %more = icmp slt i64 %{k}, {count}
  br i1 %more, label %one, label %done
one:
{body}
  %{k}_next = add i64 %{k}, 1
  br label %test
done:
"""


class Lines:
    """Lines of IR about vectors of one width: ``$V`` is the vector, ``$B`` its bits, ``$I`` integers, ``$S`` the
    suffix of intrinsics."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.vector, self.bits, self.suffix = types_of(width)
        self.lines: list[str] = []

    def add(self, *lines: str) -> None:
        """Append lines."""
        self.lines += lines

    def for_each(self, places: Iterable[tuple[int, int]], line: Callable[[str], list[str]]) -> None:
        """Lines for every place (row, column) of a tile; they are given its name."""
        for r, v in places:
            self.add(*line(f"{r}_{v}"))

    def spread(self, name: str, kind: str, value: str) -> None:
        """A vector that has `value` everywhere."""
        vector = {"double": "$V", "i64": "$I", "i1": "$B"}[kind]
        zeros = f"<{self.width} x i32> zeroinitializer"
        self.add(
            f"%{name}_first = insertelement {vector} poison, {kind} {value}, i32 0",
            f"%{name} = shufflevector {vector} %{name}_first, {vector} poison, {zeros}",
        )

    def mask(self, name: str, start: int, count: str) -> None:
        """Which of the numbers from `start` on are among the first `count`; that is a vector."""
        places = ", ".join(f"i64 {start + i}" for i in range(self.width))
        self.add(f"%{name} = icmp slt $I <{places}>, {count}")

    def masked_load(self, name: str, at: str, mask: str) -> None:
        """A vector, 0 where it is masked."""
        self.add(f"%{name} = call $V @llvm.masked.load.$S.p0(ptr {at}, i32 8, $B {mask}, $V zeroinitializer)")

    def fma(self, name: str, a: str, b: str, c: str) -> None:
        """a b + c."""
        self.add(f"%{name} = call $V @llvm.fma.$S($V {a}, $V {b}, $V {c})")

    def clamped(self, name: str, base: str, index: int, count: str, step: str) -> None:
        """The address of row `index`, or of the last one if there are fewer."""
        self.add(
            f"%{name}_is = icmp slt i64 {index}, %{count}",
            f"%{name}_last = sub i64 %{count}, 1",
            f"%{name}_index = select i1 %{name}_is, i64 {index}, i64 %{name}_last",
            f"%{name}_offset = mul i64 %{name}_index, %{step}",
            f"%{name} = getelementptr i8, ptr %{base}, i64 %{name}_offset",
        )

    def in_full(self, text: str) -> str:
        """Text with the types of these vectors."""
        return (
            text.replace("$V", self.vector)
            .replace("$B", self.bits)
            .replace("$I", f"<{self.width} x i64>")
            .replace("$S", self.suffix)
        )

    def __str__(self) -> str:
        return self.in_full("\n".join(self.lines))
