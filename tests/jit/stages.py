"""What the compiler makes of a function, stage after stage, for every backend and width: for goldens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from jit.support import EXTERNAL

import autograd_core as ag
from autograd_core.errors import ProgramError
from autograd_core.jit import backends, compiler
from autograd_core.jit.backends.llvm import executable

WIDTHS = 2, 4, 8
"""Of vectors, in float64: LLVM's text depends on nothing else of a machine."""


def stages(f: Callable[..., Any], *args: Any) -> Iterator[tuple[str, str]]:
    """(name, text) of every stage of ``ag.jit(f)`` at these arguments."""
    found = dict(_explained(f, args, WIDTHS[0]))
    texts = [found.pop("llvm"), *[_explained(f, args, width)["llvm"] for width in WIDTHS[1:]]]
    yield from found.items()
    compiled = ag.jit(f, backend="python")
    yield "python", compiled.explain(*args)["python"]
    for name in EXTERNAL:
        try:
            yield name, backends.get(name).text(compiled.program(*args))  # type: ignore[attr-defined]
        except ProgramError as error:
            yield name, f"refused: {error}"
    if len(set(texts)) == 1:
        yield "llvm", texts[0]
    else:
        yield from zip([f"llvm{width}" for width in WIDTHS], texts, strict=True)


def _explained(f: Callable[..., Any], args: Any, width: int) -> compiler.Stages:
    """With vectors of that width, whatever the machine has."""
    compiler._compiled.cache_clear()
    with patch.object(executable, "vector_width", return_value=width):
        found = ag.jit(f).explain(*args)
    compiler._compiled.cache_clear()
    return found
