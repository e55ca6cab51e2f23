"""Recurrent cells, and networks that read a sequence with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import tanh
from autograd.engine.checks import integer
from nn.init import Generator, constant
from nn.layers.dense import Layer, generator
from nn.module import Module


class Cell(Module):
    """A recurrent cell: from an input and a state to the next state.

    Attributes:
        nin, nout: the numbers of inputs and of outputs in each step.
    """

    nin: int
    nout: int

    def start(self) -> list[Any]:
        """The state before the first step: zeros."""
        return [0.0] * self.nout

    def outputs(self, state: Sequence[Any]) -> list[Any]:
        """The outputs in a state."""
        return list(state)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.nin} -> {self.nout})"


class RNNCell(Cell):
    """h <- tanh(W x + U h + b)

    Arguments:
        nin, nout: the numbers of inputs and of outputs in each step.
        seed: as for ``Neuron``.

    Source: Elman, "Finding structure in time", Cognitive Science 14, 1990.
    """

    name = "rnn"

    def __init__(self, nin: int, nout: int, seed: int | Generator | None = None) -> None:
        self.nin, self.nout = integer("the number of inputs", nin), integer("the number of outputs", nout)
        self.next = Layer(nin + nout, nout, "tanh", seed=seed)

    def __call__(self, x: Sequence[Any], state: Sequence[Any]) -> list[Any]:
        """The next state."""
        return self.next([*x, *state])


class GRUCell(Cell):
    """A gated recurrent unit: r and z in (0, 1) decide what is reset, and what is kept.

    r = sigmoid(W_r [x, h] + b_r);  z = sigmoid(W_z [x, h] + b_z);  n = tanh(W_n [x, r h] + b_n);
    h <- (1 - z) n + z h

    Arguments:
        nin, nout, seed: as for ``RNNCell``.

    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014.
    """

    name = "gru"

    def __init__(self, nin: int, nout: int, seed: int | Generator | None = None) -> None:
        rng = generator(seed)
        self.nin, self.nout = integer("the number of inputs", nin), integer("the number of outputs", nout)
        self.reset = Layer(nin + nout, nout, "sigmoid", seed=rng)
        self.keep = Layer(nin + nout, nout, "sigmoid", seed=rng)
        self.next = Layer(nin + nout, nout, "tanh", seed=rng)

    def __call__(self, x: Sequence[Any], state: Sequence[Any]) -> list[Any]:
        """The next state."""
        both = [*x, *state]
        r, z = self.reset(both), self.keep(both)
        n = self.next([*x, *(a * h for a, h in zip(r, state, strict=True))])
        return [(1.0 - keep) * new + keep * old for keep, new, old in zip(z, n, state, strict=True)]


class LSTMCell(Cell):
    """Long short-term memory: the state is the outputs h, followed by the memory c.

    i = sigmoid(W_i [x, h] + b_i);  f, o likewise;  g = tanh(W_g [x, h] + b_g);  c <- f c + i g;  h <- o tanh(c)

    Arguments:
        nin, nout, seed: as for ``RNNCell``.  The biases b_f start at 1, so that the memory is kept at first.

    Sources: Hochreiter, Schmidhuber, "Long short-term memory", Neural Computation 9, 1997; Gers, Schmidhuber, Cummins,
    "Learning to forget", Neural Computation 12, 2000.
    """

    name = "lstm"

    def __init__(self, nin: int, nout: int, seed: int | Generator | None = None) -> None:
        rng = generator(seed)
        self.nin, self.nout = integer("the number of inputs", nin), integer("the number of outputs", nout)
        self.write = Layer(nin + nout, nout, "sigmoid", seed=rng)
        self.forget = Layer(nin + nout, nout, "sigmoid", bias_init=constant(1.0), seed=rng)
        self.read = Layer(nin + nout, nout, "sigmoid", seed=rng)
        self.next = Layer(nin + nout, nout, "tanh", seed=rng)

    def start(self) -> list[Any]:
        return [0.0] * (2 * self.nout)

    def outputs(self, state: Sequence[Any]) -> list[Any]:
        return list(state[: self.nout])

    def __call__(self, x: Sequence[Any], state: Sequence[Any]) -> list[Any]:
        """The next state."""
        both, memory = [*x, *state[: self.nout]], state[self.nout :]
        i, f, o, g = self.write(both), self.forget(both), self.read(both), self.next(both)
        memory = [kept * c + new * value for kept, c, new, value in zip(f, memory, i, g, strict=True)]
        return [*(out * tanh(c) for out, c in zip(o, memory, strict=True)), *memory]


class Recurrent(Module):
    """Reads a sequence with a cell, step by step.

    Arguments:
        cell: an ``RNNCell``, ``GRUCell``, ``LSTMCell``, or another ``Cell``.
        every: return the outputs of every step, in a list, instead of those of the last.

    >>> network = Recurrent(GRUCell(1, 4, seed=1))
    >>> network, len(network([[0.5], [0.25], [0.125]]))
    (Recurrent(GRUCell(1 -> 4)), 4)
    """

    name = "recurrent"

    def __init__(self, cell: Cell, every: bool = False) -> None:
        self.cell, self.every = cell, every
        self.nout = None if every else cell.nout

    def __call__(self, sequence: Sequence[Any]) -> list[Any]:
        """The outputs after the last step, or after every step.

        Arguments:
            sequence: a list of inputs, one for each step; a number is taken as a list of one.

        Raises:
            ValueError: the sequence is empty, or a step has the wrong number of inputs.
        """
        if not len(sequence):
            raise ValueError("a recurrent network needs a sequence of at least one step")
        state, found = self.cell.start(), []
        for number, x in enumerate(sequence):
            inputs = x if hasattr(x, "__len__") else [x]
            if len(inputs) != self.cell.nin:
                raise ValueError(f"step {number} has {len(inputs)} input(s), but {self.cell!r} takes {self.cell.nin}")
            state = self.cell(inputs, state)
            found.append(self.cell.outputs(state))
        return found if self.every else found[-1]

    def __repr__(self) -> str:
        return f"Recurrent({self.cell!r}{', every=True' if self.every else ''})"
