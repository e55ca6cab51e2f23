"""Optimizers, in order of complexity.

Backpropagation computes gradients; an optimizer updates the parameters.  The classes differ in one method,
``rule``: one step for one parameter, as a function of scalars.  Eager training calls it for each parameter.  ``nn.fit``
records it once and replays it over all parameters, each of which is a sample; see replay.py.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from autograd import Value, assign, maximum, minimum, sqrt
from autograd.engine.checks import finite, from_zero, from_zero_to_one, integer, number, positive
from nn.optim.clipping import clip_factor
from nn.optim.schedules import Schedule

Scalar = Any  # a float, or a Value while the rule is recorded


def _betas(name: str, given: Any) -> tuple[float, float]:
    """The two decay rates of Adam."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise TypeError(f"{name} must be two numbers, such as (0.9, 0.999), not {given!r}")
    return from_zero_to_one(name, given[0]), from_zero_to_one(name, given[1])


def from_zero_or_none(name: str, given: Any) -> float | None:
    return None if given is None else from_zero(name, given)


# The hyperparameters of this library's optimizers, each with the function that checks its value.
CHANGING = ("lr", "_lr", "rate", "steps", "state", "parameters")  # attributes that are not the same in every call
CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "momentum": from_zero_to_one,
    "alpha": from_zero_to_one,
    "betas": _betas,
    "eps": positive,
    "weight_decay": from_zero,
    "clip_value": from_zero_or_none,
    "clip_norm": from_zero_or_none,
}


def hyperparameters(optimizer: Optimizer) -> dict[str, Any]:
    """All attributes of an optimizer but its parameters, its learning rate, and what changes in each step."""
    return {name: x for name, x in vars(optimizer).items() if name not in CHANGING}


class Optimizer:
    """The base class: parameters, learning rate, hyperparameters, state, and the number of steps.

    A subclass defines ``rule(self, p, g, lr, t, ...)``: the parameter p, its gradient g, the learning rate, the number
    of the step counted from 1, and any numbers that are kept for each parameter from one step to the next, which start
    at 0.  It returns the new p, or a tuple of the new p and these numbers.  Written with the operations of this
    library, such as ``autograd.where`` instead of a branch, it runs at matrix speed in ``nn.fit``.

    Arguments:
        parameters: the Values to update.
        lr: the learning rate: a number, or a schedule: a function from the step number, counted from 0, to a number.
        hyperparameters: the hyperparameters of the update rule, by name; they become attributes:

            - ``momentum``: the fraction of the velocity kept at each step, at least 0 and below 1;
            - ``alpha``: the same for the mean squared gradient;
            - ``betas``: the same for the mean gradient and for the mean squared gradient;
            - ``eps``: a small number that is added to a denominator to keep it above 0;
            - ``weight_decay``: the strength of the L2 penalty, g <- g + weight_decay * p;
            - ``clip_norm``: first scale all gradients so that their norm is at most this, as ``clip_grad_norm`` does;
            - ``clip_value``: then limit each gradient to the interval from -clip_value to clip_value;
            - any other name, for an update rule that you write yourself: a finite number.

    Attributes:
        lr: as given; may be set between steps.
        steps: the number of steps made.
        state: for each number that the rule keeps its name, and a list with its value for each parameter.

    Raises:
        ValueError: there are no parameters, one is given twice, or the learning rate or a hyperparameter is outside its
            range.
        TypeError: a parameter is not a Value, or a hyperparameter is not a number.

    >>> from autograd import sign, step, where
    >>> class SignDescent(Optimizer):  # stands still where the sign changes
    ...     def rule(self, p, g, lr, t, before):
    ...         return where(step(-g * before), p, p - lr * sign(g)), g
    >>> p = Value(1.0)
    >>> p.grad = 0.5
    >>> optimizer = SignDescent([p], lr=0.1)
    >>> optimizer.step()
    >>> p.data, optimizer.state
    (0.9, {'before': [0.5]})
    """

    state_names: Sequence[str] = ()  # the names of the numbers kept for each parameter: those of the rule's arguments
    rule: Callable[..., Any]
    momentum: float
    alpha: float
    betas: tuple[float, float]
    eps: float
    weight_decay: float = 0.0
    clip_norm: float | None = None
    clip_value: float | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "rule" in vars(cls):
            names = tuple(inspect.signature(cls.rule).parameters)
            if len(names) < 5:
                raise TypeError(
                    f"{cls.__name__}.rule must take self, p, g, lr, t and its state, not {', '.join(names)}"
                )
            cls.state_names = names[5:]

    def __init__(self, parameters: Iterable[Value], lr: float | Schedule, **hyperparameters: Any) -> None:
        if not isinstance(parameters, Iterable):
            raise TypeError(f"parameters must be a list of Values, such as model.parameters(), not {parameters!r}")
        if not hasattr(self, "rule"):
            raise TypeError(f"{type(self).__name__} needs a method rule(self, p, g, lr, t): see nn.Optimizer")
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("an optimizer needs at least one parameter; did you pass an exhausted iterator?")
        for parameter in self.parameters:
            if not isinstance(parameter, Value):
                raise TypeError(f"a parameter must be a Value, not {parameter!r}")
        if len(set(self.parameters)) < len(self.parameters):
            raise ValueError("a parameter is given twice, and would be moved twice in each step; give each once")
        self.lr = lr
        for name, given in hyperparameters.items():
            check: Callable[[str, Any], Any] = CHECKS.get(name, finite)
            setattr(self, name, check(name, given))
        self.steps = 0
        self.state: dict[str, list[float]] = {name: [0.0] * len(self.parameters) for name in self.state_names}

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
        rate, steps, state = self.rate, self.steps, self.state
        moved: list[float] = []
        try:
            self.steps += 1
            gradients = self._clipped([p.grad for p in self.parameters])
            numbers = zip([p.data for p in self.parameters], gradients, *state.values(), strict=True)
            rows = [self.update(p, g, rate, float(self.steps), *kept) for p, g, *kept in numbers]
            moved, *columns = map(list, zip(*rows, strict=True))
            assign(self.parameters, moved)
            self.state = dict(zip(self.state_names, columns, strict=True))
        except BaseException:
            if [p.data for p in self.parameters] == moved:  # Ctrl-C came just after the update
                self.state = dict(zip(self.state_names, columns, strict=True))
            else:
                self.steps, self.state = steps, state
            raise

    def update(self, p: Scalar, g: Scalar, lr: Scalar, t: Scalar, *state: Scalar) -> tuple[Scalar, ...]:
        """The rule, after the gradient has been limited and the L2 penalty added: the new p and the new state."""
        if self.clip_value is not None:
            g = maximum(minimum(g, self.clip_value), -self.clip_value)
        found = self.rule(p, self.penalized(p, g), lr, t, *state)
        return tuple(found) if isinstance(found, tuple | list) else (found,)

    def penalized(self, p: Scalar, g: Scalar) -> Scalar:
        """The gradient of the loss with the L2 penalty:  g + weight_decay * p."""
        return g if self.weight_decay == 0.0 else g + self.weight_decay * p

    def _clipped(self, gradients: list[float]) -> list[float]:
        if self.clip_norm is None:
            return gradients
        factor = clip_factor(math.hypot(*gradients), self.clip_norm)
        return gradients if factor == 1.0 else [g * factor for g in gradients]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={self.rate:g}, {self.steps} steps made)"

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero; ``backward()`` adds to it."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, Any]:
        """The state to resume from: the number of steps, and the numbers kept for each parameter."""
        state = {name: list(column) for name, column in self.state.items()}
        return {"kind": type(self).__name__, "steps": self.steps, "state": state}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from a ``state_dict()``.

        Raises:
            ValueError: the state is that of another kind of optimizer, or of another number of parameters.
        """
        if not isinstance(state, Mapping):
            raise ValueError(f"the state of an optimizer must be a dictionary from state_dict(), not {state!r:.60}")
        kind, kept, steps = state.get("kind"), state.get("state"), state.get("steps")
        if kind != type(self).__name__:
            raise ValueError(f"this is the state of {kind}, not of {type(self).__name__}")
        if not isinstance(kept, Mapping) or not all(isinstance(column, list | tuple) for column in kept.values()):
            raise ValueError('the state must have, under "state", a dictionary with a list for each name')
        if set(kept) != set(self.state_names) or any(len(x) != len(self.parameters) for x in kept.values()):
            lists = ", ".join(f"{name} of {len(column)}" for name, column in kept.items()) or "no lists"
            raise ValueError(
                f"the state does not fit: it has {lists}; this optimizer has {len(self.parameters)} parameter(s), each "
                f"with {', '.join(self.state_names) or 'no numbers of its own'}"
            )
        steps = integer("the state does not fit: its steps", steps, 0)
        ours = type(self) in BY_NAME.values()  # another rule may keep other numbers under the same name
        new = {name: [_entry(name, x, ours) for x in kept[name]] for name in self.state_names}
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

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        **clipping: float | None,
    ) -> None:
        super().__init__(parameters, lr, momentum=momentum, weight_decay=weight_decay, **clipping)
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum above 0")
        self.nesterov = nesterov

    def rule(self, p: Scalar, g: Scalar, lr: Scalar, t: Scalar, velocity: Scalar) -> tuple[Scalar, Scalar]:
        velocity = self.momentum * velocity + g
        return p - lr * (g + self.momentum * velocity if self.nesterov else velocity), velocity


class Adagrad(Optimizer):
    """Each step is divided by the square root of the sum of all squared gradients so far.

    s <- s + g^2;  p <- p - lr * g / (sqrt(s) + eps)

    Source: Duchi, Hazan, Singer, "Adaptive subgradient methods", Journal of Machine Learning Research 12, 2011.
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | Schedule = 0.01,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
        **clipping: float | None,
    ) -> None:
        super().__init__(parameters, lr, eps=eps, weight_decay=weight_decay, **clipping)

    def rule(self, p: Scalar, g: Scalar, lr: Scalar, t: Scalar, squares: Scalar) -> tuple[Scalar, Scalar]:
        squares = squares + g * g
        return p - lr * (g / (sqrt(squares) + self.eps)), squares


class RMSprop(Optimizer):
    """Each step is divided by the square root of a running mean of squared gradients.

    s <- alpha * s + (1 - alpha) * g^2;  v <- momentum * v + g / (sqrt(s) + eps);  p <- p - lr * v

    Source: Tieleman, Hinton, "Neural Networks for Machine Learning", lecture 6.5, Coursera 2012.
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | Schedule = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        **clipping: float | None,
    ) -> None:
        super().__init__(parameters, lr, alpha=alpha, eps=eps, momentum=momentum, weight_decay=weight_decay, **clipping)

    def rule(
        self, p: Scalar, g: Scalar, lr: Scalar, t: Scalar, squares: Scalar, velocity: Scalar
    ) -> tuple[Scalar, Scalar, Scalar]:
        squares = self.alpha * squares + (1.0 - self.alpha) * g * g
        velocity = self.momentum * velocity + g / (sqrt(squares) + self.eps)
        return p - lr * velocity, squares, velocity


class Adam(Optimizer):
    """Running means of the gradient and of its square, both corrected for their bias towards zero.

    m <- b1 * m + (1 - b1) * g;  s <- b2 * s + (1 - b2) * g^2
    p <- p - lr * (m / (1 - b1^t)) / (sqrt(s / (1 - b2^t)) + eps)

    Source: Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | Schedule = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        **clipping: float | None,
    ) -> None:
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay, **clipping)

    def rule(
        self, p: Scalar, g: Scalar, lr: Scalar, t: Scalar, mean: Scalar, squares: Scalar
    ) -> tuple[Scalar, Scalar, Scalar]:
        b1, b2 = self.betas
        mean = b1 * mean + (1.0 - b1) * g
        squares = b2 * squares + (1.0 - b2) * g * g
        unbiased_mean, unbiased_squares = mean / (1.0 - b1**t), squares / (1.0 - b2**t)
        return p - lr * (unbiased_mean / (sqrt(unbiased_squares) + self.eps)), mean, squares


class AdamW(Adam):
    """Adam with decoupled weight decay:  p <- p - lr * weight_decay * p, then Adam's step.

    Source: Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019.
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float | Schedule = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        **clipping: float | None,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay, **clipping)

    def penalized(self, p: Scalar, g: Scalar) -> Scalar:
        return g

    def rule(
        self, p: Scalar, g: Scalar, lr: Scalar, t: Scalar, mean: Scalar, squares: Scalar
    ) -> tuple[Scalar, Scalar, Scalar]:
        return super().rule(p - lr * (self.weight_decay * p), g, lr, t, mean, squares)


BY_NAME: dict[str, Callable[..., Optimizer]] = {
    kind.__name__.lower(): kind for kind in (SGD, Adagrad, RMSprop, Adam, AdamW)
}
# The learning rates of optimizers that are given by name: for small networks and inputs of about the size 1.
RATES: dict[str, float] = {"sgd": 0.1, "adagrad": 0.1, "rmsprop": 0.01, "adam": 0.02, "adamw": 0.02}


def _entry(name: str, given: Any, ours: bool) -> float:
    """One number from a state_dict(), checked; ``ours`` is whether it belongs to an optimizer of this library."""
    low = 0.0 if ours and name == "squares" else -math.inf
    wanted = "a finite number" if low else "a non-negative finite number"
    try:
        return number(name, given, lambda x: low <= x and math.isfinite(x), wanted)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the state does not fit: {error}") from None
