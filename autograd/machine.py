"""NumPy's part in a Program: the arrays of a plan, and the calls that fill them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.plan import BATCHED, TOTAL, UNIFORM, Block, Elementwise, Plan, Product, Sum
from autograd.rules import LEAK, TABLE, Op, undefined

Array = NDArray[np.floating[Any]]


# --------------------------------------------------------------------------------------- operations on arrays, by NumPy


def _sigmoid(x: Array, out: Array) -> None:
    np.negative(np.abs(x, out=out), out=out)
    small = np.exp(out, out=out)  # exp(-|x|)
    np.divide(np.where(x >= 0.0, 1.0, small), 1.0 + small, out=out)


def _softplus(x: Array, out: Array) -> None:
    np.logaddexp(0.0, x, out=out)


def _silu(x: Array, out: Array) -> None:
    y = np.empty_like(out)
    _sigmoid(np.broadcast_to(x, out.shape), y)
    np.multiply(x, y, out=out)


def _xlogy(x: Array, y: Array, out: Array) -> None:
    zero = x == 0.0
    np.multiply(x, np.log(np.where(zero, 1.0, y)), out=out)


def _elu(x: Array, out: Array) -> None:
    np.copyto(out, np.where(x > 0.0, x, np.expm1(np.minimum(x, 0.0))))


# The rows of the table, by name; those that are not here go through their numbers one by one.
NUMPY: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "pow": np.power,
    "neg": np.negative,
    "pos": np.positive,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "log2": np.log2,
    "log10": np.log10,
    "xlogy": _xlogy,
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "square": np.square,
    "reciprocal": np.reciprocal,
    "hypot": np.hypot,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "arcsin": np.arcsin,
    "arccos": np.arccos,
    "arctan": np.arctan,
    "arctan2": np.arctan2,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "arcsinh": np.arcsinh,
    "arccosh": np.arccosh,
    "arctanh": np.arctanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "silu": _silu,
    "abs": np.abs,
    "sign": np.sign,
    "step": lambda x, out: np.greater(x, 0.0, out=out, casting="unsafe"),
    "relu": lambda x, out: np.maximum(x, 0.0, out=out),
    "leaky_relu": lambda x, out: np.maximum(x, LEAK * x, out=out),
    "elu": _elu,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "where": lambda c, x, y, out: np.copyto(out, np.where(c != 0.0, x, y)),
}


def _function(op: Op) -> Callable[..., Any]:
    """The operation on arrays; one that NumPy lacks, as erf or a user's, goes through its numbers one by one."""
    if op.name in NUMPY and op in TABLE:
        return NUMPY[op.name]
    one_by_one = np.frompyfunc(op.value, len(op.partials), 1)

    def function(*args: Array, out: Array) -> None:
        np.copyto(out, one_by_one(*(np.asarray(x, dtype=float) for x in args)).astype(float))

    return function


# ------------------------------------------------------------------------------------------------------------ buffers

Step = tuple[Callable[..., Any], tuple[Any, ...], Array]


class Machine:
    """The arrays of a plan for one size of batch, and the calls that fill them, with all views made beforehand."""

    def __init__(self, plan: Plan, parameters: int, samples: int, dtype: Any) -> None:
        self.samples = samples
        self.arrays = {
            UNIFORM: np.zeros(plan.uniform, dtype),
            BATCHED: np.zeros((plan.batched, samples), dtype),
            TOTAL: np.zeros(plan.total, dtype),
        }
        self.arrays[UNIFORM][parameters : parameters + len(plan.constants)] = plan.constants
        self.constants = range(parameters, parameters + len(plan.constants))
        self.steps: list[Step] = []
        self.marks: list[int] = []  # which instruction each step belongs to
        for number, instruction in enumerate(plan.instructions):
            if isinstance(instruction, Elementwise):
                self.elementwise(instruction)
            else:
                self.sum(instruction)
            self.marks += [number] * (len(self.steps) - len(self.marks))

    def run(self) -> None:
        for function, args, out in self.steps:
            function(*args, out=out)

    def careful_run(self, plan: Plan, start: int) -> None:
        """Replay once more, after an error, one instruction after the other, and raise the error of one number.

        Arguments:
            plan: the plan of this machine.
            start: the number of the first sample.

        Raises:
            ValueError, ZeroDivisionError, OverflowError: as eager code would, with the sample in the message.
        """
        with np.errstate(all="ignore"):
            for number, instruction in enumerate(plan.instructions):
                try:
                    for (function, args, out), mark in zip(self.steps, self.marks, strict=True):
                        if mark == number:
                            function(*args, out=out)
                    failed = False
                except (ArithmeticError, ValueError):
                    failed = True
                if isinstance(instruction, Elementwise):
                    self.check(instruction, plan, start, failed)

    def check(self, instruction: Elementwise, plan: Plan, start: int, failed: bool) -> None:
        """Compute again, as floats, the results that are no finite numbers; all of them where the step failed."""
        out = self.arrays[instruction.out.array][instruction.out.index].reshape(len(instruction.out.index), -1)
        doubtful = np.ones(out.shape, bool) if failed else ~np.isfinite(out)
        for i, sample in np.argwhere(doubtful):
            numbers, labels = [], []
            for block in instruction.operands:
                place = int(block.index[i])
                x = self.arrays[block.array][place]
                numbers.append(float(x[sample] if block.array == BATCHED else x))
                labels.append(plan.labels.get((block.array, place), ""))
            try:
                instruction.op.value(*numbers)
            except (ArithmeticError, ValueError) as error:
                where = f"sample {start + sample}, " if instruction.out.array == BATCHED else ""
                call = f"{instruction.op.name}({', '.join(map(str, numbers))})"
                raise undefined(where + call, error, labels) from None

    def view(self, block: Block) -> Array:
        """The numbers of a block: a view where its places follow a pattern, else a copy, renewed by a step."""
        array, index = self.arrays[block.array], block.index
        if index.size:
            base = int(index.flat[0])
            steps = [int(index.take(1, axis).flat[0]) - base if n > 1 else 0 for axis, n in enumerate(index.shape)]
            pattern = np.full(index.shape, base)
            for along, step in zip(np.indices(index.shape), steps, strict=True):
                pattern += along * step
            if np.array_equal(pattern, index):
                stride = array.strides[0]
                return np.lib.stride_tricks.as_strided(
                    array[base:], index.shape + array.shape[1:], tuple(s * stride for s in steps) + array.strides[1:]
                )
        copy = np.empty(index.shape + array.shape[1:], array.dtype)
        self.steps.append((_take, (array, index), copy))
        return copy

    def spread(self, block: Block) -> Array:
        """The numbers of a block, ready to be combined with batched ones."""
        view = self.view(block)
        return view[..., None] if block.array == UNIFORM else view

    def elementwise(self, instruction: Elementwise) -> None:
        out = self.view(instruction.out)
        batched = instruction.out.array == BATCHED
        operands = [self.spread(block) if batched else self.view(block) for block in instruction.operands]
        function = _function(instruction.op)
        if instruction.op.name == "pow" and all(place in self.constants for place in instruction.operands[1].index):
            exponents = set(self.arrays[UNIFORM][instruction.operands[1].index])
            if exponents == {2.0}:
                function, operands = np.square, operands[:1]
            elif exponents == {1.0}:
                function, operands = np.positive, operands[:1]
        self.steps.append((function, tuple(operands), out))

    def sum(self, instruction: Sum) -> None:
        out = self.view(instruction.out)
        first = True
        negated = False
        for sign, term in instruction.terms:
            if isinstance(term, Product):
                target = out if first else np.empty_like(out)
                self.product(term, instruction.out.array, target)
            elif first or instruction.out.array == TOTAL:
                target = out if first else np.empty_like(out)
                self.single(term, instruction.out.array, target)
            else:
                target = self.spread(term) if instruction.out.array == BATCHED else self.view(term)
            if first:
                negated, first = sign < 0.0, False
            elif negated and sign > 0.0:
                self.steps.append((np.subtract, (target, out), out))
                negated = False
            else:
                same = (sign < 0.0) == negated
                self.steps.append((np.add if same else np.subtract, (out, target), out))
        if negated:
            self.steps.append((np.negative, (out,), out))

    def single(self, block: Block, array: str, out: Array) -> None:
        if array == TOTAL and block.array == BATCHED:
            self.steps.append((_row_sums, (self.view(block),), out))
        elif array == TOTAL:
            self.steps.append((np.multiply, (self.view(block), float(self.samples)), out))
        else:
            self.steps.append((np.positive, (self.spread(block) if array == BATCHED else self.view(block),), out))

    def product(self, product: Product, array: str, out: Array) -> None:
        """The steps for a stack of products of matrices."""
        left, right = self.view(product.left), self.view(product.right)
        (stack, rows, inner), width = product.left.index.shape, product.right.index.shape[2]
        kinds = product.left.array, product.right.array
        scalars = rows == width == 1
        if kinds == (UNIFORM, UNIFORM):
            self.steps.append((np.matmul, (left, right), out.reshape(stack, rows, width)))
        elif kinds == (UNIFORM, BATCHED) and array == TOTAL:
            sums = np.empty(right.shape[:-1], out.dtype)
            self.steps.append((_row_sums, (right,), sums))
            self.steps.append((np.matmul, (left, sums), out.reshape(stack, rows, width)))
        elif kinds == (UNIFORM, BATCHED):
            flat = self.reshaped(right, (stack, inner, width * self.samples))
            shaped = out.reshape(stack, rows, width * self.samples)
            if stack == 1:
                self.steps.append((np.matmul, (left[0], flat[0]), shaped[0]))
            else:
                self.steps.append((np.matmul, (left, flat), shaped))
        elif array == TOTAL and scalars:
            self.steps.append((_einsum("ckb,ckb->c"), (left[:, 0], right[:, :, 0]), out))
        elif array == TOTAL:
            a = self.reshaped(left, (stack, rows, inner * self.samples))
            b = self.reshaped(right.swapaxes(1, 2), (stack, width, inner * self.samples)).swapaxes(1, 2)
            shaped = out.reshape(stack, rows, width)
            if stack == 1:
                self.steps.append((np.matmul, (a[0], b[0]), shaped[0]))
            else:
                self.steps.append((np.matmul, (a, b), shaped))
        elif scalars and inner == 1:
            self.steps.append((np.multiply, (left[:, 0, 0], right[:, 0, 0]), out))
        elif scalars:
            self.steps.append((_einsum("ckb,ckb->cb"), (left[:, 0], right[:, :, 0]), out))
        else:
            cube = out.reshape(stack, rows, width, self.samples)
            self.steps.append((_einsum("cikb,ckjb->cijb"), (left, right), cube))

    def reshaped(self, view: Array, shape: tuple[int, ...]) -> Array:
        """The view in another shape: a view again where that is possible, else a copy, renewed by a step."""
        flat = view.reshape(shape)
        if np.shares_memory(flat, view) or not view.size:
            return flat
        copy = np.empty(view.shape, view.dtype)
        self.steps.append((np.positive, (view,), copy))
        return copy.reshape(shape)


def _take(array: Array, index: Any, out: Array) -> None:
    np.take(array, index, axis=0, out=out, mode="clip")


def _row_sums(x: Array, out: Array) -> None:
    np.sum(x, axis=-1, out=out)


def _einsum(pattern: str) -> Callable[..., Any]:
    def einsum(a: Array, b: Array, out: Array) -> None:
        np.einsum(pattern, a, b, out=out)

    return einsum
