"""Nested structures, taken apart and put together."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from autograd import Value
from autograd.functional.structure import flatten

Pair = namedtuple("Pair", "x y")


@pytest.mark.parametrize(
    "structure",
    [1.0, [1.0, 2.0], (1.0, [2.0, (3.0,)]), {"a": 1.0, "b": [2.0]}, Pair(1.0, 2.0), [], [[], 1.0]],
)
def test_there_and_back(structure: Any) -> None:
    numbers, unflatten = flatten(structure)
    assert unflatten(iter(numbers)) == structure
    assert type(unflatten(iter(numbers))) is type(structure)


def test_arrays() -> None:
    array = np.arange(6.0).reshape(2, 3)
    numbers, unflatten = flatten(array)
    assert numbers == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert (unflatten(iter(numbers)) == array).all()
    assert unflatten(iter(map(Value, numbers))).dtype == object
    assert unflatten(iter([np.ones(4)] * 6)).shape == (2, 3, 4)
    assert flatten(np.zeros((0, 3)))[1](iter([])).shape == (0, 3)


@pytest.mark.parametrize("bad", ["text", None, [1.0, "x"], {1.0}, 1j])
def test_what_is_no_structure(bad: Any) -> None:
    with pytest.raises(TypeError, match="expected a number, a Value, an array"):
        flatten(bad)
