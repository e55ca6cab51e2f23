"""Checks of arguments, and what their messages say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd.engine.checks import between, describe, finite, from_zero, from_zero_to_one, integer, positive


@pytest.mark.parametrize("given", [True, False, 1.0, 1.5, "2", None, 0, -1])
def test_what_is_not_a_positive_integer(given: Any) -> None:
    with pytest.raises(ValueError, match=r"n must be a positive integer, not "):
        integer("n", given)


def test_integers_and_their_bounds() -> None:
    assert [integer("n", 1), integer("n", 0, 0), integer("n", 7, 0, 7)] == [1, 0, 7]
    for given, least, most, wanted in (
        (-1, 0, None, "of at least 0"),
        (8, 0, 7, "from 0 to 7"),
        (9_000, 1, 8_000, "8,000"),
    ):
        with pytest.raises(ValueError, match=f"n must be an integer .*{wanted}"):
            integer("n", given, least, most)


def test_numbers_become_floats() -> None:
    for check in (finite, from_zero, positive):
        found = check("x", np.float32(0.5))
        assert (type(found), found) == (float, 0.5)


@pytest.mark.parametrize(
    ("check", "allowed", "refused"),
    [
        (finite, (-1.0, 0.0), (math.nan, math.inf)),
        (from_zero, (0.0, 2.0), (-1e-9, math.inf, float("inf"), math.nan)),
        (positive, (1e-300,), (0.0, -1.0, math.inf, math.nan)),
        (from_zero_to_one, (0.0, 0.999), (1.0, -0.1, math.nan)),
        (lambda name, x: between(name, x, 0.02, 60.0), (0.02, 60.0), (0.019, 60.1, math.nan)),
    ],
)
def test_bounds(check: Any, allowed: tuple[float, ...], refused: tuple[float, ...]) -> None:
    assert [check("x", x) for x in allowed] == list(allowed)
    for x in refused:
        with pytest.raises(ValueError, match=r"x must be "):
            check("x", x)
    for x in ("1", None, True):
        with pytest.raises(TypeError, match=r"x must be "):
            check("x", x)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (None, "NoneType"),
        ([1], "list [1]"),
        ("a" * 38, f"str {'a' * 38!r}"),
        ("a" * 39, "str"),
        (3.0, "float 3.0"),
    ],
)
def test_a_thing_is_described_by_its_type_and_a_short_value(given: Any, text: str) -> None:
    assert describe(given) == text


def test_an_integer_that_python_does_not_write_out() -> None:
    assert describe(10**5_000) == "int of 16,610 bits"
