"""The table of primitives, the ops that machines compute: for each its text, its LLVM code, and its cost.

All other ops are lowered to these by `autograd_core.jit.passes.lower`, or are called back. A new row is a new primitive
of every backend.
"""

from __future__ import annotations

from typing import NamedTuple

from ...op import Op
from ...ops import TABLE
from ...ops.selection import _fmod

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = ["PRIMITIVES", "Instruction", "Intrinsic", "LibraryFunction", "Primitive", "SciPyFunction", "Snippet"]


class Instruction(NamedTuple):
    """An instruction of LLVM, ``fadd`` for instance."""

    name: str


class Intrinsic(NamedTuple):
    """A function ``llvm.<name>`` that is one instruction of the machine."""

    name: str


class Snippet(NamedTuple):
    """LLVM code from the inputs %a, %b, %c to the result %y; $V is the type of a vector, $B that of a vector of bits,
    $S the suffix of intrinsics. For a single number $V is plain double."""

    text: str


class LibraryFunction(NamedTuple):
    """A function of the C library."""

    name: str


class SciPyFunction(NamedTuple):
    """A C function of doubles in ``scipy.special``."""

    name: str


Code: TypeAlias = "Instruction | Intrinsic | Snippet | LibraryFunction | SciPyFunction"


class Primitive:
    """A primitive: its text, its LLVM ``code``, and its ``cycles``.

    Text is the ``operator`` that most languages have, ``{} + {}``, or the name of the ``function`` in C's <math.h>; the
    writer of a language says how it calls such functions. Both are empty where there is neither.

    The cycles are measured reciprocal throughput and latency of a vector, by which `backends.llvm.schedule` orders
    steps: on another processor they cost time, never results. Functions that were not measured have the default."""

    __slots__ = ("arity", "code", "cycles", "function", "name", "operator")

    def __init__(self, op: Op, operator: str, function: str, code: Code, cycles: tuple[int, int] = (25, 60)) -> None:
        self.name, self.arity, self.operator, self.function = op.name, len(op.input_names), operator, function
        self.code, self.cycles = code, cycles


_INSTRUCTIONS: dict[str, tuple[str, str, Code, tuple[int, int]]] = {
    "add": ("{} + {}", "", Instruction("fadd"), (1, 4)),
    "sub": ("{} - {}", "", Instruction("fsub"), (1, 4)),
    "mul": ("{} * {}", "", Instruction("fmul"), (1, 4)),
    "div": ("{} / {}", "", Instruction("fdiv"), (16, 24)),
    "neg": ("-{}", "", Instruction("fneg"), (1, 4)),
    "sqrt": ("", "sqrt", Intrinsic("sqrt"), (20, 31)),
    "floor": ("", "floor", Intrinsic("floor"), (2, 8)),
    "ceil": ("", "ceil", Intrinsic("ceil"), (2, 8)),
    "trunc": ("", "trunc", Intrinsic("trunc"), (2, 8)),
    "round": ("", "rint", Intrinsic("roundeven"), (2, 8)),
    "abs": ("", "fabs", Snippet("%y = call $V @llvm.fabs.$S($V %a)"), (4, 10)),
    "copysign": ("", "copysign", Snippet("%y = call $V @llvm.copysign.$S($V %a, $V %b)"), (4, 10)),
    "fma": ("", "fma", Snippet("%y = call $V @llvm.fma.$S($V %a, $V %b, $V %c)"), (1, 4)),
    "less": ("{} < {}", "", Snippet("%t = fcmp olt $V %a, %b\n %y = uitofp $B %t to $V"), (4, 12)),
    "less_equal": ("{} <= {}", "", Snippet("%t = fcmp ole $V %a, %b\n %y = uitofp $B %t to $V"), (4, 12)),
    "equal": ("{} == {}", "", Snippet("%t = fcmp oeq $V %a, %b\n %y = uitofp $B %t to $V"), (4, 12)),
    "where": ("", "", Snippet("%t = fcmp une $V %a, zeroinitializer\n %y = select $B %t, $V %b, $V %c"), (4, 12)),
}
_LIBRARY = (
    "exp exp2 expm1 log log2 log10 log1p cbrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf erfc pow "
    "atan2 hypot lgamma"
)
_SCIPY = {"digamma": "psi", "erfinv": "erfinv", "norm_ppf": "ndtri", "log_norm_cdf": "log_ndtr"}
_CYCLES = {"exp": (20, 50), "log": (30, 60), "tanh": (50, 90)}


def _rows() -> dict[Op, Primitive]:
    found = {TABLE[name]: Primitive(TABLE[name], *row) for name, row in _INSTRUCTIONS.items()}
    for op, name in [*((TABLE[name], name) for name in _LIBRARY.split()), (TABLE["gamma"], "tgamma"), (_fmod, "fmod")]:
        found[op] = Primitive(op, "", name, LibraryFunction(name), _CYCLES.get(name, (25, 60)))
    for name, of_scipy in _SCIPY.items():
        found[TABLE[name]] = Primitive(TABLE[name], "", "", SciPyFunction(of_scipy))
    return found


PRIMITIVES = _rows()
