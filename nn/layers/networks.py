"""Networks of layers: in sequence, side by side, and around a shortcut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from autograd.engine.checks import integer
from nn.init import Generator, Initialiser
from nn.layers.dense import Activation, Layer, generator
from nn.module import Module, batch_of


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
        for layer in self.layers:
            x = _listed(layer(x))
        return _single(x)

    def batch(self, X: Sequence[Any]) -> list[Any]:
        """The outputs for the examples of a batch, layer by layer."""
        if type(self).__call__ is not Sequential.__call__:
            return super().batch(X)
        for layer in self.layers:
            X = [_listed(x) for x in batch_of(layer, X)]
        return [_single(x) for x in X]

    def __repr__(self) -> str:
        parts = [f"{x.nout} {x.activation}" if isinstance(x, Layer) else _shown(x) for x in self.layers]
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
    >>> model([1.0, 2.0, 3.0]).op.name
    'add'
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
        rng = generator(seed)
        sizes = [integer("the number of inputs", nin), *(integer("the number of neurons", nout) for nout in nouts)]
        kinds = [activation] * (len(sizes) - 2) + [output]
        super().__init__(
            *(Layer(a, b, kind, init, bias_init, rng) for a, b, kind in zip(sizes[:-1], sizes[1:], kinds, strict=True)),
            name=name,
        )


class Residual(Module):
    """A shortcut around a block:  x + block(x).

    The gradient reaches what is below through the shortcut even where the block passes none.

    Arguments:
        block: a module or function from a list to a list of the same length.

    Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016.

    >>> [y.data for y in Residual(Layer(2, 2, "linear", init="zeros"))([1.0, 2.0])]
    [1.0, 2.0]
    """

    name = "residual"

    def __init__(self, block: Callable[[Any], Any]) -> None:
        self.block = block
        self.nin = self.nout = getattr(block, "nin", None)

    def __call__(self, x: Any) -> list[Any]:
        """The sums.

        Raises:
            ValueError: the block returns more or fewer numbers than it is given.
        """
        return _sums(x, self.block(x))

    def batch(self, X: Sequence[Any]) -> list[Any]:
        """The sums for the examples of a batch."""
        return [_sums(x, found) for x, found in zip(X, batch_of(self.block, X), strict=True)]

    def __repr__(self) -> str:
        return f"Residual({_shown(self.block)})"


class Parallel(Module):
    """Several blocks with the same inputs; their outputs follow one another.

    Arguments:
        blocks: modules or functions from a list to a list, or to a single number.

    >>> len(Parallel(Layer(2, 3), Layer(2, 1))([1.0, 2.0]))
    4
    """

    name = "parallel"

    def __init__(self, *blocks: Callable[[Any], Any]) -> None:
        if not blocks:
            raise ValueError("Parallel needs at least one block")
        self.blocks = list(blocks)
        sizes: list[Any] = [getattr(block, "nout", None) for block in blocks]
        self.nin = getattr(blocks[0], "nin", None)
        self.nout = None if None in sizes else sum(sizes)

    def __call__(self, x: Any) -> list[Any]:
        """The outputs of all blocks, in one list."""
        return [y for block in self.blocks for y in _listed(block(x))]

    def batch(self, X: Sequence[Any]) -> list[Any]:
        """The outputs for the examples of a batch."""
        outputs = [batch_of(block, X) for block in self.blocks]
        return [[y for found in row for y in _listed(found)] for row in zip(*outputs, strict=True)]

    def __repr__(self) -> str:
        return f"Parallel({', '.join(map(_shown, self.blocks))})"


def _shown(block: Any) -> str:
    """A module as it is written, or the name of a function, whose repr would have its address in memory."""
    return str(getattr(block, "__name__", repr(block)))


def _listed(x: Any) -> Any:
    """A single number, as an inner network may return it, in a list."""
    return x if hasattr(x, "__len__") else [x]


def _single(x: Any) -> Any:
    """The number in a list of one; any other list as it is."""
    return x[0] if isinstance(x, list | tuple) and len(x) == 1 else x


def _sums(x: Sequence[Any], found: Any) -> list[Any]:
    """The sums of what a residual block takes and returns."""
    found = _listed(found)
    if len(found) != len(x):
        raise ValueError(f"a residual block must return as many numbers as it takes, not {len(found)} for {len(x)}")
    return [a + b for a, b in zip(x, found, strict=True)]
