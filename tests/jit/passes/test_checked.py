"""What a broken pass is told, by name: it is refused by `checked`, shown by `explain`, and fails a test of the compiler."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from jit.support import checked_passes

import autograd_core as ag
from autograd_core.errors import ProgramError
from autograd_core.jit import passes
from autograd_core.jit.ir.program import Constant, Guard, Input, Output, Program, Step
from autograd_core.jit.passes.decide_guards import decide_guards
from autograd_core.jit.passes.drop_dead import drop_dead
from autograd_core.jit.passes.rewriting import rewritten


def f(xs: Any, y: Any) -> Any:
    """Of this function's program everything can be broken: two sinks, a guard, a lane axis."""
    return [ag.vmap(lambda x: x * y)(xs), y * y if y > 0.0 else -y, ag.sin(y)]


ARGS = [1.0, 2.0, 3.0], 2.0


def broken(**parts: Callable[[Program], Any]) -> Callable[..., Any]:
    """A pass that replaces parts of the program and validates nothing, as passes do."""

    def breaks(program: Program, lengths: Any) -> Program:
        old = {name: getattr(program, name) for name in ("nodes", "outputs", "guards", "axes")}
        return Program.of_valid_parts(**old | {name: part(program) for name, part in parts.items()})

    return breaks


def last_step(args: Callable[[int], tuple[Any, ...]]) -> Callable[..., Any]:
    """A pass that gives the last node, a step of one input, other inputs; they may depend on its own position."""

    def nodes(program: Program) -> Any:
        i = max(i for i, node in enumerate(program.nodes) if isinstance(node, Step) and node.op is ag.sin)
        return [*program.nodes[:i], Step(ag.sin, args(i)), *program.nodes[i + 1 :]]

    return broken(nodes=nodes)


def to(out: Output, **changed: Any) -> Output:
    return Output(**{name: getattr(out, name) for name in ("node", "sink", "offset", "stride", "axis")} | changed)


def raises(program: Program, lengths: Any) -> Program:
    return program.nodes[len(program.nodes)]  # type: ignore[return-value]


def gives_nothing(program: Program, lengths: Any) -> Any:
    drop_dead(program)


def gives_truth(program: Program, lengths: Any) -> Program:
    return rewritten(program, lambda builder, step: step.op is ag.mul)


BROKEN = [
    (raises, "raised IndexError: tuple index out of range"),
    (gives_nothing, "gave None instead of a program"),
    (gives_truth, "refers to a node by True instead of its position"),
    (last_step(lambda i: (i,)), "uses a node that does not come before it"),
    (last_step(lambda i: (i + 1,)), "uses a node that does not come before it"),
    (last_step(lambda i: (0, 0)), "sin takes 1 inputs, got 2"),
    (broken(outputs=lambda p: [*p.outputs[:-1], to(p.outputs[-1], node=len(p.nodes))]), "is not among the"),
    (broken(axes=lambda p: 0), "along lane axis 0, but the program has 0"),
    (broken(axes=lambda p: 2), "changed the number of lane axes from 1 to 2"),
    (broken(nodes=lambda p: [Constant(0.0), *p.nodes[1:]]), "changed the inputs"),
    (broken(outputs=lambda p: p.outputs[:-1]), "changed the outputs"),
    (broken(outputs=lambda p: p.outputs[::-1]), "changed the outputs"),
    (broken(outputs=lambda p: [to(out, offset=out.offset + 1) for out in p.outputs]), "changed the outputs"),
    (broken(guards=lambda p: ()), "changed the guards"),
    (broken(guards=lambda p: [Guard(g.node, not g.expected, g.place) for g in p.guards]), "changed the guards"),
    (broken(guards=lambda p: [*p.guards, *p.guards]), "changed the guards"),
]


@pytest.mark.parametrize(("run", "complaint"), BROKEN)
def test_a_broken_pass_is_refused_by_name(run: Any, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = passes.PASSES
    monkeypatch.setattr(passes, "PASSES", ())
    program = ag.jit(f, backend="python").program(*ARGS)
    with pytest.raises(ProgramError, match=f"^the pass {run.__name__} .*{re.escape(complaint)}"):
        passes.checked(run, program, [3])

    monkeypatch.setattr(passes, "PASSES", (*before, run, drop_dead))
    *_, last = ag.jit(f, backend="python").explain(*ARGS)
    assert last[0] == run.__name__
    assert re.match(f"the pass {run.__name__} .*{re.escape(complaint)}", last[1])
    with checked_passes(), pytest.raises(AssertionError, match=f"the pass {run.__name__} "):
        ag.jit(f, backend="python").program(*ARGS)


def test_a_broken_pass_is_explained_and_no_program_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "PASSES", (*passes.PASSES, raises, drop_dead))
    compiled = ag.jit(lambda x: ag.sin(x) * 1.0)
    assert [name for name, _ in compiled.explain(0.5)] == ["trace", *[run.__name__ for run in passes.PASSES[:-1]]]
    assert compiled.report() == "not called yet"


def test_guards_that_are_known_to_hold_may_go() -> None:
    asked, place = Step(ag.less, (0, 0)), "here"
    x = Input("x", 0, 0)
    repeated = Program([x, asked], [Output(0, 0, 0)], [Guard(1, False, place), Guard(1, False, "there")])
    assert len(passes.checked(decide_guards, repeated, ()).guards) == 1
    known = Program([x, Constant(0.0)], [Output(0, 0, 0)], [Guard(1, False, place)])
    assert passes.checked(decide_guards, known, ()).guards == ()


def test_a_valid_pass_is_not_refused() -> None:
    with checked_passes():
        assert ag.jit(f, backend="python")(*ARGS)[1:] == [4.0, ag.sin(2.0)]
