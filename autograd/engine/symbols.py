"""The notation of operations, in Python and in pictures.  Operations not listed here are written by name."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.engine import rules
from autograd.engine.op import Op

INFIX: dict[Op, str] = {rules.add: "+", rules.sub: "-", rules.mul: "*", rules.div: "/", rules.pow: "**"}

PICTURE: dict[Op, str] = {
    rules.add: "+",
    rules.sub: "−",
    rules.mul: "×",
    rules.div: "÷",
    rules.pow: "xʸ",
    rules.neg: "−x",
    rules.pos: "+x",
    rules.abs: "|x|",
    rules.square: "x²",
    rules.reciprocal: "1/x",
    rules.exp: "eˣ",
}


def formula(op: Op, operands: Sequence[str]) -> str:
    """An operation on these operands, in Python's notation.

    >>> formula(rules.mul, ["a", "b"]), formula(rules.tanh, ["a"])
    ('a * b', 'tanh(a)')
    """
    return f" {INFIX[op]} ".join(operands) if op in INFIX else f"{op.name}({', '.join(operands)})"


def in_picture(op: Op) -> str:
    """The symbol of an operation in a picture."""
    return PICTURE.get(op, op.name)
