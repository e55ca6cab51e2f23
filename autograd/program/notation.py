"""Python expressions as ``ast`` trees, built from templates and array forms, and written out by ``ast.unparse``."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.forms import Argument, Call, calls
from autograd.engine.op import Op
from autograd.engine.rules import TABLE

# The array functions that Python has a sign for.
SIGNS = {
    "add": "x + y",
    "subtract": "x - y",
    "multiply": "x * y",
    "divide": "x / y",
    "power": "x ** y",
    "square": "x ** 2",
    "negative": "-x",
    "positive": "+x",
    "less": "x < y",
    "less_equal": "x <= y",
    "greater": "x > y",
    "greater_equal": "x >= y",
    "equal": "x == y",
    "not_equal": "x != y",
}


def code(template: str, **parts: ast.expr) -> ast.expr:
    """The expression in a template, with some of its names replaced by expressions.

    >>> ast.unparse(code("a @ b", a=code("x + y"), b=code("z")))
    '(x + y) @ z'
    """
    return put(ast.parse(template, mode="eval").body, parts)


def put(expression: ast.expr, parts: Mapping[str, ast.expr]) -> ast.expr:
    """A new expression, with some of the names replaced by expressions.

    Every part is copied wherever it is put, since a part that is in two places would be changed twice by the next call:
    where t7 is renamed to t6, and t6 to t3, it would become t3.
    """

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return copy.deepcopy(parts[node.id]) if node.id in parts else node

    found: ast.expr = Put().visit(copy.deepcopy(expression))
    return found


def number(x: float) -> ast.expr:
    """The code for a float, nan and infinities included."""
    return code(repr(x).replace("inf", "np.inf").replace("nan", "np.nan"))


def numbers(table: list[Any] | float) -> str:
    """A number, or nested lists of numbers, as source text."""
    return f"[{', '.join(map(numbers, table))}]" if isinstance(table, list) else ast.unparse(number(table))


def is_number(expression: ast.expr) -> bool:
    """Whether the expression is a single literal number, not an array."""
    if isinstance(expression, ast.UnaryOp):
        return is_number(expression.operand)
    return isinstance(expression, ast.Constant) or ast.unparse(expression) in ("np.nan", "np.inf")


def names(expression: ast.expr) -> list[str]:
    """The names that an expression reads, with repetitions."""
    return [node.id for node in ast.walk(expression) if isinstance(node, ast.Name)]


def plus(total: ast.expr | None, sign: float, term: ast.expr) -> ast.expr:
    """The code for ``total + sign * term``, without redundant signs."""
    if total is None:
        return term if sign > 0.0 else ast.UnaryOp(ast.USub(), term)
    if isinstance(term, ast.UnaryOp) and isinstance(term.op, ast.USub):
        sign, term = -sign, term.operand
    return ast.BinOp(total, ast.Add() if sign > 0.0 else ast.Sub(), term)


# -------------------------------------------------------------------------------------------------------- array forms


def written(tree: Call, args: Sequence[ast.expr], known: Mapping[Call, ast.expr] | None = None) -> ast.expr:
    """The code for an array form.

    Arguments:
        tree: the array form.
        args: the code for the arguments of the operation.
        known: the code for some of the calls, such as the name of a temporary.
    """
    found: dict[Call, ast.expr] = dict(known or {})
    for call in calls(tree):
        if call not in found:
            inner = [
                args[x.number] if isinstance(x, Argument) else found[x] if isinstance(x, Call) else number(float(x))
                for x in call.args
            ]
            found[call] = _call(call.function, inner)
    return found[tree]


def _call(function: str, args: list[ast.expr]) -> ast.expr:
    if function in SIGNS:
        return code(SIGNS[function], **dict(zip("xy", args, strict=False)))
    return ast.Call(code(f"np.{function}" if hasattr(np, function) else function), args, [])


def is_short(tree: Call) -> bool:
    """Whether the form can be written inline: it reads each argument at most once, and NumPy has all its functions."""
    read = [x.number for call in calls(tree) for x in call.args if isinstance(x, Argument)]
    return len(read) == len(set(read)) and not lacking(tree)


def lacking(tree: Call) -> list[Op]:
    """The operations of the table that a form calls and that NumPy lacks.

    Raises:
        TypeError: it calls a function that neither NumPy nor the table has.
    """
    missing = dict.fromkeys(call.function for call in calls(tree) if not hasattr(np, call.function))
    return [row_named(name) for name in missing]


def row_named(name: str) -> Op:
    """The operation of the table that an array form calls by this name.

    Raises:
        TypeError: there is none.
    """
    for row in TABLE:
        if row.name == name:
            return row
    raise TypeError(f"an array form calls xp.{name}, which is neither a NumPy function nor an operation of the table")


def definition(name: str, tree: Call, arguments: int) -> str:
    """A function definition for an array form, with a local variable for each call that is read more than once."""
    letters = ["x", "y", "z"][:arguments] if arguments <= 3 else [f"x{i}" for i in range(arguments)]
    args: list[ast.expr] = [ast.Name(letter) for letter in letters]
    reads = Counter(x for call in calls(tree) for x in call.args if isinstance(x, Call))
    known: dict[Call, ast.expr] = {}
    lines = []
    for call in calls(tree):
        if reads[call] > 1:
            lines.append(f"    t{len(known) + 1} = {ast.unparse(written(call, args, known))}")
            known[call] = ast.Name(f"t{len(known) + 1}")
    lines.append(f"    return {ast.unparse(written(tree, args, known))}")
    return "\n".join([f"def {name}({', '.join(letters)}):", *lines])
