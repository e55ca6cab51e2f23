"""Optimizers: update rules for the parameters, given their gradients.

In: parameters with their gradients.  Out: updated parameters, by ``step()``.  Read optimizers.py first: each class is
one update rule, with its paper.  schedules.py has learning rates that change from step to step, clipping.py limits
gradients, rules.py writes an update rule as a graph, replay.py replays it over all parameters at once.
"""

from nn.optim.clipping import clip_grad_norm, clip_grad_value
from nn.optim.optimizers import BY_NAME, RATES, SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop
from nn.optim.schedules import Schedule, constant_lr, cosine_lr, exponential_lr, one_cycle_lr, step_lr, warmup_lr

__all__ = [
    "BY_NAME",
    "RATES",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "Schedule",
    "clip_grad_norm",
    "clip_grad_value",
    "constant_lr",
    "cosine_lr",
    "exponential_lr",
    "one_cycle_lr",
    "step_lr",
    "warmup_lr",
]
