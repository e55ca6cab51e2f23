"""The instructions of a Program: few operations on whole arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.engine.op import Op

Index = NDArray[np.intp]
Array = NDArray[np.floating[Any]]
Address = tuple[str, int]  # an array, and where in it
UNIFORM, BATCHED, REDUCED = "uniform", "batched", "total"  # REDUCED: a batched number, summed over all samples


@dataclass(eq=False, slots=True)
class Block:
    """Some numbers: which array holds them, and where, in any shape.

    Attributes:
        array: the array.
        index: the places in it.
        steps: how far apart the places are along each axis, if they are a slice; see ``strides``.
    """

    array: str
    index: Index
    steps: tuple[int, ...] | None

    @classmethod
    def of(cls, array: str, index: Index) -> Block:
        """The block of these places."""
        return cls(array, index, strides(index))


@dataclass(eq=False, slots=True)
class Elementwise:
    """out[i] = op(operands[0][i], operands[1][i], ...), in lists, or in grids of rows and columns."""

    op: Op
    operands: tuple[Block, ...]
    out: Block


@dataclass(eq=False, slots=True)
class MatMul:
    """A stack of products of matrices:  out[c, i, j] = sum over k of left[c, i, k] * right[c, k, j]."""

    left: Block
    right: Block


@dataclass(eq=False, slots=True)
class Sum:
    """out[i] = the sum of all terms, each with its sign.

    A term is a product, a block in the shape of ``out``, or one with a further axis, over which it is summed.
    """

    terms: tuple[tuple[float, MatMul | Block], ...]
    out: Block


Instruction = Elementwise | Sum


@dataclass
class Plan:
    """What a Program does.

    Attributes:
        instructions: in order.
        inputs: how many inputs there are: the first batched numbers.
        parameters: how many parameters: the first uniform numbers.
        constants: the constants: the uniform numbers after the parameters.
        sizes: how many numbers each array has.
        outputs: where each output is: an array and a place.
        labels: the label of the node at each place, where it has one.
        scopes: the same for the scopes of leaves.
        primal: for the place of an adjoint, the place of the node that it is the adjoint of.
    """

    inputs: int
    parameters: int
    constants: list[float]
    instructions: list[Instruction] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    outputs: list[Address] = field(default_factory=list)
    labels: dict[Address, str] = field(default_factory=dict)
    scopes: dict[Address, str] = field(default_factory=dict)
    primal: dict[Address, Address] = field(default_factory=dict)

    def constant(self, block: Block) -> float | None:
        """The number at all places of a block, if it is a single constant."""
        places = {int(place) for place in block.index.flat} if block.array == UNIFORM else set()
        numbers = {
            self.constants[i] if 0 <= (i := place - self.parameters) < len(self.constants) else None for place in places
        }
        return numbers.pop() if len(numbers) == 1 else None

    def static_numbers(self, instruction: Elementwise) -> list[float | None]:
        """For each operand that the row declares static: its number, if it is a constant."""
        return [
            self.constant(block) if i in instruction.op.static else None for i, block in enumerate(instruction.operands)
        ]

    def operations(self) -> tuple[int, int]:
        """How many floating-point operations a replay takes: once, and for each sample.

        An operation of the table counts as one, whatever it costs.
        """
        once = each = 0
        for instruction in self.instructions:
            if isinstance(instruction, Elementwise):
                count = instruction.out.index.size
            else:
                count = 0
                for _, term in instruction.terms:
                    if isinstance(term, MatMul):
                        count += 2 * term.left.index.size * term.right.index.shape[2]
                    else:
                        count += term.index.size
                # The first term is not added to anything, unless it is subtracted, or summed over the samples.
                if instruction.out.array != REDUCED and any(sign > 0.0 for sign, _ in instruction.terms):
                    count -= instruction.out.index.size
            batched = any(block.array == BATCHED for block in blocks(instruction))
            once, each = (once, each + count) if batched else (once + count, each)
        return once, each


def blocks(instruction: Instruction) -> list[Block]:
    """All blocks of an instruction: those it reads, then the one it makes."""
    if isinstance(instruction, Elementwise):
        return [*instruction.operands, instruction.out]
    found: list[Block] = []
    for _, term in instruction.terms:
        found += [term.left, term.right] if isinstance(term, MatMul) else [term]
    return [*found, instruction.out]


def rebuilt(instruction: Instruction, others: Iterable[Block]) -> Instruction:
    """The same instruction on other blocks, given in the order of ``blocks``."""
    if isinstance(instruction, Elementwise):
        *operands, out = others
        return Elementwise(instruction.op, tuple(operands), out)
    block = iter(others)
    terms = [
        (sign, MatMul(next(block), next(block)) if isinstance(term, MatMul) else next(block))
        for sign, term in instruction.terms
    ]
    return Sum(tuple(terms), next(block))


def strides(index: Index) -> tuple[int, ...] | None:
    """How far apart the places are along each axis, if they follow such a pattern: then they are a slice."""
    if index.size <= 1:
        return (0,) * index.ndim
    first = int(index.flat[0])
    axes = range(index.ndim)
    steps = [int(index[tuple(int(i == axis) for i in axes)]) - first if index.shape[axis] > 1 else 0 for axis in axes]
    if int(index.flat[-1]) - first != sum(step * (n - 1) for step, n in zip(steps, index.shape, strict=True)):
        return None
    pattern: Any = first
    for step, n in zip(steps, index.shape, strict=True):
        pattern = np.add.outer(pattern, np.arange(n) * step)
    return tuple(steps) if (pattern == index).all() else None
