"""A live page: one file on which values, gradients and what flows back follow while an input is dragged.

variables                       the numbers among a function's arguments, as leaves with names
ways                            a program for each way through the function's branches, in JavaScript
layout                          where boxes and edges are drawn
page                            the file as a whole
page.html, page.css, page.js    its parts
texts.json                      its texts, in English and German
"""

from __future__ import annotations

from contextlib import suppress

from ..errors import DiagramError, OpError
from ..value import Value, element_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .page import LivePage

__all__ = ["live"]


def live(f: Callable[..., Any] | Value, *args: Any, language: str | None = None, **named: Any) -> LivePage:
    """A page on which the inputs of `f` can be dragged: values, gradients, flows and a curve follow.

    f: a function that returns one number; or a Value, whose leaves are then the inputs.
    args, named: where the page begins. Every number is an input, those in lists, dicts and arrays too; Values that `f`
        finds outside, as the weights of a network, can be changed as well. Anything else is passed on as it is.
    language: "en" or "de"; by default that of the reader's browser. The page can switch.

    Its arithmetic is that of `jit`: the function is traced, once for every way through its branches, and value and
    gradient are written as JavaScript by `autograd_core.jit.backends.source.javascript`.

    >>> live(lambda x, y: x * y + x, x=2.0, y=3.0)
    <LivePage of 4 values and 2 inputs: .save("live.html") makes the page>

    Raises `OpError` for what is no function, `NumberError` (a TypeError) for a result that is not one number,
    `DomainError` for a point outside the domain, `DiagramError` for more values than a page can draw or for none that
    can be changed, `ProgramError` naming an op for which JavaScript has no function.
    """
    from ..diagram.pages import checked_language

    f = element_of(f)
    if not isinstance(f, Value) and not callable(f):
        raise OpError(f"live takes a function, as live(lambda x: x * x, x=2.0), or a Value; got {f!r:.60}")
    if isinstance(f, Value) and (args or named):
        raise DiagramError("a Value has its numbers already: live(z), without further arguments")
    if not (isinstance(f, Value) or args or named or _needs_nothing(f)):
        raise DiagramError(
            f"live({f!r:.60}) has no numbers to begin at: give them as the function takes them, as live(f, x=2.0) or, "
            "of a network, live(net, [0.5, -1.0])"
        )
    language = checked_language(language)
    from .page import LivePage
    from .variables import Variables

    return LivePage(Variables(f, args, named), language)


def _needs_nothing(f: Callable[..., Any]) -> bool:
    """Whether a function can be called without arguments, as far as it tells."""
    from inspect import signature

    try:
        with suppress(ValueError):  # a function of C tells nothing
            signature(f).bind()
        return True
    except TypeError:
        return False
