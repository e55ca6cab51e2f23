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
# # Higher derivatives
#
# **What is the derivative of a derivative good for?**
#
# The gradients in this library are Values too, so they can be differentiated again. With that you can find a zero of a
# function in a few steps of Newton's method, find the minimum of a parabola in a single step, and see why gradient
# descent oscillates.

# %%
import math

from autograd import Chart, Value, cos, draw, exp, grad, gradients, hessian, hvp, sin
from autograd.lessons import exercises
from nn import MLP

# %% [markdown]
# ## A gradient is a graph
#
# `gradients` returns derivatives as Values. The derivative of $x^3$ is a computation like any other, so we can draw it:

# %%
x = Value(2.0, "x")
y = x**3
(slope,) = gradients(y, [x])
slope.label = "slope"
(curvature,) = gradients(slope, [x])
(third,) = gradients(curvature, [x])
print(y.data, slope.data, curvature.data, third.data)
assert (y.data, slope.data, curvature.data, third.data) == (8.0, 12.0, 12.0, 6.0)
draw(slope)

# %% [markdown]
# `grad` does the same for functions, and it can be nested. After four derivatives, sine is sine again:

# %%
f = sin
for order in range(5):
    print(order, round(f(0.5), 12))
    f = grad(f)
assert math.isclose(grad(grad(grad(grad(sin))))(0.5), math.sin(0.5), rel_tol=1e-14)

# %% [markdown]
# ## Newton's method
#
# To find a zero of $f$, follow the tangent to where it crosses zero, and repeat: $x \leftarrow x - f(x)/f'(x)$. Near
# the zero, the number of correct digits roughly doubles at each step. Here we solve $\cos x = x$:


# %%
def f(x):
    return cos(x) - x


x = 1.0
for _ in range(5):
    x -= f(x) / grad(f)(x)
    print(f"{x:.16f}  {f(x):+.1e}")
assert abs(f(x)) < 1e-15

# %% [markdown]
# To find a *minimum* of $f$, find a zero of its derivative: $x \leftarrow x - f'(x)/f''(x)$. There is no learning rate
# to choose. On a parabola a single step is enough; $e^x - 2x$, below, takes a few. (Where $f'' < 0$, the same steps
# lead to a maximum.)


# %%
def bowl(x):
    return exp(x) - 2.0 * x


x = 0.0
for _ in range(6):
    x -= grad(bowl)(x) / grad(grad(bowl))(x)
    print(f"{x:.16f}")
assert math.isclose(x, math.log(2.0), rel_tol=1e-14)

# %% [markdown]
# ## Curvature, and the largest learning rate
#
# Gradient descent on $\frac12 k x^2$ multiplies $x$ by $1 - \eta k$ at each step. It converges if $\eta < 2/k$,
# oscillates around the minimum if $\eta > 1/k$, and diverges beyond $2/k$. Here $k$ is the second derivative.


# %%
def parabola(x):
    return 0.5 * 4.0 * x * x


k = grad(grad(parabola))(1.0)
places = [0.01 * i for i in range(-150, 151)]
chart = Chart(920, 290, title="eight steps on a parabola with three learning rates")
for i, (eta, verdict) in enumerate(((0.05, "too small"), (0.2, "right"), (0.51, "too large"))):
    x, path = 1.0, [1.0]
    for _ in range(8):
        x -= eta * grad(parabola)(x)
        path.append(x)
    assert (abs(path[-1]) > 1.0) == (eta > 2.0 / k)
    panel = chart.panel(f"learning rate {eta}: {verdict}", "x", x_range=(-1.5, 1.5), y_range=(-0.1, 3.2))
    panel.line(places, [parabola(x) for x in places], color="edge")
    panel.line(path, [parabola(x) for x in path], color=i, mark="circle", width=1.2)  # what leaves the picture diverges
print(f"curvature {k}, so the learning rate must stay below {2.0 / k}")
chart

# %% [markdown]
# ## Two dimensions: the Hessian
#
# In a valley that is steep across and flat along its floor, the steep direction limits the learning rate, but the flat
# direction needs a large one. Rosenbrock's function is the standard example. Its Hessian is the matrix of all its
# second derivatives.


# %%
def rosenbrock(p):
    return (1.0 - p[0]) ** 2 + 100.0 * (p[1] - p[0] ** 2) ** 2


(a, b), (_, d) = hessian(rosenbrock)([1.0, 1.0])
root = math.sqrt((a - d) ** 2 + 4.0 * b * b)
steep, flat = (a + d + root) / 2.0, (a + d - root) / 2.0
print(f"Hessian {[[a, b], [b, d]]}: curvature {steep:.1f} across the valley, {flat:.2f} along it")
assert (a, b, d) == (802.0, -400.0, 200.0)
assert 2500.0 < steep / flat < 2510.0

# %% [markdown]
# The learning rate must stay below $2/1001.6$, and at that rate the flat direction takes thousands of steps. Newton's
# method uses the curvature in both directions at once, and solves a system of two linear equations at each step:

# %%
p = [-1.2, 1.0]
for step in range(6):
    g = grad(rosenbrock)(p)
    (a, b), (_, d) = hessian(rosenbrock)(p)
    determinant = a * d - b * b
    p = [p[0] - (d * g[0] - b * g[1]) / determinant, p[1] - (a * g[1] - b * g[0]) / determinant]
    print(step + 1, [round(number, 9) for number in p])
assert all(math.isclose(number, 1.0, rel_tol=1e-6) for number in p)

# %% [markdown]
# ## The curvature of a loss, without the Hessian
#
# The loss of the network in lesson 11, with 337 parameters, has a Hessian with 113,569 entries. Usually we only need to
# know how the gradient changes along one direction $v$, which is the Hessian-vector product $Hv$. `hvp` computes it for
# about the cost of two gradients, by Pearlmutter's trick: forward mode over reverse mode. Here is the curvature
# $v^\top H v$ of the loss of a smaller network, where $v$ is the gradient scaled to length 1:

# %%
model = MLP(1, [3, 1], activation="tanh", seed=2)
cases = [(-1.0, 0.5), (0.0, -0.5), (1.0, 0.5)]
shapes = [p.data for p in model.parameters()]


def loss(weights):
    hidden = [(weights[2 * i] * x + weights[2 * i + 1]).tanh() for x, _ in cases for i in range(3)]
    rows = [hidden[i : i + 3] for i in range(0, 9, 3)]
    outputs = [sum(w * h for w, h in zip(weights[6:9], row, strict=True)) + weights[9] for row in rows]
    return sum((o - y) ** 2 for o, (_, y) in zip(outputs, cases, strict=True)) / 3.0


g = grad(loss)(shapes)
size = math.sqrt(sum(x * x for x in g))
direction = [x / size for x in g]
curvature = sum(x * y for x, y in zip(hvp(loss, shapes, direction), direction, strict=True))
h = 1e-4
moved = grad(loss)([w + h * v for w, v in zip(shapes, direction, strict=True)])
back = grad(loss)([w - h * v for w, v in zip(shapes, direction, strict=True)])
nudged = sum((a - b) / (2.0 * h) * v for a, b, v in zip(moved, back, direction, strict=True))
print(f"curvature along the gradient: {curvature:.9f}, by central differences: {nudged:.9f}")
assert math.isclose(curvature, nudged, rel_tol=1e-6)

# %% [markdown]
# ## An old algorithm
#
# Newton's method for $x^2 - 2 = 0$ is $x \leftarrow x - (x^2 - 2)/(2x) = (x + 2/x)/2$: the way in which the Babylonians
# computed $\sqrt 2$.

# %%
x = 1.0
for _ in range(5):
    x -= (x * x - 2.0) / grad(lambda x: x * x - 2.0)(x)
assert math.isclose(x, math.sqrt(2.0), rel_tol=1e-15)
print(x)

# %% [markdown]
# ## Exercises

# %%
exercises("higher derivatives")

# %% [markdown]
# Next: [from scalars to matrices](13_from_scalars_to_matrices.ipynb).
