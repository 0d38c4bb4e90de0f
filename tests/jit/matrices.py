"""What the tests of matrices share: a function computed with all that are found in it, and what counts as close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core.containers import flatten
from autograd_core.jit.backends.llvm import executable as llvm
from autograd_core.jit.plan import ALL, find
from autograd_core.jit.plan.blocks import Product


def by_arrays(f: Callable[..., Any], *args: Any) -> tuple[Any, Any]:
    """f(*args) computed with all matrices that can be found in it, however small, and what was found."""
    compiled = ag.jit(f)
    compiled(*args)
    (path,) = next(iter(compiled.kinds.values())).known
    path.executable = llvm.compile(path.program, ALL)
    compiled._quick = None
    found = find(path.program, ALL)
    assert path.executable.plan.has_products is (found is not None)
    return compiled(*args), found


def products(found: Any) -> list[tuple[str, int, int, int]]:
    """(role, rows, columns, terms) of all products but sums over lanes, sorted; which side is left does not count."""
    blocks = [] if found is None else [block for block in found.blocks if isinstance(block, Product)]
    some = [block for block in blocks if not block.is_plain_sum]
    return sorted([(str(block.role), *sorted(block.shape), len(block.left[0])) for block in some])


def assert_close(found: Any, expected: Any) -> None:
    """To 1e-12 of the largest number."""
    a, b = np.array(flatten(found)), np.array(flatten(expected))
    assert a.shape == b.shape
    assert np.abs(a - b).max() <= 1e-12 * np.abs(b).max()
