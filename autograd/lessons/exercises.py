"""Exercises that check themselves: predict a number, or choose, and see why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

from autograd.course.texts import entries
from autograd.lessons.questions import TEXT
from autograd.output import notebook


@dataclass(frozen=True)
class Option:
    """A possible answer: a number with a tolerance, or a text to choose; and what is said to it."""

    answer: str
    right: bool
    why: str
    tolerance: float = 0.0

    def matches(self, given: Any) -> bool:
        """Whether this is the answer that was given: a number, or the text."""
        if isinstance(given, str):
            return given.strip() == self.answer
        return abs(float(self.answer) - float(given)) <= max(self.tolerance, 1e-6 * abs(float(self.answer)))


@dataclass(frozen=True)
class Question:
    """A question, and its possible answers.

    Attributes:
        text: the question.
        numeric: whether the answer is a number; otherwise one of the options is to be chosen.
        options: the right answer, and wrong ones with their reason.
    """

    text: str
    numeric: bool
    options: tuple[Option, ...]

    @property
    def right(self) -> Option:
        return next(option for option in self.options if option.right)

    def __str__(self) -> str:
        choices = "" if self.numeric else "".join(f"\n   - {option.answer}" for option in self.options)
        return self.text + choices


@dataclass(frozen=True)
class Answer:
    """What is said to an answer; it is true if the answer is right."""

    right: bool
    text: str = field(repr=False)

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        return self.text


class Exercises:
    """The exercises of a lesson.  See ``exercises``.

    Attributes:
        lesson: the name of the lesson.
        questions: the questions.
    """

    def __init__(self, lesson: str, questions: list[Question]) -> None:
        self.lesson, self.questions = lesson, questions

    def answer(self, number: int, given: float | str) -> Answer:
        """Check the answer to a question, the first being number 1: a number, or the text of a choice.

        Raises:
            ValueError: there is no such question, or the text is not one of the choices.
        """
        if not isinstance(number, int) or not 1 <= number <= len(self.questions):
            raise ValueError(f"there are questions 1 to {len(self.questions)}, not {number!r}")
        question = self.questions[number - 1]
        if isinstance(given, str) == question.numeric:
            wanted = "a number" if question.numeric else "one of: " + "; ".join(o.answer for o in question.options)
            raise ValueError(f"the answer to question {number} is {wanted}; not {given!r}")
        found = next((option for option in question.options if option.matches(given)), None)
        if found is None and not question.numeric:
            raise ValueError(f"choose one of: {'; '.join(o.answer for o in question.options)}; not {given!r}")
        if found is None:
            return Answer(False, "Not right. Think again, or try a number that you can explain.")
        return Answer(found.right, f"{'Right' if found.right else 'Not right'}. {found.why}")

    def __str__(self) -> str:
        return "\n".join(f"{i}. {question}" for i, question in enumerate(self.questions, 1))

    __repr__ = __str__

    def data(self) -> dict[str, Any]:
        """What the page needs, as plain data."""
        return {
            "questions": [
                {
                    "text": question.text,
                    "numeric": question.numeric,
                    "options": [
                        {"answer": o.answer, "right": o.right, "why": o.why, "tolerance": o.tolerance}
                        for o in question.options
                    ],
                }
                for question in self.questions
            ],
            "said": {
                "number": "Write a number, such as -1.5 or 3/2.",
                "choice": "Choose one of the answers.",
                "right": "Right.",
                "wrong": "Not right.",
                "other": "Think again, or try a number that you can explain.",
            },
        }

    @property
    def page(self) -> str:
        """A page of its own, which checks the answers without Python."""
        code = notebook.script(*(notebook.asset("autograd.lessons", name) for name in ("answers.js", "exercises.js")))
        style = notebook.style("autograd.lessons", "quiz.css")
        return notebook.page(f"Exercises: {self.lesson}", code, style, self.data())

    def _repr_html_(self) -> str:
        still = f"<pre>{escape(str(self))}</pre>"
        lines = sum(2.6 if q.numeric else 1.4 + 1.5 * len(q.options) for q in self.questions)
        return notebook.framed(self.page, "exercises", still, height=round(90 + 60 * len(self.questions) + 22 * lines))


def exercises(lesson: str) -> Exercises:
    """The exercises at the end of a lesson.  A notebook shows a page that checks the answers, and says why.

    Arguments:
        lesson: its name, such as "tangent", "value" or "backpropagation".

    Raises:
        ValueError: there is no such lesson.

    >>> asked = exercises("tangent")
    >>> print(asked.questions[0])
    f(x) = x². What is the slope of the line through the points at x = 3 and x = 5?
    >>> print(asked.answer(1, 6.0))
    Not right. That is the slope of the tangent at 3. The line goes through two points that are 2 apart.
    """
    if lesson not in LESSONS:
        raise ValueError(f"there are exercises for {', '.join(LESSONS)}; not for {lesson!r}")
    return Exercises(lesson, LESSONS[lesson])


def read(text: str) -> list[Question]:
    """The questions of one lesson; questions.py says how they are written."""
    found = []
    for block in re.split(r"^\? ", re.sub(r"\n  +", " ", text), flags=re.MULTILINE)[1:]:
        question, *lines = block.strip().split("\n")
        found.append(Question(question, lines[0][0] in "=~", tuple(map(_option, lines))))
    return found


def _option(line: str) -> Option:
    kind, rest = line[0], line[2:]
    answer, _, why = rest.partition(": ")
    number, _, tolerance = answer.partition(" ± ")
    return Option(number if kind in "=~" else answer, kind in "=+", why, float(tolerance or 0.0))


LESSONS = {name: read(text) for name, text in entries(TEXT).items()}
