"""The code of a plan on another array library, such as JAX or PyTorch.

The code that ``program.source`` shows is written for NumPy.  Here it is translated, expression by expression, to the
array API standard (https://data-apis.org/array-api), whose functions all of these libraries have; the few operations
outside the standard are named for each library.  Nothing is assigned in place, so that JAX can trace the function.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograd.program.notation import code, is_number, names


class MissingError(NotImplementedError):
    """An array library lacks an operation."""


@dataclass(frozen=True)
class Library:
    """An array library.

    Attributes:
        name: its name.
        module: the module that has the functions of the standard.
        extra: the extra of this package that installs it; empty for a module that was given.
        beside: functions that are not in the standard, by their names in NumPy or in the table.
        row_product: x @ y.T, for an x of one row.
        transposed_product: x.T @ y.
        sums_of_rows: the sum of each row of x.
        adds_short_products: whether products of small matrices, one for each sample, are added one by one.
        indices, constant: how an array of indices, or of numbers, is made beside the parameters.
    """

    name: str
    module: str
    extra: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)
    row_product: str = "x @ y.T"
    transposed_product: str = "x.T @ y"
    sums_of_rows: str = "xp.sum(x, axis=-1)"
    adds_short_products: bool = False
    indices: str = "xp.asarray(x)"
    constant: str = "xp.asarray(x, dtype=parameters.dtype)"

    @property
    def is_strict(self) -> bool:
        """Whether nothing is known of the library but that it follows the standard."""
        return not self.extra

    def namespace(self) -> Any:
        """The module.

        Raises:
            ImportError: it is not installed; the message names the extra.
        """
        try:
            return importlib.import_module(self.module)
        except ImportError as error:
            raise ImportError(f"this needs {self.name}: pip install 'scalar-backprop[{self.extra}]'") from error


LIBRARIES = {
    "jax": Library(
        "jax",
        "jax.numpy",
        "jax",
        {"erf": "jax.scipy.special.erf", "erfc": "jax.scipy.special.erfc", "cbrt": "xp.cbrt"},
        # XLA copies a transposed operand, and both operands of an einsum over a stack.
        row_product="(y @ x[0])[None]",
        transposed_product="xp.tensordot(x, y, axes=((0,), (0,)))",
        adds_short_products=True,
        sums_of_rows="x @ xp.ones_like(x[0])",  # faster than xp.sum for small batches
    ),
    "torch": Library(
        "torch",
        "array_api_compat.torch",
        "torch",
        {"erf": "torch.special.erf", "erfc": "torch.special.erfc"},
        indices="xp.asarray(x, device=parameters.device)",
        constant="xp.asarray(x, dtype=parameters.dtype, device=parameters.device)",
    ),
}

# The names of NumPy that are others in the standard.
STANDARD = {
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "concatenate": "concat",
}


HELPERS = {
    "products": '''def products(x, y):
    """For each sample x @ y; x has the shape (..., i, k, B), and y the shape (..., k, j, B)."""
    count = x.shape[-2]
    if count > 8:
        return xp.einsum("...ikb,...kjb->...ijb", x, y)
    return sum(x[..., k, None, :] * y[..., None, k, :, :] for k in range(count))''',
    "gather": '''def gather(x, places):
    """x[places], for an array of indices of any shape."""
    rows = xp.take(x, xp.reshape(places, (-1,)), axis=0)
    return xp.reshape(rows, (*places.shape, *x.shape[1:]))''',
    "einsum": '''def einsum(pattern, x, y):
    """Sums of products, as in NumPy."""
    operands, result = pattern.split("->")
    first, second = operands.split(",")
    letters = [*result, *sorted({*first, *second} - {*result})]

    def spread(array, axes):
        order = [axes.index(letter) for letter in letters if letter in axes]
        sizes = iter(xp.permute_dims(array, tuple(order)).shape)
        shape = tuple(next(sizes) if letter in axes else 1 for letter in letters)
        return xp.reshape(xp.permute_dims(array, tuple(order)), shape)

    products = spread(x, first) * spread(y, second)
    axes = tuple(range(len(result), len(letters)))
    return xp.sum(products, axis=axes) if axes else products''',
}


class Translation(ast.NodeTransformer):
    """Translates code from NumPy to the array API standard.

    Arguments:
        library: the library.
        tables: the constant arrays of the code, by their names.
        definitions: the functions that the code defines, and operations that NumPy lacks, by their names.

    Attributes:
        used: the names of the functions that the translated code calls.
    """

    def __init__(self, library: Library, tables: Mapping[str, str], definitions: Mapping[str, str]) -> None:
        self.library, self.tables = library, tables
        self.definitions = {name: ast.parse(text).body[0] for name, text in definitions.items()}
        self._lacking = {name for name, text in self.definitions.items() if isinstance(text, ast.Assign)}
        self.xp = library.namespace()
        self.used: set[str] = set()

    def of(self, expression: ast.expr) -> ast.expr:
        """An expression, translated."""
        found: ast.expr = self.visit(expression)
        return found

    def translated_definitions(self) -> list[str]:
        """The definitions of functions, translated, and those of functions that the translation needs."""
        own = [ast.unparse(self.visit(body)) for name, body in self.definitions.items() if name not in self._lacking]
        return [*(text for name, text in HELPERS.items() if name in self.used), *own]

    def imports(self) -> list[str]:
        """The imports of the functions that the code calls."""
        first = {name.split(".")[0] for name in self.used if "." in name} - {"xp"}
        return [f"import {name}" for name in sorted(first)] + [f"import {self.library.module} as xp"]

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Attribute(ast.Name("np"), "einsum"), [pattern, x, y]):
                return self.sum_of_products(pattern, x, y)
            case ast.Call(ast.Attribute(ast.Name("np"), "tensordot"), [x, y, axes]):
                return ast.Call(code("xp.tensordot"), [x, y], [ast.keyword("axes", axes)])
            case ast.Call(ast.Attribute(ast.Name("np"), "atleast_1d"), [x]):
                return code("xp.reshape(x, (1,))", x=x)
            case ast.Call(ast.Attribute(ast.Name("np"), "full"), [shape, x]):
                return code("xp.broadcast_to(x, shape)", x=self.constant(x), shape=shape)
            case ast.Call(ast.Attribute(ast.Name("np"), "broadcast_to"), [x, shape]):
                return code("xp.broadcast_to(x, shape)", x=x if names(x) else self.constant(x), shape=shape)
            case ast.Call(ast.Attribute(ast.Name("np"), "zeros"), [shape]):
                shape = shape if isinstance(shape, ast.Tuple) else ast.Tuple([shape])
                return code("xp.broadcast_to(x, shape)", x=self.constant(code("0.0")), shape=shape)
            case ast.Call(ast.Attribute(ast.Name("np"), "array"), [x]):
                return self.constant(x)
            case ast.Call(ast.Attribute(ast.Name("np"), name), arguments, keywords):
                return ast.Call(self.function(name), self.with_dtype(name, arguments), keywords)
            case ast.Call(ast.Name(name), arguments, []) if name in self._lacking:
                return ast.Call(self.function(name), self.with_dtype(name, arguments), [])
            case ast.Call(ast.Name(name), arguments, []) if name in self.definitions:
                return ast.Call(node.func, [self.constant(x) if is_number(x) else x for x in arguments], [])
            case ast.Call(ast.Attribute(x, "reshape"), shape):
                return ast.Call(code("xp.reshape"), [x, ast.Tuple(shape)], [])
            case ast.Call(
                ast.Attribute(ast.Name() as x, "sum"), [], [ast.keyword(value=ast.UnaryOp(ast.USub(), ast.Constant(1)))]
            ):
                return code(self.library.sums_of_rows, x=x)
            case ast.Call(ast.Attribute(x, "sum"), [], [axis]):
                return ast.Call(code("xp.sum"), [x], [axis])
            case ast.Call(ast.Attribute(x, "swapaxes"), [first, second]):
                return ast.Call(code("xp.moveaxis"), [x, first, second], [])
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(ast.Attribute(x, "T"), ast.MatMult(), y):
                return code(self.library.transposed_product, x=x, y=y)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            return node
        value: ast.expr = self.visit(node.value)
        match node.slice:
            case ast.List() | ast.Name():
                self.used.add("gather")
                return code("gather(x, y)", x=value, y=code(self.library.indices, x=node.slice))
            case ast.Tuple(parts):
                axes = list(enumerate(parts))
            case part:
                axes = [(0, part)]
        for axis, part in axes:
            if isinstance(part, ast.Slice) and (places := _backwards(part)):
                value = code(f"xp.take(x, y, axis={axis})", x=value, y=code(self.library.indices, x=code(str(places))))
                axes[axis] = axis, ast.Slice()
        kept = [part for _, part in axes]
        if all(isinstance(part, ast.Slice) and ast.unparse(part) == ":" for part in kept):
            return value
        written = [ast.unparse(part) for part in kept]
        if self.library.is_strict and "..." not in written and "None" not in written[1:]:
            kept.append(ast.Constant(...))  # the standard has x[0, ...], where NumPy also takes x[0]
        return ast.Subscript(value, ast.Tuple(kept) if len(kept) > 1 else kept[0])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.constant(node) if node.id in self.tables else node

    def sum_of_products(self, pattern: ast.expr, x: ast.expr, y: ast.expr) -> ast.expr:
        """A call of einsum, which the standard lacks."""
        if self.library.adds_short_products and ast.literal_eval(pattern).replace("c", "") == "ikb,kjb->ijb":
            self.used.add("products")
            return code("products(x, y)", x=x, y=y)
        if hasattr(self.xp, "einsum"):
            return code("xp.einsum(pattern, x, y)", pattern=pattern, x=x, y=y)
        self.used.add("einsum")
        return code("einsum(pattern, x, y)", pattern=pattern, x=x, y=y)

    def function(self, name: str) -> ast.expr:
        """The function that NumPy, or the table, calls by this name.

        Raises:
            MissingError: the library lacks it.
        """
        found = self.library.beside.get(name, f"xp.{STANDARD.get(name, name)}")
        if found.startswith("xp.") and not hasattr(self.xp, found[3:]):
            raise MissingError(f"{self.library.name} has no operation {name!r}")
        self.used.add(found)
        return code(found)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if all(map(is_number, [node.left, *node.comparators])):
            node.left = self.constant(node.left)
        return node

    def with_dtype(self, name: str, arguments: list[ast.expr]) -> list[ast.expr]:
        """The arguments of a function; if all are numbers, they become arrays, since alone they have no dtype."""
        first, others = (arguments[:1], arguments[1:]) if name == "where" else ([], arguments)
        return [*first, *map(self.constant, others)] if all(map(is_number, others)) else arguments

    def constant(self, x: ast.expr) -> ast.expr:
        """An array of numbers."""
        return code(self.library.constant, x=x)


def _backwards(part: ast.Slice) -> list[int]:
    """The indices of a slice with a negative step, which the standard does not require; else none."""
    if part.step is None or (step := ast.literal_eval(part.step)) > 0:
        return []
    assert part.lower is not None  # as slices.py writes them
    stop = -1 if part.upper is None else ast.literal_eval(part.upper)
    return list(range(ast.literal_eval(part.lower), stop, step))
