"""Initial weights.

Each function here returns an initializer: a function that draws one weight, given a random number generator and the
numbers of inputs (fan-in) and neurons (fan-out) of the layer.

Initial weights are random because neurons with equal weights get equal gradients, and so stay equal.  The scale of the
weights determines whether activations and gradients keep their size from layer to layer:

    Var(output) = fan_in * Var(w) * Var(input),   Var(gradient below) = fan_out * Var(w) * Var(gradient above).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol


class Generator(Protocol):
    """The methods of a random number generator that initializers use: ``random.Random``, or the module ``random``."""

    def uniform(self, a: float, b: float) -> float: ...

    def gauss(self, mu: float, sigma: float) -> float: ...


Initialiser = Callable[[Generator, int, int], float]


def zeros() -> Initialiser:
    """Zero; meant for biases, because weights that start equal stay equal."""
    return constant(0.0)


def constant(value: float) -> Initialiser:
    """The same number for all weights."""
    return lambda rng, fan_in, fan_out: float(value)


def uniform(low: float = -1.0, high: float = 1.0) -> Initialiser:
    """Uniform from low to high; by default from -1 to 1, as in micrograd.

    Raises:
        ValueError: low is above high.
    """
    if not low <= high:
        raise ValueError(f"uniform needs low <= high, not {low} and {high}")
    return lambda rng, fan_in, fan_out: rng.uniform(low, high)


def normal(mean: float = 0.0, std: float = 1.0) -> Initialiser:
    """Normally distributed.

    Raises:
        ValueError: std is negative.
    """
    if not std >= 0.0:
        raise ValueError(f"normal needs a standard deviation std >= 0, not {std}")
    return lambda rng, fan_in, fan_out: rng.gauss(mean, std)


def xavier_uniform(gain: float = 1.0) -> Initialiser:
    """Uniform with variance  gain^2 * 2 / (fan_in + fan_out):  a compromise between forward and backward.

    Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
    """
    return _uniform(lambda fan_in, fan_out: gain * math.sqrt(2.0 / (fan_in + fan_out)))


def xavier_normal(gain: float = 1.0) -> Initialiser:
    """Normal with variance  gain^2 * 2 / (fan_in + fan_out).  Source: as ``xavier_uniform``."""
    return _normal(lambda fan_in, fan_out: gain * math.sqrt(2.0 / (fan_in + fan_out)))


def kaiming_uniform(gain: float = math.sqrt(2.0)) -> Initialiser:
    """Uniform with variance  gain^2 / fan_in;  the gain sqrt(2) compensates for the half that a ReLU sets to zero.

    Source: He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015.
    """
    return _uniform(lambda fan_in, fan_out: gain / math.sqrt(fan_in))


def kaiming_normal(gain: float = math.sqrt(2.0)) -> Initialiser:
    """Normal with variance  gain^2 / fan_in.  Source: as ``kaiming_uniform``."""
    return _normal(lambda fan_in, fan_out: gain / math.sqrt(fan_in))


def lecun_normal() -> Initialiser:
    """Normal with variance  1 / fan_in.

    Source: LeCun, Bottou, Orr, Mueller, "Efficient BackProp", in Neural Networks: Tricks of the Trade, 1998.
    """
    return _normal(lambda fan_in, fan_out: 1.0 / math.sqrt(fan_in))


def _uniform(std: Callable[[int, int], float]) -> Initialiser:
    """Uniform with this standard deviation, i.e. on the interval from -sqrt(3) std to sqrt(3) std."""

    def draw(rng: Generator, fan_in: int, fan_out: int) -> float:
        limit = math.sqrt(3.0) * std(fan_in, fan_out)
        return rng.uniform(-limit, limit)

    return draw


def _normal(std: Callable[[int, int], float]) -> Initialiser:
    return lambda rng, fan_in, fan_out: rng.gauss(0.0, std(fan_in, fan_out))


BY_NAME: dict[str, Callable[[], Initialiser]] = {
    f.__name__: f
    for f in (zeros, uniform, normal, xavier_uniform, xavier_normal, kaiming_uniform, kaiming_normal, lecun_normal)
}

RECTIFIERS = ("relu", "leaky_relu", "elu", "silu", "gelu", "softplus")


def suited_to(activation: str) -> Initialiser:
    """The default: kaiming_uniform before relu and similar activations, xavier_uniform before all others.

    Sources: see these two.
    """
    return kaiming_uniform() if activation in RECTIFIERS else xavier_uniform()


def initialiser(init: str | Initialiser | None, activation: str = "linear") -> Initialiser:
    """The initializer with the given name, a given function itself, or for None the default for the activation.

    Raises:
        ValueError: there is no initializer with this name.
        TypeError: it is neither a name nor a function.
    """
    if init is None:
        return suited_to(activation)
    if isinstance(init, str):
        if init not in BY_NAME:
            raise ValueError(f"there is no initializer {init!r}; choose from {', '.join(BY_NAME)}")
        return BY_NAME[init]()
    if not callable(init):
        raise TypeError(f"an initializer must be a name or a function, not {init!r}")
    return init
