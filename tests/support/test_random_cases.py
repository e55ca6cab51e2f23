"""Random cases: some of each kind, and proof that each kind finds the defect that it was written for."""

from __future__ import annotations

import ast
import contextlib
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from polynomials import Polynomial
from random_cases import CASES, run

import autograd
import nn
from autograd.engine import forms, graph, op, rules, value
from autograd.functional import derivatives, recording
from autograd.program import (
    arguments,
    examples,
    machine,
    matrices,
    names,
    notation,
    operands,
    plan,
    program,
    replay,
    source,
    sums,
    vectorized,
)
from nn import modes, rows
from nn.data import table
from nn.train import eager, recorded


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore")
def test_some_of_each_kind(name: str) -> None:
    results = [run(name, seed) for seed in range(60)]
    assert set(results) <= {"right", "refused"}


def test_polynomials() -> None:
    x, y = Polynomial.variable("x"), Polynomial.variable("y")
    p = x * x * y + 3 * x + 5
    assert p.at({"x": 2, "y": 7}).number() == 39
    assert p.derivative("x").at({"x": 2, "y": 7}).number() == 31
    assert p.derivative("x").derivative("y").at({"x": 2}).number() == 4
    assert p.at({"x": y}).at({"y": 2}).number() == 19


def no_variables_of_others(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(derivatives, "differentiated", lambda leaves: [])


def programs_do_not_look_for_variables(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(replay, "differentiated", lambda leaves: [])


def numbers_may_be_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(value, "refuse_in_replays", lambda what: None)
    patch.setattr(recording.Recording, "confirm", lambda *args: None)


def structures_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    for module in (examples, rows):
        patch.setattr(module, "flatten_like", lambda x, like, what: autograd.flatten(x)[0])


def iterables_are_read_twice(patch: pytest.MonkeyPatch) -> None:
    for module in (arguments, program):
        patch.setattr(module, "values", lambda given, what: [None for _ in given] and list(given))


def rows_go_by_name(patch: pytest.MonkeyPatch) -> None:
    """An operation of a user's is computed as the row of the table that has its name."""
    rows = {row.name: row for row in autograd.TABLE}
    patch.setattr(machine, "form", lambda op, constants: forms.form(rows.get(op.name, op), constants))


def names_are_written_as_they_are(patch: pytest.MonkeyPatch) -> None:
    own_names = names.own_names
    patch.setattr(source, "own_names", lambda plan: {op: op.name for op in own_names(plan)})


def partials_are_not_checked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(op, "_checked_value", lambda f, name: f)
    patch.setattr(op, "_checked_partial", lambda f, name, i: f)


def zeros_are_skipped(patch: pytest.MonkeyPatch) -> None:
    for row in autograd.TABLE:
        patch.setattr(row, "may_lack_slope", False)


def everything_counts_as_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(graph, "choice_conditions", lambda order, sources, ends: {})


def distances_are_squared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        autograd.arctan2, "partials", (lambda z, x, y: y / (x * x + y * y), lambda z, x, y: -x / (x * x + y * y))
    )


def tails_are_infinite_times_zero(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(autograd.silu, "partials", (lambda z, x: rules.sigmoid(x) + z * (1.0 - rules.sigmoid(x)),))


def an_array_form_is_wrong(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(autograd.tanh, "array", lambda xp, x: xp.sinh(x))


def the_source_is_wrong(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(notation.SIGNS, "divide", "x * y")


def parts_are_shared(patch: pytest.MonkeyPatch) -> None:
    def put(expression: Any, parts: Any) -> Any:
        class Put(ast.NodeTransformer):
            def visit_Name(self, node: ast.Name) -> Any:
                return parts.get(node.id, node)

        return Put().visit(expression)

    for module in (notation, source):
        patch.setattr(module, "put", put)


def grids_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Values that are summed lie in the grid of the other terms only by chance."""
    patch.setattr(matrices, "laid_out", lambda term, shape: term)


def zeros_are_equal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sums, "_key", lambda x: x)


def constants_are_equal(patch: pytest.MonkeyPatch) -> None:
    for module in (plan, operands):
        patch.setattr(module, "same_number", lambda numbers: bool((numbers == numbers.flat[0]).all()))


def data_is_kept_as_it_is(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(value, "_plain_number", lambda x: x)


def classes_have_six_digits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(table, "_class_name", lambda number, written: f"{float(number):g}")


def numpy_decides_what_a_number_is(patch: pytest.MonkeyPatch) -> None:
    for module in (replay, vectorized):
        patch.setattr(module, "numbers", lambda array, dtype: np.asarray(array, dtype=dtype))


def batches_go_layer_by_layer(patch: pytest.MonkeyPatch) -> None:
    def in_training(self: Any, examples: Any, noise: Any, is_recorded: bool = False) -> Any:
        with nn.training(modes.numbers_from(itertools.chain.from_iterable(noise)), is_recorded) as kept:
            return self.model.batch(examples), kept

    patch.setattr(eager.Eager, "in_training", in_training)


def examples_are_read_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recorded.Recorded, "take", lambda self, *examples: self.collect())
    patch.setattr(recorded.Recorded, "confirm", lambda self, seed: None)


DEFECTS: list[tuple[str, Callable[[pytest.MonkeyPatch], None]]] = [
    ("nested", no_variables_of_others),
    ("nested_programs", programs_do_not_look_for_variables),
    ("branches", numbers_may_be_read),
    ("structures", structures_are_not_compared),
    ("iterables", iterables_are_read_twice),
    ("own_operations", rows_go_by_name),
    ("own_operations", names_are_written_as_they_are),
    ("sources", parts_are_shared),
    ("sums", grids_are_forgotten),
    ("signed_zeros", zeros_are_equal),
    ("signed_zeros", constants_are_equal),
    ("wrong_partials", partials_are_not_checked),
    ("edges", zeros_are_skipped),
    ("edges", everything_counts_as_taken),
    ("extremes", distances_are_squared),
    ("extremes", tails_are_infinite_times_zero),
    ("programs", an_array_form_is_wrong),
    ("programs", the_source_is_wrong),
    ("numbers_put_in", data_is_kept_as_it_is),
    ("csv_classes", classes_have_six_digits),
    ("given_to_programs", numpy_decides_what_a_number_is),
    ("trainings", batches_go_layer_by_layer),
    ("trainings", examples_are_read_once),
]


@pytest.mark.parametrize(("name", "defect"), DEFECTS, ids=[defect.__name__ for _, defect in DEFECTS])
@pytest.mark.filterwarnings("ignore")
def test_a_defect_is_found(name: str, defect: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch) -> None:
    defect(monkeypatch)
    for seed in itertools.count():
        assert seed < 1_500, "the defect was not found"
        with contextlib.suppress(Exception):
            run(name, seed)
            continue
        break


def test_every_kind_is_shown_a_defect() -> None:
    assert {name for name, _ in DEFECTS} == set(CASES)
