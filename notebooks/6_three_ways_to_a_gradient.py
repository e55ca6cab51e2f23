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
# # Three ways to a gradient
#
# **There are three ways to find the slopes of a computation. Why does everyone who trains networks use the same
# one?**
#
# Nudging (finite differences), forward mode, and reverse mode, which is backpropagation. We use all three on the same
# network, see that they agree, and count.

# %%
import math

from autograd import Value, count_operations, draw, explain, forward_steps, jvp, topological_order
from nn import MLP

# %% [markdown]
# ## A function of two numbers
#
# $f(a, b) = \sin(ab) + a^2$, at $a = 0.5$, $b = 2$.

# %%
a, b = Value(0.5, "a"), Value(2.0, "b")
f = (a * b).sin() + a**2
f.label = "f"
f

# %% [markdown]
# ### 1. Nudge
#
# Compute it again with a slightly different number. One or two more computations for each number, and a dilemma: a
# large nudge is inexact, because the function is no straight line, and a small one is inexact too, because the
# difference of two nearly equal floats has few digits left.


# %%
def plain(a, b):
    return math.sin(a * b) + a**2


exact = 2.0 * math.cos(1.0) + 1.0
for h in (1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13):
    slope = (plain(0.5 + h, 2.0) - plain(0.5 - h, 2.0)) / (2.0 * h)
    print(f"h = {h:.0e}: {slope:.12f}, error {abs(slope - exact):.1e}")
assert abs((plain(0.5 + 1e-5, 2.0) - plain(0.5 - 1e-5, 2.0)) / 2e-5 - exact) < 1e-9

# %% [markdown]
# ### 2. Forward mode
#
# Ask of each number, in the order of the computation: *how fast do you move when a moves?* Each answer needs only the
# answers before it. It is exact, and it costs about as much as the computation itself. But it is about `a` alone; for
# `b` we start again.

# %%
for step in forward_steps(f, a):
    print(step)

# %%
value, slope = jvp(lambda x: (x[0] * x[1]).sin() + x[0] ** 2, [0.5, 2.0], [1.0, 0.0])
print(value, slope)
assert math.isclose(slope, exact, rel_tol=1e-14)

# %% [markdown]
# ### 3. Reverse mode
#
# Ask of each number, from the end: *how fast does f move when you move?* Each answer needs only the answers of those
# that read the number. One walk answers for every number there is, inputs and all. The price: the whole computation
# must be remembered, since it is walked backwards.

# %%
f.backward()
print(a.grad, b.grad)
assert math.isclose(a.grad, exact, rel_tol=1e-14)
assert math.isclose(b.grad, 0.5 * math.cos(1.0), rel_tol=1e-14)

# %% [markdown]
# Both modes add up the same paths, and multiply the same small slopes. Only the brackets are set differently: forward
# mode multiplies from the input's end, reverse mode from the output's.

# %%
explain(f, a)

# %% [markdown]
# ## Counting
#
# For a function of two numbers it does not matter. A network is a function of all its weights, with one result: the
# loss.

# %%
model = MLP(2, [16, 16, 1], activation="tanh", seed=1)
loss = (model([0.3, -0.7]) - 1.0) ** 2
cost = count_operations(loss, model.parameters())
print(cost)
assert cost.inputs == 337
assert cost.forward_mode > 50 * cost.reverse_mode

# %% [markdown]
# One backward pass gives all 337 slopes. Nudging takes 674 forward passes, forward mode 337. And the more weights,
# the worse:

# %%
for width in (2, 4, 8, 16, 32):
    wider = MLP(2, [width, width, 1], activation="tanh", seed=1)
    count = count_operations((wider([0.3, -0.7]) - 1.0) ** 2, wider.parameters())
    ratio = count.reverse_mode / count.forward_pass
    print(
        f"{count.inputs:>5} weights: reverse mode costs {ratio:.1f} forward passes, "
        f"forward mode {count.forward_mode / count.forward_pass:>7.1f}"
    )
    assert ratio < 5.0

# %% [markdown]
# Whatever the number of weights, all their slopes cost a few forward passes. This is the reason why networks can be
# trained at all.
#
# ## When forward mode wins
#
# If there is one input and many outputs, it is the other way round: one forward pass gives the slopes of all outputs.
# A planet's position at a thousand times, say, by its one initial speed.

# %%
t = Value(1.0, "t")
outputs = [(t * k).sin() for k in range(1, 6)]
together = sum(outputs[1:], outputs[0])
tangents = {}
for step in forward_steps(together, t):
    tangents[step.node] = step.tangent
print([round(tangents[y], 4) for y in outputs])
assert all(math.isclose(tangents[y], k * math.cos(k), rel_tol=1e-12) for k, y in enumerate(outputs, 1))
print(f"{len(topological_order(together))} nodes, one pass")

# %% [markdown]
# ## Exercises
#
# 1. A function has 5 inputs and 3 outputs. How many passes does the whole table of slopes take in either mode?
#
# <details><summary>Answer</summary>
#
# Forward mode 5, one for each input; reverse mode 3, one for each output.
#
# </details>
#
# 2. Why does reverse mode need more memory?
#
# <details><summary>Answer</summary>
#
# It begins at the end, so every number that a slope depends on must be kept until the walk comes back to it.
#
# </details>
#
# 3. Draw the graph of `f` with its local slopes, and find $\partial f/\partial b$ by multiplying along its one path.

# %%
draw(f, partials=True)
