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
# # A value, its graph, its gradient
#
# **How can a computer know the slope of whatever I compute?**
#
# It keeps a record. A `Value` is a number that remembers how it was computed. From that record, a single pass backward
# gives the exact slope with respect to every input.

# %%
from autograd import Value, animate, check_grads, draw, grad, what_if
from autograd.lessons import exercises

# %% [markdown]
# ## A number that remembers
#
# Here are two numbers with names, and a third computed from them. A `Value` computes like a float, and also records the
# operation and its arguments.

# %%
a = Value(2.0, "a")
b = Value(-3.0, "b")
c = a * b
c.label = "c"
print(c.data, c.op.name, [x.label for x in c.args])

# %% [markdown]
# The record is a graph. A notebook draws it when a `Value` is the last line of a cell. The value of each node is green.
# Its *gradient*, the slope of the result with respect to that node, will be red; it is shown as a dash until it has
# been computed.

# %%
L = (c + 10.0) * a
L.label = "L"
L

# %% [markdown]
# ## What is a slope?
#
# Nudge `a` a little and see how `L` changes: the slope is about the change of `L` divided by the change of `a`. We add
# 0.001 to `a` and recompute everything:

# %%
h = 0.001
before = ((2.0 * -3.0) + 10.0) * 2.0
after = (((2.0 + h) * -3.0) + 10.0) * (2.0 + h)
print((after - before) / h)

# %% [markdown]
# This is only approximately the slope. A smaller nudge gives a better approximation, until the precision of floats runs
# out. And every number we nudge costs another computation. Now the other way, with no nudging at all:

# %%
L.backward()
print(f"dL/da = {a.grad}, dL/db = {b.grad}")
assert (a.grad, b.grad) == (-2.0, 4.0)

# %% [markdown]
# One call gave both slopes, and they are exact: $L = (ab + 10)\,a = a^2 b + 10a$, so
# $\partial L/\partial a = 2ab + 10 = -2$ and $\partial L/\partial b = a^2 = 4$. The picture now shows the gradient at
# every node:

# %%
L

# %% [markdown]
# ## How it works
#
# Each operation knows only its own local slopes: the slope of $x \cdot y$ with respect to $x$ is $y$. The rest is the
# chain rule: multiply along each path, and add where paths meet. Watch the forward pass, then the backward pass:

# %%
animate(L)

# %% [markdown]
# `a` is used twice: in the product `c`, and in the last product. So it receives two contributions, and they *add up*.
# That is the only other rule.
#
# ## What a slope is good for
#
# It predicts. If `b` grows by 0.1, `L` should grow by about 4 times as much:

# %%
print(what_if(L, b, 0.1))

# %% [markdown]
# The prediction is exact here, because `L` is linear in `b`. In `a` it is quadratic, so the prediction is good only for
# small changes:

# %%
print(what_if(L, a, 0.1))
print()
print(what_if(L, a, 2.0))
assert abs(what_if(L, a, 0.1).predicted - what_if(L, a, 0.1).actual) < 0.05

# %% [markdown]
# ## Don't take it on trust
#
# `check_grads` compares every gradient with finite differences, the nudging that we did by hand. And `grad` turns a
# function into its derivative. You can apply it again, because a derivative is a function too.

# %%
report = check_grads(lambda a, b: (a * b + 10.0) * a, 2.0, -3.0)
print(report)
assert report.worst < 1e-6


# %%
def cube(x):
    return x**3


print(cube(2.0), grad(cube)(2.0), grad(grad(cube))(2.0), grad(grad(grad(cube)))(2.0))
assert grad(grad(grad(cube)))(2.0) == 6.0

# %% [markdown]
# ## One more, by hand
#
# The circuit from Stanford's CS231n: $(x + y)\,z$ at $x=-2$, $y=5$, $z=-4$. The sum is 3 and the product is -12. The
# gradient of $z$ is 3. The gradient of the sum is -4, and a sum passes its gradient on unchanged to both operands: $x$
# and $y$ get -4.

# %%
x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
circuit = (x + y) * z
circuit.backward()
assert (circuit.data, x.grad, y.grad, z.grad) == (-12.0, -4.0, -4.0, 3.0)
draw(circuit, partials=True)

# %% [markdown]
# ## Exercises

# %%
exercises("value")

# %% [markdown]
# Next: [backpropagation by hand](03_backpropagation_by_hand.ipynb), every number of a small network worked out on
# paper.
