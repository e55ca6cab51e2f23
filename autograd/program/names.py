"""Variable names for the generated code.

A name comes from the labels of the nodes, or else from the role of the array: ``z`` is a sum of products with
parameters, ``h`` a function of a ``z``, ``delta`` the adjoint of a ``z``, ``dW`` the adjoint of ``W``; all others
are ``t``.
"""

from __future__ import annotations

import builtins
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile
from keyword import kwlist

from autograd.engine.op import Op
from autograd.engine.rules import TABLE
from autograd.program.plan import BATCHED, UNIFORM, Address, Block, Elementwise, Index, Instruction, Plan, Sum

# Names that the generated code uses itself, and names of the functions that it may define.
RESERVED = (
    "np",
    "math",
    "parameters",
    "inputs",
    "outputs",
    "gradient",
    "plus_gradient",
    "B",
    "program",
    "value_and_grad",
)
TAKEN = {*kwlist, *dir(builtins), *(row.name for row in TABLE), *RESERVED}


def own_names(plan: Plan) -> dict[Op, str]:
    """The user-defined operations of a plan, those not in the table, and their names in the generated code.

    An operation keeps its name if that is a valid identifier and not taken yet; otherwise the name is adapted.
    """
    found: dict[Op, str] = {}
    for instruction in plan.instructions:
        if isinstance(instruction, Elementwise) and instruction.op not in (*TABLE, *found):
            stem = re.sub(r"[^A-Za-z0-9_]", "_", instruction.op.name).strip("_")
            stem = name = stem if re.match("[A-Za-z]", stem) else f"operation_{stem}"
            number = 1
            while name in TAKEN or name in found.values():
                number += 1
                name = f"{stem}_{number}"
            found[instruction.op] = name
    return found


class Names:
    """The variable names in the code of one plan.

    Arguments:
        plan: the plan.
        used: further names that are taken.
        parameter: for each address that holds the derivative with respect to a parameter, the index of the parameter.
    """

    def __init__(self, plan: Plan, used: Iterable[str], parameter: dict[Address, int]) -> None:
        self._plan, self._parameter = plan, parameter
        self._used = {*TAKEN, *used}
        self._stems: Counter[str] = Counter()
        self._temporaries = 0
        self._holder: dict[Address, str] = {}  # the name of the variable that holds an address
        self._sizes: dict[str, int] = {}

    def hold(self, name: str, array: str, places: Iterable[int], size: int = 0) -> None:
        """Record that this variable holds some places, unless one does already; and its size, if it is computed."""
        for place in places:
            self._holder.setdefault((array, place), name)
        if size:
            self._sizes[name] = size

    def of_given(self, array: str, index: Index) -> str:
        """A name for a part of the inputs or parameters."""
        places = [(array, int(place)) for place in index.flat]
        stem = _stem([self._plan.labels.get(place, "") for place in places])
        stem = stem or ("x" if array == BATCHED else "p")
        if len(stem) == 1 and (index.ndim == 2 or (array == BATCHED and index.size > 1)):
            stem = stem.upper()
        word = _common_word([self._plan.scopes.get(place, "") for place in places]) if array == UNIFORM else ""
        return self._numbered(f"{stem}_{word}" if word else stem, plain=array == BATCHED)

    def unused(self, name: str) -> str:
        """This name; if it is taken, followed by the first number with which it is not."""
        return self._numbered(name, plain=True)

    def of_result(self, instruction: Instruction) -> tuple[str, bool]:
        """A name for the result of an instruction, and whether it is meaningful, that is, not just a ``t``."""
        plan, out = self._plan, instruction.out
        places = [(out.array, int(place)) for place in out.index.flat]
        if places == plan.outputs[:1] and self._parameter:
            return self._numbered("total", plain=True), True
        label = _stem([plan.labels.get(place, "") for place in places])
        if label:
            return self._numbered(label, plain=True), True
        primal = {self._primal(place) for place in places}
        if len(primal) == 1 and (of := primal.pop()):
            name = re.sub(r"^z(?=\d*$)", "delta", of) if re.match(r"z\d*$", of) else f"d{of}"
            if name not in self._used:
                self._used.add(name)
                return name, True
        if isinstance(instruction, Sum):
            if self._reads_parameters(instruction) and not any(place in plan.primal for place in places):
                return self._numbered("z"), True
        elif len(instruction.operands) == 1:
            operand = instruction.operands[0]
            of = self._holder.get((operand.array, int(operand.index.flat[0])), "")
            name = f"h{of[1:]}"
            if re.match(r"z\d+$", of) and operand.index.size == self._sizes.get(of) and name not in self._used:
                self._used.add(name)
                return name, True
        self._temporaries += 1
        return f"t{self._temporaries}", False

    def _numbered(self, stem: str, plain: bool = False) -> str:
        """The stem with the next number: z1, z2, ..."""
        while True:
            self._stems[stem] += 1
            number = self._stems[stem]
            between = "_" if stem == "t" else ""  # t1, t2, ... are the names of temporaries
            name = stem if plain and number == 1 else f"{stem}{between}{number}"
            if name not in self._used:
                self._used.add(name)
                return name

    def _primal(self, place: Address) -> str:
        """The name of the variable whose adjoint is at this place."""
        at = (UNIFORM, self._parameter[place]) if place in self._parameter else self._plan.primal.get(place)
        name = self._holder.get(at, "") if at else ""
        return "" if re.fullmatch(r"t\d+", name) else name

    def _reads_parameters(self, instruction: Sum) -> bool:
        return any(
            not isinstance(term, Block)
            and term.left.array == UNIFORM
            and bool((term.left.index < self._plan.parameters).all())
            for _, term in instruction.terms
        )


def _stem(labels: Sequence[str]) -> str:
    """The common stem of some labels, without trailing digits; empty if they differ or are not identifiers."""
    stems = {re.sub(r"[\d_]*$", "", label) if label.isidentifier() else "" for label in labels}
    return stems.pop() if len(stems) == 1 else ""


def _common_word(scopes: Sequence[str]) -> str:
    """The last part of the common scope prefix, if it is an identifier; empty if a part is an item of a list."""
    levels = zip(*(scope.split("/") for scope in set(scopes)), strict=False)
    shared: list[str] = [parts[0] for parts in takewhile(lambda parts: len(set(parts)) == 1, levels)]
    if shared and all("." not in part for part in shared) and shared[-1].isidentifier():
        return shared[-1]
    return ""
