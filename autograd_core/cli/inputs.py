"""The expression and the variables of a command, as they stand on the line."""

from __future__ import annotations

import math
import sys

from ..errors import ExpressionError
from ..expression import ParsedExpression, name_problem
from ..synonyms import close
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["check_unused", "chosen", "graph", "parsed", "read"]


def read(args: argparse.Namespace, rest: Sequence[str], *, is_picture: bool = False) -> tuple[Any, dict[str, Value]]:
    """The expression's Value (a float if it uses no variable) and the variables by name."""
    expression, numbers = parsed(args, rest)
    variables = {name: Value(number, name=name) for name, number in numbers.items()}
    result = expression(**variables)
    if unused := [name for name in variables if name not in expression.names]:
        check_unused(unused, expression, is_picture)
        print(f"note: gradient 0, as not in the expression: {', '.join(unused)}", file=sys.stderr)
    return result, variables


def parsed(args: argparse.Namespace, rest: Sequence[str]) -> tuple[ParsedExpression, dict[str, float]]:
    """The expression, and the numbers that are given."""
    values = [_assignment(word) for word in (*args.assignments, *rest)]
    names = [name for name, _ in values]
    for name in names:
        if names.count(name) > 1:
            raise ExpressionError(f"{name} is given more than once; every variable has one value")
    text = args.expression.strip()
    _check_expression(text)
    return ParsedExpression(text), dict(values)


def check_unused(unused: Sequence[str], expression: ParsedExpression, is_picture: bool) -> None:
    """Refuse what changes nothing: a misprint of a name that is used, and what a picture would lack."""
    used = ", ".join(expression.names)
    for name in unused:
        similar = close(name, expression.names)
        if similar and similar.rstrip("0123456789") != name.rstrip("0123456789"):  # x12 beside x11 is no misprint
            raise ExpressionError(f"{name} is not in the expression; did you mean {similar}? It uses {used}")
    if unused and is_picture:
        raise ExpressionError(f"{', '.join(unused)}: not in the expression, so not in a picture of it; it uses {used}")


def _check_expression(text: str) -> None:
    """Answer an assignment that stands where the expression should; `ParsedExpression` answers x==2 and f(x)=x."""
    name, equals, right = [part.strip() for part in text.partition("=")]
    if not equals or right[:1] == "=" or name_problem(name) is not None:
        return
    try:
        float(right)
    except ValueError:
        raise ExpressionError(f"leave out {f'{name} ='!r:.50}: the expression is {right!r:.60}") from None
    raise ExpressionError(f"the expression is missing in front of {text!r:.60}")


def _assignment(word: str) -> tuple[str, float]:
    name, equals, text = word.partition("=")
    if not equals:
        raise ExpressionError(
            f"{word!r:.60} is not of the form name=number, as in x=2. Has the expression been put in quotes?"
        )
    if problem := name_problem(name):
        raise ExpressionError(f"{problem} (in {word!r:.60})")
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ExpressionError(
            f"{name} needs a finite number such as 2, 0.5 or -1e-3, got {text!r:.60}. "
            "What has to be computed belongs in the expression"
        )
    return name, number


def graph(args: argparse.Namespace, rest: Sequence[str], *, is_picture: bool = False) -> tuple[Value, dict[str, Value]]:
    """The result of `read`, or `ExpressionError` for an expression without a graph."""
    result, variables = read(args, rest, is_picture=is_picture)
    if not isinstance(result, Value):
        raise ExpressionError("an expression without variables has no graph; give at least one, as in x=2")
    return result, variables


def chosen(wrt: str | None, variables: Mapping[str, Value]) -> list[Value]:
    """The variables that ``--wrt x,y`` names, by default all; raises `ExpressionError` for what is none."""
    names = list(variables) if wrt is None else [name.strip() for name in wrt.split(",")]
    for name in names:
        if name not in variables:
            raise ExpressionError(f"--wrt {name!r:.40} is no variable; there are {', '.join(variables)}")
    return [variables[name] for name in names]
