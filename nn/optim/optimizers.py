"""Optimizers, in order of complexity.

Backpropagation computes gradients; an optimizer updates the parameters.  The classes differ in one method,
``direction``: the update of a parameter as a function of its gradient and of its state.  The base class does the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from autograd import Value, assign, sqrt
from autograd.engine.checks import finite, from_zero, from_zero_to_one, integer, number, positive
from nn.optim.schedules import Schedule


def _betas(name: str, given: Any) -> tuple[float, float]:
    """The two decay rates of Adam."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise TypeError(f"{name} must be two numbers, such as (0.9, 0.999), not {given!r}")
    return from_zero_to_one(name, given[0]), from_zero_to_one(name, given[1])


# The hyperparameters of this library's optimizers, each with the function that checks its value.
CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "momentum": from_zero_to_one,
    "alpha": from_zero_to_one,
    "betas": _betas,
    "eps": positive,
    "weight_decay": from_zero,
}


class Optimizer:
    """The base class: parameters, learning rate, hyperparameters, and the number of steps.

    Arguments:
        parameters: the Values to update.
        lr: the learning rate: a number, or a schedule: a function from the step number, counted from 0, to a number.
        hyperparameters: the hyperparameters of the update rule, by name; they become attributes:

            - ``momentum``: the fraction of the velocity kept at each step, at least 0 and below 1;
            - ``alpha``: the same for the mean squared gradient;
            - ``betas``: the same for the mean gradient and for the mean squared gradient;
            - ``eps``: a small number that is added to a denominator to keep it above 0;
            - ``weight_decay``: the strength of the L2 penalty, g <- g + weight_decay * p;
            - any other name, for an update rule that you write yourself: a finite number.

    Attributes:
        lr: as given; may be set between steps.
        steps: the number of steps made.

    Raises:
        ValueError: there are no parameters, or the learning rate or a hyperparameter is outside its range.
        TypeError: a parameter is not a Value, or a hyperparameter is not a number.
    """

    state_names: Sequence[str] = ()  # the names of the numbers kept for each parameter
    momentum: float
    alpha: float
    betas: tuple[float, float]
    eps: float
    weight_decay: float = 0.0

    def __init__(self, parameters: Iterable[Value], lr: float | Schedule, **hyperparameters: Any) -> None:
        if not isinstance(parameters, Iterable):
            raise TypeError(f"parameters must be a list of Values, such as model.parameters(), not {parameters!r}")
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("an optimizer needs at least one parameter; did you pass an exhausted iterator?")
        for parameter in self.parameters:
            if not isinstance(parameter, Value):
                raise TypeError(f"a parameter must be a Value, not {parameter!r}")
        self.lr = lr
        for name, given in hyperparameters.items():
            check: Callable[[str, Any], Any] = CHECKS.get(name, finite)
            setattr(self, name, check(name, given))
        self.steps = 0
        self.state: list[dict[str, float]] = [dict.fromkeys(self.state_names, 0.0) for _ in self.parameters]

    @property
    def lr(self) -> float | Schedule:
        """The learning rate or its schedule, as given."""
        return self._lr

    @lr.setter
    def lr(self, lr: float | Schedule) -> None:
        self._lr = lr if callable(lr) else from_zero("the learning rate", lr, " or a schedule")

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        lr = self._lr
        return from_zero(f"the learning rate of step {self.steps}", lr(self.steps)) if callable(lr) else lr

    def step(self) -> None:
        """Update all parameters; none of them if an error or Ctrl-C interrupts the update."""
        rate = self.rate
        steps, state = self.steps, [dict(kept) for kept in self.state]
        moved: list[float] = []
        try:
            self.steps += 1
            moved = [p.data - rate * self.direction(p, kept) for p, kept in zip(self.parameters, state, strict=True)]
            assign(self.parameters, moved)
            self.state = state
        except BaseException:
            if [p.data for p in self.parameters] == moved:  # Ctrl-C came just after the update
                self.state = state
            else:
                self.steps = steps
            raise

    def direction(self, parameter: Value, kept: dict[str, float]) -> float:
        """The update of one parameter, to be multiplied by the learning rate; ``kept`` is its state."""
        return self.gradient(parameter)

    def gradient(self, parameter: Value) -> float:
        """The gradient of the loss, including the L2 penalty."""
        return parameter.grad + self.weight_decay * parameter.data

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={self.rate:g}, {self.steps} steps made)"

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero; ``backward()`` adds to it."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, Any]:
        """The state to resume from: the number of steps, and the state of each parameter."""
        return {"kind": type(self).__name__, "steps": self.steps, "state": [dict(kept) for kept in self.state]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from a ``state_dict()``.

        Raises:
            ValueError: the state is that of another kind of optimizer, or of another number of parameters.
        """
        if not isinstance(state, Mapping):
            raise ValueError(f"the state of an optimizer must be a dictionary from state_dict(), not {state!r:.60}")
        kind, rows, steps = state.get("kind"), state.get("state"), state.get("steps")
        if kind != type(self).__name__:
            raise ValueError(f"this is the state of {kind}, not of {type(self).__name__}")
        if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
            raise ValueError('the state must have, under "state", a list with a dictionary for each parameter')
        if len(rows) != len(self.parameters) or any(set(row) != set(self.state_names) for row in rows):
            raise ValueError(
                f"the state does not fit: it has {len(rows)} parameter(s); this optimizer has {len(self.parameters)}, "
                f"each with the entries {', '.join(self.state_names)}"
            )
        steps = integer("the state does not fit: its steps", steps, 0)
        new = [{name: _entry(name, row[name]) for name in self.state_names} for row in rows]
        self.steps, self.state = steps, new


class SGD(Optimizer):
    """Gradient descent, called stochastic if the gradient is that of a mini-batch.

    v <- momentum * v + g;  p <- p - lr * v;  with Nesterov's momentum  p <- p - lr * (g + momentum * v)

    Arguments:
        parameters, lr, momentum, weight_decay: as for ``Optimizer``.
        nesterov: use Nesterov's momentum.

    Sources: Rumelhart, Hinton, Williams, Nature 323, 1986; Sutskever, Martens, Dahl, Hinton, "On the importance of
    initialization and momentum in deep learning", ICML 2013.

    >>> p = Value(1.0)
    >>> p.grad = 0.5
    >>> SGD([p], lr=0.1).step()
    >>> p.data
    0.95
    """

    state_names = ("velocity",)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum above 0")
        self.nesterov = nesterov

    def direction(self, parameter: Value, kept: dict[str, float]) -> float:
        g = self.gradient(parameter)
        kept["velocity"] = v = self.momentum * kept["velocity"] + g
        return g + self.momentum * v if self.nesterov else v


class Adagrad(Optimizer):
    """Each step is divided by the square root of the sum of all squared gradients so far.

    s <- s + g^2;  p <- p - lr * g / (sqrt(s) + eps)

    Source: Duchi, Hazan, Singer, "Adaptive subgradient methods", Journal of Machine Learning Research 12, 2011.
    """

    state_names = ("squares",)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | Schedule = 0.01,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, eps=eps, weight_decay=weight_decay)

    def direction(self, parameter: Value, kept: dict[str, float]) -> float:
        g = self.gradient(parameter)
        kept["squares"] = s = kept["squares"] + g * g
        return g / (_sqrt(s) + self.eps)


class RMSprop(Optimizer):
    """Each step is divided by the square root of a running mean of squared gradients.

    s <- alpha * s + (1 - alpha) * g^2;  v <- momentum * v + g / (sqrt(s) + eps);  p <- p - lr * v

    Source: Tieleman, Hinton, "Neural Networks for Machine Learning", lecture 6.5, Coursera 2012.
    """

    state_names = ("squares", "velocity")

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | Schedule = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, alpha=alpha, eps=eps, momentum=momentum, weight_decay=weight_decay)

    def direction(self, parameter: Value, kept: dict[str, float]) -> float:
        g = self.gradient(parameter)
        kept["squares"] = s = self.alpha * kept["squares"] + (1.0 - self.alpha) * g * g
        kept["velocity"] = v = self.momentum * kept["velocity"] + g / (_sqrt(s) + self.eps)
        return v


class Adam(Optimizer):
    """Running means of the gradient and of its square, both corrected for their bias towards zero.

    m <- b1 * m + (1 - b1) * g;  s <- b2 * s + (1 - b2) * g^2
    p <- p - lr * (m / (1 - b1^t)) / (sqrt(s / (1 - b2^t)) + eps)

    Source: Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
    """

    state_names = ("mean", "squares")

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | Schedule = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def direction(self, parameter: Value, kept: dict[str, float]) -> float:
        g = self.gradient(parameter)
        b1, b2 = self.betas
        kept["mean"] = m = b1 * kept["mean"] + (1.0 - b1) * g
        kept["squares"] = s = b2 * kept["squares"] + (1.0 - b2) * g * g
        return m / (1.0 - b1**self.steps) / (_sqrt(s / (1.0 - b2**self.steps)) + self.eps)


class AdamW(Adam):
    """Adam with decoupled weight decay:  p <- p - lr * (Adam's step + weight_decay * p).

    Source: Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019.
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | Schedule = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def gradient(self, parameter: Value) -> float:
        return parameter.grad

    def direction(self, parameter: Value, kept: dict[str, float]) -> float:
        return super().direction(parameter, kept) + self.weight_decay * parameter.data


BY_NAME: dict[str, Callable[..., Optimizer]] = {
    kind.__name__.lower(): kind for kind in (SGD, Adagrad, RMSprop, Adam, AdamW)
}
# The learning rates of optimizers that are given by name: for small networks and inputs of about the size 1.
RATES: dict[str, float] = {"sgd": 0.1, "adagrad": 0.1, "rmsprop": 0.01, "adam": 0.02, "adamw": 0.02}


def _sqrt(x: float) -> float:
    """The square root of a number, or of a Value where the rule is recorded."""
    return math.sqrt(x) if type(x) is float else cast(float, sqrt(x))


def _entry(name: str, given: Any) -> float:
    """One number from a state_dict(), checked."""
    low = 0.0 if name == "squares" else -math.inf
    wanted = "a non-negative finite number" if name == "squares" else "a finite number"
    try:
        return number(name, given, lambda x: low <= x and math.isfinite(x), wanted)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the state does not fit: {error}") from None
