"""What the stages about the engine check: recording, slopes, shares, the order, and the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from typing import Any

from autograd.course.answers import (
    attribute,
    class_given,
    gradients,
    listed,
    method_given,
    named,
    nothing,
    number,
    refuse,
)
from autograd.course.mistakes import Mistake, mistake
from autograd.course.recipes import Recipe, chain, ladder, recipes
from autograd.course.report import Finding, NotYet, compared, rows_of
from autograd.course.sandbox import asking
from autograd.course.twins import as_built, made
from autograd.course.wrong_passes import Slopes, close, fitting, right_orders, same, wrong_shares, wrong_slopes
from autograd.picture.diagram import diagram
from autograd.picture.picture import Picture

DEEP = 5_000  # operations: more than Python's recursion limit
SHOWN = Recipe((2.0, -3.0, 4.0), (("*", (0, 1)), ("+", (3, 2)), ("*", (4, 0))))  # for stages that are passed
SHARED = Recipe((2.0, 3.0), (("*", (0, 1)), ("*", (0, 2)), ("+", (2, 3))))
SMOOTH = Recipe((0.5, 2.0, -1.0), (("*", (0, 1)), ("+", (3, 2.0)), ("/", (4, 1)), ("tanh", (5,)), ("-", (6, 2))))
EVERY = "+ - * / ** neg tanh exp"
SIMPLEST = ("+", "*", "**", "exp", "tanh", "neg", "-", "/")  # later ones are often made from earlier ones


# ----------------------------------------------------------------------------------------------- 1, 2, 3: a single node


def recording(kind: Any) -> Finding:
    """Stage 1."""
    class_given(kind, "check.stage1(MyValue)")
    tried = recipes("+ *", shared=True, count=20)
    for recipe in tried:
        nodes = made(kind, recipe)
        for i in range(len(nodes)):
            _check_record(recipe, nodes, i)
    return Finding(f"{len(tried)} graphs were recorded.", alive=as_built(kind, SHOWN))


def _check_record(recipe: Recipe, nodes: Sequence[Any], i: int) -> None:
    """What a node was made from."""
    node, name, line = nodes[i], recipe.names[i], recipe.lines[i]
    args = attribute(node, "args")
    if not isinstance(args, list | tuple):
        refuse(f"{line}: {name}.args should be a tuple of operands, not {named(args)}.", nothing(args))
    operands = recipe.operands(i)
    if [id(x) for x in args] != [id(nodes[x]) for x in operands]:
        known = {id(node): label for node, label in zip(nodes, recipe.names, strict=True)}
        wanted, held = [recipe.names[x] for x in operands], [known.get(id(x)) or named(x) for x in args]
        row = (f"{name}.args", f"({', '.join(wanted)})", f"({', '.join(held)})")
        fits = mistake("numbers are kept" if any(isinstance(x, Real) for x in args) else "operands are lost")
        raise NotYet(Finding(f"{line}: what it was made from", [row], fits))
    symbol = recipe.steps[i - len(recipe.leaves)][0] if operands else ""
    if operands and attribute(node, "op") != symbol:
        raise NotYet(Finding(line, rows_of([f"{name}.op"], [repr(symbol)], [repr(node.op)])))


def slopes(kind: Any) -> Finding:
    """Stage 2."""
    class_given(kind, "check.stage2(MyValue)")
    method_given(kind, "slopes")
    tried = [Recipe((x, y), ((symbol, (0, 1)),)) for x, y in ((2.0, -3.0), (5.0, 0.5), (-1.5, 4.0)) for symbol in "+*"]
    given = []
    for recipe in tried:
        *_, z = made(kind, recipe)
        with asking(f"c.slopes() for {recipe.formula}"):
            answer = z.slopes()
        pair = listed(answer, f"c.slopes() for {recipe.formula}", 2)
        given.append([number(x, f"the slope with respect to {name}") for x, name in zip(pair, "ab", strict=True)])
    for recipe, mine in zip(tried, given, strict=True):
        right = [slope for _, slope in recipe.slopes[-1]]
        if not same(right, mine):
            rows = rows_of(["slope of c with respect to a", "slope of c with respect to b"], right, mine)
            picture = Picture(diagram(recipe.nodes[-1], partials=True), gradients=False)
            same_op = [i for i, other in enumerate(tried) if other.steps == recipe.steps]
            fits = _common([wrong_slopes(tried[i].nodes[-1]) for i in same_op], [given[i] for i in same_op])
            if recipe.symbols == {"+"}:
                fits = mistake("slope of a sum")
            elif fits is None and all(given[i] == mine for i in same_op):
                fits = mistake("always the same")
            raise NotYet(Finding(f"For {recipe.formula}", rows, fits, picture))
    return Finding("Sums and products have the right slopes.", alive=as_built(kind, SHOWN))


def _common(wrong: Sequence[Iterable[tuple[str, Slopes]]], given: Sequence[Sequence[float]]) -> Mistake | None:
    """The mistake that fits all that was given: for each node what mistakes lead to, and the learner's numbers."""
    names: list[str] = []
    for i, (ways, mine) in enumerate(zip(wrong, given, strict=True)):
        here = [name for name, numbers in ways if numbers_fit(numbers, mine)]
        names = [name for name in here if i == 0 or name in names]
    return mistake(names[0]) if names else None


def numbers_fit(wrong: Slopes, given: Sequence[float]) -> bool:
    return all(x is not None and close(x, y) for x, y in zip(wrong, given, strict=True))


def shares(kind: Any) -> Finding:
    """Stage 3."""
    class_given(kind, "check.stage3(MyValue)")
    method_given(kind, "pass_back")
    tried = [
        (Recipe((x, y, 1.5), (("*", (0, 1)), (symbol, (3, 2)))), gradient)
        for x, y, gradient in ((2.0, -3.0, 5.0), (5.0, 0.5, -2.0), (-1.5, 4.0, 0.5))
        for symbol in "+*"
    ]
    given = []
    for recipe, gradient in tried:
        nodes = made(kind, recipe)
        a, b, c, d, e = nodes
        e.grad = gradient
        said = f"e.pass_back() for {recipe.formula}, and e.grad = {gradient:g}"
        with asking(said):
            e.pass_back()
        *below, x, y, after = gradients([a, b, d, c, e], "abdce")
        if not close(after, gradient):
            refuse(f"{said}: this should change the grad of the operands, c and d, and not e.grad itself.")
        if any(below):
            rows = rows_of(["a.grad", "b.grad"], [0.0, 0.0], below)
            raise NotYet(Finding(said, rows, mistake("goes on")))
        given.append([x, y])
    for (recipe, gradient), mine in zip(tried, given, strict=True):
        right = [gradient * slope for _, slope in recipe.slopes[-1]]
        if not same(right, mine):
            rows = rows_of(["d.grad", "c.grad"], right, mine)
            ways = [wrong_shares(recipe.nodes[-1], gradient) for recipe, gradient in tried]
            fits = mistake("nothing passed on") if mine == [0.0, 0.0] else _common(ways, given)
            said = f"e.pass_back() for {recipe.formula}, and e.grad = {gradient:g}"
            picture = compared(recipe, [None, None, mine[1], mine[0], None], seed=gradient)
            raise NotYet(Finding(said, rows, fits, picture))
    return Finding("A node passes the right shares to its operands.", alive=as_built(kind, SHOWN))


# --------------------------------------------------------------------------------------------------------- 4: the order


def order(kind: Any) -> Finding:
    """Stage 4."""
    class_given(kind, "check.stage4(MyValue)")
    method_given(kind, "order")
    tried = recipes("+ *", shared=True, count=30)
    for recipe in tried:
        nodes = made(kind, recipe)
        with asking(f"{recipe.names[-1]}.order() for {recipe.formula}"):
            answer = nodes[-1].order()
        _check_order(recipe, nodes, listed(answer, f"{recipe.names[-1]}.order()"))
    _deep_and_wide(kind, lambda node: node.order(), "order()")
    said = f"{len(tried)} graphs, one {DEEP:,} operations deep, and one with a billion paths."
    return Finding(said, alive=as_built(kind, SHARED))


def _check_order(recipe: Recipe, nodes: Sequence[Any], answer: list[Any]) -> None:
    numbers = {id(node): i for i, node in enumerate(nodes)}
    names = recipe.names
    strangers = [x for x in answer if id(x) not in numbers]
    if strangers:
        refuse(f"{names[-1]}.order() holds {named(strangers[0])}, which is not a node of the graph.")
    mine = [numbers[id(x)] for x in answer]
    place = {i: k for k, i in enumerate(mine)}
    late = [
        (i, x) for i in range(len(nodes)) for x in recipe.operands(i) if {i, x} <= place.keys() and place[x] < place[i]
    ]
    if len(place) < len(mine):
        name = "visited twice"
    elif len(place) < len(nodes):
        name = "a node is missing"
    elif not late:
        return
    else:
        turned = all(place[x] < place[i] for i in range(len(nodes)) for x in recipe.operands(i))
        name = "wrong way round" if turned else "not topological"
    expected, given = (", ".join(names[i] for i in visited) for visited in (right_orders(recipe)[1], mine))
    rows = [(f"{names[-1]}.order()", f"e.g. {expected}", given or "nothing")]
    said = f"For {recipe.formula}"
    if name == "not topological":
        user, operand = late[0]
        said += f": {names[operand]} comes before {names[user]}, which is computed from it"
    remarks = {node: (f"visit {place[i] + 1}", "active") for i, node in enumerate(recipe.nodes) if i in place}
    picture = Picture(diagram(recipe.nodes[-1], remarks=remarks), gradients=False)
    raise NotYet(Finding(said, rows, mistake(name), picture))


def _deep_and_wide(kind: Any, visit: Callable[[Any], object], what: str) -> None:
    """A graph that is deeper than Python's recursion limit, and one with a great many paths."""
    for recipe, said in ((ladder(30), "30 sums, each of the one before with itself"), (chain(DEEP), f"{DEEP:,} sums")):
        with asking(said):
            nodes = recipe.build(kind)
        try:
            with asking(f"{what} of a graph of {said}", slow="every path", deep="recursion limit"):
                visit(nodes[-1])
        finally:
            # From the result on: a node that is freed frees its operands, one inside the other, and a browser allows
            # fewer calls inside one another than there are nodes.
            while nodes:
                nodes.pop()


# --------------------------------------------------------------------------------------------- 5, 6, 7: backward passes


def backward_pass(kind: Any, tried: Sequence[Recipe]) -> None:
    """Compare all gradients of these graphs."""
    given = []
    for recipe in tried:
        nodes = made(kind, recipe)
        with asking(f"{recipe.names[-1]}.backward() for {recipe.formula}"):
            nodes[-1].backward()
        given.append(gradients(nodes, recipe.names))
    wrong = [i for i, (recipe, mine) in enumerate(zip(tried, given, strict=True)) if not same(recipe.gradients, mine)]
    if not wrong:
        return
    shown, fits = wrong[0], fitting(tried, given)
    if fits is None:  # perhaps one operation is wrong, and others are made from it
        for symbol in SIMPLEST:
            members = [i for i, recipe in enumerate(tried) if recipe.symbols == {symbol}]
            if not {*members}.isdisjoint(wrong):
                shown = next(i for i in members if i in wrong)
                fits = fitting([tried[i] for i in members], [given[i] for i in members], orders=False)
                break
    recipe, mine = tried[shown], given[shown]
    rows = rows_of([f"{name}.grad" for name in recipe.names], recipe.gradients, mine)
    said = f"{recipe.names[-1]}.backward() for {recipe.formula}"
    raise NotYet(Finding(said, rows, fits, compared(recipe, mine)))


def backward(kind: Any) -> Finding:
    """Stage 5."""
    class_given(kind, "check.stage5(MyValue)")
    method_given(kind, "backward")
    tried = recipes("+ *", shared=False)
    backward_pass(kind, tried)
    return Finding(f"All gradients of {len(tried)} graphs are right.", alive=as_built(kind, SHOWN))


def accumulation(kind: Any) -> Finding:
    """Stage 6."""
    class_given(kind, "check.stage6(MyValue)")
    method_given(kind, "backward")
    tried = recipes("+ *", shared=True)
    backward_pass(kind, tried)
    _twice(kind)
    _two_results(kind)
    _deep_and_wide(kind, lambda node: node.backward(), "backward()")
    return Finding(
        f"All gradients of {len(tried)} graphs are right, also when they add up.", alive=as_built(kind, SHARED)
    )


def _twice(kind: Any) -> None:
    """backward() twice on one graph: what leaves have doubles, and inner nodes start again."""
    recipe = Recipe((3.0,), (("*", (0, 0)), ("*", (1, 0))))
    nodes = made(kind, recipe)
    with asking(f"c.backward(), twice, for {recipe.formula}"):
        nodes[-1].backward()
        nodes[-1].backward()
    right = [2.0 * recipe.gradients[0], *recipe.gradients[1:]]
    mine = gradients(nodes, recipe.names)
    if not same(right, mine):
        name = "not accumulated" if same(recipe.gradients, mine) else "stale"
        rows = rows_of([f"{name}.grad" for name in recipe.names], right, mine)
        raise NotYet(Finding(f"c.backward(), twice, for {recipe.formula}", rows, mistake(name), compared(recipe, mine)))


def _two_results(kind: Any) -> None:
    """Two results that share an inner node: the leaves add up, the inner node does not."""
    with asking("c = a * b, y = c * c, z = c + a"):
        a, b = kind(2.0), kind(3.0)
        c = a * b
        y, z = c * c, c + a
    with asking("y.backward(), then z.backward(), for c = a * b, y = c * c, z = c + a"):
        y.backward()
        z.backward()
    right, mine = [40.0, 26.0, 1.0], gradients([a, b, c], "abc")  # 36 + 4, 24 + 2, and of z alone
    if not same(right, mine):
        lost = same([4.0, 2.0], mine[:2])
        rows = rows_of(["a.grad", "b.grad", "c.grad"], right, mine)
        said = "y.backward(), then z.backward(), for c = a * b, y = c * c, z = c + a with a = 2, b = 3"
        raise NotYet(Finding(said, rows, mistake("not accumulated" if lost else "stale")))


def operations(kind: Any) -> Finding:
    """Stage 7."""
    class_given(kind, "check.stage7(MyValue)")
    method_given(kind, "backward")
    tried = recipes(EVERY, shared=True, numbers=True)
    tried += [Recipe((0.5,), (("*", (0, 3.0)), (symbol, operands))) for symbol, operands in _WITH_NUMBERS]
    tried.sort(key=lambda recipe: len(recipe.steps))
    backward_pass(kind, tried)
    return Finding(f"{len(tried)} graphs of all operations are right.", alive=as_built(kind, SMOOTH))


_WITH_NUMBERS = [(symbol, operands) for symbol in "+-*/" for operands in ((1, 2.0), (2.0, 1))]
