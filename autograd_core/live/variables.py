"""The arguments of a live page's function: each number a leaf with a name, anything else as it is."""

from __future__ import annotations

from inspect import signature
from numbers import Real

from ..containers import flatten, is_array, is_container, rebuild
from ..errors import AutogradError, NumberError
from ..graph import ancestors, check_fresh
from ..value import Value, data_of, element_of, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["Variables"]


class Variables:
    """A function and where its page begins: ``leaves`` are the inputs, in the order of the arguments."""

    def __init__(self, f: Callable[..., Any] | Value, args: Sequence[Any], named: dict[str, Any]) -> None:
        self.f: Callable[..., Any] = _again(f) if isinstance(f, Value) else f
        self.leaves: list[Value] = []
        names = _names(self.f, len(args))
        self.args = [self._with_leaves(x, name) for x, name in zip(args, names, strict=True)]
        self.named = {name: self._with_leaves(x, name) for name, x in named.items()}

    def __call__(self) -> Value:
        """The function's result at the leaves; raises `NumberError` if it is not one number."""
        result = element_of(self.f(*self.args, **self.named))
        if is_container(result) or is_array(result):
            elements = flatten(result, "the function's result")
            if len(elements) != 1:
                raise NumberError(
                    f"a live page shows a function of one result, this one returns {len(elements)}: take one of them, "
                    "or their loss, as live(lambda x: f(x)[0], x=2.0)"
                )
            result = elements[0]
        if isinstance(result, Value):
            return result
        if not isinstance(result, Real) or isinstance(result, bool):
            raise NumberError(
                f"a live page shows a function that returns one number, got {result!r:.60} of type "
                f"{type(result).__name__}; is a return missing?"
            )
        return Value(float(result))

    def _with_leaves(self, x: Any, name: str) -> Any:
        x = element_of(x)
        if isinstance(x, (Value, Real)) and not isinstance(x, bool):
            return self._leaf(x, name)
        if not (is_container(x) or is_array(x)):
            return x
        try:
            elements = flatten(x)
        except AutogradError:
            return x  # texts, for instance, which the function wants as they are
        return rebuild(x, iter([self._leaf(e, f"{name}_{k}") for k, e in enumerate(elements, 1)]))

    def _leaf(self, x: Any, name: str) -> Value:
        leaf = Value(data_of(x), name=getattr(x, "name", None) or name)
        self.leaves.append(leaf)
        return leaf


def _names(f: Callable[..., Any], count: int) -> list[str]:
    """The names of the first parameters, x1, x2, ... where there are none."""
    try:
        parameters = [
            p for p in signature(f).parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        parameters = []
    return [parameters[k].name if k < len(parameters) else f"x{k + 1}" for k in range(count)]


def _again(z: Value) -> Callable[[], Value]:
    """A function that computes the graph of `z` again from its leaves; raises `StaleGraphError` if one has changed."""
    order = ancestors(z)
    check_fresh(order)

    def f() -> Value:
        copies: dict[Value, Value] = {}
        for node in order:
            inputs = tuple([copies[x] if isinstance(x, Value) else x for x in node.inputs])
            copies[node] = record(node.op, node._data, inputs) if inputs else node
            if inputs:
                copies[node].name = node.name
        return copies[z]

    return f
