"""Random programs, with branches and derivatives of order 0 to 2: eager, python and llvm must give the same.

    python tests/jit/fuzz.py --count 10000 --seed 0

Every program comes from its own seed, ``seed + number``, and is printed as the Python source that is run, so a
difference can be repeated alone: ``--count 1 --seed <the seed shown>``.

What counts as the same. Functions of the C library and of libmvec may differ by a few units in the last place, and a
compiled gradient may add its terms in another order; how much of that reaches the result depends on the program. So
where results are not equal to the last bit, the steps are run again some times with every step's result multiplied by
1 ± 4 · 2⁻⁵² at random: how far the results move is how far rounding can move them. A difference must stay within a few
times that, beside a floor of a few units in the last place. And nan must be nan, and inf the same inf, unless the
eager engine itself, perturbed in the same way, disagrees about that (the point stands at the edge of overflow, of a
domain or of a branch).
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np

import autograd_core as ag
from autograd_core import Op
from autograd_core.containers import flatten
from autograd_core.domain import EXTENDED
from autograd_core.jit.program import Constant, Input, Program
from autograd_core.op import quiet

UNARY = [
    "sin",
    "cos",
    "tanh",
    "atan",
    "asinh",
    "sigmoid",
    "softplus",
    "log_sigmoid",
    "erf",
    "norm_cdf",
    "gelu",
    "silu",
    "mish",
    "softsign",
    "sinc",
    "exp",
    "expm1",
    "log",
    "log1p",
    "sqrt",
    "cbrt",
    "square",
    "neg",
    "abs",
    "relu",
    "elu",
    "leaky_relu",
    "sign",
    "floor",
    "round",
    "reciprocal",
    "hard_sigmoid",
    "log1mexp",
    "logit",
    "norm_pdf",
]
BINARY = ["add", "sub", "mul", "div", "hypot", "logaddexp", "maximum", "minimum", "atan2", "mod", "pow", "xlogy"]
NARY = ["sum", "mean", "prod", "norm", "logsumexp", "max", "min"]
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, math.inf, -math.inf, math.nan, 5e-324, 1e300, -1e-300, 700.0, 2.0**53)
ORDERS = ("value", "grad", "hessian")
BACKENDS = ("python", "llvm")
WOBBLES = 8
ULP = 2.0**-53


def body(random: Random, count: int) -> tuple[list[str], str]:
    """The lines of a random program on v0, v1, ... and the name of its result."""
    names = [f"v{i}" for i in range(count)]
    lines: list[str] = []

    def pick() -> str:
        return random.choice(names[-6:] + names[:count])

    def expression() -> str:
        kind = random.random()
        if kind < 0.35:
            return f"ag.{random.choice(UNARY)}({pick()})"
        if kind < 0.64:
            return f"ag.{random.choice(BINARY)}({pick()}, {pick()})"
        if kind < 0.65:
            sign = pick()  # not of a nan: IEEE 754 leaves open which sign that has
            return f"ag.copysign({pick()}, ag.where({sign} == {sign}, {sign}, 1.0))"
        if kind < 0.73:
            return f"ag.{random.choice(NARY)}([{', '.join(pick() for _ in range(random.randint(1, 4)))}])"
        if kind < 0.78:
            return f"ag.dot([{pick()}, {pick()}], [{pick()}, {random.uniform(-2, 2):.3f}])"
        if kind < 0.83:
            return f"ag.where({pick()} {random.choice(COMPARISONS)} {random.choice([pick(), '0.0', '1.0'])}, {pick()}, {pick()})"
        if kind < 0.87:
            return f"{pick()} ** {random.choice([2, 3, -1, 0.5, -2, 1.5, 0, 1, 4])}"
        if kind < 0.90:
            return f"ag.clip({pick()}, {random.uniform(-2, 0):.2f}, {random.uniform(0, 2):.2f})"
        if kind < 0.92:
            return f"ag.fma({pick()}, {pick()}, {pick()})"
        if kind < 0.94:
            return f"ag.stop_gradient({pick()}) * {pick()}"
        constant = random.choice(["2.0", "-1.0", "0.5", "1.0", "0.0", f"{random.uniform(-3, 3):.3f}"])
        return random.choice(
            [f"{pick()} * {constant}", f"{pick()} + {constant}", f"{constant} - {pick()}", f"{pick()} / {constant}"]
        )

    for _ in range(random.randint(1, 14)):
        new = f"v{len(names)}"
        kind = random.random()
        if kind < 0.15:
            right = random.choice([pick(), "0.0", "0.5", "-1.0"])
            lines += [f"if {pick()} {random.choice(COMPARISONS)} {right}:", f"    {new} = keep({expression()})"]
            lines += ["else:", f"    {new} = keep({expression()})"]
        elif kind < 0.20:
            chosen = random.choice(["min", "max"])
            lines.append(f"{new} = {chosen}({pick()}, {pick()})")
        elif kind < 0.22:
            lines.append(f"{new} = sorted([{pick()}, {pick()}, {pick()}])[1]")
        elif kind < 0.24:
            lines.append(f"{new} = {pick()} if {pick()} > 0.0 and {pick()} < 1.0 or {pick()} == 0.0 else {pick()}")
        else:
            lines.append(f"{new} = keep({expression()})")
        names.append(new)
    return lines, names[-1] if random.random() < 0.6 else f"{names[-1]} + {names[0]} * {pick()}"


def source_of(random: Random, count: int) -> str:
    """A random function of `count` numbers, as text; ``keep`` is what every intermediate result passes through."""
    lines, result = body(random, count)
    inputs = ", ".join(f"v{i}" for i in range(count))
    return "\n".join([f"def f({inputs}):", *(f"    {line}" for line in lines), f"    return {result} * 1.0"])


def function_of(source: str, keep: Callable[[Any], Any]) -> Callable[..., Any]:
    """The function that `source` defines."""
    namespace: dict[str, Any] = {"ag": ag, "keep": keep}
    exec(source, namespace)  # our own text
    f: Callable[..., Any] = namespace["f"]
    return f


def wobbling(random: Random) -> Callable[[Any], Any]:
    """x ↦ x · (1 ± 4 ulp), a new factor at every call, also for the gradient that flows back."""

    def factor() -> float:
        return _factor(random)

    def rule(g: Any, z: Any, x: Any) -> tuple[Any]:
        return (wobble(g) if isinstance(g, ag.Value) else g * factor(),)

    wobble = Op("wobble", lambda x: x * factor(), rule, EXTENDED)
    return wobble


def _factor(random: Random) -> float:
    return 1.0 + random.choice((-8, -4, -2, 0, 2, 4, 8)) * ULP


EXACT = frozenset({"less", "less_equal", "equal", "where", "neg", "abs", "stop_gradient", "identity"})


def wobbled_steps(program: Program, point: tuple[float, ...], random: Random) -> list[float]:
    """The results of a traced program, every step's result multiplied by a factor near 1."""
    numbers: list[float] = []
    with quiet():
        for node in program.nodes:
            if isinstance(node, Constant):
                numbers.append(node.value)
            elif isinstance(node, Input):
                numbers.append(point[node.offset])
            else:
                data = tuple([numbers[a] for a in node.args])
                result = node.op.evaluate(data, data)
                numbers.append(result if node.op.name in EXACT else result * _factor(random))
    return [numbers[out.node] for out in sorted(program.outputs, key=lambda out: out.offset)]


def derivative(f: Callable[..., Any], order: str, count: int) -> Callable[..., Any]:
    """`f` itself, its gradient or its Hessian in all inputs."""
    if order == "value":
        return lambda *xs: [f(*xs)]
    return getattr(ag, order)(f, tuple(range(count)))  # type: ignore[no-any-return]  # a transformation


def eagerly(f: Callable[..., Any], point: tuple[float, ...], order: str) -> list[float]:
    """The numbers that `f` gives, recorded on Values as they are when it is traced."""
    with quiet():
        if order == "value":
            results = f(*map(ag.Value, point))
            return [x.data if isinstance(x, ag.Value) else x for x in flatten(results)]
        return [x if type(x) is float else x.data for x in flatten(f(*point))]


def points_of(random: Random, count: int) -> list[tuple[float, ...]]:
    """Moderate points; one in three has a special value in it."""
    points = [[random.uniform(-2.5, 2.5) for _ in range(count)] for _ in range(random.randint(2, 5))]
    for point in points:
        if random.random() < 0.33:
            point[random.randrange(count)] = random.choice(SPECIAL)
        if random.random() < 0.1:
            point[0] = point[-1]
    return [tuple(point) for point in points]


def agree(found: float, expected: float, eager: list[float], steps: list[float]) -> bool:
    """Whether `found` is `expected` up to what rounding may do, of which both lists are examples; see the top."""
    if found == expected or (found != found and expected != expected):
        return True
    if not all(map(math.isfinite, (found, expected, *eager))):
        return any(_is_like(found, x) for x in eager)
    reach = max([abs(x - expected) for x in [*eager, *steps] if math.isfinite(x)], default=0.0)
    return abs(found - expected) <= 8.0 * reach + 4.0 * ULP * abs(expected) + 1e-321


def _is_like(x: float, y: float) -> bool:
    return (x != x and y != y) or x == y or (math.isfinite(x) and math.isfinite(y))


def compare(seed: int) -> tuple[str, list[str]]:
    """The program of that seed, and where the compiled ones differ from the eager engine."""
    random = Random(seed)
    count, order = random.randint(1, 3), random.choice(ORDERS)
    source = source_of(random, count)
    points = points_of(random, count)
    exact = derivative(function_of(source, lambda x: x), order, count)
    expected = [eagerly(exact, point, order) for point in points]
    differences: list[str] = []
    wobbled: dict[int, tuple[list[list[float]], list[list[float]]]] = {}

    def check(where: str, k: int, found: list[float]) -> None:
        if repr(found) == repr(expected[k]):
            return
        if k not in wobbled:
            wobbled[k] = _wobbled(seed, source, points[k], order)
        for j, (a, b) in enumerate(zip(found, expected[k], strict=True)):
            if not agree(a, b, *([w[j] for w in some] for some in wobbled[k])):
                differences.append(f"{where}, {order} number {j} at {points[k]!r}: found {a!r}, expected {b!r}")

    for backend in BACKENDS:
        alone, batch = ag.jit(exact, backend=backend), ag.jit(ag.vmap(exact), backend=backend)
        for _ in range(2):
            for k, point in enumerate(points):
                check(f"{backend} alone", k, flatten(alone(*point)))
        columns = [np.array(column) for column in zip(*points, strict=True)]
        for k, found in enumerate(_rows(batch(*columns), len(points))):
            check(f"{backend} in a batch", k, found)
    return f"{source}\n# {order} at {points}", differences


def _wobbled(
    seed: int, source: str, point: tuple[float, ...], order: str
) -> tuple[list[list[float]], list[list[float]]]:
    """Perturbed results at `point`, by the eager engine and by the steps of its program."""
    random, count = Random(seed + 1), len(point)
    loose = derivative(function_of(source, wobbling(random)), order, count)
    exact = derivative(function_of(source, lambda x: x), order, count)
    program = ag.jit(exact, backend="python").program(*point)
    eager = [eagerly(loose, _shaken(point, random if i % 2 else None), order) for i in range(WOBBLES)]
    return eager, [wobbled_steps(program, point, random) for _ in range(2 * WOBBLES)]


def _shaken(point: tuple[float, ...], random: Random | None) -> tuple[float, ...]:
    return point if random is None else tuple([x * (1.0 + random.choice((-2, 0, 2)) * ULP) for x in point])


def _rows(result: Any, n: int) -> Iterator[list[float]]:
    """The numbers of each point of a batched result, in the order of `flatten`."""
    columns: list[Any] = []

    def walk(x: Any) -> None:
        if isinstance(x, (tuple, list)):
            for child in x:
                walk(child)
        else:
            columns.append(np.asarray(x).reshape(n, -1))

    walk(result)
    whole = np.concatenate(columns, axis=1)
    return iter(whole.tolist())


def run(count: int, seed: int, report: Callable[[str], None] = print) -> int:
    """Compare that many programs; how many differ or raise."""
    bad = 0
    for k in range(count):
        try:
            source, differences = compare(seed + k)
        except Exception as error:  # whatever it is, it is a finding; the next program goes on
            source, differences = "", [f"{type(error).__name__}: {error}"]
        if differences:
            bad += 1
            report("\n".join([f"--- seed {seed + k}", source or _source_only(seed + k), *differences[:6]]))
    report(f"{count} programs from seed {seed}: {bad} differ")
    return bad


def _source_only(seed: int) -> str:
    random = Random(seed)
    count, order = random.randint(1, 3), random.choice(ORDERS)
    source = source_of(random, count)
    return f"{source}\n# {order} at {points_of(random, count)}"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="random programs: eager, python and llvm must agree")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    return 1 if run(options.count, options.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
