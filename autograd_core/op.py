"""Op: one operation, stated once. Everything else is a loop over graph nodes that reads this record.

The record holds the op's value (``forward``), its derivative rule (``bprop``), its domain and its label. The rule is
ordinary Python written with other ops, so that the same text gives a fast gradient when fed floats and a gradient
that is itself a graph when fed Values.

This module knows no particular op: see `autograd_core.ops`.
"""

from __future__ import annotations

import math
import sys
import threading
from functools import wraps
from types import BuiltinFunctionType

from .domain import Domain, Interval
from .errors import AutogradError, DivisionByZeroError, DomainError, NumberError, OpError, StructureError
from .tracing import state
from .value import Value, as_inputs, as_number, describe, record
from .visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .value import Number, Rule

__all__ = ["Op", "elements", "quiet", "several"]

KEYS: tuple[type, ...] = (set, frozenset, type({}.keys()), type({}.items()))
_PACKAGE = __file__.removesuffix("op.py")


class _ThreadState(threading.local):
    def __init__(self) -> None:
        self.quiet = threading.RLock()


_state = _ThreadState()


def quiet() -> Any:
    """A context in which ops follow IEEE, as inside rules: outside their domain they give inf or nan and raise nothing.

    The context, of ``with quiet():``, is a lock that no other thread ever sees: it is left in one step, so that no
    exception of a signal handler comes between and leaves the engine quiet for good.
    """
    return _state.quiet


def is_quiet() -> bool:
    """Whether ops follow IEEE now, inside `quiet`."""
    held: bool = _state.quiet._is_owned()  # type: ignore[attr-defined]  # all kinds of RLock have it
    return held


class Op:
    """An operation: its value, its derivative rule, its domain, its label.

    Parameters
    ----------
    name: how tables, errors and expressions call it; what cannot be seen in it is written out.
    forward: floats in, a float out. It may raise as Python's `math` does where there is no finite value. Written in ops
        and operators alone (``lambda x: x * sigmoid(x)``, ``where`` for branches) it answers Values with a Value, and
        machines compute it step by step; else, with ``math.sin`` or an ``if``, they call it back.
    bprop: the derivative rule ``(g, z, *inputs) -> entries``. ``g`` is the gradient that arrives, ``z`` the op's
        own output. It returns one entry per input position, ``g * dz/dinput``, written with ops so that it runs on
        floats and on Values; None where nothing can flow back. The names of its inputs are the op's, and so are the
        defaults that it or `forward` has for them.
    domain: what the inputs may be; an `Interval` stands for a domain of one input, and of an n-ary op for that of all.
    in_ops: `forward` once more, written in ops, for machines, where Python's own is faster on floats or more exact.
    ieee: what IEEE arithmetic says where `forward` raises; if not given, what its ops say if it is written in ops, else
        inf for an overflow and nan for anything else.
    label: the short text in diagrams; the name if not given.
    latex: how formulas write the function in LaTeX, ``r"\\psi"`` for instance; its name upright if not given.
    constants: names of inputs that are plain numbers always; nothing is differentiated with respect to them.
    pack: for n-ary ops, the function from what a caller passes to a flat tuple of numbers and Values; if not given,
        they take the numbers themselves, or one list or array of them.

    Names may be shared: an op is the object, not its name.

    >>> from autograd_core.domain import REAL
    >>> cube = Op("cube", lambda x: x * x * x, lambda g, z, x: (3 * g * x * x,), REAL)
    >>> x = Value(2.0)
    >>> cube(x).backward(); x.grad
    12.0

    Raises `OpError` (a TypeError) when the parts do not fit each other, `DomainError` when called outside.
    """

    written_out: Callable[..., Any] = staticmethod(lambda forward, count: forward)
    """The function that makes `forward` one of `count` floats alone: `autograd_core.forward` attaches it."""

    def __init__(
        self,
        name: str,
        forward: Callable[..., float],
        bprop: Rule,
        domain: Domain | Interval | None = None,
        *,
        in_ops: Callable[..., Any] | None = None,
        ieee: Callable[..., float] | None = None,
        label: str | None = None,
        latex: str | None = None,
        constants: tuple[str, ...] = (),
        pack: Callable[..., tuple[Any, ...]] | None = None,
    ) -> None:
        if isinstance(domain, Interval):
            domain = Domain(domain)
        if not isinstance(domain, Domain):
            raise OpError(
                f"op '{name}' needs a domain as its fourth argument, got {domain!r}: for instance "
                "autograd_core.domain.REAL, or Domain(REAL, POSITIVE) with one set per input"
            )
        if not isinstance(name, str):
            raise OpError(f"an op's name is a text, by which errors and drawings call it; got {name!r:.60}")
        if not callable(forward) or not callable(bprop):
            raise OpError(f"op '{name}' needs two functions, forward(*inputs) and bprop(g, z, *inputs)")
        self.name = self.__name__ = visible(name)
        self.runs_code_of_users = not _is_ours(forward)  # which may raise anything, and be finite outside of the domain
        self.forward = _on_its_own(forward) if self.runs_code_of_users else self._first(forward)
        self.bprop = bprop
        self.domain = domain
        self.in_ops = in_ops
        self.ieee = ieee
        self.label = visible(label or name)
        self.latex = latex
        self.constants = constants
        self.module: str = sys._getframe(1).f_globals.get("__name__", "__main__")
        self.input_names, self.defaults, self.is_nary = _signature(name, forward, bprop)
        self.is_unary = len(self.input_names) == 1 and not self.is_nary
        self.pack = pack or (several if self.is_nary else None)
        if not self.is_nary and len(domain.intervals) != len(self.input_names):
            raise OpError(
                f"op '{name}': its rule (g, z, {', '.join(self.input_names)}) takes {len(self.input_names)} inputs, "
                f"its domain {len(domain.intervals)}"
            )
        if not set(constants) <= set(self.input_names):
            raise OpError(f"op '{name}' has the inputs {', '.join(self.input_names)}; got constants={constants!r:.60}")

    def _first(self, forward: Callable[..., float]) -> Callable[..., float]:
        """`forward`; one of ours that is written in ops is written out for floats when it is first called."""
        if isinstance(forward, BuiltinFunctionType):
            return forward

        def first(*data: float) -> float:
            self.forward = forward  # for whatever is asked of this op meanwhile
            if not self.is_nary:
                self.forward = self.written_out(forward, len(data))
            return self.forward(*data)

        first.__wrapped__ = forward  # type: ignore[attr-defined]  # as functools.wraps has it
        return first

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The op on numbers (gives a float) or on numbers and Values (gives a Value).

        Raises `DomainError` outside the domain, `NumberError` for what is no number, `OpError` for a wrong count.
        """
        if self.is_unary and len(args) == 1 and not named and isinstance(args[0], Value):
            return record(self, self.evaluate((args[0]._data,), args), args)  # the commonest call, at half the price
        if self.pack is not None:
            try:
                inputs = self.pack(*args, **named)
            except TypeError as error:
                if isinstance(error, AutogradError):
                    raise
                reason = str(error).partition("() ")[2] or str(error)  # without the name of a function of ours
                advice = "; NumPy's function takes axis= and the like, on arrays of Values too" if named else ""
                raise OpError(f"{self.name} cannot take these arguments: {reason}{advice}") from None
        else:
            if named or len(args) != len(self.input_names):
                args = self._complete(args, named)
            inputs = as_inputs(args)
            if self.constants:
                self._refuse_value_constants(inputs)
        data = tuple([x if type(x) is float else x._data for x in inputs])
        result = self.evaluate(data, inputs)
        for x in inputs:
            if type(x) is not float:
                return record(self, result, inputs)
        return result

    def evaluate(self, data: tuple[float, ...], inputs: Sequence[Number]) -> float:
        """The op's value at `data`; `inputs` are what an error message names."""
        try:
            result = self.forward(*data)
        except (ValueError, ArithmeticError) as error:
            is_overflow = isinstance(error, OverflowError)
            if not is_quiet():
                self._refuse_outside_domain(data, inputs, isinstance(error, ZeroDivisionError))
                if not is_overflow and not any([x != x for x in data]):
                    raise OpError(
                        f"{self.name} of {self._given(data, inputs) or 'no numbers'} is no number: its forward says "
                        f"'{error}'. Give it a value there, or a domain without that point"
                    ) from error
            if self.ieee is not None:
                return self.ieee(*data)
            return self._by_ops(data, math.inf if is_overflow else math.nan)
        is_finite = type(result) is float and math.isfinite(result)
        if (self.runs_code_of_users or not is_finite) and not is_quiet():
            self._refuse_outside_domain(data, inputs, False)
        return result if type(result) is float else self._as_float(result)

    def _by_ops(self, data: tuple[float, ...], otherwise: float) -> float:
        """The value of `forward` on Values, whose ops follow IEEE where floats raise; `otherwise` if it takes none."""
        forward = getattr(self.forward, "__wrapped__", self.forward)
        if isinstance(forward, BuiltinFunctionType):
            return otherwise
        try:
            with quiet():
                found = _on_its_own(forward)(*map(Value, data))
        except Exception:  # whatever a function of floats does with Values
            return otherwise
        return found._data if isinstance(found, Value) else otherwise

    def _as_float(self, result: object) -> float:
        if isinstance(result, complex) and is_quiet():
            return math.nan
        try:
            return as_number(result)
        except NumberError as error:
            raise OpError(f"the forward function of op '{self.name}' must return a number: {error}") from None

    def _complete(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """`args` with the inputs given by name and the defaults, or `OpError`."""
        names = self.input_names
        unknown = [n for n in named if n not in names[len(args) :]]
        complete = list(args)
        for n in names[len(args) :]:
            if n in named:
                complete.append(named[n])
            elif n in self.defaults:
                complete.append(self.defaults[n])
        if unknown or self.is_nary or len(complete) != len(names):
            given = ", ".join([*("_" for _ in args), *(f"{n}=_" for n in named)])
            wanted = ", ".join(f"{n}={self.defaults[n]:g}" if n in self.defaults else n for n in names)
            raise OpError(f"{self.name}({given}) does not fit; expected {self.name}({wanted})")
        return tuple(complete)

    def _refuse_value_constants(self, args: tuple[Any, ...]) -> None:
        for name, x in zip(self.input_names, args, strict=True):
            if name in self.constants and isinstance(x, Value) and not (state.tracer and state.tracer.is_plain(x)):
                raise OpError(
                    f"{self.name}: {name} must be a plain number, got {describe(x)}; nothing can be differentiated "
                    "with respect to it"
                )

    def _refuse_outside_domain(self, data: tuple[float, ...], inputs: Sequence[Number], is_division: bool) -> None:
        problem = self.domain.problem(data, self.input_names)
        if problem is None:
            return  # an honest inf or nan: exp(1000), or nan among the inputs
        position, expected = problem
        error = DivisionByZeroError if is_division else DomainError
        given = self._given(data, inputs, position)
        raise error(f"{self.name}: {given} is outside the domain; expected {expected}")

    def _given(self, data: tuple[float, ...], inputs: Sequence[Number], position: int = 0) -> str:
        """The inputs in the words of error messages; of more than three only the one at `position`."""
        return ", ".join(
            [
                f"{self.input_name(i)} = {d!r}"
                + (f" (the Value named {x.name!r})" if isinstance(x, Value) and x.name is not None else "")
                for i, (d, x) in enumerate(zip(data, inputs, strict=True))
                if i == position or len(data) <= 3
            ]
        )

    def input_name(self, i: int) -> str:
        """The name of the input at a position; n-ary ops number theirs."""
        last = len(self.input_names) - 1
        return f"{self.input_names[last]}[{i - last}]" if self.is_nary and i >= last else self.input_names[i]

    def __str__(self) -> str:
        return self.name

    def __deepcopy__(self, memo: dict[int, Any]) -> Op:
        return self  # ops are constants, as functions are; `pickling` attaches how they are pickled


def _is_ours(forward: Callable[..., float]) -> bool:
    """Whether a value is computed by this package, or by no Python at all, so that it asks for no derivative itself."""
    code = getattr(forward, "__code__", None)
    return isinstance(forward, BuiltinFunctionType) if code is None else code.co_filename.startswith(_PACKAGE)


def _on_its_own(forward: Callable[..., float]) -> Callable[..., float]:
    """`forward` outside of every graph that is being recorded: what it calls with its floats is not traced."""

    @wraps(forward)
    def value(*data: float) -> float:
        tracer, recordings = state.tracer, state.recordings
        if tracer is None and not recordings:
            return forward(*data)
        try:
            state.tracer, state.recordings = None, 0
            return forward(*data)
        finally:
            state.tracer, state.recordings = tracer, recordings

    return value


def several(*args: Any) -> tuple[Any, ...]:
    """``(x, y, z)`` or one iterable of numbers, as a flat tuple; arrays of any shape are read in C order."""
    if len(args) == 1 and not isinstance(args[0], (Value, float, int)):
        try:
            args = elements(args[0])
        except TypeError:
            as_number(args[0])
    return as_inputs(args)


def elements(x: Any) -> tuple[Any, ...]:
    """The numbers that a sequence, an array or a table (`to_numpy`) holds, in C order; never its keys."""
    if type(x) is list or type(x) is tuple:
        return tuple(x)
    if hasattr(x, "to_numpy"):
        x = x.to_numpy()
    elif hasattr(x, "keys") or isinstance(x, KEYS):
        raise StructureError(
            f"expected a sequence of numbers, got {x!r:.60} of type {type(x).__name__}, whose elements are keys or "
            "have no order; give a list of its numbers, such as list(d.values())"
        )
    return tuple(getattr(x, "flat", x))


def _signature(name: str, forward: Any, bprop: Any) -> tuple[tuple[str, ...], dict[str, float], bool]:
    """The op's input names, their defaults and whether it is n-ary, read off its rule ``(g, z, x, y=1.0, *more)``.

    The forward takes as many inputs; a default may stand there instead.
    """
    rule, value = _parameters(bprop), _parameters(forward)
    if rule is None or len(rule[0]) < 2:
        raise OpError(f"the rule of op '{name}' must be a function of (g, z, *inputs), got {bprop!r}")
    (_, _, *names), defaults, more = rule
    taken, others, takes_more = value or (names, {}, more)
    least, most = len(taken) - len(others), math.inf if takes_more else len(taken)
    if not (takes_more if more else least <= len(names) <= most):
        raise OpError(
            f"op '{name}': its forward takes ({_listed(taken, takes_more)}), its rule (g, z, {_listed(names, more)})"
        )
    for ours, theirs in zip(names, taken, strict=False):
        if theirs in others and defaults.setdefault(ours, others[theirs]) != others[theirs]:
            raise OpError(f"op '{name}' has two defaults of {ours}: {others[theirs]!r} and {defaults[ours]!r}")
    return (*names, *([more] if more else [])), defaults, more is not None


def _listed(names: Sequence[str], more: str | None) -> str:
    return ", ".join([*names, *([f"*{more}"] if more else [])])


def _parameters(f: Any) -> tuple[tuple[str, ...], dict[str, Any], str | None] | None:
    """A Python function's positional parameters, their defaults, and the name of its ``*args``; None for other ones."""
    code = getattr(f, "__code__", None)
    if code is None:
        return None
    names = code.co_varnames[: code.co_argcount]
    given = getattr(f, "__defaults__", None) or ()
    more = code.co_varnames[code.co_argcount + code.co_kwonlyargcount] if code.co_flags & 0x04 else None  # CO_VARARGS
    defaults = dict(zip(names[len(names) - len(given) :], given, strict=True))
    return names[hasattr(f, "__self__") :], defaults, more
