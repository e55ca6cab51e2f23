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
# # Softmax and cross-entropy
#
# **How should a network that must choose between classes be told how wrong it is?**
#
# For a number, the squared error will do. For a class, an answer is a set of probabilities: 70 % cat, 20 % dog, 10 %
# bird. We need two things: a way to turn any numbers into probabilities, and a measure of how wrong such an answer is
# when the truth is known. Both follow from a few requirements.

# %%
import math

from autograd import Chart, Value, explore, logsumexp
from autograd.lessons import exercises
from nn import MLP, Adam, cross_entropy, data, fit, plot_decision_boundary, softmax

# %% [markdown]
# ## From numbers to probabilities
#
# The network gives one number for each class, a *logit*: $z_1, z_2, z_3$. Probabilities are positive, and their sum is
# 1.
#
# 1. Make the numbers positive, so that a larger one stays larger: $e^z$.
# 2. Divide by the sum.
#
# $$p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$$
#
# That is *softmax*. Why $e^z$, and not another positive function? Because then the *difference* of two logits
# determines the *ratio* of their probabilities: $p_i / p_j = e^{z_i - z_j}$. If one logit exceeds another by 1, its
# class is $e \approx 2.718$ times as probable, wherever the two logits lie.

# %%
logits = [2.0, 1.0, -1.0]
total = sum(math.exp(z) for z in logits)
p = [math.exp(z) / total for z in logits]
print("by hand    ", [round(x, 4) for x in p])
print("the library", [round(x, 4) for x in softmax(logits)])
assert all(math.isclose(a, b, rel_tol=1e-14) for a, b in zip(p, softmax(logits), strict=True))
assert math.isclose(p[0] / p[1], math.e, rel_tol=1e-14)

# %% [markdown]
# Adding the same number to all logits changes nothing, since only differences count. Computers use that: $e^{1000}$ is
# too large for a float, so the largest logit is subtracted from all of them first.

# %%
shifted = softmax([z + 1000.0 for z in logits])
print([round(x, 4) for x in shifted])
assert all(math.isclose(a, b, rel_tol=1e-12) for a, b in zip(p, shifted, strict=True))

# %% [markdown]
# With two classes, and logits $z$ and 0, softmax is $e^z / (e^z + 1) = 1 / (1 + e^{-z})$: the sigmoid. So softmax is
# the sigmoid for more than two.

# %%
assert math.isclose(softmax([0.7, 0.0])[0], 1.0 / (1.0 + math.exp(-0.7)), rel_tol=1e-15)

# %% [markdown]
# ## How surprised are we?
#
# The animal was a cat, and the network said 70 %. How bad is that? There are three requirements for the loss $L(p)$ of
# an answer that gave the right class the probability $p$:
#
# - a certain and right answer costs nothing: $L(1) = 0$;
# - the smaller $p$, the larger the loss: $L$ falls as $p$ grows;
# - the losses of two independent answers add up, while their probabilities multiply: $L(p q) = L(p) + L(q)$.
#
# Only one kind of function does this: $L(p) = -\log p$, up to a factor. It is the *cross-entropy* of the answer. Its
# sum over all examples is minus the logarithm of the probability that the network gives to the whole data: making it
# small is making the data likely (*maximum likelihood*).

# %%
xs = [i / 200.0 for i in range(1, 201)]
chart = Chart(560, 320, title="the loss of an answer, by the probability that it gave the truth")
panel = chart.panel(x="probability of the right class", y="-log p", x_range=(0.0, 1.0), y_range=(0.0, 5.0))
panel.line(xs, [-math.log(x) for x in xs], width=2.4)
for x, text in ((0.7, "70 %"), (1.0 / 3.0, "a guess among three"), (0.02, "sure, and wrong")):
    panel.points([x], [-math.log(x)], color=1).note(x, -math.log(x), text)
print(f"-log 0.7 = {-math.log(0.7):.3f}, -log 1/3 = {math.log(3.0):.3f}, -log 0.02 = {-math.log(0.02):.3f}")
assert math.isclose(-math.log(0.7 * 0.5), -math.log(0.7) - math.log(0.5))
chart

# %% [markdown]
# A new network knows nothing. If it gives all three classes about the same probability, its loss is about
# $\log 3 = 1.0986$. If yours starts far above that, its initial weights are probably too large.
#
# ## The gradient is the difference
#
# For the right class $t$, $L = -\log p_t = \log \sum_k e^{z_k} - z_t$. The slope of the first term with respect to
# $z_i$ is $e^{z_i} / \sum_k e^{z_k} = p_i$, that of the second is 1 for $i = t$ and 0 otherwise. So
#
# $$\frac{\partial L}{\partial z_i} = p_i - y_i, \qquad y_t = 1, \text{ all other } y_i = 0$$
#
# What the network said, minus what is true. The logarithm has disappeared.

# %%
z = [Value(x, f"z{i}") for i, x in enumerate(logits)]
loss = logsumexp(z) - z[2]  # the truth is the third class
loss.label = "L"
loss.backward()
for value, probability, truth in zip(z, p, (0.0, 0.0, 1.0), strict=True):
    print(f"dL/d{value.label} = {value.grad:+.4f}   p - y = {probability - truth:+.4f}")
    assert math.isclose(value.grad, probability - truth, rel_tol=1e-12)
assert math.isclose(loss.data, cross_entropy(logits, 2), rel_tol=1e-12)

# %% [markdown]
# Move the logits, and watch: the three gradients always add up to 0, and vanish only if the answer is right and sure.

# %%
explore(loss)

# %% [markdown]
# ## Why not the squared error?
#
# With two classes, where $p$ is the sigmoid of one logit, one could also take $(p - 1)^2$. By the chain rule its slope
# contains the slope of the sigmoid, $p (1 - p)$, which is nearly 0 where the network is sure. A network that is sure
# and *wrong* would hardly learn. With the cross-entropy this factor cancels.

# %%
zs = [i / 10.0 - 8.0 for i in range(161)]
sigma = [1.0 / (1.0 + math.exp(-z)) for z in zs]
chart = Chart(640, 320, title="the slope of two losses, if the truth is class 1")
panel = chart.panel(x="logit of class 1", y="slope of the loss")
panel.line(zs, [s - 1.0 for s in sigma], "cross-entropy: p - 1")
panel.line(zs, [2.0 * (s - 1.0) * s * (1.0 - s) for s in sigma], "squared error: 2 (p - 1) p (1 - p)", dash="dashed")
wrong = sigma[20]  # the logit is -6
print(f"sure and wrong, at -6: {wrong - 1.0:.4f} and {2.0 * (wrong - 1.0) * wrong * (1.0 - wrong):.4f}")
assert abs(wrong - 1.0) > 100.0 * abs(2.0 * (wrong - 1.0) * wrong * (1.0 - wrong))
chart

# %% [markdown]
# ## Three classes
#
# Three clouds of points, and a network with three logits. The loss starts near $\log 3$.

# %%
clouds = data.blobs(n=90, centres=3, seed=2)
model = MLP(2, [6, 3], activation="tanh", seed=1)
first = cross_entropy([model(x) for x in clouds.X], clouds.y).data
history = fit(
    model, clouds.X, clouds.y, "cross_entropy", Adam(model.parameters(), lr=0.05), epochs=40, seed=1, progress=False
)
print(f"loss at the start {first:.3f} (log 3 = {math.log(3.0):.3f}), at the end {history.loss[-1]:.3f}")
print(f"accuracy {history.accuracy[-1]:.2f}")
assert abs(first - math.log(3.0)) < 0.6
assert history.accuracy[-1] > 0.9
plot_decision_boundary(model, clouds.X, clouds.y)

# %% [markdown]
# ## Exercises

# %%
exercises("softmax")

# %% [markdown]
# Next: [overfitting](08_overfitting.ipynb), or why a small loss is not the goal.
