"""Random statements and expressions of scalar functions, as Python source.

Every intermediate result passes through ``keep``, which is the identity, or moves it a little to show what rounding
may do.
"""

from __future__ import annotations

import math
from random import Random

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
SMOOTH = ["sin", "cos", "tanh", "sigmoid", "atan", "softplus"]
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, math.inf, -math.inf, math.nan, 5e-324, 1e300, -1e-300, 700.0, 2.0**53)


class Names:
    """The variables of a function that may be used so far, of which one is picked."""

    def __init__(self, random: Random, inputs: list[str]) -> None:
        self.random = random
        self.inputs = inputs
        self.all = list(inputs)

    def pick(self) -> str:
        """One of the last or of the inputs."""
        return self.random.choice(self.all[-6:] + self.inputs)

    def new(self) -> str:
        """One more variable, which may be picked from now on."""
        self.all.append(f"t{len(self.all)}")
        return self.all[-1]


def expression(names: Names) -> str:
    """One op of what there is."""
    random, pick = names.random, names.pick
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
        return f"ag.where({comparison(names)}, {pick()}, {pick()})"
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


def smooth(names: Names) -> str:
    """One op that is neither steep nor undefined anywhere."""
    random, pick = names.random, names.pick
    return random.choice(
        [
            f"ag.{random.choice(SMOOTH)}({pick()})",
            f"{pick()} {random.choice('+-*')} {pick()}",
            f"{pick()} * {random.uniform(-3, 3):.3f}",
            f"ag.{random.choice(['sum', 'mean', 'max', 'min'])}([{pick()}, {pick()}, {pick()}])",
        ]
    )


def comparison(names: Names) -> str:
    """A condition."""
    random = names.random
    return f"{names.pick()} {random.choice(COMPARISONS)} {random.choice([names.pick(), '0.0', '1.0', '-0.5'])}"


def statement(names: Names) -> list[str]:
    """The lines that make one more variable: of an expression, or by a branch."""
    random, pick = names.random, names.pick
    kind = random.random()
    if kind < 0.15:
        condition, yes, no = comparison(names), expression(names), expression(names)
        new = names.new()
        return [f"if {condition}:", f"    {new} = keep({yes})", "else:", f"    {new} = keep({no})"]
    if kind < 0.20:
        text = f"{random.choice(['min', 'max'])}({pick()}, {pick()})"
    elif kind < 0.22:
        text = f"sorted([{pick()}, {pick()}, {pick()}])[1]"
    elif kind < 0.24:
        text = f"{pick()} if {pick()} > 0.0 and {pick()} < 1.0 or {pick()} == 0.0 else {pick()}"
    else:
        text = f"keep({expression(names)})"
    return [f"{names.new()} = {text}"]


def function(random: Random, name: str, inputs: list[str], size: int, returned: str = "") -> list[str]:
    """The lines of a random function of up to `size` statements; `returned` has ``{}`` where it wants a number."""
    names = Names(random, inputs)
    lines = [line for _ in range(random.randint(1, size)) for line in statement(names)]
    last = names.all[-1]
    result = last if random.random() < 0.6 else f"{last} + {names.all[0]} * {names.pick()}"
    if returned:
        result = returned.format(result, *[names.pick() for _ in range(returned.count("{}") - 1)])
    else:
        result = f"({result}) * 1.0"
    return [f"def {name}({', '.join(inputs)}):", *indented(lines), f"    return {result}"]


def indented(lines: list[str], by: int = 4) -> list[str]:
    """The same lines further in."""
    return [" " * by + line for line in lines]


def number(random: Random) -> float:
    """A moderate number, now and then a special one."""
    return random.choice(SPECIAL) if random.random() < 0.06 else random.uniform(-2.5, 2.5)


def nested(random: Random, *shape: int) -> object:
    """Numbers in lists of that shape."""
    return [nested(random, *shape[1:]) for _ in range(shape[0])] if shape else number(random)


def array(random: Random, *shape: int) -> str:
    """The text of an array of that shape."""
    return f"array({nested(random, *shape)!r})"


def points(random: Random, count: int) -> list[tuple[float, ...]]:
    """Moderate points; one in three has a special value in it."""
    found = [[random.uniform(-2.5, 2.5) for _ in range(count)] for _ in range(random.randint(2, 5))]
    for point in found:
        if random.random() < 0.33:
            point[random.randrange(count)] = random.choice(SPECIAL)
        if random.random() < 0.1:
            point[0] = point[-1]
    return [tuple(point) for point in found]


def arguments(*values: object) -> str:
    """What stands between the parentheses of a call."""
    return ", ".join(map(repr, values))
