"""Programs: replay equals eager."""

from __future__ import annotations

import dataclasses
import math
import pickle
import re
import threading
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from points import POINTS
from random_graphs import random_graph

import autograd
import nn
from autograd import TABLE, Op, Value, cos, gradients, sin, vectorize
from autograd.engine.graph import evaluate, topological_order
from autograd.program import lower
from autograd.program.plan import Elementwise
from autograd.program.program import Program


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
@pytest.mark.parametrize("samples", [0, 1, 3, 70])
def test_every_row(row: Op, samples: int) -> None:
    points = POINTS[row.name][1]
    xs = [Value(x) for x in points[0]]
    program = Program(row(*xs), xs)
    columns = [np.resize([point[i] for point in points], samples) for i in range(len(xs))]
    expected = [row(*map(float, point)) for point in zip(*columns, strict=True)]
    assert program(*columns) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@settings(max_examples=60)
@given(st.integers(0, 100_000), st.sampled_from([0, 1, 2, 33]), st.integers(0, 3))
def test_random_graphs_and_their_gradients(seed: int, samples: int, count: int) -> None:
    y, leaves = random_graph(seed)
    order = topological_order(y)
    inputs = [x for x in leaves if x in order][:count]
    slopes = gradients(y, leaves)
    program = Program([y, *slopes], inputs)
    rng = np.random.default_rng(seed)
    columns = rng.uniform(-2.0, 2.0, (len(inputs), samples))
    found = program(*columns) if inputs else program()
    full = topological_order(y, *slopes)
    for sample in range(samples if inputs else 1):
        changed = {x: float(columns[i, sample]) for i, x in enumerate(inputs)}
        exact = evaluate(full, changed)
        for result, output in zip(found, [y, *slopes], strict=True):
            assert result[sample] == pytest.approx(exact[output], rel=1e-11, abs=1e-12)


def network(activation: str = "tanh") -> tuple[nn.MLP, list[Value], Value]:
    model = nn.MLP(2, [5, 4, 1], activation=activation, seed=1)
    inputs = [Value(0.1, "x1"), Value(0.2, "x2"), Value(1.0, "y")]
    return model, inputs, (model(inputs[:2]) - inputs[2]) ** 2


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "sigmoid", "elu"])
@pytest.mark.parametrize("samples", [1, 40])
def test_a_network_and_its_gradient(activation: str, samples: int) -> None:
    model, inputs, loss = network(activation)
    step = Program.value_and_grad(loss, inputs, model.parameters())
    columns = np.random.default_rng(0).normal(size=(3, samples))
    for _ in range(2):
        value, gradient = step(*columns)
        model.zero_grad()
        mean = sum((model(x[:2]) - x[2]) ** 2 for x in columns.T.tolist()) / samples
        mean.backward()
        assert value == pytest.approx(mean.data, rel=1e-12)
        assert gradient == pytest.approx([p.grad for p in model.parameters()], rel=1e-9, abs=1e-13)
        for p in model.parameters():  # parameters are read at each call
            p.data *= 1.1


def test_blocks_are_the_whole_batch() -> None:
    model, inputs, loss = network()
    step = Program.value_and_grad(loss, inputs, model.parameters())
    columns = np.random.default_rng(0).normal(size=(3, 1000))
    whole = step(*columns)
    step.block = 64
    parts = step(*columns)
    assert parts[0] == pytest.approx(whole[0], rel=1e-12)
    assert parts[1] == pytest.approx(whole[1], rel=1e-11, abs=1e-14)


def test_few_instructions_for_a_network() -> None:
    model = nn.MLP(2, [16, 16, 1], activation="tanh", seed=1)
    inputs = [Value(0.1), Value(0.2), Value(1.0)]
    step = Program.value_and_grad((model(inputs[:2]) - inputs[2]) ** 2, inputs, model.parameters())
    assert len(step.plan.instructions) <= 20


def test_the_order_in_which_terms_are_added_does_not_hide_a_product() -> None:
    x = [Value(0.0) for _ in range(4)]
    w = [[Value(0.1 * i + j) for j in range(4)] for i in range(3)]
    shuffled = [[0, 1, 2, 3], [3, 1, 0, 2], [2, 0, 3, 1]]
    sums = [sum((w[i][j] * x[j] for j in order[1:]), w[i][order[0]] * x[order[0]]) for i, order in enumerate(shuffled)]
    program = Program(sums, inputs=x)
    assert len(program.plan.instructions) == 1
    assert program.source.count(" @ ") == 1
    program.verify(*np.arange(8.0).reshape(4, 2))


def test_sums_that_grow_by_a_term_are_one_instruction() -> None:
    x, y = ([Value(0.3 * i + j) for i in range(8)] for j in (1.0, -2.0))
    products = [sum((a * b for a, b in zip(x[1:end], y[1:end], strict=True)), x[0] * y[0]) for end in range(2, 9)]
    plain = [sum(x[1:end], x[0]) for end in range(2, 9)]
    program = Program([*products, *plain], inputs=[])
    assert len(program.plan.instructions) == 2
    program.verify()
    expected = [z.data for z in (*products, *plain)]
    assert np.ravel(from_source(program)) == pytest.approx(expected)
    x[7].data = float("inf")  # what is added as 0 is 0, whatever the last sum reads
    assert np.ravel(program())[:6] == pytest.approx(expected[:6])


def test_errors_name_operation_label_and_sample() -> None:
    x = Value(1.0, "h3")
    with pytest.raises(ValueError, match=r"sample 2, log\(-1\.0\) at 'h3'"):
        Program(x.log(), [x])([1.0, 2.0, -1.0])
    with pytest.raises(OverflowError, match=r"sample 1, exp\(1000\.0\)"):
        Program(x.exp(), [x])([1.0, 1000.0])


def test_pickled() -> None:
    model, inputs, loss = network()
    step = Program.value_and_grad(loss, inputs, model.parameters())
    again = pickle.loads(pickle.dumps(step))
    columns = np.random.default_rng(0).normal(size=(3, 4))
    assert again(*columns)[0] == step(*columns)[0]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda x: Program(3.0, [x]), TypeError),
        (lambda x: Program(x * 2.0, [x * 2.0]), ValueError),
        (lambda x: Program(x * 2.0, [x, x]), ValueError),
        (lambda x: Program(x * 2.0, [x], [x]), ValueError),
        (lambda x: Program(x * 2.0, [x])(), TypeError),
        (lambda x: Program([], [x]), ValueError),
        (lambda x: Program(x * 2.0, [x], dtype=int), ValueError),
        (lambda x: Program(x * 2.0, [x])([[[1.0]]]), ValueError),
    ],
)
def test_mistakes(make: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        make(Value(1.0))


def test_repr() -> None:
    x = Value(1.0)
    assert repr(Program(x * 2.0, [x])) == "<Program: 2 scalars, 1 instructions, 1 input, 0 parameters>"


def test_threads_share_a_program() -> None:
    model, inputs, loss = network()
    step = Program.value_and_grad(loss, inputs, model.parameters())
    batches = [np.random.default_rng(seed).normal(size=(3, 50)) for seed in range(4)]
    expected = [step(*batch)[0] for batch in batches]
    found: dict[int, set[float]] = {i: set() for i in range(4)}

    def work(i: int) -> None:
        for _ in range(50):
            found[i].add(step(*batches[i])[0])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(4)] == [{value} for value in expected]


def test_verify_compares_node_by_node() -> None:
    model, inputs, loss = network()
    step = Program.value_and_grad(loss, inputs, model.parameters())
    columns = np.random.default_rng(0).normal(size=(3, 20))
    assert step.verify(*columns) < 1e-12
    wrong = Program(inputs[0].sin() * 2.0, inputs[:1])
    instruction = wrong.plan.instructions[0]
    assert isinstance(instruction, Elementwise)
    wrong.plan.instructions[0] = dataclasses.replace(instruction, op=cos)
    with pytest.raises(AssertionError, match=r"sin differs: the program gives 1\.0, the graph 0\.0"):
        wrong.verify([0.0])
    with pytest.raises(RuntimeError, match="pickled without its graph"):
        pickle.loads(pickle.dumps(step)).verify(*columns)


def test_what_is_no_number_in_both_does_not_differ() -> None:
    x = Value(1.0)
    assert Program(x * 2.0, [x]).verify([math.nan]) == 0.0


def test_vectorize_broadcasts_and_keeps_structure() -> None:
    @vectorize
    def polar(r: Any, t: Any) -> dict[str, Any]:
        return {"x": r * cos(t), "y": [r * sin(t)]}

    r, t = np.array([[1.0], [2.0]]), np.array([0.0, 0.5, 1.0])
    found = polar(r, t)
    assert found["x"] == pytest.approx(r * np.cos(t))
    assert found["y"][0] == pytest.approx(r * np.sin(t))
    assert polar.__name__ == "polar"
    assert polar.program is not None
    assert polar(2.0, 0.0)["x"].shape == ()


def test_vectorize_on_no_numbers() -> None:
    f = vectorize(lambda x: x.exp())
    assert f([]).tolist() == []
    value, (slope,) = f.value_and_grad(np.zeros((0, 3)))
    assert value.shape == slope.shape == (0, 3)


def test_vectorize_derivatives() -> None:
    f = vectorize(lambda x, y: x**2 * y)
    value, (dx, dy) = f.value_and_grad([1.0, 2.0], 3.0)
    assert (value.tolist(), dx.tolist(), dy.tolist()) == ([3.0, 12.0], [6.0, 12.0], [1.0, 4.0])
    with pytest.raises(TypeError, match="returns one number, not 2"):
        vectorize(lambda x: [x, x]).value_and_grad([1.0])


def test_what_cannot_be_replayed_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot replay a branch"):
        vectorize(lambda x: x if x > 0.0 else -x)([1.0, -1.0])
    with pytest.raises(TypeError, match="cannot replay the number of a Value"):
        vectorize(lambda x: Value(x.data) * 2.0)([1.0])
    with pytest.raises(ValueError, match="the result of <lambda> does not depend on argument 0"):
        vectorize(lambda x: Value(2.0))([1.0])
    assert Value(1.0) > 0.0  # outside, comparisons are as ever
    assert vectorize(abs)([1.0, -1.0]).tolist() == [1.0, 1.0]
    with pytest.raises(TypeError, match="at least one array"):
        vectorize(abs)()


@pytest.mark.parametrize("activation", ["tanh", "gelu"])
def test_single_precision(activation: str) -> None:
    model, inputs, loss = network(activation)
    columns = np.random.default_rng(0).normal(size=(3, 70))
    double = Program.value_and_grad(loss, inputs, model.parameters())
    single = Program.value_and_grad(loss, inputs, model.parameters(), dtype=np.float32)
    assert single.memory(70) == double.memory(70) / 2
    exact, found = double(*columns), single(*columns)
    assert found[0] == pytest.approx(exact[0], rel=1e-5)
    assert found[1] == pytest.approx(exact[1], rel=1e-3, abs=1e-5)


# ------------------------------------------------------------------------------------------------------- source


def from_source(program: Program, *columns: Any) -> Any:
    """What the source gives, run with NumPy alone."""
    names: dict[str, Any] = {}
    exec(program.source, names)
    run = names["value_and_grad" if "value_and_grad(" in program.source else "program"]
    parameters = np.array([p.data for p in program.parameters])
    return run(np.array(columns), parameters) if program.inputs else run(parameters)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_the_source_of_every_row_runs(row: Op) -> None:
    points = POINTS[row.name][1]
    xs = [Value(x) for x in points[0]]
    program = Program(row(*xs), xs)
    columns = [np.array([float(point[i]) for point in points]) for i in range(len(xs))]
    assert from_source(program, *columns)[0] == pytest.approx(program(*columns), rel=1e-12, abs=1e-300)


@settings(max_examples=60)
@given(st.integers(0, 100_000), st.integers(0, 3), st.sampled_from(["mean", "sum"]))
def test_the_source_gives_the_same_numbers(seed: int, count: int, reduction: str) -> None:
    y, leaves = random_graph(seed)
    inputs = [x for x in leaves if x in topological_order(y)][:count]
    columns = np.random.default_rng(seed).uniform(-2.0, 2.0, (len(inputs), 5))
    program = Program([y, *gradients(y, leaves)], inputs)
    expected = np.array(program(*columns))
    assert from_source(program, *columns) == pytest.approx(expected if inputs else expected[:, 0], rel=1e-11, abs=1e-12)
    step = Program.value_and_grad(y, inputs, reduction=reduction)
    value, gradient = from_source(step, *columns)
    assert value == pytest.approx(step(*columns)[0], rel=1e-11, abs=1e-12)
    assert gradient == pytest.approx(step(*columns)[1], rel=1e-11, abs=1e-12)


def test_the_source_of_constants_runs() -> None:
    """Leaves that are neither inputs nor parameters are numbers in the source, and their results have a shape too."""
    c, x, w = Value(3.0), Value(0.5), Value(2.0)
    columns = np.array([1.0, 2.0])
    for outputs in ([x * c.tanh()], [x * (c + 1.0)], [x * 1.0, c], [c.tanh() * w, c + 1.0], [c], [-c, x + c * c]):
        program = Program(outputs, [x], [w])
        assert from_source(program, columns) == pytest.approx(np.array(program(columns)))
    program = Program([w * math.nan, w * math.inf, w * 2.0], [], [w])
    assert np.ravel(from_source(program)) == pytest.approx(np.ravel(program()), nan_ok=True)


def test_one_number_at_two_places_is_as_long_as_what_it_fills() -> None:
    """A leaf that holds 0.5 and the number 0.5 are two constants, but one number in the source."""
    half, w, x = Value(0.5), Value(2.0), Value(1.0)
    program = Program([x + half / w, x * (0.5 / w)], [x], [w])
    assert from_source(program, [1.0, 2.0]) == pytest.approx(np.array(program([1.0, 2.0])))


@pytest.mark.parametrize("loss", [lambda a, b, x: (a * b + x) ** 2, lambda a, b, x: a * b * x, lambda a, b, x: a * x])
def test_the_source_of_a_small_loss_runs(loss: Callable[..., Value]) -> None:
    a, b, x = Value(2.0), Value(3.0), Value(0.5)
    step = Program.value_and_grad(loss(a, b, x), [x], [a, b])
    value, gradient = step([1.0, 2.0])
    found = from_source(step, np.array([1.0, 2.0]))
    assert found[0] == pytest.approx(value)
    assert found[1] == pytest.approx(gradient)


def test_the_source_reads_as_a_person_would_write_it() -> None:
    model, inputs, loss = network()
    step = Program.value_and_grad(loss, inputs, model.parameters())
    code = re.sub(r" +#.*", "", step.source)
    for line in (
        "W1 = parameters[0:15].reshape(5, 3)[:, :2]",
        "b1 = parameters[2:15:3]",
        "X = inputs[0:2]",
        "h1 = np.tanh(z1)",
        "z2 = W2 @ h1 + b2[:, None]",
        "delta3 = 2.0 * z3",
        "delta2 = dh2 * (1.0 - h2 * h2)",
        "dh1 = W2.T @ delta2",
        "dW2 = delta2 @ h1.T",
        "db2 = delta2.sum(axis=-1)",
    ):
        assert f"    {line}\n" in code
    assert "# (5, 2)" in step.source
    assert "[[" not in step.source  # no lists of places


@pytest.mark.parametrize(
    "label", ["lambda", "np", "B", "sum", '"""); raise SystemExit #', "t1", "z1", "ä", "x y", "__"]
)
def test_no_label_can_break_the_source(label: str) -> None:
    x, w = Value(2.0, label), Value(3.0, label)
    middle = w * x + 1.0
    middle.label = label
    program = Program([middle.sin() * middle, middle], [x])
    assert from_source(program, [1.0, 2.0]) == pytest.approx(np.array(program([1.0, 2.0])), rel=1e-12)


def test_an_operation_of_ones_own_is_called_by_its_name() -> None:
    cube = Op("cube", lambda x: x**3, (lambda z, x: 3.0 * x * x,))
    x = Value(2.0, "x")
    assert "cube(x)" in Program(cube(x), [x]).source


# ------------------------------------------------------------------------------------------------------- cost


def test_every_operation_is_counted() -> None:
    x, w = Value(1.0), Value(2.0)
    assert Program(-x, [x]).plan.operations() == (0, 1)
    assert Program(x + w, [x]).plan.operations() == (0, 1)
    assert Program(w * x - w, [x]).plan.operations() == (0, 2)
    assert Program.value_and_grad(w * x, [x], [w]).plan.operations() == (0, 3)  # the product, and two sums over samples


def test_a_summary_counts_operations_and_bytes() -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")
    text = str(Program(w * x + 1.0, [x]))
    assert re.search(r"operations +2 for each sample, 0 once", text)
    assert re.search(r"bytes +16 for each sample of a block of [\d,]+, 16 once", text)


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
@pytest.mark.parametrize("samples", [1_000, 100_000])
def test_memory_is_what_it_says(activation: str, samples: int) -> None:
    model, inputs, loss = network(activation)
    step = Program.value_and_grad(loss, inputs, model.parameters())
    step(0.0, 0.0, 0.0)
    columns = np.random.default_rng(0).normal(size=(3, samples))
    tracemalloc.start()
    step(*columns)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak == pytest.approx(step.memory(samples), rel=0.2)


def test_rows_are_shared_by_numbers_that_are_not_needed_at_once() -> None:
    """A chain of a hundred sines takes a few rows, not a hundred."""
    x = Value(1.0)
    y = x
    for _ in range(100):
        y = y.sin()
    program = Program(y, [x])
    assert program.memory(1_000_000) - program.memory(0) < 8_000_000 + 100 * 8 * program.block
    assert program.block > 40_000
    numbers = np.linspace(-2.0, 2.0, 7)
    expected = numbers
    for _ in range(100):
        expected = np.sin(expected)
    assert program(numbers) == pytest.approx(expected, rel=1e-12)


def test_a_square_has_no_power_in_its_slope() -> None:
    x = Value(3.0)
    (slope,) = gradients(x**2, [x])
    assert [node.op.name for node in topological_order(slope) if node.op] == ["mul"]


def test_sequences_of_different_length_wait_for_each_other() -> None:
    """The softmax of one number has no sum; what follows it is still done together with that of the others."""
    xs = [Value(0.1 * i, f"x{i}") for i in range(3)]
    powers = [x.exp() for x in xs]
    shares = [powers[0] / powers[0], powers[1] / (powers[1] + powers[2]), powers[2] / (powers[1] + powers[2])]
    program = Program([share.tanh().sin() for share in shares], xs)
    assert [i.op.name for i in program.plan.instructions if isinstance(i, Elementwise)] == [
        "exp",
        "div",
        "div",
        "tanh",
        "sin",
    ]
    assert program.verify(1.0, 2.0, 3.0) < 1e-14


# ------------------------------------------------------------------------------------------------------- what is given


def test_generators_are_lists() -> None:
    x, w, b = Value(0.5), Value(2.0), Value(1.0)
    y = w * x + b
    program = Program((z for z in [y, y * 2.0]), iter([x]), (p for p in [w, b]))
    assert [column.tolist() for column in program([1.0, 2.0])] == [[3.0, 5.0], [6.0, 10.0]]
    assert program.parameters == [w, b]
    step = Program.value_and_grad(y, iter([x]), iter([w, b]))
    assert step([1.0, 2.0])[1].tolist() == [1.5, 1.0]
    assert Program.value_and_grad(y, (z for z in [x])).parameters == [w, b]


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ([1.0, None], TypeError, "not of NoneType"),
        (np.array(["2020-01-01"], "datetime64[D]"), TypeError, "not of date"),
        (np.array([1], "timedelta64[D]"), TypeError, "not of timedelta"),
        (["1"], TypeError, "not of str"),
        ([1j], TypeError, "not of complex"),
        ([Value(1.0)], TypeError, "not of Value"),
        (np.ma.masked_array([1.0, 2.0], [False, True]), ValueError, "fill them first"),
        ([10**400], OverflowError, "too large for a float"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(given: Any, kind: type[Exception], message: str) -> None:
    x = Value(0.0)
    for f in (Program(x * 2.0, [x]), vectorize(lambda x: x * 2.0)):
        with pytest.raises(kind, match=message):
            f(given)


def test_arrays_of_any_kind_of_number() -> None:
    x = Value(0.0)
    program = Program(x * 2.0, [x])
    for numbers in ([1, 2], np.array([1, 2], "f4"), [True, 2], np.ma.masked_array([1.0, 2.0]), (Fraction(1), 2)):
        assert program(numbers).tolist() == [2.0, 4.0]


def test_a_method_is_not_vectorized() -> None:
    class Shape:
        @vectorize
        def area(self, x: Any) -> Any:
            return x * x

        def volume(self, x: Any) -> Any:
            return x**3

    with pytest.raises(TypeError, match=r"not a method.*write vectorize\(self.area\)"):
        Shape().area([1.0])
    assert vectorize(Shape().volume)([2.0]).tolist() == [8.0]
    with pytest.raises(TypeError, match="vectorize needs a function"):
        vectorize(3)  # type: ignore[arg-type]


def test_a_function_that_has_changed_since_it_was_recorded() -> None:
    scale = [2.0]
    f = vectorize(lambda x: x * scale[0])
    assert f([1.0]).tolist() == [2.0]
    scale[0] = 3.0
    with pytest.raises(ValueError, match=r"gives \[3\.0\], but its recording gives \[2\.0\]"):
        f([1.0])


# --------------------------------------------------------------------------------------------- operations of one's own


@pytest.mark.parametrize("name", ["pow", "sinc", "sigmoid", "relu", "add", "neg", "where", "lambda", "x y", '"""', "B"])
def test_an_operation_of_ones_own_keeps_its_meaning_under_any_name(name: str) -> None:
    own = Op(name, lambda x, y: 10.0 * x + y, (10.0, 1.0))
    x = Value(3.0)
    y = own(x, 2.0) + autograd.sigmoid(x) + autograd.relu(x)
    program = Program(y, [x])
    expected = [own(n, 2.0) + autograd.sigmoid(n) + autograd.relu(n) for n in (3.0, -1.0)]
    assert program([3.0, -1.0]) == pytest.approx(expected)
    ((written, op),) = program.operations.items()
    assert op is own
    assert written.isidentifier()
    names: dict[str, Any] = dict(program.operations)
    exec(program.source, names)
    assert names["program"](np.array([[3.0, -1.0]]), np.array([]))[0] == pytest.approx(expected)
    assert f"It calls operations of your own: {written}." in program.source


def test_two_operations_of_one_name() -> None:
    first, second = (Op("f", lambda x, a=a: a * x, (a,)) for a in (2.0, 5.0))
    x = Value(1.0)
    program = Program(first(x) - second(x), [x])
    assert program.operations == {"f": first, "f_2": second}
    names: dict[str, Any] = dict(program.operations)
    exec(program.source, names)
    assert names["program"](np.array([[1.0]]), np.array([])).ravel().tolist() == program([1.0]).tolist() == [-3.0]


def test_parameters_may_be_given_as_an_array() -> None:
    """For a loop of one's own: the Values keep their numbers, and nothing is read from them."""
    model, inputs, loss = network()
    columns = np.random.default_rng(0).normal(size=(3, 40))
    parameters = model.parameters()
    numbers = np.array([p.data for p in parameters]) * 1.5
    step, outputs = Program.value_and_grad(loss, inputs, parameters), Program(loss, inputs, parameters)
    value, gradient = step(*columns, parameters=numbers)
    found = outputs(*columns, parameters=numbers.tolist())
    before = step(*columns)[0]
    autograd.assign(parameters, numbers)
    assert step(*columns)[0] == value != before
    assert step(*columns)[1].tolist() == gradient.tolist()
    assert outputs(*columns).tolist() == found.tolist()
    with pytest.raises(ValueError, match=r"parameters, so an array of \(3,\) does not fit"):
        step(*columns, parameters=[1.0, 2.0, 3.0])


def test_the_steps_of_a_long_simulation_have_few_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """How a group reads its operands is worked out for each pattern of places, and not again for every step."""
    worked_out = [Mock(wraps=lower.elementwise), Mock(wraps=lower.sums)]
    monkeypatch.setattr(lower, "elementwise", worked_out[0])
    monkeypatch.setattr(lower, "sums", worked_out[1])

    def patterns(steps: int) -> int:
        angle, speed = state = Value(0.1, "angle"), Value(0.0, "speed")
        for _ in range(steps):  # a pendulum
            speed = speed - 0.01 * sin(angle)
            angle = angle + 0.01 * speed
        for count in worked_out:
            count.reset_mock()
        program = Program.value_and_grad(angle * angle, state)
        assert len(program.plan.instructions) >= 2 * steps
        assert program.verify(0.5, 0.25) < 1e-12
        return sum(count.call_count for count in worked_out)

    assert patterns(30) == patterns(120) < 20


def test_a_vectorized_function_is_looked_at_in_calls_one_two_four_and_so_on() -> None:
    calls = [0]

    def f(x: Value) -> Value:
        calls[0] += 1
        return x * 2.0

    run = vectorize(f)
    seen = []
    for _ in range(9):
        before = calls[0]
        run([1.0, 2.0])
        seen.append(calls[0] > before)
    assert seen == [True, True, False, True, False, False, False, True, False]


@pytest.mark.parametrize("seed", range(40))
def test_products_that_overflow_are_those_of_eager_code(seed: int) -> None:
    """A matrix product adds without rounding the product first: inf - 1e350 is inf there, and nan in eager code."""
    rng = np.random.default_rng(seed)
    count, outputs = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    w = [[Value(float(x)) for x in row] for row in rng.choice([2.0**700, -(2.0**700), 1.0, -2.0], (outputs, count))]
    x = [Value(0.0) for _ in range(count)]
    ends = [autograd.dot(row, x) for row in w]
    ends = [autograd.tanh(y) for y in ends] if seed % 2 else [*ends, sum(ends)]
    batch = rng.choice([2.0**500, -(2.0**500), 2.0**300, 1.0, 0.0, -4.0], (count, 6))
    found = np.array(Program(ends, x)(batch)).T
    for column, numbers in zip(batch.T.tolist(), found.tolist(), strict=True):
        at = evaluate(topological_order(*ends), dict(zip(x, column, strict=True)))
        assert numbers == pytest.approx([at[y] for y in ends], rel=1e-12, nan_ok=True)


def test_sums_of_products_of_samples_that_overflow() -> None:
    """Those that are computed by einsum, which says nothing of an overflow."""
    x = [Value(1.0) for _ in range(4)]
    large = 2.0**700
    ends = [x[0] * x[1] + x[2] * x[3], x[0] * x[2] + x[1] * x[3], x[0] - x[1]]
    program = Program(ends, x)
    numbers = [[large, 1.0], [large, 2.0], [-large, 3.0], [large, 4.0]]
    for i, found in enumerate(np.array(program(*numbers)).T):
        at = evaluate(topological_order(*ends), dict(zip(x, [row[i] for row in numbers], strict=True)))
        assert found == pytest.approx([at[y] for y in ends], nan_ok=True)
