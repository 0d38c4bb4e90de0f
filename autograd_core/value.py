"""Value: the graph, and how it is recorded.

A `Value` is a number that remembers how it came about: the op that computed it and that op's inputs. Calling an
op on Values appends one node; nothing else is stored anywhere, so a graph lives exactly as long as somebody holds
a node of it, and threads share nothing.

This module refuses to differentiate (see `autograd_core.backprop`) and to convert silently: what enters the graph is
a real number, and what leaves it does so on purpose.
"""

from __future__ import annotations

import threading
from numbers import Real

from .errors import InnerNodeError, LeavesGraphError, NumberError
from .tracing import Undecided, state

TYPE_CHECKING = False  # importing `typing` would take half of this package's import time
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TypeAlias

    from .op import Op

__all__ = [
    "Entry",
    "Number",
    "Rule",
    "Value",
    "advance_clock",
    "as_inputs",
    "as_number",
    "as_value",
    "assign",
    "assignments",
    "data_of",
    "element_of",
    "now",
    "record",
    "tick",
]


class Value:
    """A number in a computational graph.

    ``Value(2.0)`` is a leaf: something to differentiate with respect to. What ops compute from it are Values
    too, with ``op`` and ``inputs`` set; plain numbers stay plain floats among the inputs.

    >>> x = Value(3.0, name="x")
    >>> y = x * x + 1
    >>> y.backward()
    >>> y.data, x.grad
    (10.0, 6.0)

    Raises `NumberError` (a TypeError) for anything that is not a real number.
    """

    __slots__ = ("_clock", "_data", "_grad", "inputs", "name", "op")

    is_parameter = False
    """True in a subclass whose leaves are there to be trained; diagrams set them apart."""

    _data: float
    _grad: float | None
    _clock: int
    op: Any  # an Op; None on a leaf
    inputs: tuple[Any, ...]  # exact floats and Values
    name: str | None

    def __init_subclass__(cls) -> None:
        _NODE_INPUTS.add(cls)

    def __init__(self, data: object, name: str | None = None) -> None:
        self._data = as_number(data)
        self._grad = None
        self._clock = _clock
        self.op = None
        self.inputs = ()
        self.name = name
        if state.tracer is not None:
            state.tracer.born.add(self)

    @property
    def data(self) -> float:
        """The number itself. Assigning it on a leaf makes every graph recorded from the leaf stale."""
        if state.tracer is not None:
            state.tracer.refuse_leaving("read .data of", self)
        return self._data

    @data.setter
    def data(self, data: object) -> None:
        _require_assignable(self)
        number, clock = as_number(data), _assigning()
        self._data, self._clock = number, clock

    @property
    def grad(self) -> float:
        """The gradient that `backward` left here; 0.0 before."""
        if state.tracer is not None:
            state.tracer.refuse_leaving("read .grad of", self)
        return 0.0 if self._grad is None else self._grad

    @grad.setter
    def grad(self, grad: object) -> None:
        self._grad = None if grad is None else as_number(grad)

    @property
    def has_grad(self) -> bool:
        """Whether a gradient has been computed (or assigned) since the last `zero_grad`."""
        return self._grad is not None

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self._grad = None

    # Arithmetic. The commonest operators record their node right here: a call saved is a fifth of the time.

    def __add__(self, other: Number) -> Value:
        if isinstance(other, Value):
            return record(add, self._data + other._data, (self, other))
        if type(other) is float:
            return record(add, self._data + other, (self, other))
        return _binary(add, self, other)

    def __radd__(self, other: Number) -> Value:
        return _binary(add, other, self)

    def __sub__(self, other: Number) -> Value:
        if isinstance(other, Value):
            return record(sub, self._data - other._data, (self, other))
        if type(other) is float:
            return record(sub, self._data - other, (self, other))
        return _binary(sub, self, other)

    def __rsub__(self, other: Number) -> Value:
        return _binary(sub, other, self)

    def __mul__(self, other: Number) -> Value:
        if isinstance(other, Value):
            return record(mul, self._data * other._data, (self, other))
        if type(other) is float:
            return record(mul, self._data * other, (self, other))
        return _binary(mul, self, other)

    def __rmul__(self, other: Number) -> Value:
        return _binary(mul, other, self)

    def __truediv__(self, other: Number) -> Value:
        return _binary(div, self, other)

    def __rtruediv__(self, other: Number) -> Value:
        return _binary(div, other, self)

    def __pow__(self, exponent: Number) -> Value:
        if not isinstance(exponent, (float, int, Value)):
            exponent = element_of(exponent)
        return _binary(pow_ if isinstance(exponent, Value) else power, self, exponent)

    def __rpow__(self, base: Number) -> Value:
        return _binary(pow_, base, self)

    def __mod__(self, other: Number) -> Value:
        return _binary(mod, self, other)

    def __rmod__(self, other: Number) -> Value:
        return _binary(mod, other, self)

    def __floordiv__(self, other: Number) -> Value:
        return _binary(floor_divide, self, other)

    def __rfloordiv__(self, other: Number) -> Value:
        return _binary(floor_divide, other, self)

    def __divmod__(self, other: Number) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: Number) -> tuple[Value, Value]:
        return other // self, other % self

    def conjugate(self) -> Value:
        """The Value itself, being real: NumPy's variance and inner products ask for it."""
        return self

    def __neg__(self) -> Value:
        return record(neg, -self._data, (self,))

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return record(abs_, abs(self._data), (self,))

    def __floor__(self) -> Any:
        return floor(self)

    def __ceil__(self) -> Any:
        return ceil(self)

    def __trunc__(self) -> Any:
        return trunc(self)

    # Comparisons look at the data. Identity decides who is who in tables and sets, hence the hash.

    def __eq__(self, other: object) -> bool:
        if state.tracer is not None:
            return _traced(equal, self, other)
        data = _comparable(other)
        return NotImplemented if data is None else self._data == data

    def __ne__(self, other: object) -> bool:
        if state.tracer is not None:
            return _traced(equal, self, other, negated=True)
        data = _comparable(other)
        return NotImplemented if data is None else self._data != data

    def __lt__(self, other: Number) -> bool:
        if state.tracer is not None:
            return _traced(less, self, other)
        data = _comparable(other)
        return NotImplemented if data is None else self._data < data

    def __le__(self, other: Number) -> bool:
        if state.tracer is not None:
            return _traced(less_equal, self, other)
        data = _comparable(other)
        return NotImplemented if data is None else self._data <= data

    def __gt__(self, other: Number) -> bool:
        if state.tracer is not None:
            return _traced(less, other, self)
        data = _comparable(other)
        return NotImplemented if data is None else self._data > data

    def __ge__(self, other: Number) -> bool:
        if state.tracer is not None:
            return _traced(less_equal, other, self)
        data = _comparable(other)
        return NotImplemented if data is None else self._data >= data

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        if state.tracer is not None:
            return bool(_traced(equal, self, 0.0, negated=True))
        return self._data != 0.0

    # Ways out of the graph are taken on purpose only.

    def __float__(self) -> float:
        raise LeavesGraphError(
            f"{describe(self)} cannot become a float on the way: its gradient would be lost. Use the library's "
            "functions (ag.sin(x), not math.sin(x)), or x.data to leave the graph on purpose"
        )

    def __int__(self) -> int:
        raise LeavesGraphError(
            f"{describe(self)} cannot become an int: use ag.trunc(x) inside the graph, or int(x.data) to leave it"
        )

    def __index__(self) -> int:
        raise LeavesGraphError(
            f"{describe(self)} cannot be an index or a count: it is a number of the graph, as all elements of arrays "
            "and of batches are. Whole numbers that stay whole are single ints, or, in a compiled function, arguments "
            "named in static=; int(x.data) leaves the graph"
        )

    def __complex__(self) -> complex:
        raise LeavesGraphError(f"{describe(self)} cannot become complex: this engine differentiates real numbers")

    def __repr__(self) -> str:
        data = self._data
        if state.tracer is not None:
            data, is_plain = state.tracer.shown(self)
            if is_plain:
                return repr(data)
        name = "" if self.name is None else f", name={self.name!r}"
        grad = "" if self._grad is None else f", grad={self._grad!r}"
        return f"Value(data={data!r}{name}{grad})"

    def __format__(self, spec: str) -> str:
        if not spec:
            return repr(self)
        return format(self._data if state.tracer is None else state.tracer.shown(self)[0], spec)

    if TYPE_CHECKING:
        # Methods that other modules attach: `backprop` this one, `pickling` and `diagram.notebook` theirs, and `ops`
        # every op of fixed arity, as x.sin(), which np.sin(array) calls too.
        def backward(self) -> None:
            """Leave gradients in ``.grad``: see `autograd_core.backprop.backward`."""

        def __round__(self, digits: int | None = None) -> Any: ...
        def __getattr__(self, name: str) -> Callable[..., Value]: ...


Number: TypeAlias = "float | Value"
"""An input of an op: Python or NumPy ints and floats, and Values."""
Entry: TypeAlias = "float | Value | None"
"""One position of what a rule returns. None says: exactly nothing arrives here, whatever is multiplied onto it."""
Rule: TypeAlias = "Callable[..., Sequence[Entry]]"

_NODE_INPUTS = {float, Value}  # and subclasses of Value: what may stand among a node's inputs
_new = object.__new__
_clock = 0
_assignments = 0  # the clock of the last one
_clock_lock = threading.Lock()


def assign(leaves: Iterable[Value], numbers: Iterable[float]) -> None:
    """Set ``.data`` of many leaves at once, as one change; a leaf that has its number already is not touched, so that
    graphs of such leaves alone stay fresh.

    >>> x, y = Value(1.0), Value(2.0)
    >>> assign([x, y], [3.0, 2.0])
    >>> x.data, y.data
    (3.0, 2.0)

    Raises `NumberError` for what is no number, `InnerNodeError` for a Value that was computed, ValueError for another
    count; nothing has changed then.
    """
    new = zip(leaves, map(as_number, numbers), strict=True)
    changed = [(x, number) for x, number in new if x._data != number or number == 0.0]  # a zero of either sign
    for x, _ in changed:
        _require_assignable(x)
    clock = _assigning()
    for x, number in changed:
        x._data, x._clock = number, clock


def _require_assignable(x: Value) -> None:
    if x.inputs:
        raise InnerNodeError(
            f"{describe(x)} was computed by '{x.op}'; only leaves can be assigned. "
            "Change a leaf and compute the expression again"
        )
    if state.tracer is not None:
        state.tracer.refuse_leaving("assign .data of", x)


def tick() -> int:
    """Advance the clock that tells which graphs are older than the last change of a leaf."""
    global _clock
    with _clock_lock:
        _clock += 1
        return _clock


def _assigning() -> int:
    """The clock for leaves that are about to change; called before they do."""
    global _assignments
    clock = tick()
    _assignments = clock
    return clock


def now() -> int:
    """The clock: a leaf that changes from now on is later than it."""
    return _clock


def assignments() -> int:
    """The clock of the last assignment: it is another number as soon as a leaf may have changed."""
    return _assignments


def advance_clock(at_least: int) -> None:
    """Make sure that what is recorded from now on counts as later than `at_least` (a clock from a pickle)."""
    global _clock
    with _clock_lock:
        _clock = max(_clock, at_least)


def record(op: Op, data: float, inputs: tuple[float | Value, ...]) -> Value:
    """Append a node to the graph: `data` was computed by `op` from `inputs` (exact floats and Values)."""
    node = _new(Value)
    node._data = data
    node._grad = None
    node._clock = _clock
    node.op = op
    node.inputs = inputs
    node.name = None
    return node


def describe(x: Value) -> str:
    """A Value in the words of error messages: its name, if it has one, and its data."""
    return f"Value {x.name!r} = {x._data!r}" if x.name is not None else f"the Value {x._data!r}"


_EXACT_INT = 2**53  # smaller ints are floats exactly; larger ones are rounded, or refused, below


def as_number(x: object) -> float:
    """`x` as a float; `NumberError` with advice for whatever is no real number.

    Accepts Python and NumPy ints and floats, Fractions, and arrays of exactly one element.
    """
    if type(x) is float:
        return x
    if type(x) is int and -_EXACT_INT < x < _EXACT_INT:
        return float(x)
    if isinstance(x, Value):
        raise NumberError(
            f"expected a plain number, got {describe(x)}: it is in a graph already, so use it as it is; x.data leaves "
            "the graph on purpose"
        )
    if isinstance(x, (bool, Undecided)):
        raise NumberError(f"expected a number, got the bool {x}; write 1.0 or 0.0, or use ag.where(condition, a, b)")
    if isinstance(x, Real):
        try:
            return float(x)
        except OverflowError:
            raise NumberError("expected a float64, got a number beyond 1.8e308 in magnitude") from None
    shape = getattr(x, "shape", None)
    if shape is not None and getattr(x, "size", 0) == 1 and hasattr(x, "item"):
        return as_number(x.item())
    if shape:
        raise NumberError(
            f"expected one number, got an array of shape {tuple(shape)}: a Value holds a scalar. Make an array of "
            "Values (np.array([Value(v) for v in a])) or use NumPy's functions on it (np.sin(a))"
        )
    advice = {
        complex: "this engine differentiates real numbers; use its .real and .imag",
        str: "convert it with float(text)",
        type(None): "a function without a return statement gives None",
    }.get(type(x), "convert it with float(...), or give its elements one by one")
    raise NumberError(f"expected a number, got {x!r:.60} of type {type(x).__name__}; {advice}")


def element_of(x: Any) -> Any:
    """The element of an array without axes; everything else as it is.

    ``np.where``, ``np.squeeze`` and many others give an object array of shape () for one Value: it is that Value.
    """
    return x.item() if getattr(x, "shape", None) == () and hasattr(x, "item") else x


def as_inputs(numbers: Iterable[object]) -> tuple[Any, ...]:
    """`numbers` as a node keeps them: Values as they are, everything else as exact floats, or `NumberError`."""
    inputs = tuple(numbers)
    if _NODE_INPUTS.issuperset(map(type, inputs)):
        return inputs
    return tuple([_as_input(x) for x in inputs])


def _as_input(x: Any) -> float | Value:
    if isinstance(x, Value) or type(x) is float:
        return x
    if not isinstance(x, (float, int)) and getattr(x, "size", 0) == 1 and hasattr(x, "item"):
        x = x.item()
    return x if isinstance(x, Value) else as_number(x)


def as_value(x: Number) -> Value:
    """`x` itself if it is a Value, else a new leaf that holds it."""
    if not isinstance(x, Value):
        x = element_of(x)
    return x if isinstance(x, Value) else Value(x)


def data_of(x: Number) -> float:
    """The number itself, whether or not it is in a graph."""
    return x._data if isinstance(x, Value) else x


def _comparable(other: object) -> Any:
    """The number that Python compares a float with exactly, an int beyond all floats too; None for what is none."""
    if isinstance(other, Value):
        return other._data
    if isinstance(other, Real):
        return other
    element = element_of(other)
    return None if element is other else _comparable(element)


def _traced(op: Op, x: Any, y: Any, negated: bool = False) -> bool:
    """The condition that a comparison gives while a function is traced; it becomes a bool when asked."""
    if _comparable(x) is None or _comparable(y) is None:
        return NotImplemented  # type: ignore[no-any-return]  # Python asks the other side then
    assert state.tracer is not None
    x, y = (side if isinstance(side, (Value, Real)) else element_of(side) for side in (x, y))
    condition: bool = state.tracer.compare(op, x, y, negated)
    return condition


def _binary(op: Op, x: Any, y: Any) -> Value:
    """``x op y`` where one of the two is a Value; the other may be anything that Python's operators meet."""
    if type(x) is not float and not isinstance(x, Value):
        if type(x) is not int and (getattr(x, "shape", None) or isinstance(x, Undecided)):
            return NotImplemented  # type: ignore[no-any-return]  # an array: NumPy applies the operator elementwise
        x = _as_input(x)
    if type(y) is not float and not isinstance(y, Value):
        if type(y) is not int and (getattr(y, "shape", None) or isinstance(y, Undecided)):
            return NotImplemented  # type: ignore[no-any-return]  # likewise
        y = _as_input(y)
    data = x if type(x) is float else x._data, y if type(y) is float else y._data
    return record(op, op.evaluate(data, (x, y)), (x, y))


# The ops are written with Value, and Value's operators with the ops: hence here, and not at the top.
from .ops.arithmetic import abs_, add, div, mul, neg, pow_, power, sub
from .ops.selection import ceil, equal, floor, floor_divide, less, less_equal, mod, trunc
