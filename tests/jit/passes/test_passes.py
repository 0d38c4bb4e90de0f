"""Each pass alone: what it removes, and that it changes no bit of any result."""

from __future__ import annotations

import itertools
import math
import struct

import pytest

import autograd_core as ag
from autograd_core.jit.backends.source import python
from autograd_core.jit.ir.program import Constant, Guard, Input, Output, Program, Step
from autograd_core.jit.passes import optimised
from autograd_core.jit.passes.decide_guards import decide_guards
from autograd_core.jit.passes.drop_dead import drop_dead
from autograd_core.jit.passes.fold_constants import fold_constants
from autograd_core.jit.passes.rewriting import rewritten
from autograd_core.jit.passes.share_equal import share_equal
from autograd_core.jit.passes.use_identities import use_identities
from autograd_core.ops import TABLE

X, Y = Input("x", 0, 0), Input("y", 0, 1)
ADD, SUB, MUL, DIV, NEG, WHERE, LESS, SQRT = (
    TABLE[name] for name in ("add", "sub", "mul", "div", "neg", "where", "less", "sqrt")
)
SPECIAL = [0.1, 3.7, 0.0, -0.0, 1.0, -1.5, math.inf, -math.inf, math.nan, 5e-324, 1e308, -1e-300]


def of(*nodes: object, output: int = -1) -> Program:
    """x, y, then `nodes`; the last one is the output."""
    every = [X, Y, *nodes]
    return Program(every, [Output(output % len(every), 0, 0)])


def bits(program: Program) -> list[tuple[str, bytes]]:
    """The results of a program for all pairs of special values, to the last bit."""
    import numpy as np

    executable, sinks, found = python.compile(program), [np.empty(1)], []
    for x, y in itertools.product(SPECIAL, repeat=2):
        executable.run([np.array([x, y])], [], sinks, None, 1)
        found.append((f"{x}, {y}", b"nan" if math.isnan(sinks[0][0]) else struct.pack("d", sinks[0][0])))
    return found


IDENTITIES = [
    ("x · 1", of(Constant(1.0), Step(MUL, (0, 2))), 0),
    ("1 · x", of(Constant(1.0), Step(MUL, (2, 0))), 0),
    ("x · -1", of(Constant(-1.0), Step(MUL, (0, 2))), 1),
    ("x / 1", of(Constant(1.0), Step(DIV, (0, 2))), 0),
    ("x / 4", of(Constant(4.0), Step(DIV, (0, 2))), 1),
    ("x - 0", of(Constant(0.0), Step(SUB, (0, 2))), 0),
    ("x + -0", of(Constant(-0.0), Step(ADD, (0, 2))), 0),
    ("--x", of(Step(NEG, (0,)), Step(NEG, (2,))), 0),
    ("x + -y", of(Step(NEG, (1,)), Step(ADD, (0, 2))), 1),
    ("-x + y", of(Step(NEG, (0,)), Step(ADD, (2, 1))), 1),
    ("x - -y", of(Step(NEG, (1,)), Step(SUB, (0, 2))), 1),
    ("-x · -y", of(Step(NEG, (0,)), Step(NEG, (1,)), Step(MUL, (2, 3))), 1),
    ("-x / -y", of(Step(NEG, (0,)), Step(NEG, (1,)), Step(DIV, (2, 3))), 1),
    ("-x + -y", of(Step(NEG, (0,)), Step(NEG, (1,)), Step(ADD, (2, 3))), 2),
    ("where(x, y, y)", of(Step(WHERE, (0, 1, 1))), 0),
    ("where(2, x, y)", of(Constant(2.0), Step(WHERE, (2, 0, 1))), 0),
]
REFUSED = [
    ("x + 0", of(Constant(0.0), Step(ADD, (0, 2)))),
    ("0 - x", of(Constant(0.0), Step(SUB, (2, 0)))),
    ("x · 0", of(Constant(0.0), Step(MUL, (0, 2)))),
    ("x / 3", of(Constant(3.0), Step(DIV, (0, 2)))),
    ("x / 0", of(Constant(0.0), Step(DIV, (0, 2)))),
    ("x - x", of(Step(SUB, (0, 0)))),
    ("x / x", of(Step(DIV, (0, 0)))),
    ("-(x - y)", of(Step(SUB, (0, 1)), Step(NEG, (2,)))),
    ("(x + y) + 3", of(Constant(3.0), Step(ADD, (0, 1)), Step(ADD, (3, 2)))),
]


@pytest.mark.parametrize(("name", "program", "steps"), IDENTITIES, ids=[name for name, *_ in IDENTITIES])
def test_identities_save_steps_and_change_no_bit(name: str, program: Program, steps: int) -> None:
    simpler = drop_dead(rewritten(program, use_identities))
    assert len(simpler.steps) == steps
    assert bits(simpler) == bits(program)


@pytest.mark.parametrize(("name", "program"), REFUSED, ids=[name for name, _ in REFUSED])
def test_what_is_only_true_of_real_numbers_is_not_done(name: str, program: Program) -> None:
    assert optimised(program) == program


def test_constants_are_folded_as_the_eager_engine_computes_them() -> None:
    program = of(Constant(0.1), Constant(0.2), Step(ADD, (2, 3)), Step(SQRT, (4,)), Step(MUL, (0, 5)))
    folded = drop_dead(rewritten(program, fold_constants))
    assert [node.value for node in folded.nodes if isinstance(node, Constant)] == [math.sqrt(0.1 + 0.2)]
    assert rewritten(of(Constant(-1.0), Step(SQRT, (2,))), fold_constants).nodes[-1] == Constant(math.nan)


def test_equal_steps_are_shared_whatever_the_order_of_a_sum() -> None:
    program = of(
        Step(ADD, (0, 1)),
        Step(ADD, (1, 0)),
        Step(SUB, (0, 1)),
        Step(SUB, (1, 0)),
        Step(MUL, (2, 3)),
        Step(MUL, (4, 5)),
        Step(ADD, (6, 7)),
    )
    assert len(rewritten(program, share_equal).steps) == 6


def test_dead_steps_go_and_inputs_stay() -> None:
    program = drop_dead(of(Step(SQRT, (0,)), Step(ADD, (0, 1)), Step(SQRT, (3,)), output=3))
    assert [step.op for step in program.steps] == [ADD]
    assert program.inputs == [X, Y]


def test_guards_on_constants_are_decided_and_equal_ones_are_one() -> None:
    nodes = [X, Constant(0.0), Step(LESS, (0, 1)), Constant(1.0)]
    guards = [Guard(2, True, "a:1"), Guard(3, True, "a:2"), Guard(2, True, "a:3"), Guard(2, False, "a:4")]
    kept = decide_guards(Program(nodes, [Output(0, 0, 0)], guards)).guards
    assert [guard.place for guard in kept] == ["a:1", "a:4"]


def test_a_python_sum_over_points_is_one_sum_over_the_lanes_and_its_derivative_one_spread() -> None:
    import numpy as np

    def loss(w: ag.Value, xs: object) -> ag.Value:
        return sum(ag.vmap(lambda x: (w * x) ** 2)(xs)) / 5.0

    program = ag.jit(ag.value_and_grad(loss)).program(2.0, np.arange(5.0))
    names = [step.op.name for step in program.steps]
    assert "pick" not in names
    assert "place" not in names
    assert names.count("lane_sum") == 2
