"""The commands and their options, and what is said of a word that is none."""

from __future__ import annotations

import argparse

from .. import __version__
from ..settings import LANGUAGES
from ..synonyms import close
from ..visible import readable
from . import commands as does

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["COMMANDS", "Parser", "no_command", "parser_of_commands", "protected"]

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
COMMANDS = {
    "grad": "print the value and the gradient of an expression as a table",
    "draw": "draw an expression's graph with its values and gradients",
    "step": "write a page that goes through both passes step by step",
    "live": "write a page on which the variables can be dragged and all numbers follow",
    "derive": "write the derivatives of an expression out, step by step",
    "check": "say whether a derivative is right, and if not, which slip is likely",
    "functions": "list the functions that an expression may call",
    "lessons": "copy the lessons, which are notebooks, into a directory",
}
FLAGS = ("-h", "--help", "--version", "--latex", "--rules", "--html", "--force")  # the options without a value
EXPRESSIONS = """\
An expression is written as in Python, in quotes: + - * / // % **, brackets, numbers,
names, the constants pi, e and tau, and the functions that `functions` lists.
sum, dot, max and their like take numbers or lists: max(x, y, 3), dot([1, 2], [x, y]).
"""


class Parser(argparse.ArgumentParser):
    """A parser whose messages quote the command line as visible text."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and what is wrong, and exit with status 2."""
        super().error(readable(message))


def parser_of_commands() -> argparse.ArgumentParser:
    """The parser; ``run`` of what it reads is the command's function."""
    from ..diagram.dot import DIRECTIONS
    from ..diagram.styles import STYLES
    from ..diagram.themes import THEMES

    style = argparse.RawDescriptionHelpFormatter
    parser = Parser(PROGRAM, description=ABOUT, epilog=EXPRESSIONS, formatter_class=style)
    parser.add_argument("--version", action="version", version=f"autograd_core {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    grad, draw, step, live, derive, check, _, lessons = [
        commands.add_parser(name, help=COMMANDS[name]) for name in COMMANDS
    ]
    for name, command in commands.choices.items():
        command.set_defaults(run=getattr(does, name))
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
    draw.add_argument("--theme", default="auto", help=f"{', '.join(THEMES)}; by default auto")
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

    lessons.add_argument("directory", metavar="DIR", help="made if it is not there")
    lessons.add_argument("--lang", "--language", dest="language", metavar="LANGUAGE", default="en", help="en or de")
    lessons.add_argument("--html", action="store_true", help="pages to read, whose formulas need no network")
    lessons.add_argument("--force", action="store_true", help="write over files that are there already")
    return parser


def no_command(word: str) -> str:
    """The message about a wrong command, in argparse's words, and what to write instead."""
    similar = close(word, COMMANDS)
    advice = f"did you mean {similar}?" if similar else f"choose from {', '.join(COMMANDS)}"
    if not word.isidentifier():
        advice = f"an expression stands behind a command, as in: {PROGRAM} grad {word!r:.60} x=2"
    return f"argument COMMAND: invalid choice: {word!r:.60}; {advice}"


def protected(words: Sequence[str]) -> list[str]:
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
