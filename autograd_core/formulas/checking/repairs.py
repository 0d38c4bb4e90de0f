"""Expressions with one operation altered: where an alteration makes a wrong answer right, there the slip is.

They are for slips of algebra, which no rule of calculus explains. A text is taken apart by Python's parser and written
out again; nothing is executed.
"""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["repairs"]

MOST_CHARACTERS = 200
"""Characters of an expression that is altered: every alteration is read again, and a long sum is a deep tree."""
OTHERS = {"sin": "cos", "cos": "sin", "log10": "log", "exp": "log", "log": "exp", "sinh": "cosh", "cosh": "sinh"}
"""Functions that are taken for one another."""


def repairs(text: str) -> Iterator[tuple[str, str, str]]:
    """The kind of a slip, its place and the text without it, for every operation of an expression.

    >>> ("sign", "x - 1", "2 * (x + 1)") in list(repairs("2*(x - 1)"))
    True
    """
    tree = ast.parse(text if len(text) <= MOST_CHARACTERS else "0", mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            place = ast.unparse(node)
            for kind, other in _alterations(node):
                yield kind, place, ast.unparse(ast.fix_missing_locations(_Exchange(node, other).visit(tree)))


class _Exchange(ast.NodeTransformer):
    """One node in place of another, in a copy of what is above it."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.old:
            return self.new
        fields = {name: self._copied(field) for name, field in ast.iter_fields(node)}
        return type(node)(**fields)

    def _copied(self, field: object) -> object:
        if isinstance(field, list):
            return [self._copied(one) for one in field]
        return self.visit(field) if isinstance(field, ast.AST) else field


def _alterations(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What may have stood in place of one operation."""
    match node:
        case ast.BinOp(a, ast.Add(), b):
            yield "sign", ast.BinOp(a, ast.Sub(), b)
            yield "sign", ast.BinOp(b, ast.Sub(), a)
        case ast.BinOp(a, ast.Sub(), b):
            yield "sign", ast.BinOp(a, ast.Add(), b)
            yield "sign", ast.BinOp(b, ast.Sub(), a)
        case ast.BinOp(a, ast.Mult(), b):
            yield "operation", ast.BinOp(a, ast.Div(), b)
            yield "operation", ast.BinOp(b, ast.Div(), a)
        case ast.BinOp(a, ast.Div(), b):
            yield "operation", ast.BinOp(b, ast.Div(), a)
            yield "operation", ast.BinOp(a, ast.Mult(), b)
        case ast.BinOp(a, ast.Pow(), ast.Constant(int() | float() as n)):
            yield from [
                ("exponent", ast.BinOp(a, ast.Pow(), ast.Constant(m))) for m in (n - 1, n + 1, -n, n / 2, 2 * n)
            ]
        case ast.UnaryOp(ast.USub(), a):
            yield "sign", a
        case ast.Constant(int() | float() as n):
            yield from [("number", ast.Constant(m)) for m in (n - 1, n + 1, 2 * n, n / 2, -n, n * n, 10 * n, n / 10)]
        case ast.Call(ast.Name(name), [a]) if name in OTHERS:
            yield "function", ast.Call(ast.Name(OTHERS[name]), [a], [])
    if isinstance(node, ast.Name | ast.Call | ast.BinOp):
        yield "exponent", ast.BinOp(node, ast.Pow(), ast.Constant(2))
        yield "sign", ast.UnaryOp(ast.USub(), node)
