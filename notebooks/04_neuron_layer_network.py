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
# **How does something that computes slopes learn?**
#
# We build a neuron, group neurons into a layer, and stack layers into a network. Then we run gradient descent: on ten
# points near a line, on two moons, and on Fisher's irises.

# %%
import math

from autograd import Chart, Value, draw
from autograd.lessons import exercises
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
from nn.plots import plot_decision_boundary

# %% [markdown]
# ## One neuron
#
# A weighted sum of its inputs, plus a bias, passed through an activation function: $\tanh(w_0 x_0 + w_1 x_1 + b)$.

# %%
neuron = Neuron(2, activation="tanh", seed=1)
out = neuron([Value(1.0, "x0"), Value(-2.0, "x1")])
w0, w1 = neuron.weights
assert math.isclose(out.data, math.tanh(w0.data - 2.0 * w1.data + neuron.bias.data), rel_tol=1e-15)
out

# %% [markdown]
# ## A layer, and a network
#
# A layer is a group of neurons that share the same inputs. In a network, the outputs of each layer are the inputs of
# the next.

# %%
print(Layer(2, 3, activation="tanh", seed=1), len(Layer(2, 3)([1.0, 2.0])), "outputs")
model = MLP(2, [4, 3, 1], activation="tanh", seed=1)
draw((model([Value(1.0, "x0"), Value(-2.0, "x1")]) - 1.0) ** 2, depth=3)

# %%
model

# %% [markdown]
# ## Gradient descent
#
# The loss measures how wrong the model is; its gradient points in the direction of steepest increase. So each weight
# takes a step the other way: $w \leftarrow w - \eta\,\partial L/\partial w$. Here we fit one neuron without an
# activation, that is, a straight line, to ten points near $y = 2x - 1$:

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
# Too small, and training takes forever. Too large, and each step overshoots by more than the last.

# %%
chart = Chart(640, 320, title="the loss with three learning rates")
panel = chart.panel(x="step", y="loss", y_log=True, y_range=(0.01, 1000.0))
last = {}
for rate, verdict, dash in ((0.02, "too small", "solid"), (0.5, "right", "dashed"), (1.58, "too large", "dotted")):
    model = Neuron(1, activation="linear", seed=1)
    optimizer = SGD(model.parameters(), lr=rate)
    history = []
    for _ in range(40):
        loss = losses.mse([model([x]) for x in xs], ys)
        model.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(loss.data)
    panel.line(history, label=f"learning rate {rate}: {verdict}", dash=dash)
    last[rate] = history[-1]
assert last[0.5] < last[0.02] < last[1.58]
chart

# %% [markdown]
# ## The gradient of a batch
#
# The examples that are used for one step are called a *batch*. Its loss is the mean of the losses of its examples, so
# its gradient is the mean of their gradients. The gradients of parameters add up from one `backward()` to the next, so
# we can also process the examples one at a time:

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
# A step needs only an estimate of the gradient. So we compute it on a *mini-batch* of, say, 32 examples, take a step,
# and go on to the next mini-batch. One pass through all examples is an *epoch*.

# %%
moons = data.moons(200, noise=0.15, seed=1)
print(moons, [len(X) for X, _ in batches(moons.X, moons.y, size=32, seed=0)])

# %% [markdown]
# ## Two moons
#
# These two classes cannot be separated by a straight line. The network outputs one score (logit) per class, softmax
# turns the scores into probabilities, and the cross-entropy loss is the negative log of the probability of the correct
# class (lesson 7). `fit` does what we did above, batch by batch; Adam is a variant of gradient descent (lesson 6). The
# *decision boundary* is the curve on which both classes get the same score.

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
# Where is the decision boundary while the network learns? At first it is almost a straight line; then it bends.

# %%
young = MLP(2, [8, 8, 2], activation="tanh", seed=1)
fit(young, moons.X, moons.y, "cross_entropy", Adam(young.parameters(), lr=0.02), epochs=3, progress=False, seed=0)
print(f"accuracy after 3 epochs: {accuracy(young.predict(moons.X), moons.y):.2f}")
plot_decision_boundary(young, moons.X, moons.y)

# %% [markdown]
# `watch` shows training live: press ▶ to play, › to take one step, and adjust the learning rate. Each line is a weight;
# its width shows the magnitude, and a dashed line means a negative weight. The picture in each neuron shows where in
# the input plane its output is positive (orange) or negative (blue). Examples with a dark outline are misclassified;
# click on an example to see its forward and backward pass. With *gradients*, the lines show $dL/dw$ instead of the
# weights, and the table below shows how large the gradients are in each layer.

# %%
training = watch(MLP(2, [8, 8, 2], activation="tanh", seed=1), moons.X, moons.y, "cross_entropy", seed=0)
training.rate = 0.02
training.run(epochs=15)
training

# %% [markdown]
# ## Irises
#
# Fisher's data set (1936) has 150 flowers of three species, with four features each. We hold out some flowers as a test
# set, to see whether the network has learned the species or only memorized the training flowers. The features are
# standardized first, with the mean and standard deviation of the training set.

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
print(
    f"accuracy: {history.accuracy[-1]:.1%} on the training set, {history.validation_accuracy[-1]:.1%} on the test set"
)
for name, row in zip(iris.classes, confusion_matrix(model.predict(X_test), y_test), strict=True):
    print(f"{name:<12}{row}")
assert history.validation_accuracy[-1] >= 0.9
history

# %% [markdown]
# ## Exercises

# %%
exercises("networks")

# %% [markdown]
# Next: [fitting a curve](05_fitting_a_curve.ipynb), in which one can watch what each neuron does.
