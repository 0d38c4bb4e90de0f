"""Names in formulas: letters with accents, indices and primes; any other name stands as text in quotation marks.

LaTeX has the Greek letters, and the Latin ones of its oldest fonts; other Latin letters lose the marks that these fonts
lack, so that every LaTeX compiles. Letters of other scripts stay as they are: notebooks, XeLaTeX and LuaLaTeX show
them.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain, count

from ...visible import lecture_name, visible
from .written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Names", "in_text", "literal", "name"]


def _greek(letter: str) -> str:
    """LaTeX's name of a Greek letter; Unicode spells lambda without b."""
    word = unicodedata.name(letter).split()[-1].replace("LAMDA", "LAMBDA")
    return word.capitalize() if letter.isupper() else word.lower()


GREEK = {_greek(letter): letter for letter in "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"}
SIGNS = {
    "ϕ": "phi", "ϵ": "epsilon", "ϑ": "vartheta", "ς": "varsigma", "ϖ": "varpi", "ϱ": "varrho", "ℓ": "ell",
    "∂": "partial", "∇": "nabla", "∞": "infty", "√": "surd", "∑": "sum", "∏": "prod", "∫": "int", "≤": "leq",
    "≥": "geq", "≠": "neq", "≈": "approx", "′": "prime", "∈": "in", "→": "to", "⋅": "cdot", "…": "ldots",
    "\\": "backslash", "~": "sim", "^": "wedge", "«": "ll", "»": "gg", "ℵ": "aleph", "ℏ": "hbar",
}  # fmt: skip
BELOW, ABOVE = "₀₁₂₃₄₅₆₇₈₉", "⁰¹²³⁴⁵⁶⁷⁸⁹"
QUOTES = {"„": ",,", "‚": ",", "“": '"', "”": '"', "‘": "`", "’": "'", "ʼ": "'", "‹": "$<$", "›": "$>$"}
LATIN_SHAPES = {greek: f"mathrm{{{latin}}}" for greek, latin in zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True)}
COMMANDS = {**SIGNS, **LATIN_SHAPES, **{letter: command for command, letter in GREEK.items()}}
IN_FORMULAS = str.maketrans({letter: rf"{{\{command}}}" for letter, command in COMMANDS.items() if letter.isalpha()})
IN_TEXT = str.maketrans(
    {letter: rf"$\{command}$" for letter, command in COMMANDS.items()}
    | {sign: f"${sign}$" for sign in "<>|"}
    | {"−": "$-$"}
    | {sign: rf"\{sign}" for sign in "&%$#_{}"}
    | {sign: f"$_{digit}$" for digit, sign in enumerate(BELOW)}
    | {sign: f"$^{digit}$" for digit, sign in enumerate(ABOVE)}
    | QUOTES
)
KNOWN = {*COMMANDS, *BELOW, *ABOVE, *QUOTES, "−"}
ALIKE = str.maketrans(dict(zip(f"µ{BELOW}′″‴", ["μ", *"0123456789", "'", "''", "'''"], strict=True)))
ACCENTS = {
    **{"\u0300": r"\grave", "\u0301": r"\acute", "\u0302": r"\hat", "\u0303": r"\tilde", "\u0304": r"\bar"},
    **{"\u0306": r"\breve", "\u0307": r"\dot", "\u0308": r"\ddot", "\u030a": r"\mathring", "\u030c": r"\check"},
    "\u20d7": r"\vec",
}
ACCENTED = re.compile(rf"([a-zA-Zα-ωΑ-Ω])([{''.join(ACCENTS)}])|(.)", re.DOTALL)
LATIN_ENDS, MISSING = (
    "\u0180",
    "ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ",
)  # LaTeX's oldest fonts have no letters beyond, and not these
SPELLED = re.compile(r"(?:LATIN|GREEK) (?:(SMALL|CAPITAL) )?LETTER (?:LONG )?(\w+)")
LIGATURE = re.compile(r"([-`',?!])(?=[-`'])")
MARKS = r"\u0300-\u036f\u20d7"
LETTER, WORD = rf"[^\W\d_{ABOVE}][{MARKS}]*", rf"[^\W{ABOVE}][\w{MARKS}]*"
INDEXED = re.compile(rf"((?:{LETTER})+)(\d*)('*)(?:_({WORD}))?(?:\^(\({WORD}\)))?((?:\[\w+(?:, \w+)*\])*)")
NUMBERS = ("e", "inf", "nan")


def name(text: str) -> Written:
    r"""A name as it is written: indices as indices, and in quotation marks if it is no word.

    >>> [name(text).latex for text in ("x", "x1", "w_11^(2)", "theta", "ŷ_i", "z_1[7]", "100 % <b>")]
    ['x', 'x_{1}', 'w_{11}^{(2)}', '\\theta', '\\hat{y}_{i}', 'z_{1, 7}', "\\text{``100 \\% $<$b$>$''}"]
    >>> name("layer 1/n3/w5")                     # w of neuron 3 in layer 1, from input 5, as the lectures write it
    Written(text='w_35^(1)', latex='w_{35}^{(1)}', level=4, is_call=False)
    >>> name("x+y").text
    '"x+y"'
    """
    text = lecture_name(text)
    match = INDEXED.fullmatch(unicodedata.normalize("NFD", text).translate(ALIKE))
    if not match or text in NUMBERS:
        return literal(text)
    base, digits, primes, below, above, samples = match.groups()
    indices = [part for part in (digits, *(below or "").split("_"), *re.findall(r"\w+", samples)) if part]
    powers = r"\prime" * len(primes) + (" " if primes and above else "") + _in_formula(above or "")
    latex = _letters(base)
    latex += f"_{{{', '.join(map(_in_formula, indices))}}}" if indices else ""
    latex += f"^{{{powers}}}" if powers else ""
    return Written(text, latex)


class Names:
    """Written names, no two of which look alike: the second of x1 and x_1 stands in quotation marks."""

    def __init__(self, taken: Iterable[Written] = ()) -> None:
        self._taken = set(map(_looks, taken))
        self._found: dict[str, Written] = {}

    def __call__(self, text: str, is_literal: bool = False) -> Written:
        """A name as it is written, always in the same way; in quotation marks if it `is_literal`."""
        if text not in self._found:
            ways = chain(
                [] if is_literal else [name(text)], [literal(text)], (literal(f"{text} ({k})") for k in count(2))
            )
            self._found[text] = written = next(way for way in ways if _looks(way) not in self._taken)
            self._taken.add(_looks(written))
        return self._found[text]


def _looks(written: Written) -> str:
    """The look of a name, to compare: LaTeX shows many spaces as one, and letters of text like those of a formula."""
    return " ".join(re.sub(r"\\textit|\\mathit|[{}$]", "", unicodedata.normalize("NFKC", written.latex)).split())


def literal(text: str) -> Written:
    """A name as it is, in quotation marks."""
    shown = visible(text)
    return Written('"{}"'.format(shown.replace('"', r"\"")), rf"\text{{``{in_text(shown)}''}}")


def _letters(text: str) -> str:
    """The base of a name: one letter, maybe with an accent, a Greek one by its name, or a word."""
    if text in GREEK or text in COMMANDS:
        return rf"\{COMMANDS.get(text, text)}"
    if len(text) == 2 and text[1] in ACCENTS and not _is_of_other_script(text[0]):
        return f"{ACCENTS[text[1]]}{{{_in_formula(text[0])}}}"
    latex = _in_formula(text)
    return latex if len(text) == 1 or latex.startswith(r"\textit") else rf"\mathit{{{latex}}}"


def _in_formula(text: str) -> str:
    """LaTeX for letters in a formula; those that the mathematical fonts lack are set as text."""
    latex = text.translate(IN_FORMULAS)
    return latex if latex.isascii() else rf"\textit{{{in_text(text)}}}"


def in_text(text: str) -> str:
    """`text` as LaTeX shows it literally."""
    known = "".join(map(_in_oldest_fonts, unicodedata.normalize("NFC", text)))
    latex = "".join([
        f"${ACCENTS[accent]}{{{letter.translate(IN_FORMULAS)}}}$" if accent else other.translate(IN_TEXT)
        for letter, accent, other in ACCENTED.findall(known)
        if not (other and unicodedata.combining(other))  # an accent on top of another
    ])  # fmt: skip
    return LIGATURE.sub(r"\1$ $", latex)


def _in_oldest_fonts(letter: str) -> str:
    """A letter as the oldest fonts have it: ạ with its accent apart, ℝ in plain style, þ by its name."""
    if letter in KNOWN or (letter < LATIN_ENDS and letter not in MISSING):
        return letter
    parts, alike = unicodedata.normalize("NFD", letter), unicodedata.normalize("NFKC", letter)
    if len(parts) > 1:
        return letter if _is_of_other_script(letter) else parts
    if alike != letter:
        return "".join(map(_in_oldest_fonts, alike))
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    spelled = SPELLED.match(unicodedata.name(letter, ""))
    if not spelled:
        return letter
    return spelled[2].capitalize() if spelled[1] == "CAPITAL" else spelled[2].lower()


def _is_of_other_script(letter: str) -> bool:
    """Whether a letter is neither Latin nor Greek: й is one, not и with an accent."""
    return letter.isalpha() and not unicodedata.name(letter, "").startswith(("LATIN", "GREEK"))
