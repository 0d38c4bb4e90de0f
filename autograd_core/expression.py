"""Text to graph by a white list: ``x*y + sin(x)``, typed by somebody you need not trust.

Python's parser turns the text into an `ast`. What is known here by name (numbers, variables, arithmetic, calls of
the op table) becomes one step each of a program in reverse Polish notation; everything else is refused, with its
place marked:

    attributes are not allowed in an expression
      x.__class__ + 1
      ^^^^^^^^^^^

This module refuses to execute anything: there is no ``eval``, no ``compile`` to code, no attribute that a text can
name. The text is ASCII, short and shallow before Python's parser sees it, so that nobody hides a letter behind its
look-alike or wears the parser out. What follows is a loop over at most as many steps as there are characters.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType

from .errors import AutogradError, ExpressionError
from .ops import FUNCTIONS, TABLE
from .ops.reduction import two_lists
from .synonyms import INSTEAD, close, formula
from .value import Number, as_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Step: TypeAlias = "tuple[ast.expr, float | str | Callable[..., Any], int]"

__all__ = ["CALLABLE", "CONSTANTS", "ParsedExpression", "name_problem", "signature"]

MAX_LENGTH = 1_000  # characters: a formula that needs more is a program, and the work grows with the length
MAX_NESTING = 50  # brackets or operators inside each other: Python's parser recurses in C and gives up at 200 brackets
MAX_NAME = 40  # characters: a name has to fit into a row of a table and a box of a diagram

CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}
"""Names that have a value unless the user gives them another one."""

NOT_CALLABLE = {
    "softmax": "it gives several numbers; write exp(x - logsumexp(x, y, z))",
    "log_softmax": "it gives several numbers; write x - logsumexp(x, y, z)",
    "power": "it is what ** records; write x ** 2 or pow(x, 2)",
    "polygamma": "its order has to be a whole number; digamma is the one of order 0",
    "sinc_derivative": "it takes as many steps as its order says, and a text may say 10**18",
}
CALLABLE = {name: function for name, function in FUNCTIONS.items() if name not in NOT_CALLABLE}
"""The functions that an expression may call, by name."""


NO_FUNCTIONS: Mapping[str, Callable[[Number], Number]] = MappingProxyType({})

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: CALLABLE["add"],
    ast.Sub: CALLABLE["sub"],
    ast.Mult: CALLABLE["mul"],
    ast.Div: CALLABLE["div"],
    ast.Pow: CALLABLE["pow"],
    ast.Mod: CALLABLE["mod"],
    ast.FloorDiv: CALLABLE["floor_divide"],
    ast.UAdd: lambda x: x,
    ast.USub: CALLABLE["neg"],
}

# How a refusal calls what it refuses, and what to write instead. What is missing here is refused all the same.
REFUSED: dict[type, tuple[str, str]] = {
    ast.Attribute: ("attributes", ""),
    ast.Subscript: ("subscripts", ""),
    ast.Lambda: ("lambdas", ""),
    ast.NamedExpr: ("assignments", "variables get their values outside, as in x=2"),
    ast.IfExp: ("conditionals", "use where(condition, a, b)"),
    ast.Compare: ("comparisons", "use less(a, b), less_equal(a, b) or equal(a, b)"),
    ast.BoolOp: ("boolean operators", "the product of two conditions is their 'and'"),
    ast.Not: ("boolean operators", "write 1 - condition"),
    ast.MatMult: ("matrix products", "use dot([a, b], [x, y])"),
    ast.BitXor: ("bit operations", "a power is written x ** 2"),
    ast.BitOr: ("bit operations", "an absolute value is written abs(x)"),
    **dict.fromkeys((ast.BitAnd, ast.LShift, ast.RShift, ast.Invert), ("bit operations", "")),
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), ("comprehensions", "")),
    ast.List: ("lists", "they are arguments only, as in sum([x, y]) and dot([a, b], [x, y])"),
    ast.Tuple: ("tuples", "decimals have a point, not a comma"),
    ast.Set: ("sets", ""),
    ast.Dict: ("dictionaries", ""),
    ast.Starred: ("stars before arguments", "write the arguments one by one"),
    ast.keyword: ("keywords", "give the arguments in their order"),
    **dict.fromkeys((ast.Await, ast.Yield, ast.YieldFrom), ("await and yield", "")),
    ast.JoinedStr: ("f-strings", ""),
    str: ("strings", ""),
    bytes: ("byte strings", ""),
    bool: ("True and False", "write 1 and 0"),
    type(None): ("words such as None", ""),
    type(...): ("dots in place of a number", ""),
    complex: ("complex numbers", "this engine differentiates real numbers"),
}

# Characters that textbooks and word processors write, in ASCII.
ASCII_SPELLINGS = {
    **dict(zip("−–×·÷²³π√", ["-", "-", "*", "*", "/", "**2", "**3", "pi", "sqrt(x)"], strict=True)),
    **dict(zip("⋅∙∗⁄∛τ½", ["*", "*", "*", "/", "cbrt(x)", "tau", "0.5"], strict=True)),
    **dict(zip("σΦφΓψ", ["sigmoid(x)", "norm_cdf(x)", "norm_pdf(x)", "gamma(x)", "digamma(x)"], strict=True)),
    **dict(zip("≤≥", ["less_equal(x, y)", "less_equal(y, x)"], strict=True)),
}


class ParsedExpression:
    """An arithmetic expression over the op table: read once, then called with values for its names.

    >>> f = ParsedExpression("x*y + sin(x)")
    >>> f.names
    ('x', 'y')
    >>> from autograd_core import Value
    >>> x, y = Value(2.0, name="x"), Value(3.0, name="y")
    >>> z = f(x=x, y=y)
    >>> z.backward(); z.data, x.grad
    (6.909297426825682, 2.5838531634528574)
    >>> ParsedExpression("2 ** -1")()
    0.5

    Numbers are finite, and so is what numbers compute among themselves: ``9**9**9`` is refused. A Value that
    overflows is inf, as everywhere in this library.

    functions: further functions of one number, by name.

    Raises `ExpressionError` (a ValueError), with the place marked: at once for a text that is no such expression,
    in a call for a name without a value, a number outside an op's domain and numbers that overflow.
    """

    def __init__(self, text: str, functions: Mapping[str, Callable[[Number], Number]] = NO_FUNCTIONS) -> None:
        _check_characters(text)
        self._functions = functions
        self.text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        self._steps = [self._step(node) for node in self._operands_first(_parse(self.text))]
        self.names = tuple(dict.fromkeys([action for _, action, _ in self._steps if isinstance(action, str)]))
        """The variables in the order of the text; constants such as pi are among them, for they can be given too."""

    def __call__(self, /, **values: Number) -> Any:
        """The expression at `values`: a Value if it uses one, else a float. Values it does not use are ignored."""
        for name in values:
            if problem := name_problem(name):
                raise ExpressionError(problem)
        self._check_none_missing(values)
        given = {**CONSTANTS, **dict(zip(values, as_inputs(values.values()), strict=True))}
        stack: list[Any] = []
        for node, action, count in self._steps:
            if isinstance(action, float):
                stack.append(action)
            elif isinstance(action, str):
                stack.append(given[action])
            else:
                inputs = stack[len(stack) - count :]
                stack[len(stack) - count :] = [self._apply(node, action, inputs)]
        return stack.pop()

    def __repr__(self) -> str:
        return f"ParsedExpression({self.text!r})"

    def refused(self, name: str, problem: str) -> ExpressionError:
        """An error about one of the ``names``, with the place where it stands first."""
        return self._refusal(next(node for node, action, _ in self._steps if action == name), problem)

    def _operands_first(self, root: ast.expr) -> list[ast.expr]:
        """The nodes of the tree, each after its operands, from left to right."""
        consumers_first: list[ast.expr] = []
        pending = [(root, 1)]
        while pending:
            node, depth = pending.pop()
            if depth > MAX_NESTING:
                raise self._refusal(node, f"the expression is nested more than {MAX_NESTING} deep")
            consumers_first.append(node)
            for i, operand in enumerate(_operands(node)):
                is_chain = i == 0 and isinstance(node, ast.BinOp)  # a + b + c: deep to the parser, flat to a reader
                pending.append((operand, depth if is_chain else depth + 1))
        return consumers_first[::-1]

    def _step(self, node: ast.expr) -> Step:
        """The white list: `node` as (node, number, 0), (node, name, 0) or (node, function, number of operands)."""
        match node:
            case ast.Constant(value=(int() | float()) as number) if not isinstance(number, bool):
                return node, self._finite(node, number), 0
            case ast.Name(id=name):
                if problem := name_problem(name):
                    raise self._refusal(node, problem)
                return node, name, 0
            case ast.BinOp(op=operator) | ast.UnaryOp(op=operator) if type(operator) in OPERATORS:
                return node, OPERATORS[type(operator)], len(_operands(node))
            case ast.Call():
                return node, self._function(node), len(_operands(node))
        raise self._refusal(node, _not_allowed(_kind(node)))

    def _finite(self, node: ast.expr, number: float) -> float:
        try:
            if math.isfinite(float(number)):
                return float(number)
        except OverflowError:  # an int beyond the floats
            pass
        raise self._refusal(node, "this number is too large: a float64 ends at 1.8e308")

    def _function(self, call: ast.Call) -> Callable[..., Any]:
        """The function that `call` calls, after its arguments have been found to fit."""
        if not isinstance(call.func, ast.Name):
            raise self._refusal(call, "only functions can be called; a product needs its sign, as in 2 * (x + 1)")
        name = call.func.id
        if (
            name in self._functions
            and not call.keywords
            and len(call.args) == 1
            and not isinstance(call.args[0], ast.List)
        ):
            return self._functions[name]
        if name not in CALLABLE:
            raise self._refusal(call.func, _no_function(name))
        if call.keywords:
            raise self._refusal(call.keywords[0], _not_allowed(ast.keyword))
        if not _arguments_fit(name, call.args):
            raise self._refusal(call, f"the arguments do not fit; expected {signature(name)}")
        function = CALLABLE[name]
        if name == "dot":  # its two lists arrive as one sequence of operands
            return lambda *xs: function(*two_lists(xs))
        return function

    def _apply(self, node: ast.expr, function: Callable[..., Any], inputs: list[Number]) -> Any:
        try:
            result = function(*inputs)
        except (AutogradError, ArithmeticError, ValueError) as error:
            raise self._refusal(node, str(error)) from error
        if isinstance(result, float) and not math.isfinite(result) and all([math.isfinite(x) for x in inputs]):
            raise self._refusal(node, "this is not finite: a float64 ends at 1.8e308")
        return result

    def _check_none_missing(self, values: Mapping[str, Number]) -> None:
        missing = [name for name in self.names if name not in values and name not in CONSTANTS]
        if missing:
            node = next(node for node, action, _ in self._steps if action == missing[0])
            given = f" (given: {', '.join(values)})" if values else ""
            similar = close(missing[0], [*values, *CONSTANTS, *CALLABLE])
            advice = f"did you mean {similar}? Otherwise add" if similar else "add"
            wanted = " ".join([f"{name}=..." for name in missing])
            raise self._refusal(node, f"no value for {', '.join(missing)}{given}; {advice} {wanted}")

    def _refusal(self, node: ast.expr | ast.keyword, problem: str) -> ExpressionError:
        end = node.end_col_offset if node.end_lineno == node.lineno else None
        return _marked(problem, self.text, node.lineno, node.col_offset, end)


def name_problem(name: str) -> str | None:
    """The reason why `name` cannot be the name of a variable; None if it can.

    >>> name_problem("sin")
    "'sin' is a function, so it cannot be a variable; write sin(x), or take another name"
    """
    if len(name) > MAX_NAME:
        return f"the name {name[:10]!r}... has {len(name)} characters; at most {MAX_NAME} are allowed"
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
        return f"{name!r} is not a name: letters a to z, digits and _ are allowed, and no digit in front"
    if name.startswith("__"):
        return f"{name!r} begins with two underscores: such names belong to Python"
    if keyword.iskeyword(name):
        return f"{name!r} is a word of Python, so it cannot be a variable; take another name"
    if name in CALLABLE:
        return f"{name!r} is a function, so it cannot be a variable; write {signature(name)}, or take another name"
    return None


def signature(name: str) -> str:
    """The signature of the function called `name`, as expressions write it.

    >>> signature("atan2"), signature("elu"), signature("max"), signature("dot")
    ('atan2(y, x)', 'elu(x, alpha=1)', 'max(x, y, ...)', 'dot([a, b, ...], [x, y, ...])')
    """
    op = TABLE[name]
    if op.is_nary:
        return "dot([a, b, ...], [x, y, ...])" if name == "dot" else f"{name}(x, y, ...)"
    inputs = [f"{n}={op.defaults[n]:g}" if n in op.defaults else n for n in op.input_names]
    return f"{name}({', '.join(inputs)})"


def _check_characters(text: str) -> None:
    """Refuse what Python's parser need not see: long or deep texts, and whatever is not plain ASCII."""
    if not isinstance(text, str):
        raise ExpressionError(f"expected an expression as a text, got {text!r:.60} of type {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        problem = f"the expression has {len(text)} characters; at most {MAX_LENGTH} are allowed"
        raise _marked_at(problem, text, MAX_LENGTH)
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth > MAX_NESTING:
            raise _marked_at(f"the expression is nested more than {MAX_NESTING} deep", text, i)
        if c in "#\\":
            what = "comments" if c == "#" else "backslashes"
            raise _marked_at(f"{what} are not allowed in an expression", text, i)
        if not (" " <= c <= "~" or c in "\t\n\r"):
            name = f"{c!r} ({unicodedata.name(c, 'nameless')})" if c.isprintable() else f"U+{ord(c):04X}"
            advice = f"write {ASCII_SPELLINGS[c]}" if c in ASCII_SPELLINGS else "an expression is written in ASCII"
            raise _marked_at(f"the character {name} is not allowed in an expression; {advice}", text, i)
    if not text.strip():
        raise ExpressionError("the expression is empty; write for instance x*y + sin(x)")


def _parse(text: str) -> ast.expr:
    """The root of the tree that Python reads in `text`."""
    try:
        with warnings.catch_warnings():  # Python comments on "1if x else 2"; that is refused later anyway
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        line, start, end = error.lineno or 1, (error.offset or 0) - 1, (error.end_offset or 0) - 1
        at = (error.text or "")[start : start + 1].strip() if start >= 0 else ""
        problem = "this cannot be read as an expression; products are written 2*x, powers x**2, functions sin(x)"
        absolute = "; an absolute value is written abs(x)" if "|" in text else ""
        problem += absolute
        if re.search(r"[\w)]!(?!=)", text):
            problem += "; a factorial is gamma(x + 1)"
        if re.search("never closed|unmatched|does not match", error.msg):
            problem = error.msg  # brackets: nobody says it better
        elif at in ("=", ":"):
            problem = _not_allowed(ast.NamedExpr)
        elif not at and line == text.count("\n") + 1:
            problem = "the expression ends where something should follow" + absolute
            raise _marked_at(problem, text, len(text)) from None
        raise _marked(problem, text, line, start, end if error.end_lineno == line else None) from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise _marked_at(f"Python's parser gave up on this expression ({type(error).__name__})", text, 0) from None


def _operands(node: ast.expr) -> list[ast.expr]:
    """The operands of `node`, computed before it; the elements of a list are operands of the call around it."""
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.UnaryOp():
            return [node.operand]
        case ast.Call():
            callee = [] if isinstance(node.func, ast.Name) else [node.func]
            return callee + [x for a in node.args for x in (a.elts if isinstance(a, ast.List) else [a])]
    return []


def _arguments_fit(name: str, arguments: list[ast.expr]) -> bool:
    op = TABLE[name]
    lengths = [len(a.elts) for a in arguments if isinstance(a, ast.List)]
    if name == "dot":
        return len(arguments) == len(lengths) == 2 and lengths[0] == lengths[1] > 0
    if lengths:
        return op.is_nary and len(arguments) == 1 and lengths[0] > 0
    least, most = len(op.input_names) - len(op.defaults), len(op.input_names)
    return least <= len(arguments) and (op.is_nary or len(arguments) <= most)


def _kind(node: ast.expr) -> type:
    """The type that decides whether `node` is allowed: that of its operator or number, where it has one."""
    match node:
        case ast.BinOp(op=part) | ast.UnaryOp(op=part) | ast.Constant(value=part):
            return type(part)
    return type(node)


def _not_allowed(kind: type) -> str:
    what, advice = REFUSED.get(kind, (f"Python's {kind.__name__}", ""))
    return f"{what} are not allowed in an expression" + (f"; {advice}" if advice else "")


def _no_function(name: str) -> str:
    if name in NOT_CALLABLE:
        return f"{name} is not available in an expression: {NOT_CALLABLE[name]}"
    if written := formula(name):
        other = written.removesuffix("(x)").removesuffix("(x, y)")
        advice = f"did you mean {other}?" if other in CALLABLE else f"write {written}"
        return f"there is no function {name[:MAX_NAME]!r}; {advice}"
    if name not in INSTEAD and (similar := close(name, CALLABLE)):
        return f"there is no function {name[:MAX_NAME]!r}; did you mean {similar}?"
    advice = f"a product needs its sign, as in {name} * (x + 1)" if len(name) == 1 else "only the op table's are known"
    return f"there is no function {name[:MAX_NAME]!r}; {advice}"


def _marked_at(problem: str, text: str, index: int) -> ExpressionError:
    before = text[:index]
    start = index - (before.rfind("\n") + 1)
    return _marked(problem, text[: MAX_LENGTH + 1], before.count("\n") + 1, start, start + 1)


def _marked(problem: str, text: str, line: int, start: int, end: int | None) -> ExpressionError:
    """`problem`, and below it that `line` of `text` with the columns from `start` to `end` marked."""
    width = 72
    lines = text.split("\n")
    line = min(line, len(lines))  # Python may miss something behind the end
    # One column for each character, and nothing that a terminal would obey.
    shown = "".join([c if c.isprintable() else " " if c == "\t" else "�" for c in lines[line - 1]])
    start = min(max(start, 0), len(shown))
    end = max(start + 1, len(shown) if end is None else end)
    first = max(0, min(start - width // 3, len(shown) - width))
    carets = "^" * (min(end, first + width + 1) - start)
    return ExpressionError(f"{problem}\n  {shown[first : first + width]}\n  {' ' * (start - first)}{carets}")
