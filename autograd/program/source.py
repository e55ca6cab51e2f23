"""A plan as readable NumPy code.

    h1 = np.tanh(W1 @ x + b1[:, None])  # (16, B)

A temporary without a meaningful name that is read only once is inlined.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from autograd.engine.forms import Call, form
from autograd.engine.op import Op
from autograd.program.libraries import Library, MissingError, Translation
from autograd.program.names import Names, own_names
from autograd.program.notation import code, definition, is_number, is_short, lacking, names, plus, put, written
from autograd.program.operands import Operands
from autograd.program.plan import (
    BATCHED,
    REDUCED,
    UNIFORM,
    Address,
    Block,
    Elementwise,
    Index,
    MatMul,
    Objective,
    Plan,
    Product,
    Sum,
)
from autograd.program.slices import Named, reshaped, view

PutTogether = Callable[[Plan, Operands, str, Sequence[Address], str, str], "list[Line]"]
WIDTH = 100  # the most characters of a line after inlining
LONG = 130  # characters of a list in a call, from which each of its parts has a line of its own


def source(plan: Plan, name: str, objective: Objective | None = None, library: Library | None = None) -> str:
    """The code of a plan: a function of arrays that returns the same as the program.

    Arguments:
        plan: the plan.
        name: the name of the function.
        objective: for the code of a loss over a batch and its gradient; None for that of the outputs.
        library: for the code on another array library, which assigns nothing in place; None for NumPy.

    Raises:
        MissingError: the library lacks an operation.
    """
    slopes = plan.outputs[1 : 1 + objective.parameters] if objective else []
    parameter = {at: i for i, at in reversed(list(enumerate(slopes)))}
    own = own_names(plan)
    operands = Operands(plan, Names(plan, own.values(), parameter))
    body = Body(plan, operands, own, library.row_product if library else "x @ y.T")
    for instruction in plan.instructions:
        body.add(instruction)
    put_together = _assigned if library is None else _joined
    ends = _gradient_lines(plan, operands, objective, put_together) if objective else None
    end = ends or _output_lines(plan, operands, put_together)
    lines = inlined(body.lines, end)
    header = [Line(part, value, operands.shape(shape, array)) for part, value, array, shape in operands.given]
    if plan.inputs and any("B" in names(line.value) for line in (*header, *lines, *end)):
        header.insert(0, Line("B", code("inputs.shape[1]")))
    definitions = list(body.definitions.values())
    tables = {name: text for text, name in operands.tables.items()}
    imports = ["import numpy as np"]
    if any("math." in text for text in definitions):
        imports.insert(0, "import math\n")
    if library is not None:
        if own:
            raise MissingError(
                f"{library.name} has no operation {next(iter(own.values()))!r}, which is one of your own"
            )
        translation = Translation(library, tables, body.definitions)
        for line in (*header, *lines, *end):
            line.value = translation.of(line.value)
        definitions = translation.translated_definitions()
        imports = ["import numpy as np", *translation.imports()] if tables else translation.imports()
    sections = [_aligned(section) for section in (header, lines, end) if section]
    text = "\n\n".join("\n".join(f"    {line}" for line in section) for section in sections)
    parts = ["\n".join(imports), *definitions]
    if tables:
        parts.append("\n".join(f"{name} = {text}" for name, text in tables.items()))
    arguments = "inputs, parameters" if plan.inputs else "parameters"
    parts.append(f"def {name}({arguments}):\n{_docstring(plan, own, objective)}\n{text}")
    return "\n\n\n".join(parts) + "\n"


@dataclass
class Line:
    """A line of code: ``target = value  # shape``, or a return statement.

    Attributes:
        target: the variable that is assigned; "return" for a return statement.
        value: the expression.
        shape: the shape of the value, for the comment.
        named: whether the target has a meaningful name; only others are inlined.
    """

    target: str
    value: ast.expr
    shape: str = ""
    named: bool = True

    def __str__(self) -> str:
        parts = self.value.elts if isinstance(self.value, ast.Tuple) else [self.value]
        text = ", ".join(map(ast.unparse, parts))
        if self.target == "return":
            return f"return {text}"
        if len(text) > LONG and isinstance(self.value, ast.Call) and isinstance(self.value.args[0], ast.List):
            each = "".join(f"        {ast.unparse(part)},\n" for part in self.value.args[0].elts)
            return f"{self.target} = {ast.unparse(self.value.func)}([\n{each}    ])"
        return f"{self.target} = {text}"


class Body:
    """The lines of the function that compute.

    Attributes:
        lines: a line for each instruction so far.
        definitions: definitions of the functions that NumPy lacks, by name.
    """

    def __init__(self, plan: Plan, operands: Operands, own: dict[Op, str], row_product: str) -> None:
        self._plan, self._operands, self._own, self._row_product = plan, operands, own, row_product
        self.lines: list[Line] = []
        self.definitions: dict[str, str] = {}

    def add(self, instruction: Elementwise | Sum) -> None:
        """Add the line of one more instruction."""
        name, named = self._operands.names.of_result(instruction)
        if isinstance(instruction, Elementwise):
            shape, value = self._elementwise(instruction)
        else:
            shape, value = self._sum(instruction)
        array = instruction.out.array
        self._operands.add(Named(name, array, int(instruction.out.index.flat[0]), shape))
        self.lines.append(Line(name, value, self._operands.shape(shape, array), named))

    def _elementwise(self, instruction: Elementwise) -> tuple[tuple[int, ...], ast.expr]:
        out, op = instruction.out, instruction.op
        shape = self._operands.natural(instruction.operands, out)
        args = [self._operands.beside(b.array, b.index.reshape(shape), out.array) for b in instruction.operands]
        constants = self._plan.static_numbers(instruction)
        tree = form(op, constants)
        if tree is None:
            value: ast.expr = ast.Call(ast.Name(self._own[op]), args, [])
        elif is_short(tree):
            value = written(tree, args)
        else:
            value = ast.Call(ast.Name(self._defined(op, tree)), args, [])
        full = any(map(self._operands.is_full, instruction.operands))
        return shape, value if full else self._spread(value, shape, out.array)

    def _defined(self, op: Op, tree: Call) -> str:
        """The name of a function for an operation.  Adds its definition, and those of the functions it calls."""
        name = self._own.get(op, op.name)
        if name not in self.definitions:
            for row in lacking(tree):
                function = f"math.{row.value.__name__}"
                self.definitions[row.name] = f"{row.name} = np.vectorize({function}, otypes=[float])"
            if name not in self.definitions:  # it is already defined if NumPy lacks the operation itself
                self.definitions[name] = definition(name, tree, len(op.partials))
        return name

    def _spread(self, value: ast.expr, shape: tuple[int, ...], array: str) -> ast.expr:
        """Broadcast a value to its full shape; for code whose operands are all repeated values or constants."""
        return code(f"np.broadcast_to(x, {self._operands.shape(shape, array)})", x=value)

    def _sum(self, instruction: Sum) -> tuple[tuple[int, ...], ast.expr]:
        out = instruction.out
        shape = self._shape(instruction)
        terms = list(instruction.terms)
        if terms[0][0] < 0.0:  # 1.0 - x instead of -x + 1.0
            terms.sort(key=lambda term: term[0] < 0.0)
        total: ast.expr | None = None
        full = False
        for sign, term in terms:
            if isinstance(term, MatMul):
                own = self._product_shape(term, out.array)
                value = self._matrix_product(term, out.array, own)
                value = value if own == shape else code(reshaped("x", shape, out.array == BATCHED), x=value)
                numbers = term.left.index[0].size == term.right.index[0].size == 1  # products of scalars, not matrices
                full = full or not numbers or self._operands.is_full(term.left) or self._operands.is_full(term.right)
            elif isinstance(term, Product):
                x, y = (
                    self._operands.beside(block.array, block.index.reshape(shape), out.array)
                    for block in (term.left, term.right)
                )
                value = code("x * y", x=x, y=y)
                full = full or self._operands.is_full(term.left) or self._operands.is_full(term.right)
            else:
                value = self._single(term, out, shape)
                full = full or self._operands.is_full(term)
            total = plus(total, sign, value)
        assert total is not None
        return shape, total if full else self._spread(total, shape, out.array)

    def _shape(self, instruction: Sum) -> tuple[int, ...]:
        """The shape of a sum: that of its first matrix product, or else that in the plan."""
        products = [term for _, term in instruction.terms if isinstance(term, MatMul)]
        return self._product_shape(products[0], instruction.out.array) if products else instruction.out.index.shape

    def _product_shape(self, product: MatMul, array: str) -> tuple[int, ...]:
        """The shape of a matrix product, without axes of length one."""
        stack, rows, inner = product.left.index.shape
        full = (stack, rows, product.right.index.shape[2])
        shape = tuple(n for n in full if n > 1) or (1,)
        batched = product.left.array == product.right.array == BATCHED
        if array == REDUCED and stack == inner == 1 and batched and len(shape) == 1 and max(full) > 1:
            return full[1:]  # x @ y.T, which has two axes, even with a single row or column
        return shape

    def _single(self, block: Block, out: Block, shape: tuple[int, ...]) -> ast.expr:
        further = block.index.ndim > out.index.ndim
        index = block.index.reshape(shape + block.index.shape[-1:] if further else shape)
        if not further and out.array != REDUCED:
            return self._operands.beside(block.array, index, out.array)
        value = self._operands.whole(block.array, index)
        if out.array == REDUCED and block.array == BATCHED:
            return code(f"x.sum(axis={(-2, -1) if further else -1})", x=value)
        if further:
            value = code(f"x.sum(axis={len(shape)})", x=value)
        if out.array == REDUCED:
            return code("B * x", x=value)
        return code("x[..., None]", x=value) if block.array == UNIFORM and out.array == BATCHED else value

    def _matrix_product(self, product: MatMul, array: str, shape: tuple[int, ...]) -> ast.expr:
        left, right = product.left, product.right
        (stack, rows, inner), width = left.index.shape, right.index.shape[2]
        kinds = left.array, right.array
        a, b = left.index, right.index
        whole, beside = self._operands.whole, self._operands.beside
        total = array == REDUCED
        if rows == width == inner == 1 and kinds == (UNIFORM, BATCHED):
            x = beside(UNIFORM, a.reshape(shape), UNIFORM)
            return code("x * y.sum(axis=-1)", x=x, y=beside(BATCHED, b.reshape(shape), BATCHED))
        if stack == 1 and kinds != (BATCHED, BATCHED):
            x = whole(left.array, a[0, 0] if rows == 1 and width > 1 else a[0])
            y = whole(right.array, b[0, :, 0] if width == 1 else b[0])
            if total:
                return code("x @ y.sum(axis=-1)", x=x, y=y)
            matrices = kinds == (UNIFORM, UNIFORM) or width == 1
            return code("x @ y" if matrices else "np.tensordot(x, y, 1)", x=x, y=y)
        if stack == 1 and total and inner == 1:
            x, y = whole(BATCHED, a[0, :, 0]), whole(BATCHED, b[0, 0])
            if rows == width == 1:
                return code("(x * y).sum(axis=-1)", x=x, y=y)
            return code(self._row_product if rows == 1 else "x @ y.T", x=x, y=y)
        if stack == 1 and total and kinds == (BATCHED, BATCHED) and rows > 1 and width > 1:
            x, y = (flattened(whole(BATCHED, index), len(index)) for index in (a[0], b[0].T))
            return code("x @ y.T", x=x, y=y)
        return self._einsum(product, array)

    def _einsum(self, product: MatMul, array: str) -> ast.expr:
        """A product as ``np.einsum``, with a letter for each axis longer than one."""
        (stack, rows, inner), width = product.left.index.shape, product.right.index.shape[2]
        there = "".join(letter for letter, n in [("c", stack), ("i", rows), ("j", width)] if n > 1)
        k = "k" if inner > 1 else ""
        letters, values = [], []
        for block, axes in ((product.left, "cik"), (product.right, "ckj")):
            sizes = dict(zip(axes, block.index.shape, strict=True))
            kept = [letter for letter in axes if sizes[letter] > 1 and (letter in there or letter == k)]
            index = block.index.reshape([sizes[letter] for letter in kept] or [1])
            letters.append("".join(kept or ["x"]) + ("b" if block.array == BATCHED else ""))
            values.append(self._operands.whole(block.array, index))
        result = there + ("b" if array == BATCHED else "")
        value = code(f"np.einsum('{','.join(letters)}->{result}', x, y)", x=values[0], y=values[1])
        if not there:
            return code("np.atleast_1d(x)" if array != BATCHED else "x[None]", x=value)
        return value


def flattened(x: ast.expr, rows: int) -> ast.expr:
    """An array with this many rows, each in one piece."""
    match x:
        case ast.Call(ast.Attribute(whole, "reshape")):
            x = whole
    return code(f"x.reshape({rows}, -1)", x=x)


def _gradient_lines(plan: Plan, operands: Operands, aim: Objective, put_together: PutTogether) -> list[Line]:
    """The lines that assemble and return the loss and the gradient, and other outputs if there are any."""
    n, outputs = aim.parameters, plan.outputs
    uniform = "B * x" if plan.inputs else "x"
    lines = put_together(plan, operands, "gradient", outputs[1 : 1 + n], str(n), uniform)
    value, slopes = _entry(operands, outputs[0], uniform), code("gradient")
    if aim.mean and plan.inputs:
        size = _entry(operands, outputs[1 + n]) if aim.weighted else code("B")
        value, slopes = code("x / y", x=value, y=size), code("x / y", x=slopes, y=size)
    if aim.plus:
        lines += put_together(plan, operands, "plus_gradient", outputs[aim.totals + 1 : aim.first_output], str(n), "x")
        value = code("x + y", x=value, y=_entry(operands, outputs[aim.totals]))
        slopes = code("x + plus_gradient", x=slopes)
    found = [value, slopes]
    if others := outputs[aim.first_output :]:
        further, rows = _rows(plan, operands, others, put_together)
        lines += further
        found.append(rows)
    return [*lines, Line("return", ast.Tuple(found))]


def _entry(operands: Operands, at: Address, uniform: str = "x") -> ast.expr:
    """The number at an address; ``uniform`` is the template for one that does not depend on a sample."""
    value = operands.whole(at[0], np.array([at[1]]))
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice) and value.slice.lower:
        value = ast.Subscript(value.value, value.slice.lower)  # x[3] instead of x[3:4][0]
    else:
        value = code("x[0]", x=value)
    return code(uniform, x=value) if at[0] == UNIFORM else value


def _output_lines(plan: Plan, operands: Operands, put_together: PutTogether) -> list[Line]:
    """The lines that assemble and return the outputs, a row for each."""
    lines, rows = _rows(plan, operands, plan.outputs, put_together)
    return [*lines, Line("return", rows)]


def _rows(
    plan: Plan, operands: Operands, outputs: Sequence[Address], put_together: PutTogether
) -> tuple[list[Line], ast.expr]:
    """The lines that assemble some outputs, and the expression for all of them, a row for each."""
    batch = bool(plan.inputs)
    if len({array for array, _ in outputs}) == 1 and (outputs[0][0] == BATCHED or not batch):
        return [], operands.whole(outputs[0][0], np.array([place for _, place in outputs]))
    shape = f"({len(outputs)}, B)" if batch else str(len(outputs))
    lines = put_together(plan, operands, "outputs", outputs, shape, "x[..., None]" if batch else "x")
    return lines, code("outputs")


def _assigned(
    plan: Plan, operands: Operands, target: str, outputs: Sequence[Address], shape: str, uniform: str
) -> list[Line]:
    """Lines that create the target and assign the outputs to it.

    Arguments:
        plan, operands: the plan, and its variables.
        target: the name of the target.
        outputs: the address of each of its entries.
        shape: the shape of the target.
        uniform: the template for a uniform value x.
    """
    everything = Named(target, REDUCED, 0, (len(outputs),))
    lines = [Line(target, code(f"np.zeros({shape})"))]
    rows = shape.startswith("(")  # each output is a row of numbers
    for value, index, kind in _pieces(plan, operands, outputs):
        left = view(everything, index, rows, assign=True) or operands.gather(everything, index)
        left = f"{left}[:]" if left.endswith(")") else left
        lines.append(Line(left, code(uniform, x=value) if kind == UNIFORM else value))
    return lines


def _joined(
    plan: Plan, operands: Operands, target: str, outputs: Sequence[Address], shape: str, uniform: str
) -> list[Line]:
    """The same without an assignment: a concatenation of all parts and, if need be, a change of their order."""
    if not outputs:
        return [Line(target, code(f"np.zeros({shape})"))]
    rows = shape.startswith("(")  # each output is a row of numbers
    parts: list[Part] = []
    for value, index, kind in _pieces(plan, operands, outputs):
        value = code(uniform, x=value) if kind == UNIFORM else value
        if rows and kind == UNIFORM:
            value = code(f"np.broadcast_to(x, ({', '.join(map(str, index.shape))}, B))", x=value)
        parts.append(Part(value, index))
    assigned = [i for part in parts for i in part.numbers.ravel().tolist()]
    if len(rest := np.setdiff1d(np.arange(len(outputs)), assigned)):
        parts.append(Part(code(f"np.zeros(({len(rest)}, B))" if rows else f"np.zeros({len(rest)})"), rest))
    if not rows and (blocks := _in_order(parts, len(outputs))):
        return [Line(target, _concatenated(blocks))]
    everything = Named("places", REDUCED, 0, (len(outputs),))
    places = [view(everything, part.numbers, False) or operands.gather(everything, part.numbers) for part in parts]
    text = ", ".join(f"{place}.ravel()" for place in places).replace("places", f"np.arange({len(outputs)})")
    order = code(operands.table(f"np.argsort(np.concatenate([{text}]))"))
    flat = [code("x.reshape(-1, B)" if rows else "x.reshape(-1)", x=part.value) for part in parts]
    return [Line(target, code("x[y]", x=_concatenated(flat), y=order))]


class Part(NamedTuple):
    """Some outputs: the code for their values, and their numbers."""

    value: ast.expr
    numbers: Index


def _concatenated(values: Sequence[ast.expr]) -> ast.expr:
    return values[0] if len(values) == 1 else ast.Call(code("np.concatenate"), [ast.List(list(values))], [])


def _in_order(parts: Sequence[Part], count: int) -> list[ast.expr]:
    """The code for flat arrays that are all outputs in their order; none if there is no such code.

    The gradient of a layer, for example, has a row for each neuron, whose last entry is the slope of its bias: the
    matrix and, as a column beside it, the vector.
    """
    found: dict[int, tuple[int, ast.expr]] = {}  # from the first output to how many there are, and the code
    beside: dict[tuple[int, int], list[tuple[int, int, ast.expr]]] = {}
    for value, index in parts:
        grid = index.reshape(len(index), -1)
        rows, columns = grid.shape
        start, flat = int(grid[0, 0]), grid.ravel()
        if (flat == start + np.arange(flat.size)).all():
            found[start] = flat.size, code("x.reshape(-1)", x=value) if index.ndim > 1 else value
            continue
        if rows == 1:
            return []
        step = int(grid[1, 0]) - start
        if step < columns or (grid != start + step * np.arange(rows)[:, None] + np.arange(columns)).any():
            return []
        value = value if index.ndim == 2 else code("x[:, None]", x=value)
        beside.setdefault((rows, step), []).append((start, columns, value))
    for (rows, step), group in beside.items():
        group.sort(key=lambda part: part[0])
        while group:  # rows of as many columns as there are steps from row to row
            taken: list[tuple[int, int, ast.expr]] = []
            width = 0
            while group and width < step and (not taken or group[0][0] == taken[0][0] + width):
                taken.append(group.pop(0))
                width += taken[-1][1]
            if width != step:
                return []
            block = ast.Call(
                code("np.concatenate"), [ast.List([value for _, _, value in taken])], [ast.keyword("axis", code("1"))]
            )
            found[taken[0][0]] = rows * step, code("x.reshape(-1)", x=block)
    after = 0
    blocks: list[ast.expr] = []
    for start in sorted(found):
        if start != after:
            return []
        after += found[start][0]
        blocks.append(found[start][1])
    return blocks if after == count else []


def _pieces(plan: Plan, operands: Operands, outputs: Sequence[Address]) -> list[tuple[ast.expr, Index, str]]:
    """The variables that hold the outputs that are not zero, with the numbers of these outputs, and their arrays."""
    where: dict[Address, list[int]] = {}
    for i, at in enumerate(outputs):
        constant = at[1] - plan.parameters
        if not (at[0] == UNIFORM and 0 <= constant < len(plan.constants) and plan.constants[constant] == 0.0):
            where.setdefault(at, []).append(i)
    found: list[tuple[ast.expr, Index, str]] = []
    for array in (*operands.arrays[REDUCED], *operands.arrays[BATCHED], *operands.arrays[UNIFORM]):
        places = [(array.array, array.start + i) for i in range(array.size)]
        times = len(where.get(places[0], ()))
        if times and all(len(where.get(place, ())) == times for place in places):
            numbers = [where.pop(place) for place in places]
            for i in range(times):
                index = np.array([several[i] for several in numbers]).reshape(array.shape)
                found.append((code(array.name), index, array.array))
    for (kind, place), several in where.items():
        for i in several:
            value = operands.read(kind, np.array([place]))
            found.append((code("np.array([x])", x=value) if is_number(value) else value, np.array([i]), kind))
    return found


def inlined(lines: list[Line], end: list[Line]) -> list[Line]:
    """The lines that remain after inlining each temporary that has no meaningful name and is read once.

    The remaining temporaries are renumbered.  The lines are changed in place.
    """
    reads: Counter[str] = Counter()
    reader: dict[str, Line] = {}
    for line in (*lines, *end):
        for name in names(line.value):
            reads[name] += 1
            reader[name] = line
    gone: set[str] = set()
    for line in lines:
        if line.named or reads[line.target] != 1:
            continue
        target = reader[line.target]
        while target.target in gone:  # the reader has been inlined itself
            target = reader[target.target]
        if len(str(target)) + len(ast.unparse(line.value)) - len(line.target) <= WIDTH:
            target.value = put(target.value, {line.target: line.value})
            gone.add(line.target)
    left = [line for line in lines if line.target not in gone]
    unnamed = [line.target for line in left if not line.named]
    new: dict[str, ast.expr] = {name: ast.Name(f"t{i}") for i, name in enumerate(unnamed, 1)}
    for line in (*left, *end):
        line.value = put(line.value, new)
        if line.target in new:
            line.target = ast.unparse(new[line.target])
    return left


def _aligned(lines: Sequence[Line]) -> list[str]:
    """The lines as text, with the shapes aligned in one column."""
    column = max((len(text) for text in map(str, lines) if len(text) <= 72), default=0)
    return [f"{line!s:<{column}}  # {line.shape}" if line.shape else str(line) for line in lines]


def _docstring(plan: Plan, own: dict[Op, str], aim: Objective | None) -> str:
    what = "The outputs."
    if aim:
        others = ", and other outputs" if len(plan.outputs) > aim.first_output else ""
        how = ("weighted " if aim.weighted else "") + ("mean" if aim.mean else "sum")
        added = ", plus a term that is added once" if aim.plus else ""
        what = f"The {how} of the loss over a batch{added}, and its gradient{others}."
    lines = [f'    """{what}', ""]
    if plan.inputs:
        lines.append(f"    inputs: ({plan.inputs}, B), a row for each input{_labels(plan, BATCHED, plan.inputs)}.")
    lines.append(f"    parameters: ({plan.parameters},){_labels(plan, UNIFORM, plan.parameters)}.")
    called = sorted(name for op, name in own.items() if op.array is None)
    if called:
        lines.append(f"    It calls operations of your own: {', '.join(called)}.")
    return "\n".join([*lines, '    """'])


def _labels(plan: Plan, array: str, count: int) -> str:
    """The labels of the first ``count`` values of an array, if there are at most eight and all have one."""
    labels = [plan.labels.get((array, i), "") for i in range(count)]
    return f": {', '.join(labels)}" if 0 < count <= 8 and all(map(str.isidentifier, labels)) else ""
