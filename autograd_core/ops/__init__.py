"""The op table: every op, once, by name.

`TABLE` is collected from the family modules; adding an op means adding its block to one of them. Ops of fixed
arity also become methods of `Value`, under their own name and NumPy's spelling of it, because ``np.sin(a)`` on an
array of Values calls the method of that name on each of them.
"""

from __future__ import annotations

from ..op import Op
from ..value import Number, Value
from . import activation, arithmetic, exponential, numpy_names, reduction, selection, special, trigonometric

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS", "TABLE"]

FAMILIES = (arithmetic, exponential, trigonometric, selection, reduction, activation, special)

TABLE: dict[str, Op] = {
    op.name: op for family in FAMILIES for name, op in vars(family).items() if isinstance(op, Op) and name[0] != "_"
}
"""Every op by its name, grouped by family."""

FUNCTIONS: dict[str, Callable[..., object]] = {
    **TABLE,
    "pow": numpy_names.pow,
    "power": numpy_names.pow,
    "round": numpy_names.round,
    "softmax": reduction.softmax,
    "log_softmax": reduction.log_softmax,
}
"""The functions that users call: the ops, and a few that are made of several."""

NUMPY_SPELLINGS = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "fabs": "abs",
    "rint": "round",
}


def _method(op: Op) -> Callable[..., Number]:
    def method(self: Value, *args: Number, **named: Number) -> Number:
        result: Number = op(self, *args, **named)
        return result

    method.__name__ = op.name
    method.__doc__ = f"The op `{op.name}` with this Value as its first input."
    return method


for _op in TABLE.values():
    # Not `where`, whose first input is a condition, nor ops whose first input is a constant: a Value cannot be that.
    if not _op.is_nary and _op is not selection.where and _op.input_names[0] not in _op.constants:
        setattr(Value, _op.name, _method(_op))
for _alias, _name in NUMPY_SPELLINGS.items():
    setattr(Value, _alias, getattr(Value, _name))
for _name, _function in numpy_names.METHODS.items():
    setattr(Value, _name, _function)
