"""The exercises at the end of the lessons: their numbers are right, and every wrong answer has a reason."""

from __future__ import annotations

import math

import pytest

from autograd import Value, exercises, grad, logsumexp
from autograd.lessons.exercises import LESSONS
from nn import MLP, SGD, Adam, softmax


def gradient(y: Value, x: Value) -> float:
    y.backward()
    return x.grad


def first_step_of_adam() -> float:
    p = Value(0.0)
    (500.0 * p).backward()
    Adam([p], lr=0.001).step()
    return abs(p.data)


def velocity() -> float:
    p, optimizer = Value(0.0), None
    optimizer = SGD([p], lr=1.0, momentum=0.9)
    before = 0.0
    for _ in range(300):
        before = p.data
        p.grad = 1.0
        optimizer.step()
    return before - p.data


def circuit() -> tuple[Value, Value]:
    a, b, c = Value(1.0), Value(2.0), Value(4.0)
    return (a + b) * c, a


def two_paths() -> tuple[Value, Value]:
    a, b = Value(2.0), Value(3.0)
    return a * b + a, a


def logit() -> float:
    z = [Value(math.log(0.25)), Value(math.log(0.75))]
    return gradient(logsumexp(z) - z[0], z[0])


# The lesson, the number of the question, and its answer, computed.
COMPUTED = [
    ("tangent", 1, (5.0**2 - 3.0**2) / 2.0),
    ("tangent", 2, (2.06 - 2.00) / 0.02),
    ("value", 1, gradient(*circuit())),
    ("backpropagation", 1, gradient(*two_paths())),
    ("networks", 1, len(MLP(3, [4, 2], seed=1).parameters())),
    ("curve", 1, -2.0 / 4.0),
    ("descent", 1, 2.0 / 100.0),
    ("descent", 2, velocity()),
    ("descent", 3, first_step_of_adam()),
    ("softmax", 1, softmax([3.0, 1.0])[0] / softmax([3.0, 1.0])[1]),
    ("softmax", 2, logit()),
    ("random start", 1, 0.0),
    ("vanishing", 1, 2.0 / 8.0),
    ("vanishing", 2, 0.5**9),
    ("three ways", 1, 1),
    ("three ways", 2, 5),
    ("higher derivatives", 1, grad(grad(lambda x: x**3))(2.0)),
    ("higher derivatives", 2, 2.0 / 8.0),
    ("higher derivatives", 3, grad(grad(lambda x: x.relu()))(3.0)),
    ("matrices", 1, 3 * 10),
    ("past one machine", 1, 200.0 / 20.0),
]


@pytest.mark.parametrize(("lesson", "number", "answer"), COMPUTED)
def test_the_right_numbers(lesson: str, number: int, answer: float) -> None:
    found = exercises(lesson).answer(number, answer)
    assert found, found
    assert str(found).startswith("Right. ")


def test_every_number_is_computed() -> None:
    numeric = [(name, i) for name, asked in LESSONS.items() for i, question in enumerate(asked, 1) if question.numeric]
    assert numeric == [(name, number) for name, number, _ in COMPUTED]


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_question_has_one_right_answer_and_reasons(lesson: str) -> None:
    asked = exercises(lesson)
    assert len(asked.questions) == 3
    for number, question in enumerate(asked.questions, 1):
        assert [option.right for option in question.options].count(True) == 1
        assert question.numeric or len(question.options) == 3
        for option in question.options:
            given = float(option.answer) if question.numeric else option.answer
            found = asked.answer(number, given)
            assert bool(found) == option.right
            assert len(str(found)) > 15
            assert option.why.endswith((".", ")"))
    assert [question["text"] for question in asked.data()["questions"]] == [q.text for q in asked.questions]
    assert "<iframe" in asked._repr_html_()


def test_wrong_calls() -> None:
    asked = exercises("tangent")
    assert str(asked.answer(1, 5.5)) == "Not right. Think again, or try a number that you can explain."
    for number, given, message in (
        (4, 1.0, "there are questions 1 to 3, not 4"),
        (1, "large", "the answer to question 1 is a number; not 'large'"),
        (3, 0.1, "the answer to question 3 is one of: 0.1; "),
        (3, "0.2", "choose one of: 0.1; "),
    ):
        with pytest.raises(ValueError, match=message):
            asked.answer(number, given)
    with pytest.raises(ValueError, match=r"there are exercises for tangent, value, .*; not for 'cooking'"):
        exercises("cooking")
