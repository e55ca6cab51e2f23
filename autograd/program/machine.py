"""The NumPy executor of a Program: the arrays of a plan, and the calls that fill them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np

from autograd.engine.checks import text
from autograd.engine.forms import COMPARISONS, Argument, Call, Form, calls, form
from autograd.engine.op import Op, undefined_error
from autograd.engine.rules import sigmoid, step
from autograd.program.chains import REDUCTIONS, Chain
from autograd.program.notation import row_named
from autograd.program.plan import (
    BATCHED,
    REDUCED,
    UNIFORM,
    Array,
    Block,
    Elementwise,
    Index,
    MatMul,
    Plan,
    Product,
    Slot,
    Sum,
    strides,
)

# ------------------------------------------------------------------------------------------- calls that fill an array


def _one_by_one(op: Op) -> Callable[..., Any]:
    """An operation that NumPy lacks, computed element by element."""
    function = np.frompyfunc(op.value, len(op.partials), 1)

    def call(*args: Any) -> None:
        out = args[-1]
        operands = [np.broadcast_to(x, out.shape) for x in args[:-1]]
        for i, numbers in enumerate(zip(*operands, strict=True)):  # by rows: each element becomes a Python object
            out[i] = function(*(np.asarray(x, dtype=float) for x in numbers))

    return call


def _named(name: str) -> Callable[..., Any]:
    """The function of this name; its last argument is the array to fill."""
    if name == "where":  # np.where has no ``out``
        return _where
    if hasattr(np, name):
        function = getattr(np, name)
        if not isinstance(function, np.ufunc):  # such as np.sinc, which returns a new array
            return lambda *args: np.copyto(args[-1], function(*args[:-1]))
        if name in ("maximum", "minimum"):  # NumPy takes their ``out`` only by keyword
            return lambda *args: function(*args[:-1], out=args[-1])
        return cast(Callable[..., Any], function)
    return _one_by_one(row_named(name))


def _where(condition: Array, x: Array | float, y: Array | float, out: Array) -> None:
    np.copyto(out, y)
    np.copyto(out, x, where=condition)


def _step(x: Array, out: Array) -> None:
    np.greater(x, 0.0, out, casting="unsafe")


def _sigmoid(x: Array, out: Array) -> None:
    np.negative(x, out)
    with np.errstate(over="ignore"):  # an overflow is harmless: 1 / (1 + infinity) = 0 is correct
        np.exp(out, out)
    np.add(out, 1.0, out)
    np.reciprocal(out, out)


# Rows of one argument with an implementation that computes in the result, in fewer calls than their array form.
IN_PLACE: dict[Op, Callable[..., Any]] = {step: _step, sigmoid: _sigmoid}


def works_in_place(plan: Plan, instruction: Elementwise) -> bool:
    """Whether the result of an instruction may be written over one of its operands.

    It may if its last call goes element by element, since the others write to scratch buffers.  A maximum may not: it
    may be read later, as part of a chain.
    """
    if instruction.op in IN_PLACE or instruction.op in REDUCTIONS:
        return instruction.op in IN_PLACE
    tree = form(instruction.op, plan.static_numbers(instruction))
    return tree is not None and isinstance(getattr(np, tree.function, None), np.ufunc)


def _einsum(pattern: str) -> Callable[..., Any]:
    def einsum(a: Array, b: Array, out: Array) -> None:
        np.einsum(pattern, a, b, out=out)
        # It says nothing of an overflow, after which the numbers must be computed again; see ``add_up_again``.
        if np.geterr()["over"] == "raise" and not np.isfinite(out).all():
            raise FloatingPointError("overflow in a sum of products")

    return einsum


def _dot_reports_overflow() -> bool:
    """Whether ``dot``, which is faster than ``matmul`` for small matrices, raises an error; before NumPy 2.3 not."""
    large = np.array([[1e200]])
    try:
        with np.errstate(over="raise"):
            large.dot(large)
    except FloatingPointError:
        return True
    return False


DOT_REPORTS_OVERFLOW = _dot_reports_overflow()

_row_dots = getattr(np, "vecdot", _einsum("ck,ck->c"))  # NumPy 2 has np.vecdot, which is twice as fast


# ------------------------------------------------------------------------------------------------------------ buffers

Step = tuple[Callable[..., Any], tuple[Any, ...]]


class NumpyExecutor:
    """The arrays of a plan for one batch size, and the calls that fill them, with all views built in advance.

    Arguments:
        plan: the plan.
        places: where each value of an array of the plan is in memory, if it is not where the plan says.
        chains: the chains of maxima and minima that take one call each.
        samples: the number of samples.
        dtype: the dtype of the arrays.

    Attributes:
        arrays: the arrays of the plan by name.
        steps: for each instruction its calls.
        bytes, bytes_each: the memory of all arrays: the fixed part, and the part per sample.
    """

    def __init__(self, plan: Plan, places: dict[str, Index], chains: Sequence[Chain], samples: int, dtype: Any) -> None:
        self.plan = plan
        self.places = places
        self.samples = samples
        self.dtype = dtype
        self.bytes = self.bytes_each = 0
        self.kept: dict[Any, list[Array]] = {}  # scratch buffers, by shape and dtype
        self.lent: Counter[Any] = Counter()  # how many of them the current instruction uses
        self.arrays = {
            UNIFORM: self.buffer((plan.sizes[UNIFORM],)),
            BATCHED: self.buffer((int(places[BATCHED].max(initial=-1)) + 1, samples), BATCHED),
            REDUCED: self.buffer((int(places[REDUCED].max(initial=-1)) + 1,)),
        }
        self.arrays[UNIFORM][plan.parameters : plan.parameters + len(plan.constants)] = plan.constants
        self.row = places[BATCHED].tolist()
        self.steps: list[list[Step]] = []
        for instruction in plan.instructions:
            self.calls: list[Step] = []
            if isinstance(instruction, Elementwise):
                self.elementwise(instruction)
            else:
                self.sum(instruction)
            self.steps.append(self.calls)
        self.all_calls = self.together(chains)
        del self.row

    def together(self, chains: Sequence[Chain]) -> list[Step]:
        """The calls of all instructions; those of a chain of maxima or minima are one."""
        steps = dict(enumerate(self.steps))
        for chain in chains:
            *inner, last = chain.instructions
            steps |= {number: [] for number in inner}
            values = self.slice(BATCHED, chain.rows.shape, chain.steps, int(chain.rows.flat[0]))
            steps[last] = [(REDUCTIONS[chain.op].reduce, (values, 0, None, self.view(chain.out)))]
        return [call for calls in steps.values() for call in calls]

    def load(self, batch: Sequence[Array], part: slice) -> None:
        """Copy the inputs of some samples: arrays of shape (k, B) for k inputs, or (B,) for one."""
        rows, start = self.arrays[BATCHED], 0
        for array in batch:
            if array.ndim == 1:
                rows[start] = array[part]
                start += 1
            else:
                rows[start : start + len(array)] = array[:, part]
                start += len(array)

    def run(self) -> None:
        """Run all instructions.  The inputs and parameters must be in the arrays already."""
        for function, args in self.all_calls:
            function(*args)

    def numbers(self, array: str, places: Any) -> Array:
        """The values at some indices of an array of the plan, as a copy."""
        found: Array = self.arrays[array].take(self.places[array][places] if array in self.places else places, axis=0)
        return found

    def put(self, slots: Iterable[Slot], results: Array) -> None:
        """Copy some outputs to the rows of an array."""
        for array, outputs, places, _ in slots:
            if array == BATCHED and len(outputs) <= 16:  # a copy for each, instead of two copies of all
                for i, place in zip(outputs.tolist(), places.tolist(), strict=True):
                    results[i] = self.arrays[BATCHED][place]
            else:
                there = self.arrays[array].take(places, axis=0)
                results[outputs] = there if array == BATCHED else there[:, None]

    def check(self, number: int, start: int) -> None:
        """Run one instruction, and raise an error if its operation is undefined at some operands.

        Arguments:
            number: the index of the instruction; all instructions before it have run.
            start: the index of the first sample.

        Raises:
            ValueError, ZeroDivisionError, OverflowError: as in eager code, with the sample in the message.
        """
        instruction = self.plan.instructions[number]
        operands = []  # read now, since the result may be written over one of them
        if isinstance(instruction, Elementwise):
            operands = [self.numbers(block.array, block.index.ravel()) for block in instruction.operands]
        failed = False
        try:
            with np.errstate(all="ignore"):
                for function, args in self.steps[number]:
                    function(*args)
        except (ArithmeticError, ValueError):  # from an operation that is computed element by element
            failed = True
        if not isinstance(instruction, Elementwise):
            self.add_up_again(instruction)
            return
        out = self.numbers(instruction.out.array, instruction.out.index.ravel()).reshape(instruction.out.index.size, -1)
        doubtful = np.ones(out.shape, bool) if failed else ~np.isfinite(out)
        for i, sample in np.argwhere(doubtful):
            numbers, labels = [], []
            for block, given in zip(instruction.operands, operands, strict=True):
                place = int(block.index.flat[i])
                numbers.append(float(given[i, sample] if block.array == BATCHED else given[i]))
                labels.append(self.plan.labels.get((block.array, place), ""))
            try:
                instruction.op.value(*numbers)
            except (ArithmeticError, ValueError) as error:
                where = f"sample {start + sample}, " if instruction.out.array == BATCHED else ""
                call = f"{instruction.op.name}({', '.join(map(text, numbers))})"
                raise undefined_error(where + call, error, labels) from None

    def add_up_again(self, instruction: Sum) -> None:
        """Compute the results of a sum that are not finite, product by product, as eager code does.

        A matrix product rounds once for a product and its addition: inf - 1e200 * 1e200 is inf, and not inf - inf.
        """
        array = instruction.out.array
        places = self.places[array][instruction.out.index] if array in self.places else instruction.out.index
        out = self.arrays[array][places]
        if np.isfinite(out).all():
            return
        total: Any = 0.0
        with np.errstate(all="ignore"):
            for sign, term in instruction.terms:
                total = total + sign * self.added_up(term, instruction.out)
        self.arrays[array][places] = np.where(np.isfinite(out), out, total)

    def added_up(self, term: MatMul | Product | Block, target: Block) -> Array:
        """The values of a term of a sum."""
        if isinstance(term, Product):
            pairs = self.in_all_samples(term.left) * self.in_all_samples(term.right)
            return cast(Array, pairs if target.array == BATCHED else pairs[..., 0])
        if isinstance(term, Block):
            found = self.in_all_samples(term)
            found = found.sum(axis=tuple(range(target.index.ndim, term.index.ndim)))
            if target.array == BATCHED:
                return cast(Array, found)
            return cast(Array, found[..., 0] if target.array == UNIFORM else found.sum(axis=-1))
        # One product of each sum after the other, so that no array is larger than the result.
        a, b = self.in_all_samples(term.left), self.in_all_samples(term.right)
        samples: dict[str, list[Any]] = {BATCHED: [slice(None)], UNIFORM: [0], REDUCED: list(range(self.samples))}
        total: Any = 0.0
        for part in samples[target.array]:
            for k in range(term.left.index.shape[2]):
                product: Any = a[:, :, k, None][..., part] * b[:, None, k][..., part]
                product[self.is_padding(term, k)] = 0.0
                total = total + product
        return cast(Array, total.reshape(target.index.shape + total.shape[3:]))

    def is_padding(self, product: MatMul, k: int) -> Any:
        """For each sum whether its k-th product has a zero that it was padded with: it is 0, even with infinity."""
        zeros = self.plan.inputs if self.plan.zeros else -1
        left, right = ((block.array == BATCHED) & (block.index == zeros) for block in (product.left, product.right))
        return left[:, :, k, None] | right[:, None, k]

    def in_all_samples(self, block: Block) -> Array:
        """The values of a block, with an axis for the samples."""
        numbers = self.numbers(block.array, block.index)
        shape = (*block.index.shape, self.samples)
        return numbers if block.array == BATCHED else np.broadcast_to(numbers[..., None], shape)

    # Building the calls of one instruction.

    def buffer(self, shape: tuple[int, ...], array: str = UNIFORM, dtype: Any = None) -> Array:
        """A new buffer for values of this kind of array, counted in ``bytes`` or ``bytes_each``."""
        buffer: Array = np.zeros(shape, dtype or self.dtype)
        if array == BATCHED:
            self.bytes_each += buffer.nbytes // max(self.samples, 1)
        else:
            self.bytes += buffer.nbytes
        return buffer

    def call(self, function: Callable[..., Any], *args: Any) -> None:
        self.calls.append((function, args))

    def view(self, block: Block, shape: tuple[int, ...] | None = None) -> Array:
        """The values of a block: a view if its indices form a slice, else a copy, refreshed by a call in each run.

        Arguments:
            block: the block.
            shape: the shape of the array; None for that of the block.
        """
        array, index, steps = self.arrays[block.array], block.index, block.steps
        if block.array == REDUCED or (steps is None and block.array == BATCHED):  # it may be a slice in memory only
            index = self.places[block.array][index]
            index = index if shape is None else index.reshape(shape)
            steps = strides(index)
            first = int(index.flat[0])
        else:
            first = index.item(0)
            first = self.row[first] if block.array == BATCHED else first
        if steps is None:
            copy = self.buffer(index.shape + array.shape[1:], block.array)
            self.call(array.take, index, 0, copy, "clip")
            return copy
        return self.slice(block.array, index.shape, steps, first)

    def slice(self, name: str, shape: tuple[int, ...], steps: tuple[int, ...], first: int) -> Array:
        """A view of values of an array: the first, and those at these steps along each axis."""
        array = self.arrays[name]
        width = array.strides[0]
        apart = tuple([step * width for step in steps]) + array.strides[1:]
        found: Array = np.ndarray(shape + array.shape[1:], array.dtype, array, first * width, apart)
        return found

    def spread(self, block: Block, array: str) -> Array:
        """The values of a block, broadcastable against values of this kind of array."""
        view = self.view(block)
        return view[..., None] if block.array == UNIFORM and array == BATCHED else view

    def elementwise(self, instruction: Elementwise) -> None:
        op, array = instruction.op, instruction.out.array
        out = self.view(instruction.out)
        operands = [self.spread(block, array) for block in instruction.operands]
        if op in IN_PLACE:
            self.call(IN_PLACE[op], *operands, out)
        elif (tree := form(op, self.plan.static_numbers(instruction))) is not None:
            self.evaluate(tree, operands, out, array)
        else:
            self.call(_one_by_one(op), *operands, out)

    def evaluate(self, tree: Call, operands: list[Array], out: Array, array: str) -> None:
        """The calls of an array form; all but the last write to scratch buffers."""
        values: dict[Form, Any] = {}
        self.lent.clear()
        for call in calls(tree):
            args = [
                operands[x.number] if isinstance(x, Argument) else values[x] if isinstance(x, Call) else x
                for x in call.args
            ]
            target = out
            if call is not tree:
                shape = np.broadcast_shapes(*map(np.shape, args))
                target = self.scratch(shape, array, bool if call.function in COMPARISONS else self.dtype)
            self.call(_named(call.function), *args, target)
            values[call] = target

    def scratch(self, shape: tuple[int, ...], array: str, dtype: Any) -> Array:
        """A scratch buffer, shared between instructions."""
        key = shape, np.dtype(dtype)
        kept = self.kept.setdefault(key, [])
        if self.lent[key] == len(kept):
            kept.append(self.buffer(shape, array if shape[-1:] == (self.samples,) else UNIFORM, dtype))
        self.lent[key] += 1
        return kept[self.lent[key] - 1]

    def sum(self, instruction: Sum) -> None:
        """Add up the terms one by one.  ``so_far`` is the sum so far, or its negative if ``negated``."""
        array = instruction.out.array
        out = self.view(instruction.out, instruction.shape if array == REDUCED else None)
        so_far: Array | None = None
        negated = False
        for sign, term in instruction.terms:
            if not isinstance(term, Block):
                found = out if so_far is None else self.buffer(out.shape, array)
                if isinstance(term, MatMul):
                    self.matrix_product(term, array, found)
                else:
                    self.call(np.multiply, self.spread(term.left, array), self.spread(term.right, array), found)
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
        """A term that is a block, broadcastable to the target.  An extra axis is summed over.

        For a REDUCED target it is summed over the samples; a uniform value is multiplied by their number.
        """
        found = self.view(block)
        axes = tuple(range(target.index.ndim, block.index.ndim))
        if target.array == REDUCED and block.array == BATCHED:
            axes = *axes, found.ndim - 1
        if axes:
            shape = found.shape[: axes[0]] + found.shape[axes[-1] + 1 :]
            kind = UNIFORM if target.array == REDUCED else block.array
            sums = self.buffer(shape, kind) if out is None or out.shape != shape else out
            self.call(np.add.reduce, found, axes, None, sums)
            found = sums
        if target.array == REDUCED and block.array == UNIFORM:
            product = self.buffer(found.shape)
            self.call(np.multiply, found, float(self.samples), product)
            return product
        spread: Array = found[..., None] if block.array == UNIFORM and target.array == BATCHED else found
        return spread

    def matrix_product(self, product: MatMul, array: str, out: Array) -> None:
        """A stack of matrix products, by the fastest call for its shape."""
        left, right = self.view(product.left), self.view(product.right)
        (stack, rows, inner), width = product.left.index.shape, product.right.index.shape[2]
        kinds = product.left.array, product.right.array
        samples = [self.samples] if array == BATCHED else []
        out = out.reshape(stack, rows, width, *samples)
        single = rows == width == 1
        if kinds == (UNIFORM, UNIFORM) and single:
            self.call(_row_dots, left[:, 0], right[:, :, 0], out[:, 0, 0])
        elif kinds == (UNIFORM, UNIFORM):
            self.matmul(left, right, out)
        elif kinds == (UNIFORM, BATCHED) and array == REDUCED:
            sums = self.buffer(right.shape[:-1])
            self.call(np.add.reduce, right, -1, None, sums)
            self.matmul(left, sums, out)
        elif kinds == (UNIFORM, BATCHED):
            flat = self.reshaped(right, (stack, inner, width * self.samples))
            self.matmul(left, flat, out.reshape(stack, rows, width * self.samples))
        elif array == REDUCED and single:
            a, b = left[:, 0], right[:, :, 0]
            if a.strides[-2:] == b.strides[-2:] == (self.samples * a.itemsize, a.itemsize):
                self.call(_row_dots, a.reshape(stack, -1), b.reshape(stack, -1), out[:, 0, 0])
            else:
                self.call(_einsum("ckb,ckb->c"), a, b, out[:, 0, 0])
        elif array == REDUCED:
            a = self.reshaped(left, (stack, rows, inner * self.samples))
            b = self.reshaped(right.swapaxes(1, 2), (stack, width, inner * self.samples)).swapaxes(1, 2)
            self.matmul(a, b, out)
        elif single:
            self.call(_einsum("ckb,ckb->cb"), left[:, 0], right[:, :, 0], out[:, 0, 0])
        elif inner == 1:
            self.call(np.multiply, left, right, out)
        else:
            self.call(_einsum("cikb,ckjb->cijb"), left, right, out)

    def matmul(self, left: Array, right: Array, out: Array) -> None:
        if len(out) == 1 and out.flags.c_contiguous and DOT_REPORTS_OVERFLOW:
            self.call(left[0].dot, right[0], out[0])
        else:
            self.call(np.matmul, left, right, out)

    def reshaped(self, view: Array, shape: tuple[int, ...]) -> Array:
        """The view in another shape: a view if possible, else a copy, refreshed by a call in each run."""
        flat = view.reshape(shape)
        if np.shares_memory(flat, view) or not view.size:
            return flat
        copy = self.buffer(view.shape, BATCHED)
        self.call(np.positive, view, copy)
        return copy.reshape(shape)
