"""A plan written out as NumPy code for a person to read.

    h1 = np.tanh(W1 @ x + b1[:, None])  # (16, B)

Names come from labels, and from what a number is to others: ``z`` is a sum of products with parameters, ``h`` a
function of it, ``delta`` the adjoint of a ``z``, ``dW`` that of ``W``; everything else is ``t``.  What is read once and
has no name is written where it is read.
"""

from __future__ import annotations

import builtins
import re
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from keyword import kwlist
from typing import Any

import numpy as np

from autograd.engine.op import Op
from autograd.engine.rules import TABLE, pow
from autograd.program.plan import BATCHED, TOTAL, UNIFORM, Block, Elementwise, Index, Place, Plan, Product, Sum, strides
from autograd.program.slices import Named, reshaped, view

# Names that the code uses itself.
RESERVED = ("np", "math", "parameters", "inputs", "outputs", "gradient", "B", "program", "value_and_grad")
WIDTH = 100  # characters that a line may take before nothing more is written into it

# How an operation is written, where it is not np.name(...).
INFIX = {"add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}", "pow": "{}**{}"}
CALLS = {
    "pos": "+{}",
    "stop_gradient": "+{}",
    "neg": "-{}",
    "relu": "np.maximum({}, 0.0)",
    "step": "np.where({} > 0.0, 1.0, 0.0)",
    "softplus": "np.logaddexp(0.0, {})",
    "where": "np.where({} != 0.0, {}, {})",
}
# Operations that NumPy lacks, as functions to put before the code.
HELPERS = {
    "sigmoid": "def sigmoid(x):\n    return np.exp(-np.logaddexp(0.0, -x))",
    "silu": "def silu(x):\n    return np.maximum(x, -1000.0) * np.exp(-np.logaddexp(0.0, -x))",
    "leaky_relu": "def leaky_relu(x):\n    return np.maximum(x, 0.01 * x)",
    "elu": "def elu(x):\n    return np.where(x > 0.0, x, np.expm1(np.minimum(x, 0.0)))",
    "xlogy": "def xlogy(x, y):\n    return x * np.log(np.where(x == 0.0, 1.0, y))",
    "erf": "erf = np.vectorize(math.erf, otypes=[float])",
    "erfc": "erfc = np.vectorize(math.erfc, otypes=[float])",
    "gelu": "def gelu(x):\n    below = np.vectorize(math.erfc, otypes=[float])(-x / np.sqrt(2.0)) / 2.0\n"
    "    return np.maximum(x, -1000.0) * below",
}


TAKEN = {*kwlist, *dir(builtins), *HELPERS, *RESERVED}  # names that nothing else in the code may have


def source(plan: Plan, name: str, gradient: str = "") -> str:
    """The code of a plan: a function of arrays that gives what the program gives.

    Arguments:
        plan: the plan.
        name: of the function.
        gradient: "mean" or "sum" for the code of a loss over a batch and its gradient; else that of the outputs.
    """
    return _Writer(plan).function(name, gradient)


def own_operations(plan: Plan) -> dict[str, Op]:
    """The operations of a plan that are not of the table, by the names that the code calls them.

    That is their own name, if it is one that the code may use and no other operation has it.
    """
    found: dict[str, Op] = {}
    for instruction in plan.instructions:
        if isinstance(instruction, Elementwise) and instruction.op not in (*TABLE, *found.values()):
            stem = re.sub(r"[^A-Za-z0-9_]", "_", instruction.op.name).strip("_")
            stem = name = stem if re.match("[A-Za-z]", stem) else f"operation_{stem}"
            number = 1
            while name in found or name in TAKEN:
                number += 1
                name = f"{stem}_{number}"
            found[name] = instruction.op
    return found


@dataclass
class _Line:
    """name = text  # (shape)"""

    name: str
    text: str
    shape: str
    named: bool = True


class _Writer:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lines: list[_Line] = []
        self.header: list[_Line] = []  # names for parts of the parameters and inputs
        self.helpers: set[str] = set()
        self.tables: dict[str, str] = {}  # names of constants, by their text
        self.own = {op: name for name, op in own_operations(plan).items()}
        self.used: set[str] = {*TAKEN, *self.own.values()}
        self.arrays: dict[str, list[Named]] = {UNIFORM: [], BATCHED: [], TOTAL: []}
        self.given: dict[tuple[str, bytes, tuple[int, ...]], str] = {}
        self.names: dict[Place, str] = {}  # the name of the array in the code that holds a place
        self.parameter: dict[Place, int] = {}  # which parameter a place holds the gradient of
        self.sizes: dict[str, int] = {}  # of the arrays in the code
        self.owners: dict[str, Named] = {}  # the arrays that are given: inputs, parameters, constants
        self.stems: Counter[str] = Counter()
        self.temporaries = 0

    # ------------------------------------------------------------------------------------------------ the function

    def function(self, name: str, gradient: str) -> str:
        plan = self.plan
        if gradient:
            self.parameter = {at: i for i, at in reversed(list(enumerate(plan.outputs[1:])))}
        for instruction in plan.instructions:
            self.instruction(instruction)
        end = self.gradient(gradient) if gradient else self.outputs()
        self.inline(end)
        arguments = "inputs, parameters" if plan.inputs else "parameters"
        if plan.inputs and any(re.search(r"\bB\b", line.text) for line in (*self.lines, *end)):
            self.header.insert(0, _Line("B", "inputs.shape[1]", ""))
        sections = [_written(lines) for lines in (self.header, self.lines, end) if lines]
        text = "\n\n".join("\n".join(f"    {line}" for line in section) for section in sections)
        before = [HELPERS[helper] for helper in HELPERS if helper in self.helpers]
        imports = "import math\n\n" if any("math." in helper for helper in before) else ""
        parts = [f"{imports}import numpy as np", *before]
        if self.tables:
            parts.append("\n".join(f"{name} = {text}" for text, name in self.tables.items()))
        parts.append(f"def {name}({arguments}):\n{self.docstring(gradient)}\n{text}")
        return "\n\n\n".join(parts) + "\n"

    def docstring(self, gradient: str) -> str:
        plan = self.plan
        what = f"The {gradient} of the loss over a batch, and its gradient." if gradient else "The outputs."
        lines = [f'    """{what}', ""]
        if plan.inputs:
            lines.append(f"    inputs: ({plan.inputs}, B), a row for each input{_listed(plan, BATCHED, plan.inputs)}.")
        lines.append(f"    parameters: ({plan.parameters},){_listed(plan, UNIFORM, plan.parameters)}.")
        if self.own:
            lines.append(f"    It calls operations of your own: {', '.join(sorted(self.own.values()))}.")
        return "\n".join([*lines, '    """'])

    def instruction(self, instruction: Elementwise | Sum) -> None:
        name, named = self.name(instruction)
        if isinstance(instruction, Elementwise):
            shape, text = self.elementwise(instruction)
        else:
            shape, text = self.sum(instruction)
        array = instruction.out.array
        self.define(Named(name, array, int(instruction.out.index.flat[0]), shape), text, named)

    def define(self, array: Named, text: str, named: bool) -> None:
        self.arrays[array.array].append(array)
        self.sizes[array.name] = array.size
        for i in range(array.size):
            self.names[array.array, array.start + i] = array.name
        self.lines.append(_Line(array.name, text, self.shape(array.shape, array.array), named))

    def shape(self, shape: Sequence[int], array: str) -> str:
        parts = [*map(str, shape), *(["B"] if array == BATCHED else [])]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"

    def elementwise(self, instruction: Elementwise) -> tuple[tuple[int, ...], str]:
        out = instruction.out
        shape = self.natural(instruction)
        texts = [self.operand(b.array, b.index.reshape(shape), out.array) for b in instruction.operands]
        op = instruction.op
        if op is pow and texts[1] == "2.0":
            texts[1] = "2"
        if op in self.own:
            text = f"{self.own[op]}({', '.join(texts)})"
        elif op.name in INFIX:
            text = INFIX[op.name].format(*map(_closed, texts))
        elif op.name in CALLS:
            text = CALLS[op.name].format(*(_closed(t) if "{}," not in CALLS[op.name] else t for t in texts))
        else:
            if op.name in HELPERS:
                self.helpers.add(op.name)
            text = f"{'' if not hasattr(np, op.name) else 'np.'}{op.name}({', '.join(texts)})"
        if not any(map(self.is_full, instruction.operands)):  # every operand is one number repeated, or a constant
            text = f"np.broadcast_to({text}, {self.shape(shape, out.array)})"
        return shape, text

    def natural(self, instruction: Elementwise) -> tuple[int, ...]:
        """The shape of the first operand that is a whole array; else that of the plan."""
        for block in instruction.operands:
            for array in self.arrays[block.array]:
                same_size = array.size == block.index.size == instruction.out.index.size
                if same_size and np.array_equal(block.index.ravel(), np.arange(array.size) + array.start):
                    return array.shape
        return instruction.out.index.shape

    def is_full(self, block: Block) -> bool:
        """Whether the code for a block gives an array of its shape, and no smaller one, or a plain number."""
        constants = dict(enumerate(self.plan.constants, self.plan.parameters))
        numbers = {constants.get(int(place)) for place in block.index.flat} if block.array == UNIFORM else {None}
        if len(numbers) == 1 and None not in numbers:
            return False  # it is written as one number, though it may stand at several places
        steps = strides(block.index)
        return steps is None or all(s or n == 1 for s, n in zip(steps, block.index.shape, strict=True))

    # ------------------------------------------------------------------------------------------------------- sums

    def sum(self, instruction: Sum) -> tuple[tuple[int, ...], str]:
        out = instruction.out
        shape = out.index.shape
        for _, term in instruction.terms:
            if isinstance(term, Product):
                stack, rows, inner = term.left.index.shape
                full = (stack, rows, term.right.index.shape[2])
                shape = tuple(n for n in full if n > 1) or (1,)
                batched = term.left.array == term.right.array == BATCHED
                if out.array == TOTAL and stack == inner == 1 and batched and len(shape) == 1 and max(full) > 1:
                    shape = full[1:]  # a product of matrices, with a row or a column
                break
        text = ""
        whole = False
        terms = list(instruction.terms)
        if terms[0][0] < 0.0:  # as 1.0 - x, and not as -x + 1.0
            terms.sort(key=lambda term: term[0] < 0.0)
        for sign, term in terms:
            if isinstance(term, Product):
                part = self.product(term, out.array, shape)
                alone = term.left.index[0].size == term.right.index[0].size == 1  # no matrices, but numbers
                whole = whole or not alone or self.is_full(term.left) or self.is_full(term.right)
            else:
                part = self.single(term, out, shape)
                whole = whole or self.is_full(term)
            if not text:
                text = part if sign > 0.0 else f"-{_closed(part)}"
            else:
                text += f" + {part}" if sign > 0.0 else f" - {_term(part)}"
        return shape, text if whole else f"np.broadcast_to({text}, {self.shape(shape, out.array)})"

    def single(self, block: Block, out: Block, shape: tuple[int, ...]) -> str:
        further = block.index.ndim > out.index.ndim
        index = block.index.reshape(shape + block.index.shape[-1:] if further else shape)
        if not further and out.array != TOTAL:
            return self.operand(block.array, index, out.array)
        text = _closed(self.whole(block.array, index))
        if out.array == TOTAL and block.array == BATCHED:
            return f"{text}.sum(axis={(-2, -1) if further else -1})"
        if further:
            text = f"{text}.sum(axis={len(shape)})"
        if out.array == TOTAL:
            return f"B * {text}"
        return f"{text}[..., None]" if block.array == UNIFORM and out.array == BATCHED else text

    def product(self, product: Product, array: str, shape: tuple[int, ...]) -> str:
        left, right = product.left, product.right
        (stack, rows, inner), width = left.index.shape, right.index.shape[2]
        kinds = left.array, right.array
        a, b = left.index, right.index
        total = array == TOTAL
        if rows == width == 1 and inner == 1 and not total:
            texts = [self.operand(x.array, x.index.reshape(shape), array) for x in (left, right)]
            return f"{_closed(texts[0])} * {_closed(texts[1])}"
        if rows == width == 1 and inner == 1 and kinds == (UNIFORM, BATCHED):
            first = self.operand(UNIFORM, a.reshape(shape), UNIFORM)
            return f"{_closed(first)} * {_closed(self.operand(BATCHED, b.reshape(shape), BATCHED))}.sum(axis=-1)"
        if stack == 1 and kinds != (BATCHED, BATCHED):
            first = _closed(self.whole(left.array, a[0, 0] if rows == 1 and width > 1 else a[0]))
            second = _closed(self.whole(right.array, b[0, :, 0] if width == 1 else b[0]))
            if total:
                return f"{first} @ {second}.sum(axis=-1)"
            if kinds == (UNIFORM, UNIFORM) or width == 1:
                return f"{first} @ {second}"
            return f"np.tensordot({first}, {second}, 1)"
        if stack == 1 and total and inner == 1:
            first, second = self.whole(BATCHED, a[0, :, 0]), self.whole(BATCHED, b[0, 0])
            if rows == width == 1:
                return f"({_closed(first)} * {_closed(second)}).sum(axis=-1)"
            return f"{_closed(first)} @ {_closed(second)}.T"
        # Everything else by einsum, with a letter for each axis that is there.
        letters = [("c", stack), ("i", rows), ("j", width)]
        there = "".join(letter for letter, n in letters if n > 1)
        k = "k" if inner > 1 else ""
        spec, texts = [], []
        for block, axes in ((left, "cik"), (right, "ckj")):
            sizes = dict(zip(axes, block.index.shape, strict=True))
            kept = [letter for letter in axes if sizes[letter] > 1 and (letter in there or letter == k)]
            index = block.index.reshape([sizes[letter] for letter in kept] or [1])
            spec.append("".join(kept or ["x"]) + ("b" if block.array == BATCHED else ""))
            texts.append(self.whole(block.array, index))
        result = there + ("b" if array == BATCHED else "")
        text = f'np.einsum("{",".join(spec)}->{result}", {", ".join(texts)})'
        if not there:
            return f"np.atleast_1d({text})" if array != BATCHED else f"{text}[None]"
        return text

    # ---------------------------------------------------------------------------------------------------- operands

    def operand(self, array: str, index: Index, among: str) -> str:
        """The numbers at these places, as code for an array that can be combined with others of this kind."""
        text = self.numbers(array, index)
        if array == UNIFORM and among == BATCHED and re.fullmatch(r"\w+\[0\]", text):
            return f"{text[:-3]}.T"
        if array == UNIFORM and among == BATCHED and not _is_number(text):
            return f"{_closed(text)}[..., None]" if index.ndim != 1 else f"{_closed(text)}[:, None]"
        return text

    def whole(self, array: str, index: Index) -> str:
        """The same as an array of just this shape, where repeated numbers are repeated."""
        steps = strides(index)
        text = self.numbers(array, index)
        if steps is None or all(step or n == 1 for step, n in zip(steps, index.shape, strict=True)):
            return text if not _is_number(text) else f"np.full({index.shape}, {text})"
        if array == BATCHED:
            return f"np.broadcast_to({text}, ({', '.join(map(str, index.shape))}, B))"
        return f"np.broadcast_to({text}, {index.shape})"

    def numbers(self, array: str, index: Index) -> str:
        plan = self.plan
        first, last = int(index.min()), int(index.max())
        if array == UNIFORM and plan.parameters <= first and last < plan.parameters + len(plan.constants):
            return self.constants(index)
        if array != TOTAL and last < (plan.inputs if array == BATCHED else plan.parameters):
            return self.part_of_given(array, index)
        owner = self.owner(array, first)
        if owner.start >= self.first(array) and last < owner.start + owner.size:
            return view(owner, index, array == BATCHED) or self.gather(owner.name, owner, index - owner.start)
        return self.joined(array, index)

    def first(self, array: str) -> int:
        """The first place of an array that is computed, and not given."""
        plan = self.plan
        return {UNIFORM: plan.parameters + len(plan.constants), BATCHED: plan.inputs, TOTAL: 0}[array]

    def constants(self, index: Index) -> str:
        numbers = np.array(self.plan.constants)[index - self.plan.parameters]
        if (numbers == numbers.flat[0]).all():
            return _number(float(numbers.flat[0]))
        return self.table(f"np.array({_table(numbers.tolist())})")

    def part_of_given(self, array: str, index: Index) -> str:
        """A part of the parameters or of the inputs, under a name of its own."""
        count = self.plan.inputs if array == BATCHED else self.plan.parameters
        whole = Named("inputs" if array == BATCHED else "parameters", array, 0, (count,))
        key = array, index.tobytes(), index.shape
        if key not in self.given:
            turned = np.ascontiguousarray(index.T)
            other = array, turned.tobytes(), turned.shape
            if array == UNIFORM and index.ndim == 2 and other in self.given:
                return f"{self.given[other]}.T"
            row = array, index.tobytes(), (1, *index.shape)
            if array == UNIFORM and row in self.given:
                return f"{self.given[row]}[0]"
            steps = strides(index)
            if steps is not None and any(s == 0 and n > 1 for s, n in zip(steps, index.shape, strict=True)):
                text = view(whole, index, array == BATCHED)
                return text or self.gather(whole.name, whole, index)
            if (
                array == UNIFORM
                and index.ndim == 2
                and index.shape[0] > 1
                and steps is not None
                and steps[0] < steps[1]
            ):
                return f"{self.part_of_given(array, turned)}.T"
            text = view(whole, index, array == BATCHED) or self.gather(whole.name, whole, index)
            name = self.given_name(array, index)
            self.given[key] = name
            for place in index.flat:
                self.names.setdefault((array, int(place)), name)
            self.header.append(_Line(name, text, self.shape(index.shape, array)))
        return self.given[key]

    def gather(self, name: str, array: Named, index: Index) -> str:
        flat = (
            name if len(array.shape) == 1 else f"{name}.reshape({array.size}{', -1' if array.array == BATCHED else ''})"
        )
        table = str(index.tolist()) if index.size <= 12 else self.table(f"np.array({index.tolist()})")
        return f"{flat}[{table}]"

    def joined(self, array: str, index: Index) -> str:
        """Numbers from several arrays: these one after the other, or picked from all of them."""
        flat = index.ravel()
        owners = [self.owner(array, int(place)) for place in flat]
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
            tail = ", -1" if samples else ""
            pieces = [x.name if len(x.shape) == 1 else f"{x.name}.reshape({x.size}{tail})" for x in several]
            text = f"np.concatenate([{', '.join(pieces)}])[{self.table(f'np.array({places.tolist()})')}]"
        return text if index.ndim == 1 else reshaped(text, index.shape, samples)

    def owner(self, array: str, place: int) -> Named:
        count = self.plan.inputs if array == BATCHED else self.plan.parameters
        if array != TOTAL and place < count:
            name = "inputs" if array == BATCHED else "parameters"
            return self.owners.setdefault(name, Named(name, array, 0, (count,)))
        constants = self.plan.constants
        if array == UNIFORM and place < count + len(constants):
            name = self.table(f"np.array({_table(constants)})")
            return self.owners.setdefault(name, Named(name, array, count, (len(constants),)))
        arrays = self.arrays[array]
        return arrays[bisect(arrays, place, key=lambda x: x.start) - 1]

    def table(self, text: str) -> str:
        return self.tables.setdefault(text, f"TABLE_{len(self.tables) + 1}")

    # ------------------------------------------------------------------------------------------------------- names

    def given_name(self, array: str, index: Index) -> str:
        places = [(array, int(place)) for place in index.flat]
        stem = _stem([self.plan.labels.get(place, "") for place in places])
        stem = stem or ("x" if array == BATCHED else "p")
        if len(stem) == 1 and (index.ndim == 2 or (array == BATCHED and index.size > 1)):
            stem = stem.upper()
        word = _common_word([self.plan.scopes.get(place, "") for place in places]) if array == UNIFORM else ""
        return self.numbered(f"{stem}_{word}" if word else stem, plain=array == BATCHED)

    def numbered(self, stem: str, plain: bool = False) -> str:
        """The stem with the next number: z1, z2, ..."""
        while True:
            self.stems[stem] += 1
            number = self.stems[stem]
            between = "_" if stem == "t" else ""  # t1, t2, ... are those without a name
            name = stem if plain and number == 1 else f"{stem}{between}{number}"
            if name not in self.used:
                self.used.add(name)
                return name

    def name(self, instruction: Elementwise | Sum) -> tuple[str, bool]:
        """A name for the result, and whether it says what the result is."""
        plan, out = self.plan, instruction.out
        places = [(out.array, int(place)) for place in out.index.flat]
        if places == plan.outputs[:1] and self.parameter:
            return self.numbered("total", plain=True), True
        label = _stem([plan.labels.get(place, "") for place in places])
        if label:
            return self.numbered(label, plain=True), True
        primal = {self.primal(place) for place in places}
        if len(primal) == 1 and (of := primal.pop()):
            name = re.sub(r"^z(?=\d*$)", "delta", of) if re.match(r"z\d*$", of) else f"d{of}"
            if name not in self.used:
                self.used.add(name)
                return name, True
        if isinstance(instruction, Sum):
            of_parameters = any(
                isinstance(term, Product) and term.left.array == UNIFORM and (term.left.index < plan.parameters).all()
                for _, term in instruction.terms
            )
            if of_parameters and not any(place in plan.primal for place in places):
                return self.numbered("z"), True
        elif len(instruction.operands) == 1:
            of = self.names.get((instruction.operands[0].array, int(instruction.operands[0].index.flat[0])), "")
            whole = instruction.operands[0].index.size == self.sizes.get(of)
            if re.match(r"z\d+$", of) and whole and f"h{of[1:]}" not in self.used:
                self.used.add(f"h{of[1:]}")
                return f"h{of[1:]}", True
        self.temporaries += 1
        return f"t{self.temporaries}", False

    def primal(self, place: Place) -> str:
        """The name of the array that has this place's numbers as its adjoint."""
        at = (UNIFORM, self.parameter[place]) if place in self.parameter else self.plan.primal.get(place)
        name = self.names.get(at, "") if at else ""
        return "" if re.fullmatch(r"t\d+", name) else name

    # --------------------------------------------------------------------------------------------------- the results

    def gradient(self, reduction: str) -> list[_Line]:
        """The lines that put the loss and the gradient together."""
        outputs, batch = self.plan.outputs, bool(self.plan.inputs)
        mean = " / B" if reduction == "mean" and batch else ""
        lines = self.assigned("gradient", outputs[1:], str(len(outputs) - 1), "B * {}" if batch else "{}")
        array, place = outputs[0]
        value = _closed(self.whole(array, np.array([place])))
        value = re.sub(r"\[(\d+):\d+\]$", r"[\1]", value) if value.endswith("]") else f"{value}[0]"
        if array == UNIFORM and batch:
            value = f"B * {value}"
        return [*lines, _Line("return", f"{value}{mean}, gradient{mean}", "")]

    def outputs(self) -> list[_Line]:
        """The lines that give the outputs, a row for each."""
        outputs, batch = self.plan.outputs, bool(self.plan.inputs)
        if len({array for array, _ in outputs}) == 1 and (outputs[0][0] == BATCHED or not batch):
            index = np.array([place for _, place in outputs])
            return [_Line("return", self.whole(outputs[0][0], index), "")]
        shape = f"({len(outputs)}, B)" if batch else str(len(outputs))
        lines = self.assigned("outputs", outputs, shape, "{}[..., None]" if batch else "{}")
        return [*lines, _Line("return", "outputs", "")]

    def assigned(self, target: str, outputs: Sequence[Place], shape: str, uniform: str) -> list[_Line]:
        """Lines that make the target and put into it the arrays that hold the outputs.

        Arguments:
            target: its name.
            outputs: where its numbers are.
            shape: of the target.
            uniform: how a uniform number is written.
        """
        plan = self.plan
        where: dict[Place, list[int]] = {}
        for i, at in enumerate(outputs):
            constant = at[1] - plan.parameters
            if not (at[0] == UNIFORM and 0 <= constant < len(plan.constants) and plan.constants[constant] == 0.0):
                where.setdefault(at, []).append(i)
        whole = Named(target, TOTAL, 0, (len(outputs),))
        lines = [_Line(target, f"np.zeros({shape})", "")]

        def assign(text: str, index: Index, kind: str) -> None:
            left = view(whole, index, False, assign=True) or self.gather(target, whole, index)
            left = f"{left}[:]" if left.endswith(")") else left
            lines.append(_Line(left, uniform.format(_closed(text)) if kind == UNIFORM else text, ""))

        for array in (*self.arrays[TOTAL], *self.arrays[BATCHED], *self.arrays[UNIFORM]):
            places = [(array.array, array.start + i) for i in range(array.size)]
            times = len(where.get(places[0], ()))
            if times and all(len(where.get(place, ())) == times for place in places):
                numbers = [where.pop(place) for place in places]
                for i in range(times):
                    assign(array.name, np.array([several[i] for several in numbers]).reshape(array.shape), array.array)
        for (kind, place), several in where.items():
            for i in several:
                text = self.numbers(kind, np.array([place]))
                assign(f"np.array([{text}])" if _is_number(text) else text, np.array([i]), kind)
        return lines

    # ---------------------------------------------------------------------------------------------------- inlining

    def inline(self, end: list[_Line]) -> None:
        """Write what has no name of its own, and is read once, where it is read."""
        lines = [*self.lines, *end]
        reads: Counter[str] = Counter()
        reader: dict[str, _Line] = {}
        for line in lines:
            for word in re.findall(r"[A-Za-z_]\w*", line.text):
                reads[word] += 1
                reader[word] = line
        gone = set()
        for line in self.lines:
            if line.named or reads[line.name] != 1:
                continue
            target = reader[line.name]
            while target.name in gone:  # it was written into another line itself
                target = reader[target.name]
            text = re.sub(rf"\b{line.name}\b", _closed(line.text).replace("\\", r"\\"), target.text)
            if text == target.text or len(text) + len(target.name) > WIDTH:
                continue
            target.text = re.sub(r"^\((?P<all>[^()]*)\)$", r"\g<all>", text)
            gone.add(line.name)
        self.lines = [line for line in self.lines if line.name not in gone]
        numbers: dict[str, str] = {}
        for line in self.lines:
            if not line.named:
                numbers[line.name] = f"t{len(numbers) + 1}"
        for line in (*self.lines, *end):
            line.text = re.sub(r"\bt\d+\b", lambda match: numbers.get(match[0], match[0]), line.text)
            line.name = re.sub(r"\bt\d+\b", lambda match: numbers.get(match[0], match[0]), line.name)


def _written(lines: Sequence[_Line]) -> list[str]:
    """The lines as code, the shapes in a column of their own."""
    code = [f"return {line.text}" if line.name == "return" else f"{line.name} = {line.text}" for line in lines]
    column = max((len(text) for text in code if len(text) <= 72), default=0)
    return [f"{text:<{column}}  # {line.shape}" if line.shape else text for text, line in zip(code, lines, strict=True)]


def _number(x: float) -> str:
    if x != x:
        return "np.nan"
    if x in (float("inf"), -float("inf")):
        return "np.inf" if x > 0 else "-np.inf"
    return repr(x)


def _table(numbers: list[Any] | float) -> str:
    """Numbers in lists, as code."""
    return f"[{', '.join(map(_table, numbers))}]" if isinstance(numbers, list) else _number(numbers)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?(\d+(\.\d*)?(e[-+]?\d+)?|np\.(nan|inf))", text))


def _is_atom(text: str) -> bool:
    """Whether the text is a name, a number, a call or a part of one, so that it needs no brackets."""
    if re.fullmatch(r"[\w.]+", text):
        return True
    depth = 0
    for i, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and letter in " -+" and not (i and text[i - 1] == "e"):
            return False
    return "**" not in re.sub(r"\([^()]*\)", "", text)


def _closed(text: str) -> str:
    return text if _is_atom(text) else f"({text})"


def _term(text: str) -> str:
    """The text as what is taken away from a sum."""
    outside = text
    while outside != (outside := re.sub(r"[(\[][^()\[\]]*[)\]]", "", outside)):
        pass
    return f"({text})" if re.search(r" [-+] |^-", outside) else text


def _stem(labels: Sequence[str]) -> str:
    """What all labels begin with, without their numbers, if it is a name; empty if they differ."""
    stems = {re.sub(r"[\d_]*$", "", label) if label.isidentifier() else "" for label in labels}
    return stems.pop() if len(stems) == 1 else ""


def _common_word(scopes: Sequence[str]) -> str:
    """The last part of the scope that all share, if it is a word and not a number in a list."""
    shared: list[str] = []
    for parts in zip(*(scope.split("/") for scope in set(scopes)), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    if shared and all("." not in part for part in shared) and shared[-1].isidentifier():
        return shared[-1]
    return ""


def _listed(plan: Plan, array: str, count: int) -> str:
    """The labels of the first numbers of an array, if there are few and all have one."""
    labels = [plan.labels.get((array, i), "") for i in range(count)]
    return f": {', '.join(labels)}" if 0 < count <= 8 and all(map(str.isidentifier, labels)) else ""
