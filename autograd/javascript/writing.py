"""Graphs as JavaScript: each operation is written by its array form, with the functions of ``Math``."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from autograd.engine.forms import Argument, Call, Operand, calls, form, static_constants
from autograd.engine.graph import topological_order
from autograd.engine.op import Op
from autograd.engine.value import Value

# How tightly the parts of an expression are bound; one that is bound less tightly than its place needs parentheses.
CONDITIONAL, COMPARISON, SUM, PRODUCT, SIGN, ATOM = range(6)

INFIX = {
    "add": ("+", SUM),
    "subtract": ("-", SUM),
    "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT),
    "less": ("<", COMPARISON),
    "less_equal": ("<=", COMPARISON),
    "greater": (">", COMPARISON),
    "greater_equal": (">=", COMPARISON),
    "equal": ("===", COMPARISON),
    "not_equal": ("!==", COMPARISON),
}
# The functions of Math: those whose names are NumPy's too, and the others by NumPy's names.
SAME = "abs cbrt ceil cos cosh exp expm1 floor hypot log log10 log1p log2 sign sin sinh sqrt tan tanh trunc"
MATH = {
    **{name: name for name in SAME.split()},
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")},
    "maximum": "max",
    "minimum": "min",
    "power": "pow",
}
# Words that cannot name a function or a constant.
RESERVED = frozenset(
    re.findall(
        r"\w+",
        "arguments await break case catch class const continue debugger default delete do else enum eval export "
        "extends false finally for function if implements import in instanceof interface let new null package private "
        "protected public return static super switch this throw true try typeof var void while with yield "
        "Infinity Math NaN inputs parameters undefined",
    )
)
WIDTH = 100  # the longest expression that is written inside another one


class NoJavaScriptError(TypeError):
    """An operation has no array form from which JavaScript can be written."""


@dataclass(frozen=True)
class Code:
    """An expression, and how tightly its parts are bound."""

    text: str
    level: int = ATOM

    @property
    def short(self) -> bool:
        """Whether it is a name or a number, which can be written twice."""
        return re.fullmatch(r"[\w.\[\]]+", self.text) is not None

    def at(self, level: int) -> str:
        """The text for a place that needs this level."""
        return self.text if self.level >= level else f"({self.text})"


def number(x: float) -> Code:
    """The code for a float, nan and infinities included."""
    if math.isnan(x):
        return Code("NaN")
    size = "Infinity" if math.isinf(x) else repr(abs(x)).removesuffix(".0")
    return Code(f"-{size}", SIGN) if math.copysign(1.0, x) < 0.0 else Code(size)


class Writer:
    """Writes graphs, and keeps the functions that have to stand before them.

    Arguments:
        taken: names that no function may have.

    Attributes:
        functions: the definitions of the functions that are called, by name.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.functions: dict[str, str] = {}
        self._taken = {*taken, *RESERVED, *helpers(), "x", "y", "z"}
        self._names: dict[tuple[Op, tuple[float | None, ...]], str] = {}

    def statements(
        self, outputs: Sequence[Value | float], names: Mapping[Value, str], indent: str = "  "
    ) -> tuple[list[str], list[str]]:
        """The code for some nodes: constants for intermediate results, and an expression for each output.

        Arguments:
            outputs: the nodes; a float is written as it is.
            names: the code for the nodes that are given.
            indent: what stands before each constant.

        Raises:
            NoJavaScriptError: an operation has no JavaScript.
        """
        ends = [y for y in outputs if isinstance(y, Value)]
        order = [z for z in topological_order(*ends) if z not in names] if ends else []
        given = {z: Code(name) for z, name in names.items()}
        reads = Counter(x for z in order for x in z.args if isinstance(x, Value))
        reads.update(ends)
        lines: list[str] = []
        for z in order:
            if z.op is None:
                given[z] = number(z.data)
                continue
            code = self.operation(z.op, z.args, [given[x] if isinstance(x, Value) else number(x) for x in z.args])
            if reads[z] > 1 or len(code.text) > WIDTH:
                lines.append(f"{indent}const t{len(lines) + 1} = {code.text};")
                code = Code(f"t{len(lines)}")
            given[z] = code
        return lines, [given[y].text if isinstance(y, Value) else number(y).text for y in outputs]

    def operation(self, op: Op, args: Sequence[Value | float], codes: Sequence[Code]) -> Code:
        """The code for one operation.

        Arguments:
            op: the operation.
            args: its arguments.
            codes: the code for each argument.
        """
        constants = static_constants(op, args)
        tree = array_form(op, constants)
        read = Counter(x.number for call in calls(tree) for x in call.args if isinstance(x, Argument))
        if all(count == 1 or codes[i].short for i, count in read.items()) and len(set(calls(tree))) < 4:
            return self._written(op, tree, codes)
        return self._called(op, tree, constants, codes)

    def _called(self, op: Op, tree: Call, constants: tuple[float | None, ...], codes: Sequence[Code]) -> Code:
        """The call of a function that is written once for all nodes with this operation."""
        if (op, constants) not in self._names:
            name = _identifier(op.name, {*self._taken, *self.functions})
            letters = ["x", "y", "z"] if len(constants) <= 3 else [f"x{i}" for i in range(len(constants))]
            arguments = [letters[i] for i, constant in enumerate(constants) if constant is None]
            found = [Code(letters[i]) if constant is None else number(constant) for i, constant in enumerate(constants)]
            self.functions[name] = ""  # its place is taken
            self.functions[name] = self._definition(op, name, arguments, tree, found)
            self._names[op, constants] = name
        given = [code.text for code, constant in zip(codes, constants, strict=True) if constant is None]
        return Code(f"{self._names[op, constants]}({', '.join(given)})")

    def _definition(self, op: Op, name: str, arguments: list[str], tree: Call, codes: list[Code]) -> str:
        """A function, with a constant for each call that is read more than once."""
        reads = Counter(x for call in calls(tree) for x in call.args if isinstance(x, Call))
        known: dict[Call, Code] = {}
        lines = []
        for call in calls(tree):
            if reads[call] > 1:
                lines.append(f"  const t{len(known) + 1} = {self._written(op, call, codes, known).text};")
                known[call] = Code(f"t{len(known) + 1}")
        lines.append(f"  return {self._written(op, tree, codes, known).text};")
        return "\n".join([f"function {name}({', '.join(arguments)}) {{", *lines, "}"])

    def _written(self, op: Op, tree: Call, codes: Sequence[Code], known: Mapping[Call, Code] | None = None) -> Code:
        """The code for an array form whose arguments have these codes."""
        found = dict(known or {})

        def code(x: Operand) -> Code:
            if isinstance(x, Argument):
                return codes[x.number]
            return found[x] if isinstance(x, Call) else number(float(x))

        for call in calls(tree):
            if call not in found:
                found[call] = self._call(op, call.function, [code(x) for x in call.args])
        return found[tree]

    def _call(self, op: Op, function: str, args: Sequence[Code]) -> Code:
        if function in INFIX:
            sign, level = INFIX[function]
            return Code(f"{args[0].at(level)} {sign} {args[1].at(level + 1)}", level)
        if function == "negative":
            return Code(f"-{args[0].at(ATOM)}", SIGN)
        if function == "positive":
            return args[0]
        if function == "reciprocal":
            return Code(f"1 / {args[0].at(SIGN)}", PRODUCT)
        if function == "square" and args[0].short:
            return Code(f"{args[0].text} * {args[0].text}", PRODUCT)
        if function == "where":
            condition, x, y = args
            return Code(f"{condition.at(COMPARISON)} ? {x.at(COMPARISON)} : {y.at(COMPARISON)}", CONDITIONAL)
        if function not in MATH:
            self._require(op, function)
        name = f"Math.{MATH[function]}" if function in MATH else function
        return Code(f"{name}({', '.join(x.text for x in args)})")

    def _require(self, op: Op, function: str) -> None:
        """Keep a function of math.js, and those that it calls."""
        if function not in helpers():
            raise NoJavaScriptError(
                f"operation {op.name!r} has no JavaScript: its array form calls xp.{function}, and there is no such "
                f"function in JavaScript; there are {', '.join(sorted({*MATH, *helpers()}))}"
            )
        if function not in self.functions:
            self.functions[function] = helpers()[function]
            for other in re.findall(r"\b(\w+)\(", helpers()[function]):
                if other in helpers():
                    self._require(op, other)


def array_form(op: Op, constants: Sequence[float | None]) -> Call:
    """The array form of an operation, which must have one."""
    tree = form(op, constants)
    if tree is None:
        raise NoJavaScriptError(
            f"operation {op.name!r} has no JavaScript: give its Op an array form, such as "
            "array=lambda xp, x: xp.exp(-x * x)"
        )
    return tree


@functools.cache
def helpers() -> dict[str, str]:
    """The functions of math.js, by name."""
    text = resources.files("autograd.javascript").joinpath("math.js").read_text("utf-8")
    return {match[1]: match[0] for match in re.finditer(r"^function (\w+)\(.*?^}", text, re.MULTILINE | re.DOTALL)}


def _identifier(name: str, taken: set[str]) -> str:
    """A name for a function in JavaScript, as near to that of an operation as can be."""
    stem = re.sub(r"\W", "_", name, flags=re.ASCII)
    stem = stem if re.match(r"[A-Za-z_]", stem) else f"operation_{stem}"
    found, count = stem, 1
    while found in taken or re.fullmatch(r"t\d+", found):
        count += 1
        found = f"{stem}_{count}"
    return found
