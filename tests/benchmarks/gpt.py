"""A language model of one layer, in scalars: names, letter by letter.

    python tests/benchmarks/gpt.py

The model is a decoder as in Vaswani et al., "Attention is all you need" (2017), with the layer norm of Zhang and
Sennrich, "Root mean square layer normalization" (2019): 4,192 parameters, every one of them a Value, as is every number
on the way.  The loss of one name of seven letters and its gradient are a graph of about 180,000 nodes.  Timed side by
side: eager code, its replay as a Program, and, where torch is installed, the same model written in its matrices.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from clock import seconds, shown, side_by_side

import numpy as np  # isort: skip

from autograd import Program, Value, exp, gradients, log, relu, scope, topological_order

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


# -------------------------------------------------------------------------------------------------- the same, in torch


def torch_step(w: dict[str, Matrix], name: str) -> Callable[[], Any] | None:
    """Loss and gradient by PyTorch's matrices; None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    W = {key: torch.tensor([[x.data for x in row] for row in rows], dtype=torch.float64) for key, rows in w.items()}
    for matrix in W.values():
        matrix.requires_grad_(True)
    numbers = torch.tensor(tokens(name))
    length = len(numbers) - 1
    hidden = torch.full((length, length), float("-inf")).triu(1)

    def rms(x: Any) -> Any:
        return x * ((x * x).mean(-1, keepdim=True) + 1e-5) ** -0.5

    def heads(x: Any) -> Any:
        return x.view(length, HEADS, WIDTH // HEADS).transpose(0, 1)

    def step() -> Any:
        for matrix in W.values():
            matrix.grad = None
        x = rms(W["token"][numbers[:-1]] + W["position"][:length])
        before = rms(x)
        q, k, v = (heads(before @ W[key].T) for key in ("query", "key", "value"))
        shares = (q @ k.transpose(1, 2) / (WIDTH // HEADS) ** 0.5 + hidden).softmax(-1)
        x = x + (shares @ v).transpose(0, 1).reshape(length, WIDTH) @ W["project"].T
        x = x + (rms(x) @ W["widen"].T).relu() @ W["narrow"].T
        loss = torch.nn.functional.cross_entropy(x @ W["read"].T, numbers[1:])
        loss.backward()
        return loss.item()

    return step


def one_hot(names: Sequence[str]) -> Any:
    """An input for each place and token, a column for each name."""
    rows = [[number == token for number in tokens(name) for token in range(VOCABULARY)] for name in names]
    return np.array(rows, dtype=float).T


def main() -> None:
    name = "michael"
    w = weights(1)
    parameters = [x for rows in w.values() for row in rows for x in row]
    start = time.perf_counter()
    loss = name_loss(w, name)
    recorded = time.perf_counter()
    slopes = gradients(loss, parameters)
    differentiated = time.perf_counter()
    nodes = len(topological_order(loss, *slopes))
    between = time.perf_counter()
    step = Program.value_and_grad(loss, [], parameters)
    compiled = time.perf_counter()
    steps = len(step.plan.instructions)
    print(f"one name, {name!r}: {len(parameters):,} parameters, {nodes:,} nodes, {steps} instructions")
    print(
        f"recorded in {shown(recorded - start)}, differentiated in {shown(differentiated - recorded)}; differentiated "
        f"and compiled in {shown(compiled - between)}"
    )
    torch = torch_step(w, name)
    if torch is not None:
        assert abs(torch() - step()[0]) < 1e-9
    (alone,) = side_by_side(step, turns=500)
    eager = seconds(lambda: name_loss(w, name).backward())
    print(f"value and gradient, replayed: {shown(alone)}; eager: {shown(eager)}, {eager / alone:,.0f} times as long")
    if torch:
        ours, theirs = side_by_side(step, torch, turns=200)
        print(f"in turns with torch's matrices: {shown(ours)} and {shown(theirs)}, {theirs / ours:.1f} times as long")
    else:
        print("torch is not installed: no comparison with it")

    rng = random.Random(0)
    places = [[Value(0.0, f"token{i}") for _ in range(VOCABULARY)] for i in range(len(tokens(name)))]
    for row in places:
        row[0].data = 1.0
    batch = Program.value_and_grad(one_hot_loss(w, places), [x for row in places for x in row], parameters)
    print(f"names of {len(name)} letters as a batch: {len(batch.plan.instructions)} instructions")
    assert abs(batch(*one_hot([name]))[0] - step()[0]) < 1e-9
    print(f"{'names':>8}{'for each name':>16}{'one by one':>14}")
    for count in (1, 8, 64, 512):
        names = ["".join(rng.choices(LETTERS, k=len(name))) for _ in range(count)]
        columns = one_hot(names)
        (took,) = side_by_side(lambda columns=columns: batch(*columns), turns=max(3, 60 // count))
        print(f"{count:>8}{shown(took / count):>16}{shown(alone):>14}")


if __name__ == "__main__":
    main()
