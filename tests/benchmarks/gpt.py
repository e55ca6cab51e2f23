"""A language model of one layer, in scalars: names, letter by letter.

    OMP_NUM_THREADS=1 python tests/benchmarks/gpt.py

The model is a decoder as in Vaswani et al., "Attention is all you need" (2017), with the layer norm of Zhang and
Sennrich, "Root mean square layer normalization" (2019): 4,192 parameters, every one of them a Value, as is every number
on the way.  The loss of one name of seven letters and its gradient are a graph of about 180,000 nodes.  Timed side by
side: eager code, its replay as a Program, and, where torch is installed, the same model written in its matrices.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from autograd import Value, exp, log, relu, scope

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOCABULARY, WIDTH, HEADS, LONGEST = len(LETTERS) + 1, 16, 4, 16
END = VOCABULARY - 1  # the token before and after each name
Vector = list[Any]
Matrix = list[Vector]

SIZES = {
    "token": (VOCABULARY, WIDTH),
    "position": (LONGEST, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "project": (WIDTH, WIDTH),
    "widen": (4 * WIDTH, WIDTH),
    "narrow": (WIDTH, 4 * WIDTH),
    "read": (VOCABULARY, WIDTH),
}


def weights(seed: int) -> dict[str, Matrix]:
    """Random weights, each matrix as a list of rows."""
    rng = random.Random(seed)
    found = {}
    for name, (rows, columns) in SIZES.items():
        with scope(name):
            found[name] = [[Value(rng.gauss(0.0, 0.1), "W") for _ in range(columns)] for _ in range(rows)]
    return found


def linear(W: Matrix, x: Vector) -> Vector:
    return [dot(row, x) for row in W]


def dot(a: Vector, b: Vector) -> Any:
    return total([x * y for x, y in zip(a, b, strict=True)])


def total(terms: Sequence[Any]) -> Any:
    return sum(terms[1:], terms[0])


def norm(x: Vector) -> Vector:
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [a * scale for a in x]


def softmax(x: Vector) -> Vector:
    """Without the shift by the largest, which these small numbers do not need."""
    powers = [exp(a) for a in x]
    whole = total(powers)
    return [a / whole for a in powers]


def gpt(w: dict[str, Matrix], embedded: list[Vector]) -> list[Vector]:
    """The logits after each of the tokens, whose rows of the token matrix are given."""
    keys, values, logits = [], [], []
    size = WIDTH // HEADS
    for position, token in enumerate(embedded):
        with scope("embed"):
            x = norm([a + b for a, b in zip(token, w["position"][position], strict=True)])
        with scope("attention"):
            before = norm(x)
            query = linear(w["query"], before)
            keys.append(linear(w["key"], before))
            values.append(linear(w["value"], before))
            mixed = []
            for head in range(HEADS):
                part = slice(head * size, (head + 1) * size)
                shares = softmax([dot(query[part], key[part]) / size**0.5 for key in keys])
                mixed += [dot(shares, column) for column in zip(*(value[part] for value in values), strict=True)]
            x = [a + b for a, b in zip(x, linear(w["project"], mixed), strict=True)]
        with scope("mlp"):
            hidden = [relu(a) for a in linear(w["widen"], norm(x))]
            x = [a + b for a, b in zip(x, linear(w["narrow"], hidden), strict=True)]
        with scope("read"):
            logits.append(linear(w["read"], x))
    return logits


def tokens(name: str) -> list[int]:
    return [END, *(LETTERS.index(letter) for letter in name), END]


def name_loss(w: dict[str, Matrix], name: str) -> Any:
    """The mean cross-entropy of each next letter."""
    numbers = tokens(name)
    logits = gpt(w, [w["token"][number] for number in numbers[:-1]])
    return total([-log(softmax(row)[right]) for row, right in zip(logits, numbers[1:], strict=True)]) / len(logits)


def one_hot_loss(w: dict[str, Matrix], rows: list[Vector]) -> Any:
    """The same with a 0 or 1 for each token at each place, so that one recording serves all names of a length."""
    columns = list(zip(*w["token"], strict=True))
    logits = gpt(w, [linear(columns, row) for row in rows[:-1]])
    losses = [log(total([exp(a) for a in row])) - dot(row, right) for row, right in zip(logits, rows[1:], strict=True)]
    return total(losses) / len(losses)
