"""What an op's own rule gives for its derivative, so that it is found in equations and written σ'(z)."""

from __future__ import annotations

from functools import lru_cache

from ...jit.ir.program import Input, Step
from ..notation.written import Written
from .algebra import Expression, applied
from .factors import Applied, Given, Group, Prime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...op import Op
    from .factors import Factor

__all__ = ["derivative"]

X = Given(Written("x", "x"))


def derivative(op: Op, z: Factor, a: Factor) -> tuple[Expression, Factor] | None:
    """What σ's rule gives at z, σ(z) σ(-z) or whatever it is, and σ'(z), which that is; a is σ(z)."""
    found = _derivative(op)
    if found is None:
        return None
    at_z = _at(found, Expression.of(z))
    return _named(at_z, Applied(op, (Expression.of(z),)), a), Prime(op, Expression.of(z))


@lru_cache(maxsize=64)
def _derivative(op: Op) -> Expression | None:
    """The derivative of an op of one input at x, as its rule has it; None if that is no product."""
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
            written.append(applied(node.op, [written[a] for a in node.args]))
        else:
            written.append(Expression.of(X) if isinstance(node, Input) else Expression.number(node.value))
    found = written[program.outputs[0].node]
    return found if len(found.terms) == 1 and next(iter(found.terms)) else None


def _at(expression: Expression, x: Expression) -> Expression:
    """`expression` with another expression in place of x."""
    total = Expression([])
    for factors, number in expression.terms.items():
        term = Expression.number(number)
        for factor in factors:
            term = term * (x if factor == X else Expression.of(_factor_at(factor, x)))
        total = total + term
    return total


def _factor_at(factor: Factor, x: Expression) -> Factor:
    match factor:
        case Applied(op, operands):
            return Applied(op, tuple([_at(operand, x) for operand in operands]))
        case Group(whole):
            return Group(_at(whole, x))
    return factor


def _named(expression: Expression, factor: Factor, name: Factor) -> Expression:
    """`expression` with a name in place of a factor."""
    return Expression(
        [(tuple([name if f == factor else f for f in factors]), number) for factors, number in expression.terms.items()]
    )
