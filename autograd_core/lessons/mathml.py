r"""LaTeX as MathML, which browsers draw themselves: no script, no font, nothing from elsewhere.

latex2mathml does it; here is what it leaves to its callers.
"""

from __future__ import annotations

import re

from ..errors import MissingPackageError

__all__ = ["mathml", "numbered"]

ALIGNED = {
    "right": "text-align: -webkit-right; padding-right: 0",
    "left": "text-align: -webkit-left; padding-left: 0.2em",
}
"""Not all browsers know columnalign, by which the equations of an `align` meet at their signs."""

PRIMED = re.compile(r"<msup>(<mi>[^<]*</mi>)<mi>(&#x0203[23];)</mi></msup>")


def mathml(latex: str, display: str) -> str:
    """The formula, "inline" or as a "block"; primes as they are, since a font's prime is small and raised already.

    Raises `MissingPackageError` without latex2mathml.
    """
    try:
        from latex2mathml.converter import convert
    except ImportError:
        advice = "formulas without a network need latex2mathml: pip install latex2mathml, or 'autograd-core[notebooks]'"
        raise MissingPackageError(advice) from None
    drawn = PRIMED.sub(r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', str(convert(latex, display=display)))
    for side, style in ALIGNED.items():
        drawn = drawn.replace(f'<mtd columnalign="{side}"', f'<mtd columnalign="{side}" style="{style}"')
    return drawn


def numbered(latex: str) -> str:
    r"""The same, with the tags that are written in it behind its lines, and no other numbers.

    >>> print(numbered(r"a = b \tag{1}"))
    a = b \qquad (\text{1})
    """
    latex = re.sub(r"\\tag\{([^}]*)\}", r"\\qquad (\\text{\1})", latex.replace(r"\notag", ""))
    return re.sub(r"(\\(?:begin|end)\{align)\}", r"\1*}", latex)
