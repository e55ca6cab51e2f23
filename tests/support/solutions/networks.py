"""Stages 8 to 11, 13, 14 and 16, for any of the three engines."""

import math
import random

from solutions.table import SLOPES, MyValue


# %% stage 8
class Neuron:
    def __init__(self, inputs, has_tanh):
        self.w = [MyValue(random.uniform(-1.0, 1.0)) for _ in range(inputs)]
        self.b = MyValue(0.0)
        self.has_tanh = has_tanh

    def __call__(self, x):
        z = self.b
        for w, number in zip(self.w, x):
            z = z + w * number
        return z.tanh() if self.has_tanh else z


class Layer:
    def __init__(self, inputs, outputs, has_tanh):
        self.neurons = [Neuron(inputs, has_tanh) for _ in range(outputs)]

    def __call__(self, x):
        return [neuron(x) for neuron in self.neurons]


class MLP:
    def __init__(self, inputs, sizes):
        before = [inputs, *sizes]
        last = len(sizes) - 1
        self.layers = [Layer(before[i], sizes[i], has_tanh=i < last) for i in range(len(sizes))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for neuron in layer.neurons for p in [*neuron.w, neuron.b]]


# %% stage 9
def mse(model, X, y):
    total = MyValue(0.0)
    for x, target in zip(X, y):
        total = total + (model(x)[0] - target) ** 2
    return total / len(X)


def step(model, X, y, lr):
    for p in model.parameters():
        p.grad = 0.0
    loss = mse(model, X, y)
    loss.backward()
    for p in model.parameters():
        p.data -= lr * p.grad
    return loss.data


# %% stage 10
def minibatches(n, size):
    order = list(range(n))
    random.shuffle(order)
    return [order[i : i + size] for i in range(0, n, size)]


def train(model, X, y):
    for epoch in range(100):
        for batch in minibatches(len(X), 10):
            step(model, [X[i] for i in batch], [y[i] for i in batch], 0.1)


# %% stage 11
if "SLOPES" in globals():
    SLOPES["log"] = lambda a: (1.0 / a,)


def log(a):
    return MyValue(math.log(a.data), (a,), "log")


if not hasattr(MyValue, "log"):
    MyValue.log = log


def softmax(logits):
    largest = max(z.data for z in logits)
    powers = [(z - largest).exp() for z in logits]
    total = sum(powers)
    return [power / total for power in powers]


def cross_entropy(logits, target):
    largest = max(z.data for z in logits)
    return sum((z - largest).exp() for z in logits).log() - (logits[target] - largest)


# %% stage 13
def gradient_sizes(model):
    sizes = []
    for layer in model.layers:
        gradients = [w.grad for neuron in layer.neurons for w in neuron.w]
        sizes.append(math.sqrt(sum(g * g for g in gradients) / len(gradients)))
    return sizes


# %% stage 14
def trap():
    a = MyValue(2.0)
    b = a * a
    return b + b * b * b


# %% stage 16
def momentum(w, v, g, lr, beta):
    v = beta * v + g
    return w - lr * v, v


def adam(w, m, v, g, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + eps)
    return w - lr * step, m, v
