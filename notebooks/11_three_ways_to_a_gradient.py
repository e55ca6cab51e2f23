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
# **There are three ways to compute the derivatives of a computation. Why does everyone who trains networks use the same
# one?**
#
# The three are finite differences (nudging), forward mode, and reverse mode, which is backpropagation. We apply all
# three to the same function and see that they agree. Then we count what each would cost on a network.

# %%
import math

from autograd import Value, count_operations, explain, forward_steps, jvp, topological_order
from autograd.lessons import exercises
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
# ### 1. Finite differences
#
# Recompute the function with a slightly different input. That costs one or two extra evaluations per input, and there
# is a dilemma. A large step is inexact, because the function is not a straight line. A small step is inexact too,
# because subtracting two nearly equal floats leaves few significant digits.


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
# Ask of each number, in the order of the computation: *how fast do you change when $a$ changes?* Each answer needs only
# the answers of the number's operands. Forward mode is exact, and one pass costs about as much as the computation
# itself. But the answers are only for $a$; for $b$ we need another pass. (`jvp`, short for Jacobian-vector product,
# does the same for a function; `[1.0, 0.0]` says that $a$ changes and $b$ does not.)

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
# Ask of each number, starting from the end: *how fast does $f$ change when you change?* Each answer needs only the
# answers of the nodes that use the number. One pass gives the derivative with respect to every number in the
# computation, including all inputs. The price is memory: the pass runs backward, so the whole computation must be
# recorded.

# %%
f.backward()
print(a.grad, b.grad)
assert math.isclose(a.grad, exact, rel_tol=1e-14)
assert math.isclose(b.grad, 0.5 * math.cos(1.0), rel_tol=1e-14)

# %% [markdown]
# Both modes add up the same paths, and multiply the same local derivatives. They differ only in where the parentheses
# go: forward mode multiplies starting from the input, reverse mode starting from the output.

# %%
explain(f, a)

# %% [markdown]
# ## Counting
#
# For a function of two numbers the difference hardly matters. But the loss of a network is a single number that depends
# on all the weights.

# %%
model = MLP(2, [16, 16, 1], activation="tanh", seed=1)
loss = (model([0.3, -0.7]) - 1.0) ** 2
cost = count_operations(loss, model.parameters())
print(cost)
assert cost.inputs == 337
assert cost.forward_mode > 50 * cost.reverse_mode

# %% [markdown]
# One backward pass gives all 337 derivatives. Central differences take 674 forward passes, and forward mode takes 337
# passes, one for each weight and bias. The more parameters, the larger the gap:

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
# However many weights there are, all their derivatives together cost only a few forward passes. This is why networks
# can be trained at all.
#
# ## When forward mode wins
#
# With one input and many outputs it is the other way round: one pass in forward mode gives the derivatives of all
# outputs. An example is the position of a planet at each of a thousand times, as a function of its initial speed.

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

# %%
exercises("three ways")

# %% [markdown]
# Next: [higher derivatives](12_higher_derivatives.ipynb).
