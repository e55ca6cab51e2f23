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
# one cell. Replace every `...` in it (after `def f(z):` start a new, indented line) and run it with Shift+Enter. The
# last line of the cell checks your code: it runs your class on small examples, and says what came out, what was
# expected, and what the cause probably is. Nothing is graded, and you can try as often as you like.
#
# - If you are stuck, open the hints under the answer, or run `check.hint()`. The first hint is a nudge, the third is
#   nearly the solution.
# - You need Python (classes, functions, lists, loops), and the derivative from school: how fast a result grows when one
#   number grows.
# - Your code stays in this notebook. After a restart, or if you change the class of stage 1 later, run all cells again
#   (in the menu *Run*), and go on where you were.
# - Code that never ends is stopped after ten seconds, in a browser after a minute at most.

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
# - `args`, its operands in a tuple: here `(a, b)`, the objects themselves;
# - `op`, the symbol of the operation: here `"*"`.
#
# A number that you type in has no operands: its `args` is `()` and its `op` is `""`. (`grad` is for later.)
#
# Draw each value as a box, with an arrow to it from each of its operands: this is a *graph*. Its boxes are called
# *nodes*, and the nodes without operands are its *leaves*.
#
# For `a + b` Python calls `a.__add__(b)`: inside, `a` is `self` and `b` is `other`. For `a * b` it calls `__mul__`.
# Fill in these two. The rest is ready: `as_value` makes a `MyValue` of a plain number, so that `a + 2` works;
# `__radd__` and `__rmul__` are for `2 + a` and `2 * a`.


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
# Try it: `c = MyValue(2) * MyValue(3)`, then `c.data, c.op, c.args` gives
# `(6.0, '*', (MyValue(2, grad=0), MyValue(3, grad=0)))`.
#
# ## Stage 2: local slopes
#
# **How fast does a result grow if one of its operands grows?** Take $a = 2$ and $b = 3$. First let $a$ grow by 0.1, and
# then $b$ instead:
#
# | result | before | $a$ grows by 0.1 | that is | slope: divided by 0.1 | $b$ grows by 0.1 | that is | slope |
# |---|---|---|---|---|---|---|---|
# | $a + b$ | 5 | 5.1 | 0.1 more | ? | 5.1 | 0.1 more | ? |
# | $a \cdot b$ | 6 | 6.3 | 0.3 more | ? | 6.2 | 0.2 more | ? |
#
# What are the slopes for any $a$ and $b$? The table `SLOPES` has a line for each operation. Each line gets the two
# plain numbers, `a` and `b`, and returns two slopes in a tuple: the first with respect to `a`, the second with respect
# to `b`.
#
# (The function `slopes` is ready: it looks up the line of its operation, and gives it the numbers of the operands. The
# line `MyValue.slopes = slopes` makes it a method, so that you can write `z.slopes()`.)

# %%
SLOPES = {
    "+": lambda a, b: (..., ...),
    "*": lambda a, b: (..., ...),
}


def slopes(z):
    if not z.args:
        return ()
    numbers = [x.data for x in z.args]
    return SLOPES[z.op](*numbers)


MyValue.slopes = slopes
check.stage2(MyValue)

# %% [markdown]
# ## Stage 3: one node's share
#
# **If the result grows 5 times as fast as $z$, and $z$ grows 3 times as fast as $x$: how fast does the result grow with
# $x$?**
#
# $$x \xrightarrow{\;3\;} z \xrightarrow{\;5\;} \text{result}$$
#
# 15 times as fast: slopes along a path multiply. That is the *chain rule*.
#
# The 5 is called the *gradient* of $z$, and will be kept in `z.grad`. The 3 is the slope of stage 2. When `z.grad` is
# known, each operand `x` of `z` receives its share, `z.grad` times its slope, in `x.grad`. Write this for one node `z`:
# `zip(z.args, z.slopes())` gives the pairs of an operand and its slope. Only these operands change; going on to theirs
# comes later. (Whether you set `x.grad` or add to it makes no difference yet. Stage 6 shows what is right.)


# %%
def pass_back(z):
    # for each operand x of z, and its slope:
    ...


MyValue.pass_back = pass_back
check.stage3(MyValue)

# %% [markdown]
# ## Stage 4: the order
#
# **Which node comes first?** A node must not pass its gradient back before all its own shares have arrived. In
#
#     c = a * b
#     d = c + a
#
# the gradient of $d$ is known from the start. Then $d$ gives shares to $c$ and $a$; then $c$ gives shares to $a$ and
# $b$. So $c$ comes after $d$, and before $a$ and $b$: every node comes **before its operands**. Two orders are right
# here: d, c, a, b and d, c, b, a. Such an order is called *topological*. (Strictly, it is a *reverse* topological
# order, because the arrows of stage 1 point from the operands to the result.)
#
# Write a function that returns the list of all nodes from which `y` is computed: `y` first, each node once, and each
# before its operands. It must also work for 5,000 additions in a row; Python stops functions that call themselves more
# than about 1,000 times inside one another.
#
# This is the hardest of the first ten stages. Take your time, and the hints if you like: they go step by step.


# %%
def order(y):
    # all nodes of the graph of y, in a list
    ...


MyValue.order = order
check.stage4(MyValue)

# %% [markdown]
# ## Stage 5: backward
#
# **How fast does $y$ grow with $y$ itself?** That is the first gradient. Then each node passes its gradient back, in
# the order of stage 4. These are all the parts of *backpropagation*.
#
# (In this stage no value is used twice, so that each receives one share only.)


# %%
def backward(y):
    # the gradient of y; then every node of y.order() passes back
    ...


MyValue.backward = backward
check.stage5(MyValue)

# %% [markdown]
# ## Stage 6: gradients that accumulate
#
# **What if a value is used twice?** In $y = a \cdot a$ it receives two shares, $a$ and $a$. Together they are $2a$,
# which is the derivative of $a^2$. So shares are *added*.
#
# The same holds for two results that use the same leaf: after `y.backward()` and `z.backward()`, `a.grad` is the sum of
# both. This will be useful: the gradients of several examples add up. So `backward()` does not set leaves back to 0;
# they add up until *you* set them to 0. All other nodes must start from 0 in each call, or they would pass on again
# what they had received in the call before.
#
# Now write all of it in one function, which replaces the `backward` of stage 5:
#
# 1. get the order;
# 2. set `grad` to 0 for all nodes that have operands;
# 3. set the gradient of `y` to 1;
# 4. for each node in the order, *add* to the gradient of each operand its share.


# %%
def backpropagate(y):
    # the four steps
    ...


MyValue.backward = backpropagate
check.stage6(MyValue)

# %% [markdown]
# ## Stage 7: more operations
#
# **How much work is a new operation?** A line in the table, and a function that records it. Here are two new functions,
#
# - `exp`, $e^a$, which is its own derivative;
# - `tanh`, $(e^a - e^{-a}) / (e^a + e^{-a})$, which squeezes any number into the range from -1 to 1. Its derivative is
#   $1 - \tanh^2 a$;
#
# then powers with a fixed exponent, minus, and division. In the table, `a` is a plain number; in the functions below
# it, `a` is a `MyValue`. `tanh` and `negative` are ready, as examples. Each exponent gets its own line in the table,
# such as `"**3"`, when it is used. Minus and division need no line: they can be made from what you have.

# %%
SLOPES["tanh"] = lambda a: (...,)  # one slope, in a tuple: mind the comma
SLOPES["exp"] = lambda a: (...,)


def tanh(a):
    return MyValue(math.tanh(a.data), (a,), "tanh")


def exp(a):
    return ...


def power(a, n):  # n is a plain number
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
# **What is a neural network made of?** Of what you have. A *neuron* takes the numbers $x_1, x_2, \dots$, multiplies
# each with a *weight*, adds a *bias*, and bends the result:
#
# $$\tanh(w_1 x_1 + w_2 x_2 + \dots + b)$$
#
# Weights and biases are what the network will learn. The tanh is needed because sums of sums are only sums: without a
# bend, many layers could do no more than one. A *layer* is a list of neurons that all get the same numbers. A *network*
# hands the results of each layer to the next, as a list. The last layer has no tanh, so that it can give any number.
#
# The weights start at random, or all neurons would learn the same. `parameters()` is one flat list of every weight and
# every bias.


# %%
class Neuron:
    def __init__(self, inputs, has_tanh):
        self.w = [MyValue(random.uniform(-1.0, 1.0)) for _ in range(inputs)]
        self.b = MyValue(0.0)
        self.has_tanh = has_tanh

    def __call__(self, x):
        # the bias, plus each weight times its number; then the tanh, if it has one
        ...


class Layer:
    def __init__(self, inputs, outputs, has_tanh):
        self.neurons = ...  # as many neurons as there are outputs

    def __call__(self, x):
        return [neuron(x) for neuron in self.neurons]


class MLP:
    """MLP(2, [8, 1]): two inputs, a layer of eight neurons, a layer of one."""

    def __init__(self, inputs, sizes):
        before = [inputs, *sizes]
        last = len(sizes) - 1
        self.layers = [Layer(before[i], sizes[i], has_tanh=i < last) for i in range(len(sizes))]

    def __call__(self, x):
        # through all layers, one after the other; the result is a list
        ...

    def parameters(self):
        return ...


check.stage8(MLP)

# %% [markdown]
# ## Stage 9: a loss and a step
#
# **In which direction should each weight go?** First we need one number that says how wrong the network is: the *loss*,
# here the mean of $(\text{output} - \text{target})^2$ over the examples. If the gradient of a weight is positive, the
# loss grows with it, so the weight should become smaller; and the other way round. This is *gradient descent*:
#
# 1. set the gradients of all parameters to 0;
# 2. compute the loss;
# 3. go backward;
# 4. change each parameter p: `p.data -= lr * p.grad`, with a small *learning rate* `lr`.
#
# `X` is a list of examples, each a list of numbers; `y` is the list of targets. The network returns a list even if it
# has only one output, so take `model(x)[0]`.


# %%
def mse(model, X, y):
    # the mean squared error, a MyValue
    ...


def step(model, X, y, lr):
    # the four steps; the result is the loss before the change, as a number
    ...


check.stage9(MLP, mse, step)

# %% [markdown]
# ## Stage 10: mini-batches, until it learns
#
# **Must every step use all examples?** No: if a step uses only ten of a hundred, it takes a tenth of the time, and on
# average it still goes in the same direction. So the indices of the examples, 0 to $n - 1$, are shuffled and cut into
# *mini-batches*. For ten examples and batches of four, `minibatches(10, 4)` could be
# `[[3, 9, 0, 7], [2, 8, 1, 5], [6, 4]]`, and another list the next time. One pass over all examples is an *epoch*.
#
# `train(model, X, y)` calls your `step` for each mini-batch of each epoch, with examples and targets of this batch.
# You choose the batch size, the number of epochs and the learning rate; 10, 100 and 0.1 are good values to start with.
#
# The data are two half moons, 100 points; `y` is -1 for one and 1 for the other. No straight line separates them. Your
# network will: this takes some seconds.

# %%
moons = data.moons(n=100, seed=1)
X = [list(map(float, point)) for point in moons.X]
y = [2.0 * label - 1.0 for label in moons.y]


def minibatches(n, size):
    # a list of lists of numbers
    ...


def train(model, X, y):
    # for each epoch, for each mini-batch: a step
    ...


check.stage10(MLP, minibatches, train, X, y)

# %% [markdown]
# **You have seen every line of this neural network, and written the essential ones.** This library does the same, with
# a table of slopes and a loop over the nodes; [the lessons](../02_a_value_its_graph_its_gradient.ipynb) show what can
# be done with it.
#
# The six stages that follow are for those who want more. Take them in any order.
#
# ## Stage 11: softmax and cross-entropy
#
# **How does a network say "probably a cat"?** It gives one number for each class, a *logit*, and *softmax* turns them
# into probabilities: $p_i = e^{z_i} / \sum_k e^{z_k}$. The loss is the *cross-entropy*, $-\log p_t$ for the right class
# $t$: 0 if the network is sure and right, and large if it is sure and wrong. (log is the natural logarithm.)
#
# $e^{1000}$ is too large for a float, and yet the probabilities for the logits 1000, 1001, 999 are ordinary numbers.
# What can you subtract from all logits without changing any probability? And a probability may be so small that it is 0
# as a float, which has no logarithm: so write $\log p_t$ as a difference of logarithms.

# %%
SLOPES["log"] = lambda a: (...,)


def log(a):
    return ...


def softmax(logits):
    # a list of probabilities
    ...


def cross_entropy(logits, target):
    # target is the number of the right class
    ...


MyValue.log = log
check.stage11(MyValue, softmax, cross_entropy)

# %% [markdown]
# ## Stage 12: a second derivative
#
# **How fast does the slope change?** Write `second_derivative(f, x)` for a function `f` of a `MyValue` and a plain
# number `x`. Your engine gives the slope anywhere: compare the slopes a little to the left and to the right of `x`.
# (For an exact result, compute the slopes themselves with `MyValue`s, so that the gradient has a graph of its own,
# which can be differentiated again.)


# %%
def second_derivative(f, x):
    # f(MyValue(x)) is a MyValue
    ...


check.stage12(MyValue, second_derivative)

# %% [markdown]
# ## Stage 13: the vanishing gradient, measured
#
# **Why were deep networks hard to train?** Each layer multiplies the gradient by its slopes and weights. If these are
# small, little arrives at the first layers. Write a function that returns, for each layer, the root mean square of the
# gradients $g_1, \dots, g_n$ of its weights (without the biases): $\sqrt{(g_1^2 + \dots + g_n^2) / n}$. The check calls
# `backward()` first.


# %%
def gradient_sizes(model):
    # a list with one number for each layer
    ...


check.stage13(MLP, gradient_sizes)

# %% [markdown]
# ## Stage 14: a trap for the wrong order
#
# **Is any order good enough?** Suppose we visit the nodes as we meet them: `y`, then its operands, then their operands,
# and so on, each when it is met first (*breadth-first*). In $c = a b$, $d = c + a$ that is d, c, a, b, and all
# gradients come out right. Build a graph for which they come out wrong.


# %%
def trap():
    # returns a MyValue
    ...


check.stage14(MyValue, trap)

# %% [markdown]
# ## Stage 15: a rule of your own
#
# **Which function would you like to have?** Choose a function of one number, such as the sine. Write its line in the
# table and its method, and tell the check the name of the method.

# %%
SLOPES["..."] = lambda a: (...,)


def my_function(a):
    return ...


MyValue.my_function = my_function
check.stage15(MyValue, "my_function")

# %% [markdown]
# ## Stage 16: momentum and Adam
#
# **Can a step be better than the gradient?** Let $g$ be the gradient of the parameter $w$ and $\eta$ the learning rate,
# `lr`. *Momentum* keeps a sum $v$ of past gradients, so that it goes on in a direction that has been good for a while:
#
# $$v \leftarrow \beta v + g, \qquad w \leftarrow w - \eta v$$
#
# *Adam* (Kingma and Ba, 2014) keeps a mean $m$ of the gradient and a mean $v$ of its square. Both start at 0, so they
# are too small at first; in step $t = 1, 2, \dots$ they are corrected by a division:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2) g^2$$
#
# $$w \leftarrow w - \eta \, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}$$
#
# All are plain numbers. In the code, $\beta$ is `beta`, $\beta_1$ and $\beta_2$ are `beta1` and `beta2`, and
# $\varepsilon$ is `eps`, a small number that avoids a division by 0.


# %%
def momentum(w, v, g, lr, beta):
    # returns the new w and v
    ...


def adam(w, m, v, g, t, lr, beta1, beta2, eps):
    # returns the new w, m and v
    ...


check.stage16(momentum, adam)

# %%
check.progress()
