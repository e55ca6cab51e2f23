"""Cases made at random, for the promise that a number is right or refused.

Each function here makes one case from a random generator.  It returns "right" or "refused", or raises ``WrongError``
with what was wrong.  tests/benchmarks/random_cases.py runs as many as you have time for; tests/test_random_cases.py
runs some of each, and shows that each of them finds the defect that it was written for.
"""

from __future__ import annotations

import csv
import inspect
import io
import itertools
import math
import operator
import random
import tempfile
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
from points import NO_SLOPE, POINTS
from polynomials import Polynomial
from random_graphs import random_step, random_sums, random_triangle
from random_trainings import trainings
from verdicts import WrongError, same

import autograd
import nn
from autograd import (
    TABLE,
    Op,
    Program,
    Value,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vectorize,
    vjp,
)
from nn.data import read_csv

REFUSALS = (ArithmeticError, ValueError, TypeError)


# ------------------------------------------------------------------------------------------- derivatives of derivatives


class Nested:
    """A random function of its variables in which derivatives of functions, which use them, stand as factors.

    ``numbers`` computes it with this library, ``symbols`` with polynomials.
    """

    def __init__(self, rng: random.Random, names: list[str], depth: int) -> None:
        self.rng = rng
        self.terms: list[tuple[int, list[Any]]] = []
        for _ in range(rng.randint(1, 3)):
            factors: list[Any] = [rng.choice(names) for _ in range(rng.randint(0, 3))] if names else []
            self.terms.append((rng.choice([-2, -1, 1, 2, 3]), factors))
        if depth:
            rng.choice(self.terms)[1].append(Derivative(rng, names, depth))

    def numbers(self, known: dict[str, Any]) -> Any:
        total: Any = 0.0
        for coefficient, factors in self.terms:
            term: Any = float(coefficient)
            for factor in factors:
                term = term * (known[factor] if isinstance(factor, str) else factor.numbers(known))
            total = total + term
        return total

    def symbols(self) -> Polynomial:
        total = Polynomial({})
        for coefficient, factors in self.terms:
            term = Polynomial({(): coefficient})
            for factor in factors:
                term = term * (Polynomial.variable(factor) if isinstance(factor, str) else factor.symbols())
            total += term
        return total


class Derivative:
    """A derivative of a random function by two variables of its own, at numbers or at variables around it."""

    KINDS = ("grad", "value", "value_and_grad", "jvp", "vjp", "jacobian", "hessian", "hvp")

    def __init__(self, rng: random.Random, names: list[str], depth: int) -> None:
        self.kind = rng.choice(self.KINDS)
        level = len(names)
        self.own = [f"v{level}", f"v{level + 1}"]
        inside = names + self.own
        self.body = [Nested(rng, inside, depth - 1), Nested(rng, inside, 0)]
        self.plain = not names or rng.random() < 0.5
        point = [rng.choice([-2, -1, 1, 2, 3]) for _ in self.own]
        self.point: list[Any] = [x if self.plain or rng.random() < 0.3 else rng.choice(names) for x in point]
        self.direction: list[Any] = [
            rng.choice([-1, 0, 1, 2]) if not names or rng.random() < 0.7 else rng.choice(names) for _ in self.own
        ]
        self.pick, self.other = rng.randint(0, 1), rng.randint(0, 1)
        self.container = rng.choice([list, tuple, lambda xs: {"a": xs[0], "b": [xs[1]]}])
        self.mode = rng.choice([None, "forward", "reverse"])
        self.threaded = rng.random() < 0.05

    def numbers(self, known: dict[str, Any]) -> Any:
        def given(x: Any) -> Any:
            return known[x] if isinstance(x, str) else float(x)

        def flat(xs: Any) -> list[Any]:
            return [xs["a"], xs["b"][0]] if isinstance(xs, dict) else list(xs)

        def f(xs: Any) -> Any:
            return self.body[0].numbers({**known, **dict(zip(self.own, flat(xs), strict=True))})

        def both(xs: Any) -> Any:
            inside = {**known, **dict(zip(self.own, flat(xs), strict=True))}
            return [body.numbers(inside) for body in self.body]

        xs, vs = (self.container([given(x) for x in part]) for part in (self.point, self.direction))

        def compute() -> Any:
            match self.kind:
                case "grad":
                    return flat(grad(f)(xs))[self.pick]
                case "value":
                    return value_and_grad(f)(xs)[0]
                case "value_and_grad":
                    return flat(value_and_grad(f)(xs)[1])[self.pick]
                case "jvp":
                    return jvp(f, xs, vs)[1]
                case "vjp":
                    return flat(vjp(both, xs)[1](flat(vs)))[self.pick]
                case "jacobian":
                    mode = {"mode": self.mode} if "mode" in inspect.signature(jacobian).parameters else {}
                    return flat(jacobian(both, **mode)(xs)[self.other])[self.pick]
                case "hessian":
                    return flat(flat(hessian(f)(xs))[self.other])[self.pick]
            return flat(hvp(f, xs, vs))[self.pick]

        return in_thread(compute) if self.threaded else compute()

    def symbols(self) -> Polynomial:
        f, g = (body.symbols() for body in self.body)
        x, y = self.own[self.pick], self.own[self.other]
        vs = [Polynomial.variable(v) if isinstance(v, str) else Polynomial.of(v) for v in self.direction]
        match self.kind:
            case "value":
                found = f
            case "jvp":
                found = vs[0] * f.derivative(self.own[0]) + vs[1] * f.derivative(self.own[1])
            case "vjp":
                found = vs[0] * f.derivative(x) + vs[1] * g.derivative(x)
            case "jacobian":
                found = (f, g)[self.other].derivative(x)
            case "hessian":
                found = f.derivative(y).derivative(x)
            case "hvp":
                slope = f.derivative(x)
                found = vs[0] * slope.derivative(self.own[0]) + vs[1] * slope.derivative(self.own[1])
            case _:
                found = f.derivative(x)
        point = [Polynomial.variable(p) if isinstance(p, str) else p for p in self.point]
        return found.at(dict(zip(self.own, point, strict=True)))


def in_thread(f: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(f()))
    thread.start()
    thread.join()
    return found[0]


def nested(rng: random.Random) -> str:
    """Derivatives within derivatives, three deep, in all combinations, at numbers and at variables of the outside."""
    case = Derivative(rng, [], rng.randint(1, 3))
    wanted = case.symbols().number()
    found = case.numbers({})
    if not isinstance(found, float):
        raise WrongError(f"{case.kind} of numbers gave {found!r} in place of a number")
    if not same(found, wanted):
        raise WrongError(f"{case.kind}: {found} in place of {wanted}")
    return "right"


def nested_programs(rng: random.Random) -> str:
    """A vectorized function, or a Program, that uses the variable of a derivative around it: right or refused."""
    a, b = rng.choice([2.0, 3.0]), rng.choice([0.5, -1.0])
    uses = rng.random() < 0.5
    keep: dict[str, Any] = {}

    def f(w: Any) -> Any:
        if rng.random() < 0.5:
            inner = vectorize(lambda x: (w if uses else 2.0) * x * x)
            inside = inner([b])[0]
        else:
            x = Value(b)
            inside = Program((w if uses else 2.0) * x * x, [x])([b])[0]
        keep["inside"] = inside
        return w * inside

    try:
        found = grad(f)(a)
    except TypeError:
        if uses:
            return "refused"
        raise
    wanted = 2.0 * a * b * b if uses else 2.0 * b * b
    if not same(found, wanted):
        raise WrongError(f"{found} in place of {wanted}")
    return "right"


# ------------------------------------------------------------------------------------------------- branches and replays


class Branching(nn.Module):
    """A model that takes another way for some examples, in one of many ways of asking."""

    WAYS = (
        *("data", "item", "int", "nested", "grad", "format", "text", "program", "max", "compare", "parameter"),
        *("state", "count", "none"),
    )

    def __init__(self, rng: random.Random) -> None:
        self.way = rng.choice(self.WAYS)
        self.threshold = rng.uniform(-2.0, 2.0)
        self.w = Value(rng.uniform(0.5, 1.5), "w")
        self.b = Value(rng.uniform(-0.5, 0.5), "b")
        self.calls = 0
        self.state: Any = 0.0
        self.program = Program(self.w * 2.0, [])

    def __call__(self, x: Any) -> Any:
        h = self.w * x[0] + self.b * x[1]
        t = self.threshold
        match self.way:
            case "data":
                return h * 2.0 if h.data > t else h * -3.0
            case "item":
                return h * 2.0 if h.item() > t else h * -3.0
            case "int":
                return h * float(int(h.data))
            case "nested":
                return sum([h] * (1 + (h * h).data.__gt__(t * t)), h * 0.0)
            case "grad":
                y = h * h
                (slope,) = gradients(y, [h])
                return h * 2.0 if slope.data > t else h * -3.0
            case "format":
                return h * float(f"{h:.6f}")
            case "text":
                return h * float(repr(h).removeprefix("Value(data=").split(",")[0])
            case "program":
                return h * float(self.program()[0])
            case "state":
                self.state = self.state * 0.5 + h
                return self.state
            case "max":
                return max(h, h * 0.0 + t)
            case "compare":
                return h * 2.0 if h > t else h * -3.0
            case "parameter":
                return h * 2.0 if self.b.data > -0.1 else h * -3.0
            case "count":
                self.calls += 1
                return h * (2.0 if self.calls % 50 else -3.0)
        return h.tanh() * 2.0

    def eager(self, X: list[list[float]]) -> list[float]:
        self.state = 0.0
        with no_grad():
            return [self(x).data for x in X]


def branches(rng: random.Random) -> str:
    """predict, vectorize and fit with models that branch: what eager code gives, or an error."""
    model = Branching(rng)
    count = rng.choice([17, 40, 120])
    X = [[rng.gauss(0.0, 1.0), rng.gauss(0.0, 1.0)] for _ in range(count)]
    if rng.random() < 0.5:  # all but a few take the same way
        X = sorted(X, key=lambda x: x[0])
        X.insert(count // 2, X.pop())
    what = rng.choice(["predict", "vectorize", "fit", "eager"])
    if what == "predict":
        try:
            predicted = model.predict(X)
        except ValueError:
            if model.way != "state":  # others can be called for each example in its place
                raise
            return "refused"
        return compare_lists(model, predicted, model.eager(X))
    if what == "vectorize":
        try:
            found = vectorize(lambda a, b: model([a, b]))(*zip(*X, strict=True))
        except REFUSALS:
            return "refused"
        return compare_lists(model, found.tolist(), model.eager(X))
    y = [float(i % 3) for i in range(len(X))]
    engine = "eager" if what == "eager" else "program"
    start, calls = [model.w.data, model.b.data], model.calls
    options: dict[str, Any] = {"optimizer": nn.SGD(model.parameters(), lr=0.01), "epochs": 2, "progress": False}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = nn.fit(model, X, y, engine=engine, validation=(X, y), seed=1, **options)
    except REFUSALS:
        if what == "eager":
            raise
        return "refused"
    if model.way in ("count", "state"):  # no two runs are the same
        return "right"
    found = [*history.loss, *history.validation_loss, model.w.data, model.b.data]
    model.w.data, model.b.data = start
    model.calls = calls
    options["optimizer"] = nn.SGD(model.parameters(), lr=0.01)
    seen = []
    eager = nn.fit(
        model, X, y, engine="eager", seed=1, callbacks=lambda h: seen.append(loss_of(model, X, y)), **options
    )
    return compare_lists(model, found, [*eager.loss, *seen, model.w.data, model.b.data])


def loss_of(model: Branching, X: list[list[float]], y: list[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(model.eager(X), y, strict=True)) / len(y)


def compare_lists(model: Branching, found: list[float], wanted: list[float]) -> str:
    if model.way == "count":
        return "right"
    for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
        if not same(a, b, 1e-7):
            raise WrongError(f"a model that branches by {model.way}: number {i} is {a} in place of {b}")
    return "right"


def structures(rng: random.Random) -> str:
    """Examples of different structures: what eager code gives, or an error that says which example it is."""

    class Sum(nn.Module):
        def __init__(self) -> None:
            self.w = Value(1.5)

        def __call__(self, x: Any) -> Any:
            return self.w * autograd.flatten(x)[0][0] + sum(autograd.flatten(x)[0][1:], 0.0)

    def example() -> Any:
        n = rng.choice([1, 2, 2, 2, 3])
        numbers = [rng.uniform(-1.0, 1.0) for _ in range(n)]
        return rng.choice([numbers, tuple(numbers), [numbers], np.array(numbers), {"a": numbers}])

    count = rng.choice([3, 20])
    X = [example() for _ in range(count)] if rng.random() < 0.5 else [[1.0, 2.0]] * (count - 1) + [example()]
    model = Sum()
    what = rng.choice(["predict", "fit"])
    if what == "predict":
        with no_grad():
            wanted = [model(x).data for x in X]
        for a, b in zip(model.predict(X), wanted, strict=True):
            if not same(a, b):
                raise WrongError(f"{a} in place of {b}")
        return "right"
    y = [[rng.uniform(-1.0, 1.0)] if rng.random() < 0.1 else rng.uniform(-1.0, 1.0) for _ in X]
    plain = [t[0] if isinstance(t, list) else t for t in y]
    before = model.w.data
    try:
        loss = nn.fit(model, X, y, loss=flat_squares, optimizer=nn.SGD([model.w], lr=0.0), epochs=1, progress=False)
    except (ValueError, TypeError) as error:
        if isinstance(error, StopIteration) or "StopIteration" in str(error):
            raise WrongError("StopIteration reached the user") from error
        return "refused"
    model.w.data = before
    with no_grad():
        wanted_loss = sum((model(x).data - t) ** 2 for x, t in zip(X, plain, strict=True)) / len(X)
    if not same(loss.loss[0], wanted_loss):
        raise WrongError(f"the loss {loss.loss[0]} in place of {wanted_loss}")
    return "right"


def flat_squares(outputs: Any, targets: Any) -> Any:
    targets = [autograd.flatten(t)[0][0] for t in targets]
    return sum(((o - t) ** 2 for o, t in zip(outputs, targets, strict=True)), 0.0) / len(outputs)


def iterables(rng: random.Random) -> str:
    """Outputs, inputs and parameters of programs as lists, tuples, generators, dictionary views and sets of one."""
    forms: list[Callable[[list[Any]], Any]] = [
        list,
        tuple,
        iter,
        lambda xs: (x for x in xs),
        lambda xs: dict(enumerate(xs)).values(),
        lambda xs: itertools.chain(xs),
    ]
    x, w, b = Value(0.5), Value(rng.uniform(1.0, 2.0)), Value(rng.uniform(1.0, 2.0))
    y = (w * x + b) ** 2
    inputs, parameters, outputs = (rng.choice(forms)(part) for part in ([x], [w, b], [y, y * 2.0]))
    numbers = [rng.uniform(-1.0, 1.0) for _ in range(3)]
    if rng.random() < 0.5:
        first, second = Program(outputs, inputs, parameters)(numbers)
        w.data *= 2.0
        pairs = [(first[i], ((w.data / 2.0) * n + b.data) ** 2) for i, n in enumerate(numbers)]
        pairs += [(b_, 2.0 * a) for a, b_ in zip(first, second, strict=True)]
    else:
        step = Program.value_and_grad(y, inputs, parameters)
        value, gradient = step(numbers)
        residuals = [w.data * n + b.data for n in numbers]
        pairs = [(value, sum(r * r for r in residuals) / 3.0)]
        wanted = [sum(2.0 * r * n for r, n in zip(residuals, numbers, strict=True)) / 3.0, 2.0 * sum(residuals) / 3.0]
        if len(gradient) != 2:
            raise WrongError(f"a gradient of {len(gradient)} numbers for two parameters")
        pairs += list(zip(gradient.tolist(), wanted, strict=True))
    for found, right in pairs:
        if not same(found, right):
            raise WrongError(f"{found} in place of {right}")
    return "right"


# ------------------------------------------------------------------------------------------------------ operations


NAMES = [row.name for row in TABLE] + [
    "sinc",
    "cube",
    "linspace",
    "e",
    "np",
    "lambda",
    "B",
    "x y",
    "a'b",
    "ä",
    "1st",
    "",
]
NAMES += ['"""', "f(x)", "print", "parameters", "value_and_grad", "sum", "__import__", "a\nb", "_", "nan"]
FUNCTIONS: list[tuple[Any, Any]] = [
    (lambda x: 3.0 * x + 1.0, lambda z, x: 3.0),
    (lambda x: x * x * x, lambda z, x: 3.0 * x * x),
    (lambda x: 1.0 / (2.0 + x * x), lambda z, x: -2.0 * x * z * z),
]


def own_operations(rng: random.Random) -> str:
    """Operations of one's own, under the names of others: replayed and written out as what they are."""
    ops = []
    for _ in range(rng.randint(1, 2)):
        f, slope = rng.choice(FUNCTIONS)
        name = rng.choice(NAMES) or "f"
        if rng.random() < 0.6:
            ops.append(Op(name, f, (slope,)))
        else:
            ops.append(Op(name, lambda x, y, f=f: f(x) - y, (lambda z, x, y, slope=slope: slope(z + y, x), -1.0)))
    x, w = Value(0.3, "x"), Value(1.2, "w")
    y: Any = w * x
    for op in ops:
        y = op(y) if len(op.partials) == 1 else op(y, rng.choice([2.0, 0.5, w]))
    y = y + autograd.relu(w * x) * autograd.sigmoid(x) if rng.random() < 0.5 else y
    program = Program([y, *gradients(y, [w])], [x], [w])
    numbers = [rng.uniform(-1.0, 1.0) for _ in range(3)]
    found = np.array(program(numbers))
    for i, n in enumerate(numbers):
        x.data = n
        fresh: Any = w * x
        for op in ops:
            fresh = op(fresh) if len(op.partials) == 1 else op(fresh, second_argument(y, op))
        if "relu" in {node.op.name for node in autograd.topological_order(y) if node.op and node.op in TABLE}:
            fresh = fresh + autograd.relu(w * x) * autograd.sigmoid(x)
        w.grad = 0.0
        fresh.backward()
        for got, wanted in ((found[0][i], fresh.data), (found[1][i], w.grad)):
            if not same(got, wanted):
                raise WrongError(f"own operations {[op.name for op in ops]}: {got} in place of {wanted}")
    names = dict(getattr(program, "operations", None) or {op.name: op for op in ops})
    exec(program.source, names)
    written = np.array(names["program"](np.array([numbers]), np.array([w.data])))
    if not np.allclose(written, found, rtol=1e-9, atol=1e-12):
        raise WrongError(
            f"the source of own operations {[op.name for op in ops]}: {written.tolist()}, not {found.tolist()}"
        )
    return "right"


def second_argument(y: Value, op: Op) -> Any:
    return next(node.args[1] for node in autograd.topological_order(y) if node.op is op)


def sources(rng: random.Random) -> str:
    """The source of a program for a gradient, with weights, an added term and outputs: the same numbers."""
    program, batch, vector = random_step(rng.randrange(10**9))
    names: dict[str, Any] = {}
    exec(program.source, names)
    found, wanted = names["value_and_grad"](batch, vector), program(batch, parameters=vector)
    for a, b in zip(found, wanted, strict=True):
        if not np.allclose(a, b, rtol=1e-9, atol=1e-12):
            raise WrongError(f"the source gives {a}, and the program {b}:\n{program.source}")
    return "right"


def sums(rng: random.Random) -> str:
    """Sums of many kinds of terms, and triangles of sums: program, gradient and source give the same as eager code."""
    seed = rng.randrange(10**9)
    if rng.random() < 0.7:
        outputs, inputs, parameters = random_sums(seed)
    else:
        outputs, leaves = random_triangle(seed)
        inputs, parameters = leaves[::2], leaves[1::2]
    numbers = np.random.default_rng(seed)
    batch, vector = numbers.normal(size=(len(inputs), 3)), numbers.normal(size=len(parameters))
    loss = autograd.dot([autograd.tanh(y) for y in outputs], outputs)
    for program in (Program(outputs, inputs, parameters), Program.value_and_grad(loss, inputs, parameters)):
        try:
            program.verify(*batch)
        except AssertionError as error:
            raise WrongError(str(error)) from error
        names: dict[str, Any] = {}
        exec(program.source, names)
        run = names["program"] if isinstance(program, Program) else names["value_and_grad"]
        for a, b in zip(run(batch, vector), program(batch, parameters=vector), strict=True):
            if not np.allclose(a, b, rtol=1e-9, atol=1e-11):
                raise WrongError(f"the source gives {a}, and the program {b}:\n{program.source}")
    return "right"


def signed_zeros(rng: random.Random) -> str:
    """The constants 0.0 and -0.0, which are equal, and yet two numbers: arctan2(0.0, -0.0) is pi."""
    x = Value(rng.choice([0.0, -0.0, 1.0, -2.0]), "x")
    rows = [autograd.arctan2, autograd.arctan2, autograd.hypot, operator.mul]
    outputs = []
    for _ in range(rng.randint(2, 6)):
        arguments = [x, rng.choice([0.0, -0.0, 1.0])]
        rng.shuffle(arguments)
        y = rng.choice(rows)(*arguments)
        outputs.append(autograd.arctan2(y, rng.choice([0.0, -0.0])) if rng.random() < 0.3 else y)
    program = Program(outputs, [x])
    wanted = [y.data for y in outputs]
    names: dict[str, Any] = {}
    exec(program.source, names)
    inputs = np.array([[x.data]])
    for way, found in {"program": program([x.data]), "source": names["program"](inputs, np.zeros(0))}.items():
        if not all(same(float(a[0]), b) for a, b in zip(found, wanted, strict=True)):
            raise WrongError(f"the {way} gives {np.ravel(found)}, and eager code {wanted}: {program.source}")
    return "right"


def wrong_partials(rng: random.Random) -> str:
    """A value or a partial that is not a number: an error in every mode, and never a 0.0."""
    junk = rng.choice([None, "1.0", [1.0], 1j, np.ones(2), {}, object()])
    in_value, arity = rng.random() < 0.3, rng.choice([1, 2, 3])

    def bad(*args: Any) -> Any:
        return junk

    place = rng.randrange(arity)
    partials: list[Any] = [lambda z, *xs: 1.0] * arity
    if not in_value:
        partials[place] = bad
    op = Op("f", bad if in_value else lambda *xs: sum(xs), tuple(partials))
    xs = [Value(1.0) for _ in range(arity)]
    ways: list[Callable[[], Any]] = [
        lambda: op(*xs).backward(),
        lambda: gradients(op(*xs), xs),
        lambda: grad(lambda x: op(*x))([1.0] * arity),
        lambda: jvp(lambda x: op(*x), [1.0] * arity, [1.0] * arity),
        lambda: Program.value_and_grad(op(*xs), [], xs)(),
        lambda: (op(*xs) * 0.0).backward(),
    ]
    way = rng.choice(ways)
    try:
        found = way()
    except TypeError as error:
        if "'f'" not in str(error):
            raise WrongError(f"the error does not name the operation: {error}") from error
        return "refused"
    raise WrongError(f"{junk!r} by argument {place} of {arity} gave {found!r} and gradients {[x.grad for x in xs]}")


# --------------------------------------------------------------------------------------- slopes that may not exist


def edge_atom(rng: random.Random, x: Any, m: Any) -> Any:
    """A function of x that has a value, and perhaps no slope, at 0; m holds the functions to compute with."""
    kind = rng.randrange(13)
    if kind == 0:
        return m.sqrt(x)
    if kind == 1:
        return m.cbrt(x)
    if kind == 2:
        return m.pow(x, rng.choice([0.5, 0.94, 1.5, 1.0 / 3.0, 2.0, 3.0]))
    if kind == 3:
        return m.arccos(1.0 - x)
    if kind == 4:
        return m.arcsin(1.0 - x)
    if kind == 5:
        return m.arccosh(1.0 + x)
    if kind == 6:
        return m.hypot(x, 0.0 * x)
    if kind == 7:
        return m.xlogy(x, x + rng.choice([0.5, 1.0]))
    if kind == 8:
        return m.arctan2(x, rng.choice([1.0, 2.0]) + x)
    if kind == 9:
        return x
    if kind == 10:
        return x * x
    if kind == 11:
        return m.sin(x)
    return rng.choice([1.0, 2.0, -0.5]) + 0.0 * x


def edge_expression(rng: random.Random, x: Any, m: Any, depth: int) -> Any:
    if depth == 0:
        return edge_atom(rng, x, m)

    def inner() -> Any:
        return edge_expression(rng, x, m, depth - 1)

    kind = rng.randrange(15)
    if kind == 0:
        return inner() + inner()
    if kind == 1:
        return inner() - inner()
    if kind in (2, 3):
        return inner() * inner()
    if kind == 4:
        return m.square(inner())
    if kind == 5:
        return m.pow(inner(), rng.choice([2.0, 3.0, 1.0]))
    if kind == 6:
        return m.where(m.step(x - rng.choice([0.5, -0.5])), inner(), inner())
    if kind == 7:
        return m.maximum(inner() + rng.choice([3.3, -4.4]), inner())
    if kind == 8:
        return m.minimum(inner(), inner() + rng.choice([3.7, -4.9]))
    if kind == 9:
        return m.relu(inner() + rng.choice([5.1, -6.3]))
    if kind == 10:
        return inner() * rng.choice([0.0, 0.0, 2.0])
    if kind == 11:
        return m.sqrt(m.relu(inner() + rng.choice([5.1, -6.3])))
    if kind == 12:
        return m.cbrt(m.where(m.step(x - rng.choice([0.5, -0.5])), inner(), 0.0 * x))
    if kind == 13:
        return m.sqrt(m.minimum(m.maximum(inner(), -3.1), -3.1) + 3.1)
    return m.tanh(inner())


class Exact:
    """The same functions in mpmath."""

    sin, tanh, sqrt = staticmethod(mp.sin), staticmethod(mp.tanh), staticmethod(mp.sqrt)
    arccos, arcsin, arccosh = staticmethod(mp.acos), staticmethod(mp.asin), staticmethod(mp.acosh)
    hypot, arctan2 = staticmethod(mp.hypot), staticmethod(mp.atan2)
    maximum, minimum = staticmethod(max), staticmethod(min)
    cbrt = staticmethod(lambda x: mp.sign(x) * mp.cbrt(abs(x)))
    square = staticmethod(lambda x: x * x)
    xlogy = staticmethod(lambda x, y: x * mp.log(y) if x else mp.mpf(0))
    step = staticmethod(lambda x: mp.mpf(x > 0))
    relu = staticmethod(lambda x: max(x, mp.mpf(0)))
    where = staticmethod(lambda c, x, y: x if c else y)

    @staticmethod
    def pow(x: Any, y: float) -> Any:
        return x ** mp.mpf(y)


def edges(rng: random.Random) -> str:
    """Functions at the edge of a domain, under factors that are 0: right, or an error, the same in every mode."""
    seed, depth = rng.random(), rng.choice([1, 2, 2, 3])

    def f(x: Any, m: Any = autograd) -> Any:
        return edge_expression(random.Random(seed), x, m, depth)

    def backward() -> float:
        x = Value(0.0)
        f(x).backward()
        return x.grad

    def replayed() -> float:
        x = Value(0.0)
        y = f(x)
        return float(Program.value_and_grad(y, [], [x])()[1][0])

    def recorded_elsewhere() -> float:
        x = Value(0.25)
        y = f(x)
        return float(Program(gradients(y, [x]), [x])([0.25, 0.0])[0][1])

    def of_slope() -> float:
        x = Value(0.0)
        (slope,) = gradients(f(x), [x])
        return slope.data

    x = Value(0.0)
    y = f(x)
    if not isinstance(y, Value) or x not in autograd.topological_order(y):
        return "right"
    ways: dict[str, Callable[[], float]] = {
        "backward": backward,
        "gradients": of_slope,
        "grad": lambda: grad(f)(0.0),
        "jvp": lambda: jvp(f, 0.0, 1.0)[1],
        "jvp of a Value": lambda: jvp(f, Value(0.0), 1.0)[1].data,
        "program": replayed,
        "recorded elsewhere": recorded_elsewhere,
    }
    found: dict[str, float | None] = {}
    for name, way in ways.items():
        found[name] = number_or_none(way)
    known = {name: number for name, number in found.items() if number is not None}
    if not known:
        return "refused"
    number = next(iter(known.values()))
    # backward() gives every node a gradient, and so may refuse where the gradient by x alone exists.
    rest = [name for name in found if name != "backward" or found[name] is not None]
    if any(found[name] is None or not same(found[name], number, 1e-6) for name in rest):
        raise WrongError(f"the modes differ: {found}")
    if at_a_kink(y):
        return "right"
    with mp.workdps(200):
        h = mp.mpf(10) ** -90
        slope = (f(h, Exact) - f(mp.mpf(0), Exact)) / h
        if abs(slope) < 1e20 and not same(number, float(slope), 1e-6):
            raise WrongError(f"{number} in place of {float(slope)}")
        if abs(slope) >= 1e20:
            raise WrongError(f"{number}, where the slope is infinite")
    return "right"


def number_or_none(way: Callable[[], float]) -> float | None:
    try:
        return float(way())
    except (ArithmeticError, ValueError):
        return None


def at_a_kink(y: Value) -> bool:
    """Whether an operation has a kink at its numbers, so that a convention stands in for its slope."""
    for node in autograd.topological_order(y):
        numbers = [a.data if isinstance(a, Value) else a for a in node.args]
        if node.op in (autograd.maximum, autograd.minimum) and numbers[0] == numbers[1]:
            return True
        if node.op in (autograd.relu, autograd.abs, autograd.step, autograd.sign) and numbers[0] == 0.0:
            return True
    return False


# The slopes of these are the difference of two nearly equal numbers far out; README says so.
HARD = {"erfc", "gelu", "silu", "softplus", "expm1", "sin", "cos", "tan"}  # for which mpmath needs more digits
DEFINED_AT_INFINITY = {"silu", "gelu", "tanh", "sigmoid", "softplus", "relu", "arctan", "erf", "erfc", "elu"}
TAILS = {"tanh", "sigmoid", "softplus", "silu", "gelu", "elu"}


def extremes(rng: random.Random) -> str:
    """Every row at very small, very large and infinite numbers: value and slopes as in mpmath, or an error."""
    row = rng.choice(TABLE)
    exact, points = POINTS[row.name]

    def number() -> float:
        if row.name in DEFINED_AT_INFINITY and rng.random() < 0.2:
            return rng.choice([math.inf, -math.inf])
        largest = 8.0 if row.name in ("erfc", "gelu") else 300.0  # beyond it mpmath itself overflows
        size = 10.0 ** min(
            largest, rng.choice([rng.uniform(-300.0, 300.0), rng.uniform(-20.0, 20.0), rng.gauss(0.0, 1.0)])
        )
        return rng.choice([-1.0, 1.0]) * size

    point = tuple(number() for _ in points[0])
    infinite = any(map(math.isinf, point))
    xs = [Value(x) for x in point]
    try:
        y = row(*xs)
        y.backward()
    except (ArithmeticError, ValueError):
        return "refused"
    if infinite:
        if any(math.isnan(x.grad) for x in xs) or math.isnan(y.data):
            raise WrongError(f"{row.name}{point} gives {y.data} with the slopes {[x.grad for x in xs]}")
        return "right"
    with mp.workdps(700 if row.name in HARD else 60):
        arguments = tuple(map(mp.mpf, point))
        compare_exactly(row, point, "value", y.data, exact(*arguments))
        for i, x in enumerate(xs):
            if (row.name, i) in NO_SLOPE:
                continue
            slope = exact_slope(exact, arguments, i)
            compare_exactly(row, point, f"slope by argument {i}", x.grad, slope)
    return "right"


def exact_slope(f: Any, arguments: tuple[Any, ...], i: int) -> Any:
    """A central difference with a step that is far too small for floats, at a precision that is far too large."""
    with mp.workdps(1000):
        h = min(abs(arguments[i]), 1 if f in (mp.sin, mp.cos, mp.tan) else mp.inf) * mp.mpf(10) ** -90
        up, down = ([*arguments[:i], arguments[i] + s * h, *arguments[i + 1 :]] for s in (1, -1))
        return (f(*up) - f(*down)) / (2 * h)


def compare_exactly(row: Op, point: tuple[float, ...], what: str, found: float, exact: Any) -> None:
    exact = mp.mpf(mp.re(exact))
    if abs(exact) > mp.mpf("1.7e308"):  # too large for a float
        fine = math.isinf(found) or abs(found) > 1e308
    elif abs(exact) < mp.mpf("1e-305"):  # so small that a float has no digits left, or nearly so
        fine = abs(found) < 1e-300 or (row.name in TAILS and abs(found) < 4e-16)
    else:
        tolerance = abs(exact) * mp.mpf("1e-9")
        fine = abs(mp.mpf(found) - exact) <= max(tolerance, mp.mpf("4e-16") if row.name in TAILS else 0)
    if not fine:
        raise WrongError(f"{row.name}{point}: {what} {found!r} in place of {mp.nstr(exact, 17)}")


# --------------------------------------------------------------------------------------------------------- programs


class Graph:
    """A random graph over all rows of the table, at points where they are defined."""

    def __init__(self, rng: random.Random) -> None:
        self.inputs = [Value(rng.uniform(0.2, 0.9), f"x{i}") for i in range(rng.randint(1, 2))]
        self.parameters = [Value(rng.uniform(0.2, 0.9), f"w{i}") for i in range(rng.randint(1, 3))]
        nodes: list[Any] = [*self.inputs, *self.parameters, Value(rng.choice([0.0, 1.0, 0.5]))]
        for _ in range(rng.randint(2, 14)):
            row = rng.choice(TABLE)
            args = [
                rng.choice(nodes) if rng.random() < 0.85 else rng.choice([0.0, 1.0, 2.0, 0.5]) for _ in row.partials
            ]
            if not any(isinstance(x, Value) for x in args):
                continue
            try:
                z = row(*args)
            except (ArithmeticError, ValueError):
                continue
            if math.isfinite(z.data) and abs(z.data) < 1e6:
                nodes.append(z)
        self.y = sum(nodes[-3:], Value(0.0))


def programs(rng: random.Random) -> str:
    """Random graphs over all rows: program, source and eager code give the same values and gradients, or an error."""
    graph = Graph(rng)
    try:
        slopes = gradients(graph.y, graph.parameters)
    except (ArithmeticError, ValueError):
        return "refused"
    program = Program([graph.y, *slopes], graph.inputs, graph.parameters)
    columns = np.array([[x.data, rng.uniform(0.1, 0.95), rng.choice([0.0, 1.0, 0.5])] for x in graph.inputs])
    try:
        found = np.array(program(*columns))
    except (ArithmeticError, ValueError):
        return "refused"
    order = autograd.topological_order(graph.y)
    for i in range(3):
        numbers = dict(zip(graph.inputs, columns[:, i].tolist(), strict=True))
        fresh: dict[Any, Any] = {}
        for node in order:
            if node.op is None:
                fresh[node] = Value(numbers.get(node, node.data))
            else:
                fresh[node] = node.op(*(fresh.get(x, x) for x in node.args))
        try:
            fresh[graph.y].backward()
        except (ArithmeticError, ValueError):
            continue  # a node has no gradient, though the parameters have one
        wanted = [fresh[graph.y].data, *(fresh[w].grad if w in fresh else 0.0 for w in graph.parameters)]
        for got, right in zip(found[:, i], wanted, strict=True):
            if not same(float(got), right, 1e-7):
                raise WrongError(f"sample {i}: {got} in place of {right}")
    names: dict[str, Any] = {}
    exec(program.source, names)
    with np.errstate(all="ignore"):
        written = np.array(names["program"](columns, np.array([w.data for w in graph.parameters])))
    if not np.allclose(written, found, rtol=1e-7, atol=1e-9, equal_nan=True):
        raise WrongError(f"the source gives {written.tolist()} in place of {found.tolist()}")
    return "right"


# ------------------------------------------------------------------------------------------------------------- data


def numbers_put_in(rng: random.Random) -> str:
    """Whatever is put into a Value is a float from then on, or an error at that moment."""
    junk = rng.choice(
        [1, True, np.float32(0.5), np.int64(3), "x", None, [1.0], 1j, np.ones(3), Value(1.0), 10**400, object(), 2.5]
    )
    p = Value(1.0, "p")
    try:
        p.data = junk
    except (TypeError, OverflowError):
        if p.data != 1.0 or type(p.data) is not float:
            raise WrongError(f"a refused {junk!r} left {p.data!r}") from None
        return "refused"
    if type(p.data) is not float:
        raise WrongError(f"{junk!r} was kept as {p.data!r}")
    p.grad = 0.5
    optimizer = rng.choice([nn.SGD, nn.Adam, nn.RMSprop, nn.Adagrad, nn.AdamW])
    rate = rng.choice([np.float32(0.1), np.float64(0.1), 0.1, lambda step: np.float32(0.1)])
    for _ in range(2):
        optimizer([p], lr=rate).step()
    if type(p.data) is not float:
        raise WrongError(f"{optimizer.__name__} with the rate {rate!r} made {p.data!r}")
    return "right"


def csv_classes(rng: random.Random) -> str:
    """Classes of a CSV file, numbers or words: each example has the class, and each class the name, in the file."""
    kind = rng.choice(["large", "small", "words", "signed", "huge", "underscores"])
    size = rng.randint(2, 12)
    labels = {
        "large": [str(10**6 + i) for i in range(size)],
        "small": [str(i) for i in range(size)],
        "words": [f"class {chr(97 + i)}" for i in range(size)],
        "signed": [str(i - size // 2) for i in range(size)],
        "huge": [str(2**53 + i) for i in range(size)],
        "underscores": [text for i in range(1, size // 2 + 1) for text in (f"{i}0", f"{i}_0")],
    }[kind]
    rows = [[str(rng.random()), rng.choice(labels)] for _ in range(rng.randint(size, 30))]
    text = io.StringIO()
    csv.writer(text).writerows([["x", "y"], *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        path.write_text(text.getvalue())
        found = read_csv(path)
    if [found.classes[int(c)] for c in found.y] != [label for _, label in rows]:
        raise WrongError(f"classes {sorted({label for _, label in rows})} became {found.classes}")
    return "right"


def given_to_programs(rng: random.Random) -> str:
    """What is no array of numbers, given to a program, is refused, and not taken for nan, or for a number."""
    x = Value(0.0)
    program = rng.choice([Program(x * 2.0, [x]), vectorize(lambda x: x * 2.0)])
    masked = np.ma.masked_array([1.0, 2.0], [False, True])
    dates = np.array(["2020-01-01", "2020-01-02"], "datetime64[D]")
    junk = rng.choice(
        [[1.0, None], masked, dates, dates - dates, ["1", "2"], [1j, 2.0], [Value(1.0)], [10**400, 1.0], "1"]
    )
    good: Any = rng.choice([[1, 2], [True, False], np.array([1, 2], "f4"), np.ma.masked_array([1.0, 2.0]), (0.5, 1)])
    if rng.random() < 0.3:
        if not np.allclose(program(good), 2.0 * np.asarray(good, dtype=float)):
            raise WrongError(f"{good!r} gave {program(good)!r}")
        return "right"
    try:
        found = program(junk)
    except REFUSALS:
        return "refused"
    raise WrongError(f"{junk!r} gave {found!r}")


CASES: dict[str, tuple[Callable[[random.Random], str], float]] = {  # each with its share of the time
    "nested": (nested, 3.0),
    "nested_programs": (nested_programs, 0.3),
    "branches": (branches, 2.0),
    "structures": (structures, 1.0),
    "iterables": (iterables, 0.5),
    "own_operations": (own_operations, 1.0),
    "sources": (sources, 1.0),
    "sums": (sums, 2.0),
    "signed_zeros": (signed_zeros, 0.3),
    "wrong_partials": (wrong_partials, 0.5),
    "edges": (edges, 3.0),
    "extremes": (extremes, 3.0),
    "programs": (programs, 2.0),
    "numbers_put_in": (numbers_put_in, 0.3),
    "csv_classes": (csv_classes, 0.3),
    "given_to_programs": (given_to_programs, 0.3),
    "trainings": (trainings, 3.0),
}


def run(name: str, seed: int) -> str:
    """One case: the same for the same name and seed."""
    return CASES[name][0](random.Random(f"{name} {seed}"))
