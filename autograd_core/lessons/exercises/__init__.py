"""What is right in each exercise, and which mistakes are known.

graphs          lesson 1
chain_rules     lesson 2
by_heart        lesson 3
matrices        lesson 4
four_equations  lesson 5
higher          lesson 6
practice        lesson 7

A lesson's exercises are functions ``exercise_1``, ``exercise_2``, ...: their parameters are what a learner answers, and
what the answer is about (a network, data); what they return is a `Finding`. What is right is computed by the engine.
Networks are taken as they come: nothing here imports ``nn``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

from ...errors import LessonError
from ..verdicts import Feedback, Finding, is_open, wrong

__all__ = ["Check"]

LESSONS = ("graphs", "chain_rules", "by_heart", "matrices", "four_equations", "higher", "practice")

WORDS = {
    "en": ("Exercise {}: not answered yet. Your answer goes where the dots are.", "Right: {}.", "Not yet: {}."),
    "de": ("Aufgabe {}: noch offen. Die Antwort gehört an die Stelle der Punkte.", "Richtig: {}.", "Noch nicht: {}."),
}


class Check:
    """The checks of a lesson, called with the number of an exercise and the answer by name.

    >>> check = Check(lesson=2)
    >>> check(1, z=0.0, slope=...)
    Exercise 1: not answered yet. Your answer goes where the dots are.
    >>> check(1, z=0.0, slope=0.5)
    Not yet: 0.5 is the value g(0), the slope g'(0) is asked for.
    >>> check(1, z=0.0, slope=0.25)
    Right: g (1 - g) is largest where both factors are the same.

    language: en or de.

    Raises `LessonError` for lessons, languages, exercises and names that there are not.
    """

    def __init__(self, lesson: int, language: str = "en") -> None:
        if lesson not in range(1, len(LESSONS) + 1):
            raise LessonError(f"there is no lesson {lesson!r:.40}; they are numbered from 1 to {len(LESSONS)}")
        if language not in WORDS:
            raise LessonError(f"checks do not speak {language!r:.40}; choose from {', '.join(WORDS)}")
        self.language = language
        module = import_module(f"{__name__}.{LESSONS[lesson - 1]}")
        self.exercises: dict[int, Callable[..., Finding]] = {
            int(name.removeprefix("exercise_")): value
            for name, value in vars(module).items()
            if name.startswith("exercise_")
        }

    def __call__(self, exercise: int, /, **answer: Any) -> Feedback:
        """What is to be said about an answer."""
        if exercise not in self.exercises:
            raise LessonError(
                f"there is no exercise {exercise!r:.40}; they are numbered from 1 to {len(self.exercises)}"
            )
        wanted = list(inspect.signature(self.exercises[exercise]).parameters)
        if set(answer) != set(wanted):
            call = f"check({exercise}, {', '.join(f'{name}=...' for name in wanted)})"
            raise LessonError(f"exercise {exercise} is checked by {call}, got {', '.join(answer) or 'no answer'}")
        is_open_yet, praise, blame = WORDS[self.language]
        is_answered = not any(map(is_open, answer.values()))
        finding = self._found(exercise, answer) if is_answered else Finding(None, ("", ""))
        if finding.is_right is None:
            return Feedback(None, is_open_yet.format(exercise))
        said = finding.said[list(WORDS).index(self.language)]
        return Feedback(finding.is_right, (praise if finding.is_right else blame).format(said))

    def _found(self, exercise: int, answer: dict[str, Any]) -> Finding:
        try:
            return self.exercises[exercise](**answer)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            said = f"({type(error).__name__}: {error})"
            english, german = (
                "the answer has not the form that is asked for",
                "die Antwort hat nicht die verlangte Form",
            )
            return wrong((f"{english} {said}", f"{german} {said}"))

    def __repr__(self) -> str:
        return f"<Checks of {len(self.exercises)} exercises>"
