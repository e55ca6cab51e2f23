"""The exercises on paper, and their solutions: two documents for print, from the same questions."""

from __future__ import annotations

import json
import re
from itertools import count

from figures import to_pdf
from lessons import exercises_of_lessons

from autograd import Value, draw, exercises, explain, quiz, sigmoid, square
from autograd.lessons.quiz import Quiz
from autograd.output.raster import in_light

BY_HAND = ((4, 2), (5, 3), (8, 3), (6, 4))  # seeds and sizes of the graphs to differentiate by hand
LETTERS = "abcdefgh"
HEAD = """#set page(paper: "a4", margin: (x: 2cm, y: 1.8cm), numbering: "1 / 1")
#set text(font: "Libertinus Serif", size: 11pt, lang: "en")
#set par(justify: false, leading: 0.7em)
#show heading.where(level: 2): set block(above: 1.6em, below: 0.9em)
#show raw: set text(font: "DejaVu Sans Mono", size: 9pt)
#let line-to-fill = box(width: 3cm, stroke: (bottom: 0.5pt), height: 0.9em)
"""


def sheet(solved: bool) -> bytes:
    """The sheet as a PDF.

    Arguments:
        solved: whether the solutions stand in it.
    """
    pictures: dict[str, str] = {}
    title = "Backpropagation: solutions" if solved else "Backpropagation: exercises"
    about = "Solutions to the sheet of exercises." if solved else "Name: #line-to-fill #h(1fr) Date: #line-to-fill"
    parts = [HEAD, f"= {title}", about, *_graphs(solved, pictures), *_network(solved), *_questions(solved)]
    return to_pdf("\n\n".join(parts), pictures)


def _text(text: str) -> str:
    """A text in which nothing is markup but *emphasis*."""
    parts = re.split(r"\*([^*]+)\*", text)
    quoted = [json.dumps(part, ensure_ascii=False) for part in parts]
    return "".join(f"#emph({part})" if i % 2 else f"#{part}" for i, part in enumerate(quoted))


def _code(text: str) -> str:
    return f"#raw(block: true, {json.dumps(text, ensure_ascii=False)})"


# ------------------------------------------------------------------------------------------------------ graphs by hand


def _graphs(solved: bool, pictures: dict[str, str]) -> list[str]:
    parts = [
        "== Graphs",
        "Write the gradient of the last variable with respect to each variable into its box. Begin at the end: its "
        "gradient with respect to itself is 1. A variable that is used twice gets a share from each use.",
    ]
    for number, (seed, size) in enumerate(BY_HAND, 1):
        asked = quiz(seed, size)
        lines = "\n".join(asked.lines)
        file = f"graph{number}.svg"
        if solved:
            asked.value.backward()
            pictures[file] = in_light(draw(asked.value).svg)
        else:
            pictures[file] = in_light(_with_gaps(asked))
        width = float(re.search(r'width="([\d.]+)"', pictures[file])[1])
        sums = "\n".join(str(explain(asked.value, leaf)).splitlines()[-1] for leaf in asked.leaves.values())
        parts.append(
            f"#block(breakable: false)[#grid(columns: (3.6cm, 1fr), gutter: 8pt, [*{number}.*\n{_code(lines)}], "
            f'image("{file}", width: {0.72 * width:.0f}pt))\n{_code(sums) if solved else ""}]'
        )
    return parts


def _with_gaps(asked: Quiz) -> str:
    """The graph with room for each gradient."""
    return draw(asked.value).svg.replace(">–</text>", ">___</text>")


# --------------------------------------------------------------------------------------------------- a network by hand


def _network(solved: bool) -> list[str]:
    """Two sigmoid units in a row, with three inputs: one step of gradient descent."""
    xs = [Value(1.0, "x1"), Value(0.5, "x2"), Value(-1.0, "x3")]
    weights = [Value(0.2, "W1"), Value(-0.4, "W2"), Value(0.1, "W3")]
    b1, w4, b2 = Value(0.1, "b1"), Value(0.6, "W4"), Value(-0.2, "b2")
    o1 = sigmoid(sum((w * x for w, x in zip(weights, xs, strict=True)), b1))
    o2 = sigmoid(w4 * o1 + b2)
    loss = square(o2 - 1.0)
    loss.backward()
    asked = {
        "O_1": o1.data,
        "O_2": o2.data,
        "L": loss.data,
        "(partial L) / (partial W_4)": w4.grad,
        "(partial L) / (partial b_2)": b2.grad,
        **{f"(partial L) / (partial W_{i})": w.grad for i, w in enumerate(weights, 1)},
        '"new" W_4': w4.data - 0.5 * w4.grad,
        '"new" W_1': weights[0].data - 0.5 * weights[0].grad,
    }
    cells = [f"[${name} =$ {f'{number:.4f}' if solved else '#line-to-fill'}]" for name, number in asked.items()]
    way = (
        "With $delta_2 = 2 (O_2 - y) O_2 (1 - O_2)$ and $delta_1 = delta_2 W_4 O_1 (1 - O_1)$, the gradients are "
        "$(partial L) / (partial W_4) = delta_2 O_1$, $(partial L) / (partial b_2) = delta_2$ and "
        "$(partial L) / (partial W_i) = delta_1 x_i$."
    )
    return [
        "== A network",
        "Two sigmoid units in a row: $O_1 = sigma(W_1 x_1 + W_2 x_2 + W_3 x_3 + b_1)$, $O_2 = sigma(W_4 O_1 + b_2)$, "
        "with the loss $L = (O_2 - y)^2$. Let $x = (1, 0.5, -1)$, $W_1 = 0.2$, $W_2 = -0.4$, $W_3 = 0.1$, $b_1 = 0.1$, "
        "$W_4 = 0.6$, $b_2 = -0.2$, $y = 1$. Compute the forward pass, the gradients, and one step of gradient descent "
        "with the learning rate $0.5$. (The slope of a sigmoid is $sigma (1 - sigma)$. A calculator helps.)",
        f"#block(breakable: false)[#grid(columns: (1fr, 1fr, 1fr), row-gutter: 14pt, {', '.join(cells)})]",
        way if solved else "",
    ]


# ------------------------------------------------------------------------------------------ questions of the lessons


def _questions(solved: bool) -> list[str]:
    numbers = count(1)
    parts = ["== Predict", "The questions at the end of the lessons."]
    for name, title in exercises_of_lessons().items():
        parts.append(f"=== {_text(title)}")
        for question in exercises(name).questions:
            body = [f"*{next(numbers)}.* {_text(question.text)}"]
            if solved:
                body.append(f"*{_text(question.right.answer)}* #h(4pt) {_text(question.right.why)}")
            elif question.numeric:
                body.append("#line-to-fill")
            else:
                body += [f"{letter}) {_text(o.answer)}" for letter, o in zip(LETTERS, question.options, strict=False)]
            parts.append("#block(breakable: false)[" + " \\\n".join(body) + "]")
    return parts
