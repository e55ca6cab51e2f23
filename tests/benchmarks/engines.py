"""The value and the gradient of a batch: NumPy, JAX and PyTorch run the same program, beside JAX and PyTorch by hand.

    pip install "scalar-backprop[jax,torch]"
    python tests/benchmarks/engines.py              on one core
    python tests/benchmarks/engines.py --cores 2
    python tests/benchmarks/engines.py --gpu        with 32 bits, on a GPU; without one, on the processor

A program and the same by hand take turns, library by library: beside a third one, whichever runs after it finds cold
caches.  A library that is not installed is left out.  What is written by hand is what someone would write who knows the
library: with its own layers of operations and its own automatic differentiation.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clock import shown, side_by_side

Run = Callable[[], object]


@dataclass
class Case:
    """A loss to compare.

    Attributes:
        name: what it is.
        step: the program for the loss and its gradient.
        vector: the numbers of the parameters.
        columns: makes the inputs of the program for a number of samples.
        loss: by hand: the mean loss from a namespace, weights, and the inputs with a row for each sample.
        weights: the weights by hand, as arrays of NumPy.
        most: the largest batch, so that all fits into 16 GB.
    """

    name: str
    step: Any
    vector: Any
    columns: Callable[[int], Any]
    loss: Callable[[Any, Any, Any], Any]
    weights: Any
    most: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=1, help="how many cores (1)")
    parser.add_argument("--most", type=int, default=1_000_000, help="the largest batch (1,000,000)")
    parser.add_argument("--gpu", action="store_true", help="with 32 bits, on a GPU")
    parser.add_argument("--only", choices=["small", "large", "language"], nargs="+", help="these models only")
    given = parser.parse_args()
    # They are read when the libraries are loaded.
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(given.cores)
    if not given.gpu:
        flags = f"--xla_cpu_multi_thread_eigen={'true' if given.cores > 1 else 'false'}"
        os.environ["XLA_FLAGS"] = f"{flags} intra_op_parallelism_threads={given.cores}"
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.cores])
    makers = {"small": small, "large": large, "language": language}
    backends = [backend for make in (of_jax, of_torch) if (backend := make(given.gpu)) is not None]
    print(f"{'GPU, 32 bits' if given.gpu else f'{given.cores} core(s), 64 bits'}; value and gradient of one batch")
    for name in given.only or makers:
        compare(makers[name](), backends, given.most)


def compare(case: Case, backends: list[Backend], most: int) -> None:
    """Print a table: a row for each size of a batch."""
    import numpy as np

    print(f"\n{case.name}")
    heads = ["batch", "NumPy", *(head for backend in backends for head in (backend.name, "by hand", "ratio"))]
    print("".join(f"{head:>{8 if head == 'ratio' else 11}}" for head in heads))
    batch = 1
    while batch <= min(case.most, most):
        inputs = case.columns(batch)
        wanted = case.step(inputs, parameters=case.vector)
        turns = 201 if batch < 10_000 else 15 if batch < 1_000_000 else 5
        (own,) = side_by_side(lambda inputs=inputs: case.step(inputs, parameters=case.vector), turns=turns)
        row = f"{batch:>11,}{shown(own):>11}"
        for backend in backends:
            ours, hand = backend.program(case, inputs), backend.by_hand(case, inputs)
            value, gradient = ours()  # type: ignore[misc]
            by_hand: Any = hand()
            near = 1e-9 if backend.bits == 64 else 1e-4
            assert abs(float(value) - wanted[0]) < near * max(1.0, abs(wanted[0])), (float(value), wanted[0])
            assert abs(float(by_hand) - wanted[0]) < near * max(1.0, abs(wanted[0])), (float(by_hand), wanted[0])
            assert np.abs(backend.numpy(gradient) - wanted[1]).max() < near
            times = side_by_side(ours, hand, turns=turns)
            row += f"{shown(times[0]):>11}{shown(times[1]):>11}{times[0] / times[1]:>8.2f}"
        print(row, flush=True)
        batch *= 10


# ----------------------------------------------------------------------------------------------------------- the losses


def small() -> Case:
    return perceptron([2, 16, 16, 1], "tanh", 1_000_000)


def large() -> Case:
    return perceptron([64, 128, 128, 10], "relu", 100_000)


def perceptron(sizes: list[int], activation: str, most: int) -> Case:
    import numpy as np

    from autograd import Program, Value
    from nn import MLP, cross_entropy

    model = MLP(sizes[0], sizes[1:], activation, seed=1)
    x, t = [Value(0.1) for _ in range(sizes[0])], [Value(float(k == 0)) for k in range(sizes[-1])]
    outputs = model(x)
    loss = cross_entropy([outputs], [t]) if len(t) > 1 else (outputs - t[0]) ** 2
    parameters = model.parameters()

    def columns(batch: int) -> Any:
        rng = np.random.default_rng(0)
        targets = np.eye(len(t))[rng.integers(0, len(t), batch)].T if len(t) > 1 else rng.random((1, batch))
        return np.concatenate([rng.random((sizes[0], batch)), targets])

    def by_hand(xp: Any, weights: Any, rows: Any) -> Any:
        x, t = rows[:, : sizes[0]], rows[:, sizes[0] :]
        for i in range(0, len(weights), 2):
            x = x @ weights[i].T + weights[i + 1]
            if i < len(weights) - 2:
                x = getattr(xp, activation)(x)
        if t.shape[1] == 1:
            return ((x - t) ** 2).mean()
        return (xp.logsumexp(x, 1) - (x * t).sum(1)).mean()

    return Case(
        f"MLP({sizes[0]}, {sizes[1:]}), {len(parameters):,} parameters",
        Program.value_and_grad(loss, [*x, *t], parameters),
        np.array([p.data for p in parameters]),
        columns,
        by_hand,
        list(model.state_dict("numpy").values()),
        most,
    )


def language() -> Case:
    """The language model of gpt.py, for names of seven letters."""
    import gpt
    import numpy as np

    from autograd import Program, Value

    w, letters = gpt.weights(1), 7
    places = [[Value(0.0, f"token{i}") for _ in range(gpt.VOCABULARY)] for i in range(letters + 2)]
    for row in places:
        row[0].data = 1.0
    parameters = [x for rows in w.values() for row in rows for x in row]
    length, heads, names = letters + 1, gpt.HEADS, list(gpt.SIZES)

    def columns(batch: int) -> Any:
        rng = random.Random(0)
        return gpt.one_hot(["".join(rng.choices(gpt.LETTERS, k=letters)) for _ in range(batch)])

    def by_hand(xp: Any, weights: Any, rows: Any) -> Any:
        W = dict(zip(names, weights, strict=True))
        tokens = rows.reshape(-1, letters + 2, gpt.VOCABULARY)
        hidden = xp.asarray(np.triu(np.full((length, length), -np.inf), 1))

        def norm(x: Any) -> Any:
            return x * ((x * x).mean(-1)[..., None] + 1e-5) ** -0.5

        def parts(x: Any) -> Any:
            return xp.transpose(x.reshape(-1, length, heads, gpt.WIDTH // heads), (0, 2, 1, 3))

        x = norm(tokens[:, :-1] @ W["token"] + W["position"][:length])
        before = norm(x)
        q, k, v = (parts(before @ W[key].T) for key in ("query", "key", "value"))
        scores = q @ xp.transpose(k, (0, 1, 3, 2)) / (gpt.WIDTH // heads) ** 0.5 + hidden
        mixed = xp.transpose(xp.softmax(scores, -1) @ v, (0, 2, 1, 3)).reshape(-1, length, gpt.WIDTH)
        x = x + mixed @ W["project"].T
        x = x + xp.relu(norm(x) @ W["widen"].T) @ W["narrow"].T
        logits = x @ W["read"].T
        return (xp.logsumexp(logits, -1) - (logits * tokens[:, 1:]).sum(-1)).mean()

    return Case(
        f"language model, {len(parameters):,} parameters",
        Program.value_and_grad(gpt.one_hot_loss(w, places), [x for row in places for x in row], parameters),
        np.array([p.data for p in parameters]),
        columns,
        by_hand,
        [np.array([[x.data for x in row] for row in rows]) for rows in w.values()],
        10_000,
    )


# -------------------------------------------------------------------------------------------------------- the libraries


@dataclass
class Backend:
    """A library.

    Attributes:
        name: its name.
        bits: those of its numbers.
        program: makes the run of a program for a batch.
        by_hand: makes the run of what is written by hand, which returns the loss.
        numpy: an array as one of NumPy.
    """

    name: str
    bits: int
    program: Callable[[Case, Any], Run]
    by_hand: Callable[[Case, Any], Run]
    numpy: Callable[[Any], Any]


def of_jax(gpu: bool) -> Backend | None:
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    import numpy as np

    jax.config.update("jax_enable_x64", not gpu)
    if gpu and jax.default_backend() != "gpu":
        print("JAX finds no GPU, and runs on the processor")
    dtype = jnp.float32 if gpu else jnp.float64

    class Functions:
        tanh, relu, asarray, transpose = jnp.tanh, jax.nn.relu, lambda x: jnp.asarray(x, dtype), jnp.transpose
        logsumexp, softmax = jax.nn.logsumexp, jax.nn.softmax

    def program(case: Case, inputs: Any) -> Run:
        compiled, p, x = jax.jit(case.step.to("jax")), jnp.asarray(case.vector, dtype), jnp.asarray(inputs, dtype)
        return lambda: jax.block_until_ready(compiled(p, x))

    def by_hand(case: Case, inputs: Any) -> Run:
        compiled = jax.jit(jax.value_and_grad(lambda weights, rows: case.loss(Functions, weights, rows)))
        weights, rows = [jnp.asarray(x, dtype) for x in case.weights], jnp.asarray(inputs.T.copy(), dtype)
        return lambda: jax.block_until_ready(compiled(weights, rows))[0]

    return Backend("JAX", 32 if gpu else 64, program, by_hand, np.asarray)


def of_torch(gpu: bool) -> Backend | None:
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    device = "cuda" if gpu and torch.cuda.is_available() else "cpu"
    if gpu and device == "cpu":
        print("PyTorch finds no GPU, and runs on the processor")
    dtype = torch.float32 if gpu else torch.float64

    class Functions:
        tanh, relu, transpose = torch.tanh, torch.relu, torch.permute
        logsumexp, softmax = torch.logsumexp, torch.softmax

        @staticmethod
        def asarray(x: Any) -> Any:
            return torch.asarray(x, dtype=dtype, device=device)

    def finished(result: Any) -> Any:
        if device == "cuda":
            torch.cuda.synchronize()
        return result

    def program(case: Case, inputs: Any) -> Run:
        f, p, x = case.step.to("torch"), Functions.asarray(case.vector), Functions.asarray(inputs)
        return lambda: finished(f(p, x))

    def by_hand(case: Case, inputs: Any) -> Run:
        weights = [Functions.asarray(x).requires_grad_() for x in case.weights]
        rows = Functions.asarray(inputs.T.copy())

        def run() -> object:
            for part in weights:
                part.grad = None
            loss = case.loss(Functions, weights, rows)
            loss.backward()
            return finished(loss.detach())

        return run

    return Backend("PyTorch", 32 if gpu else 64, program, by_hand, lambda x: x.cpu().numpy())


if __name__ == "__main__":
    sys.exit(main())
