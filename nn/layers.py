"""Neurons, layers, and networks of layers."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence, Set
from itertools import pairwise
from typing import Any, cast

from autograd import Op, Value, elu, gelu, leaky_relu, relu, sigmoid, silu, sin, softplus, tanh
from autograd.engine.checks import integer
from nn.init import Generator, Initialiser, initialiser
from nn.module import Module

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
        rng = _generator(seed)
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
        inputs = _inputs(x, self.nin, self)
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

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        init: str | Initialiser | None = None,
        bias_init: str | Initialiser = "zeros",
        seed: int | Generator | None = None,
    ) -> None:
        rng = _generator(seed)
        self.nin, self.nout = integer("the number of inputs", nin), integer("the number of neurons", nout)
        self.neurons = [Neuron(nin, activation, init, bias_init, rng, nout) for _ in range(nout)]
        self.activation = self.neurons[0].activation

    def __call__(self, x: Any) -> list[Value]:
        """The outputs, always a list, for a list, tuple or row of numbers or Values.  Errors as for ``Neuron``."""
        inputs = _inputs(x, self.nin, self)
        return [neuron(inputs) for neuron in self.neurons]

    def __repr__(self) -> str:
        return f"Layer({self.nin} -> {self.nout} {self.activation})"


class Sequential(Module):
    """Layers in sequence, each applied to the outputs of the previous one.

    Arguments:
        layers: Layers, or other modules or functions from a list to a list.
        name: the name of the network in pictures; two networks in one graph should have different names.

    Raises:
        ValueError: there is no layer, or the inputs of a layer do not match the outputs of the previous one.

    >>> Sequential(Layer(2, 3, "tanh"), Layer(3, 1, "linear"))
    Sequential(2 -> 3 tanh -> 1 linear)
    """

    def __init__(self, *layers: Callable[[Any], Any], name: str = "network") -> None:
        if not layers:
            raise ValueError("a network needs at least one layer")
        for i, (before, after) in enumerate(pairwise(layers)):
            given, wanted = getattr(before, "nout", None), getattr(after, "nin", None)
            if given is not None and wanted is not None and given != wanted:
                raise ValueError(
                    f"layer {i} gives {given} output(s), but layer {i + 1} takes {wanted}: {before!r}, {after!r}"
                )
        self.layers = list(layers)
        self.nin, self.nout = getattr(layers[0], "nin", None), getattr(layers[-1], "nout", None)
        self.name = name

    def __call__(self, x: Any) -> Any:
        """The outputs for one example: a list, or a single Value if there is only one output.

        Raises:
            ValueError: the length of the example is not the number of inputs.
        """
        for i, layer in enumerate(self.layers):
            x = layer([x] if i and isinstance(x, Value) else x)  # an inner network may return a single Value
        return x[0] if isinstance(x, list | tuple) and len(x) == 1 else x

    def __repr__(self) -> str:
        parts = [
            f"{x.nout} {x.activation}" if isinstance(x, Layer) else getattr(x, "__name__", repr(x)) for x in self.layers
        ]
        start = [] if self.nin is None else [str(self.nin)]
        return f"{type(self).__name__}({' -> '.join([*start, *parts])})"


class MLP(Sequential):
    """A multi-layer perceptron: fully connected layers in sequence.

    Arguments:
        nin: the number of inputs.
        nouts: the number of neurons in each layer; the last is the number of outputs.
        activation: the activation of all layers but the last: a name in ``nn.ACTIVATIONS``, or a function from a Value
            to a Value.
        output: the activation of the last layer, likewise.
        init, bias_init, seed: as for ``Neuron``.
        name: as for ``Sequential``.

    Raises:
        ValueError, TypeError: an argument is invalid.

    >>> model = MLP(3, [4, 4, 1], activation="tanh", seed=1)
    >>> model, model.num_parameters
    (MLP(3 -> 4 tanh -> 4 tanh -> 1 linear), 41)
    >>> isinstance(model([1.0, 2.0, 3.0]), Value)
    True
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        output: Activation = "linear",
        init: str | Initialiser | None = None,
        bias_init: str | Initialiser = "zeros",
        seed: int | Generator | None = None,
        name: str = "mlp",
    ) -> None:
        if isinstance(nouts, int | str) or not len(nouts):
            raise ValueError(f"nouts must list the number of neurons in each layer, such as [16, 16, 1]; got {nouts!r}")
        rng = _generator(seed)
        sizes = [integer("the number of inputs", nin), *(integer("the number of neurons", nout) for nout in nouts)]
        kinds = [activation] * (len(sizes) - 2) + [output]
        super().__init__(
            *(Layer(a, b, kind, init, bias_init, rng) for a, b, kind in zip(sizes[:-1], sizes[1:], kinds, strict=True)),
            name=name,
        )


def _activation(activation: Activation) -> tuple[str, Callable[[Any], Any] | None]:
    """The name and the function of an activation; None for the identity."""
    if isinstance(activation, str):
        if activation not in ACTIVATIONS:
            raise ValueError(f"there is no activation {activation!r}; choose from {', '.join(ACTIVATIONS)}")
        return activation, ACTIVATIONS[activation]
    if not callable(activation):
        raise TypeError(f"an activation must be a name or a function, not {activation!r}")
    return getattr(activation, "name", getattr(activation, "__name__", "function")), activation


def _generator(seed: int | Generator | None) -> Generator:
    if seed is None:
        # As in micrograd, random.seed(1337) makes what follows reproducible.
        return cast(Generator, random)
    return random.Random(seed) if isinstance(seed, int) else seed


def _inputs(x: Any, nin: int, module: Module) -> Sequence[Any]:
    """One example, its length checked.

    A row of an array becomes a list, which is faster to iterate over.  A row of a pandas data frame becomes Values with
    the names of its columns, which pictures show.
    """
    if hasattr(x, "tolist"):
        index: Any = getattr(x, "index", None)
        x = x.tolist()
        if hasattr(index, "tolist") and any(isinstance(name, str) for name in index):
            x = [Value(number, str(name)) for number, name in zip(x, index, strict=True)]
    if isinstance(x, str | bytes | Value | Mapping | Set) or not hasattr(x, "__len__"):
        raise TypeError(f"{module!r} takes a list, tuple or row of {nin} number(s), not {type(x).__name__}")
    if len(x) != nin:
        several = len(x) and hasattr(x[0], "__len__")
        hint = "; call it for one example at a time, or model.predict for many" if several else ""
        raise ValueError(f"{module!r} takes {nin} input(s), {len(x)} given{hint}")
    return cast(Sequence[Any], x)
