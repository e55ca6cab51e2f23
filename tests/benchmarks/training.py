"""Training at matrix speed: `fit` beside scikit-learn, PyTorch, and NumPy written by hand.

    pip install scikit-learn torch
    python tests/benchmarks/training.py

All take turns in one process, on one core.  Without scikit-learn or PyTorch their rows are left out.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import io
import pstats
import statistics
import time
import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from clock import shown, side_by_side

import numpy as np  # isort: skip

import mlp

from autograd import Program, Value
from nn import MLP, Adam, cross_entropy, data, fit
from nn.train.training import Training

EPOCHS = 30  # of the comparison of accuracies
AT_ONCE = 10  # the epochs that are timed together


def digits() -> tuple[Any, Any]:
    """scikit-learn's 1,797 digits of 64 numbers from 0 to 1; random numbers where it is not installed."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        rng = np.random.default_rng(0)
        return rng.random((1797, 64)), rng.integers(0, 10, 1797)
    found = load_digits()
    return found.data / 16.0, found.target


def our_training(model: MLP, X: Any, y: Any, size: int) -> Training:
    """That of ``fit``, with cross-entropy and Adam."""
    optimizer = Adam(model.parameters(), lr=1e-3)
    return Training(model, X, y, loss="cross_entropy", optimizer=optimizer, batch_size=size, seed=0)


def our_epochs(model: MLP, X: Any, y: Any, size: int) -> Callable[[], object]:
    """Some of its epochs."""
    run = our_training(model, X, y, size)

    def epochs() -> None:
        for _ in range(AT_ONCE * run.steps_per_epoch):
            run.advance()

    return epochs


def sklearn_epochs(hidden: list[int], X: Any, y: Any, size: int) -> Callable[[], object] | None:
    """The same with scikit-learn's MLPClassifier; None where it is not installed."""
    try:
        from sklearn.neural_network import MLPClassifier
    except ImportError:
        return None
    model = MLPClassifier(hidden, batch_size=size, max_iter=AT_ONCE, n_iter_no_change=100, random_state=0, alpha=0.0)

    def epochs() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            model.fit(X, y)

    return epochs


def torch_epochs(sizes: list[int], activation: str, X: Any, y: Any, size: int) -> Callable[[], object] | None:
    """The same with PyTorch's eager loop; None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    kinds = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}
    layers: list[Any] = []
    for a, b in pairwise(sizes):
        layers += [torch.nn.Linear(a, b), kinds[activation]()]
    model = torch.nn.Sequential(*layers[:-1]).double()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    inputs, targets = torch.tensor(X, dtype=torch.float64), torch.tensor(y)

    def epoch() -> None:
        order, right = torch.randperm(len(inputs)), 0
        for start in range(0, len(inputs), size):
            batch = order[start : start + size]
            optimizer.zero_grad()
            outputs = model(inputs[batch])
            loss = torch.nn.functional.cross_entropy(outputs, targets[batch])
            loss.backward()
            optimizer.step()
            right += int((outputs.argmax(1) == targets[batch]).sum())

    def epochs() -> None:
        for _ in range(AT_ONCE):
            epoch()

    return epochs


def row(
    name: str, ours: Callable[[], object], others: dict[str, Callable[[], object] | None], turns: int, each: int = 1
) -> None:
    """Print the time of ours, and its ratio to that of each other that is there; ``each`` run is so many epochs."""
    found = {other: run for other, run in others.items() if run is not None}
    times = [t / each for t in side_by_side(ours, *found.values(), turns=turns)]
    ratios = [f"{other} {shown(t)}, ours {times[0] / t:.2f} of it" for other, t in zip(found, times[1:], strict=True)]
    print(f"{name:<44} {shown(times[0]):>9}   {';  '.join(ratios)}")


def accuracies() -> None:
    """Accuracy on digits that were not trained on, over five seeds."""
    try:
        from sklearn.neural_network import MLPClassifier
    except ImportError:
        return
    X, y = digits()
    ours, theirs = [], []
    for seed in range(5):
        model = MLP(64, [64, 10], seed=seed)
        fit(
            model, X[:1500], y[:1500], "cross_entropy", Adam(model.parameters(), lr=1e-3), EPOCHS,
            progress=False, seed=seed,
        )  # fmt: skip
        ours.append(float((model.predict(X[1500:]).argmax(1) == y[1500:]).mean()))
        other = MLPClassifier((64,), batch_size=32, max_iter=EPOCHS, n_iter_no_change=EPOCHS, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            theirs.append(other.fit(X[:1500], y[:1500]).score(X[1500:], y[1500:]))
    means = statistics.mean(ours), statistics.mean(theirs)
    print(f"test accuracy after {EPOCHS} epochs, five seeds: ours {means[0]:.3f}, scikit-learn {means[1]:.3f}")


def by_hand(weights: list[Any], X: Any, Y: Any) -> tuple[Any, ...]:
    """Value and gradient of three layers with cross-entropy, as someone would write them who knows matrices."""
    W1, b1, W2, b2, W3, b3 = weights
    z1 = W1 @ X + b1
    h1 = np.maximum(z1, 0.0)
    z2 = W2 @ h1 + b2
    h2 = np.maximum(z2, 0.0)
    s = W3 @ h2 + b3
    s = s - s.max(0)
    e = np.exp(s)
    total = e.sum(0)
    delta3 = (e / total - Y) / X.shape[1]
    delta2 = (W3.T @ delta3) * (z2 > 0.0)
    delta1 = (W2.T @ delta2) * (z1 > 0.0)
    slopes = delta1 @ X.T, delta1.sum(1), delta2 @ h1.T, delta2.sum(1), delta3 @ h2.T, delta3.sum(1)
    return (np.log(total) - (Y * s).sum(0)).mean(), *slopes


def matrices(model: MLP) -> list[Any]:
    found: list[Any] = []
    for layer in model.layers:
        found.append(np.array([[w.data for w in neuron.weights] for neuron in layer.neurons]))
        found.append(np.array([[neuron.bias.data] for neuron in layer.neurons]))
    return found


def gradients() -> None:
    """The value and the gradient of a batch, with the parameters in a vector, as in ``fit``, beside NumPy by hand."""
    rng = np.random.default_rng(0)
    model = MLP(64, [128, 128, 10], seed=1)
    x, t = [Value(number) for number in rng.random(64)], [Value(float(k == 3)) for k in range(10)]
    parameters = model.parameters()
    step = Program.value_and_grad(cross_entropy([model(x)], [t]), [*x, *t], parameters)
    vector, weights = np.array([p.data for p in parameters]), matrices(model)
    for batch in (128, 1024):
        X, Y = rng.random((64, batch)), np.ascontiguousarray(np.eye(10)[rng.integers(0, 10, batch)].T)
        name = f"value and gradient, MLP(64, [128, 128, 10]), {batch}"
        row(
            name,
            lambda X=X, Y=Y: step(X, Y, parameters=vector),
            {"by hand": lambda X=X, Y=Y: by_hand(weights, X, Y)},
            501 if batch == 128 else 101,
        )

    model = MLP(2, [16, 16, 1], activation="tanh", seed=1)
    inputs = [Value(0.1), Value(0.2), Value(0.3)]
    parameters = model.parameters()
    step = Program.value_and_grad((model(inputs[:2]) - inputs[2]) ** 2, inputs, parameters)
    vector, weights = np.array([p.data for p in parameters]), matrices(model)
    for batch in (1, 32, 1000, 100_000):
        columns = rng.normal(size=(3, batch))
        name = f"value and gradient, MLP(2, [16, 16, 1]), {batch:,}"

        def small(columns: Any = columns, step: Any = step, vector: Any = vector) -> Any:
            return step(columns, parameters=vector)

        def small_by_hand(columns: Any = columns, weights: Any = weights) -> Any:
            return mlp.by_hand(weights, columns[:2], columns[2:])

        row(name, small, {"by hand": small_by_hand}, 201 if batch < 10_000 else 9)


def growth() -> None:
    """The time of a step for each parameter, and of an epoch for each example."""
    rng = np.random.default_rng(0)
    print("\nfit grows with the network:       parameters   recorded in      a step   for each parameter")
    for nin, hidden in ((4, 16), (16, 60), (64, 140), (256, 390), (512, 1940)):
        X, y = rng.normal(size=(64, nin)), rng.integers(0, 2, 64)
        model = MLP(nin, [hidden, 2], seed=1)
        start = time.perf_counter()
        run = our_training(model, X, y, 32)
        recorded = time.perf_counter() - start
        seconds = side_by_side(run.advance, turns=21)[0]
        count = model.num_parameters
        print(f"{count:>44,}{shown(recorded):>14}{shown(seconds):>12}{seconds / count * 1e9:>17.1f} ns")
    print("\nand with the data:                  examples    prepared in    an epoch   for each example")
    for count in (100, 1_000, 10_000, 100_000, 1_000_000):
        X, y = rng.normal(size=(count, 10)), rng.integers(0, 2, count)
        start = time.perf_counter()
        epoch = our_epochs(MLP(10, [16, 2], seed=1), X, y, 100)
        prepared = time.perf_counter() - start
        seconds = side_by_side(epoch, turns=3 if count < 50_000 else 1)[0] / AT_ONCE
        print(f"{count:>44,}{shown(prepared):>15}{shown(seconds):>12}{seconds / count * 1e6:>16.2f} us")


def profile() -> None:
    """Where the time of some epochs over the digits goes."""
    X, y = digits()
    epoch = our_epochs(MLP(64, [64, 10], seed=1), X[:1500], y[:1500], 32)
    for _ in range(7):  # until the replay is compared with the model in none of the next ten epochs
        epoch()
    watched = cProfile.Profile()
    watched.runcall(epoch)
    text = io.StringIO()
    pstats.Stats(watched, stream=text).sort_stats("tottime").print_stats(12)
    print("\nwhere the time of ten epochs over the digits goes:")
    print("\n".join(line for line in text.getvalue().splitlines()[6:] if line.strip()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="also growth with size, and a profile: some minutes")
    given = parser.parse_args()
    X, y = digits()
    X, y = X[:1500], y[:1500]
    row(
        "epoch, 1,500 digits, MLP(64, [64, 10]), 32",
        our_epochs(MLP(64, [64, 10], seed=1), X, y, 32),
        {"scikit-learn": sklearn_epochs([64], X, y, 32), "PyTorch": torch_epochs([64, 64, 10], "relu", X, y, 32)},
        turns=9,
        each=AT_ONCE,
    )
    moons = data.moons(200, seed=1)
    row(
        "epoch, 200 moons, MLP(2, [16, 16, 2]), 32",
        our_epochs(MLP(2, [16, 16, 2], activation="tanh", seed=1), moons.X, moons.y, 32),
        {"PyTorch": torch_epochs([2, 16, 16, 2], "tanh", moons.X, moons.y, 32)},
        turns=15,
        each=AT_ONCE,
    )
    gradients()
    accuracies()
    if given.all:
        growth()
        profile()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
