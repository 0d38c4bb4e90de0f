"""The plain way: a compiled function's answer by the function itself, for calls that no program answers.

It is called as it would be without a compiler, on the numbers that were given. Where Python's own arithmetic refuses
what IEEE arithmetic answers (1.0 / 0.0), or the function asks for more than a float has (``x.sin()``), it is called on
Values.
"""

from __future__ import annotations

import numpy as np

from ..containers import is_array, with_children
from ..op import quiet
from ..value import Value, as_number
from .arrays import as_objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["plainly"]


def plainly(f: Callable[..., Any], args: Sequence[Any], named: dict[str, Any]) -> Any:
    """f(*args, **named), as floats and arrays of floats, under IEEE arithmetic.

    >>> plainly(lambda x, a: (1.0 / x, x * a), [0.0, np.array([1.0, 2.0])], {})
    (inf, array([0., 0.]))
    """
    with quiet(), np.errstate(all="ignore"):
        try:
            return _lowered(f(*args, **named))
        except (ArithmeticError, ValueError, TypeError, AttributeError):
            return _lowered(f(*map(_lifted, args), **{name: _lifted(x) for name, x in named.items()}))


def _lifted(x: Any) -> Any:
    """`x` with Values in place of its floats."""
    if isinstance(x, float):
        return Value(x)
    if is_array(x) and x.dtype.kind in "fiu":
        return as_objects([Value(float(e)) for e in x.flat], x.shape)
    return with_children(x, lambda _, child: _lifted(child))


def _lowered(x: Any) -> Any:
    """`x` with floats in place of its Values and of all other numbers."""
    if isinstance(x, Value):
        return x._data
    if is_array(x):
        return np.array([_lowered(e) for e in x.flat], dtype=float).reshape(x.shape)
    return with_children(x, lambda _, child: _lowered(child)) if isinstance(x, (dict, list, tuple)) else as_number(x)
