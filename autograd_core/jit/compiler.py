"""The compiler on one page: from a function to an executable.

    trace     a run of the function on Values leaves its graph, as a program        trace/, ir/from_graph
    passes    smaller programs with the same results, one after the other           passes/: `PASSES`
    lower     every op in primitives, which machines have                           passes/lower
    plan      loops, products of matrices, and the layout of memory                 plan/
    emit      text of a source language, or LLVM's IR, which becomes machine code   backends/

`explained` prints the program after each stage, from what runs: the passes from their list, the rest from the
executable that a backend has made. The backend calls `lower` and `plan`, since not every one needs both.
"""

from __future__ import annotations

from functools import lru_cache

from ..errors import ProgramError
from . import backends, passes
from .runtime.collector import without_collections
from .runtime.once import making

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .backends import Backend, Executable
    from .ir.program import Program

__all__ = ["Stages", "compiled", "explained"]


def compiled(program: Program, backend: str | Backend) -> Executable:
    """The executable of `program` by a backend; equal programs are compiled once in a process."""
    with making:
        found: Executable = without_collections(_compiled, program, backend)
        return found


@lru_cache(maxsize=512)
def _compiled(program: Program, backend: str | Backend) -> Executable:
    return backends.get(backend).compile(program)


class Stages:
    """The stages of a compilation, as names and texts in order; ``explanation["plan"]`` is the text of one."""

    def __init__(self, stages: Sequence[tuple[str, str]]) -> None:
        self.stages = list(stages)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.stages)

    def __getitem__(self, name: str) -> str:
        return dict(self.stages)[name]

    def __str__(self) -> str:
        return "\n".join(
            [f"== {name} {text}" if text == AS_BEFORE else f"== {name}\n{text.rstrip()}" for name, text in self.stages]
        )

    __repr__ = __str__


AS_BEFORE = "(as before)"


def explained(program: Program, lengths: Sequence[int], backend: str | Backend) -> Stages:
    """The program after every stage, from a traced one whose lane axes have `lengths` points, as text.

    The passes are `checked`; what is wrong with one is its stage, the last.
    """
    before = str(program)
    stages = [("trace", before)]
    for run in passes.PASSES:
        try:
            program = passes.checked(run, program, lengths)
        except ProgramError as error:
            return Stages([*stages, (run.__name__, str(error))])
        text = str(program)
        stages.append((run.__name__, AS_BEFORE if text == before else text))
        before = text
    executable = compiled(program, backend)
    last = executable.explained() if hasattr(executable, "explained") else [("source", executable.source)]
    return Stages([*stages, *last])
