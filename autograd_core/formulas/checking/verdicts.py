"""What a check found, as a value and as a sentence in English or German."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SLIPS", "Verdict"]

SLIPS = {
    "en": {
        "quotient turned round": "the quotient rule is turned round: u'v comes before uv'",
        "sign": "a sign is wrong",
        "sequential update": "parameters that had been updated already were used; all steps start from the old ones",
        "learning rate": "the learning rate is missing",
        "no step": "this is the value before the step",
        "not differentiated": "this is the function, not its derivative",
        "inner derivative": "the inner derivative was forgotten",
        "product of derivatives": "the derivative of a product is not the product of the derivatives",
        "quotient of derivatives": "the derivative of a quotient is not the quotient of the derivatives",
        "product rule": "one part of the product rule is missing",
        "quotient rule": "the quotient rule was not applied rightly",
        "denominator squared": "the denominator of the quotient rule is not squared",
        "power rule": "the power rule was not applied rightly",
        "power rule on an exponential": "the power rule was applied to an exponential function",
        "exponential rule": "the rule of exponential functions was not applied rightly, (a^x)' = a^x ln a",
        "mean": "1/m was forgotten, or put in twice",
        "mean twice": "1/m was put in twice",
        "average": "what arrives from several consumers was averaged, not added up",
        "base-10 logarithm": "the logarithm was taken to base 10, not e",
        "softmax": "z / sum(z) was taken for softmax",
        "two classes": "every class was counted, as in the binary cross-entropy",
        "sigma prime": "1 - sigma'(z) stands where 1 - sigma(z) belongs",
        "function for derivative": "a function stands where its derivative belongs, g(z) for g'(z)",
        "derivative for function": "a derivative stands where the function belongs, g'(z) for g(z)",
        "derivative of function": "the derivative of this function is another one",
        "constant": "a constant was not differentiated to 0",
        "factor": "a constant factor is missing or wrong",
        "factor twice": "a constant factor was multiplied by twice",
        "outer derivative": "the outer derivative was forgotten",
        "inner derivative twice": "the inner derivative was multiplied by twice",
        "inner derivative inside": "the inner derivative was put inside the function",
        "summand": "a summand is missing",
        "factor missing": "a factor is missing",
        "factor too much": "a factor is too much",
        "derivative missing": "the derivative by this node is missing as a factor",
        "derivative too much": "the derivative by this node is too much as a factor",
        "exponent": "an exponent is wrong or missing",
        "number": "a number is wrong",
        "function": "another function belongs here",
        "operation": "times and divided by are confused, or a quotient is turned round",
    },
    "de": {
        "quotient turned round": "die Quotientenregel ist umgedreht: u'v kommt vor uv'",
        "sign": "ein Vorzeichen ist falsch",
        "sequential update": "schon geänderte Parameter wurden verwendet; alle Schritte gehen von den alten aus",
        "learning rate": "die Lernrate fehlt",
        "no step": "das ist der Wert vor dem Schritt",
        "not differentiated": "das ist die Funktion, nicht ihre Ableitung",
        "inner derivative": "die innere Ableitung wurde vergessen",
        "product of derivatives": "die Ableitung eines Produkts ist nicht das Produkt der Ableitungen",
        "quotient of derivatives": "die Ableitung eines Quotienten ist nicht der Quotient der Ableitungen",
        "product rule": "ein Teil der Produktregel fehlt",
        "quotient rule": "die Quotientenregel wurde nicht richtig angewandt",
        "denominator squared": "der Nenner der Quotientenregel ist nicht quadriert",
        "power rule": "die Potenzregel wurde nicht richtig angewandt",
        "power rule on an exponential": "die Potenzregel wurde auf eine Exponentialfunktion angewandt",
        "exponential rule": "die Regel für Exponentialfunktionen wurde nicht richtig angewandt, (a^x)' = a^x ln a",
        "mean": "1/m wurde vergessen oder doppelt eingesetzt",
        "mean twice": "1/m wurde doppelt eingesetzt",
        "average": "was von mehreren Verbrauchern ankommt, wurde gemittelt statt addiert",
        "base-10 logarithm": "der Logarithmus wurde zur Basis 10 genommen, nicht zu e",
        "softmax": "z / sum(z) wurde für softmax gehalten",
        "two classes": "jede Klasse wurde gezählt, wie in der binären Kreuzentropie",
        "sigma prime": "1 - sigma'(z) steht, wo 1 - sigma(z) hingehört",
        "function for derivative": "eine Funktion steht, wo ihre Ableitung hingehört: g(z) statt g'(z)",
        "derivative for function": "eine Ableitung steht, wo die Funktion hingehört: g'(z) statt g(z)",
        "derivative of function": "die Ableitung dieser Funktion ist eine andere",
        "constant": "eine Konstante wurde nicht zu 0 abgeleitet",
        "factor": "ein konstanter Faktor fehlt oder ist falsch",
        "factor twice": "mit einem konstanten Faktor wurde zweimal multipliziert",
        "outer derivative": "die äußere Ableitung wurde vergessen",
        "inner derivative twice": "mit der inneren Ableitung wurde zweimal multipliziert",
        "inner derivative inside": "die innere Ableitung wurde in die Funktion eingesetzt",
        "summand": "ein Summand fehlt",
        "factor missing": "ein Faktor fehlt",
        "factor too much": "ein Faktor ist zu viel",
        "derivative missing": "die Ableitung nach diesem Knoten fehlt als Faktor",
        "derivative too much": "die Ableitung nach diesem Knoten ist als Faktor zu viel",
        "exponent": "ein Exponent ist falsch oder fehlt",
        "number": "eine Zahl ist falsch",
        "function": "eine andere Funktion gehört hierher",
        "operation": "mal und geteilt sind verwechselt, oder ein Quotient ist umgedreht",
    },
}
"""What each kind of slip is, the likeliest first."""

SENTENCES = {
    "en": {
        "symbolically": "Right: {text} is {what}",
        "numerically": "Right: {text} is {what} at {point}",
        "lines": "Right: all {count} lines",
        "wrong": "Wrong: {text} is not {what}.",
        "line": "Line {line} is the first wrong one: {text} is not {what}.",
        "numbers": " At {point} it is {given}, but {what} is {expected}",
        "likely": ".\nLikely slip: {slip}",
        "unknown": ".\nWhich slip it is was not found",
        "and": ", and ",
        "by": " (it is too large by {factor})",
        "there": ", at {node}",
    },
    "de": {
        "symbolically": "Richtig: {text} ist {what}",
        "numerically": "Richtig: {text} ist {what} bei {point}",
        "lines": "Richtig: alle {count} Zeilen",
        "wrong": "Falsch: {text} ist nicht {what}.",
        "line": "Zeile {line} ist die erste falsche: {text} ist nicht {what}.",
        "numbers": " Bei {point} ist es {given}, aber {what} ist {expected}",
        "likely": ".\nWahrscheinlicher Fehler: {slip}",
        "unknown": ".\nWelcher Fehler es ist, wurde nicht gefunden",
        "and": ", und ",
        "by": " (um den Faktor {factor} zu groß)",
        "there": ", bei {node}",
    },
}


@dataclass(frozen=True)
class Verdict:
    """The verdict on an answer: true if it is right, and as text a sentence.

    right     whether every line is right
    line      the number of the first wrong line, from 1; None if all are right
    text      the expression that is wrong; of a right answer the last one
    what      what it should be, as in dz/dx
    point     the numbers at which the graph was computed
    given     the value of the text there; nan where it has none
    expected  the value that it should have there
    how       "symbolically", if it has the right value around that point too, or "numerically", if it is a number
    slip      the likely slip by its kind, as in "inner derivative"; None if none was found
    node      the node that the slip is about, with its formula, or the place in the text
    factor    what the answer is too large by, where the slip is a factor
    count     how many lines were read
    language  "en" or "de", that of the sentence
    """

    right: bool
    line: int | None
    text: str
    what: str
    point: str
    given: float
    expected: float
    how: str | None = None
    slip: str | None = None
    node: str | None = None
    factor: float | None = None
    count: int = 1
    language: str = "en"

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        say = SENTENCES[self.language]
        if self.right and self.count > 1:
            return f"{say['lines'].format(count=self.count)}."
        facts = {"text": self.text, "what": self.what, "point": self.point, "line": self.line}
        facts |= {"given": f"{self.given:.6g}", "expected": f"{self.expected:.6g}"}
        if self.right:
            return f"{say[self.how or 'symbolically'].format(**facts)}."
        slip = say["unknown"]
        if self.slip is not None:
            slips = [SLIPS[self.language][kind] for kind in self.slip.split(" and ")]
            slip = say["likely"].format(slip=say["and"].join(slips))
            slip += say["by"].format(factor=f"{self.factor:.4g}") if self.factor is not None else ""
            slip += say["there"].format(node=self.node) if self.node is not None else ""
        return f"{(say['line' if self.count > 1 else 'wrong'] + say['numbers']).format(**facts)}{slip}."

    __repr__ = __str__
