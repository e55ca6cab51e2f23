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
# # Backpropagation by hand
#
# **How does a network find out in which direction to change each of its weights?**
#
# We take the smallest network worth the name: three inputs, one hidden unit and one output unit, both with a sigmoid.
# We compute everything on paper, and let the library check every number.
#
# Two things are often confused. *Backpropagation* computes gradients. *Gradient descent* uses them. We do the first,
# then the second.

# %%
import math

from autograd import (
    Value,
    backward_steps,
    draw,
    explain,
    explore,
    forward_steps,
    order_matters,
    quiz,
    sigmoid,
)
from autograd.lessons import exercises

# %% [markdown]
# ## The forward pass
#
# The hidden unit computes $z_1 = W_1 x_1 + W_2 x_2 + W_3 x_3 + b_1$ and $O_1 = \sigma(z_1)$; the output unit computes
# $z_2 = W_4 O_1 + b_2$ and $O_2 = \sigma(z_2)$. Here $\sigma(z) = 1 / (1 + e^{-z})$ is the sigmoid; its derivative is
# $\sigma(z) (1 - \sigma(z))$. The $W$ are called *weights*, the $b$ *biases*. The loss is the squared error
# $L = (O_2 - y)^2$, where $y$ is the target. (The difference $O_2 - y$ is not a usable loss: minimizing it would just
# make it as negative as possible.)

# %%
x1, x2, x3 = Value(1.0, "x1"), Value(0.5, "x2"), Value(-1.0, "x3")
W1, W2, W3, b1 = Value(0.2, "W1"), Value(-0.4, "W2"), Value(0.1, "W3"), Value(0.1, "b1")
W4, b2, y = Value(0.6, "W4"), Value(-0.2, "b2"), Value(1.0, "y")

z1 = W1 * x1 + W2 * x2 + W3 * x3 + b1
O1 = sigmoid(z1)
z2 = W4 * O1 + b2
O2 = sigmoid(z2)
L = (O2 - y) ** 2
for node, label in ((z1, "z1"), (O1, "O1"), (z2, "z2"), (O2, "O2"), (L, "L")):
    node.label = label
print(f"O1 = {O1.data}, O2 = {O2.data}, L = {L.data}")
assert O1.data == 0.5
assert math.isclose(O2.data, 0.5249791874789399, rel_tol=1e-14)
assert math.isclose(L.data, 0.22564477232816813, rel_tol=1e-14)

# %% [markdown]
# The forward pass stores every intermediate value in the graph. The backward pass will need them.

# %%
draw(L)

# %% [markdown]
# ## One path: the weight $W_4$
#
# How does $L$ depend on $W_4$? $W_4$ changes $z_2$, $z_2$ changes $O_2$, and $O_2$ changes $L$: one path. Each edge on
# it has a local derivative, and the chain rule multiplies them:

# %%
explain(L, W4)

# %% [markdown]
# The factors by hand: $\partial L/\partial O_2 = 2(O_2 - y)$, $\;\partial O_2/\partial z_2 = O_2(1 - O_2)$,
# $\;\partial z_2/\partial W_4 = O_1$. (The library has separate nodes for the difference $O_2 - y$ and the product
# $W_4 O_1$, so it lists two more factors, both 1.)

# %%
by_hand = 2.0 * (O2.data - 1.0) * O2.data * (1.0 - O2.data) * O1.data
print(by_hand, explain(L, W4).total)
assert math.isclose(by_hand, -0.11845880923571209, rel_tol=1e-14)
assert math.isclose(explain(L, W4).total, by_hand, rel_tol=1e-14)
print(explain(L, b2))
assert math.isclose(explain(L, b2).total, -0.23691761847142417, rel_tol=1e-14)

# %% [markdown]
# The derivative is negative: increasing $W_4$ decreases the loss. The bias $b_2$ works the same way, with
# $\partial z_2/\partial b_2 = 1$ as the last factor; its path is the second result above.
#
# ## Further back: the weight $W_1$
#
# The path to $W_1$ continues through $O_1$. Everything up to $z_2$ is the same as before. *That* is why we go backward:
# what has been computed near the output is reused for every earlier weight.

# %%
for weight, expected in ((W1, -0.035537642770713626), (W2, -0.017768821385356813), (W3, 0.035537642770713626)):
    found = explain(L, weight).total
    print(f"dL/d{weight.label} = {found}")
    assert math.isclose(found, expected, rel_tol=1e-13)

# %% [markdown]
# ## Two paths, and their sum
#
# In a wider network $W_1$ reaches the loss through more than one unit of the next layer. Here $O_{11}$ feeds $O_{21}$
# and $O_{22}$, and both feed the output $O_{31}$:

# %%
x, w = Value(1.0, "x"), Value(0.3, "W1")
O11 = sigmoid(w * x)
O21, O22 = sigmoid(0.5 * O11), sigmoid(-0.8 * O11)
O31 = sigmoid(1.2 * O21 + 0.7 * O22)
for node, label in ((O11, "O11"), (O21, "O21"), (O22, "O22"), (O31, "O31")):
    node.label = label
two = explain(O31, w)
print(two)
assert two.count == 2
assert math.isclose(sum(path.product for path in two.paths), two.total, rel_tol=1e-14)
draw(O31, paths=two)

# %% [markdown]
# In the picture each path has a color; where both run along an arrow, they share its local derivative. Each path
# contributes its product, and the contributions add up. A deep network has astronomically many paths. The backward pass
# never lists them: it adds up the contributions *at each node*, and then propagates only the sum.
#
# ## The backward pass, one node at a time
#
# Each step takes a node whose gradient is complete, and adds a contribution to the gradient of each of its operands.

# %%
for step in backward_steps(L):
    print(step)

# %% [markdown]
# Here is an interactive version: step with the arrows, click a node to see its details, and move a leaf's slider to
# recompute everything. (It computes without a running kernel; in a notebook that is not trusted it is a still picture.)

# %%
explore(L, parameters=[W1, W2, W3, W4, b1, b2])

# %% [markdown]
# ## Why the order matters
#
# A node may propagate its gradient only after every node that uses it has contributed. If you visit nodes in the order
# in which you first reach them, the result can be wrong as soon as a node is used twice:

# %%
report = order_matters()
print(report)
assert report.differ

# %% [markdown]
# ## The update
#
# Now gradient descent. The derivative with respect to $W_4$ is negative, so $W_4$ goes up; the one with respect to
# $W_3$ is positive, so $W_3$ goes down. The size of the step is the derivative times the learning rate $\eta$:
# $W \leftarrow W - \eta\,\partial L/\partial W$.

# %%
L.backward()
eta = 0.5
for leaf in (W1, W2, W3, b1, W4, b2):
    direction = "up" if leaf.grad < 0.0 else "down"
    leaf.data -= eta * leaf.grad
    print(f"{leaf.label}: slope {leaf.grad:+.6f}, so {direction}, to {leaf.data:.6f}")
assert math.isclose(W4.data, 0.6592294046178561, rel_tol=1e-14)
assert math.isclose(b2.data, -0.08154119076428792, rel_tol=1e-14)
assert math.isclose(W1.data, 0.21776882138535683, rel_tol=1e-14)

after = (sigmoid(W4 * sigmoid(W1 * x1 + W2 * x2 + W3 * x3 + b1) + b2) - y) ** 2
print(f"loss before the step: {L.data:.6f}, after: {after.data:.6f}")
assert after.data < L.data

# %% [markdown]
# ## The other direction
#
# You can also go forward: how fast does each number change when $W_4$ changes? This gives the same derivative, but for
# one weight only; the four weights and two biases take six passes. Lesson 11 counts the operations.

# %%
*_, last = forward_steps(L, W4)
print(last)

# %% [markdown]
# ## On paper
#
# Solve this on paper, and let the quiz check your answers. Each hint says more than the last. Other seeds give other
# quizzes. (In code: `print(question.answer(a=..., b=...))` says which answers are right, and lists all paths for each
# wrong one; `draw(question.value)` shows the graph.)

# %%
question = quiz(seed=5, size=3)
question

# %% [markdown]
# ## Exercises

# %%
exercises("backpropagation")

# %% [markdown]
# Next: [neuron, layer, network](04_neuron_layer_network.ipynb).
