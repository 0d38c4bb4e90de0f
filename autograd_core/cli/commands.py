"""What each command does, and prints."""

from __future__ import annotations

from contextlib import suppress

from ..backprop import backprop
from ..diagram.notebook import TABLE_HEADER
from ..domain import EXTENDED
from ..errors import AutogradError, ExpressionError
from ..expression import CALLABLE, CONSTANTS, ParsedExpression, signature
from ..graph import ancestors
from ..names import names_of
from ..ops import TABLE
from ..value import Value
from ..visible import visible
from .inputs import check_unused, chosen, graph, parsed, read
from .tables import print_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

__all__ = ["check", "derive", "draw", "functions", "grad", "lessons", "live", "step"]

STARTS = (1.0, 2.0, 0.5, 5.0, -2.0)
"""Where a live page begins with variables that have no value: at the first of these that is inside the domain."""


def grad(args: argparse.Namespace, rest: Sequence[str]) -> None:
    """Print the value and the gradient as a table."""
    result, variables = read(args, rest)
    root = result if isinstance(result, Value) else Value(result)
    gradient = backprop(root, [root, *variables.values()])
    names = names_of(ancestors(root) | dict.fromkeys(variables.values()), root)
    rows = [(names[x], repr(x.data), repr(gradient[x])) for x in gradient]
    print_table(TABLE_HEADER, rows)


def draw(args: argparse.Namespace, rest: Sequence[str]) -> None:
    """Draw the graph with its values and gradients."""
    result, _ = graph(args, rest, is_picture=True)
    from ..diagram import draw

    result.backward()
    picture = draw(result, style=args.style, theme=args.theme, direction=args.direction)
    print(f"wrote {visible(picture.save(args.output))}")


def step(args: argparse.Namespace, rest: Sequence[str]) -> None:
    """Write the page that goes through both passes."""
    result, variables = graph(args, rest, is_picture=True)
    from ..diagram import step

    print(f"wrote {visible(step(result, chosen(args.wrt, variables), language=args.language).save(args.output))}")


def live(args: argparse.Namespace, rest: Sequence[str]) -> None:
    """Write the page on which the variables can be dragged."""
    expression, numbers = parsed(args, rest)
    check_unused([name for name in numbers if name not in expression.names], expression, True)
    from ..live import live

    if not set(expression.names) - CONSTANTS.keys() | numbers.keys():
        raise ExpressionError("an expression without variables has nothing to drag; write for instance x*y")
    page = live(expression, language=args.language, **_started(expression, numbers))
    print(f"wrote {visible(page.save(args.output))}")


def _started(expression: ParsedExpression, numbers: dict[str, float]) -> dict[str, float]:
    """The numbers, and the first of `STARTS` inside the domain for every variable that has none."""
    variables = [name for name in expression.names if name in numbers or name not in CONSTANTS]
    found = [{name: numbers.get(name, start) for name in variables} for start in STARTS]
    for candidate in found:
        with suppress(AutogradError):
            expression(**candidate)
            return candidate
    return found[0]  # of which `live` says what is wrong


def derive(args: argparse.Namespace, rest: Sequence[str]) -> None:
    """Print the derivatives, written out."""
    result, variables = graph(args, rest)
    from ..formulas.derivation import derivations

    targets = chosen(args.wrt, variables)
    digits: Any = None if args.digits == "all" else args.digits
    with suppress(ValueError, TypeError):
        digits = int(digits)
    found = derivations(
        result,
        targets,
        digits=digits,
        rules=args.rules,
        language=args.language,
        logarithm=args.logarithm,
    )
    print("\n\n".join([part.latex if args.latex else str(part) for part in found]))


def check(args: argparse.Namespace, rest: Sequence[str]) -> int:
    """Print the verdict on an answer; 1 if it is wrong."""
    result, variables = graph(args, rest)
    from ..formulas import check_derivation

    targets = chosen(args.wrt, variables)
    verdict = check_derivation(args.answer, result, targets, rate=args.rate, language=args.language)
    print(verdict)
    return 0 if verdict else 1


def functions(args: argparse.Namespace, rest: Sequence[str]) -> None:
    """Print what an expression may call."""
    if rest:
        raise ExpressionError(f"functions takes no arguments, got {rest[0]!r:.60}")
    rows, family = [], ""
    for name in sorted(CALLABLE, key=lambda name: TABLE[name].module):
        before, family = family, TABLE[name].module.rpartition(".")[2]
        rows.append((family if family != before else "", signature(name), _domain(name)))
    print_table(("family", "function", "defined for"), rows)


def lessons(args: argparse.Namespace, rest: Sequence[str]) -> None:
    """Copy the lessons."""
    from ..lessons import copy

    if rest:
        raise ExpressionError(f"lessons takes one directory, got {rest[0]!r:.60} besides")
    paths = copy(args.directory, args.language, as_html=args.html, overwrite=args.force)
    for path in paths:
        print(f"wrote {visible(str(path))}")
    if not args.html:
        print("open them: python -m jupyterlab, after pip install 'autograd-core[notebooks]'")


def _domain(name: str) -> str:
    domain, names = TABLE[name].domain, TABLE[name].input_names
    limits = [domain.interval(i).describe(n) for i, n in enumerate(names) if domain.interval(i) is not EXTENDED]
    return domain.text or ", ".join(dict.fromkeys(limits)) or "all numbers"
