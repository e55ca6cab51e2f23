"""The plan of a Program: its instructions, a few operations on whole arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.engine.op import Op

Index = NDArray[np.intp]
Array = NDArray[np.floating[Any]]
Address = tuple[str, int]  # an array, and a place: an index in it
UNIFORM, BATCHED, REDUCED = "uniform", "batched", "total"  # REDUCED: batched values, summed over all samples


@dataclass(eq=False, slots=True)
class Block:
    """Some values of an array, in any shape.

    Attributes:
        array: the array that holds them.
        index: their indices.
        steps: the step of the indices along each axis, if they form a slice, else None; see ``strides``.
    """

    array: str
    index: Index
    steps: tuple[int, ...] | None

    @classmethod
    def of(cls, array: str, index: Index) -> Block:
        """The block of the values at these indices."""
        return cls(array, index, strides(index))


@dataclass(eq=False, slots=True)
class Elementwise:
    """out[i] = op(operands[0][i], operands[1][i], ...); i is an index, or a pair of row and column."""

    op: Op
    operands: tuple[Block, ...]
    out: Block


@dataclass(eq=False, slots=True)
class MatMul:
    """A stack of matrix products:  out[c, i, j] = sum over k of left[c, i, k] * right[c, k, j]."""

    left: Block
    right: Block


@dataclass(eq=False, slots=True)
class Product:
    """Products of single values:  out[i] = left[i] * right[i]; i is an index, or a pair of row and column."""

    left: Block
    right: Block


@dataclass(eq=False, slots=True)
class Sum:
    """out[i] = the signed sum of the terms.

    A term is a matrix product; products, or a block, with the shape of ``out``; or a block with an extra axis, which is
    summed over.
    """

    terms: tuple[tuple[float, MatMul | Product | Block], ...]
    out: Block

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the result: for a matrix product alone  (stack, rows, columns),  else that of ``out``."""
        if len(self.terms) == 1 and isinstance(product := self.terms[0][1], MatMul):
            return (*product.left.index.shape[:2], product.right.index.shape[2])
        return self.out.index.shape


Instruction = Elementwise | Sum


@dataclass
class Plan:
    """What a Program computes, and where each value is stored.

    Attributes:
        instructions: the instructions, in order.
        inputs: the number of inputs; they are the first batched values.
        parameters: the number of parameters; they are the first uniform values.
        constants: the values of the constants; they follow the parameters in the uniform array.
        zeros: 1 if a row of zeros follows the inputs in the batched array, for sums that are padded; else 0.
        sizes: the number of values in each array.
        outputs: the address of each output.
        labels: from an address to the label of its node, if it has one.
        scopes: from the address of an input or parameter to its scope.
        primal: from the address of an adjoint to the address of its node.
    """

    inputs: int
    parameters: int
    constants: list[float]
    zeros: int = 0
    instructions: list[Instruction] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    outputs: list[Address] = field(default_factory=list)
    labels: dict[Address, str] = field(default_factory=dict)
    scopes: dict[Address, str] = field(default_factory=dict)
    primal: dict[Address, Address] = field(default_factory=dict)

    def constant(self, block: Block) -> float | None:
        """The value of a block, if all of it is one and the same constant; else None."""
        at = block.index - self.parameters
        if block.array != UNIFORM or at.min() < 0 or at.max() >= len(self.constants):
            return None
        found = np.array(self.constants)[at]
        return float(found.flat[0]) if same_number(found) else None

    def static_numbers(self, instruction: Elementwise) -> list[float | None]:
        """For each operand its constant value, if it has one and ``Op.static`` lists the operand; else None."""
        return [
            self.constant(block) if i in instruction.op.static else None for i, block in enumerate(instruction.operands)
        ]

    def operations(self) -> tuple[int, int]:
        """The number of floating-point operations of a replay: once per replay, and for each sample.

        Every operation of the table counts as one, whatever its cost.
        """
        once = each = 0
        for instruction in self.instructions:
            if isinstance(instruction, Elementwise):
                count = instruction.out.index.size
            else:
                count = 0
                for _, term in instruction.terms:
                    match term:
                        case MatMul(left, right):
                            count += 2 * left.index.size * right.index.shape[2]
                        case Product():
                            count += 2 * instruction.out.index.size
                        case _:
                            count += term.index.size
                # n terms take n - 1 additions, but n if all are subtracted, or if the sum runs over the samples too.
                if instruction.out.array != REDUCED and any(sign > 0.0 for sign, _ in instruction.terms):
                    count -= instruction.out.index.size
            batched = any(block.array == BATCHED for block in blocks(instruction))
            once, each = (once, each + count) if batched else (once + count, each)
        return once, each


@dataclass(frozen=True)
class Objective:
    """What the outputs of a plan with a gradient are, in this order.

    1. The loss, and its derivative by each parameter, summed over the samples.
    2. If it is weighted, the sum of the weights.
    3. If a term is added once for the batch, this term, and its derivative by each parameter.
    4. All other outputs.

    Attributes:
        parameters: the number of parameters.
        mean: whether the sums are divided by the number of samples, or by the sum of the weights.
        weighted: whether the samples have weights.
        plus: whether a term is added.
    """

    parameters: int
    mean: bool
    weighted: bool = False
    plus: bool = False

    @property
    def totals(self) -> int:
        """How many outputs are summed over the samples: 1 and 2."""
        return 1 + self.parameters + self.weighted

    @property
    def first_output(self) -> int:
        """The index of the first of all other outputs."""
        return self.totals + self.plus * (1 + self.parameters)


class Slot(NamedTuple):
    """Where some of the outputs are.

    Attributes:
        array: the array of the plan that holds them.
        outputs: their numbers.
        places: their places in memory.
        in_order: whether the two are the same numbers.
    """

    array: str
    outputs: Index
    places: Index
    in_order: bool


def blocks(instruction: Instruction) -> list[Block]:
    """All blocks of an instruction: the operands, then ``out``."""
    if isinstance(instruction, Elementwise):
        return [*instruction.operands, instruction.out]
    found: list[Block] = []
    for _, term in instruction.terms:
        found += [term] if isinstance(term, Block) else [term.left, term.right]
    return [*found, instruction.out]


def rebuilt(instruction: Instruction, others: Iterable[Block]) -> Instruction:
    """The same instruction on other blocks, in the order of ``blocks``."""
    if isinstance(instruction, Elementwise):
        *operands, out = others
        return Elementwise(instruction.op, tuple(operands), out)
    block = iter(others)
    terms = [
        (sign, next(block) if isinstance(term, Block) else type(term)(next(block), next(block)))
        for sign, term in instruction.terms
    ]
    return Sum(tuple(terms), next(block))


def same_number(numbers: Array) -> bool:
    """Whether all numbers are one and the same; 0.0 and -0.0 are not."""
    first = numbers.flat[0]
    return bool((numbers == first).all() and (np.signbit(numbers) == np.signbit(first)).all())


def strides(index: Index) -> tuple[int, ...] | None:
    """The step of the indices along each axis, if all steps along an axis are equal (a slice); else None."""
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
