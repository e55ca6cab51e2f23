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
# # The slope as a tangent
#
# **How steep is a curve at one single point?**
#
# For a straight line the slope is easy: take two points, and divide how much higher one is by how far it is to the
# right. A curve is steeper here and flatter there. We want its slope at *one* point, and one point gives no triangle.

# %%
import math

from autograd import Chart, Value, draw, exp, grad, sin
from autograd.lessons import exercises
from nn import plot_tangent


def f(x):
    return x**2


# %% [markdown]
# ## Two points that come together
#
# So we cheat: take a second point a little to the right, at $x + h$, and the line through both. Its slope is the
# *difference quotient*
#
# $$\frac{f(x + h) - f(x)}{h}$$
#
# Then let $h$ become smaller, and watch where the quotient goes. Here $f(x) = x^2$ and $x = 1$:

# %%
for h in (1.0, 0.5, 0.1, 0.01, 0.001):
    print(f"h = {h:<6} slope of the line: {(f(1.0 + h) - f(1.0)) / h:.6f}")
assert math.isclose((f(1.001) - f(1.0)) / 0.001, 2.001, rel_tol=1e-9)

# %% [markdown]
# It goes to 2. In the picture the dashed lines turn, around the fixed point, until they only touch the curve: that is
# the *tangent*.

# %%
plot_tangent(f, 1.0, steps=(1.0, 0.5, 0.1))

# %% [markdown]
# For this curve the limit can be found by hand, since the quotient simplifies:
#
# $$\frac{(x + h)^2 - x^2}{h} = \frac{2xh + h^2}{h} = 2x + h \;\to\; 2x$$
#
# The slope at $x$ is $2x$: a new function, the *derivative* of $f$.
#
# ## Look closer
#
# There is another way to see it. Put the curve under a microscope: the more you enlarge it, the straighter it looks. At
# a point where a function has a derivative, a small enough piece of the curve can hardly be told from a straight line;
# the derivative is the slope of that line.

# %%
chart = Chart(900, 280, title="a parabola near 1, enlarged ten times, and again")
for width in (1.0, 0.1, 0.01):
    xs = [1.0 + width * (i / 50.0 - 1.0) for i in range(101)]
    panel = chart.panel(f"from {1.0 - width:g} to {1.0 + width:g}", "x")
    panel.line(xs, [f(x) for x in xs], "f", width=2.4)
    panel.line(xs, [1.0 + 2.0 * (x - 1.0) for x in xs], "tangent", "ink", dash="dashed", width=1.2)
chart

# %% [markdown]
# This is what makes derivatives useful: near a point, the change of the result is the slope times the change of the
# input. If $x$ grows from 1 to 1.01, $x^2$ grows by about $2 \cdot 0.01$:

# %%
predicted, actual = 2.0 * 0.01, f(1.01) - f(1.0)
print(f"predicted {predicted:.4f}, actual {actual:.4f}")
assert math.isclose(predicted, actual, rel_tol=0.01)

# %% [markdown]
# ## Why not simply take a tiny h?
#
# A computer keeps about 16 digits of a number. For $h = 10^{-12}$ the two values of $f$ agree in 12 of them, so their
# difference has only about four correct digits left. A large $h$ is wrong because the curve bends, a tiny $h$ because
# of rounding. Here is the error for the slope of $e^x$ at 1, with the quotient as above, and with the *central*
# difference $\bigl(f(x + h) - f(x - h)\bigr) / 2h$:

# %%
steps = [10.0 ** (-k / 4.0) for k in range(2, 57)]
slope = math.exp(1.0)
one_sided = [abs((math.exp(1.0 + h) - math.exp(1.0)) / h - slope) for h in steps]
central = [abs((math.exp(1.0 + h) - math.exp(1.0 - h)) / (2.0 * h) - slope) for h in steps]
chart = Chart(640, 340, title="the error of difference quotients, by the size of the step")
panel = chart.panel(x="h", y="error", x_log=True, y_log=True)
panel.line(steps, one_sided, "one-sided").line(steps, central, "central", dash="dashed")
best = min(zip(one_sided, steps, strict=True))
print(f"one-sided: best with h = {best[1]:.0e}, error {best[0]:.0e}; central: error {min(central):.0e}")
assert 1e-9 < best[1] < 1e-7
assert min(central) < best[0]
chart

# %% [markdown]
# The best one-sided step is about $10^{-8}$, and leaves an error of about $10^{-8}$.
#
# ## Without any h
#
# This library never uses a step to find a derivative. It knows the exact slope of each operation (of $x^2$, of $\sin$,
# of a product) and combines them. So the result is exact up to the last digit:

# %%
print(grad(f)(1.0), grad(exp)(1.0) - math.exp(1.0))
assert grad(f)(1.0) == 2.0
assert grad(exp)(1.0) == math.exp(1.0)

# %% [markdown]
# ## One curve after another
#
# How are slopes combined? Take $u = x^2$, and then $y = \sin u$. If $x$ grows a little, $u$ grows $2x$ times as much,
# and then $y$ grows $\cos u$ times as much as $u$. So $y$ grows $\cos u \cdot 2x$ times as much as $x$: slopes
# *multiply*. This is the chain rule. Lesson 3 applies it to a neural network, which is a longer chain, with branches.

# %%
x = Value(0.8, "x")
u = x**2
u.label = "u"
y = sin(u)
y.label = "y"
y.backward()
by_hand = math.cos(0.8**2) * 2.0 * 0.8
print(f"by the library {x.grad:.10f}, by hand {by_hand:.10f}")
assert math.isclose(x.grad, by_hand, rel_tol=1e-15)
draw(y, partials=True)

# %% [markdown]
# The violet numbers on the arrows are the two slopes; their product is the gradient of $x$, in red.
#
# ## Where there is no tangent
#
# $|x|$ has a corner at 0. From the right the slope is 1, from the left it is -1, and no enlargement makes the corner
# straight. There is no derivative. Programs need a number all the same, and take 0 by convention:

# %%
for h in (0.1, 0.001, -0.001, -0.1):
    print(f"h = {h:<7} slope of the line: {(abs(h) - abs(0.0)) / h:+.0f}")
print(f"the convention: {grad(abs)(0.0)}")
assert grad(abs)(0.0) == 0.0

# %% [markdown]
# ## Exercises

# %%
exercises("tangent")

# %% [markdown]
# Next: [a value, its graph, its gradient](02_a_value_its_graph_its_gradient.ipynb), in which a program records how it
# computed a number, and finds all slopes in one pass.
