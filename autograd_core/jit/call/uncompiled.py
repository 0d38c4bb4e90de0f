"""The eager fallback: a compiled function's answer by the function itself, for calls that no program answers.

The function is called as it would be without a compiler, on copies of the arguments: one that is traced writes to none
of its arguments either. Where Python's own arithmetic refuses what IEEE arithmetic answers (1.0 / 0.0), or the function
asks for more than a float has (``x.sin()``), the call is repeated on Values.
"""

from __future__ import annotations

import numpy as np

from ...containers import is_array, is_container, is_whole, with_children
from ...graph import ancestors
from ...op import quiet
from ...value import Value, as_number, data_of
from ..trace.lazy_arrays import as_objects, copied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["plainly"]


def plainly(f: Callable[..., Any], args: Sequence[Any], named: dict[str, Any]) -> Any:
    """f(*args, **named), as floats, arrays of floats, and Values where it depends on one that `f` finds outside.

    >>> plainly(lambda x, a: (1.0 / x, x * a), [0.0, np.array([1.0, 2.0])], {})
    (inf, array([0., 0.]))
    """
    lifted: set[Value] = set()
    with quiet(), np.errstate(all="ignore"):
        try:
            return _lowered(f(*map(copied, args), **{name: copied(x) for name, x in named.items()}), lifted)
        except (ArithmeticError, ValueError, TypeError, AttributeError):
            values = [_lifted(x, lifted) for x in args]
            return _lowered(f(*values, **{name: _lifted(x, lifted) for name, x in named.items()}), lifted)


def _lifted(x: Any, lifted: set[Value]) -> Any:
    """`x` with Values in place of its floats; they are added to `lifted`."""
    if isinstance(x, float):
        value = Value(x)
        lifted.add(value)
        return value
    if is_array(x) and x.dtype.kind in "fiu":
        return as_objects([_lifted(float(e), lifted) for e in x.flat], x.shape)
    return with_children(x, lambda _, child: _lifted(child, lifted))


def _lowered(x: Any, lifted: set[Value]) -> Any:
    """`x` with floats in place of all other numbers, and of Values that depend on `lifted` leaves alone."""
    if isinstance(x, Value):
        return x if any([not node.inputs and node not in lifted for node in ancestors(x)]) else x._data
    if is_array(x):
        return np.array([data_of(e) for e in x.flat], dtype=float).reshape(x.shape)
    if is_container(x):
        return with_children(x, lambda _, child: _lowered(child, lifted))
    return x if is_whole(x) else as_number(x)
