"""Embeddings: a vector of parameters for each of some symbols."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd import Value, abs, dot, step
from autograd.engine.checks import describe, integer
from nn.init import Generator
from nn.layers.dense import generator
from nn.module import Module


class Embedding(Module):
    """A table with a vector of parameters for each symbol, a number from 0.

    Arguments:
        count: the number of symbols.
        size: the length of a vector.
        seed: as for ``Neuron``.

    Source: Bengio, Ducharme, Vincent, Jauvin, "A neural probabilistic language model", Journal of Machine Learning
    Research 3, 2003.

    >>> embedding = Embedding(5, 2, seed=1)
    >>> embedding(3) == embedding.vectors[3]
    True
    """

    name = "embedding"
    array_names: ClassVar = {"vectors": "weight"}

    def __init__(self, count: int, size: int, seed: int | Generator | None = None) -> None:
        rng = generator(seed)
        self.count, self.nout = integer("the number of symbols", count), integer("the length of a vector", size)
        self.vectors = [[Value(rng.gauss(0.0, 1.0), f"v{i}_{j}") for j in range(size)] for i in range(count)]

    def __call__(self, symbol: Any) -> list[Any]:
        """The vector of a symbol; of a list of symbols, a list of vectors.

        For a Value, whose number may change in a replay, each number of the vector is a sum over all symbols,
        where only the one that is given counts.

        Raises:
            IndexError, TypeError: there is no such symbol.
        """
        if hasattr(symbol, "__len__") and not isinstance(symbol, str):
            return [self(one) for one in symbol]
        if isinstance(symbol, Value):
            chosen = [1.0 - step(abs(symbol - float(i))) for i in range(self.count)]
            one = dot(chosen, chosen)  # it is 0 for what is no symbol, and then there is no result
            return [dot(chosen, [vector[j] for vector in self.vectors]) / one for j in range(self.nout)]
        if isinstance(symbol, bool) or not hasattr(symbol, "__int__") or int(symbol) != symbol:
            raise TypeError(f"a symbol is an integer from 0 to {self.count - 1}, not {describe(symbol)}")
        if not 0 <= symbol < self.count:
            raise IndexError(f"a symbol is an integer from 0 to {self.count - 1}, not {symbol}")
        return self.vectors[int(symbol)]

    def __repr__(self) -> str:
        return f"Embedding({self.count} -> {self.nout})"
