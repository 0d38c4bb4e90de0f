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
from .errors import AutogradError, DivisionByZeroError, DomainError, NumberError, OpError
from .tracing import state
from .value import Value, as_inputs, as_number, describe, record
from .visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .value import Number, Rule

__all__ = ["Op", "quiet"]

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
        floats and on Values; None where nothing can flow back. The names and defaults of its inputs are the op's.
    domain: what the inputs may be; an `Interval` stands for a domain of one input.
    in_ops: `forward` once more, written in ops, for machines, where Python's own is faster on floats or more exact.
    ieee: what IEEE arithmetic says where `forward` raises; if not given, what its ops say if it is written in ops, else
        inf for an overflow and nan for anything else.
    label: the short text in diagrams; the name if not given.
    latex: how formulas write the function in LaTeX, ``r"\\psi"`` for instance; its name upright if not given.
    constants: names of inputs that are plain numbers always; nothing is differentiated with respect to them.
    pack: for n-ary ops, from what a caller passes to the flat tuple of inputs, through `as_inputs`.

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
        if not callable(forward) or not callable(bprop):
            raise OpError(f"op '{name}' needs two functions, forward(*inputs) and bprop(g, z, *inputs)")
        self.name = visible(name)
        self.forward = self._first(forward) if _is_ours(forward) else _on_its_own(forward)
        self.bprop = bprop
        self.domain = domain
        self.in_ops = in_ops
        self.ieee = ieee
        self.label = visible(label or name)
        self.latex = latex
        self.constants = constants
        self.module: str = sys._getframe(1).f_globals.get("__name__", "__main__")
        self.input_names, self.defaults, self.is_nary = _signature(name, bprop)
        self.is_unary = len(self.input_names) == 1 and not self.is_nary
        self.pack = pack or (_as_given if self.is_nary else None)
        if not self.is_nary and len(domain.intervals) != len(self.input_names):
            raise OpError(
                f"op '{name}': its rule takes {len(self.input_names)} inputs, its domain {len(domain.intervals)}"
            )

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
                advice = "; NumPy's function takes axis= and the like, on arrays of Values too" if named else ""
                raise OpError(f"{self.name} cannot take these arguments: {error}{advice}") from None
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
                    raise
            if self.ieee is not None:
                return self.ieee(*data)
            return self._by_ops(data, math.inf if is_overflow else math.nan)
        if type(result) is not float:
            result = self._as_float(result)
        if not math.isfinite(result) and not is_quiet():
            self._refuse_outside_domain(data, inputs, False)
        return result

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
            if name in self.constants and isinstance(x, Value):
                raise OpError(
                    f"{self.name}: {name} must be a plain number, got {describe(x)}; nothing can be differentiated "
                    "with respect to it"
                )

    def _refuse_outside_domain(self, data: tuple[float, ...], inputs: Sequence[Number], is_division: bool) -> None:
        problem = self.domain.problem(data, self.input_names)
        if problem is None:
            return  # an honest inf or nan: exp(1000), or nan among the inputs
        position, expected = problem
        last = len(self.input_names) - 1
        given = [
            f"{self.input_names[min(i, last)]} = {d!r}"
            + (f" (the Value named {x.name!r})" if isinstance(x, Value) and x.name is not None else "")
            for i, (d, x) in enumerate(zip(data, inputs, strict=True))
            if i == position or len(data) <= 3
        ]
        error = DivisionByZeroError if is_division else DomainError
        raise error(f"{self.name}: {', '.join(given)} is outside the domain; expected {expected}")

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


def _as_given(*inputs: object) -> tuple[Any, ...]:
    return as_inputs(inputs)


def _signature(name: str, bprop: Rule) -> tuple[tuple[str, ...], dict[str, float], bool]:
    """The op's input names, their defaults and whether it is n-ary, read off its rule ``(g, z, x, y=1.0, *more)``."""
    code = getattr(bprop, "__code__", None)
    if code is None or code.co_argcount < 2:
        raise OpError(f"the rule of op '{name}' must be a function of (g, z, *inputs), got {bprop!r}")
    names = code.co_varnames[2 : code.co_argcount]
    given = getattr(bprop, "__defaults__", None) or ()
    defaults = dict(zip(names[len(names) - len(given) :], given, strict=True))
    is_nary = bool(code.co_flags & 0x04)  # CO_VARARGS
    if is_nary:
        names = (*names, code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
    return names, defaults, is_nary
