"""The errors that this library raises, each with a name of its own.

Every error also subclasses the built-in it refines, so ``except ValueError`` keeps working for people
who have never heard of this module. Messages say what was given, what was expected and what to do.
"""

from .visible import readable


class AutogradError(Exception):
    """The common base: ``except AutogradError`` catches whatever this library raises on purpose.

    A message may quote names and paths from anywhere; none reaches the terminal but as visible text.
    """

    def __str__(self) -> str:  # KeyError would print the repr of the message
        return readable(str(self.args[0]) if len(self.args) == 1 else super().__str__())


class NumberError(AutogradError, TypeError):
    """Something that is not a real number was used as one (bool, complex, str, None, a long array, ...)."""


class LeavesGraphError(AutogradError, TypeError):
    """``float(x)`` or ``math.sin(x)`` on a Value: the result would silently have no gradient."""


class DomainError(AutogradError, ValueError):
    """An op was called outside its domain, as in ``log(-1.0)``."""


class DivisionByZeroError(DomainError, ZeroDivisionError):
    """A denominator was zero, as in ``1 / x`` at ``x = 0`` or ``x ** -1`` there."""


class InnerNodeError(AutogradError, AttributeError):
    """The data of a computed node was assigned; only leaves can change."""


class StaleGraphError(AutogradError, RuntimeError):
    """A leaf changed after the graph was recorded, so its values and gradients belong to no function."""


class CyclicGraphError(AutogradError, ValueError):
    """A node is its own ancestor. Recording cannot make such a graph; assigning ``inputs`` by hand can."""


class OpError(AutogradError, TypeError):
    """An op was defined or called in a way that does not fit its own signature."""


class RuleError(OpError):
    """A derivative rule did not return one entry per input position."""


class NoGradientError(AutogradError, KeyError):
    """A grad_table was asked for a node that was not among its targets."""


class StructureError(AutogradError, ValueError):
    """Nested arguments, tangents or batches whose shapes do not fit each other."""


class OutputError(AutogradError, TypeError):
    """A function to be differentiated returned something other than (a container of) numbers."""


class GradientMismatchError(AutogradError, AssertionError):
    """A derivative rule disagrees with differences by more than they can be wrong."""


class ExpressionError(AutogradError, ValueError):
    """A text is not an arithmetic expression over the op table."""


class LessonError(AutogradError, ValueError):
    """A lesson, an exercise or a language that there is not, or lessons that would overwrite files."""


class DiagramError(AutogradError, ValueError):
    """A diagram cannot be laid out or written as asked."""


class MissingPackageError(AutogradError, ImportError):
    """An optional package is needed for what was asked; the message says how to install it."""


class TracingError(AutogradError, TypeError):
    """A function does something that cannot be compiled: it needs a number that is only known at each call."""


class NonFiniteError(AutogradError, ArithmeticError):
    """A compiled function that was asked to check gave inf or nan; the message names the step that did."""


class PathsError(TracingError, RuntimeError):
    """The points of an inner map take more ways through its comparisons than one program can join."""


class ProgramError(AutogradError, ValueError):
    """A program is not well formed, or a backend cannot express one of its steps."""


class DiagramFileError(DiagramError, OSError):
    """A diagram cannot be written where it was asked to be."""
