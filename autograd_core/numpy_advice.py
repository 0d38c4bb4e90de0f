"""Advice where a function of NumPy or SciPy computes with floats only and meets Values.

NumPy looks at the dtype of an array of Values, never at its elements, so that no Value can answer: np.linalg.det fails
with "Cannot cast ufunc 'det' input from dtype('O')". Transformations run their function and say what that means.
"""

from __future__ import annotations

import re
from traceback import walk_tb

from .errors import AutogradError, LeavesGraphError, OpError
from .ops import FUNCTIONS, TABLE, numpy_names
from .synonyms import instead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["refuse_floats_only"]

ABOUT_OBJECTS = re.compile(
    r"dtype\('O'\)|numpy\.object_|not supported for the input types|no callable \w+ method"
    r"|'(float|int|complex|Value)' object has no attribute"
)
NO_INDICES = re.compile("arrays used as indices must be of integer|only integers, slices")
NAMED = re.compile(r"ufunc '(\w+)'|no callable (\w+) method|'(?:float|int)' object has no attribute '(\w+)'")


def refuse_floats_only(error: Exception) -> None:
    """Raise `OpError`, with what to write, if `error` is what NumPy or SciPy say of Values."""
    if isinstance(error, IndexError):
        if NO_INDICES.search(str(error)):
            raise OpError(
                f"NumPy says of numbers of the graph: {error!s:.120}. All elements of arrays and of batches are such. "
                "Whole numbers that stay whole are single ints, or, in a compiled function, arguments named in static="
            ) from error
        return
    leaves = isinstance(error, LeavesGraphError)  # the function has converted a Value itself
    if not leaves and (isinstance(error, AutogradError) or not ABOUT_OBJECTS.search(str(error))):
        return
    name = _function_called(error.__traceback__)
    if name is None and not leaves and (named := NAMED.search(str(error))):
        name = next(filter(None, named.groups()))
    advice = None if name is None else _advice(name)
    if advice is None and (name is None or leaves):
        return  # no more is known than the error says
    said = f"{error!s:.120}{'...' * (len(str(error)) > 120)}"
    advice = advice or "write it with the functions of autograd_core, or make it an op of your own: ag.Op"
    kind = LeavesGraphError if leaves else OpError
    raise kind(f"{name} computes with floats only and met Values; {advice} ({said})") from error


def _function_called(frames: TracebackType | None) -> str | None:
    """The function of NumPy or SciPy in which it happened: the first of theirs behind the user's line."""
    called = None
    for frame, _ in walk_tb(frames):
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        if package in ("numpy", "scipy"):
            called = called or frame.f_code.co_name
        elif package != "autograd_core":
            called = None
    return called


def _advice(name: str) -> str | None:
    if name not in {*FUNCTIONS, *numpy_names.__all__}:
        return instead(name, ())
    is_of_many = name in FUNCTIONS and (name not in TABLE or TABLE[name].is_nary)
    return f"use ag.{name}" + ("" if is_of_many else f", on arrays np.vectorize(ag.{name}, otypes=[object])")
