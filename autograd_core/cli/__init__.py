"""``python -m autograd_core``: the value, the gradient and the graph of an expression typed at a prompt.

parser     the commands and their options, and what is wrong with a word
inputs     the expression and its variables
commands   what each command does
tables     what is printed as a table

Every mistake is answered with one message on stderr and exit code 2, never with a traceback. Nothing that a text says
is run: `autograd_core.expression` reads it.
"""

from __future__ import annotations

import os
import sys

from ..errors import AutogradError
from ..visible import visible
from .parser import COMMANDS, Parser, no_command, parser_of_commands, protected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Parser", "main"]


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
    parser = parser_of_commands()
    words = protected(sys.argv[1:] if argv is None else argv)
    if not words:
        parser.print_help()
        return 0
    if words[0][:1] != "-" and words[0] not in COMMANDS:
        parser.error(no_command(words[0]))
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
