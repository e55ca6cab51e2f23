"""An expression typed by a user, evaluated on Values.

The text is parsed, never executed: only arithmetic, the operations of the table, numbers and names are allowed.
"""

from __future__ import annotations

import ast
import difflib
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from autograd.engine import rules
from autograd.engine.notation import INFIX
from autograd.engine.value import Value


def _parsed(infix: str) -> type[ast.operator]:
    """The class of an operator in Python's syntax tree."""
    expression = ast.parse(f"x {infix} y", mode="eval").body
    assert isinstance(expression, ast.BinOp)
    return type(expression.op)


_OPERATORS = {_parsed(infix): op for op, infix in INFIX.items()}
_SIGNS: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.UAdd: lambda x: x, ast.USub: rules.neg}
FUNCTIONS = {row.name: row for row in rules.TABLE}
NEIGHBOURS = {"ln": "log", "max": "maximum", "min": "minimum", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}
IMPLIED_PRODUCT = re.compile(r"((?<![\w.])\d+(?:\.\d*)?|\))\s*([^\W\d]\w*|\()")  # 2x, 2(x + 1), (x + 1)(x - 1)
CONSTANTS = {"pi": math.pi, "e": math.e}


def evaluate(text: str, variables: Mapping[str, Value | float]) -> Any:
    """The value of an expression such as ``"tanh(x1*w1 + b)"``: a Value if it contains one, otherwise a float.

    Arguments:
        text: numbers, names, + - * / **, parentheses, and the operations of the table as functions.
        variables: the values of the names; ``pi`` and ``e`` are predefined.

    Raises:
        ValueError: the text is not a valid expression; the message gives the column.

    >>> evaluate("2 * x + 1", {"x": Value(3.0)}).data
    7.0
    """
    text = re.sub(r"\s", " ", text).strip()  # on one line, so that a column is an index into the text
    if not text:
        raise ValueError("column 1: the expression is empty")
    if len(text) > 100_000:
        raise ValueError("the expression is longer than 100,000 characters")
    if long := re.search(r"\d[\d_]{999,}", text):
        raise _refused(text, long.start(), f"a number of {len(long[0]):,} digits; at most 1,000 are allowed")
    if not text.isprintable():
        odd = next(i for i, letter in enumerate(text) if not letter.isprintable())
        raise _refused(text, odd, f"the character {text[odd]!r} is not allowed")
    try:
        return _value(ast.parse(text, mode="eval").body, text, {**CONSTANTS, **variables})
    except SyntaxError as error:
        if product := IMPLIED_PRODUCT.search(text):
            raise _refused_product(text, product) from None
        column = (error.offset or 0) - 1
        if not error.offset or column >= len(text):  # the error is at the end: something is missing
            raise _refused(text, len(text), "the expression ends too early") from None
        raise _refused(text, column, error.msg) from None
    except (RecursionError, MemoryError):
        raise ValueError("the expression is nested too deeply") from None


def assignment(text: str) -> tuple[str, float]:
    """The name and the number in ``"x=1.5"``.

    Raises:
        ValueError: the text is not a name, an equals sign and a number.
    """
    name, equals, number = (part.strip() for part in unicodedata.normalize("NFKC", text).partition("="))
    if not equals or not name.isidentifier():
        raise ValueError(f"give a variable as NAME=NUMBER, e.g. x=1.5, not {text!r:.60}")
    if name in FUNCTIONS:
        raise ValueError(f"{name!r} is the name of an operation; choose another name for the variable")
    try:
        found = float(CONSTANTS.get(number, number))
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"{name} must be a finite number, not {number!r:.60}")
    return name, found


def _value(node: ast.expr, text: str, known: Mapping[str, Any]) -> Any:
    """The value of one node of the syntax tree."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            try:
                found = float(number)
            except OverflowError:
                found = math.inf
            if not math.isfinite(found):
                raise _refused(text, node, "a number too large for a float, whose largest is about 1.8e308")
            return found
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Name(id=name) if name in FUNCTIONS:
            raise _refused(text, node, f"{name} is a function: write {name}(...)")
        case ast.Name(id=name):
            raise _refused(text, node, f"{name!r} has no value: add one, e.g. {name}=1.5")
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _SIGNS:
            return _SIGNS[type(sign)](_value(operand, text, known))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            return _OPERATORS[type(operator)](_value(left, text, known), _value(right, text, known))
        case ast.BinOp(left=left, op=ast.BitXor()):
            after = len(text.encode()[: left.end_col_offset].decode())
            raise _refused(text, text.index("^", after), "write a power as x**y")
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            operation = FUNCTIONS[name]
            if any(isinstance(argument, ast.Starred) for argument in args):
                raise _refused(text, node, "unpacking with * is not allowed")
            if len(args) != len(operation.partials) and not (operation.folds and args):
                raise _refused(text, node, f"{name} takes {len(operation.partials)} argument(s), not {len(args)}")
            return operation(*(_value(argument, text, known) for argument in args))
        case ast.Call(func=ast.BinOp() | ast.Constant()) if product := IMPLIED_PRODUCT.search(text):
            raise _refused_product(text, product)
        case ast.Call(func=ast.Name(id=name)) if name not in FUNCTIONS:
            near = NEIGHBOURS.get(name) or " or ".join(difflib.get_close_matches(name, FUNCTIONS))
            hint = f"did you mean {near}?" if near else "see --help for the list"
            raise _refused(text, node, f"there is no function {name!r}; {hint}")
    raise _refused(text, node, "only numbers, names, + - * / ** and the functions listed by --help are allowed")


def _refused_product(text: str, product: re.Match[str]) -> ValueError:
    """The error for a product without a sign."""
    left, right = ("(...)" if part in "()" else part for part in product.groups())
    return _refused(text, product.start(2), f"write {left}*{right}")


def _refused(text: str, where: ast.expr | int, why: str) -> ValueError:
    """The error for a position in the text, with a caret below it."""
    # The parser gives columns in bytes.
    column = where if isinstance(where, int) else len(text.encode()[: where.col_offset].decode())
    start = max(0, column - 40)
    shown = "".join(letter if letter.isprintable() else "·" for letter in text[start : column + 40])
    return ValueError(f"column {column + 1}: {why}\n  {shown}\n  {' ' * (column - start)}^")
