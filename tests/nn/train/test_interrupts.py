"""Ctrl-C at any instruction of a step: the step has been made or not, and nothing else is different afterwards."""

from __future__ import annotations

import random
import sys
from types import FrameType
from typing import Any

import pytest

import nn
from autograd import Value
from nn import SGD, Dropout, Layer, Sequential
from nn.train.training import Training

X = [[0.1 * i, 0.3 * (i % 3)] for i in range(6)]
Y = [float(i % 2) for i in range(6)]


class Interrupt:
    """A trace function that raises KeyboardInterrupt at an instruction of this library; None: it only counts them.

    Attributes:
        count: how many there were.
        delicate: those that set a context variable and set it back, each where it came first.
    """

    def __init__(self, at: int | None) -> None:
        self.at, self.count = at, 0
        self.delicate: dict[tuple[Any, int], int] = {}

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        if "contextlib" not in name and "/nn/" not in name and "/autograd/" not in name:
            return None
        frame.f_trace_opcodes = True
        return self.instruction

    def instruction(self, frame: FrameType, event: str, argument: Any) -> Any:
        self.count += 1
        if frame.f_code.co_name in ("training", "__enter__", "__exit__", "scoped"):
            self.delicate.setdefault((frame.f_code, frame.f_lasti), self.count)
        if self.count == self.at:
            sys.settrace(None)
            raise KeyboardInterrupt
        return self.instruction


def second_step(engine: str, interrupt: Interrupt) -> list[float]:
    """Make the second of six steps, with an interrupt, and then the others; return the numbers at the end."""
    model = Sequential(Layer(2, 2, "tanh", seed=1), Dropout(0.5), Layer(2, 1, "linear", seed=2))
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.5)
    options: Any = {"batch_size": 3, "validation": (X, Y), "seed": 0, "engine": engine}
    run = Training(model, X, Y, loss="mse", optimizer=optimizer, **options)
    run.step()
    before = sys.gettrace()
    sys.settrace(interrupt)
    try:
        run.advance()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    assert not nn.is_training()
    assert (Value(1.0) * 2.0).op is not None  # outside no_grad
    while run.steps < 6:
        run.step()
    columns = run.history.columns()
    assert len(columns["loss"]) == 3
    return [*(p.data for p in model.parameters()), *(x for column in columns.values() for x in column)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a block that was never left
@pytest.mark.parametrize("engine", ["program", "eager"])
def test_an_interrupt_at_any_instruction(engine: str) -> None:
    counted = Interrupt(None)
    wanted = second_step(engine, counted)
    assert counted.count > 10_000
    rng = random.Random(engine)
    for at in [*rng.sample(range(1, counted.count + 1), 80), *counted.delicate.values()]:
        assert second_step(engine, Interrupt(at)) == wanted, f"instruction {at}"
