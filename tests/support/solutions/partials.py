"""Stages 1 to 7, 12 and 15 solved with tuples: each node keeps its operands with their partial derivatives."""

import math


# %% stage 1
class MyValue:
    def __init__(self, data, pairs=(), op=""):
        self.data = data
        self.pairs = tuple(pairs)  # (operand, slope)
        self.op = op
        self.grad = 0

    @property
    def args(self):
        return tuple(x for x, _ in self.pairs)

    def slopes(self):
        return tuple(slope for _, slope in self.pairs)

    @staticmethod
    def of(x):
        return x if isinstance(x, MyValue) else MyValue(x)

    def __add__(self, other):
        other = MyValue.of(other)
        return MyValue(self.data + other.data, [(self, 1), (other, 1)], "+")

    def __sub__(self, other):
        other = MyValue.of(other)
        return MyValue(self.data - other.data, [(self, 1), (other, -1)], "-")

    def __mul__(self, other):
        other = MyValue.of(other)
        return MyValue(self.data * other.data, [(self, other.data), (other, self.data)], "*")

    def __truediv__(self, other):
        other = MyValue.of(other)
        z = self.data / other.data
        return MyValue(z, [(self, 1 / other.data), (other, -z / other.data)], "/")

    def __pow__(self, n):
        return MyValue(self.data**n, [(self, n * self.data ** (n - 1))], f"**{n}")

    def __neg__(self):
        return MyValue(-self.data, [(self, -1)], "neg")

    def __radd__(self, other):
        return MyValue.of(other) + self

    def __rsub__(self, other):
        return MyValue.of(other) - self

    def __rmul__(self, other):
        return MyValue.of(other) * self

    def __rtruediv__(self, other):
        return MyValue.of(other) / self

    def tanh(self):
        t = math.tanh(self.data)
        return MyValue(t, [(self, 1 - t * t)], "tanh")

    def exp(self):
        e = math.exp(self.data)
        return MyValue(e, [(self, e)], "exp")

    def log(self):
        return MyValue(math.log(self.data), [(self, 1 / self.data)], "log")

    def pass_back(self):
        for x, slope in self.pairs:
            x.grad += slope * self.grad

    def order(self):
        uses = {self: 0}
        stack = [self]
        while stack:
            for x, _ in stack.pop().pairs:
                if x not in uses:
                    uses[x] = 0
                    stack.append(x)
                uses[x] += 1
        found = [self]
        for z in found:
            for x, _ in z.pairs:
                uses[x] -= 1
                if uses[x] == 0:
                    found.append(x)
        return found

    def backward(self):
        nodes = self.order()
        for z in nodes:
            if z.pairs:
                z.grad = 0
        self.grad += 1
        for z in nodes:
            z.pass_back()


# %% stage 12
def slope_at(f, x):
    a = MyValue(x)
    f(a).backward()
    return a.grad


def second_derivative(f, x):
    return (slope_at(f, x + 3e-5) - slope_at(f, x - 3e-5)) / 6e-5


# %% stage 15
def my_function(self):
    root = math.sqrt(self.data)
    return MyValue(root, [(self, 0.5 / root)], "sqrt")


MyValue.my_function = my_function
