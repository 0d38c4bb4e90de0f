"""Handed-in derivations checked: `check_derivation` says whether an answer is right, where it is not, and why.

points      the graph at other numbers
handwriting formulas as they are written by hand, in the signs of expressions
sheets      the handed-in lines, read by the white list of expressions
slips       derivations with one rule altered
altered     rules of calculus as they are mistaken
rewritings  functions that are taken for others
repairs     expressions with one operation altered
marking     the lines, one by one
verdicts    what was found, in English and German
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...errors import ExpressionError, NumberError
from ...graph import ancestors, check_fresh
from ...settings import LANGUAGES, one_of
from ...value import Value, as_inputs, element_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..derivation.terms import Terms
    from .verdicts import Verdict

__all__ = ["check_derivation"]


def check_derivation(
    answer: str | Sequence[str] | Mapping[Any, str],
    z: Value,
    x: Value | str | Iterable[Value | str] | None = None,
    *,
    rate: float | None = None,
    language: str = "en",
) -> Verdict:
    """A verdict on a handed-in answer: whether it is ∂z/∂x, and if not, the first wrong line and the likely slip.

    Formulas are compared by their values where the graph was computed and at points around; a number is compared where
    the graph was computed, to the digits that it has. The likely slip is that of a derivation with one rule altered
    which comes to the same wrong values.

    answer: an expression, or lines of them, or a dict of one for each parameter. Formulas are as in Python or as by
    hand, ``2x² sin x``, where a product without its sign binds as one with it. A line may say what it is about:
    ``dz/dx = ...``, ``z' = ...``, ``v1 = ...``, ``w_new = ...`` after one step of gradient descent; else it is about
    ∂z/∂x, and with several `x` each line about its own. A line may have several sides, ``dz/dx = 2*u*3 = 6*u``, an
    abbreviation, ``u = 3*x + 1``, derivatives to come, ``(3x²)'``, and what `derive` prints: ``dz/dv1``, ``log'(u)``.
    ``ln`` and ``sigma`` are known.
    x: the variable, a node or its name; several are the parameters of a step. By default the only leaf.
    rate: the learning rate of ``w_new = w - rate * dz/dw``; lines may call it eta.
    language: "en" or "de", that of the sentence.

    >>> x = Value(2.0, name="x")
    >>> from autograd_core import log, sin
    >>> check_derivation("2/x", log(3 * x**2), x)
    Right: 2/x is dz/dx.
    >>> check_derivation("cos(2*x)", sin(2 * x), x)
    Wrong: cos(2*x) is not dz/dx. At x = 2 it is -0.653644, but dz/dx is -1.30729.
    Likely slip: the inner derivative was forgotten, at z = sin(v1).
    >>> found = check_derivation(["1/(3*x**2) * (6*x)", "2*x/x**2", "1/x"], log(3 * x**2))
    >>> bool(found), found.line, found.slip, found.factor
    (False, 3, 'factor', 0.5)

    No text is run as code: what expressions do not have is refused. Raises `ExpressionError` (a ValueError) for what
    cannot be read, with its line and place, `NumberError` (a TypeError) for what is no Value, `StaleGraphError` after a
    leaf has changed, `DiagramError` for another language and for a name that no node has.
    """
    z = element_of(z)
    if not isinstance(z, Value):
        raise NumberError(
            f"check_derivation takes an answer, a Value and what to derive by, got {z!r:.60} for the Value"
        )
    one_of("language", language, LANGUAGES)
    check_fresh(ancestors(z))
    if rate is not None:
        (rate,) = as_inputs([rate])
    from ..derivation import nodes_called
    from ..derivation.terms import Terms
    from .marking import Marking

    terms = Terms(z, None)
    variables = nodes_called(x, terms)
    lines = _lines(answer, terms, variables)
    return Marking(terms, variables, rate, language).verdict(lines)


def _lines(answer: Any, terms: Terms, variables: Sequence[Value]) -> list[str]:
    if isinstance(answer, str):
        lines = answer.strip().splitlines()
    elif isinstance(answer, Mapping):
        names = {x: written.text for x, written in terms.names.items()}
        root = names[terms.z]
        lines = [f"d{root}/d{names.get(element_of(key), key)} = {text}" for key, text in answer.items()]
    elif isinstance(answer, Iterable):
        lines = list(answer)
    else:
        raise ExpressionError(
            f"an answer is a text or a list of lines, got {answer!r:.60} of type {type(answer).__name__}"
        )
    if not lines:
        raise ExpressionError("the answer is empty; write for instance 2*x")
    return lines
