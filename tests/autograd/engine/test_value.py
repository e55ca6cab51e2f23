"""Value: arithmetic, comparisons, backward, and what a node is as an object."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import pickletools
import threading
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_graphs import random_graph

import autograd
from autograd import Op, Value, label_variables, no_grad, scope, topological_order

# --------------------------------------------------------------------------------------------------------- arithmetic


@pytest.mark.parametrize(
    "number", [3, 3.0, True, Fraction(7, 2), np.float64(1.5), np.float32(1.5), np.int64(4), np.bool_(True)]
)
def test_numbers_on_either_side(number: Any) -> None:
    x = Value(2.0)
    plain = float(number)
    for found, expected in [
        (x + number, 2.0 + plain),
        (number + x, plain + 2.0),
        (x - number, 2.0 - plain),
        (number - x, plain - 2.0),
        (x * number, 2.0 * plain),
        (number * x, plain * 2.0),
        (x / number, 2.0 / plain),
        (number / x, plain / 2.0),
        (x**number, 2.0**plain),
        (number**x, plain**2.0),
    ]:
        assert isinstance(found, Value)
        assert found.data == pytest.approx(expected)
    assert Value(number).data == plain


def test_signs_and_abs() -> None:
    x = Value(-2.0)
    assert ((-x).data, (+x).data, abs(x).data) == (2.0, -2.0, 2.0)


def test_augmented_assignment_rebinds() -> None:
    x = first = Value(2.0)
    x += 1.0
    x *= 3.0
    x -= 1.0
    x /= 2.0
    x **= 2.0
    assert (x.data, first.data) == (16.0, 2.0)


def test_sum_and_prod() -> None:
    values = [Value(2.0), Value(3.0), Value(4.0)]
    assert (sum(values).data, math.prod(values).data) == (9.0, 24.0)


def test_arguments_are_an_ordered_tuple_and_constants_are_no_nodes() -> None:
    a = Value(3.0)
    assert (a * a).args == (a, a)
    assert (2 * a).args == (2.0, a)
    assert (a - 1).op is autograd.sub


@pytest.mark.parametrize("bad", ["x", None, 1j, [1.0], {}, object()])
def test_operands_that_are_no_numbers(bad: Any) -> None:
    x = Value(1.0)
    for operation in (
        lambda: x + bad,
        lambda: bad - x,
        lambda: x * bad,
        lambda: x < bad,
        lambda: Value(bad),
        lambda: x.maximum(bad),
        lambda: x.where(1.0, bad),
    ):
        with pytest.raises(TypeError, match=f"expected a number or a Value, not {type(bad).__name__}"):
            operation()


def test_a_value_of_a_value_and_a_label_that_is_no_text() -> None:
    with pytest.raises(TypeError, match="detach"):
        Value(Value(1.0))
    with pytest.raises(TypeError, match="a label must be a string, not int 3"):
        Value(1.0, label=3)


def test_an_int_too_large_for_a_float() -> None:
    with pytest.raises(OverflowError):
        Value(10**400)


@pytest.mark.parametrize(
    ("compute", "kind", "message"),
    [
        (lambda h: h.log(), ValueError, r"log\(-1.0\) at 'h3': "),
        (lambda h: h**0.5, ValueError, r"pow\(-1.0, 0.5\) at 'h3': "),
        (lambda h: 0.0 ** (2.0 * h), ValueError, r"pow\(0.0, -2.0\): "),
        (lambda h: 1.0 / (h + 1.0), ZeroDivisionError, r"div\(1.0, 0.0\): "),
        (lambda h: (h * -1000.0).exp(), OverflowError, r"exp\(1000.0\): "),
        (lambda h: autograd.arcsin(2.0 * h), ValueError, r"arcsin\(-2.0\): "),
        (lambda h: (h + 1.0).sqrt().backward(), ZeroDivisionError, r"the derivative of sqrt\(0.0\): "),
    ],
)
def test_outside_of_the_domain(compute: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        compute(Value(-1.0, label="h3"))


# -------------------------------------------------------------------------------------------------------------- arrays


def test_arrays_of_values() -> None:
    a, b = Value(1.0), Value(2.0)
    row = np.array([a, b])
    assert [v.data for v in np.tanh(row)] == [math.tanh(1.0), math.tanh(2.0)]
    assert [v.data for v in np.array([[1.0, 2.0], [3.0, 4.0]]) @ row] == [5.0, 11.0]
    assert [v.data for v in a * np.array([5.0, 6.0])] == [5.0, 6.0]
    assert [v.data for v in np.array([5.0, 6.0]) - b] == [3.0, 4.0]
    assert (a * np.array(3.0)).data == 3.0
    assert np.exp(a).data == math.e
    assert (a < np.array([0.0, 5.0])).tolist() == [False, True]


def test_gradient_through_an_array() -> None:
    weights = np.array([Value(1.0), Value(2.0)])
    (np.array([3.0, 4.0]) @ weights).backward()
    assert [w.grad for w in weights] == [3.0, 4.0]


# --------------------------------------------------------------------------------------------------------- comparisons


def test_comparisons_are_plain_bools() -> None:
    a, b = Value(1.0), Value(2.0)
    assert (a < b, a <= 1, a > 0.5, a >= b) == (True, True, True, False)
    assert type(a < b) is bool
    assert a > 0.5
    assert max([a, b]) is b
    assert sorted([b, a]) == [a, b]


def test_equality_is_identity() -> None:
    a, b = Value(1.0), Value(1.0)
    assert a != b
    assert a == a
    assert len({a, b}) == 2
    assert a in [b, a]


def test_no_silent_conversions() -> None:
    v = Value(1.0)
    for convert in (float, math.exp, lambda v: np.array([v], dtype=float)):
        with pytest.raises(TypeError, match=r"v\.data"):
            convert(v)
    with pytest.raises(TypeError, match=r"v\.data"):
        bool(v)


# ------------------------------------------------------------------------------------------------------------ backward


def test_leaves_accumulate_and_inner_nodes_are_set_afresh() -> None:
    x = Value(3.0)
    square = x * x
    y = square * x
    y.backward()
    assert (x.grad, square.grad, y.grad) == (27.0, 3.0, 1.0)
    y.backward()
    assert (x.grad, square.grad, y.grad) == (54.0, 3.0, 1.0)


def test_circuit_of_cs231n() -> None:
    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    f = (x + y) * z
    f.backward()
    assert (f.data, x.grad, y.grad, z.grad) == (-12.0, -4.0, -4.0, 3.0)


def test_two_sigmoid_units_in_a_row() -> None:
    """The fixture that the notebooks compute by hand."""
    x = (1.0, 0.5, -1.0)
    w = [Value(0.2), Value(-0.4), Value(0.1)]
    b1, w4, b2 = Value(0.1), Value(0.6), Value(-0.2)
    o1 = (sum((a * b for a, b in zip(w, x, strict=True)), Value(0.0)) + b1).sigmoid()
    o2 = (w4 * o1 + b2).sigmoid()
    loss = (o2 - 1.0) ** 2
    loss.backward()
    found = [o1.data, o2.data, loss.data, w4.grad, b2.grad, *(v.grad for v in w)]
    expected = [
        0.5,
        0.5249791874789399,
        0.22564477232816813,
        -0.11845880923571209,
        -0.23691761847142417,
        -0.035537642770713626,
        -0.017768821385356813,
        0.035537642770713626,
    ]
    assert found == pytest.approx(expected, rel=1e-14)


def test_micrograd_readme() -> None:
    """The expression in micrograd's README, with the numbers that stand there."""
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert [f"{n:.4f}" for n in (g.data, a.grad, b.grad)] == ["24.7041", "138.8338", "645.5773"]


def test_backward_by_hand_as_in_the_lecture() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    e = a * b
    o = e.tanh()
    o.grad = 1.0
    o._backward()
    e._backward()
    a._backward()  # a leaf has nothing to hand on
    by_hand = (a.grad, b.grad)
    a.grad = b.grad = 0.0
    o.backward()
    assert (a.grad, b.grad) == by_hand


def test_names_of_micrograd() -> None:
    a, b = Value(2.0), Value(3.0)
    y = a * b
    assert (y._prev, y._op, a._prev, a._op) == ({a, b}, "*", set(), "")
    assert [z._op for z in (a + b, a - b, a / b, a**2, a**b, a.tanh(), a.relu())] == [
        "+",
        "-",
        "/",
        "**2",
        "**",
        "tanh",
        "ReLU",
    ]
    a.data += 0.01 * a.grad
    assert a.data == 2.0


def test_an_error_leaves_all_gradients_as_they_were() -> None:
    x, z = Value(1.0), Value(0.0)
    y = (x * 2.0) + z.sqrt()
    with pytest.raises(ZeroDivisionError):
        y.backward()
    assert all(node._grad is None for node in topological_order(y))


def test_a_zero_adjoint_hands_on_nothing() -> None:
    """So a branch that was not taken does no harm, even where its slope does not exist."""
    x = Value(0.0)
    autograd.where(0.0, x.sqrt(), 2.0 * x).backward()
    assert x.grad == 2.0


def test_backward_of_a_leaf() -> None:
    x = Value(1.0)
    x.backward()
    assert x.grad == 1.0


def test_grad_reads_zero_before_backward_but_shows_a_dash() -> None:
    x = Value(2.0, label="x")
    assert x.grad == 0.0
    assert repr(x) == "Value(data=2.0, grad=-, label='x')"
    x.grad = 0.0
    assert repr(x) == "Value(data=2.0, grad=0.0, label='x')"
    x.grad = None
    assert repr(x) == "Value(data=2.0, grad=-, label='x')"


def test_item_and_format() -> None:
    x = Value(2)
    assert (x.item(), f"{x:.2f}", f"{x}") == (2.0, "2.00", "Value(data=2.0, grad=-)")


# --------------------------------------------------------------------------------------------------- no_grad and scope


def test_no_grad_gives_leaves() -> None:
    x = Value(2.0)
    with no_grad():
        for y in (x * 3.0, x.tanh(), x.where(x, 1.0)):
            assert (y.op, y.args) == (None, ())
    assert (x * 3.0).args == (x, 3.0)

    @no_grad()
    def double(x: Value) -> Value:
        return x * 2.0

    assert double(x).args == ()


def test_no_grad_ends_with_an_error() -> None:
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert (Value(1.0) + 1.0).args


def test_scope() -> None:
    with scope("net"):
        x = Value(1.0)
        with scope("layer"):
            y = x.tanh() + x
            z = autograd.where(x, 1.0, x)
        w = x * 2.0
    assert (x.scope, y.scope, z.scope, w.scope, (x + 1.0).scope) == ("net", "net/layer", "net/layer", "net", "")


def test_a_scope_inside_no_grad_does_not_record() -> None:
    x = Value(1.0)
    with no_grad(), scope("layer"):
        assert (x * 2.0).args == ()


@pytest.mark.parametrize("name", ["", "/", None, 3])
def test_names_that_are_no_scope(name: Any) -> None:
    with pytest.raises(ValueError, match="name of a scope"), scope(name):
        pass


def test_detach() -> None:
    x = Value(3.0, label="x")
    y = (x * x).detach() * x
    y.backward()
    assert (x.grad, x.detach().label) == (9.0, "x")


# --------------------------------------------------------------------------------------------- copies, pickles, threads


def same_graph(a: Value, b: Value) -> bool:
    first, second = topological_order(a), topological_order(b)
    place = {node: i for i, node in enumerate(first)}
    places = {node: i for i, node in enumerate(second)}

    def row(node: Value, places: dict[Value, int]) -> tuple[Any, ...]:
        args = tuple(places.get(x, x) if isinstance(x, Value) else x for x in node.args)
        return node.data, node._grad, node.op, args, node.label, node.scope

    return [row(n, place) for n in first] == [row(n, places) for n in second]


COPIES = [copy.deepcopy, lambda y: pickle.loads(pickle.dumps(y))]


@pytest.mark.parametrize("duplicate", COPIES)
@given(seed=st.integers(0, 10_000))
def test_copies_are_equal_and_apart(duplicate: Any, seed: int) -> None:
    y, _ = random_graph(seed)
    y.backward()
    other = duplicate(y)
    assert same_graph(y, other)
    assert not set(topological_order(y)) & set(topological_order(other))


def test_a_pickle_names_what_is_public() -> None:
    """So that it can be read when the files of the library have moved."""
    x = Value(2.0, "x")
    text = [arg for _, arg, _ in pickletools.genops(pickle.dumps((x * x).tanh() + 1.0)) if isinstance(arg, str)]
    assert not [arg for arg in text if arg.startswith("autograd.")]
    assert {"autograd", "Value._restore", "tanh", "add"} <= set(text)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol(protocol: int) -> None:
    y, _ = random_graph(7)
    assert same_graph(y, pickle.loads(pickle.dumps(y, protocol)))


@pytest.mark.parametrize("duplicate", COPIES)
def test_what_is_copied_together_stays_together(duplicate: Any) -> None:
    a, b = Value(1.0), Value(2.0)
    c = a * b
    d = c + a
    for values in ([a, b, c, d], [d, c, b, a], {"d": d, "a": [a, b]}):
        other = duplicate(values)
        flat = list(other.values()) if isinstance(other, dict) else other
        first = flat[0]
        assert (first if first.args else flat[3]).data == 3.0 or first.data in (1.0, 3.0)
    e, f = duplicate([d, a])
    assert e.args[1] is f
    assert e.args[0].args[0] is f


def test_shallow_copy_shares_arguments() -> None:
    a = Value(1.0)
    b = a + 1.0
    c = copy.copy(b)
    assert c is not b
    assert c.args[0] is a


def test_pickling_goes_on_after_it_has_failed() -> None:
    local = Op("local", lambda x: x, (1.0,))  # not to be found in its module, so not to be pickled
    x = Value(1.0)
    for _ in range(2_000):
        x = x * 1.5
    y = local(x)
    with pytest.raises(pickle.PicklingError):
        pickle.dumps(y)
    assert pickle.loads(pickle.dumps(x)).data == x.data


def test_a_chain_far_deeper_than_the_stack() -> None:
    x = first = Value(1.0)
    for _ in range(100_000):
        x = x * 1.00001 + 0.00001
    x.backward()
    assert first.grad == pytest.approx(1.00001**100_000)
    for duplicate in COPIES:
        other = duplicate(x)
        assert other.data == x.data
        del other
    del x, first
    gc.collect()


def test_no_cycles_are_made() -> None:
    gc.collect()
    gc.disable()
    try:
        for _ in range(10):
            y, _leaves = random_graph(3)
            y.backward()
        del y, _leaves
        assert gc.collect() == 0
    finally:
        gc.enable()


def in_threads(work: Any, count: int = 4) -> None:
    errors: list[BaseException] = []

    def run(i: int) -> None:
        try:
            work(i)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_threads_with_their_own_graphs() -> None:
    def work(i: int) -> None:
        for seed in range(20):
            y, leaves = random_graph(seed)
            y.backward()
            with no_grad() if i % 2 else scope("mine"):
                assert (y * 2.0).scope == ("" if i % 2 else "mine")
            again, expected = random_graph(seed)
            again.backward()
            assert [x.grad for x in leaves] == [x.grad for x in expected]

    in_threads(work)


def test_threads_that_share_leaves() -> None:
    """No update is lost, although all threads add to the same gradient."""
    w = Value(2.0)

    def work(i: int) -> None:
        for _ in range(500):
            (w * 3.0 + w * w).backward()

    in_threads(work)
    assert w.grad == 4 * 500 * 7.0


# ------------------------------------------------------------------------------------------------ what is put in


def test_a_seed_for_the_backward_pass() -> None:
    x = Value(3.0)
    (x * x).backward(0.5)
    assert x.grad == 3.0
    with pytest.raises(TypeError, match="expected a number or a Value, not str"):
        (x * x).backward("1")  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [2, True, Fraction(1, 2), np.float32(0.5), np.int64(3), np.array(2.0)])
def test_data_is_a_float_whatever_is_put_in(number: Any) -> None:
    x = Value(0.0)
    x.data = number
    x.grad = number
    assert (type(x.data), x.data, type(x.grad)) == (float, float(number), float)


@pytest.mark.parametrize(
    "bad", ["x", None, 1j, [1.0], np.ones(2), Value(1.0), 10**400, np.ma.masked, np.timedelta64(3, "D")]
)
def test_what_is_no_number_is_refused_when_it_is_put_in(bad: Any) -> None:
    x = Value(2.0)
    with pytest.raises((TypeError, OverflowError), match=r"expected a number|too large for a float"):
        x.data = bad
    assert x.data == 2.0
    if bad is not None:  # which takes the gradient away
        with pytest.raises((TypeError, OverflowError)):
            x.grad = bad


def test_numbers_are_put_into_all_or_into_none() -> None:
    leaves = [Value(0.0), Value(0.0)]
    autograd.assign(leaves, iter([1, np.float32(2.0)]))
    assert [x.data for x in leaves] == [1.0, 2.0]
    with pytest.raises(TypeError, match="not str 'x'"):
        autograd.assign(leaves, [5.0, "x"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"1 number\(s\) for 2 Value\(s\)"):
        autograd.assign(leaves, [5.0])
    assert [x.data for x in leaves] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("compute", "way_out"),
    [
        (lambda x: x % 2.0, "math.floor"),
        (lambda x: 7 % x, "math.floor"),
        (lambda x: x // 2.0, "math.floor"),
        (lambda x: divmod(x, 2), "math.floor"),
        (round, r"round\(x.data\)"),
        (lambda x: round(x, 2), r"round\(x.data\)"),
    ],
)
def test_operations_that_jump_say_what_to_write(compute: Any, way_out: str) -> None:
    with pytest.raises(TypeError, match=way_out):
        compute(Value(3.5))


def test_variables_give_their_names() -> None:
    x, w, named = [Value(1.0), Value(2.0)], Value(3.0), Value(4.0, "n")
    _hidden, other = Value(5.0), 3.0
    z = x[0] * w
    label_variables(locals())
    assert [v.label for v in (*x, w, named, _hidden, z)] == ["x[0]", "x[1]", "w", "n", "", "z"]
    assert other == 3.0
    with pytest.raises(TypeError, match=r"a dictionary such as locals\(\), not Value"):
        label_variables(z)  # type: ignore[arg-type]


def test_one_step_back_from_a_node_without_a_gradient_adds_nothing() -> None:
    a = Value(2.0)
    c = a * 3.0
    c._backward()
    assert a.grad == 0.0


def test_a_notebook_shows_the_graph_of_a_result_and_no_leaf() -> None:
    x = Value(2.0)
    assert "<svg" in ((x * 3.0)._repr_html_() or "")
    assert x._repr_html_() is None
