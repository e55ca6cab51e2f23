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
# # Past one machine
#
# A network of scalars has become matrix code (lesson 13), and it runs on one core. Then the data grow, or there is a
# GPU next door, or a room full of computers. **How much of the code must be rewritten?**
#
# None of it. A `Program` is two things: a *plan*, which says what to compute, and an *executor*, which does it. NumPy
# is one executor. This notebook hands the same plan to JAX, to the cores of this computer, and to a cluster in which we
# kill workers.
#
# It needs `pip install "scalar-backprop[dask,jax,plot,sklearn]"`.

# %%
import logging
import os
import random
import signal
import threading
import time

import numpy as np

import nn
from autograd import Op, Program, Value, draw
from autograd.lessons import exercises

# %% [markdown]
# ## One plan
#
# The loss of one example, and its gradient: a graph of scalars, which a `Program` turns into a plan of a few
# instructions.

# %%
model = nn.MLP(2, [16, 16, 1], "tanh", seed=1)
x, t = [Value(0.0, "x1"), Value(0.0, "x2")], Value(0.0, "t")
step = Program.value_and_grad((model(x) - t) ** 2, [*x, t], model.parameters())
print(step)

# %% [markdown]
# NumPy executes it, for a batch of 1,000 examples:

# %%
rng = np.random.default_rng(0)
batch = rng.normal(size=(3, 1000))
parameters = np.array([p.data for p in model.parameters()])
value, gradient = step(batch, parameters=parameters)
print(value, gradient[:3])

# %% [markdown]
# ## The same plan on JAX
#
# `step.to("jax")` writes the plan for JAX. It is a pure function of the parameters and the inputs, so everything that
# JAX does to functions can be done to it: compile it, differentiate it, send it to a GPU. Its code can be read. Compare
# it with `step.source`: only `np` has become `xp`, and the gradient is put together instead of filled in, since JAX
# does not change arrays in place.

# %%
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
on_jax = step.to("jax")
print(on_jax.source[on_jax.source.index("    z1") :])

compiled = jax.jit(on_jax)
value_jax, gradient_jax = compiled(jnp.asarray(parameters), jnp.asarray(batch))
assert np.allclose(gradient_jax, gradient, rtol=1e-12, atol=1e-15)
print(float(value_jax), gradient_jax.device)

# %% [markdown]
# JAX can differentiate our loss by itself. It must find the gradient that our scalars found:

# %%
by_jax = jax.grad(lambda p: on_jax(p, jnp.asarray(batch))[0])(jnp.asarray(parameters))
print("largest difference:", float(abs(by_jax - gradient_jax).max()))
assert np.allclose(by_jax, gradient_jax, rtol=1e-9, atol=1e-14)

# %% [markdown]
# `nn.fit(engine="jax")` trains with it. The rule of the optimizer is a graph of scalars too, so the whole step becomes
# one compiled function: forward pass, backward pass and update. The final weights agree with those from NumPy, up to
# rounding.

# %%
moons = nn.data.moons(n=200, seed=1)


def trained(**options):
    """A network after ten epochs on two half moons, as one array of its parameters."""
    network = nn.MLP(2, [16, 2], "tanh", seed=1)
    options = {"epochs": 10, "batch_size": 50, "seed": 1, "progress": False} | options
    history = nn.fit(network, moons.X, moons.y, "cross_entropy", **options)
    return np.array([p.data for p in network.parameters()]), history


alone, history = trained()
print(f"ten epochs on NumPy: accuracy {history.accuracy[-1]:.3f}")

# %%
with_jax, _ = trained(engine="jax")
print("NumPy and JAX differ by", abs(alone - with_jax).max())
assert np.allclose(alone, with_jax, rtol=1e-9)

# %% [markdown]
# ## More data than memory
#
# A Dask array is a plan as well: a list of blocks, none of them loaded yet. A program takes one, and gives Dask arrays.
# Here are ten million examples, 240 MB, in blocks of a million. Nothing is computed until we ask. (They would fit into
# memory, but they need not: only a few blocks are there at a time, however many there are.)

# %%
import dask.array as da

data = da.random.default_rng(0).normal(size=(3, 10_000_000), chunks=(3, 1_000_000))
mean_loss, slopes = step(data)
print(mean_loss, slopes, sep="\n")

# %% [markdown]
# What would be computed? Each block gives its sums, and the sums are added in a tree, up to eight at a time. We draw
# the tasks that Dask has written down as one of our own graphs: each task is a node, and its value is the number of
# examples that it covers, in millions.


# %%
def task_graph(collection, blocks):
    """The tasks of a Dask collection as a graph of Values; ``blocks`` is the name of the blocks."""
    tasks, nodes, first = dict(collection.__dask_graph__()), {}, {}  # first: the number of the first block of a node

    def node(key):
        if key not in nodes:
            before = [made for other in tasks[key].dependencies if (made := node(other)) is not None]
            before.sort(key=first.get)
            if key[0] == blocks:
                nodes[key] = Value(1.0, f"block {key[2]}")
            elif str(key).startswith(("_sums", "_added", "_finished")):
                task = Op(str(key).split("-")[0].strip("_"), lambda *counts: sum(counts), (1.0,) * len(before))
                nodes[key] = task(*before)
            else:  # it only returns what is before it
                nodes[key] = before[0] if before else None
            first[nodes[key]] = first[before[0]] if before else key[-1]
        return nodes[key]

    return node(collection.__dask_keys__()[0])


draw(task_graph(mean_loss, data.name), max_nodes=None)

# %%
start = time.perf_counter()
print(f"the mean loss of ten million examples: {float(mean_loss.compute()):.6f}")
print(f"in {time.perf_counter() - start:.1f} seconds, on {os.cpu_count()} cores")

# %% [markdown]
# ## A cluster, and a worker that dies
#
# A `LocalCluster` starts workers as processes on this computer. With a real cluster, only the address would be
# different. The dashboard shows live what each worker is doing.

# %%
from distributed import Client, LocalCluster

logging.getLogger("distributed").setLevel(logging.CRITICAL)
cluster = LocalCluster(n_workers=2, threads_per_worker=1, silence_logs=logging.CRITICAL, dashboard_address=":0")
client = Client(cluster)
print("workers:", len(client.nthreads()))
print("dashboard:", client.dashboard_link)

# %% [markdown]
# `fit(client=client)` divides each mini-batch among the workers. They have the programs and the examples; each step
# sends them the parameters, and they return sums. The step itself is made here, once, after all sums have arrived. So
# if a worker dies, its part is computed again by another, and no update is lost or made twice.
#
# We test this: during training, we kill a random worker, five times.

# %%
kills = 0


def kill_some():
    """SIGKILL for a random worker, five times; the cluster starts a new one each time."""
    global kills
    while kills < 5:
        time.sleep(0.5)
        running = [worker.pid for worker in cluster.workers.values() if worker.pid]
        if running:
            os.kill(random.choice(running), signal.SIGKILL)
            kills += 1


killer = threading.Thread(target=kill_some)
killer.start()
on_cluster, with_kills = trained(client=client, epochs=1000, callbacks=lambda history: kills >= 5)
killer.join()
undisturbed, _ = trained(epochs=len(with_kills))
print(f"{kills} workers were killed; the largest difference is {abs(on_cluster - undisturbed).max():.1e}")
assert np.allclose(on_cluster, undisturbed, rtol=1e-9)

# %% [markdown]
# ## Does it pay?
#
# In each step on a cluster, the messages to the workers and back take some milliseconds, however little there is to
# compute. More workers do not shorten this latency; they shorten only the arithmetic.


# %%
def seconds(**options):
    """The shortest time of three epochs, each of four steps."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        trained(epochs=1, **options)
        times.append(time.perf_counter() - start)
    return min(times)


print(f"an epoch of four steps: {1000 * seconds():.0f} ms alone, {1000 * seconds(client=client):.0f} ms on the cluster")

# %% [markdown]
# For this small network it does not pay at all: the arithmetic of a step takes less than a millisecond.
# `tests/benchmarks/cluster.py` measures for which models and mini-batch sizes it does. What usually pays is work that
# needs no communication between the workers, such as trying out many networks: a grid search, in which each fit runs on
# one worker.

# %%
import joblib
from sklearn.model_selection import GridSearchCV

from nn.estimators import NetworkClassifier

grid = {"hidden_layer_sizes": [(4,), (16,), (16, 16)], "alpha": [0.0, 0.01]}
search = GridSearchCV(NetworkClassifier(max_iter=30, random_state=1), grid, cv=3)
with joblib.parallel_config(backend="dask"):
    search.fit(np.array(moons.X), moons.y)
print("best:", search.best_params_, f"{search.best_score_:.3f}")
client.close()
cluster.close()

# %% [markdown]
# ## Exercises

# %%
exercises("past one machine")

# %% [markdown]
# This was the last lesson. [Build your own engine](exercises/build_your_own_engine.ipynb), if you have not done so.
