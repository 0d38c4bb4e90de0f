"""jit: scalars in, machine code out.

    call       one call: its arguments, the program that answers it, its result
    trace      one run of the function on Values, whose graph holds for other numbers too
    ir         the graph as a program;  passes: from program to program;  compiler: the stages on one page
    plan       loops, products of matrices, their order and the layout of memory
    backends   a program as Python source, as machine code (LLVM) or as C
    runtime    memory, threads, forks

These modules are loaded when a function is first compiled, except for `ir`: formulas attach their equations to the
class of programs.
"""

from __future__ import annotations

from ..errors import OpError, StructureError
from ..transforms import require_function
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .backends import Backend
    from .call.function import CompiledFunction

__all__ = ["jit"]


def jit(
    f: Callable[..., Any],
    backend: str | Backend = "llvm",
    threads: int | None = None,
    check_finite: bool = False,
    *,
    leaves: Iterable[Value] | None = None,
    static: str | int | Iterable[str | int] = (),
) -> CompiledFunction:
    """`f` compiled: traced by running it on Values, then run as machine code at the speed of C or better.

    Whatever works eagerly compiles: gradients, Hessians, `vmap`, users' own ops, nested containers and arrays.
    A Python ``if`` on an argument gives one program per outcome. Values that `f` finds outside are read at every call.
    Outside an op's domain results are inf or nan, as IEEE arithmetic has them. Side effects happen when `f` is traced,
    once per kind of arguments and way through its comparisons, not at every call.

    Floats and arrays among the arguments are traced, also those in lists, tuples, dicts, dataclasses and attrs classes.
    Whole numbers, bools, enums, texts, None and functions are static: `f` gets the very object, and another one is
    traced anew; float(n) shares one program. So are objects with attributes, also one that a method is bound to: at
    each call they are compared by the contents of their attributes. The elements of a bool array are conditions.

    Parameters
    ----------
    backend: "llvm" (machine code, through llvmlite), "python" (readable source, always there), or another source
        language of `autograd_core.jit.backends`; or an object of your own with ``compile(program)``.
    threads: over how many threads the points of a large batch are spread, by default one a core; results do not
        depend on it.
    check_finite: raise `NonFiniteError` at the first step that gives inf or nan, naming it and its operands.
    leaves: Values that `f` finds outside and whose numbers each call is given, as an array in front of the other
        arguments. Training keeps all parameters in one array this way, and writes no Value between steps; only while
        `f` is traced do they hold the call's numbers.
    static: names or positions of arguments that are compared by identity alone, as they cannot be compared by contents
        (a lock, a generator), or never change. "self" is what a method or a partial is bound to.

    >>> from autograd_core import grad, jit
    >>> f = jit(grad(lambda x: x**3), backend="python")
    >>> f(2.0), f(3.0)
    (12.0, 27.0)
    >>> from autograd_core import Value
    >>> w, b = Value(0.5), Value(0.0)
    >>> line = jit(lambda x: w * x + b, backend="python", leaves=[w, b])
    >>> line([2.0, 1.0], 10.0)
    21.0

    >>> power = jit(lambda x, n: x**n if n > 0 else 1.0, backend="python")
    >>> power(3.0, 2), power(3.0, 0)
    (9.0, 1.0)

    Raises `TracingError` for a function that cannot be compiled, `OpError` for an unknown backend or static parameter,
    `StructureError` for leaves that are not leaves, `NumberError` at a call for arguments that cannot be compared.
    """
    from . import backends
    from .call.function import CompiledFunction

    require_function(f, "jit")
    backend = backends.usable(backend)
    if threads is not None and (type(threads) is not int or threads < 1):
        raise OpError(f"threads must be a positive integer or None, got {threads!r}")
    distinct = None if leaves is None else _distinct_leaves(leaves)
    return CompiledFunction(f, backend, threads, check_finite, leaves=distinct, static=static)


def _distinct_leaves(leaves: Iterable[Value]) -> list[Value]:
    found = list(leaves)
    for i, x in enumerate(found):
        if not isinstance(x, Value) or x.inputs:
            raise StructureError(f"leaves must be Values that nothing computed, got {x!r:.60} at position {i}")
    if len(set(found)) != len(found):
        raise StructureError("the same Value is among the leaves twice; give each once")
    return found
