"""The checks of the course: right solutions pass, and each wrong one is recognized."""

from __future__ import annotations

import re

import pytest
from course import CHECK, STYLES, cells, run, solutions, solved

from autograd.course.mistakes import SAID
from autograd.course.report import Report
from autograd.course.syllabus import STAGES
from autograd.lessons import check


@pytest.mark.parametrize("style", STYLES)
def test_right_solutions_pass(style: str) -> None:
    reports = run(solved(style))
    assert list(reports) == list(range(1, len(STAGES) + 1))
    for report in reports.values():
        assert report, str(report)
        assert report.mistake == ""
    assert str(check.progress()).startswith(f"{len(STAGES)} of {len(STAGES)} stages passed")


def test_the_notebook_as_it_is_given_out() -> None:
    """No cell raises, and each says what is to be done."""
    reports = run(cells())
    assert len(reports) == len(STAGES)
    for number, report in reports.items():
        assert not report
        assert report.mistake == "not written", f"{number} {report}"
        assert "Traceback" not in str(report)
        assert "The check itself" not in str(report)


# Other solutions of a stage, each with a mistake.
BREADTH = """
def order(y):
    found = [y]
    for z in found:
        for x in z.args:
            if x not in found:
                found.append(x)
    return found

MyValue.order = order"""
RECURSION = """
def order(y):
    done, seen = [], set()
    def visit(z):
        if z not in seen:
            seen.add(z)
            for x in z.args:
                visit(x)
            done.append(z)
    visit(y)
    return done[::-1]

MyValue.order = order"""
PATHS = """
def order(y):
    done = []
    def visit(z):
        for x in z.args:
            visit(x)
        if z not in done:
            done.append(z)
    visit(y)
    return done[::-1]

MyValue.order = order"""
EACH_PATH = """
def backpropagate(y):
    y.grad = 1.0
    def visit(z):
        for x, slope in zip(z.args, z.slopes()):
            x.grad += z.grad * slope
            visit(x)
    visit(y)

MyValue.backward = backpropagate"""
ENDLESS = """
def order(y):
    found = [y]
    while True:
        found.append(y)
        found.pop()

MyValue.order = order"""

ENTROPY = "def cross_entropy(logits, target):\n"

# The stage, what is changed in its solution (a piece of code, or all of it, and what replaces it), and the mistake that
# is found.
WRONG = [
    (1, '(self, other), "*"', '(self,), "*"', "operands are lost"),
    (1, '(self, other), "+"', '(self.data, other.data), "+"', "numbers are kept"),
    (1, "return MyValue(self.data * other.data", "MyValue(self.data * other.data", "no return"),
    (2, "(b, a)", "(a, b)", "wrong operand"),
    (2, "(b, a)", "(a * b, a * b)", "slope at the wrong value"),
    (2, "(b, a)", "(1.0, 1.0)", "slope is 1"),
    (2, "(b, a)", "(3.0, 2.0)", "always the same"),
    (2, "(1.0, 1.0)", "(a, b)", "slope of a sum"),
    (2, "MyValue.slopes = slopes", "", "a method is missing"),
    (2, "(b, a)", "(..., ...)", "not written"),
    (3, "x.grad += z.grad * slope", "x.grad += slope", "not multiplied"),
    (3, "x.grad += z.grad * slope", "x.grad += z.grad + slope", "added"),
    (3, "x.grad += z.grad * slope", "x.grad += z.data * slope", "data for gradient"),
    (3, "x.grad += z.grad * slope", "share = z.grad * slope", "nothing passed on"),
    (3, "zip(z.args, z.slopes())", "zip(z.args[::-1], z.slopes())", "wrong operand"),
    (3, "zip(z.args, z.slopes())", "zip(z.args[:1], z.slopes())", "one operand"),
    (3, "x.grad += z.grad * slope", "x.grad += x.data * slope", "data of the operand"),
    (3, "x.grad += z.grad * slope", "x.grad += z.grad * slope\n        x.pass_back()", "goes on"),
    (3, "", "def pass_back(z):\n    ...\n\nMyValue.pass_back = pass_back", "not written"),
    (4, "done[::-1]", "done", "wrong way round"),
    (4, "elif z not in seen:", "else:", "visited twice"),
    (4, "return done[::-1]", "return [y]", "a node is missing"),
    (4, "", BREADTH, "not topological"),
    (4, "", RECURSION, "recursion limit"),
    (4, "", PATHS, "every path"),
    (4, "", ENDLESS, "endless"),
    (5, "in y.order()", "in reversed(y.order())", "operand before its user"),
    (5, "y.grad = 1.0", "y.grad = y.data", "starts with the number"),
    (5, "y.grad = 1.0", "pass", "no start"),
    (5, "z.pass_back()", "z.pass_back", "nothing passed back"),
    (5, "z.pass_back()", "y.pass_back()", "always the result"),
    (5, "in y.order()", "in [y, *y.args]", "stops early"),
    (5, "for z in y.order():\n        z.pass_back()", "y.pass_back()", "operand before its user"),
    (6, "x.grad += z.grad * slope", "x.grad = z.grad * slope", "overwritten"),
    (6, "def backpropagate(y):", BREADTH + "\n\ndef backpropagate(y):", "not topological"),
    (6, "", EACH_PATH, "visited twice"),
    (6, "if z.args:", "if True:", "not accumulated"),
    (6, "y.grad += 1.0", "y.grad = 0.0", "no start"),
    (6, "z.grad = 0.0", "pass", "stale"),
    (6, "z.grad = 0.0", "z.grad *= 0.5", "stale"),
    (7, "1.0 - math.tanh(a) ** 2", "1.0 - a**2", "slope at the wrong value"),
    (7, "(math.exp(a),)", "(a,)", "slope at the wrong value"),
    (7, "(math.exp(a),)", "(1.0,)", "slope is 1"),
    (7, "n * x ** (n - 1)", "0.0", "constant"),
    (7, "n * x ** (n - 1)", "n * x", "power rule"),
    (7, "n * x ** (n - 1)", "x ** (n - 1)", "power rule"),
    (7, "1.0 - math.tanh(a) ** 2,", "1.0 - math.tanh(a.data) ** 2,", "a plain number"),
    (7, "(math.exp(a),)", "(math.exp(a))", "comma is missing"),
    (7, "return a + as_value(b) * -1.0", "return as_value(b) + a * -1.0", "swapped"),
    (7, "return a + as_value(b) * -1.0", "return a - b", "calls itself"),
    (
        7,
        "return a * as_value(b) ** -1",
        'return MyValue(a.data / as_value(b).data, (a, as_value(b)), "/")',
        "no line in the table",
    ),
    (7, "n * x ** (n - 1)", "1.0", "constant"),
    (8, "[Neuron(inputs, has_tanh) for _ in range(outputs)]", "[Neuron(inputs, has_tanh)] * outputs", "shared neurons"),
    (8, "random.uniform(-1.0, 1.0)", "0.5", "equal weights"),
    (8, "has_tanh=i < last", "has_tanh=True", "tanh in the last layer"),
    (8, "has_tanh=i < last", "has_tanh=False", "no tanh"),
    (8, "z = self.b\n", "z = MyValue(0.0)\n", "no bias"),
    (8, "[*neuron.w, neuron.b]", "neuron.w", "biases are missing"),
    (8, "in self.layers for neuron", "in self.layers[1:] for neuron", "parameters are missing"),
    (8, "return [p for layer", "return 2 * [p for layer", "listed twice"),
    (8, "return [p for layer", "return [p.data for layer", "numbers are listed"),
    (8, "for p in [*neuron.w, neuron.b]]", "for p in [neuron.w]]", "lists in the list"),
    (8, "z + w * number", "z + w * number + self.b", "bias for each product"),
    (9, "return total / len(X)", "return total", "loss not averaged"),
    (9, "(model(x)[0] - target) ** 2", "(model(x)[0] - target)", "signed difference"),
    (9, "total = total + ", "total = ", "last example only"),
    (9, "return total / len(X)", "return total / (2 * len(X))", "halved"),
    (9, "return total / len(X)", "return (total / len(X)) ** 0.5", "root of the mean"),
    (9, "p.grad = 0.0", "pass", "zero_grad forgotten"),
    (9, "loss.backward()", "pass", "no gradients"),
    (9, "return loss.data", "return mse(model, X, y).data", "loss after the step"),
    (9, "    return total / len(X)", "        return total / len(X)", "first example only"),
    (9, "p.data -= lr * p.grad", "p.data += lr * p.grad", "uphill"),
    (9, "p.data -= lr * p.grad", "p = p - lr * p.grad", "nothing changed"),
    (9, "p.data -= lr * p.grad", "p.data -= p.grad", "no learning rate"),
    (9, "loss.backward()", "(loss * len(X)).backward()", "gradient of the sum"),
    (9, "p.data -= lr * p.grad", "p.data -= lr if p.grad > 0.0 else -lr", "sign only"),
    (10, "random.shuffle(order)", "pass", "not shuffled"),
    (10, "random.shuffle(order)", "random.Random(0).shuffle(order)", "shuffled once"),
    (10, "range(0, n, size)", "range(0, n - size + 1, size)", "last batch dropped"),
    (10, "range(0, n, size)", "range(0, n, size - 1)", "examples twice"),
    (10, "range(0, n, size)", "range(size, n, size)", "examples are missing"),
    (10, "order[i : i + size] for i in range(0, n, size)", "order[i : i + 2] for i in range(0, n, 2)", "batch sizes"),
    (10, "for epoch in range(100)", "for epoch in range(1)", "not learned"),
    (10, "[order[i : i + size] for", "[list(range(i, i + size)) for", "no such example"),
    (10, "return [order[i", "return order or [order[i", "not a list of lists"),
    (
        10,
        "def train(model, X, y):\n",
        "def train(model, X, y):\n    model = MLP(2, [8, 1])\n",
        "the model did not change",
    ),
    (10, "for i in batch], 0.1)", "for i in batch], 50.0)", "diverged"),
    (11, "largest = max(z.data for z in logits)\n    powers", "largest = 0.0\n    powers", "overflow"),
    (11, "[power / total for power in powers]", "powers", "not normalized"),
    (11, ENTROPY, ENTROPY + "    return -softmax(logits)[target].log()\n", "logarithm of zero"),
    (11, "largest = max(z.data for z in logits)\n    powers", "largest = max(logits)\n    powers", "compare numbers"),
    (11, "[power / total for power in powers]", "[z / sum(logits) for z in logits]", "exp is missing"),
    (11, "- (logits[target] - largest)", "- (logits[-1 - target] - largest)", "wrong class"),
    (11, "return sum((z - largest)", "return -1.0 * sum((z - largest)", ""),
    (
        11,
        "def cross_entropy(logits, target):\n",
        "def cross_entropy(logits, target):\n    return softmax(logits)[target].log()\n",
        "sign of the logarithm",
    ),
    (
        11,
        "def cross_entropy(logits, target):\n",
        "def cross_entropy(logits, target):\n    return -softmax(logits)[target]\n",
        "logarithm is missing",
    ),
    (12, "derivative(derivative(f(a), a), a).data", "derivative(f(a), a).data", "first derivative"),
    (12, "a = MyValue(x)\n    return derivative", "return f(x) or derivative", "f of a number"),
    (12, "gradient[z] * slope", "MyValue((gradient[z] * slope).data)", "slope without a graph"),
    (13, "for w in neuron.w]", "for w in [*neuron.w, neuron.b]]", "biases included"),
    (
        13,
        "math.sqrt(sum(g * g for g in gradients) / len(gradients))",
        "sum(gradients) / len(gradients)",
        "gradients cancel",
    ),
    (13, " / len(gradients)", "", "norm"),
    (13, "math.sqrt", "float", "root is missing"),
    (13, "math.sqrt(sum(g * g for g", "(sum(abs(g) for g", "mean of the absolute values"),
    (14, "b + b * b * b", "b * b", "right by luck"),
    (14, "b + b * b * b", "a * 3.0", "nothing is shared"),
    (15, "(math.cos(a),)", "(math.sin(a),)", "own slope"),
    (16, "v = beta * v + g", "v = beta * v + (1 - beta) * g", "averaged"),
    (16, "v = beta * v + g", "v = g", "not remembered"),
    (16, "return w - lr * v, v", "return w + lr * v, v", "uphill"),
    (16, "    v = beta * v + g\n    return w - lr * v, v", "    return w - lr * v, beta * v + g", "old velocity"),
    (
        16,
        "step = (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + eps)",
        "step = m / (math.sqrt(v) + eps)",
        "no bias correction",
    ),
    (16, "math.sqrt(v / (1 - beta2**t))", "v / (1 - beta2**t)", "no root"),
    (16, "math.sqrt(v / (1 - beta2**t)) + eps", "math.sqrt(v / (1 - beta2**t) + eps)", "eps inside the root"),
    (16, "(1 - beta2) * g * g", "(1 - beta2) * g", "not squared"),
    (16, "step = (m / (1 - beta1**t))", "m, v = m / (1 - beta1**t), v / (1 - beta2**t)\n    step = m", ""),
]


def wrong(number: int, old: str, new: str) -> Report:
    """The report of a stage whose solution is changed; the stages before it are solved."""
    sources = solved("table")
    solution = solutions("table")[number]
    assert not old or solution.count(old) >= 1, old
    changed = solution.replace(old, new) if old else new
    before = [source for source in sources if not CHECK.search(source) or int(CHECK.search(source)[1]) < number]
    (here,) = [source for source in sources if re.search(rf"^check.stage{number}\(", source, re.MULTILINE)]
    report = run([*map(without_check, before), here.replace(solution, changed)])[number]
    assert isinstance(report, Report)
    return report


def without_check(source: str) -> str:
    return CHECK.sub("", source)


@pytest.mark.parametrize(
    ("number", "old", "new", "name"), WRONG, ids=[f"{w[0]} {w[3]} {i}" for i, w in enumerate(WRONG)]
)
def test_a_wrong_solution_is_recognized(
    number: int, old: str, new: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in ("every path", "endless"):
        monkeypatch.setattr("autograd.lessons.check.SECONDS", 1.0)
    report = wrong(number, old, new)
    assert not report
    assert "The check itself" not in str(report)
    assert report.mistake == name, str(report)
    assert name == "" or " ".join(SAID[name].split()) in str(report)
