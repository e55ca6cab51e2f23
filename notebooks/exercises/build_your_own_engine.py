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
# # Build your own engine
#
# **Can you write, yourself, the program that trains a neural network? It takes about a hundred lines, and here you
# write them, one idea at a time.**
#
# There are ten stages from an empty class to a trained network, and six more for those who want to go on. Each stage is
# one cell. Replace the three dots `...` in it and run it (Shift+Enter). The last line of the cell checks your code: it
# runs your class on small graphs, and says what came out, what was expected, and what is probably wrong. Nothing is
# graded, and you can try as often as you like.
#
# - If you are stuck, open the hints under the answer. The first is a nudge, the third is nearly the solution.
# - You need Python (classes, lists, loops), and the derivative from school: how fast a result grows when one number
#   grows.
# - Your code stays in this notebook. After a restart, run all cells again (in the menu *Run*), and go on where you
#   were.

# %%
import math
import random

from autograd.lessons import check
from nn import data

check.progress()

# %% [markdown]
# ## Stage 1: record a sum and a product
#
# **How can a program know how a number was computed?** It keeps, with every number, what the number was made from.
#
# A `MyValue` has a number, `data`. In `c = a * b` the result `c` is a new `MyValue`, which also has
#
# - `args`, its operands: here `(a, b)`, the objects themselves;
# - `op`, the sign of the operation: here `"*"`.
#
# A number that you type in has no operands: `args` is `()` and `op` is `""`. The attribute `grad` is for later.
#
# Python calls `a.__add__(b)` for `a + b`, and `a.__mul__(b)` for `a * b`. Fill in both. (`as_value` turns a plain
# number into a `MyValue`, so that `a + 2` works; `__radd__` is for `2 + a`.)


# %%
class MyValue:
    def __init__(self, data, args=(), op=""):
        self.data = float(data)
        self.args = args
        self.op = op
        self.grad = 0.0

    def __repr__(self):
        return f"MyValue({self.data:g}, grad={self.grad:g})"

    def __add__(self, other):
        other = as_value(other)
        return ...

    def __mul__(self, other):
        other = as_value(other)
        return ...

    def __radd__(self, other):
        return as_value(other) + self

    def __rmul__(self, other):
        return as_value(other) * self


def as_value(x):
    return x if isinstance(x, MyValue) else MyValue(x)


check.stage1(MyValue)

# %% [markdown]
# ## Stage 2: local slopes
#
# **How fast does a result grow if one of its operands grows?** Take $a = 2$ and $b = 3$, and let $a$ grow by 0.1:
#
# |  | before | after | growth | slope: growth / 0.1 |
# |---|---|---|---|---|
# | $a + b$ | 5 | 5.1 | 0.1 | ? |
# | $a \cdot b$ | 6 | 6.3 | 0.3 | ? |
#
# Then let $b$ grow instead. The table `SLOPES` below has one line for each operation: a function of the numbers of the
# operands, which returns one slope for each of them. Fill in the slopes. (`slopes` is ready: it looks up the line of
# its operation. The line `MyValue.slopes = slopes` makes it a method, so that you can write `z.slopes()`.)

# %%
SLOPES = {
    "+": lambda a, b: (..., ...),
    "*": lambda a, b: (..., ...),
}


def slopes(z):
    if not z.args:
        return ()
    return SLOPES[z.op](*[x.data for x in z.args])


MyValue.slopes = slopes
check.stage2(MyValue)

# %% [markdown]
# ## Stage 3: one node's share
#
# **If the result grows 5 times as fast as $z$, and $z$ grows 3 times as fast as $x$: how fast does the result grow with
# $x$?** That is the chain rule.
#
# `z.grad` will hold how fast the final result grows with $z$: its *gradient*. When it is known, $z$ passes it back:
# each operand `x` receives its share in `x.grad`. Write the loop over the operands and their slopes: `zip(z.args,
# z.slopes())` gives the pairs.


# %%
def pass_back(z): ...


MyValue.pass_back = pass_back
check.stage3(MyValue)

# %% [markdown]
# ## Stage 4: the order
#
# **Which node comes first?** A node must not pass its gradient back before it is complete. In
#
#     c = a * b
#     d = c + a
#
# the gradient of $d$ is known from the start. Then $d$ gives shares to $c$ and $a$; then $c$ gives shares to $a$ and
# $b$. So $c$ comes after $d$, and before $a$ and $b$: every node comes **before its operands**. This is a *topological
# order*.
#
# Write a function that returns the list of all nodes from which `y` is computed, `y` first, each once, and each before
# its operands. This is the hardest stage of the first ten. Take your time, and a hint if you like.


# %%
def order(y): ...


MyValue.order = order
check.stage4(MyValue)

# %% [markdown]
# ## Stage 5: backward
#
# **What is the gradient of the result itself?** Start with that, and let each node pass its gradient back, in the
# order. Now you have all the parts of backpropagation.


# %%
def backward(y): ...


MyValue.backward = backward
check.stage5(MyValue)

# %% [markdown]
# ## Stage 6: gradients that accumulate
#
# **What if a value is used twice?** In $y = a \cdot a$ it receives two shares, $a$ and $a$; together they are $2a$, and
# that is the derivative of $a^2$. So shares are added up.
#
# The same holds for several results: for two examples, the gradient of a weight is the sum over both. So `backward()`
# does not set the leaves (the nodes without operands) back to 0: they add up until *you* set them to 0. All other nodes
# belong to one pass, and start from 0 in each.
#
# Write `backward` once more, now as one function: get the order; set `grad` to 0 for all nodes that have operands; set
# the gradient of `y` to 1; then, in the order, *add* each share.


# %%
def backpropagate(y): ...


MyValue.backward = backpropagate
check.stage6(MyValue)

# %% [markdown]
# ## Stage 7: more operations
#
# **How much work is a new operation?** A line in the table, and a function that records it. Here are five, and numbers
# on the left, as in `2 - a`. Fill in the slopes, and the functions. (`**` has a plain number as its exponent, so it has
# one operand; its slope needs the exponent, so it makes its own line in the table.)

# %%
SLOPES["tanh"] = lambda a: (...,)
SLOPES["exp"] = lambda a: (...,)


def tanh(a):
    return MyValue(math.tanh(a.data), (a,), "tanh")


def exp(a):
    return ...


def power(a, n):
    SLOPES[f"**{n}"] = lambda x: (...,)
    return MyValue(a.data**n, (a,), f"**{n}")


def negative(a):
    return a * -1.0


def minus(a, b):
    return ...


def divided_by(a, b):
    return ...


MyValue.tanh, MyValue.exp, MyValue.__pow__, MyValue.__neg__ = tanh, exp, power, negative
MyValue.__sub__, MyValue.__rsub__ = minus, lambda a, number: minus(as_value(number), a)
MyValue.__truediv__, MyValue.__rtruediv__ = divided_by, lambda a, number: divided_by(as_value(number), a)
check.stage7(MyValue)

# %% [markdown]
# ## Stage 8: a neuron, a layer, a network
#
# **What is a neural network made of?** Of what you have. A *neuron* takes the numbers $x_1, x_2, \dots$ and computes
#
# $$\tanh(w_1 x_1 + w_2 x_2 + \dots + b)$$
#
# A *layer* is a list of neurons that all get the same numbers. A *network* hands the results of each layer to the next.
# The last layer has no tanh, so that it can give any number. The weights `w` start at random, the biases `b` at 0.


# %%
class Neuron:
    def __init__(self, inputs, bent):
        self.w = [MyValue(random.uniform(-1.0, 1.0)) for _ in range(inputs)]
        self.b = MyValue(0.0)
        self.bent = bent  # whether it has a tanh

    def __call__(self, x): ...


class Layer:
    def __init__(self, inputs, outputs, bent):
        self.neurons = ...

    def __call__(self, x):
        return [neuron(x) for neuron in self.neurons]


class MLP:
    """MLP(2, [8, 1]): two inputs, a layer of eight neurons, a layer of one."""

    def __init__(self, inputs, sizes):
        before = [inputs, *sizes]
        last = len(sizes) - 1
        self.layers = [Layer(before[i], sizes[i], bent=i < last) for i in range(len(sizes))]

    def __call__(self, x): ...

    def parameters(self):
        return ...


check.stage8(MLP)

# %% [markdown]
# ## Stage 9: a loss and a step
#
# **In which direction should each weight go?** Against its gradient. First we need one number that says how wrong the
# network is: the *loss*, the mean of $(\text{output} - \text{target})^2$ over the examples. Then a step of *gradient
# descent*, with a *learning rate* `lr`:
#
# 1. set the gradients of all parameters to 0;
# 2. compute the loss;
# 3. go backward;
# 4. change each parameter: `p.data -= lr * p.grad`.
#
# `X` is a list of examples, each a list of numbers; `y` is the list of targets.


# %%
def mse(model, X, y): ...


def step(model, X, y, lr):
    return ...  # the loss before the step, as a number


check.stage9(MLP, mse, step)

# %% [markdown]
# ## Stage 10: mini-batches, until it learns
#
# **Must every step look at all examples?** No: a step on ten of them points nearly the same way, and takes a tenth of
# the time. One pass over all examples, in random order and cut into batches, is an *epoch*.
#
# The data are two half moons, 100 points; `y` is -1 for one and 1 for the other. No straight line separates them. Your
# network will: this takes some seconds.

# %%
moons = data.moons(n=100, seed=1)
X = [list(map(float, point)) for point in moons.X]
y = [2.0 * label - 1.0 for label in moons.y]


def minibatches(n, size): ...


def train(model, X, y): ...


check.stage10(MLP, minibatches, train, X, y)

# %% [markdown]
# **This is a neural network with nothing hidden: every line is yours.** Here is how your engine does beside this
# library: the same idea, with one table of slopes and one loop. `draw`, `explain` and `explore` from `autograd` show
# such graphs; the lessons in the folder above go on from here.
#
# The six stages that follow are for those who want more. Take them in any order.
#
# ## Stage 11: softmax and cross-entropy
#
# **How does a network say "probably a cat"?** It gives one number for each class, a *logit*, and *softmax* turns them
# into probabilities: $p_i = e^{z_i} / \sum_k e^{z_k}$. The loss is the *cross-entropy*, $-\log p_t$ for the right class
# $t$.
#
# $e^{1000}$ is too large for a float, and yet the probabilities for the logits 1000, 1001, 999 are harmless. What can
# you subtract from all logits without changing any probability?

# %%
SLOPES["log"] = lambda a: (...,)


def log(a):
    return ...


def softmax(logits): ...


def cross_entropy(logits, target): ...


MyValue.log = log
check.stage11(MyValue, softmax, cross_entropy)

# %% [markdown]
# ## Stage 12: a second derivative
#
# **How fast does the slope change?** Write `second_derivative(f, x)` for a function `f` of a `MyValue` and a number
# `x`. There are two ways: measure how the gradient changes near `x`, or compute the gradient with `MyValue`s in place
# of numbers, so that it has a graph of its own.


# %%
def second_derivative(f, x): ...


check.stage12(MyValue, second_derivative)

# %% [markdown]
# ## Stage 13: the vanishing gradient, measured
#
# **Why were deep networks hard to train?** Each layer multiplies the gradient by its slopes and weights. If these are
# small, little arrives at the first layers. Write a function that returns, for each layer, the root mean square of the
# gradients of its weights (without the biases), after `backward()`.


# %%
def gradient_sizes(model): ...


check.stage13(MLP, gradient_sizes)

# %% [markdown]
# ## Stage 14: a trap for the wrong order
#
# **Is any order good enough?** Somebody visits the nodes as they are met: `y`, then its operands, then theirs. Often
# that is right. Build a graph for which it is wrong.


# %%
def trap(): ...


check.stage14(MyValue, trap)

# %% [markdown]
# ## Stage 15: a rule of your own
#
# **Which function is missing?** Choose one of one number, write its line in the table and its method, and tell the
# check its name.

# %%
SLOPES["..."] = lambda a: (...,)


def my_function(a):
    return ...


MyValue.my_function = my_function
check.stage15(MyValue, "my_function")

# %% [markdown]
# ## Stage 16: momentum and Adam
#
# **Can a step be better than the gradient?** *Momentum* keeps a sum of past gradients, so that it goes on in a
# direction that has been good for a while:
#
# $$v \leftarrow \beta v + g, \qquad w \leftarrow w - \eta v$$
#
# *Adam* (Kingma and Ba, 2014) keeps a mean of the gradient and one of its square, both corrected for their start at 0,
# and divides one by the root of the other:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2) g^2$$
#
# $$w \leftarrow w - \eta \, \frac{m/(1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}$$
#
# where $t = 1, 2, 3, \dots$ counts the steps.


# %%
def momentum(w, v, g, lr, beta):
    return w, v


def adam(w, m, v, g, t, lr, beta1, beta2, eps):
    return w, m, v


check.stage16(momentum, adam)

# %%
check.progress()
