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
# # Neuron, layer, network: learning
#
# **How does something that computes slopes come to learn?**
#
# We build a neuron, put neurons side by side into a layer, and layers one after the other into a network. Then we go
# downhill: on a line of points, on two moons, and on Fisher's irises.

# %%
import math

from autograd import Value, draw
from nn import (
    MLP,
    SGD,
    Adam,
    Layer,
    Neuron,
    accuracy,
    batches,
    confusion_matrix,
    data,
    fit,
    losses,
    standardize,
    train_test_split,
    watch,
)
from nn.plots import Chart, plot_decision_boundary

# %% [markdown]
# ## One neuron
#
# A weighted sum of its inputs, a bias, and an activation: $\tanh(w_0 x_0 + w_1 x_1 + b)$.

# %%
neuron = Neuron(2, activation="tanh", seed=1)
out = neuron([Value(1.0, "x0"), Value(-2.0, "x1")])
w0, w1 = neuron.weights
assert math.isclose(out.data, math.tanh(w0.data - 2.0 * w1.data + neuron.bias.data), rel_tol=1e-15)
out

# %% [markdown]
# ## A layer, and a network
#
# A layer is some neurons that read the same numbers. A network feeds each layer with the outputs of the one before.

# %%
print(Layer(2, 3, activation="tanh", seed=1), len(Layer(2, 3)([1.0, 2.0])), "outputs")
model = MLP(2, [4, 3, 1], activation="tanh", seed=1)
draw((model([Value(1.0, "x0"), Value(-2.0, "x1")]) - 1.0) ** 2, depth=3)

# %%
model

# %% [markdown]
# ## Going downhill
#
# The loss says how wrong the model is; its gradient says which way is up. So each weight takes a step down: $w
# \leftarrow w - \eta\,\partial L/\partial w$. Here one neuron without an activation, which is a straight line, on ten
# points near $y = 2x - 1$:

# %%
xs = [i / 10.0 for i in range(10)]
ys = [2.0 * x - 1.0 + 0.05 * math.sin(37.0 * x) for x in xs]
line = Neuron(1, activation="linear", seed=1)
optimizer = SGD(line.parameters(), lr=0.5)
for step in range(200):
    loss = losses.mse([line([x]) for x in xs], ys)
    line.zero_grad()
    loss.backward()
    optimizer.step()
    if step in (0, 1, 2, 5, 20, 199):
        print(f"step {step:>3}: loss {loss.data:.6f}, y = {line.weights[0].data:+.3f} x {line.bias.data:+.3f}")
assert math.isclose(line.weights[0].data, 2.0, abs_tol=0.1)

# %% [markdown]
# ## The learning rate
#
# Too small, and it takes for ever. Too large, and each step overshoots by more than the last.

# %%
chart = Chart(6.4, 3.2)
axes = chart.add_subplot()
last = {}
for rate, style in ((0.02, "-"), (0.5, "--"), (1.58, ":")):
    model = Neuron(1, activation="linear", seed=1)
    optimizer = SGD(model.parameters(), lr=rate)
    history = []
    for _ in range(40):
        loss = losses.mse([model([x]) for x in xs], ys)
        model.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(loss.data)
    axes.semilogy(history, style, label=f"learning rate {rate}")
    last[rate] = history[-1]
axes.set_xlabel("step")
axes.set_ylabel("loss")
axes.grid(alpha=0.25)
axes.legend(frameon=False)
assert last[0.5] < last[0.02] < last[1.58]
chart

# %% [markdown]
# ## The gradient of a batch
#
# The loss of a batch is the mean of the losses of its examples, so its gradient is the mean of their gradients.
# Leaves add up what they are given, so one can go through the examples one by one:

# %%
whole = Neuron(1, activation="linear", seed=1)
losses.mse([whole([x]) for x in xs], ys).backward()
together = whole.weights[0].grad

whole.zero_grad()
for x, y in zip(xs, ys, strict=True):
    (losses.mse([whole([x])], [y]) / len(xs)).backward()
print(together, whole.weights[0].grad)
assert math.isclose(together, whole.weights[0].grad, rel_tol=1e-12)

# %% [markdown]
# ## Mini-batches and epochs
#
# A step needs only an estimate of the slope. So one takes a *mini-batch*, 32 examples, say, steps, and takes the
# next. Once through all examples is an *epoch*.

# %%
moons = data.moons(200, noise=0.15, seed=1)
print(moons, [len(X) for X, _ in batches(moons.X, moons.y, size=32, seed=0)])

# %% [markdown]
# ## Two moons
#
# Two classes that no straight line can part. The network gives a number for each class; cross-entropy says how much
# of its trust it gave to the wrong one. `fit` does what we did above, batch by batch.

# %%
model = MLP(2, [8, 8, 2], activation="tanh", seed=1)
history = fit(
    model,
    moons.X,
    moons.y,
    loss="cross_entropy",
    optimizer=Adam(model.parameters(), lr=0.02),
    epochs=60,
    progress=False,
    seed=0,
)
assert history.accuracy[-1] > 0.95
history.plot()

# %%
plot_decision_boundary(model, moons.X, moons.y)

# %% [markdown]
# ## Epoch by epoch
#
# Where is the border while the network learns? A straight line at first, which then bends.

# %%
young = MLP(2, [8, 8, 2], activation="tanh", seed=1)
fit(young, moons.X, moons.y, "cross_entropy", Adam(young.parameters(), lr=0.02), epochs=3, progress=False, seed=0)
print(f"accuracy after 3 epochs: {accuracy(young.predict(moons.X), moons.y):.2f}")
plot_decision_boundary(young, moons.X, moons.y)

# %% [markdown]
# `watch` shows it while it happens: play with ▶, take one step with ›, move the learning rate. Each line is a weight,
# as wide as it is large and dashed where it is negative; each neuron shows where in the plane it is above zero
# (orange) and below (blue). Ringed examples are told wrong.

# %%
training = watch(MLP(2, [8, 8, 2], activation="tanh", seed=1), moons.X, moons.y, "cross_entropy", seed=0)
training.rate = 0.02
training.run(epochs=15)
training

# %% [markdown]
# ## Irises
#
# Fisher's 150 flowers of three kinds (1936), four measures each. We keep some flowers back, to see whether the
# network has learned the kinds or only these flowers. Measures are put on one scale first, by what the training
# flowers say.

# %%
iris = data.iris()
X_train, X_test, y_train, y_test = train_test_split(iris.X, iris.y, test=0.2, seed=1, stratify=True)
X_train, X_test = standardize(X_train, X_test)
model = MLP(4, [8, 3], activation="tanh", seed=1)
history = fit(
    model,
    X_train,
    y_train,
    loss="cross_entropy",
    optimizer="adam",
    epochs=150,
    validation=(X_test, y_test),
    progress=False,
    seed=0,
)
print(f"right: {history.accuracy[-1]:.1%} of the training flowers, {history.validation_accuracy[-1]:.1%} of the others")
for name, row in zip(iris.classes, confusion_matrix(model.predict(X_test), y_test), strict=True):
    print(f"{name:<12}{row}")
assert history.validation_accuracy[-1] >= 0.9
history

# %% [markdown]
# ## Exercises
#
# 1. Take the activation away: `MLP(2, [8, 8, 2], activation="linear")`. What becomes of the border of the moons?
#
# <details><summary>Answer</summary>
#
# A straight line for ever: layers of weighted sums are a weighted sum.
#
# </details>
#
# 2. Train with `batch_size=200`, one step an epoch. What changes in the curve?
#
# <details><summary>Answer</summary>
#
# It is smoother, and falls more slowly: sixty steps in place of 420.
#
# </details>
#
# 3. Watch the scalars do it: `fit(..., engine="eager")`. What is different?
#
# <details><summary>Answer</summary>
#
# Only the time. The numbers are the same, since both compute the same graph; notebook 8 shows how.
#
# </details>
