"""Formulas rewritten by somebody who knows algebra and nothing of the checker: slips, and other forms of the same.

Both work on Python's tree of a text. A slip is one operation done wrongly; another form is an identity applied once or
more. Whether the value has changed is computed by reading the text back.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from copy import deepcopy
from random import Random

from formulas.readers import value_of_text

POINTS = (0.37, 0.81, 1.23)


def values(text: str) -> list[float]:
    """The values of a formula of x at three points; nan where there is none."""
    found = []
    for x in POINTS:
        try:
            found.append(value_of_text(text, {"x": x}))
        except (ArithmeticError, ValueError, TypeError):
            found.append(math.nan)
    return found


def are_equal(a: str, b: str, tolerance: float = 1e-9) -> bool:
    pairs = zip(values(a), values(b), strict=True)
    return all(math.isclose(x, y, rel_tol=tolerance, abs_tol=1e-12) for x, y in pairs)


def _number(x: float) -> ast.expr:
    return ast.Constant(x)


def _binary(a: ast.expr, operator: ast.operator, b: ast.expr) -> ast.BinOp:
    return ast.BinOp(a, operator, b)


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name), list(args), [])


def _slips(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What goes wrong at one place."""
    match node:
        case ast.BinOp(a, ast.Add(), b):
            yield "sign", _binary(a, ast.Sub(), b)
            yield "summand", a
            yield "summand", b
        case ast.BinOp(a, ast.Sub(), b):
            yield "sign", _binary(a, ast.Add(), b)
            yield "turned round", _binary(b, ast.Sub(), a)
        case ast.BinOp(a, ast.Mult(), b):
            yield "factor", a
            yield "factor", b
        case ast.BinOp(a, ast.Div(), b):
            yield "quotient", _binary(b, ast.Div(), a)
            yield "quotient", _binary(a, ast.Mult(), b)
        case ast.BinOp(a, ast.Pow(), ast.Constant(n)):
            yield "power", _binary(a, ast.Pow(), _number(n + 1))
            yield "power", a
        case ast.UnaryOp(ast.USub(), a):
            yield "sign", a
        case ast.Constant(n):
            yield "number", _number(n + 1)
            yield "number", _number(2 * n)
        case ast.Call(ast.Name("sin"), [a]):
            yield "function", _call("cos", a)
        case ast.Call(ast.Name("cos"), [a]):
            yield "function", _call("sin", a)
        case ast.Call(ast.Name("log"), [a]):
            yield "function", _call("log10", a)
        case ast.Call(_, [a]):
            yield "function", a


def _same(node: ast.expr, random: Random) -> ast.expr | None:
    """Another form of what stands at one place, by an identity of positive x; None if there is none."""
    one = _number(1)
    match node:
        case ast.BinOp(a, ast.Mult(), ast.BinOp(b, (ast.Add() | ast.Sub()) as operator, c)):
            return _binary(_binary(a, ast.Mult(), b), operator, _binary(deepcopy(a), ast.Mult(), c))
        case ast.BinOp(ast.BinOp(b, (ast.Add() | ast.Sub()) as operator, c), (ast.Mult() | ast.Div()) as outer, a):
            return _binary(_binary(b, outer, a), operator, _binary(c, outer, deepcopy(a)))
        case ast.BinOp(a, (ast.Add() | ast.Mult()) as operator, b):
            return _binary(b, operator, a)
        case ast.BinOp(a, ast.Sub(), b):
            return _binary(ast.UnaryOp(ast.USub(), b), ast.Add(), a)
        case ast.BinOp(a, ast.Div(), b):
            return _binary(a, ast.Mult(), _binary(b, ast.Pow(), ast.UnaryOp(ast.USub(), one)))
        case ast.BinOp(ast.Call(ast.Name("cos"), [a]), ast.Pow(), ast.Constant(2)):
            return _binary(one, ast.Sub(), _binary(_call("sin", a), ast.Pow(), _number(2)))
        case ast.BinOp(ast.Call(ast.Name("tanh"), [a]), ast.Pow(), ast.Constant(2)):
            return _binary(one, ast.Sub(), _binary(one, ast.Div(), _binary(_call("cosh", a), ast.Pow(), _number(2))))
        case ast.BinOp(a, ast.Pow(), ast.Constant(2)):
            return _binary(a, ast.Mult(), deepcopy(a))
        case ast.BinOp(a, ast.Pow(), ast.Constant(n)):
            return _binary(_binary(a, ast.Pow(), _number(n - 1)), ast.Mult(), deepcopy(a))
        case ast.BinOp(a, ast.Pow(), b):
            return _call("exp", _binary(b, ast.Mult(), _call("log", a)))
        case ast.Call(ast.Name("exp"), [ast.BinOp(a, ast.Add(), b)]):
            return _binary(_call("exp", a), ast.Mult(), _call("exp", b))
        case ast.Call(ast.Name("exp"), [a]):
            return random.choice(
                [
                    _binary(ast.Name("e"), ast.Pow(), a),
                    _binary(one, ast.Div(), _call("exp", ast.UnaryOp(ast.USub(), a))),
                ]
            )
        case ast.Call(ast.Name("log"), [a]):
            return random.choice(
                [
                    _binary(_call("log10", a), ast.Mult(), _call("log", _number(10))),
                    ast.UnaryOp(ast.USub(), _call("log", _binary(one, ast.Div(), a))),
                ]
            )
        case ast.Call(ast.Name("sqrt"), [a]):
            return _binary(a, ast.Pow(), _number(0.5))
        case ast.Call(ast.Name("sin"), [ast.BinOp(ast.Constant(2), ast.Mult(), a)]):
            return _binary(_binary(_number(2), ast.Mult(), _call("sin", a)), ast.Mult(), _call("cos", deepcopy(a)))
        case ast.Call(ast.Name("cos"), [a]):
            return _call("sin", _binary(a, ast.Add(), _binary(ast.Name("pi"), ast.Div(), _number(2))))
        case ast.Call(ast.Name("sin"), [a]):
            return ast.UnaryOp(
                ast.USub(), _call("cos", _binary(a, ast.Add(), _binary(ast.Name("pi"), ast.Div(), _number(2))))
            )
        case ast.Call(ast.Name("tanh"), [a]):
            return _binary(_call("sinh", a), ast.Div(), _call("cosh", deepcopy(a)))
    return None  # fmt: skip


def _places(tree: ast.Expression) -> list[ast.expr]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.expr)]


def _with(tree: ast.Expression, old: ast.expr, new: ast.expr) -> str:
    """The text with one node in place of another."""

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else super().generic_visit(node)

    return ast.unparse(ast.fix_missing_locations(Replace().visit(tree)))


def slips(text: str) -> Iterator[tuple[str, str]]:
    """Every slip that changes the value at all points: its kind and the wrong text."""
    right = values(text)
    for k, place in enumerate(_places(ast.parse(text, mode="eval"))):
        for i, (kind, _) in enumerate(_slips(place)):
            tree = ast.parse(text, mode="eval")
            fresh = _places(tree)[k]
            wrong = _with(tree, fresh, [other for _, other in _slips(fresh)][i])
            if all(abs(a - b) > 1e-3 * abs(b) for a, b in zip(values(wrong), right, strict=True)):
                yield kind, wrong


def other_form(text: str, random: Random, count: int) -> str:
    """The text after so many identities, each at a random place."""
    for _ in range(count):
        tree = ast.parse(text, mode="eval")
        places = [(place, new) for place in _places(tree) if (new := _same(deepcopy(place), random)) is not None]
        if places:
            place, new = random.choice(places)
            text = _with(tree, place, new)
    return text
