"""What the tests of jit share: the backends, what counts as the same answer, and the eager engine's answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any
from unittest.mock import patch

import numpy as np

from autograd_core import Value
from autograd_core.containers import is_array, is_container, map_elements, with_children
from autograd_core.errors import ProgramError
from autograd_core.jit import passes
from autograd_core.jit.backends import MODULES
from autograd_core.jit.ir.program import Program
from autograd_core.op import quiet
from autograd_core.value import data_of

EXTERNAL = {"c": "c_compiler", "javascript": "node"}
"""The backends that run another program for each of ours, which is slow, and the fixture of that program: `conftest`
asks for it, and marks slow, wherever a test has such a ``backend`` among its parameters."""

BACKENDS = [name for name in MODULES if name not in EXTERNAL]
"""Every backend that all tests loop over."""

ALL_BACKENDS = [*BACKENDS, *EXTERNAL]
"""For the loops over the tables of ops, transformations, branches and maps."""


def tolerances(exact: Any, machine: Any) -> dict[str, Any]:
    """By backend: `exact` for python, whose steps are those of the eager engine, and `machine` for all others."""
    return {name: exact if name == "python" else machine for name in ALL_BACKENDS}


TOLERANCE = tolerances(0.0, 1e-13)
"""Relative; 0.0 stands for "the same to the last bit"."""

DENORMAL = 1e-322
"""What a result may differ by absolutely where the tolerance is not 0: a few of the smallest denormals."""


def checked_passes() -> Any:
    """A context in which every pass is `checked`, wherever a function is compiled; a broken one fails the test."""

    def asserted(run: Any, program: Program, lengths: Sequence[int]) -> Program:
        try:
            return passes.checked(run, program, lengths)
        except ProgramError as error:
            raise AssertionError(str(error)) from error

    return patch.object(passes, "PASSES", tuple([wraps(run)(partial(asserted, run)) for run in passes.PASSES]))


def eager(f: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """f(*args, **named) by the eager engine, which follows IEEE here as compiled programs do."""
    with quiet():
        return f(*args, **named)


def on_values(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` of plain numbers, run on Values: Python's own floats and NumPy's refuse 1.0 / 0.0 or warn where Values obey."""
    return lambda *xs: map_elements(lambda y: y.data if isinstance(y, Value) else y, f(*map(Value, xs)))


def numbers_of(result: Any) -> Any:
    """A result with the numbers of its Values in their place: what depends on a captured Value is one."""
    return with_children(result, lambda _, child: numbers_of(child)) if is_container(result) else data_of(result)


def then(f: Callable[..., Any], *args: Any) -> Any:
    """f(*args): gives names to intermediate results inside an expression."""
    return f(*args)


def is_same(found: float, expected: float, rel: float = 0.0, atol: float = 0.0) -> bool:
    """Whether two floats are the same up to `rel`; nan is nan, and zeros and infinities have their signs."""
    if found != found or expected != expected:
        return found != found and expected != expected
    has_zero = found == 0.0 or expected == 0.0
    if has_zero and not atol and math.copysign(1.0, found) != math.copysign(1.0, expected):
        return False
    if found == expected:
        return True
    if not rel or math.isinf(found) or math.isinf(expected):
        return False
    return abs(found - expected) <= rel * abs(expected) + max(DENORMAL, atol)


def assert_same(found: Any, expected: Any, rel: float = 0.0, atol: float = 0.0, where: str = "result") -> None:
    """Both nest in the same way, in containers of the same kinds, and hold the same floats."""
    if is_array(expected):
        assert is_array(found), f"{where}: {type(found).__name__} in place of an array"
        assert found.shape == expected.shape, f"{where}: shape {found.shape} in place of {expected.shape}"
        assert found.dtype == np.float64, f"{where}: dtype {found.dtype}"
        for i, (a, b) in enumerate(zip(found.ravel().tolist(), expected.ravel().tolist(), strict=True)):
            assert is_same(a, b, rel, atol), f"{where}.flat[{i}]: found {a!r}, expected {b!r}"
        return
    kind = (
        float if isinstance(expected, np.float64) else type(expected)
    )  # eagerly NumPy's functions give NumPy's scalars
    assert type(found) is kind, f"{where}: found {type(found).__name__}, expected {kind.__name__}"
    if isinstance(expected, dict):
        assert list(found) == list(expected), where
        for key in expected:
            assert_same(found[key], expected[key], rel, atol, f"{where}[{key!r}]")
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected), f"{where}: {len(found)} elements in place of {len(expected)}"
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            assert_same(a, b, rel, atol, f"{where}[{i}]")
    else:
        assert kind is float, f"{where}: the eager engine gave a {kind.__name__}"
        assert is_same(found, expected, rel, atol), f"{where}: found {found!r}, expected {expected!r}"


def programs_of(compiled: Any) -> int:
    """How many programs a compiled function has, as its report tells."""
    return sum([line.startswith("  program ") for line in compiled.report().splitlines()])
