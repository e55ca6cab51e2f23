"""NumPy's part in a Program: the arrays of a plan, and the calls that fill them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.engine.numerics import FAR, LEAK
from autograd.engine.op import Op, text, undefined
from autograd.engine.rules import TABLE, pow
from autograd.program.plan import BATCHED, TOTAL, UNIFORM, Block, Elementwise, Index, Plan, Product, Sum, strides

Array = NDArray[np.floating[Any]]


# --------------------------------------------------------------------------------------- operations on arrays, by NumPy


def _sigmoid(x: Array, out: Array) -> None:
    np.negative(x, out)
    with np.errstate(over="ignore"):  # 1 / (1 + infinity) is the right answer
        np.exp(out, out)
    np.add(out, 1.0, out)
    np.reciprocal(out, out)


def _silu(x: Array, out: Array) -> None:
    _sigmoid(x, out)
    np.multiply(np.maximum(x, -FAR), out, out)


def _softplus(x: Array, out: Array) -> None:
    np.logaddexp(0.0, x, out)


def _xlogy(x: Array, y: Array, out: Array) -> None:
    zero = x == 0.0
    np.multiply(x, np.log(np.where(zero, 1.0, y)), out)


def _maximum(x: Array, y: Array, out: Array) -> None:
    np.maximum(x, y, out=out)


def _minimum(x: Array, y: Array, out: Array) -> None:
    np.minimum(x, y, out=out)


def _relu(x: Array, out: Array) -> None:
    np.maximum(x, 0.0, out=out)


def _leaky_relu(x: Array, out: Array) -> None:
    np.multiply(x, LEAK, out)
    np.maximum(x, out, out=out)


def _elu(x: Array, out: Array) -> None:
    np.minimum(x, 0.0, out=out)
    np.expm1(out, out)
    np.copyto(out, x, where=x > 0.0)


def _step(x: Array, out: Array) -> None:
    np.greater(x, 0.0, out, casting="unsafe")


def _where(c: Array, x: Array, y: Array, out: Array) -> None:
    np.copyto(out, y)
    np.copyto(out, x, where=c != 0.0)


# How NumPy computes the rows of the table; those that are not here go through their numbers one by one.
_CALLS: dict[str, Callable[..., Any]] = {
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
    "step": _step,
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "maximum": _maximum,
    "minimum": _minimum,
    "where": _where,
    "stop_gradient": np.positive,
}
NUMPY = {row: _CALLS[row.name] for row in TABLE if row.name in _CALLS}  # the row decides: a user's may have its name


def _function(op: Op) -> Callable[..., Any]:
    """The operation on arrays; one that NumPy lacks, as erf or a user's, goes through its numbers one by one."""
    if op in NUMPY:
        return NUMPY[op]
    one_by_one = np.frompyfunc(op.value, len(op.partials), 1)

    def function(*args: Array) -> None:
        out = args[-1]
        operands = [np.broadcast_to(x, out.shape) for x in args[:-1]]
        for i, numbers in enumerate(zip(*operands, strict=True)):  # row by row, since each number becomes an object
            out[i] = one_by_one(*(np.asarray(x, dtype=float) for x in numbers))

    return function


def _row_dots(a: Array, b: Array, out: Array) -> None:
    np.einsum("ck,ck->c", a, b, out=out)


_row_dots = getattr(np, "vecdot", _row_dots)  # NumPy 2 has it, and twice as fast


def _einsum(pattern: str) -> Callable[..., Any]:
    def einsum(a: Array, b: Array, out: Array) -> None:
        np.einsum(pattern, a, b, out=out)

    return einsum


# ------------------------------------------------------------------------------------------------------------ buffers

Step = tuple[Callable[..., Any], tuple[Any, ...]]


class Machine:
    """The arrays of a plan for one size of batch, and the calls that fill them, with all views made beforehand.

    Arguments:
        plan: the plan.
        rows: for each batched number of the plan the row of the batched array that holds it.
        samples: how many samples there are.
        dtype: of the arrays.

    Attributes:
        arrays: the arrays of the plan by name.
        steps: for each instruction its calls.
        bytes, bytes_each: how much memory all arrays take: in any case, and for each sample.
    """

    def __init__(self, plan: Plan, rows: Index, samples: int, dtype: Any) -> None:
        self.plan = plan
        self.rows = rows
        self.samples = samples
        self.dtype = dtype
        self.bytes = self.bytes_each = 0
        self.arrays = {
            UNIFORM: self.buffer((plan.sizes[UNIFORM],)),
            BATCHED: self.buffer((int(rows.max(initial=-1)) + 1, samples), BATCHED),
            TOTAL: self.buffer((plan.sizes[TOTAL],)),
        }
        self.arrays[UNIFORM][plan.parameters : plan.parameters + len(plan.constants)] = plan.constants
        self.row = rows.tolist()
        self.steps: list[list[Step]] = []
        for instruction in plan.instructions:
            self.calls: list[Step] = []
            if isinstance(instruction, Elementwise):
                self.elementwise(instruction)
            else:
                self.sum(instruction)
            self.steps.append(self.calls)
        del self.row
        self.all_calls = [call for calls in self.steps for call in calls]

    def run(self) -> None:
        """Fill the arrays; the inputs and parameters are there already."""
        for function, args in self.all_calls:
            function(*args)

    def numbers(self, array: str, places: Any) -> Array:
        """The numbers at some places of the plan, as a copy."""
        found: Array = self.arrays[array].take(self.rows[places] if array == BATCHED else places, axis=0)
        return found

    def check(self, number: int, start: int) -> None:
        """Run one instruction, and raise the error of a number for which its operation is not defined.

        Arguments:
            number: which instruction; those before it have run.
            start: the number of the first sample.

        Raises:
            ValueError, ZeroDivisionError, OverflowError: as eager code would, with the sample in the message.
        """
        instruction = self.plan.instructions[number]
        failed = False
        try:
            with np.errstate(all="ignore"):
                for function, args in self.steps[number]:
                    function(*args)
        except (ArithmeticError, ValueError):  # from an operation that goes through its numbers one by one
            failed = True
        if not isinstance(instruction, Elementwise):
            return
        out = self.numbers(instruction.out.array, instruction.out.index.ravel()).reshape(instruction.out.index.size, -1)
        doubtful = np.ones(out.shape, bool) if failed else ~np.isfinite(out)
        for i, sample in np.argwhere(doubtful):
            numbers, labels = [], []
            for block in instruction.operands:
                place = int(block.index.flat[i])
                x = self.numbers(block.array, place)
                numbers.append(float(x[sample] if block.array == BATCHED else x))
                labels.append(self.plan.labels.get((block.array, place), ""))
            try:
                instruction.op.value(*numbers)
            except (ArithmeticError, ValueError) as error:
                where = f"sample {start + sample}, " if instruction.out.array == BATCHED else ""
                call = f"{instruction.op.name}({', '.join(map(text, numbers))})"
                raise undefined(where + call, error, labels) from None

    # The calls of one instruction.  ``out`` comes last in each; names of arrays say what is in them.

    def buffer(self, shape: tuple[int, ...], array: str = UNIFORM) -> Array:
        """Memory for numbers of this array."""
        buffer: Array = np.zeros(shape, self.dtype)
        if array == BATCHED:
            self.bytes_each += buffer.nbytes // max(self.samples, 1)
        else:
            self.bytes += buffer.nbytes
        return buffer

    def call(self, function: Callable[..., Any], *args: Any) -> None:
        self.calls.append((function, args))

    def view(self, block: Block) -> Array:
        """The numbers of a block: a view where its places follow a pattern, else a copy, renewed by a call."""
        array, index, steps = self.arrays[block.array], block.index, block.steps
        if steps is None and block.array == BATCHED:  # their rows may be a slice nevertheless
            index = self.rows[index]
            steps = strides(index)
            first = int(index.flat[0])
        else:
            first = index.item(0)
            first = self.row[first] if block.array == BATCHED else first
        if steps is None:
            copy = self.buffer(index.shape + array.shape[1:], block.array)
            self.call(array.take, index, 0, copy, "clip")
            return copy
        width = array.strides[0]
        apart = tuple([step * width for step in steps]) + array.strides[1:]
        found: Array = np.ndarray(index.shape + array.shape[1:], array.dtype, array, first * width, apart)
        return found

    def spread(self, block: Block, array: str) -> Array:
        """The numbers of a block, ready to be combined with others of this array."""
        view = self.view(block)
        return view[..., None] if block.array == UNIFORM and array == BATCHED else view

    def elementwise(self, instruction: Elementwise) -> None:
        array = instruction.out.array
        out = self.view(instruction.out)
        operands = [self.spread(block, array) for block in instruction.operands]
        function = _function(instruction.op)
        if instruction.op is pow:
            exponents = set(instruction.operands[1].index.flat)
            constants = dict(enumerate(self.plan.constants, self.plan.parameters))
            if instruction.operands[1].array == UNIFORM and len(exponents) == 1:
                exponent = constants.get(exponents.pop())
                if exponent in _POWERS:
                    function, operands = _POWERS[exponent], operands[:1]
        self.call(function, *operands, out)

    def sum(self, instruction: Sum) -> None:
        """The terms one after the other.  ``so_far`` is their sum, or its negative where ``negated``."""
        array, out = instruction.out.array, self.view(instruction.out)
        so_far: Array | None = None
        negated = False
        for sign, term in instruction.terms:
            if isinstance(term, Product):
                found = out if so_far is None else self.buffer(out.shape, array)
                self.product(term, array, found)
            else:
                found = self.single(term, instruction.out, out if so_far is None else None)
            if so_far is None:
                so_far, negated = found, sign < 0.0
                continue
            if negated and sign > 0.0:
                self.call(np.subtract, found, so_far, out)
                negated = False
            else:
                self.call(np.add if (sign < 0.0) == negated else np.subtract, so_far, found, out)
            so_far = out
        if so_far is not out or negated:
            self.call(np.negative if negated else np.positive, so_far, out)

    def single(self, block: Block, target: Block, out: Array | None) -> Array:
        """A block, ready to be added to others of the target; summed over its further axis, if it has one."""
        found = self.view(block)
        axes = tuple(range(target.index.ndim, block.index.ndim))
        if target.array == TOTAL and block.array == BATCHED:
            axes = *axes, found.ndim - 1
        if axes:
            shape = found.shape[: axes[0]] + found.shape[axes[-1] + 1 :]
            kind = UNIFORM if target.array == TOTAL else block.array
            sums = self.buffer(shape, kind) if out is None or out.shape != shape else out
            self.call(np.add.reduce, found, axes, None, sums)
            found = sums
        if target.array == TOTAL and block.array == UNIFORM:
            product = self.buffer(found.shape)
            self.call(np.multiply, found, float(self.samples), product)
            return product
        spread: Array = found[..., None] if block.array == UNIFORM and target.array == BATCHED else found
        return spread

    def product(self, product: Product, array: str, out: Array) -> None:
        """A stack of products of matrices."""
        left, right = self.view(product.left), self.view(product.right)
        (stack, rows, inner), width = product.left.index.shape, product.right.index.shape[2]
        kinds = product.left.array, product.right.array
        samples = [self.samples] if array == BATCHED else []
        out = out.reshape(stack, rows, width, *samples)
        single = rows == width == 1
        if single and inner == 1 and array != TOTAL:
            a, b = left[:, 0, 0], right[:, 0, 0]
            self.call(np.multiply, a[:, None] if a.ndim < b.ndim else a, b, out[:, 0, 0])
        elif kinds == (UNIFORM, UNIFORM) and single:
            self.call(_row_dots, left[:, 0], right[:, :, 0], out[:, 0, 0])
        elif kinds == (UNIFORM, UNIFORM):
            self.matmul(left, right, out)
        elif kinds == (UNIFORM, BATCHED) and array == TOTAL:
            sums = self.buffer(right.shape[:-1])
            self.call(np.add.reduce, right, -1, None, sums)
            self.matmul(left, sums, out)
        elif kinds == (UNIFORM, BATCHED):
            flat = self.reshaped(right, (stack, inner, width * self.samples))
            self.matmul(left, flat, out.reshape(stack, rows, width * self.samples))
        elif array == TOTAL and single:
            self.call(_einsum("ckb,ckb->c"), left[:, 0], right[:, :, 0], out[:, 0, 0])
        elif array == TOTAL:
            a = self.reshaped(left, (stack, rows, inner * self.samples))
            b = self.reshaped(right.swapaxes(1, 2), (stack, width, inner * self.samples)).swapaxes(1, 2)
            self.matmul(a, b, out)
        elif single:
            self.call(_einsum("ckb,ckb->cb"), left[:, 0], right[:, :, 0], out[:, 0, 0])
        else:
            self.call(_einsum("cikb,ckjb->cijb"), left, right, out)

    def matmul(self, left: Array, right: Array, out: Array) -> None:
        if len(out) == 1:
            self.call(left[0].dot, right[0], out[0])
        else:
            self.call(np.matmul, left, right, out)

    def reshaped(self, view: Array, shape: tuple[int, ...]) -> Array:
        """The view in another shape: a view again where that is possible, else a copy, renewed by a call."""
        flat = view.reshape(shape)
        if np.shares_memory(flat, view) or not view.size:
            return flat
        copy = self.buffer(view.shape, BATCHED)
        self.call(np.positive, view, copy)
        return copy.reshape(shape)


_POWERS: dict[float | None, Callable[..., Any]] = {
    2.0: np.square,
    1.0: np.positive,
    0.5: np.sqrt,
    -1.0: np.reciprocal,
}
