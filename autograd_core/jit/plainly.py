"""The plain way: a compiled function's answer by the eager engine, on Values, under IEEE arithmetic.

For calls that no program answers: what is computed is what the function says, operation by operation.
"""

from __future__ import annotations

import numpy as np

from ..containers import is_array, with_children
from ..op import quiet
from ..tracing import state
from ..value import Value
from .arrays import as_objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["plainly"]


def plainly(f: Callable[..., Any], args: Sequence[Any], named: dict[str, Any]) -> Any:
    """f(*args, **named), computed on Values and returned as floats and arrays of floats.

    >>> plainly(lambda x, a: (1.0 / x, x * a), [0.0, np.array([1.0, 2.0])], {})
    (inf, array([0., 0.]))
    """
    state.recordings += 1
    try:
        with quiet():
            result = f(*map(_lifted, args), **{name: _lifted(x) for name, x in named.items()})
    finally:
        state.recordings -= 1
    return _lowered(result)


def _lifted(x: Any) -> Any:
    """`x` with Values in place of its floats."""
    if isinstance(x, float):
        return Value(x)
    if is_array(x) and x.dtype.kind in "fiu":
        return as_objects([Value(float(e)) for e in x.flat], x.shape)
    return with_children(x, lambda _, child: _lifted(child))


def _lowered(x: Any) -> Any:
    if isinstance(x, Value):
        return x._data
    if is_array(x):
        return np.array([e._data if isinstance(e, Value) else float(e) for e in x.flat], dtype=float).reshape(x.shape)
    return with_children(x, lambda _, child: _lowered(child))
