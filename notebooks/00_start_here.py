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
# # Start here
#
# **How does a network of numbers learn?** This graph is interactive: press ▶ to see the forward and the backward pass,
# one node at a time; click `w` or `b` and move its slider; then open *gradient descent* below the graph, and take steps
# until the loss is small.

# %%
from autograd import Value, explore, tanh

w, x, b, y = Value(0.5, "w"), Value(1.5, "x"), Value(-1.0, "b"), Value(0.8, "y")
out = tanh(w * x + b)
out.label = "out"
loss = (out - y) ** 2
loss.label = "loss"
explore(loss, parameters=[w, b])

# %% [markdown]
# That is all: numbers, the operations between them, and how much the result changes with each. The lessons take it
# apart.
#
# | no. | lesson | the question | minutes |
# |---|---|---|---|
# | 1 | [The slope as a tangent](01_the_slope_as_a_tangent.ipynb) | How steep is a curve at one point? | 15 |
# | 2 | [A value, its graph, its gradient](02_a_value_its_graph_its_gradient.ipynb) | Can a program know slopes? | 20 |
# | 3 | [Backpropagation by hand](03_backpropagation_by_hand.ipynb) | How are all slopes found in one pass? | 30 |
# | 4 | [Neuron, layer, network](04_neuron_layer_network.ipynb) | What is a network, and how is it trained? | 25 |
# | 5 | [Fitting a curve](05_fitting_a_curve.ipynb) | How do neurons add up to a curve? | 15 |
# | 6 | [The loss surface](06_the_loss_surface.ipynb) | What do SGD, momentum and Adam do? | 20 |
# | 7 | [Softmax and cross-entropy](07_softmax_and_cross_entropy.ipynb) | How wrong is a choice? | 20 |
# | 8 | [Overfitting](08_overfitting.ipynb) | Why is a perfect score not the goal? | 15 |
# | 9 | [Why weights start random](09_why_weights_start_random.ipynb) | Why not all the same? | 15 |
# | 10 | [Vanishing gradients](10_vanishing_and_exploding_gradients.ipynb) | Why is depth hard? | 20 |
# | 11 | [Three ways to a gradient](11_three_ways_to_a_gradient.ipynb) | What does each of them cost? | 15 |
# | 12 | [Higher derivatives](12_higher_derivatives.ipynb) | What does the slope of the slope say? | 20 |
# | 13 | [From scalars to matrices](13_from_scalars_to_matrices.ipynb) | Where do the matrices come from? | 25 |
# | 14 | [Past one machine](14_past_one_machine.ipynb) | And what if one computer is too small? | 25 |
# | 15 | **[Build your own engine](exercises/build_your_own_engine.ipynb)** | Can you write it yourself? | 90 and more |
#
# Each lesson ends with three questions, whose answers are checked at once.
#
# **45 minutes:** lessons 2 and 3, up to the update. You will know what backpropagation is.
#
# **90 minutes:** lessons 1, 2, 3 and 4; or, if you would rather write than read, stages 1 to 6 of *Build your own
# engine*, which end with backpropagation written by you.
#
# **180 minutes:** lessons 1 to 8; or lessons 2 and 3, and then stages 1 to 10 of *Build your own engine*, from an empty
# class to a network that learns.
#
# If you teach: each lesson starts with a question for the class, and its code runs in less than a minute.
