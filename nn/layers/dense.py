"""Neurons, and layers of neurons."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, ClassVar, cast

from autograd import Op, Value, elu, gelu, leaky_relu, relu, sigmoid, silu, sin, softplus, tanh
from autograd.engine.checks import integer
from nn.init import Generator, Initialiser, initialiser
from nn.module import Module
from nn.rows import without_frame

Activation = str | Op | Callable[[Any], Any]

ACTIVATIONS: dict[str, Op | None] = {
    "linear": None,
    **{row.name: row for row in (relu, leaky_relu, elu, softplus, silu, gelu, sigmoid, tanh, sin)},
}


class Neuron(Module):
    """A weighted sum of the inputs, a bias, and an activation:  activation(w . x + b).

    Arguments:
        nin: the number of inputs.
        activation: a name in ``nn.ACTIVATIONS``, or a function from a Value to a Value.
        init: the initial weights: a name or function of ``nn.init``; None for kaiming_uniform before relu and
            similar activations, and xavier_uniform before all others.
        bias_init: the initial bias, likewise; zero by default.
        seed: an integer for reproducible weights; None draws from Python's ``random``.
        nout: the number of neurons in its layer, which some initializers use.

    Raises:
        ValueError, TypeError: an argument is invalid.

    >>> neuron = Neuron(2, activation="tanh", seed=1)
    >>> neuron
    Neuron(2 -> 1 tanh)
    >>> neuron([1.0, 2.0]) == neuron([1.0, 2.0])  # two nodes, with equal data
    False
    """

    name = "neuron"
    array_names: ClassVar = {"weights": "weight"}

    def __init__(
        self,
        nin: int,
        activation: Activation = "relu",
        init: str | Initialiser | None = None,
        bias_init: str | Initialiser = "zeros",
        seed: int | Generator | None = None,
        nout: int = 1,
    ) -> None:
        self.nin = integer("the number of inputs", nin)
        self.activation, self._activate = _activation(activation)
        rng = generator(seed)
        draw, draw_bias = initialiser(init, self.activation), initialiser(bias_init)
        self.weights = [Value(draw(rng, nin, nout), f"w{i}") for i in range(nin)]
        self.bias = Value(draw_bias(rng, nin, nout), "b")

    @property
    def w(self) -> list[Value]:
        """micrograd's name for the weights."""
        return self.weights

    @property
    def b(self) -> Value:
        """micrograd's name for the bias."""
        return self.bias

    def __call__(self, x: Any) -> Value:
        """The output for a list, tuple or row of numbers or Values.

        Raises:
            ValueError: there are more or fewer inputs than weights.
            TypeError: x is not a list, tuple or row.
        """
        inputs = inputs_of(x, self.nin, self)
        total = sum((w * x for w, x in zip(self.weights, inputs, strict=True)), self.bias)
        return total if self._activate is None else self._activate(total)

    def __repr__(self) -> str:
        return f"Neuron({self.nin} -> 1 {self.activation})"


class Layer(Module):
    """Neurons side by side, all with the same inputs.

    Arguments:
        nin: the number of inputs.
        nout: the number of neurons, and so of outputs.
        activation, init, bias_init, seed: as for ``Neuron``.

    >>> layer = Layer(2, 3, activation="tanh", seed=1)
    >>> layer, len(layer([1.0, 2.0]))
    (Layer(2 -> 3 tanh), 3)
    """

    name = "layer"
    stack = "neurons"

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        init: str | Initialiser | None = None,
        bias_init: str | Initialiser = "zeros",
        seed: int | Generator | None = None,
    ) -> None:
        rng = generator(seed)
        self.nin, self.nout = integer("the number of inputs", nin), integer("the number of neurons", nout)
        self.neurons = [Neuron(nin, activation, init, bias_init, rng, nout) for _ in range(nout)]
        self.activation = self.neurons[0].activation

    def __call__(self, x: Any) -> list[Value]:
        """The outputs, always a list, for a list, tuple or row of numbers or Values.  Errors as for ``Neuron``."""
        inputs = inputs_of(x, self.nin, self)
        return [neuron(inputs) for neuron in self.neurons]

    def __repr__(self) -> str:
        return f"Layer({self.nin} -> {self.nout} {self.activation})"


def _activation(activation: Activation) -> tuple[str, Callable[[Any], Any] | None]:
    """The name and the function of an activation; None for the identity."""
    if isinstance(activation, str):
        if activation not in ACTIVATIONS:
            raise ValueError(f"there is no activation {activation!r}; choose from {', '.join(ACTIVATIONS)}")
        return activation, ACTIVATIONS[activation]
    if not callable(activation):
        raise TypeError(f"an activation must be a name or a function, not {activation!r}")
    return getattr(activation, "name", getattr(activation, "__name__", "function")), activation


def generator(seed: int | Generator | None) -> Generator:
    if seed is None:
        # As in micrograd, random.seed(1337) makes what follows reproducible.
        return cast(Generator, random)
    return random.Random(seed) if isinstance(seed, int) else seed


def inputs_of(x: Any, nin: int, module: Module) -> Sequence[Any]:
    """One example, its length checked.

    A row of an array becomes a list, which is faster to iterate over.  A row of a data frame becomes Values with the
    names of its columns, which pictures show.
    """
    if hasattr(x, "columns") and hasattr(x, "to_numpy") and len(x) == 1:  # a frame with a single row
        numbers = without_frame(x, "x")[0].tolist()
        x = [Value(number, str(name)) for number, name in zip(numbers, x.columns, strict=True)]
    elif hasattr(x, "tolist"):
        index: Any = getattr(x, "index", None)
        x = x.tolist()
        if hasattr(index, "tolist") and any(isinstance(name, str) for name in index):  # a series of pandas
            x = [Value(number, str(name)) for number, name in zip(x, index, strict=True)]
    if isinstance(x, str | bytes | Value | Mapping | Set) or not hasattr(x, "__len__"):
        raise TypeError(f"{module!r} takes a list, tuple or row of {nin} number(s), not {type(x).__name__}")
    if len(x) != nin:
        several = len(x) and hasattr(x[0], "__len__")
        hint = "; call it for one example at a time, or model.predict for many" if several else ""
        raise ValueError(f"{module!r} takes {nin} input(s), {len(x)} given{hint}")
    return cast(Sequence[Any], x)
