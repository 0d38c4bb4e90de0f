"""``python -m autograd_core``: the value, the gradient and the graph of an expression typed at a prompt.

Every mistake is answered with one message on stderr and exit code 2, never with a traceback. This module refuses to
read expressions itself (see `autograd_core.expression`) and to run anything that a text says.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from contextlib import suppress

from . import __version__
from .backprop import backprop
from .diagram.notebook import TABLE_HEADER
from .domain import EXTENDED
from .errors import AutogradError, ExpressionError
from .expression import CALLABLE, CONSTANTS, ParsedExpression, name_problem, signature
from .graph import ancestors
from .names import names_of
from .ops import TABLE
from .settings import LANGUAGES
from .synonyms import close
from .value import Value
from .visible import readable, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, NoReturn

__all__ = ["Parser", "main"]

PROGRAM = "python -m autograd_core"
ABOUT = f"""\
Derivatives of arithmetic expressions, by automatic differentiation.

  {PROGRAM} grad "x*y + sin(x)" x=2 y=3
  {PROGRAM} draw "x*y + sin(x)" x=2 y=3 -o graph.svg
  {PROGRAM} step "x*y + sin(x)" x=2 y=3 -o step.html
  {PROGRAM} live "x*y + sin(x)" -o live.html
  {PROGRAM} derive "log(3*x**2)" x=2
  {PROGRAM} check "log(3*x**2)" x=2 --answer "2/x"
  {PROGRAM} functions
  {PROGRAM} lessons my_lessons
"""
COMMANDS = ("grad", "draw", "step", "live", "derive", "check", "functions", "lessons")
STARTS = (1.0, 2.0, 0.5, 5.0, -2.0)
"""Where a live page begins with variables that have no value: at the first of these that is inside the domain."""
FLAGS = ("-h", "--help", "--version", "--latex", "--rules", "--html", "--force")  # the options without a value
EXPRESSIONS = """\
An expression is written as in Python, in quotes: + - * / // % **, brackets, numbers,
names, the constants pi, e and tau, and the functions that `functions` lists.
sum, dot, max and their like take numbers or lists: max(x, y, 3), dot([1, 2], [x, y]).
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name) and return its exit code.

    The code is 2 for a mistake, and 1 if what was to be checked is wrong.

    >>> main(["grad", "x*y", "x=2", "y=3"])  # doctest: +NORMALIZE_WHITESPACE
    node   value   gradient
    ───────────────────────
    z      6.0     1.0
    x      2.0     3.0
    y      3.0     2.0
    0
    """
    parser = _parser()
    words = _protected(sys.argv[1:] if argv is None else argv)
    if not words:
        parser.print_help()
        return 0
    if words[0][:1] != "-" and words[0] not in COMMANDS:
        parser.error(_no_command(words[0]))
    args, rest = parser.parse_known_args(words)
    if options := [word for word in rest if word.startswith("-")]:
        hint = "; an expression that begins with -- goes behind a -- of its own" if options[0][:2] == "--" else ""
        parser.error(f"unrecognized arguments: {' '.join(map(repr, options))}{hint}")
    try:
        # argparse takes no positionals behind an option: `draw "x*y" -o z.svg x=2` leaves x=2 over.
        status: int = args.run(args, rest) or 0
        print(end="", flush=True)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `... | head`: nobody reads on, and Python must not notice again when it exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except AutogradError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        what = visible(error.filename or "what was found")
        print(f"error: cannot write {what}: {visible(error.strerror or error)}", file=sys.stderr)
        return 2
    return status


class Parser(argparse.ArgumentParser):
    """A parser whose messages quote the command line as visible text."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and what is wrong, and exit with status 2."""
        super().error(readable(message))


def _parser() -> argparse.ArgumentParser:
    from .diagram.dot import DIRECTIONS
    from .diagram.styles import STYLES
    from .diagram.themes import THEMES

    style = argparse.RawDescriptionHelpFormatter
    parser = Parser(PROGRAM, description=ABOUT, epilog=EXPRESSIONS, formatter_class=style)
    parser.add_argument("--version", action="version", version=f"autograd_core {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    grad = commands.add_parser("grad", help="print the value and the gradient of an expression as a table")
    grad.set_defaults(run=_grad)
    draw = commands.add_parser("draw", help="draw an expression's graph with its values and gradients")
    draw.set_defaults(run=_draw)
    step = commands.add_parser("step", help="write a page that goes through both passes step by step")
    step.set_defaults(run=_step)
    live = commands.add_parser("live", help="write a page on which the variables can be dragged and all numbers follow")
    live.set_defaults(run=_live)
    derive = commands.add_parser("derive", help="write the derivatives of an expression out, step by step")
    derive.set_defaults(run=_derive)
    check = commands.add_parser("check", help="say whether a derivative is right, and if not, which slip is likely")
    check.set_defaults(run=_check)
    endings = {
        grad: "",
        draw: " -o graph.svg",
        step: " -o step.html",
        live: " -o live.html",
        derive: " --wrt x",
        check: ' --wrt x --answer "y + cos(x)"',
    }
    for command, options in endings.items():
        example = f'  {PROGRAM} {command.prog.split()[-1]} "x*y + sin(x)" x=2 y=3{options}\n'
        command.description = f"{example}\n{EXPRESSIONS}"
        command.formatter_class = style
        command.add_argument(
            "expression", metavar="EXPR", help="in quotes; behind -- if it reads -h or -o or begins with --"
        )
        command.add_argument(
            "assignments", metavar="name=number", nargs="*", default=[], help="the variables, as in x=2 y=-1e-3"
        )
    draw.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="graph.svg",
        help="a .svg, .png, .pdf, .html or .dot; by default graph.svg",
    )
    draw.add_argument("--style", default="values", help=", ".join(STYLES))
    draw.add_argument("--theme", default="light", help=", ".join(THEMES))
    draw.add_argument("--direction", default="right", help=", ".join(DIRECTIONS))
    step.add_argument("-o", "--output", metavar="FILE", default="step.html", help="by default step.html")
    live.add_argument("-o", "--output", metavar="FILE", default="live.html", help="by default live.html")
    for page in (step, live):
        page.add_argument("--language", help=f"{', '.join(LANGUAGES)}; by default that of the reader's browser")
    for command in (step, derive):
        command.add_argument("--wrt", metavar="NAMES", help="with respect to these variables only, as in x,y")
    derive.add_argument("--digits", metavar="N", default="6", help="significant digits, 1 to 17, or all; by default 6")
    derive.add_argument("--rules", action="store_true", help="say by which rules each line is found")
    derive.add_argument("--language", default="en", help=f"of these rules: {', '.join(LANGUAGES)}")
    derive.add_argument("--logarithm", metavar="NAME", help="ln or log; by default log, and ln in LaTeX")
    derive.add_argument("--latex", action="store_true", help="as align* environments, for amsmath")

    check.add_argument("--answer", metavar="LINE", action="append", required=True, help="a line; again for each more")
    check.add_argument("--wrt", metavar="NAME", help="the variable that lines are about which do not say it")
    check.add_argument("--rate", metavar="NUMBER", type=float, help="the learning rate of lines about a step")
    check.add_argument("--language", default="en", help=", ".join(LANGUAGES))

    functions = commands.add_parser("functions", help="list the functions that an expression may call")
    functions.set_defaults(run=_functions)

    lessons = commands.add_parser("lessons", help="copy the lessons, which are notebooks, into a directory")
    lessons.set_defaults(run=_lessons)
    lessons.add_argument("directory", metavar="DIR", help="made if it is not there")
    lessons.add_argument("--lang", "--language", dest="language", metavar="LANGUAGE", default="en", help="en or de")
    lessons.add_argument("--html", action="store_true", help="pages to read, whose formulas need no network")
    lessons.add_argument("--force", action="store_true", help="write over files that are there already")
    return parser


def _no_command(word: str) -> str:
    """The message about a wrong command, in argparse's words, and what to write instead."""
    similar = close(word, COMMANDS)
    advice = f"did you mean {similar}?" if similar else f"choose from {', '.join(COMMANDS)}"
    if not word.isidentifier():
        advice = f"an expression stands behind a command, as in: {PROGRAM} grad {word!r:.60} x=2"
    return f"argument COMMAND: invalid choice: {word!r:.60}; {advice}"


def _protected(words: Sequence[str]) -> list[str]:
    """The words, with a space in front of an expression like ``-x*y``: argparse takes it for an option otherwise.

    The expression is the first word behind the command that is no option and no option's value; Python ignores spaces.
    """
    option = ""
    for k, word in enumerate(words[1:], 1):
        is_value = option and "=" not in option and option not in FLAGS
        option = "" if is_value else word
        is_expression = not is_value and word[:2] != "--" and word not in ("-h", "-o")
        if is_expression and word[:1] == "-":
            return [*words[:k], f" {word}", *words[k + 1 :]]
        if is_expression or word == "--":
            break
    return list(words)


def _read(args: argparse.Namespace, rest: Sequence[str]) -> tuple[Any, dict[str, Value]]:
    """The expression's Value (a float if it uses no variable) and the variables by name."""
    expression, numbers = _parsed(args, rest)
    variables = {name: Value(number, name=name) for name, number in numbers.items()}
    result = expression(**variables)
    if unused := [name for name in variables if name not in expression.names]:
        _check_unused(unused, expression, args.run in (_draw, _step))
        print(f"note: gradient 0, as not in the expression: {', '.join(unused)}", file=sys.stderr)
    return result, variables


def _parsed(args: argparse.Namespace, rest: Sequence[str]) -> tuple[ParsedExpression, dict[str, float]]:
    """The expression, and the numbers that are given."""
    values = [_assignment(word) for word in (*args.assignments, *rest)]
    names = [name for name, _ in values]
    for name in names:
        if names.count(name) > 1:
            raise ExpressionError(f"{name} is given more than once; every variable has one value")
    text = args.expression.strip()
    _check_expression(text)
    return ParsedExpression(text), dict(values)


def _check_unused(unused: Sequence[str], expression: ParsedExpression, is_picture: bool) -> None:
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


def _grad(args: argparse.Namespace, rest: Sequence[str]) -> None:
    result, variables = _read(args, rest)
    root = result if isinstance(result, Value) else Value(result)
    gradient = backprop(root, [root, *variables.values()])
    names = names_of(ancestors(root) | dict.fromkeys(variables.values()), root)
    rows = [(names[x], repr(x.data), repr(gradient[x])) for x in gradient]
    _print_table(TABLE_HEADER, rows)


def _draw(args: argparse.Namespace, rest: Sequence[str]) -> None:
    result, _ = _graph(args, rest)
    from .diagram import draw

    result.backward()
    picture = draw(result, style=args.style, theme=args.theme, direction=args.direction)
    print(f"wrote {visible(picture.save(args.output))}")


def _step(args: argparse.Namespace, rest: Sequence[str]) -> None:
    result, variables = _graph(args, rest)
    from .diagram import step

    print(f"wrote {visible(step(result, _chosen(args.wrt, variables), language=args.language).save(args.output))}")


def _chosen(wrt: str | None, variables: Mapping[str, Value]) -> list[Value]:
    """The variables that ``--wrt x,y`` names, by default all; raises `ExpressionError` for what is none."""
    chosen = list(variables) if wrt is None else [name.strip() for name in wrt.split(",")]
    for name in chosen:
        if name not in variables:
            raise ExpressionError(f"--wrt {name!r:.40} is no variable; there are {', '.join(variables)}")
    return [variables[name] for name in chosen]


def _live(args: argparse.Namespace, rest: Sequence[str]) -> None:
    expression, numbers = _parsed(args, rest)
    _check_unused([name for name in numbers if name not in expression.names], expression, True)
    from .live import live

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


def _derive(args: argparse.Namespace, rest: Sequence[str]) -> None:
    result, variables = _graph(args, rest)
    from .formulas.derivation import derivations

    chosen = _chosen(args.wrt, variables)
    digits: Any = None if args.digits == "all" else args.digits
    with suppress(ValueError, TypeError):
        digits = int(digits)
    found = derivations(
        result,
        chosen,
        digits=digits,
        rules=args.rules,
        language=args.language,
        logarithm=args.logarithm,
    )
    print("\n\n".join([part.latex if args.latex else str(part) for part in found]))


def _check(args: argparse.Namespace, rest: Sequence[str]) -> int:
    result, variables = _graph(args, rest)
    from .formulas import check_derivation

    chosen = _chosen(args.wrt, variables)
    verdict = check_derivation(args.answer, result, chosen, rate=args.rate, language=args.language)
    print(verdict)
    return 0 if verdict else 1


def _graph(args: argparse.Namespace, rest: Sequence[str]) -> tuple[Value, dict[str, Value]]:
    """The result of `_read`, or `ExpressionError` for an expression without a graph."""
    result, variables = _read(args, rest)
    if not isinstance(result, Value):
        raise ExpressionError("an expression without variables has no graph; give at least one, as in x=2")
    return result, variables


def _functions(args: argparse.Namespace, rest: Sequence[str]) -> None:
    if rest:
        raise ExpressionError(f"functions takes no arguments, got {rest[0]!r:.60}")
    rows, family = [], ""
    for name in sorted(CALLABLE, key=lambda name: TABLE[name].module):
        before, family = family, TABLE[name].module.rpartition(".")[2]
        rows.append((family if family != before else "", signature(name), _domain(name)))
    _print_table(("family", "function", "defined for"), rows)


def _lessons(args: argparse.Namespace, rest: Sequence[str]) -> None:
    from .lessons import copy

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


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with every digit: a terminal folds what is too long for it, and a pipe has no width."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title in header:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = 1_000
    console.print(table)
