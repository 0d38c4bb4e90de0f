"""The derivative checker: rules against differences that know their own error.

Differences are wrong too, by truncation when the step is large and by rounding when it is small. `difference` therefore
extrapolates a whole sequence of steps to zero (C. Ridders, *Accurate computation of F'(x) and F'(x)F''(x)*, Advances in
Engineering Software 4, 1982) and returns the estimate together with its error; a rule is called wrong only when it
disagrees by more than that. At a kink, where the one-sided derivatives differ, any number between them is a
convention, and is reported as a kink.

For your own op, `check_op(op, 0.3)`; for a function and everything it uses, `check_grad(f, x)`.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Iterable

from .backprop import backprop, float_entries, graph_entries
from .containers import flatten, rebuild
from .errors import AutogradError, GradientMismatchError, OpError, OutputError
from .graph import ancestors
from .op import Op, quiet
from .ops.arithmetic import stop_gradient
from .transforms import require_function
from .value import Value, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

__all__ = ["Comparison", "Report", "check_grad", "check_op", "difference"]

LEVELS = 30  # steps from 1/16 of the scale down by halves to 1e-10 of it
COLUMNS = 7  # extrapolation orders; more only amplify rounding
SAFETY = 30.0  # disagreement in units of the estimated error that is called a mismatch
EPSILON = sys.float_info.epsilon


class Difference:
    """A derivative by differences: the `estimate`, its `error`, and the one-sided estimates as an interval."""

    def __init__(self, estimate: float, error: float, one_sided: tuple[float, float], is_kink: bool) -> None:
        self.estimate, self.error, self.one_sided, self.is_kink = estimate, error, one_sided, is_kink


def difference(f: Callable[[float], float], x: float) -> Difference:
    """f'(x) by differences of `f`, extrapolated to step 0, with its error and whether there is a kink at x.

    >>> d = difference(math.sin, 1.0)
    >>> abs(d.estimate - math.cos(1.0)) <= d.error < 1e-10
    True
    >>> difference(abs, 0.0).one_sided, difference(abs, 0.0).is_kink
    ((-1.0, 1.0), True)
    """

    def at(u: float) -> float:
        try:
            return float(f(u))
        except AutogradError:  # outside the domain
            return math.nan

    if 0.0 < abs(x) < 1.0:  # the scale of the function may be 1, or that of x: near a pole, or an edge of the domain
        fine, coarse = _with_steps(at, x, abs(x)), _with_steps(at, x, 1.0)
        return min(fine, coarse, key=lambda d: (d.is_kink, d.error / max(abs(d.estimate), 1e-300)))
    return _with_steps(at, x, max(abs(x), 1.0))


def _with_steps(at: Callable[[float], float], x: float, scale: float) -> Difference:
    """The derivative by steps from scale/16 down by halves."""
    here = at(x)
    steps = [scale / 16.0 / 2.0**k for k in range(LEVELS)]
    steps = [(x + h) - x for h in steps]  # steps that floats can take exactly
    steps = [h for h in steps if h]
    right = [at(x + h) for h in steps]
    left = [at(x - h) for h in steps]
    rounding = [4.0 * EPSILON * max(abs(a), abs(b), abs(here)) / h for h, a, b in zip(steps, left, right, strict=True)]
    central, error = _extrapolate(
        [(b - a) / (2.0 * h) for h, a, b in zip(steps, left, right, strict=True)], rounding, 4.0
    )
    above, above_error = _one_sided([(b - here) / h for h, b in zip(steps, right, strict=True)], rounding)
    below, below_error = _one_sided([(here - a) / h for h, a in zip(steps, left, strict=True)], rounding)
    if math.isfinite(above) and math.isfinite(below):
        is_kink = abs(above - below) > SAFETY * (above_error + below_error)
    else:
        is_kink = True  # a jump, a vertical tangent, or the edge of the domain
    return Difference(central, error, (min(below, above), max(below, above)), is_kink)


def _one_sided(slopes: list[float], rounding: list[float]) -> tuple[float, float]:
    """The derivative from one side and its error; infinite where the slopes grow without end."""
    smallest = slopes[-8:]
    grows = all(abs(b) > 1.3 * abs(a) for a, b in itertools.pairwise(smallest))
    if grows and abs(smallest[-1]) > SAFETY * rounding[-1]:
        return math.copysign(math.inf, smallest[-1]), 0.0
    return _extrapolate(slopes, rounding, 2.0)


def _extrapolate(slopes: list[float], rounding: list[float], ratio: float) -> tuple[float, float]:
    """Neville's tableau over steps that halve: the entry that changed least, and by how much; nan if there is none.

    The truncation error of the slopes has the powers of the step whose first ratio is `ratio`: 4 for central
    differences (h², h⁴, ...), 2 for one-sided ones (h, h², ...).
    """
    best, smallest = math.nan, math.inf
    previous: list[float] = []
    for slope, noise in zip(slopes, rounding, strict=True):
        row = [slope]
        factor = ratio
        for earlier in previous[: COLUMNS - 1]:
            row.append(row[-1] + (row[-1] - earlier) / (factor - 1.0))
            factor *= ratio
        for j in range(1, len(row)):
            change = max(abs(row[j] - row[j - 1]), abs(row[j] - previous[j - 1])) + noise
            if change < smallest:
                best, smallest = row[j], change
        previous = row
    return best, smallest


class Comparison:
    """One derivative by its rule and by differences, and the `verdict`: "agrees", "kink", "undecided" or "wrong"."""

    def __init__(self, what: str, order: int, rule: float, by_difference: Difference) -> None:
        self.what, self.order, self.rule = what, order, rule
        self.estimate, self.error = by_difference.estimate, by_difference.error
        slack = SAFETY * self.error + 1e-13 * abs(rule)
        low, high = by_difference.one_sided
        if by_difference.is_kink:
            bounded = math.isfinite(low) and math.isfinite(high)  # else a jump or an edge, where any number is one
            self.verdict = "wrong" if bounded and not low - slack <= rule <= high + slack else "kink"
        elif abs(rule - self.estimate) <= slack:
            vague = self.error > 1e-3 * max(abs(rule), abs(self.estimate), 1e-3)
            self.verdict = "undecided" if vague else "agrees"
        elif not math.isfinite(self.estimate) or not math.isfinite(rule):
            self.verdict = "undecided"
        else:
            self.verdict = "wrong"

    def __str__(self) -> str:
        return (
            f"{self.what}, order {self.order}: the rule says {self.rule!r}, "
            f"differences say {self.estimate!r} ± {self.error:.1e} ({self.verdict})"
        )


class Report:
    """The comparisons of a check; true when none is wrong."""

    def __init__(self, comparisons: Iterable[Comparison]) -> None:
        self.comparisons = list(comparisons)

    def having(self, verdict: str) -> list[Comparison]:
        """The comparisons with that verdict."""
        return [c for c in self.comparisons if c.verdict == verdict]

    @property
    def kinks(self) -> list[Comparison]:
        """The comparisons whose rule gives one of several derivatives that a kink allows."""
        return self.having("kink")

    def __bool__(self) -> bool:
        return not self.having("wrong")

    def __str__(self) -> str:
        counts = ", ".join(
            f"{len(self.having(v))} {v}" for v in ("agrees", "kink", "undecided", "wrong") if self.having(v)
        )
        shown = [c for c in self.comparisons if c.verdict != "agrees"]
        return "\n".join([f"{len(self.comparisons)} derivatives compared: {counts or 'none'}", *map(str, shown)])

    __repr__ = __str__

    def or_raise(self, hint: str) -> Report:
        """The report itself, or `GradientMismatchError` with the wrong comparisons and `hint`."""
        wrong = self.having("wrong")
        if wrong:
            raise GradientMismatchError("\n".join([*map(str, wrong[:5]), hint]))
        return self


def check_op(op: Op, *data: float, orders: int | Iterable[int] = (1, 2)) -> Report:
    """Compare `op`'s rule at `data` with differences of its value, and at order 2 with differences of the rule itself.

    >>> from autograd_core.ops import TABLE
    >>> check_op(TABLE["sin"], 0.3)
    2 derivatives compared: 2 agrees

    Raises `GradientMismatchError` naming the op, the input position and both numbers; `OpError` for what is no op and
    for other orders.
    """
    if not isinstance(op, Op):
        raise OpError(
            f"check_op takes an Op, got {op!r:.60}; give the op itself, ag.log or ag.TABLE['log'], or check a function "
            "with check_grad"
        )
    orders = _orders(orders)
    data = (*data, *[op.defaults[name] for name in op.input_names[len(data) :] if name in op.defaults])
    if not op.is_nary and len(data) != len(op.input_names):
        raise OpError(f"check_op got {len(data)} numbers for op '{op}', which takes {', '.join(op.input_names)}")
    node = record(op, op.evaluate(data, data), _as_inputs(op, data))
    return Report(_compare_rule(node, orders)).or_raise(f"the rule of op '{op}' is wrong there")


def check_grad(f: Callable[..., Any], *args: Any, orders: int | Iterable[int] = (1, 2)) -> Report:
    """Compare the derivatives of a scalar `f` at `args`, and the rules of all ops it uses there, with differences.

    Order 1 goes along every element of the arguments; order 2 also along one direction that mixes them all. Of an op
    that occurs often, three nodes are compared, and of a node with many inputs six of them.

    >>> check_grad(lambda x: x[0] * x[1] ** 3, [2.0, 0.5])
    14 derivatives compared: 14 agrees

    Raises `GradientMismatchError` naming the op, the input position and both numbers; or, when all rules agree but
    the whole does not, the element of the argument whose gradient got lost on the way. `OpError` for other orders.
    """
    require_function(f, "check_grad")
    orders = _orders(orders)
    point = [x.data if isinstance(x, Value) else x for x in flatten(args, "the arguments")]

    def run(elements: Sequence[float]) -> tuple[list[Value], Value]:
        leaves = [Value(x) for x in elements]
        output = f(*rebuild(args, iter(leaves)))
        if not isinstance(output, Value):
            as_scalar = flatten(output, "the function's result")
            if isinstance(output, (list, tuple, dict)) or len(as_scalar) != 1:
                raise OutputError(f"check_grad needs a function of one number, this one returned {output!r:.60}")
            output = as_scalar[0] if isinstance(as_scalar[0], Value) else Value(as_scalar[0])
        return leaves, output

    output = run(point)[1]
    report = Report(c for node in _sample_nodes(output) for c in _compare_rule(node, orders))
    report.or_raise("the rule of that op is wrong there")
    if not any(node.op is stop_gradient for node in ancestors(output)):
        whole = Report(_compare_whole(run, point, orders))
        whole.or_raise(
            "all rules agree, so the gradient is lost between the ops: look for .data, float(...), a leaf made inside "
            "the function, or a value that was computed outside of it"
        )
        report.comparisons += whole.comparisons
    return report


def _orders(given: int | Iterable[int]) -> tuple[int, ...]:
    """The orders to check as a tuple, or `OpError`: an empty check would pass."""
    orders = tuple(given) if isinstance(given, Iterable) else (given,)
    if not orders or any(order not in (1, 2) for order in orders):
        raise OpError(
            f"orders must be 1, 2 or both, got {given!r}; for a higher one check a derivative: check_grad(grad(f), x)"
        )
    return orders


def _sample_nodes(output: Value) -> Iterator[Value]:
    """At most three nodes of every op."""
    counts: dict[Op, int] = {}
    for node in ancestors(output):
        if node.inputs and node.op is not stop_gradient:
            counts[node.op] = counts.get(node.op, 0) + 1
            if counts[node.op] <= 3:
                yield node


def _compare_rule(node: Value, orders: Sequence[int]) -> Iterator[Comparison]:
    """The rule of one node against differences of its op's value, input by input."""
    op = node.op
    data = tuple([x.data if isinstance(x, Value) else x for x in node.inputs])
    names = [op.input_name(i) for i in range(len(data))]
    positions = [i for i, x in enumerate(node.inputs) if isinstance(x, Value)]
    positions = positions[:3] + positions[3:][-3:]
    at = f"op '{op}' at ({', '.join(f'{x:.6g}' for x in data[:6])}{', ...' if len(data) > 6 else ''})"
    for i in positions:
        what = f"{at}, input {i} ({names[i]})"
        once, doubled = _entry(op, data, i, 1.0), _entry(op, data, i, -2.0)
        if math.isfinite(once) and not math.isclose(doubled, -2.0 * once, abs_tol=1e-300):
            raise GradientMismatchError(
                f"{what}: the rule says {once!r} for g = 1 and {doubled!r} for g = -2; every entry must be g times the "
                "derivative"
            )
        if 1 in orders:
            by_difference = difference(_value_along(op, data, i), data[i])
            yield Comparison(what, 1, once, by_difference)
        if 2 in orders:
            for j in positions:
                by_difference = difference(_partial_along(op, data, i, j), data[j])
                yield Comparison(f"{what} and then {j} ({names[j]})", 2, _second_partial(op, data, i, j), by_difference)


def _compare_whole(
    run: Callable[[Sequence[float]], tuple[list[Value], Value]], point: Sequence[float], orders: Sequence[int]
) -> Iterator[Comparison]:
    """The derivatives of the whole function along each element of its arguments, and along all of them together."""
    n = len(point)
    lines = [(f"element {i} of the arguments", [float(i == j) for j in range(n)], x) for i, x in enumerate(point)]
    if n > 1:  # in steps relative to each element, so that a small one is not pushed over an edge by a large one
        mixed = [(1.0 + 0.37 * (i % 5)) * (min(abs(x), 1.0) or 1.0) for i, x in enumerate(point)]
        lines.append(("all elements together", mixed, 0.0))

    def slope(leaves: list[Value], output: Value, direction: Sequence[float], create_graph: bool = False) -> Any:
        table = backprop(output, leaves, create_graph)
        return sum([table[leaf] * d for leaf, d in zip(leaves, direction, strict=True)])

    def value_along(direction: Sequence[float], start: float) -> Callable[[float], float]:
        return lambda t: run(moved(direction, t - start))[1].data

    def slope_along(direction: Sequence[float], start: float) -> Callable[[float], float]:
        return lambda t: float(slope(*run(moved(direction, t - start)), direction))

    def moved(direction: Sequence[float], distance: float) -> list[float]:
        return [x + distance * d for x, d in zip(point, direction, strict=True)]

    for what, direction, start in lines:
        if 1 in orders:
            by_difference = difference(value_along(direction, start), start)
            yield Comparison(what, 1, slope(*run(point), direction), by_difference)
        if 2 in orders:
            leaves, output = run(point)
            second = slope(leaves, slope(leaves, output, direction, create_graph=True), direction)
            yield Comparison(what, 2, second, difference(slope_along(direction, start), start))


def _replaced(data: tuple[float, ...], i: int, x: float) -> tuple[float, ...]:
    return (*data[:i], x, *data[i + 1 :])


def _value_along(op: Op, data: tuple[float, ...], i: int) -> Callable[[float], float]:
    return lambda u: op.evaluate(_replaced(data, i, u), data)


def _partial_along(op: Op, data: tuple[float, ...], i: int, j: int) -> Callable[[float], float]:
    return lambda u: _entry(op, _replaced(data, j, u), i, 1.0)


def _entry(op: Op, data: tuple[float, ...], i: int, g: float) -> float:
    """The rule's entry for input i, on floats, when the gradient `g` arrives; 0 for nothing."""
    entry = float_entries(record(op, op.evaluate(data, data), data), g)[i]
    return 0.0 if entry is None else float(entry)


def _second_partial(op: Op, data: tuple[float, ...], i: int, j: int) -> float:
    """∂²op/∂input i ∂input j: the rule on Values, differentiated again."""
    node = record(op, op.evaluate(data, data), _as_inputs(op, data))
    with quiet():
        entry = graph_entries(node, 1.0)[i]
    return float(backprop(entry, node.inputs[j])[node.inputs[j]]) if isinstance(entry, Value) else 0.0


def _as_inputs(op: Op, data: tuple[float, ...]) -> tuple[float | Value, ...]:
    """`data` as fresh leaves, but for the op's constants."""
    return tuple([x if op.input_name(i) in op.constants else Value(x) for i, x in enumerate(data)])
