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
# # Overfitting
#
# **Why can a network with a nearly perfect score be worse than one that makes more mistakes?**
#
# Because it got its score on the examples that it was trained on, and it will be used on others. What it learns about
# the noise in its training examples is of no use there. In this lesson we see that happen, measure it, and look at
# three remedies: more data, smaller weights, and early stopping.

# %%
from autograd import Chart
from autograd.lessons import exercises
from nn import MLP, Adam, accuracy, cross_entropy, data, fit, plot_decision_boundary

# %% [markdown]
# ## Two sets of examples
#
# Two half moons with so much noise that they overlap: no rule is always right. Twenty-four points to learn from, and
# sixty others, the *validation set*, which the network never learns from. They tell us how good it is elsewhere.


# %%
def points(n, seed):
    moons = data.moons(n=n, noise=0.35, seed=seed)
    return moons.X, moons.y


X, y = points(24, seed=1)
validation = points(60, seed=99)


def train(X, y, weight_decay=0.0, patience=None):
    model = MLP(2, [10, 2], activation="tanh", seed=1)
    optimizer = Adam(model.parameters(), lr=0.1, weight_decay=weight_decay)
    options = {"epochs": 120, "batch_size": 128, "seed": 0, "progress": False}
    return model, fit(model, X, y, "cross_entropy", optimizer, validation=validation, patience=patience, **options)


# %% [markdown]
# ## What happens when training goes on too long

# %%
model, history = train(X, y)
best = min(range(len(history)), key=lambda epoch: history.validation_loss[epoch])
print(f"training:   loss {history.loss[-1]:.3f}, accuracy {history.accuracy[-1]:.0%}")
print(f"validation: loss {history.validation_loss[-1]:.3f}, accuracy {history.validation_accuracy[-1]:.0%}")
print(f"the validation loss was lowest, {history.validation_loss[best]:.3f}, in epoch {best + 1}")
assert history.loss[-1] < 0.1
assert history.validation_loss[-1] > 2.0 * history.validation_loss[best]
chart = Chart(640, 340, title="the loss on both sets")
panel = chart.panel(x="epoch", y="loss")
panel.line(history.loss, label="training").line(history.validation_loss, label="validation", dash="dashed")
panel.points([best + 1], [history.validation_loss[best]], "its minimum", "ink", "star", 6.0)
chart

# %% [markdown]
# At first both curves fall: the network learns what holds for all moons. Then they part. The training loss goes on to
# 0, and the validation loss rises far above where it was. The network is learning its twenty-four points by heart.
#
# The validation accuracy hardly changes meanwhile, as the next cell shows. What gets worse is how *sure* the network
# is: the few answers that are wrong are given with more and more certainty, and the cross-entropy makes it pay for
# that.
#
# The boundary shows how. It bends around single points that lie, by chance, on the wrong side.

# %%
seen = history.validation_accuracy
print(f"validation accuracy: {seen[best]:.2f} at the minimum of the loss, {seen[-1]:.2f} at the end")
plot_decision_boundary(model, X, y)

# %% [markdown]
# ## Remedy 1: more data
#
# With more points each single one matters less, and there are too many to learn by heart.

# %%
by_size = {}
for n in (24, 60, 100):
    _, more = train(*points(n, seed=1))
    by_size[n] = (more.loss[-1], more.validation_loss[-1])
    print(f"{n:>4} points: training loss {more.loss[-1]:.3f}, validation loss {more.validation_loss[-1]:.3f}")
assert by_size[100][1] < by_size[60][1] < by_size[24][1]
assert by_size[100][0] > by_size[24][0]
chart = Chart(560, 300, title="the loss after 120 epochs, by the number of points")
panel = chart.panel(names=[f"{n} points" for n in by_size], y="loss")
panel.bars([both[0] for both in by_size.values()], "training").bars(
    [both[1] for both in by_size.values()], "validation"
)
chart

# %% [markdown]
# The *training* loss becomes worse, and that is good: the gap between the two closes. The best remedy is often the
# dullest one.
#
# ## Remedy 2: smaller weights
#
# To bend sharply around a point a network needs large weights. So make them cost something: add
# $\frac{\lambda}{2} \sum w^2$ to the loss (*L2 regularization*, *weight decay*). Its gradient is $\lambda w$: it pulls
# every weight toward 0, against the gradient of the loss on the data.

# %%
by_decay = {}
for decay in (0.0, 0.003, 0.01, 0.1):
    decayed, shrunk = train(X, y, weight_decay=decay)
    size = sum(p.data**2 for p in decayed.parameters()) ** 0.5
    by_decay[decay] = shrunk.validation_loss[-1]
    print(f"lambda {decay:<6} size of the weights {size:5.2f}   ", end="")
    print(f"training {shrunk.loss[-1]:.3f}   validation {shrunk.validation_loss[-1]:.3f}")
assert by_decay[0.01] < 0.6 * by_decay[0.0]
assert by_decay[0.1] > by_decay[0.01]

# %% [markdown]
# Too little does nothing, too much is bad in the other way: the network is too stiff to follow the moons at all
# (*underfitting*). With the right amount the boundary is smooth:

# %%
smooth, _ = train(X, y, weight_decay=0.01)
plot_decision_boundary(smooth, X, y)

# %% [markdown]
# ## Remedy 3: early stopping
#
# The validation loss tells us when to stop: when it has not improved for `patience` epochs. `fit` then restores the
# best parameters.

# %%
stopped, short = train(X, y, patience=20)
restored = min(short.validation_loss)
print(
    f"{len(short)} epochs instead of 120; validation loss {restored:.3f} instead of {history.validation_loss[-1]:.3f}"
)
assert len(short) < 60
assert restored < 0.6 * history.validation_loss[-1]
plot_decision_boundary(stopped, X, y)

# %% [markdown]
# ## A third set
#
# We chose $\lambda$ and the moment to stop by looking at the validation set. So the validation loss has become too
# optimistic: among many choices, some do well on this set by luck. To find out how good the final network is, we need a
# third set, the *test set*, and we use it only once.
# %%
X_test, y_test = points(200, seed=7)
found = {}
for name, network in (("long training", model), ("weight decay", smooth), ("early stopping", stopped)):
    outputs = network.predict(X_test)
    found[name] = cross_entropy(outputs, y_test)
    print(f"{name:<16} test loss {found[name]:.3f}   accuracy {accuracy(outputs, y_test):.1%}")
assert max(found["weight decay"], found["early stopping"]) < 0.7 * found["long training"]

# %% [markdown]
# ## Exercises

# %%
exercises("overfitting")

# %% [markdown]
# Next: [why weights start random](09_why_weights_start_random.ipynb).
