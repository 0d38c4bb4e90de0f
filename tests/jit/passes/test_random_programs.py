"""No pass changes a bit of random programs, at ordinary numbers and special ones; wrong passes are seen to do so."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from marks import slow

import autograd_core as ag
from autograd_core.jit import passes
from autograd_core.jit.backends.source import python
from autograd_core.jit.ir.lane_ops import lane_sum, pick, spread
from autograd_core.jit.ir.program import Builder, Constant, Guard, Input, Node, Output, Program, Step, is_constant
from autograd_core.jit.passes.rewriting import rewritten

SPECIAL = [0.1, 3.7, 0.0, -0.0, 1.0, -1.5, math.inf, -math.inf, math.nan, 5e-324, 1e308, -1e-300]
PAIRS = np.array(list(itertools.product(SPECIAL, repeat=2)))
SEEDS = range(256)
OPS = ADD, SUB, MUL, DIV, NEG, WHERE, LESS = ag.add, ag.sub, ag.mul, ag.div, ag.neg, ag.where, ag.less


def random_program(seed: int) -> Program:
    """Random expressions of inputs, constants and what was computed last; every node is an output.

    The expressions are small: numbers stay ordinary ones, and rules find what they look for. The bits of the seed say
    whether there are guards, with the outcomes that they have at the first point; a lane axis; and dead steps.
    """
    random = Random(seed)
    has_guards, has_lanes, has_dead = (bool(seed & bit) for bit in (1, 2, 4))
    nodes: list[Node] = [Input("x", 0, 0), Input("y", 0, 1)]
    if has_lanes:
        nodes += [Input("xs", 1, 0, 1, 0), Input("ys", 2, 0, 1, 0)]
    inputs, is_along = len(nodes), [isinstance(node, Input) and node.axis is not None for node in nodes]
    nodes += map(Constant, (0.0, -0.0, 1.0, 2.0, 0.3))
    is_along += [False] * 5
    zero, two = inputs, inputs + 3

    def added(op: ag.Op, *args: int, along: bool) -> int:
        nodes.append(Step(op, args))
        is_along.append(along)
        return len(nodes) - 1

    def expression(depth: int) -> int:
        if depth == 0 or random.random() < 0.2:
            last = range(max(inputs, len(nodes) - 4), len(nodes))
            return random.choice(random.choices([range(inputs), range(inputs, inputs + 5), last], [6, 2, 2])[0])
        if has_lanes and random.random() < 0.2:
            arg = expression(depth - 1)
            if not is_along[arg]:
                return added(spread, arg, zero, along=True)
            if not has_guards:  # a sum over points is of all points: a guard leaves some out
                is_sum = random.random() < 0.5
                return added(lane_sum, arg, zero, along=False) if is_sum else added(pick, arg, two, zero, along=False)
        op = random.choice(OPS)
        args = [expression(depth - 1) for _ in op.input_names]
        return added(op, *args, along=any(is_along[a] for a in args))

    while len(nodes) < 40:
        expression(3)
    every = [Output(i, 1, i * len(PAIRS), 1, 0) if along else Output(i, 0, i) for i, along in enumerate(is_along)]
    outputs = random.sample(every, 8) if has_dead else every
    guards = []
    if has_guards:
        (single, points, _), *_ = results(Program(nodes, every, axes=int(has_lanes)))
        for i in random.choices(range(len(nodes)), k=3):
            guards.append(Guard(i, bool((points[i * len(PAIRS)] if is_along[i] else single[i]) != 0.0), f"line {i}"))
    return Program(nodes, outputs, guards, int(has_lanes))


def results(program: Program) -> list[tuple[Any, ...]]:
    """The numbers in both sinks for several points, and where guards along lanes hold; () where a single one fails."""
    executable, found = python.compile(program), []
    lanes = list(np.ascontiguousarray(PAIRS.T)) if program.axes else []
    for pair in PAIRS[::48] if lanes else PAIRS:
        single, points, holds = np.zeros(100), np.zeros((100 * program.axes, len(PAIRS))), np.ones(len(PAIRS))
        does_hold = executable.run([pair, *lanes], [len(PAIRS)] * program.axes, [single, points.reshape(-1)], holds, 1)
        found.append((single, np.where(holds, points, 0.0).ravel(), holds) if does_hold else ())
    return found


def bits(program: Program) -> tuple[list[int], bytes]:
    """The results to the last bit, but for the signs of nans."""
    found = results(program)
    numbers = np.concatenate([part for parts in found for part in parts] or [np.zeros(0)])
    return [len(parts) for parts in found], np.where(np.isnan(numbers), math.nan, numbers).tobytes()


def changed(seed: int) -> list[str]:
    """The names of the rules and passes that change a bit of a random program."""
    program = random_program(seed)
    lengths = [len(PAIRS)] * program.axes
    found = {rule.__name__: rewritten(program, rule) for rule in passes.OF_ONE_STEP}
    found |= {run.__name__: run(program, lengths) for run in passes.PASSES}
    found["optimised"] = passes.optimised(program, lengths)
    expected = bits(program)
    return [name for name, simpler in found.items() if bits(simpler) != expected]


@pytest.mark.parametrize("seed", slow(SEEDS, only=SEEDS[64:]))
def test_no_pass_changes_a_bit_of_a_random_program(seed: int) -> None:
    assert changed(seed) == []


WRONG: dict[str, tuple[Any, Any]] = {
    "-(x - y) = y - x": ((NEG, (SUB, "x", "y")), (SUB, "y", "x")),
    "-x + -y = -(x + y)": ((ADD, (NEG, "x"), (NEG, "y")), (NEG, (ADD, "x", "y"))),
    "(x + y) + z = x + (y + z)": ((ADD, (ADD, "x", "y"), "z"), (ADD, "x", (ADD, "y", "z"))),
    "(x * y) * z = x * (y * z)": ((MUL, (MUL, "x", "y"), "z"), (MUL, "x", (MUL, "y", "z"))),
    "(x - y) + y = x": ((ADD, (SUB, "x", "y"), "y"), "x"),
    "x + 0 = x": ((ADD, "x", 0.0), "x"),
    "x - x = 0": ((SUB, "x", "x"), 0.0),
    "0 x = 0": ((MUL, 0.0, "x"), 0.0),
    "x / x = 1": ((DIV, "x", "x"), 1.0),
    "x / y = x * (1 / y)": ((DIV, "x", "y"), (MUL, "x", (DIV, 1.0, "y"))),
    "where(x < y, u, v) = where(y < x, v, u)": (
        (WHERE, (LESS, "x", "y"), "u", "v"),
        (WHERE, (LESS, "y", "x"), "v", "u"),
    ),
    "a sum of equal numbers is a product": ((lane_sum, (spread, "x", 0.0), 0.0), (MUL, float(len(PAIRS)), "x")),
}
"""Rules that are true of real numbers: what is found, and what is put in its place. Texts are any nodes."""


def is_found(pattern: Any, builder: Builder, i: int, found: dict[str, int]) -> bool:
    """Whether node i is like the pattern; its texts are then in `found`."""
    if isinstance(pattern, str):
        return found.setdefault(pattern, i) == i
    if isinstance(pattern, float):
        return is_constant(builder.nodes, i, pattern)
    node, (op, *parts) = builder.nodes[i], pattern
    return isinstance(node, Step) and node.op is op and are_found(parts, builder, node.args, found)


def are_found(patterns: Any, builder: Builder, args: Any, found: dict[str, int]) -> bool:
    return all([is_found(part, builder, a, found) for part, a in zip(patterns, args, strict=True)])


def added(pattern: Any, builder: Builder, found: dict[str, int]) -> int:
    """The position of a pattern, which is added."""
    if isinstance(pattern, str):
        return found[pattern]
    if isinstance(pattern, float):
        return builder.constant(pattern)
    op, *parts = pattern
    return builder.add(Step(op, tuple([added(part, builder, found) for part in parts])))


def of_rule(pattern: Any, instead: Any) -> Callable[..., Program]:
    """The pass of one rule."""

    def rule(builder: Builder, step: Step) -> int | None:
        found: dict[str, int] = {}
        op, *parts = pattern
        applies = step.op is op and are_found(parts, builder, step.args, found)
        return added(instead, builder, found) if applies else None

    return lambda program, lengths: rewritten(program, rule)


def without_last_guard(program: Program, lengths: Any) -> Program:
    return Program(program.nodes, program.outputs, program.guards[:-1], program.axes)


def with_two_outputs_swapped(program: Program, lengths: Any) -> Program:
    a, b, *rest = program.outputs
    if a.axis != b.axis:
        return program
    swapped = [Output(i.node, j.sink, j.offset, j.stride, j.axis) for i, j in ((a, b), (b, a))]
    return Program(program.nodes, [*swapped, *rest], program.guards, program.axes)


BROKEN = {name: of_rule(*rule) for name, rule in WRONG.items()} | {
    "a guard is forgotten": without_last_guard,
    "two outputs are swapped": with_two_outputs_swapped,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_wrong_pass_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = BROKEN[name]
    wrong.__name__ = name
    monkeypatch.setattr(passes, "PASSES", (wrong,))
    monkeypatch.setattr(passes, "OF_ONE_STEP", ())
    assert any(name in changed(seed) for seed in SEEDS)
