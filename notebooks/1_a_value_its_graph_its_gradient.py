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
# It watches. A `Value` is a number that remembers how it was made. From that memory alone, the slope with respect to
# every number that went in can be found, exactly, in one walk backwards.

# %%
from autograd import Value, animate, check_grads, draw, grad, what_if

# %% [markdown]
# ## A number that remembers
#
# Two numbers with names, and a third made of them. It computes like a float, and keeps a record.

# %%
a = Value(2.0, "a")
b = Value(-3.0, "b")
c = a * b
c.label = "c"
print(c.data, c.op.name, [x.label for x in c.args])

# %% [markdown]
# The record is a graph. A notebook shows it when a Value ends a cell. Green is the number, red will be the gradient;
# it is a dash as long as no one has asked for it.

# %%
L = (c + 10.0) * a
L.label = "L"
L

# %% [markdown]
# ## What is a slope?
#
# Nudge `a` a little and see what `L` does. If `a` grows by 0.001 and `L` grows by 0.002, the slope is 2. Let us do
# just that, by computing everything again:

# %%
h = 0.001
before = ((2.0 * -3.0) + 10.0) * 2.0
after = (((2.0 + h) * -3.0) + 10.0) * (2.0 + h)
print((after - before) / h)

# %% [markdown]
# That is nearly the slope: the smaller the nudge, the nearer, until the digits of a float run out. And it takes one
# more computation for each number that we nudge. Now the other way, with no nudge at all:

# %%
L.backward()
print(f"dL/da = {a.grad}, dL/db = {b.grad}")
assert (a.grad, b.grad) == (-2.0, 4.0)

# %% [markdown]
# One call gave both slopes, and exactly: $L = (ab + 10)\,a = a^2 b + 10a$, so $\partial L/\partial a = 2ab + 10 = -2$
# and $\partial L/\partial b = a^2 = 4$. The gradients are in the picture now, at every node:

# %%
L

# %% [markdown]
# ## How it got there
#
# Each operation knows its own small slope and nothing else: the slope of $x \cdot y$ by $x$ is $y$. The rest is
# multiplying along the way and adding where ways meet. Watch it happen: first forward, then backward.

# %%
animate(L)

# %% [markdown]
# `a` is read twice: by the product `c`, and by the last product. So two slopes arrive at it, and they *add up*. That
# is the only other rule.
#
# ## What a slope is good for
#
# It foretells. If `b` grows by 0.1, `L` should grow by about 4 times as much:

# %%
print(what_if(L, b, 0.1))

# %% [markdown]
# Exact here, because `L` is a straight line in `b`. In `a` it is a parabola, and the foretelling is good only nearby:

# %%
print(what_if(L, a, 0.1))
print()
print(what_if(L, a, 2.0))
assert abs(what_if(L, a, 0.1).predicted - what_if(L, a, 0.1).actual) < 0.05

# %% [markdown]
# ## You need not believe it
#
# `check_grads` compares every gradient with nudges, as we did by hand. And `grad` turns a function into its slope, as
# often as you like: the slope of a slope is a slope too.

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
# ## Exercises
#
# 1. The circuit of Stanford's CS231n: $(x + y)\,z$ at $x=-2$, $y=5$, $z=-4$. Find its three gradients by hand.
#
# <details><summary>Answer</summary>
#
# The sum is 3, the product -12. $z$ gets 3; the sum gets -4 and hands it on unchanged to both: $x$ and $y$ get -4.
#
# </details>

# %%
x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
circuit = (x + y) * z
circuit.backward()
assert (circuit.data, x.grad, y.grad, z.grad) == (-12.0, -4.0, -4.0, 3.0)
draw(circuit, partials=True)

# %% [markdown]
# 2. Call `L.backward()` a second time. What is in `a.grad`, and why?
#
# <details><summary>Answer</summary>
#
# Twice as much: gradients of leaves add up, so that the gradients of several examples can be collected. Set `a.grad =
# 0.0` in between for a fresh one.
#
# </details>
#
# 3. What is the gradient of `a` in `a - a`, and in `a * 0.0`? What does that say about zero gradients?
#
# <details><summary>Answer</summary>
#
# Both are 0, for different reasons: two slopes that cancel, and one that is 0. A zero gradient says that a small
# change of this number changes nothing, and no more.
#
# </details>
