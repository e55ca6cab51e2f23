# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The loss surface
#
# **What does training look like from above?**
#
# The loss is a function of all weights. With two weights it is a landscape: two directions, and a height. The gradient
# points straight uphill; a step of gradient descent goes straight downhill. In this lesson we look at the landscape,
# draw the paths of three optimizers on it, and derive the formula of each from what goes wrong with the one before.

# %%
import math

from autograd import Chart, Value
from autograd.lessons import exercises
from nn import SGD, Adam, plot_descent

# %% [markdown]
# ## A real landscape
#
# A line $y = w x + b$ through five points. Its loss, the mean squared error, depends on $w$ and $b$. Each ring in the
# picture joins points of equal loss; the rings are ellipses, and the minimum is in the middle.

# %%
xs, ys = [0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 1.4, 2.1, 2.4, 3.2]


def loss(w, b):
    return sum((w * x + b - y) ** 2 for x, y in zip(xs, ys, strict=True)) / 5.0


best = (0.54, 0.94)  # by linear regression
chart = plot_descent(
    loss,
    (-0.6, -0.5),
    {"learning rate 0.05": lambda p: SGD(p, lr=0.05)},
    steps=60,
    region=((-1.0, 2.0), (-1.0, 3.0)),
    names=("w", "b"),
)
chart.panels[0].points([best[0]], [best[1]], "the best line", "ink", "star", 6.0)
w, b = Value(best[0]), Value(best[1])
loss(w, b).backward()
assert abs(w.grad) < 1e-12
assert abs(b.grad) < 1e-12
chart

# %% [markdown]
# The path goes quickly down to the floor of a valley, and then slowly along it. Why? At each point the step is at a
# right angle to the ring: straight downhill. In a narrow valley, straight downhill points to the other side, and hardly
# along the valley.
#
# ## Steep in one direction, flat in another
#
# The simplest such valley is $f(u, v) = \frac12 (u^2 + 25 v^2)$. Its gradient is $(u, 25 v)$, so one step with learning
# rate $\eta$ multiplies
#
# $$u \text{ by } 1 - \eta, \qquad v \text{ by } 1 - 25 \eta$$
#
# Both factors must lie between -1 and 1. For $v$ that means $\eta < 2/25 = 0.08$; but then $u$ keeps more than 92 % of
# its distance from the minimum in each step. **The steepest direction limits the learning rate, and the flattest pays
# for it.**


# %%
def valley(u, v):
    return 0.5 * (u * u + 25.0 * v * v)


rates = {"0.005: too small": 0.005, "0.07: right": 0.07, "0.0805: too large": 0.0805}
makers = {f"learning rate {name}": lambda p, lr=lr: SGD(p, lr=lr) for name, lr in rates.items()}
chart = plot_descent(valley, (-3.0, 0.6), makers, steps=30, region=((-3.5, 1.0), (-1.5, 1.5)), names=("u", "v"))
small, right, large = chart.panels[0].lines
assert math.isclose(right.xs[30], -3.0 * 0.93**30, rel_tol=1e-9)
assert math.isclose(large.ys[30], 0.6 * (1.0 - 25.0 * 0.0805) ** 30, rel_tol=1e-9)
assert abs(large.ys[30]) > 0.6 > abs(right.ys[30])
print(
    f"after 30 steps: f = {valley(small.xs[30], small.ys[30]):.3f}, {valley(right.xs[30], right.ys[30]):.4f} and ",
    end="",
)
print(f"{valley(large.xs[30], large.ys[30]):.1f}, and growing")
chart

# %% [markdown]
# Too small: smooth, but it does not arrive. Right: it crosses the valley a few times, and then moves along it. Too
# large: each crossing is wider than the last.
#
# ## Momentum
#
# With a large learning rate, the steps across the valley change sign each time; those along it do not. So add up the
# past gradients: what changes sign cancels, and what keeps its sign grows. With $g$ for the gradient and
# $0 \le \beta < 1$:
#
# $$v \leftarrow \beta v + g, \qquad w \leftarrow w - \eta v$$
#
# $\beta$ makes old gradients fade. For a constant gradient $g$ the sum $v$ approaches
# $g + \beta g + \beta^2 g + \dots = g / (1 - \beta)$: with $\beta = 0.9$ the steps become ten times as long.

# %%
v = 0.0
for _ in range(100):
    v = 0.9 * v + 1.0
print(f"a constant gradient of 1 becomes {v:.4f}")
assert math.isclose(v, 10.0, rel_tol=1e-4)

chart = plot_descent(
    valley,
    (-3.0, 0.6),
    {"SGD": lambda p: SGD(p, lr=0.078), "momentum": lambda p: SGD(p, lr=0.078, momentum=0.8)},
    steps=40,
    region=((-3.5, 1.0), (-1.5, 1.5)),
    names=("u", "v"),
)
plain, heavy = chart.panels[0].lines
print(
    f"f after 40 steps: SGD {valley(plain.xs[40], plain.ys[40]):.2e}, momentum {valley(heavy.xs[40], heavy.ys[40]):.2e}"
)
assert valley(heavy.xs[40], heavy.ys[40]) < 0.05 * valley(plain.xs[40], plain.ys[40])
chart

# %% [markdown]
# The name comes from physics: a heavy ball that rolls. It runs past the minimum, and comes back.
#
# ## Adam
#
# The underlying problem is that the two directions need different learning rates. In this valley each direction belongs
# to one parameter. So divide the gradient of each parameter by its typical size: then the steep and the flat one take
# steps of the same length. *Adam* (Kingma and Ba, 2014) estimates that size as the square root of a moving average of
# squared gradients, and replaces the gradient by a moving average, much as momentum does:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \qquad
# w \leftarrow w - \eta \frac{\hat m}{\sqrt{\hat v} + \varepsilon}$$
#
# Both averages start at 0, so at first they are too small: after one step $m = (1 - \beta_1) g$. Dividing by
# $1 - \beta_1^t$ in step $t$ corrects that: $\hat m = m / (1 - \beta_1^t)$ is exactly $g$ after the first step.
# Likewise $\hat v = g^2$. (The tiny $\varepsilon$ only prevents a division by 0.) So the first step of Adam changes
# each parameter by $\eta$, however large or small its gradient:

# %%
steep, flat = Value(1.0), Value(1.0)
optimizer = Adam([steep, flat], lr=0.1)
(0.5 * (flat * flat + 1e6 * steep * steep)).backward()
print(f"gradients {steep.grad:,.0f} and {flat.grad:.0f}")
optimizer.step()
print(f"steps     {1.0 - steep.data:.6f} and {1.0 - flat.data:.6f}")
assert math.isclose(1.0 - steep.data, 0.1, rel_tol=1e-6)
assert math.isclose(1.0 - flat.data, 0.1, rel_tol=1e-6)

# %% [markdown]
# The three on the same valley, with forty steps each:

# %%
chart = plot_descent(
    valley,
    (-3.0, 0.6),
    {
        "SGD": lambda p: SGD(p, lr=0.078),
        "momentum": lambda p: SGD(p, lr=0.078, momentum=0.8),
        "Adam": lambda p: Adam(p, lr=0.3),
    },
    steps=40,
    region=((-3.5, 1.0), (-1.5, 1.5)),
    names=("u", "v"),
)
heights = {line.label: [valley(u, v) for u, v in zip(line.xs, line.ys, strict=True)] for line in chart.panels[0].lines}
chart

# %%
curves = Chart(640, 300, title="the height of the three paths, step by step")
panel = curves.panel(x="step", y="f", y_log=True)
for (name, height), dash in zip(heights.items(), ("solid", "dashed", "dotted"), strict=True):
    panel.line(range(len(height)), height, name, dash=dash)
curves

# %% [markdown]
# Adam leaves the start diagonally, since both directions get steps of the same length. Near the minimum it goes round
# in small loops: its steps do not become short by themselves, which is one reason to lower the learning rate at the
# end.
#
# ## Not every landscape is a bowl
#
# The loss surfaces of networks have saddle points: a minimum in one direction, a maximum in another. Near them the
# gradient is small, and plain gradient descent stays for a long time. Here $f(u, v) = u^2 - v^2 + v^4 / 2$ has a saddle
# point at $(0, 0)$ and two minima at $(0, \pm 1)$; the paths begin very close to the ridge $v = 0$.


# %%
def saddle(u, v):
    return u * u - v * v + 0.5 * v**4


chart = plot_descent(saddle, (1.2, 0.01), steps=25, region=((-1.5, 1.5), (-1.6, 1.6)), names=("u", "v"))
ends = {line.label: line.ys[-1] for line in chart.panels[0].lines}
print({name: round(v, 3) for name, v in ends.items()})
assert ends["Adam"] > ends["SGD"]
chart

# %% [markdown]
# Adam divides the tiny slope by its tiny size, and leaves the ridge at once.
#
# ## Exercises

# %%
exercises("descent")

# %% [markdown]
# Next: [softmax and cross-entropy](07_softmax_and_cross_entropy.ipynb), the loss for classes, and where it comes from.
