"""How the generated code reads the values at some places, that is, indices of an array of the plan.

They may be a part of the inputs or parameters, which gets its own name at the top of the function; an array computed
before, or a slice of it; a concatenation of several such arrays; or constants.
"""

from __future__ import annotations

import ast
from bisect import bisect
from itertools import pairwise

import numpy as np

from autograd.program.names import Names
from autograd.program.notation import code, is_number, number, numbers
from autograd.program.plan import BATCHED, REDUCED, UNIFORM, Block, Index, Plan, same_number, strides
from autograd.program.slices import Named, reshaped, view


class Operands:
    """The variables in the code of one plan, and expressions for parts of them.

    Arguments:
        plan, names: the plan, and the names of its variables.

    Attributes:
        arrays: the variables computed so far, in the order of their places.
        given: the named parts of the inputs and parameters: the name, the code, the array of the plan, and the shape.
        tables: the names of constant arrays, by their source text.
    """

    def __init__(self, plan: Plan, names: Names) -> None:
        self._plan, self.names = plan, names
        self.arrays: dict[str, list[Named]] = {UNIFORM: [], BATCHED: [], REDUCED: []}
        self.given: list[tuple[str, ast.expr, str, tuple[int, ...]]] = []
        self.tables: dict[str, str] = {}
        self._parts: dict[tuple[str, bytes, tuple[int, ...]], str] = {}  # the names of the parts in ``given``
        self._whole: dict[str, Named] = {}  # all inputs, all parameters, all constants

    def add(self, array: Named) -> None:
        """Add a computed variable."""
        self.arrays[array.array].append(array)
        self.names.hold(array.name, array.array, range(array.start, array.start + array.size), array.size)

    def shape(self, shape: tuple[int, ...], array: str) -> str:
        """A shape as text, with the axis of the samples, B, if there is one."""
        parts = [*map(str, shape), *(["B"] if array == BATCHED else [])]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"

    # ------------------------------------------------------------------------------------------------------- reading

    def beside(self, array: str, index: Index, among: str) -> ast.expr:
        """The values at these places, broadcastable against values of the array ``among``."""
        found = self.read(array, index)
        if array == BATCHED or among != BATCHED or is_number(found):
            return found
        match found:
            case ast.Subscript(ast.Name() as rows, ast.Constant(0)):  # rows has one row: rows.T is rows[0][:, None]
                return code("rows.T", rows=rows)
        return code("x[..., None]" if index.ndim != 1 else "x[:, None]", x=found)

    def whole(self, array: str, index: Index) -> ast.expr:
        """The values at these places as an array of exactly this shape: repeated values are broadcast."""
        found = self.read(array, index)
        if repeats(index):
            return code(f"np.broadcast_to(x, {self.shape(index.shape, array)})", x=found)
        return code(f"np.full({index.shape}, x)", x=found) if is_number(found) else found

    def read(self, array: str, index: Index) -> ast.expr:
        """The values at these places.  An axis along which they repeat may have length 1."""
        plan = self._plan
        first, last = int(index.min()), int(index.max())
        if array == UNIFORM and plan.parameters <= first and last < plan.parameters + len(plan.constants):
            return self._constants(index)
        if array != REDUCED and last < (plan.inputs if array == BATCHED else plan.parameters):
            return code(self._part_of_given(array, index))
        owner = self._owner(array, first)
        given = {UNIFORM: plan.parameters + len(plan.constants), BATCHED: plan.inputs + plan.zeros, REDUCED: 0}
        if owner.start >= given[array] and last < owner.start + owner.size:
            return code(view(owner, index, array == BATCHED) or self.gather(owner, index - owner.start))
        return code(self._joined(array, index))

    def gather(self, array: Named, index: Index) -> str:
        """The values of an array at indices that are not a slice."""
        table = str(index.tolist()) if index.size <= 12 else self.table(f"np.array({index.tolist()})")
        return f"{self._flat(array)}[{table}]"

    def _flat(self, array: Named) -> str:
        return array.name if len(array.shape) == 1 else reshaped(array.name, [array.size], array.array == BATCHED)

    def _constants(self, index: Index) -> ast.expr:
        found = np.array(self._plan.constants)[index - self._plan.parameters]
        if same_number(found):
            return number(float(found.flat[0]))
        return code(self.table(f"np.array({numbers(found.tolist())})"))

    def _part_of_given(self, array: str, index: Index) -> str:
        everything = self._owner(array, int(index.flat[0]))  # all inputs or all parameters
        key = array, index.tobytes(), index.shape
        if key in self._parts:
            return self._parts[key]
        turned = np.ascontiguousarray(index.T)
        if array == UNIFORM:  # reuse a named part: its transpose, or its only row
            if index.ndim == 2 and (array, turned.tobytes(), turned.shape) in self._parts:
                return f"{self._parts[array, turned.tobytes(), turned.shape]}.T"
            if (row := (array, index.tobytes(), (1, *index.shape))) in self._parts:
                return f"{self._parts[row]}[0]"
        steps = strides(index)
        text = view(everything, index, array == BATCHED) or self.gather(everything, index)
        if repeats(index):
            return text
        if array == UNIFORM and index.ndim == 2 and index.shape[0] > 1 and steps is not None and steps[0] < steps[1]:
            return f"{self._part_of_given(array, turned)}.T"
        self._parts[key] = name = self.names.of_given(array, index)
        self.names.hold(name, array, index.ravel().tolist())
        self.given.append((name, code(text), array, index.shape))
        return name

    def _joined(self, array: str, index: Index) -> str:
        """Values from several variables: a concatenation of slices, or values gathered from a concatenation of all."""
        flat = index.ravel()
        owners = [self._owner(array, int(place)) for place in flat]
        cuts = [0, *(i for i in range(1, len(flat)) if owners[i] is not owners[i - 1]), len(flat)]
        parts = [(owners[i], flat[i:j]) for i, j in pairwise(cuts)]
        samples = array == BATCHED
        views = [view(owner, part, samples) for owner, part in parts] if len(parts) <= 8 else [""]
        if all(views):
            pieces = [
                f"np.repeat({view}, {len(part)}, axis=0)" if len(part) > 1 and part[0] == part[1] else view
                for view, (_, part) in zip(views, parts, strict=True)
            ]
            text = f"np.concatenate([{', '.join(pieces)}])"
        else:
            several = list({id(owner): owner for owner, _ in parts}.values())
            starts = dict(zip(map(id, several), np.cumsum([0, *(x.size for x in several)]).tolist(), strict=False))
            places = np.array([starts[id(o)] + p - o.start for o, p in zip(owners, flat, strict=True)])
            pieces = [self._flat(owner) for owner in several]
            text = f"np.concatenate([{', '.join(pieces)}])[{self.table(f'np.array({places.tolist()})')}]"
        return text if index.ndim == 1 else reshaped(text, index.shape, samples)

    def _owner(self, array: str, place: int) -> Named:
        """The variable that holds a place."""
        constants = self._plan.constants
        count = self._plan.inputs if array == BATCHED else self._plan.parameters
        if array != REDUCED and place < count:
            name = "inputs" if array == BATCHED else "parameters"
            return self._whole.setdefault(name, Named(name, array, 0, (count,)))
        if array == UNIFORM and place < count + len(constants):
            name = self.table(f"np.array({numbers(constants)})")
            return self._whole.setdefault(name, Named(name, array, count, (len(constants),)))
        if array == BATCHED and self._plan.zeros and place == count:
            return self._zeros()
        arrays = self.arrays[array]
        return arrays[bisect(arrays, place, key=lambda x: x.start) - 1]

    def _zeros(self) -> Named:
        """The row of zeros with which sums are padded."""
        if "zeros" not in self._whole:
            place = self._plan.inputs
            name = self.names.unused("zeros")
            self._whole["zeros"] = Named(name, BATCHED, place, (1,))
            self.given.append((name, code("np.zeros((1, B))"), BATCHED, (1,)))
        return self._whole["zeros"]

    def table(self, text: str) -> str:
        """The name of a constant array, from its source text."""
        return self.tables.setdefault(text, f"TABLE_{len(self.tables) + 1}")

    # ------------------------------------------------------------------------------------------------------- shapes

    def natural(self, blocks: tuple[Block, ...], out: Block) -> tuple[int, ...]:
        """The shape of the first operand that is a whole variable; if there is none, the shape in the plan."""
        for block in blocks:
            for array in self.arrays[block.array]:
                same_size = array.size == block.index.size == out.index.size
                if same_size and np.array_equal(block.index.ravel(), np.arange(array.size) + array.start):
                    return array.shape
        return out.index.shape

    def is_full(self, block: Block) -> bool:
        """Whether the code for a block yields its full shape, rather than a smaller array or a single number."""
        return self._plan.constant(block) is None and not repeats(block.index)


def repeats(index: Index) -> bool:
    """Whether the values repeat along an axis."""
    steps = strides(index)
    return steps is not None and any(step == 0 and n > 1 for step, n in zip(steps, index.shape, strict=True))
