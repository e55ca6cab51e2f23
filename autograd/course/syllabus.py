"""The stages of the course: what each asks for, and three hints, each of which says more than the one before."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from autograd.course.texts import entries
from autograd.engine.checks import integer


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
        title: what is built.
        asks: what the learner's code must do.
        hints: three hints.
        code: nearly the solution; it belongs to the third hint.
    """

    title: str
    asks: str
    hints: tuple[str, str, str]
    code: str


TEXT = """
record a sum and a product
    `a + b` and `a * b` give a new `MyValue`, with the number in `data`, the operands in `args`, the sign in `op`.
    1. The result needs three things: what number is it, what was it made from, and by which operation?
    2. In `__add__` the operands are `self` and `other`: their numbers are `self.data` and `other.data`, `args` is
       `(self, other)`, and `op` is "+".
    3. In code:
           return MyValue(self.data + other.data, (self, other), "+")
local slopes
    `z.slopes()` gives one slope for each operand of `z`, in the order of `args`: how fast `z` grows if only this
    operand grows.
    1. In the table, `a * b` grew by 0.3 when `a` grew by 0.1: that is 3 times as much. Which of the two numbers is 3?
    2. `a + b` grows as fast as `a` does: slope 1. `a * b` grows `b` times as fast as `a`: slope `b`.
    3. In code:
           SLOPES = {
               "+": lambda a, b: (1.0, 1.0),
               "*": lambda a, b: (b, a),
           }
one node's share
    `z.pass_back()` adds to `x.grad`, for each operand `x` of `z`, its share: `z.grad` times the slope of `z` with
    respect
    to `x`.
    1. The result grows 5 times as fast as `z`, and `z` grows 3 times as fast as `x`. If `x` grows by 1, `z` grows by 3;
       and the result?
    2. 15 times: the chain rule multiplies. For each operand the share is `z.grad` times its slope; it is added to
       `x.grad`, since `x` may receive shares from elsewhere too.
    3. In code:
           for x, slope in zip(z.args, z.slopes()):
               x.grad += z.grad * slope
the order
    `y.order()` gives all nodes of the graph of `y`, each once, `y` first, and every node before its operands. It works
    for 5,000 operations in a row.
    1. For c = a * b, d = c + a two lists are right: d, c, a, b and d, c, b, a. Try it the other way round, operands
       first: to put a node into a list, put its operands into it, then the node itself. Turn the list round at the end.
    2. In words of Python: `visit(z)` does nothing if `z` has been seen (keep a set); else it calls `visit(x)` for each
       operand `x`, and then appends `z` to the list. The result is the list turned round, `done[::-1]`. This is right,
       but it calls itself once for each node on a path, and after about 1,000 calls Python stops it.
    3. Instead of calls, keep a list of what is still to be done, and take from its end. Each node is put there twice:
       the first time its operands are put on top of it; the second time they are all done.
           seen, done, stack = set(), [], [(y, False)]
           while stack:
               z, ready = stack.pop()
               if ready:
                   done.append(z)
               elif z not in seen:
                   seen.add(z)
                   stack.append((z, True))
                   stack += [(x, False) for x in z.args]
           return done[::-1]
backward
    `y.backward()` sets the grad of every node of the graph of `y` to the derivative of `y` with respect to it. (In this
    stage no value is used twice.)
    1. You have the order, and you have what each node does. How fast does `y` grow with `y`?
    2. dy/dy = 1. Then each node, in the order, passes its gradient back.
    3. In code:
           y.grad = 1.0
           for z in y.order():
               z.pass_back()
gradients that accumulate
    `y.backward()` is right if values are used more than once. Called again, or on another result, it adds to the grad
    of the leaves; all other nodes start from 0 each time.
    1. In `a * a` the value a receives two shares. In `y = a * b` and `z = a + b`, what is `a.grad` after `y.backward()`
       and `z.backward()`?
    2. Shares are added: `x.grad += ...` Leaves (nodes without `args`) keep what they have; before the pass, set the
       grad of all other nodes to 0.
    3. In code:
           nodes = y.order()
           for z in nodes:
               if z.args:
                   z.grad = 0.0
           y.grad = 1.0
           for z in nodes:
               for x, slope in zip(z.args, z.slopes()):
                   x.grad += z.grad * slope
more operations
    `-a`, `a - b`, `a / b`, `a ** n` (`n` a number), `a.tanh()`, `a.exp()`, also with plain numbers on either side, have
    the right numbers and gradients.
    1. Begin with the two slopes. exp is its own derivative; the derivative of tanh is in the text. Then `exp` as a
       copy of `tanh`. The slope of a power is the power rule from school. `a - b` is `a + (-1) * b`; what is `a / b`?
    2. `a / b` is `a` times `1 / b`, and `1 / b` is `b ** -1`, which you have. In the table, `a` is a plain number: use
       `math.exp(a)` there. In the functions, `a` is a `MyValue`, and its number is `a.data`.
    3. Mind the comma: the slopes are a tuple, also if there is only one.
           SLOPES["tanh"] = lambda a: (1.0 - math.tanh(a) ** 2,)
           SLOPES["exp"] = lambda a: (math.exp(a),)

           def exp(a):
               return MyValue(math.exp(a.data), (a,), "exp")

           # in power
           SLOPES[f"**{n}"] = lambda x: (n * x ** (n - 1),)

           def minus(a, b):
               return a + b * -1.0

           def divided_by(a, b):
               return a * as_value(b) ** -1
a neuron, a layer, a network
    `MLP(inputs, sizes)` has layers, each a list of neurons with weights `w` and a bias `b`. `model(x)` is a list of
    `MyValues`; a neuron is tanh of `w[0] * x[0] + w[1] * x[1] + ... + b`, in the last layer without the tanh.
    `parameters()` lists every weight and bias
    once, in one flat list. Weights start at random.
    1. A neuron is a sum of products and a tanh, all of which you have. A layer asks each of its neurons; a network
       hands the results of one layer to the next.
    2. Start with the bias, and add `w * x` for each weight. A layer needs as many neurons as it has outputs, each made
       on its own: `[Neuron(n) for _ in range(outputs)]`, not `[Neuron(n)] * outputs`.
    3. In this order: the neuron, the layer, the network, its parameters.
           z = self.b
           for w, number in zip(self.w, x):
               z = z + w * number
           return z.tanh() if self.has_tanh else z

           self.neurons = [Neuron(inputs, has_tanh) for _ in range(outputs)]

           for layer in self.layers:
               x = layer(x)
           return x

           return [p for layer in self.layers for neuron in layer.neurons for p in [*neuron.w, neuron.b]]
a loss and a step
    `mse(model, X, y)` is the mean of the squared errors, a `MyValue`. `step(model, X, y, lr)` takes one step of
    gradient descent on it, and returns the loss before the step as a number.
    1. The loss is one number for all examples: how wrong is the network on average? The step changes each parameter
       against its slope.
    2. Four parts, in this order: set all gradients to 0, compute the loss, call backward, change `p.data` for every
       parameter p.
    3. First `mse`, then `step`:
           total = 0.0
           for x, target in zip(X, y):
               total = total + (model(x)[0] - target) ** 2
           return total / len(X)

           for p in model.parameters():
               p.grad = 0.0
           loss = mse(model, X, y)
           loss.backward()
           for p in model.parameters():
               p.data -= lr * p.grad
           return loss.data
mini-batches
    `minibatches(n, size)` gives lists of numbers from 0 to `n - 1`: every number once, in a new random order each time,
    size in each list (the last may be shorter). `train(model, X, y)` learns the two moons: at least 93 % of the points
    are right.
    1. Shuffle the numbers of the examples, and cut the list into pieces.
    2. `numbers = list(range(n))`, then `random.shuffle(numbers)`; the pieces are `numbers[i : i + size]` for `i` in
       `range(0, n, size)`.
    3. In code:
           for epoch in range(100):
               for batch in minibatches(len(X), 10):
                   step(model, [X[i] for i in batch], [y[i] for i in batch], 0.1)
softmax and cross-entropy
    `softmax(logits)` turns a list of `MyValues` into probabilities; `cross_entropy(logits, target)` is minus the
    logarithm of the probability of the class number target. Both work for logits of 1,000.
    1. exp makes every number positive; divided by their sum they add up to 1. `exp(1000)` is too large for a float;
       what may you subtract from all logits without changing the result?
    2. Subtract the largest number (a plain number: `max(z.data for z in logits)`) from each logit first: top and bottom
       of the fraction change by the same factor.
    3. The logarithm of a fraction is a difference, so that no power is too large or too small:
           largest = max(z.data for z in logits)
           total = sum((z - largest).exp() for z in logits)
           return total.log() - (logits[target] - largest)
a second derivative
    `second_derivative(f, x)` is the second derivative of `f` at the number `x`; `f` takes a `MyValue` and returns one.
    1. The second derivative says how fast the slope changes. You can compute the slope at any `x`.
    2. Compare the slope at `x + h` with the slope at `x - h`: how much does it change, for a step of `2 * h`?
    3. By differences, with `h` = 0.0001:
           def slope_at(f, x):
               a = MyValue(x)
               f(a).backward()
               return a.grad

           return (slope_at(f, x + h) - slope_at(f, x - h)) / (2 * h)
the vanishing gradient, measured
    `gradient_sizes(model)` is a list with one number for each layer: the root mean square of the gradients of its
    weights (not of its biases) after `backward()`.
    1. One number for each layer: how large is a typical gradient there, whatever its sign?
    2. Square them, take the mean, take the root. The weights of a layer are `neuron.w` for each of `layer.neurons`.
    3. For one layer:
           grads = [w.grad for neuron in layer.neurons for w in neuron.w]
           math.sqrt(sum(g * g for g in grads) / len(grads))
a trap for the wrong order
    `trap()` returns a `MyValue` whose gradients come out wrong if the nodes are visited in the order in which they are
    met: the result, then its operands, then theirs (breadth-first).
    1. A node must be used twice: once near the result, and once farther away.
    2. Let `y = b + c`, where `c` is itself computed from `b`. Breadth-first, `b` comes directly after `y`, before `c`
       has given it its share. And `b` must have operands, or it passes nothing on.
    3. In code:
           a = MyValue(2.0)
           b = a * a
           c = b * b * b
           return b + c
a rule of your own
    A new method of `MyValue`, a function of one number that is not there yet, with its slope; `check.stage15(MyValue,
    "name")` tells its name.
    1. Choose a function whose derivative you know: sin, a square root, `1 / (1 + exp(-a))`, ...
    2. Two entries: a method that computes the number and records the operand, and a row of `SLOPES`.
    3. In code:
           SLOPES["sin"] = lambda a: (math.cos(a),)

           def my_function(a):
               return MyValue(math.sin(a.data), (a,), "sin")
momentum and Adam
    `momentum(w, v, g, lr, beta)` returns the new `w` and `v`: `v = beta v + g`, `w = w - lr v`. `adam(w, m, v, g, t,
    lr, beta1, beta2, eps)` returns the new `w`, `m` and `v` in step t = 1, 2, ...
    1. Momentum: `v` is a sum of all gradients so far, in which older ones count less. Adam keeps two means, of the
       gradient and of its square.
    2. `m = beta1 m + (1 - beta1) g` and `v = beta2 v + (1 - beta2) g^2` start at 0, so they are too small at first:
       divide them by `1 - beta1^t` and `1 - beta2^t`.
    3. Return the `m` and `v` that are not divided, since they go on:
           m = beta1 * m + (1 - beta1) * g
           v = beta2 * v + (1 - beta2) * g * g
           step = m / (1 - beta1**t) / (math.sqrt(v / (1 - beta2**t)) + eps)
           return w - lr * step, m, v
"""


def read(title: str, text: str) -> Stage:
    """A stage from its entry: what it asks for, after 1., 2. and 3. the hints, and at the end, indented, the code."""
    prose, code = re.split(r"\n(?= {7})", text, maxsplit=1)
    asks, *hints = (" ".join(part.split()) for part in re.split(r"^[123]\. ", prose, flags=re.MULTILINE))
    return Stage(title, asks, (hints[0], hints[1], hints[2]), textwrap.dedent(code).strip())


STAGES = [read(name, text) for name, text in entries(TEXT).items()]


def stage(number: int) -> Stage:
    """A stage by its number, from 1.

    Raises:
        ValueError: there is no stage of this number.
    """
    return STAGES[integer("the number of a stage", number, most=len(STAGES)) - 1]
