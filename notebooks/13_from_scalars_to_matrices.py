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
# # From scalars to matrices
#
# Textbooks write backpropagation with matrices: $\delta_1 = W_2^\top \delta_2 \odot \sigma'(z_1)$. This library writes
# it with scalars. **Are they the same thing, and if so, where do the matrices come from?**
#
# We take a small network of scalars, look at its graph, and see how matrices emerge from it. Nobody tells the program
# that there are layers.

# %%
import time

import numpy as np

from autograd import Program, Value, draw, gradients, topological_order
from autograd.lessons import exercises
from nn import MLP, Neuron, Optimizer
from nn.optim.replay import ReplayedRule
from nn.optim.rules import update_rule

# %% [markdown]
# ## A network of scalars
#
# Two inputs, three hidden neurons with tanh, two more, one output. Every weight is a `Value`, and so is every
# intermediate result on the way to the loss.

# %%
model = MLP(2, [3, 2, 1], activation="tanh", seed=1)
x1, x2, y = Value(0.5, "x1"), Value(-1.0, "x2"), Value(1.0, "y")
loss = (model([x1, x2]) - y) ** 2
loss.label = "loss"
print(f"{len(topological_order(loss))} nodes, {model.num_parameters} of them parameters")

# %% [markdown]
# Here is one of the three neurons in the first layer: two products, a sum, a tanh.

# %%
neuron = Neuron(2, activation="tanh", seed=1)
draw(neuron([x1, x2]))

# %% [markdown]
# And here is the whole network, with one box per neuron. All neurons in a layer read *the same* inputs. Keep that in
# mind: everything below follows from it.

# %%
draw(loss, depth=3)

# %% [markdown]
# ## Finding the forward pass
#
# `Program` records the finished graph and looks for sums of products. The weighted sum of a hidden neuron is
# $w_0 x_1 + w_1 x_2 + b$. The three neurons in the layer read the same $(x_1, x_2)$, each with its own weights: that
# *is* a matrix-vector product.

# %%
forward = Program(model([x1, x2]), inputs=[x1, x2], parameters=model.parameters())
print(forward.source)

# %% [markdown]
# Line by line: `inputs` has one row per input and one column per example, so `X` is 2 × B. The parameters come as one
# flat array, in the order of `model.parameters()`: neuron by neuron, its weights, then its bias. If you reshape the
# first nine of them into rows of three, the first two columns are `W1` and the third is `b1`. Nothing is copied: these
# are views.
#
# `z1 = W1 @ X + b1[:, None]` computes all three neurons, for all examples, in one line. To check this, we compare it
# with the scalars on five examples.

# %%
examples = np.random.default_rng(0).normal(size=(2, 5))
by_program = forward(*examples)
one_by_one = np.array([model(example).data for example in examples.T.tolist()])
print(by_program)
print(one_by_one)
assert np.allclose(by_program, one_by_one, rtol=1e-12)

# %% [markdown]
# ## The gradient is a graph too
#
# `gradients(loss, parameters)` returns derivatives as Values. Their graph extends the graph of the loss and shares its
# nodes, so the same search finds the matrices in it. Here is the derivative with respect to one weight of the second
# layer, with everything it depends on:

# %%
weight = model.layers[1].neurons[0].weights[0]
(slope,) = gradients(loss, [weight])
slope.label = "slope"
print(f"{len(topological_order(loss))} nodes for the loss, {len(topological_order(loss, slope))} with this slope")
draw(slope, depth=2)

# %% [markdown]
# Now all 20 derivatives at once, each averaged over a batch.

# %%
step = Program.value_and_grad(loss, inputs=[x1, x2, y], parameters=model.parameters())
print(step)
print(step.source)

# %% [markdown]
# Compare it with the textbook:
#
# | textbook | line found by the program |
# |---|---|
# | $\delta_3 = 2 (z_3 - y)$ | `delta3 = 2.0 * z3` (here `y` has already been subtracted from `z3`) |
# | $\delta_2 = W_3^\top \delta_3 \odot (1 - h_2^2)$ | `dh2 = delta3 * W3.T`, `delta2 = dh2 * (1.0 - h2 * h2)` |
# | $\delta_1 = W_2^\top \delta_2 \odot (1 - h_1^2)$ | `dh1 = W2.T @ delta2`, `delta1 = dh1 * (1.0 - h1 * h1)` |
# | $\partial L / \partial W_2 = \delta_2 h_1^\top$ | `dW2 = delta2 @ h1.T` |
#
# Why is there a transpose in `W2.T @ delta2`? In the forward pass, neuron $i$ of layer 2 sums over the neurons $j$ of
# layer 1: $z_i = \sum_j W_{ij} h_j$. In the backward pass, neuron $j$ of layer 1 sums over the neurons that use it:
# $\bar h_j = \sum_i W_{ij} \delta_i$. These are the same weights, summed over the other index. Nobody told the program
# about transposes: it found sums of products with shared factors, and arranged the factors in matrices.

# %% [markdown]
# ## The source runs
#
# It is ordinary code that needs only NumPy. And every value in the program can be compared with a fresh evaluation of
# the scalars:

# %%
namespace = {}
exec(step.source, namespace)
batch = np.vstack([examples, np.sign(examples[:1])])
parameters = np.array([p.data for p in model.parameters()])
value, gradient = namespace["value_and_grad"](batch, parameters)
expected = step(*batch)
print(value, expected[0])
assert np.isclose(value, expected[0], rtol=1e-12)
assert np.allclose(gradient, expected[1], rtol=1e-12)
print(f"largest difference: {step.verify(*batch):.1e}")

# %% [markdown]
# ## What it is good for
#
# Here is the same network with sixteen neurons in each hidden layer: about 1,900 scalars, and still 20 instructions.

# %%
wide = MLP(2, [16, 16, 1], activation="tanh", seed=1)
wide_loss = (wide([x1, x2]) - y) ** 2
wide_step = Program.value_and_grad(wide_loss, [x1, x2, y], wide.parameters())
many = np.random.default_rng(0).normal(size=(3, 1000))
wide_step(*many)

start = time.perf_counter()
wide_step(*many)
replayed = time.perf_counter() - start

start = time.perf_counter()
for a, b, c in many[:, :20].T.tolist():
    ((wide([a, b]) - c) ** 2).backward()
eager = (time.perf_counter() - start) * 1000 / 20

print(f"{wide_step!r}")
print(f"1,000 examples: {replayed * 1e3:.1f} ms replayed, {eager * 1e3:.0f} ms as scalars")
print(f"the scalars take {eager / replayed:,.0f} times as long")

# %% [markdown]
# `nn.fit` does this automatically: it records the loss of one example and replays it over each mini-batch. With
# `engine="eager"` it computes with the scalars instead, and gets the same results.
#
# ## The step is written in scalars too
#
# The gradient is only half of a step: an optimizer still has to move each parameter. Its rule is a function of scalars
# as well, for one parameter $p$ with the gradient $g$. This is momentum:
#
# $$v \leftarrow \beta v + g, \qquad p \leftarrow p - \eta v, \qquad \beta = 0.9$$
#
# Recorded once, a rule is a graph, and a graph can be replayed over a batch. Here each *parameter* is a sample.


# %%
class Momentum(Optimizer):
    def rule(self, p, g, lr, t, v):
        v = 0.9 * v + g
        return p - lr * v, v


moving = Momentum(wide.parameters(), lr=0.1)
rule = update_rule(moving)
print(ReplayedRule(moving).program.source)

gradient = wide_step(*many)[1]
numbers = np.array([p.data for p in moving.parameters])
replayed, _ = ReplayedRule(moving)(numbers, gradient, lr=0.1, step=1, state=[np.zeros_like(numbers)])

for p, g in zip(moving.parameters, gradient.tolist(), strict=True):
    p.grad = g
moving.step()  # the same, one parameter at a time
assert replayed.tolist() == [p.data for p in moving.parameters]  # to the last bit
draw(rule.outputs[0])

# %% [markdown]
# So in `nn.fit` the whole step is matrix code, and the parameters stay in one vector from step to step.
#
# ## One weight, both ways
#
# Finally, take one entry of $W_2$, from neuron $j = 1$ of layer 1 to neuron $i = 0$ of layer 2. For one example, the
# scalar chain rule says
#
# $$\frac{\partial L}{\partial W_{ij}} = \underbrace{\frac{\partial L}{\partial z_i}}_{\delta_i}
# \cdot \underbrace{\frac{\partial z_i}{\partial W_{ij}}}_{h_j}$$
#
# and for a batch these products are summed over the examples. Multiply row $i$ of `delta2` by row $j$ of `h1`, element
# by element, and sum over the columns: that is entry $(i, j)$ of `delta2 @ h1.T`.

# %%
i, j = 0, 1
weight = model.layers[1].neurons[i].weights[j]
total = 0.0
print("example   delta_i       h_j         product")
for n, (a, b, target) in enumerate(batch.T.tolist()):
    h = model.layers[0]([a, b])
    neuron = model.layers[1].neurons[i]
    z_i = sum((w * x for w, x in zip(neuron.weights, h, strict=True)), neuron.bias)
    others = model.layers[1].neurons[1](h)
    error = (model.layers[2]([z_i.tanh(), others])[0] - target) ** 2
    error.backward()
    product = z_i.grad * h[j].data
    total += product
    print(f"{n:>7}{z_i.grad:>12.6f}{h[j].data:>11.6f}{product:>14.6f}")
print(f"{'sum':>7}{total:>37.6f}")

place = model.parameters().index(weight)
by_matrix = expected[1][place] * batch.shape[1]  # the program gives the mean
print(f"{'dW2[0, 1]':>9}{by_matrix:>35.6f}")
assert np.isclose(total, by_matrix, rtol=1e-12)

# %% [markdown]
# ```
# the scalar chain rule    dL/dW_ij = sum over examples of delta_i * h_j
# the program's line       dW2 = delta2 @ h1.T
# ```
#
# ## Exercises

# %%
exercises("matrices")

# %% [markdown]
# Next: [past one machine](14_past_one_machine.ipynb).
