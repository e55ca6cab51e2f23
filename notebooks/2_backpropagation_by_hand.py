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
# **How does a network find out in which direction to turn each of its weights?**
#
# We take the smallest network that deserves the name: three inputs, one hidden unit, one output unit, both with a
# sigmoid. We compute everything on paper, and let the library check every number.
#
# Two things are often mixed up. *Backpropagation* computes gradients. *Gradient descent* uses them. First the one,
# then the other.

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

# %% [markdown]
# ## The forward pass
#
# $O_1 = \sigma(W_1 x_1 + W_2 x_2 + W_3 x_3 + b_1)$, $O_2 = \sigma(W_4 O_1 + b_2)$, and the loss is the squared error
# $L = (O_2 - y)^2$, where $y$ is what we want. (The difference $O_2 - y$ alone would not do: it can be made small by
# being very negative.)

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
# The forward pass leaves every number on the way in the graph. The backward pass will need them.

# %%
draw(L)

# %% [markdown]
# ## One path: the weight $W_4$
#
# How does $L$ depend on $W_4$? $W_4$ changes $z_2$, that changes $O_2$, and that changes $L$: one path. Along each
# piece there is a small slope, and they multiply:

# %%
explain(L, W4)

# %% [markdown]
# The pieces by hand: $\partial L/\partial O_2 = 2(O_2 - y)$, $\;\partial O_2/\partial z_2 = O_2(1 - O_2)$,
# $\;\partial z_2/\partial W_4 = O_1$. (The library writes $O_2 - y$ as a node of its own, so it has one factor more.)

# %%
by_hand = 2.0 * (O2.data - 1.0) * O2.data * (1.0 - O2.data) * O1.data
print(by_hand, explain(L, W4).total)
assert math.isclose(by_hand, -0.11845880923571209, rel_tol=1e-14)
assert math.isclose(explain(L, W4).total, by_hand, rel_tol=1e-14)

# %% [markdown]
# The slope is negative: a larger $W_4$ makes a smaller loss. The bias $b_2$ works the same way, with $\partial
# z_2/\partial b_2 = 1$ at the end:

# %%
print(explain(L, b2))
assert math.isclose(explain(L, b2).total, -0.23691761847142417, rel_tol=1e-14)

# %% [markdown]
# ## Further back: the weight $W_1$
#
# The path to $W_1$ goes on through $O_1$. Everything up to $z_2$ is as before. *That* is why we go backwards: what
# has been computed for the output serves all weights before it.

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

# %% [markdown]
# Each path contributes its product, and the contributions add up. A deep network has astronomically many paths. The
# backward pass never lists them: it adds up *at each node*, and then goes on with the sum.
#
# ## The backward pass, one node at a time
#
# Each step takes a node whose gradient is complete, and hands a share to each of its operands.

# %%
for step in backward_steps(L):
    print(step)

# %% [markdown]
# Here it is to play with: the arrows step, a click on a node shows what is known of it, and a slider on a leaf computes
# everything anew. (On a page without a kernel the picture stands still.)

# %%
explore(L)

# %% [markdown]
# ## Why the order matters
#
# A node may hand on its gradient only when all who read it have paid in. Visit nodes as you happen to meet them, and
# it goes wrong as soon as a node is read twice:

# %%
report = order_matters()
print(report)
assert report.differ

# %% [markdown]
# ## The update
#
# Now gradient descent. The slope of $W_4$ is negative, so $W_4$ goes up; that of $W_3$ is positive, so $W_3$ goes
# down. How far is the slope times the learning rate $\eta$: $W \leftarrow W - \eta\,\partial L/\partial W$.

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
print(f"the loss was {L.data:.6f} and is {after.data:.6f}")
assert after.data < L.data

# %% [markdown]
# ## The other direction
#
# One can also go forwards: how fast does each number move when $W_1$ does? It gives the same slope, but of one weight
# only; for six weights it takes six passes. Notebook 6 counts.

# %%
*_, last = forward_steps(L, W4)
print(last)

# %% [markdown]
# ## Exercises
#
# 1. Solve this on paper, then let the quiz look at your answers.

# %%
question = quiz(seed=5, size=3)
print(question)
question.value

# %% [markdown]
# <details><summary>How to answer</summary>
#
# `print(question.answer(a=..., b=...))` says which are right, and shows all paths for one that is not. Other seeds
# give other quizzes.
#
# </details>
#
# 2. In the fixture, which weight would you change by hand to make the loss smaller fastest, for a small change?
#
# <details><summary>Answer</summary>
#
# The one with the largest slope in size: of all numbers it is $b_2$ (-0.237), of the weights $W_4$ (-0.118).
#
# </details>
#
# 3. $\sigma'(z) = \sigma(z)(1 - \sigma(z))$ is at most 1/4. What does that do to slopes that pass through ten sigmoids?
#
# <details><summary>Answer</summary>
#
# They shrink by a factor of 4 or more at each one: below a millionth after ten. Notebook 5 measures it.
#
# </details>
