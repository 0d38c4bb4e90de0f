"""The transformations: functions in, functions out, named and behaving as in JAX.

A function is differentiated by running it: each element of the chosen arguments is replaced by a fresh node, the
function records a graph, and the graph is swept, backwards by `backprop` or forwards by `_push_forward`. Both sweeps
read the same rules. Values inside the arguments become inputs of their fresh nodes, so transformations nest.
What is no function is refused (`OpError`) when the transformation is made, not when it is called.

Results are floats; they are Values when an argument holds a Value, or when the result depends on one that the function
found outside: then the result can be differentiated further.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Iterable
from itertools import repeat

from .backprop import backprop, float_entries, graph_entries
from .containers import flatten, flatten_like, is_array, is_container, map_elements, rebuild, stack, with_children
from .errors import NumberError, OpError, OutputError, StructureError
from .graph import ancestors, check_fresh, descendants
from .op import quiet
from .ops import arithmetic
from .ops.arithmetic import identity
from .ops.reduction import dot
from .records import attributes, is_record
from .tracing import state
from .transformed import Transformed
from .value import Value, as_value, tick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "stop_gradient", "value_and_grad", "vjp"]


class FunctionGraph:
    """One run of a function on fresh nodes: its graph, and what about it comes from outside.

    ``variables`` are the fresh nodes, in the order of the arguments' elements; ``output`` is what the function
    returned and ``outputs`` its elements.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        named: dict[str, Any],
        argnums: Sequence[int],
    ) -> None:
        self.start = tick()  # leaves with an earlier clock were there before
        elements = [x for i in argnums for x in flatten(args[i], f"argument {i}")]
        self.templates = [rebuild(args[i], repeat(0.0)) for i in argnums]  # the caller may change his own
        self.variables = [identity(x) if isinstance(x, Value) else Value(x) for x in elements]
        remaining = iter(self.variables)
        fresh = list(args)
        for i in argnums:
            fresh[i] = rebuild(args[i], remaining)
        self.has_value_arguments = holds_value((args, named))
        state.recordings += 1
        try:
            self.output = f(*fresh, **named)
        except (TypeError, AttributeError, ValueError, IndexError) as error:
            from .numpy_advice import refuse_floats_only

            refuse_floats_only(error)
            raise
        finally:
            state.recordings -= 1
        try:
            self.outputs = flatten(self.output, "the function's result")
        except NumberError as error:
            raise OutputError(
                f"{error}. A function to be differentiated returns numbers, or containers of them"
            ) from None
        self.roots = [y for y in self.outputs if isinstance(y, Value)]
        self.needs_graph = self.has_value_arguments or bool(self._outside(ancestors(*self.roots)))

    def _outside(self, order: Iterable[Value]) -> list[Value]:
        """The leaves of `order` that the function found outside."""
        return [node for node in order if not node.inputs and node._clock < self.start]

    def results(self, elements: Sequence[float | Value]) -> Iterator[float | Value]:
        """`elements` as the transformation returns them: floats, unless somebody may want to differentiate further.

        Give all of them at once: they share most of their graphs, which are walked here once.
        """
        if self.has_value_arguments:
            return map(as_value, elements)
        if not self.needs_graph:
            return iter([x._data if isinstance(x, Value) else x for x in elements])
        order = ancestors(*[x for x in elements if isinstance(x, Value)])
        dependent = descendants(self._outside(order), order)
        return iter([x._data if isinstance(x, Value) and x not in dependent else x for x in elements])

    def like_arguments(self, elements: Iterator[Any]) -> list[Any]:
        """The next `elements`, one per variable, in the shapes of the arguments."""
        return [rebuild(template, elements) for template in self.templates]

    def like_output(self, elements: Iterator[Any]) -> Any:
        """The next `elements`, one per output element, in the shape of the output."""
        return rebuild(self.output, elements)

    def gradients(self, root: float | Value) -> list[Any]:
        """d root / d variable, for each variable."""
        if not isinstance(root, Value):
            return [0.0] * len(self.variables)
        table = backprop(root, self.variables, create_graph=self.needs_graph)
        return [table[v] for v in self.variables]


def holds_value(container: Any) -> bool:
    """Whether there is a Value anywhere in `container`; arguments that are no numbers at all are nobody's business.

    A loop, not a recursion, since an argument that is not differentiated may even contain itself.
    """
    pending, seen = [container], set()
    while pending:
        x = pending.pop()
        if isinstance(x, Value) or getattr(x, "holds_values", False):
            return True
        if (is_container(x) or (is_array(x) and x.dtype == object)) and id(x) not in seen:
            seen.add(id(x))
            pending.extend(x.flat if is_array(x) else attributes(x).values() if is_record(x) else _values(x))
    return False


def _values(x: Any) -> Any:
    return x.values() if isinstance(x, dict) else x


def require_function(f: object, transformation: str) -> None:
    """Raise `OpError` unless `f` can be called."""
    if not callable(f):
        raise OpError(
            f"{transformation} takes a function, got {f!r:.60} of type {type(f).__name__}; give the function itself, "
            "f and not f(x)"
        )


def _positions(argnums: int | Sequence[int], args: Sequence[Any], name: str) -> tuple[int, ...]:
    """`argnums` as positions from the front, or `OpError`."""
    try:
        given = [operator.index(i) for i in (argnums if isinstance(argnums, Iterable) else [argnums])]
    except TypeError:
        raise OpError(f"{name}: argnums must be an integer or a tuple of integers, got {argnums!r}") from None
    if not all(-len(args) <= i < len(args) for i in given):
        raise OpError(
            f"{name}: argnums={argnums!r} names an argument that is not there; the function was called with "
            f"{len(args)} positional argument(s)"
        )
    positions = tuple(i % len(args) for i in given)
    if len(set(positions)) < len(positions):
        raise OpError(f"{name}: argnums={argnums!r} names an argument twice")
    return positions


def _one_or_all(per_argument: Sequence[Any], argnums: int | Sequence[int]) -> Any:
    """The one result that an integer `argnums` chose, or a tuple of those that several chose."""
    return tuple(per_argument) if isinstance(argnums, Iterable) else per_argument[0]


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The function ``(x, ...) -> (f(x, ...), ∇f(x, ...))`` for a scalar `f`; one run of `f`, one backward sweep.

    The gradient is nested like the argument; with several `argnums` it is a tuple of them.

    >>> value_and_grad(lambda p: p["a"] * p["b"] ** 2)({"a": 2.0, "b": 3.0})
    (18.0, {'a': 9.0, 'b': 12.0})

    Raises `OutputError` when `f` does not return one number.
    """
    require_function(f, "value_and_grad")

    def value_and_gradient(*args: Any, **named: Any) -> tuple[Any, Any]:
        positions = _positions(argnums, args, "grad")
        recording = FunctionGraph(f, args, named, positions)
        output = recording.output
        if is_container(output) or (is_array(output) and output.ndim):
            raise OutputError(
                f"a gradient is of one number, but the function returned {len(recording.outputs)} in a "
                f"{type(output).__name__}: return a scalar, or use jacobian or vjp"
            )
        y = recording.outputs[0]
        results = recording.results([y, *recording.gradients(y)])
        return next(results), _one_or_all(recording.like_arguments(results), argnums)

    return Transformed(value_and_gradient, value_and_grad, f, argnums)


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The gradient function of a scalar `f`, nested like its argument.

    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda y: grad(lambda x: x * x * y)(2.0))(3.0)
    4.0

    Raises `OutputError` when `f` does not return one number.
    """
    require_function(f, "grad")
    both = value_and_grad(f, argnums)
    return Transformed(lambda *args, **named: both(*args, **named)[1], grad, f, argnums)


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """``(f(*primals), pullback)`` with pullback(v) = vᵀJ: a cotangent per output in, a tuple like `primals` out.

    >>> y, pullback = vjp(lambda a, b: [a * b, a + b], 2.0, 3.0)
    >>> y, pullback([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))

    Raises `StructureError` when the cotangent is not nested like the output.
    """
    require_function(f, "vjp")
    recording = FunctionGraph(f, primals, {}, range(len(primals)))

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        weights = flatten_like(recording.output, cotangent, "the cotangent")
        this_time = copy.copy(recording)  # one pullback may be called with numbers, another with Values
        this_time.has_value_arguments |= holds_value(cotangent)
        this_time.needs_graph |= this_time.has_value_arguments
        total = dot(weights, recording.outputs)
        return tuple(this_time.like_arguments(this_time.results(this_time.gradients(total))))

    return recording.like_output(recording.results(recording.outputs)), pullback


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """``(f(*primals), J·tangents)``: the derivative of `f` along `tangents`, in one forward sweep.

    >>> jvp(lambda a, b: a * b, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)

    Raises `StructureError` when `tangents` are not nested like `primals`.
    """
    require_function(f, "jvp")
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise StructureError("jvp takes a tuple of primals and a tuple of tangents: jvp(f, (x,), (v,))")
    directions = flatten_like(tuple(primals), tuple(tangents), "tangents")
    recording = FunctionGraph(f, primals, {}, range(len(primals)))
    recording.has_value_arguments |= holds_value(tangents)
    recording.needs_graph |= recording.has_value_arguments
    with quiet():
        tangent_of = _push_forward(recording, dict(zip(recording.variables, directions, strict=True)))
    derivatives = [tangent_of.get(y, 0.0) if isinstance(y, Value) else 0.0 for y in recording.outputs]
    if state.tracer is not None:
        derivatives = [state.tracer.settled(d) for d in derivatives]
    results = recording.results([*recording.outputs, *derivatives])
    return recording.like_output(results), recording.like_output(results)


def _push_forward(recording: FunctionGraph, tangent_of: dict[Value, Any]) -> dict[Value, Any]:
    """Fill the table of tangents from the variables up: ż = Σ ∂z/∂x · ẋ, one rule evaluation per node.

    Each op has one output, so its rule, fed the gradient 1, gives exactly the partial derivatives. A node that nothing
    arrives at is not in the table: as on the way back, nothing times infinity is nothing.
    """
    order = ancestors(*recording.roots)
    check_fresh(order)
    entries_of = graph_entries if recording.needs_graph else float_entries
    for node in descendants(recording.variables, order):
        arriving = [isinstance(x, Value) and x in tangent_of for x in node.inputs]
        if node in tangent_of or not any(arriving):
            continue
        total: Any = None if state.tracer is None else state.tracer.tangent(node, tangent_of)
        if total is None:
            for x, arrives, partial in zip(node.inputs, arriving, entries_of(node, 1.0), strict=True):
                if arrives and partial is not None:
                    tangent = tangent_of[x]
                    term = partial * tangent if state.tracer is None else state.tracer.times(partial, tangent)
                    total = term if total is None else total + term
        if total is not None:
            tangent_of[node] = total
    return tangent_of


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The Jacobian ∂fᵢ/∂xⱼ, nested like the output, and inside each of its elements like the argument.

    With several `argnums` each element holds a tuple of them. An array counts as one element of the output: array to
    array gives one array of shape ``f(x).shape + x.shape``. One backward sweep per number of the output.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    >>> jacobian(lambda x, y: [x * y, x + y], argnums=(0, 1))(2.0, 3.0)
    [(3.0, 2.0), (1.0, 1.0)]
    """
    require_function(f, "jacobian")

    def jacobian_at(*args: Any, **named: Any) -> Any:
        recording = FunctionGraph(f, args, named, _positions(argnums, args, "jacobian"))
        results = recording.results([x for y in recording.outputs for x in recording.gradients(y)])

        def row() -> Any:
            return _one_or_all(recording.like_arguments(results), argnums)

        def nest(output: Any) -> Any:
            if is_array(output):
                template = _one_or_all(recording.templates, argnums)
                return stack([row() for _ in range(output.size)], output.shape, template)
            if is_container(output):
                return with_children(output, lambda _, child: nest(child))
            return row()

        return nest(recording.output)

    return Transformed(jacobian_at, jacobian, f, argnums)


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The matrix of second derivatives ∂²f/∂xᵢ∂xⱼ of a scalar `f`: the Jacobian of its gradient.

    With several `argnums` it is a tuple of tuples of such blocks.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    require_function(f, "hessian")
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The Hessian of `f` at `x` times `v`, without the Hessian: a forward sweep over the gradient's graph.

    >>> hvp(lambda x: x[0] ** 2 * x[1], [2.0, 3.0], [1.0, 0.0])
    [6.0, 4.0]
    """
    require_function(f, "hvp")
    return jvp(grad(f), (x,), (v,))[1]


def stop_gradient(x: Any) -> Any:
    """`x` (a number, a Value or a container of them) as a constant: the value stays, the derivative is 0.

    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return map_elements(arithmetic.stop_gradient, x)
