"""The quiz: its graph, its page, and its answers."""

from __future__ import annotations

import pytest

from autograd import quiz


def test_the_lines_of_a_quiz_are_what_it_computes() -> None:
    for seed in range(30):
        question = quiz(seed, size=5)
        numbers: dict[str, float] = {}
        for line in str(question).splitlines()[:-1]:
            exec(line, {}, numbers)
        assert numbers[question.value.label] == question.value.data
        assert {name: numbers[name] for name in question.leaves} == {n: x.data for n, x in question.leaves.items()}


@pytest.mark.parametrize("size", range(1, 13))
def test_a_quiz_and_its_answers(size: int) -> None:
    question = quiz(seed=3, size=size)
    assert str(question) == str(quiz(seed=3, size=size))
    question.value.backward()
    gradients = {name: leaf.grad for name, leaf in question.leaves.items()}
    assert question.answer(gradients)
    wrong = question.answer({name: gradient + 1.0 for name, gradient in gradients.items()})
    assert not wrong
    assert not any(wrong.right.values())
    assert "no, it is" in str(wrong)


def test_a_quiz_tells_the_usual_mistakes_apart() -> None:
    question = quiz(seed=5, size=2)  # c = a * b, d = c + a
    assert "only the sign is wrong" in str(question.answer(a=-4.0))
    one_right, one_wrong = question.answer(b=2.0, a=5.0).right, question.answer(a=5.0, b=2.0).right
    assert one_right == one_wrong == {"a": False, "b": True}
    assert "dd/da = 5: no, it is 4" in str(question.answer(b=2.0, a=5.0))
    assert "only one of 2 paths" in str(question.answer(a=3.0))
    with pytest.raises(ValueError, match="give gradients of a, b"):
        question.answer(z=1.0)
    with pytest.raises(ValueError, match="from 1 to 12, not 0"):
        quiz(1, 0)


def test_the_page_of_a_quiz_has_all_that_it_needs() -> None:
    question = quiz(seed=5, size=2)
    data = question.data()
    assert [leaf["question"] for leaf in data["leaves"]] == ["dd/da", "dd/db"]
    assert [leaf["total"] for leaf in data["leaves"]] == [4.0, 2.0]
    assert sorted(data["leaves"][0]["products"]) == [1.0, 3.0]
    assert data["leaves"][1]["hints"][0] == "1 path from d to b: d -> c -> b"
    html = question._repr_html_()
    assert "<iframe" in html
    assert "What are dd/da, dd/db?" in html  # where scripts are removed
