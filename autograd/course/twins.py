"""A graph in the learner's class, and the same graph in Values."""

from __future__ import annotations

import re
from typing import Any

from autograd.course.answers import attribute, listed, named, nothing, number, refuse
from autograd.course.mistakes import mistake
from autograd.course.recipes import APPLY, ONE_OPERAND, Recipe
from autograd.course.report import Finding, NotYet, compared, rows_of
from autograd.course.sandbox import asking
from autograd.course.wrong_passes import close, same
from autograd.engine.op import Op
from autograd.engine.value import Value


def made(kind: Any, recipe: Recipe) -> list[Any]:
    """The nodes of a graph in the learner's class.

    Raises:
        NotYet: the class cannot record it, or computes other numbers.
    """
    with asking(f"{recipe.formula}"):
        nodes = recipe.build(kind)
    for node, name, line in zip(nodes, recipe.names, recipe.lines, strict=True):
        if not isinstance(node, kind):
            refuse(f"{line}: {name} should be a {kind.__name__}, not {named(node)}.", nothing(node))
    expected = [node.data for node in recipe.nodes]
    given = [number(attribute(node, "data"), f"{name}.data") for node, name in zip(nodes, recipe.names, strict=True)]
    if not same(expected, given):
        rows = rows_of([f"{name}.data" for name in recipe.names], expected, given)
        first = next(i for i, (x, y) in enumerate(zip(expected, given, strict=True)) if not close(x, y))
        fits = mistake("swapped") if _is_swapped(recipe, first, given[first]) else None
        raise NotYet(Finding(f"For {recipe.formula}", rows, fits, compared(recipe, given, gradients=False)))
    return nodes


def _is_swapped(recipe: Recipe, i: int, given: float) -> bool:
    """Whether a number is that of the operation with its operands swapped."""
    node = recipe.nodes[i]
    if node.op is None or len(node.args) != 2:
        return False
    return close(node.op.value(*[x if isinstance(x, float) else x.data for x in reversed(node.args)]), given)


def as_built(kind: Any, recipe: Recipe) -> Value:
    """A graph as the learner's class records it, in Values, with the names of the recipe."""
    nodes = made(kind, recipe)
    twins = twins_of(nodes[-1])
    for node, name in zip(nodes, recipe.names, strict=True):
        twins[id(node)].label = name
    return twins[id(nodes[-1])]


def as_values(end: Any) -> Value:
    """A learner's graph in Values."""
    return twins_of(end)[id(end)]


def twins_of(end: Any) -> dict[int, Value]:
    """The Value for each node of a learner's graph, by its id.

    Raises:
        NotYet: a node is among the nodes that it is computed from.
    """
    twins: dict[int, Value] = {}
    entered: set[int] = set()
    stack = [end]
    while stack:
        node = stack[-1]
        if id(node) in twins:
            stack.pop()
            continue
        args = listed(attribute(node, "args"), "args")
        missing = [x for x in args if id(x) not in twins]
        if not missing:
            twins[id(node)] = _twin(node, [twins[id(x)] for x in args])
        elif id(node) in entered:
            refuse("A node of this graph is computed from itself: it is among its own operands, or among theirs.")
        else:
            entered.add(id(node))
            stack += missing
    return twins


def _twin(node: Any, args: list[Any]) -> Value:
    """One node in Values: with the same operation if it is known, else with its number and slopes as they are."""
    data, symbol = number(attribute(node, "data"), "data"), attribute(node, "op")
    if not args:
        return Value(data)
    exponent = re.fullmatch(r"\*\*\s*(-?[\d.]+)", str(symbol))
    if exponent and len(args) == 1:
        args, symbol = [*args, float(exponent[1])], "**"
    if symbol in APPLY and len(args) == (1 if symbol in ONE_OPERAND else 2):
        twin: Value = APPLY[symbol](*args)
        if close(twin.data, data):
            return twin
    with asking("slopes()"):
        partials = tuple(number(x, "a slope") for x in listed(node.slopes(), "slopes()", len(args)))
    frozen: Value = Op(str(symbol) or "operation", lambda *_: data, partials)(*args)
    return frozen
