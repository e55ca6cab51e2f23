"""Python code as a tree: made by templates and by array forms, and written out by Python's own ``ast``."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.op import Op
from autograd.engine.rules import TABLE
from autograd.program.forms import Argument, Call, calls

INFIX: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "subtract": ast.Sub,
    "multiply": ast.Mult,
    "divide": ast.Div,
    "power": ast.Pow,
}
PREFIX: dict[str, type[ast.unaryop]] = {"negative": ast.USub, "positive": ast.UAdd}
COMPARISON: dict[str, type[ast.cmpop]] = {
    "less": ast.Lt,
    "less_equal": ast.LtE,
    "greater": ast.Gt,
    "greater_equal": ast.GtE,
    "equal": ast.Eq,
    "not_equal": ast.NotEq,
}


def code(template: str, **parts: ast.expr) -> ast.expr:
    """An expression, with others substituted for its names.

    >>> ast.unparse(code("a @ b", a=code("x + y"), b=code("z")))
    '(x + y) @ z'
    """
    return put(ast.parse(template, mode="eval").body, parts)


def put(expression: ast.expr, parts: Mapping[str, ast.expr]) -> ast.expr:
    """The expression with others substituted for names.  It is changed in place."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return parts.get(node.id, node)

    found: ast.expr = Put().visit(expression)
    return found


def number(x: float) -> ast.expr:
    """A number."""
    if x != x:
        return code("np.nan")
    if x in (float("inf"), -float("inf")):
        return code("np.inf" if x > 0.0 else "-np.inf")
    return code(repr(x))


def numbers(table: list[Any] | float) -> str:
    """Numbers in lists, as text."""
    return f"[{', '.join(map(numbers, table))}]" if isinstance(table, list) else ast.unparse(number(table))


def is_number(expression: ast.expr) -> bool:
    """Whether it is one number, and no array."""
    if isinstance(expression, ast.UnaryOp):
        return is_number(expression.operand)
    return isinstance(expression, ast.Constant) or ast.unparse(expression) in ("np.nan", "np.inf")


def names(expression: ast.expr) -> list[str]:
    """The names that it reads, as often as it reads them."""
    return [node.id for node in ast.walk(expression) if isinstance(node, ast.Name)]


def plus(total: ast.expr | None, sign: float, term: ast.expr) -> ast.expr:
    """The total with one more term."""
    if total is None:
        return term if sign > 0.0 else ast.UnaryOp(ast.USub(), term)
    if isinstance(term, ast.UnaryOp) and isinstance(term.op, ast.USub):
        sign, term = -sign, term.operand
    return ast.BinOp(total, ast.Add() if sign > 0.0 else ast.Sub(), term)


# -------------------------------------------------------------------------------------------------------- array forms


def written(tree: Call, args: Sequence[ast.expr], known: Mapping[Call, ast.expr] | None = None) -> ast.expr:
    """An array form as code.

    Arguments:
        tree: the form.
        args: the arguments of the operation.
        known: code for some of the calls.
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
    if function in INFIX:
        return ast.BinOp(args[0], INFIX[function](), args[1])
    if function in PREFIX:
        return ast.UnaryOp(PREFIX[function](), args[0])
    if function in COMPARISON:
        return ast.Compare(args[0], [COMPARISON[function]()], [args[1]])
    if function == "square":
        return ast.BinOp(args[0], ast.Pow(), ast.Constant(2))
    return ast.Call(code(f"np.{function}" if hasattr(np, function) else function), args, [])


def is_short(tree: Call) -> bool:
    """Whether the form reads each argument once, so that it can be written where it is read."""
    read = [x.number for call in calls(tree) for x in call.args if isinstance(x, Argument)]
    return len(read) == len(set(read)) and not lacking(tree)


def lacking(tree: Call) -> list[Op]:
    """The operations of the table that a form calls and NumPy lacks.

    Raises:
        TypeError: it calls what neither has.
    """
    missing = dict.fromkeys(call.function for call in calls(tree) if not hasattr(np, call.function))
    rows = {row.name: row for row in TABLE}
    for name in missing:
        if name not in rows:
            raise TypeError(f"an array form calls xp.{name}, which is neither a function of NumPy nor an operation")
    return [rows[name] for name in missing]


def definition(name: str, tree: Call, arguments: int) -> str:
    """A function that computes an array form; what is read twice has a name in it."""
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
