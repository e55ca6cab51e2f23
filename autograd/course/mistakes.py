"""The mistakes that learners make, each with what a teacher says to it."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.course.texts import entries


@dataclass(frozen=True)
class Mistake:
    """A known mistake.

    Attributes:
        name: what it is called.
        said: what it is, why it is wrong, and where to look.
    """

    name: str
    said: str


SAID = entries(
    """
overwritten
    A gradient is overwritten where it should be added. A value that is used twice receives a share from each use, and
    its gradient is the sum of the shares: `x.grad += ...`, not `x.grad = ...`
not topological
    The order is not topological: a node comes before one that uses it. Its gradient would be passed back while a share
    is still missing.
operand before its user
    Only the operands of the result have received something. Either only the result passed back, or the nodes were
    visited from the leaves, whose gradients are still 0. Go through `y.order()`, from the result to the leaves.
visited twice
    A node that is used twice is visited twice. Visit each node once, after all nodes that use it.
a node is missing
    Some nodes of the graph are not visited. The operands of operands belong to it too, down to the leaves.
wrong operand
    This is the slope with respect to the other operand. If `a` grows by 1, `a * b` grows by `b`: the slope of a product
    with respect to one factor is the other factor.
slope at the wrong value
    This is not the slope of the operation at this number. Often the right formula gets the wrong number: the result
    instead of the operand, or the other way round. (The slope of exp is `exp(a)` itself, the slope of tanh is `1 -
    tanh(a) ** 2`.)
sign
    The sign of the second slope is wrong: if `b` grows, `a - b` and `a / b` fall.
not multiplied
    This is the local slope alone. The chain rule multiplies it by the gradient of the node: `slope * z.grad`.
added
    The slope and the gradient of the node are added here. The chain rule multiplies them.
data for gradient
    The slope is multiplied by the number of the node, `z.data`. It has to be `z.grad`, the gradient of the node.
no start
    Every gradient is 0. Is the gradient of `y` set to 1? And is that the last thing before the loop, after all others
    are set to 0?
starts with the number
    The pass starts with the number of the result. It has to start with 1, the slope of the result with respect to
    itself.
one operand
    Only one operand receives a share. An operation with two operands has two slopes.
constant
    The slope next to a plain number is wrong. If `x` grows by 1, `x * 3` grows by 3: a constant that is added drops out
    of the slope, one that multiplies stays, and itself it gets no gradient.
slope is 1
    The operation is passed through as if its slope were 1.
stale
    Gradients of an earlier backward pass are still in the inner nodes, and are passed on again. Leaves keep what they
    have received; every other node has to start from 0.
not accumulated
    The gradients of an earlier backward pass are lost. Leaves add up what they receive from several results, so that
    the gradients of several examples become their sum.
recursion limit
    The code is right for small graphs, but it calls itself once for each node on a path, and Python allows about 1,000
    calls inside one another. Use a list of what is still to be done instead.
every path
    It takes too long: a value that is used twice is entered twice, its operands four times, and so on. Remember in a
    set which nodes you have seen.
endless
    The code does not end. Look at the loop: does what it waits for ever happen? Does the list of what is left ever
    become empty?
operands are lost
    `args` has to hold all operands, in order: for `a * b` it is `(a, b)`, for `a + a` it is `(a, a)`.
nothing passed on
    The gradients of the operands have not changed. Is the share stored in `x.grad`, for each operand `x`?
first derivative
    These are the first derivatives. Differentiate once more.
slope without a graph
    These are all 0: the slope was a plain number, and a plain number does not change with `x`. It has to be a `MyValue`
    with a graph, or you compare it at two points.
inaccurate
    These are nearly right. A step `h` that is too large misses the curve, and one that is too small is lost in the
    rounding; use both sides, `x + h` and `x - h`, with `h` near 0.0001.
nothing is shared
    No computed value is used twice, so that each is complete when it is met.
right by luck
    A value is used twice, but at the same distance from the result, or what is visited too early has no operands to
    pass anything on to.
own slope
    The slope does not fit the function. Check the derivative, and at which number it is computed.
equal weights
    Neurons that start equal stay equal: they receive equal gradients. Draw each weight at random.
shared neurons
    Several neurons are one and the same object: `[Neuron(n)] * 3` is three times one neuron. Make each on its own:
    `[Neuron(n) for _ in range(3)]`.
biases are missing
    The list of parameters has no biases, so that no step would change them.
parameters are missing
    The list of parameters is not complete, or has other objects in it, so that some weights would never learn.
listed twice
    A parameter is listed more than once, so that a step would change it more than once.
tanh in the last layer
    The last layer has a tanh too, so that no output can be above 1. It should be linear.
no tanh
    There is no tanh in the hidden layers. Without a bend between them, several layers are no more than one.
no bias
    The bias is left out: a neuron is `tanh(w . x + b)`.
bias for each product
    The bias is added once for each product. It is added once for the neuron.
loss not averaged
    This is the sum over the examples. The mean is the sum divided by their number; otherwise twice as many examples
    would take twice as large steps.
last example only
    Only the last example counts: the sum has to start before the loop, and grow in it.
signed difference
    The errors are not squared, so that errors of different signs cancel.
absolute difference
    This is the mean of the absolute errors; asked for is that of the squares.
root of the mean
    This is the root of the mean squared error. Leave the root away.
halved
    This is half of the mean. A factor of 1/2 is a matter of taste in the books; here it is the mean itself.
zero_grad forgotten
    The first step is right, the second is not: it used the sum of both gradients. Gradients accumulate, so set them to
    0 before each backward pass.
uphill
    The step goes up: the gradient shows where the loss grows. Subtract it.
nothing changed
    No parameter has changed. `p = p - ...` only gives the name p to another number; write `p.data -= ...`
no learning rate
    The step is the gradient itself; multiply it by the learning rate `lr`.
sign only
    Only the sign of the gradient is used. Where the loss is steep, the step should be large.
gradient of the sum
    The step is as many times too large as there are examples: its loss is not averaged.
old gradient
    The second step used the gradient of the first: compute the loss again before each step.
diverged
    The numbers grew without end: the learning rate is too large.
not learned
    A straight line gets about 88 %. To do better, the network needs time: more passes over the data, or a larger
    learning rate; and every example should be seen in each pass.
training too slow
    The training took too long: fewer passes should do. 100 passes with batches of 10 take seconds.
examples twice
    An example occurs twice in one pass over the data.
last batch dropped
    The last batch, which is smaller, is left out, and so are its examples.
examples are missing
    Some examples occur in no batch.
batch sizes
    The batches have other sizes: each should have four examples, and the last what is left.
not shuffled
    The order is always that of the data. If it is sorted by class, each batch sees one class only.
shuffled once
    The order is random, but always the same one: shuffle in each call, without fixing the seed there.
overflow
    exp of 1,000 is too large for a float. Subtract the largest logit from all of them first.
not normalized
    The numbers do not add up to 1: divide each by the sum of all.
exp is missing
    The logits are divided by their sum. They may be negative; exp makes them positive first.
divided by the largest
    Each power is divided by the largest one, and not by the sum of all.
sign of the logarithm
    The logarithm of a probability is negative: the loss is minus the logarithm.
logarithm is missing
    The loss is minus the logarithm of the probability, which is large where the model is sure and wrong.
all classes
    All classes count here. Only the probability of the target does.
wrong class
    This is the probability of another class.
entropy
    This is the entropy of the probabilities, whatever the target is.
gradients cancel
    Gradients of different signs cancel in a mean. Square them first.
biases included
    The biases are counted as well; asked for are the weights.
mean of the absolute values
    This is the mean of the absolute values. It tells much the same; asked for is the root mean square.
root is missing
    This is the mean square; its root is missing.
norm
    This is the root of the sum of the squares, which grows with the number of weights. Divide by their number first.
averaged
    This is a mean, with the factor `1 - beta` before g, as in Adam. Here momentum is `v = beta v + g`.
old velocity
    `w` is changed by the old `v`. First the new `v`, then `w`.
not remembered
    This is gradient descent without momentum: the old `v` does not count.
no bias correction
    `m` and `v` start at 0, so they are too small at first. Divide them by `1 - beta1^t` and `1 - beta2^t`.
no root
    The root is missing: the step is divided by the square root of `v`.
corrected moments are kept
    The corrected `m` and `v` are returned. Return the `m` and `v` that are not divided; the correction is made anew in
    each step.
wrong way round
    The list is right, but the wrong way round: it begins with the leaves. Turn it round at the end: `nodes[::-1]`.
numbers are kept
    `args` holds plain numbers. Keep the `MyValue` objects themselves: `(self, other)`.
calls itself
    The function calls itself again and again: inside the function for `-`, the sign `-` calls that function once more.
    Use what you already have: plain numbers (`self.data + other.data`), or operations of earlier stages.
always the same
    These slopes are the same for all numbers. Write them with `a` and `b`, since they depend on them.
slope of a sum
    If one operand of a sum grows by 1, the sum grows by 1, whatever the numbers are: both slopes are 1.
goes on
    Only the operands of `z` receive something here, not the operands of those. Going on is the work of `backward()`, in
    stage 5.
data of the operand
    The slope is multiplied by the number of the operand. It has to be `z.grad`, the gradient of the node.
nothing passed back
    Only the result has a gradient. Is `pass_back()` called for the nodes, with the parentheses?
always the result
    The result passes back again and again, and the other nodes never. In the loop `for z in ...`, it is the turn of
    `z`.
stops early
    The pass stops after the operands of the result. Go through all nodes of `y.order()`.
power rule
    The slope of `a ** n` is `n * a ** (n - 1)`: the exponent comes down as a factor, and becomes one less.
swapped
    The operands are swapped: `a - b` is not `b - a`. For `2 - a` Python calls `__rsub__`, with `a` first.
no line in the table
    There is no line for this operation in `SLOPES`. Add one, or make the operation from others that have one.
a plain number
    In the table `a` and `b` are plain numbers, not `MyValue` objects: write `a`, not `a.data`, and `math.tanh(a)`, not
    `a.tanh()`.
comma is missing
    A tuple of one entry needs a comma: `(a,)`, `(slope,)`.
f of a number
    A plain number was given where a `MyValue` is needed: call `f(MyValue(x))`.
compare numbers
    `MyValue` objects cannot be compared; compare their numbers: `max(z.data for z in logits)`.
a method is missing
    The class has no such method (yet). If you ran the cell of stage 1 again, the class is a new one: run the cells
    after it again.
numbers are listed
    The list holds numbers. List the `MyValue` objects, so that a step can change them.
lists in the list
    The list holds lists. Make one flat list, of all weights and biases of all neurons of all layers.
no gradients
    All gradients were 0 when the parameters changed. Is `loss.backward()` called, after the gradients are set to 0 and
    before the change?
loss after the step
    This is the loss after the step. Return the loss before it: you have it already.
first example only
    Only the first example counts. Is the `return` inside the loop? It belongs after it.
the model did not change
    The parameters of the given model are the same as before. Train `model` itself, not a new one.
no such example
    There are numbers in the batches that belong to no example: they go from 0 to `n - 1`.
not a list of lists
    Each batch should be a list of numbers of examples.
logarithm of zero
    The probability is so small that it is 0 as a float, and 0 has no logarithm. Take the logarithm of the fraction by
    hand: it is a difference, and needs no division.
not squared
    `v` is the mean of the squares: `g * g`.
eps inside the root
    `eps` is added to the root, not under it.
no return
    The function returned None: it is still to be written, or its return is missing. (`list.reverse()` and `list.sort()`
    return None, too.)
not written
    This is still to be written: replace the three dots.
"""
)


def mistake(name: str) -> Mistake:
    """A mistake by its name."""
    return Mistake(name, " ".join(SAID[name].split()))
