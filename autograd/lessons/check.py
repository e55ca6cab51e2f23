"""The checks of the course "build your own engine": one function for each stage, hints, and the progress.

Each check runs the learner's code on small graphs, compares it with this library, and answers with a ``Report``: what
was asked, what came out, what was expected, and which known mistake fits.  What the code prints is part of the report;
an exception in it, or a loop without end, is reported with the learner's line.

>>> from autograd.lessons import check
>>> class MyValue:
...     def __init__(self, data, args=(), op=""):
...         self.data, self.args, self.op, self.grad = data, args, op, 0.0
...     def __add__(self, other):
...         return MyValue(self.data + other.data, (self, other), "+")
...     def __mul__(self, other):
...         return MyValue(self.data + other.data, (self, other), "*")
>>> print(check.stage1(MyValue))
Stage 1, record a sum and a product: not yet
<BLANKLINE>
Asked: `a + b` and `a * b` give a new `MyValue`, with the number in `data`, the operands in `args`, the sign in `op`.
<BLANKLINE>
For c = a * b with a = -2, b = -1.5
<BLANKLINE>
          expected  yours
  a.data        -2     -2
  b.data      -1.5   -1.5
  c.data         3   -3.5
<BLANKLINE>
A hint: check.hint(1)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from autograd.course import engine_stages as engine
from autograd.course import formula_stages as formulas
from autograd.course import further_stages as further
from autograd.course import network_stages as networks
from autograd.course.mistakes import mistake
from autograd.course.report import Finding, Hints, NotYet, Progress, Report
from autograd.course.sandbox import Fault, run
from autograd.course.syllabus import STAGES
from autograd.engine.checks import integer

__all__ = ["hint", "progress", *(f"stage{number}" for number in range(1, len(STAGES) + 1))]

SECONDS = 10.0  # the time limit of most checks
_done: set[int] = set()  # the stages that have been passed since Python was started


def stage1(MyValue: Any = None) -> Report:
    """Check that a + b and a * b are recorded: data, args and op."""
    return _checked(1, lambda: engine.recording(MyValue))


def stage2(MyValue: Any = None) -> Report:
    """Check z.slopes(): one local slope for each operand, in the order of args."""
    return _checked(2, lambda: engine.slopes(MyValue), (1, lambda: engine.recording(MyValue)))


def stage3(MyValue: Any = None) -> Report:
    """Check z.pass_back(): each operand receives the gradient of z times its slope."""
    return _checked(3, lambda: engine.shares(MyValue), (1, lambda: engine.recording(MyValue)))


def stage4(MyValue: Any = None) -> Report:
    """Check y.order(): all nodes, each once, and every node before its operands."""
    return _checked(4, lambda: engine.order(MyValue), (1, lambda: engine.recording(MyValue)))


def stage5(MyValue: Any = None) -> Report:
    """Check y.backward() on graphs in which no value is used twice."""
    return _checked(5, lambda: engine.backward(MyValue), (1, lambda: engine.recording(MyValue)))


def stage6(MyValue: Any = None) -> Report:
    """Check that gradients add up: values used twice, and several backward passes."""
    return _checked(6, lambda: engine.accumulation(MyValue), (1, lambda: engine.recording(MyValue)))


def stage7(MyValue: Any = None) -> Report:
    """Check the other operations, also with plain numbers: -a, a - b, a / b, a ** n, a.tanh(), a.exp()."""
    return _checked(7, lambda: engine.operations(MyValue), (1, lambda: engine.recording(MyValue)))


def stage8(MLP: Any = None) -> Report:
    """Check a network, MLP(inputs, sizes): its outputs and its parameters."""
    return _checked(8, lambda: networks.network(MLP))


def stage9(MLP: Any = None, mse: Any = None, step: Any = None) -> Report:
    """Check mse(model, X, y), and step(model, X, y, lr), twice."""
    return _checked(9, lambda: networks.loss_and_step(MLP, mse, step), (8, lambda: networks.network(MLP)))


def stage10(MLP: Any = None, minibatches: Any = None, train: Any = None, X: Any = None, y: Any = None) -> Report:
    """Check minibatches(n, size), and that train(model, X, y) learns the given points; the class is the sign of y."""
    return _checked(
        10, lambda: networks.training(MLP, minibatches, train, X, y), (8, lambda: networks.network(MLP)), 120.0
    )


def stage11(MyValue: Any = None, softmax: Any = None, cross_entropy: Any = None) -> Report:
    """Check softmax(logits) and cross_entropy(logits, target)."""
    return _checked(
        11,
        lambda: formulas.softmax_and_cross_entropy(MyValue, softmax, cross_entropy),
        (1, lambda: engine.recording(MyValue)),
    )


def stage12(MyValue: Any = None, second_derivative: Any = None) -> Report:
    """Check second_derivative(f, x)."""
    return _checked(
        12, lambda: further.second_derivative(MyValue, second_derivative), (1, lambda: engine.recording(MyValue))
    )


def stage13(MLP: Any = None, gradient_sizes: Any = None) -> Report:
    """Check gradient_sizes(model): the root mean square of the gradients of the weights of each layer."""
    return _checked(13, lambda: networks.vanishing(MLP, gradient_sizes), (8, lambda: networks.network(MLP)))


def stage14(MyValue: Any = None, trap: Any = None) -> Report:
    """Check trap(): a graph whose gradients are wrong in breadth-first order."""
    return _checked(14, lambda: further.trap(MyValue, trap), (1, lambda: engine.recording(MyValue)))


def stage15(MyValue: Any = None, name: Any = None) -> Report:
    """Check a method of the learner's own, by its name: its slope must be that of its values."""
    return _checked(15, lambda: further.own_rule(MyValue, name), (1, lambda: engine.recording(MyValue)))


def stage16(momentum: Any = None, adam: Any = None) -> Report:
    """Check momentum(w, v, g, lr, beta) and adam(w, m, v, g, t, lr, beta1, beta2, eps) for six steps."""
    return _checked(16, lambda: formulas.optimizers(momentum, adam))


def hint(number: int | None = None, step: int = 1) -> Hints:
    """A hint for a stage, from 1 (a nudge) to 3 (nearly the solution).  A notebook shows all three, folded up.

    Arguments:
        number: the stage; None for the first that has not been passed.
        step: 1, 2 or 3.

    Raises:
        ValueError: there is no such stage, or the step is not 1, 2 or 3.

    >>> hint(5)
    Hint 1 of 3 for stage 5: You have the order, and you have what each node does. How fast does `y` grow with `y`?
    More: check.hint(5, 2)
    """
    if number is None:
        number = next((i for i in range(1, len(STAGES)) if i not in _done), len(STAGES))
    integer("the number of a stage", number, most=len(STAGES))
    return Hints(number, integer("the step of a hint", step, most=3))


def progress() -> Progress:
    """The stages that have been passed since Python was started; after a restart run the notebook again."""
    return Progress(frozenset(_done))


Judge = Callable[[], Finding]


def _checked(number: int, judge: Judge, first: tuple[int, Judge] | None = None, seconds: float | None = None) -> Report:
    """Run a check, and report what it found.

    Arguments:
        number: the stage.
        judge: its check.
        first: a stage without which this one cannot be checked, and its check.
        seconds: how long both may take; None for ``SECONDS``.
    """

    def code() -> tuple[bool, Finding]:
        before = ""
        try:
            if first:
                before = f"Stage {first[0]} comes first, and is not solved. "
                first[1]()
            before = ""
            return True, judge()
        except NotYet as answer:
            return False, replace(answer.finding, said=before + answer.finding.said)

    answer, fault, printed = run(code, seconds or SECONDS)
    passed, finding = answer or (False, _about(fault))
    if passed:
        _done.add(number)
    else:
        _done.discard(number)
    return Report(number, passed, finding, fault, printed, frozenset(_done))


def _about(fault: Fault | None) -> Finding:
    """What is said about an exception, or about code that did not end."""
    assert fault is not None
    fits = mistake(name) if (name := _name_of(fault)) else None
    said = f"Asked for: {fault.asked}" if fault.asked else "Your code raised an exception."
    if not fault.asked and not fault.number:
        said = "The check itself has failed here. Please report it, with your code."
    return Finding(said, mistake=fits)


METHODS = "slopes|pass_back|order|backward|tanh|exp|log"
# Exceptions that a beginner meets, and the mistakes behind them.
EXCEPTIONS = [
    (r"ellipsis", "not written"),
    (r"has no attribute '(data|grad|args)'$", "a plain number"),
    (rf"'(float|int)' object has no attribute '({METHODS})'", "f of a number"),
    (rf"has no attribute '({METHODS})'", "a method is missing"),
    (r"TypeError: '(float|int|\w*Value\w*)' object is not iterable", "comma is missing"),
    (r"KeyError: '(neg|tanh|exp|log|[-+*/]+.*)'", "no line in the table"),
    (r"'[<>]=?' not supported between instances of", "compare numbers"),
]


def _name_of(fault: Fault) -> str:
    """The mistake behind a fault; empty if none is known."""
    if fault.kind != "exception":
        return fault.deep if fault.kind == "recursion" else fault.slow
    return next((name for pattern, name in EXCEPTIONS if re.search(pattern, fault.text)), "")
