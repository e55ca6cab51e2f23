"""Optimizers, compared with PyTorch; schedules; gradient clipping.

The reference is PyTorch 2.13.0 in float64, which implements the papers named in the docstrings.  Its numbers come from

    p = [torch.tensor(-1.2, requires_grad=True), torch.tensor(1.0, requires_grad=True)]
    optimizer = torch.optim.SGD(p, lr=0.001)  # and so on, with the arguments below
    for step in range(20):
        optimizer.zero_grad()
        ((p[0] - 1) ** 2 + 10 * (p[1] - p[0] ** 2) ** 2).backward()
        optimizer.step()
        print(step + 1, [float(x) for x in p])

after torch.set_default_dtype(torch.float64).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd import Value
from nn import MLP, SGD, Adagrad, Adam, AdamW, RMSprop, clip_grad_norm, clip_grad_value, optim, watch
from nn.optim import Optimizer

# Parameters after steps 1, 5 and 20 on (p0 - 1)^2 + 10 (p1 - p0^2)^2 from (-1.2, 1), computed by torch.optim.
REFERENCE: list[tuple[Any, list[list[float]]]] = [
    (
        lambda p: SGD(p, lr=0.001),
        [[-1.17448, 1.0088], [-1.1036347629369518, 1.0321672469920637], [-1.0081838528642686, 1.0479019804195797]],
    ),
    (
        lambda p: SGD(p, lr=0.001, momentum=0.9),
        [[-1.17448, 1.0088], [-0.9586563754348141, 1.078729883202008], [-0.9453307504007509, 0.8014380373467642]],
    ),
    (
        lambda p: SGD(p, lr=0.001, momentum=0.9, nesterov=True, weight_decay=0.01),
        [
            [-1.1514891999999999, 1.016701],
            [-0.9496482123321547, 1.0760133696273335],
            [-0.905358596159223, 0.8328356248290654],
        ],
    ),
    (
        lambda p: Adagrad(p, lr=0.1, weight_decay=0.01),
        [
            [-1.1000000000003916, 1.0999999999988623],
            [-1.0301549731770614, 1.1117134970415763],
            [-0.9366935424111739, 0.934703344843756],
        ],
    ),
    (
        lambda p: RMSprop(p, lr=0.01),
        [
            [-1.1000000003918495, 1.0999999988636364],
            [-1.0299044104102213, 1.1116849357881666],
            [-0.9318450460695077, 0.9258459368304948],
        ],
    ),
    (
        lambda p: RMSprop(p, lr=0.01, alpha=0.9, momentum=0.5, weight_decay=0.01),
        [
            [-1.1683772234374827, 1.0316227764879182],
            [-1.0580513689467166, 1.1324597412766948],
            [-0.9711672697076598, 1.0025735941706244],
        ],
    ),
    (
        lambda p: Adam(p, lr=0.1),
        [
            [-1.100000000039185, 1.0999999998863637],
            [-0.9108266047060004, 1.1836184858002752],
            [-0.7258939421455305, 0.6971164351033237],
        ],
    ),
    (
        lambda p: Adam(p, lr=0.1, betas=(0.8, 0.95), weight_decay=0.01),
        [
            [-1.1000000000391665, 1.0999999998862344],
            [-0.934207500777151, 1.1538482808681587],
            [-0.7213445911903196, 0.5506901209933551],
        ],
    ),
    (
        lambda p: AdamW(p, lr=0.1, weight_decay=0.1),
        [
            [-1.088000000039185, 1.0899999998863636],
            [-0.8692082958355634, 1.1132800174541349],
            [-0.5889836557450117, 0.48664120644148473],
        ],
    ),
]


def walk(make: Any, steps: int, start: tuple[float, float] = (-1.2, 1.0)) -> tuple[optim.Optimizer, list[list[float]]]:
    p = [Value(start[0]), Value(start[1])]
    optimizer: optim.Optimizer = make(p)
    return optimizer, go_on(optimizer, steps)


def go_on(optimizer: optim.Optimizer, steps: int) -> list[list[float]]:
    p = optimizer.parameters
    path = []
    for _ in range(steps):
        optimizer.zero_grad()
        ((p[0] - 1.0) ** 2 + 10.0 * (p[1] - p[0] ** 2) ** 2).backward()
        optimizer.step()
        path.append([v.data for v in p])
    return path


@pytest.mark.parametrize(("make", "expected"), REFERENCE)
def test_steps_match_pytorch(make: Any, expected: list[list[float]]) -> None:
    _, path = walk(make, 20)
    for step, point in zip((1, 5, 20), expected, strict=True):
        assert path[step - 1] == pytest.approx(point, rel=1e-12)


@pytest.mark.parametrize(("make", "_"), REFERENCE)
def test_resuming_from_a_saved_state(make: Any, _: Any) -> None:
    whole, path = walk(make, 10)
    first, begun = walk(make, 4)
    second = make([Value(x) for x in begun[-1]])
    second.load_state_dict(first.state_dict())
    assert go_on(second, 6) == path[4:]
    assert second.state_dict() == whole.state_dict()


def test_a_state_that_does_not_fit() -> None:
    state = SGD([Value(1.0)]).state_dict()
    with pytest.raises(ValueError, match="this is the state of SGD, not of Adam"):
        Adam([Value(1.0)]).load_state_dict(state)
    with pytest.raises(ValueError, match=r"it has velocity of 1; this optimizer has 2 parameter\(s\)"):
        SGD([Value(1.0), Value(2.0)]).load_state_dict(state)


def test_schedules() -> None:
    cosine = optim.cosine_lr(0.1, 10, final=0.01)
    # torch.optim.lr_scheduler.CosineAnnealingLR(T_max=10, eta_min=0.01), PyTorch 2.13.0
    assert [cosine(step) for step in (0, 1, 4, 5, 9)] == pytest.approx(
        [0.1, 0.09779754323328192, 0.06890576474687264, 0.05500000000000001, 0.012202456766718092]
    )
    assert cosine(50) == pytest.approx(0.01)
    assert [optim.step_lr(0.1, 3, 0.5)(step) for step in (0, 2, 3, 9)] == [0.1, 0.1, 0.05, 0.0125]
    assert optim.exponential_lr(0.1, 0.9)(2) == pytest.approx(0.081)
    assert optim.constant_lr(0.1)(7) == 0.1
    warm = optim.warmup_lr(cosine, 5)
    assert [warm(step) for step in (0, 4, 5, 6)] == pytest.approx([0.02, 0.1, 0.1, cosine(1)])


def test_one_cycle() -> None:
    cycle = optim.one_cycle_lr(0.5, 20)
    # torch.optim.lr_scheduler.OneCycleLR(max_lr=0.5, total_steps=20, pct_start=0.3), PyTorch 2.13.0
    expected = [0.020000000000000018, 0.3341640786499874, 0.5, 0.49373200311754367, 0.3584715008956504]
    assert [cycle(step) for step in (0, 3, 5, 6, 10)] == pytest.approx(expected)
    assert [cycle(step) for step in (18, 19, 50)] == pytest.approx([0.006269996882456277, 2e-06, 2e-06])
    for warm_up in (0.0, 1.0):
        assert max(optim.one_cycle_lr(0.5, 20, warm_up)(step) for step in range(20)) == 0.5


def test_an_optimizer_follows_its_schedule() -> None:
    p = Value(0.0)
    optimizer = SGD([p], lr=optim.step_lr(1.0, 1, 0.5))
    for _ in range(3):
        p.grad = 1.0
        optimizer.step()
    assert p.data == -1.75
    assert optimizer.rate == 0.125


def test_clipping() -> None:
    p = [Value(0.0), Value(0.0)]
    p[0].grad, p[1].grad = 3.0, -4.0
    assert clip_grad_norm(p, 10.0) == 5.0
    assert [v.grad for v in p] == [3.0, -4.0]
    assert clip_grad_norm(p, 1.0) == 5.0
    assert [v.grad for v in p] == pytest.approx([0.6, -0.8])
    clip_grad_value(p, 0.7)
    assert [v.grad for v in p] == pytest.approx([0.6, -0.7])
    assert math.isclose(clip_grad_norm([], 1.0), 0.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD([]), "at least one parameter"),
        (lambda: SGD([Value(1.0)] * 2), "a parameter is given twice"),
        (lambda: SGD([Value(1.0)], lr=-1.0), "learning rate must be a non-negative number or a schedule, not -1.0"),
        (lambda: SGD([Value(1.0)], momentum=1.0), r"momentum must be a number in \[0, 1\)"),
        (lambda: SGD([Value(1.0)], nesterov=True), "nesterov needs a momentum"),
        (lambda: Adam([Value(1.0)], betas=(0.9, 1.5)), r"betas must be a number in \[0, 1\)"),
        (lambda: AdamW([Value(1.0)], weight_decay=-1.0), "weight_decay must be a non-negative number"),
        (lambda: Adam([Value(1.0)], eps=0.0), "eps must be a positive number, not 0.0"),
        (lambda: SGD([Value(1.0)], weight_decay=math.inf), "weight_decay must be a non-negative number, not inf"),
        (lambda: SGD([Value(1.0)], lr=10**5000), "a non-negative number or a schedule, and not too large for a float"),
        (lambda: clip_grad_norm([Value(1.0)], -1.0), "max_norm must be a non-negative number"),
        (lambda: optim.cosine_lr(0.1, 0), "steps must be a positive integer"),
        (lambda: optim.step_lr(0.1, 0), "every must be a positive integer"),
        (lambda: optim.one_cycle_lr(0.1, 1), "steps must be an integer of at least 2|steps must be"),
        (lambda: optim.one_cycle_lr(0.1, 9, 1.5), "warm_up must be a number from 0 to 1"),
        (lambda: optim.one_cycle_lr(0.1, 9, 0.5, 0.0), "start must be a positive number"),
        (lambda: optim.warmup_lr(0.1, 0), "steps must be a positive integer"),
    ],
)
def test_mistakes(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_gradients_that_cannot_be_clipped() -> None:
    p = Value(0.0)
    p.grad = math.inf
    with pytest.raises(ArithmeticError, match="their norm is inf"):
        clip_grad_norm([p], 1.0)


def test_a_model_instead_of_its_parameters() -> None:
    with pytest.raises(TypeError, match=r"as model\.parameters\(\)"):
        SGD(MLP(1, [1]))


def test_repr() -> None:
    assert repr(SGD([Value(1.0)], lr=0.5)) == "SGD(1 parameters, lr=0.5, 0 steps made)"


def test_a_parameter_that_is_a_number() -> None:
    with pytest.raises(TypeError, match=r"a parameter must be a Value, not 1\.0"):
        SGD([1.0])


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW, RMSprop, Adagrad])
def test_a_32_bit_rate_keeps_64_bit_parameters(kind: Any) -> None:
    found = []
    for rate in (np.float32(0.1), float(np.float32(0.1)), lambda step: np.float32(0.1)):
        p = Value(1.0)
        p.grad = 0.3
        kind([p], lr=rate).step()
        found.append(p.data)
    assert type(found[0]) is float
    assert len(set(found)) == 1


@pytest.mark.parametrize("bad", ["0.1", None, -0.1, math.nan, 1j, True])
def test_invalid_learning_rates(bad: Any) -> None:
    wanted = "the learning rate must be a non-negative number or a schedule, not"
    with pytest.raises((TypeError, ValueError), match=wanted):
        SGD([Value(1.0)], lr=bad)
    optimizer = SGD([Value(1.0)], lr=lambda step: bad)
    with pytest.raises((TypeError, ValueError), match="the learning rate of step 0 must be a non-negative number, not"):
        optimizer.step()
    assert optimizer.steps == 0


@pytest.mark.parametrize(
    "change",
    [
        {"steps": -1},
        {"steps": True},
        {"steps": None},
        {"state": {"mean": [0.0], "squares": [-1.0]}},
        {"state": {"mean": ["0"], "squares": [1.0]}},
        {"state": {"mean": [math.nan], "squares": [1.0]}},
        {"state": {"mean": [0.0], "squares": []}},
        {"state": {"mean": [0.0]}},
        {"state": {"mean": [0.0], "squares": 1.0}},
        {"state": [3]},
        {"state": None},
        [1],
    ],
)
def test_an_invalid_state_changes_nothing(change: Any) -> None:
    p = Value(1.0)
    optimizer = Adam([p])
    p.grad = 1.0
    optimizer.step()
    before = optimizer.state_dict()
    with pytest.raises(ValueError, match="state"):
        optimizer.load_state_dict({**before, **change} if isinstance(change, dict) else change)
    assert optimizer.state_dict() == before


def test_a_step_updates_all_parameters_or_none() -> None:
    class Fails(Adam):
        def update(self, p: float, *rest: float) -> tuple[float, ...]:
            return super().update(p, *rest) if p == 1.0 else (1.0 / 0.0,)

    a, b = Value(1.0), Value(2.0)
    a.grad = b.grad = 1.0
    optimizer = Fails([a, b])
    before = optimizer.state_dict()
    with pytest.raises(ZeroDivisionError):
        optimizer.step()
    assert (a.data, b.data, optimizer.state_dict()) == (1.0, 2.0, before)


def test_a_custom_rule_with_a_hyperparameter() -> None:
    class SignSGD(Optimizer):
        """p <- p - lr * sign(g), where |g| is above a threshold"""

        threshold: float

        def rule(self, p: float, g: float, lr: float, t: float) -> float:
            return p - lr * (math.copysign(1.0, g) if abs(g) > self.threshold else 0.0)

    a, b = Value(1.0), Value(1.0)
    a.grad, b.grad = -5.0, 0.1
    SignSGD([a, b], lr=0.5, threshold=1).step()
    assert (a.data, b.data) == (1.5, 1.0)
    with pytest.raises(ValueError, match="threshold must be a finite number, not inf"):
        SignSGD([a], lr=0.5, threshold=math.inf)


def test_the_rate_of_an_optimizer_that_is_given_by_name() -> None:
    assert optim.RATES.keys() == optim.BY_NAME.keys()
    model = MLP(1, [1], seed=1)
    watched = watch(model, [[1.0], [2.0]], [1.0, 2.0], optimizer="Adam")
    assert watched.rate == optim.RATES["adam"] == 0.02
