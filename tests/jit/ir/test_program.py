"""Programs: how they print, what they refuse, and that they are values: comparable, hashable, picklable."""

from __future__ import annotations

import pickle
import subprocess

import pytest

import autograd_core as ag
from autograd_core.errors import ProgramError
from autograd_core.jit.backends.source import c
from autograd_core.jit.ir.program import Constant, Guard, Input, Output, Program, Step
from autograd_core.ops import TABLE

X = Input("x", 0, 0)
EXP, ADD = TABLE["exp"], TABLE["add"]


def softened(x: list[ag.Value], scale: float) -> ag.Value:
    total = ag.exp(x[0]) * scale
    total.name = "total"
    return ag.sqrt(total + x[1]) if x[1] > 0.0 else -total


TEXT = """\
program(x[0], x[1], scale):
  v0 = less(0.0, x[1])
  guard v0 is True  at test_program.py:23
  v1 = exp(x[0])
  total = mul(v1, scale)
  v2 = add(total, x[1])
  v3 = sqrt(v2)
  return v3"""


def test_a_program_prints_one_step_a_line_with_the_users_names() -> None:
    assert str(ag.jit(softened).program([1.0, 2.0], 3.0)) == TEXT


def test_programs_of_equal_structure_are_equal_and_others_are_not() -> None:
    f = ag.jit(lambda x, y: x * ag.sin(y))
    same = ag.jit(lambda x, y: x * ag.sin(y)).program(1.0, 2.0)
    assert f.program(3.0, 4.0) == same
    assert hash(f.program(3.0, 4.0)) == hash(same)
    for other in (lambda x, y: x * ag.cos(y), lambda x, y: y * ag.sin(x), lambda x, y: x * ag.sin(y) + 1.0):
        assert ag.jit(other).program(1.0, 2.0) != same


def test_constants_are_equal_bit_by_bit() -> None:
    assert Constant(float("nan")) == Constant(float("nan"))
    assert Constant(0.0) != Constant(-0.0)


def test_a_program_can_be_pickled() -> None:
    program = ag.jit(softened).program([1.0, 2.0], 3.0)
    assert pickle.loads(pickle.dumps(program)) == program


@pytest.mark.parametrize(
    ("nodes", "outputs", "guards", "complaint"),
    [
        ([X, Step(EXP, (1,))], [Output(1, 0, 0)], [], "uses a node that does not come before it"),
        ([X, Step(EXP, (-1,))], [Output(1, 0, 0)], [], "uses a node that does not come before it"),
        ([X, Step(ADD, (0,))], [Output(1, 0, 0)], [], "add takes 2 inputs, got 1"),
        ([X], [Output(1, 0, 0)], [], "output 1 is not among the 1 nodes"),
        ([X], [Output(0, 0, 0)], [Guard(7, True, "here")], "output 7 is not among the 1 nodes"),
        ([Input("a", 2, 0, 1, 0), Input("b", 3, 0, 1, 1), Step(ADD, (0, 1))], [], [], "mixes the lane axes"),
        ([Input("a", 2, 0, 1, 2)], [], [], "node 0 runs along lane axis 2, but the program has 2"),
    ],
)
def test_a_program_that_is_not_well_formed_is_refused(
    nodes: list[object], outputs: list[Output], guards: list[Guard], complaint: str
) -> None:
    with pytest.raises(ProgramError, match=complaint):
        Program(nodes, outputs, guards, axes=2)


def test_c_text_is_a_program_of_its_own(tmp_path: object, c_compiler: str) -> None:
    """It compiles without a warning, and gives the same numbers when called from C."""
    program = ag.jit(ag.value_and_grad(lambda x: x[0] ** 3 * ag.sigmoid(x[1]))).program([2.0, 0.5])
    value, (dx, dy) = ag.value_and_grad(lambda x: x[0] ** 3 * ag.sigmoid(x[1]))([2.0, 0.5])
    main = """
#include <stdio.h>
int main(void) {
    const double numbers[2] = {2.0, 0.5};
    double value[1], gradient[2];
    const double *const sources[1] = {numbers};
    double *const sinks[1] = {value};
    (void)gradient;
    const int ok = derivative(sources, NULL, sinks, NULL);
    printf("%d %.17g %.17g %.17g", ok, value[0], value[1], value[2]);
    return 0;
}
""".replace("value[1], gradient[2]", "value[3], gradient[2]")
    (tmp_path / "main.c").write_text(c.text(program, name="derivative") + main)
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1"]
    subprocess.run([c_compiler, *flags, "-o", tmp_path / "main", tmp_path / "main.c", "-lm"], check=True)
    printed = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True).stdout.split()
    assert printed[0] == "1"
    assert list(map(float, printed[1:])) == pytest.approx([value, dx, dy], rel=1e-14)
