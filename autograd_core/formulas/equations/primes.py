"""Derivatives of activations recognised: what an op's own rule computes is found in equations and written σ'(z)."""

from __future__ import annotations

from functools import lru_cache

from ...jit.ir.program import Input, Step
from ..algebra.by_elements import by_elements
from ..algebra.expressions import Applied, Prime, Symbol, of_atom
from ..algebra.normal_form import number, renamed
from ..notation.written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...op import Op
    from ..algebra.expressions import Atom, Expression

__all__ = ["derivative"]

X = Symbol(Written("x", "x"))


def derivative(op: Op, z: Atom, a: Atom) -> tuple[Expression, Atom] | None:
    """The expression that σ's rule computes at z, σ(z) σ(-z) or another, and the atom σ'(z) for it; a is σ(z)."""
    found = _derivative(op)
    if found is None:
        return None
    at_z = renamed(renamed(found, {X: z}), {Applied(op, (of_atom(z),)): a})
    return at_z, Prime(op, of_atom(z))


@lru_cache(maxsize=64)
def _derivative(op: Op) -> Expression | None:
    """The derivative of an op of one input at x, as its rule has it; None if it is no product."""
    from ...jit.passes import optimised
    from ...jit.trace.tracer import Trace
    from ...transforms import grad
    from ...value import Value

    x = Value(0.5)
    trace = Trace({x: Input("x", 0, 0)}, [])
    result = trace.record(grad(op), x)
    program = optimised(trace.program([(result, 0, 0, 0, None)]))
    written: list[Expression] = []
    for node in program.nodes:
        if isinstance(node, Step):
            written.append(by_elements(node.op, [written[a] for a in node.args]))
        else:
            written.append(of_atom(X) if isinstance(node, Input) else number(node.value))
    found = written[program.outputs[0].node]
    return found if len(found.terms) == 1 and found.constant is None else None
