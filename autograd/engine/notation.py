"""How operations, numbers and nodes are written, in texts and in pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from itertools import count
from typing import Any

from autograd.engine import rules
from autograd.engine.checks import describe
from autograd.engine.op import Op

Node = Any  # as in graph.py

# ---------------------------------------------------------------------------------------------------------- operations

INFIX: dict[Op, str] = {rules.add: "+", rules.sub: "-", rules.mul: "*", rules.div: "/", rules.pow: "**"}

# Operations that are not listed are written by name.
PICTURE: dict[Op, str] = {
    rules.add: "+",
    rules.sub: "−",
    rules.mul: "×",
    rules.div: "÷",
    rules.pow: "xʸ",
    rules.neg: "−x",
    rules.pos: "+x",
    rules.abs: "|x|",
    rules.square: "x²",
    rules.reciprocal: "1/x",
    rules.exp: "eˣ",
}
# In MathML, {0} and {1} being the operands.
MATHML: dict[Op, str] = {
    rules.add: "{0}<mo>+</mo>{1}",
    rules.sub: "{0}<mo>−</mo>{1}",
    rules.mul: "{0}<mo>·</mo>{1}",
    rules.div: "<mfrac>{0}{1}</mfrac>",
    rules.pow: "<msup>{0}{1}</msup>",
    rules.neg: "<mo>−</mo>{0}",
    rules.pos: "<mo>+</mo>{0}",
    rules.abs: "<mo>|</mo>{0}<mo>|</mo>",
    rules.square: "<msup>{0}<mn>2</mn></msup>",
    rules.reciprocal: "<mfrac><mn>1</mn>{0}</mfrac>",
    rules.sqrt: "<msqrt>{0}</msqrt>",
    rules.cbrt: "<mroot>{0}<mn>3</mn></mroot>",
    rules.exp: "<msup><mi>e</mi>{0}</msup>",
}
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def formula(op: Op, operands: Sequence[str]) -> str:
    """An operation on these operands, in Python's notation.

    >>> formula(rules.mul, ["a", "b"]), formula(rules.tanh, ["a"])
    ('a * b', 'tanh(a)')
    """
    return f" {INFIX[op]} ".join(operands) if op in INFIX else f"{op.name}({', '.join(operands)})"


def in_picture(op: Op, constants: Sequence[float | None] = ()) -> str:
    """The symbol of an operation in a picture, with its constant operands.

    Arguments:
        op: the operation.
        constants: for each operand its number, if it is a constant; else None.

    >>> in_picture(rules.mul), in_picture(rules.mul, [None, 0.5]), in_picture(rules.pow, [None, 2.0])
    ('×', '× 0.5', 'x²')
    """
    if all(x is None for x in constants):
        return PICTURE.get(op, op.name)
    texts = ["" if x is None else short(x) for x in constants]
    if op is rules.pow:
        if constants[1] is None:
            return f"{texts[0]}ˣ"
        return f"x{texts[1].translate(RAISED)}" if re.fullmatch(r"-?\d{1,3}", texts[1]) else f"x^{texts[1]}"
    if op in (rules.add, rules.mul):
        return f"{PICTURE[op]} {texts[0] or texts[1]}"
    if op in (rules.sub, rules.div):
        return f"{PICTURE[op]} {texts[1]}" if texts[1] else f"{texts[0]} {PICTURE[op]} x"
    letters = iter("xyz" if len(constants) < 4 else [f"x{i}" for i in range(len(constants))])
    return f"{op.name}({', '.join(text or next(letters) for text in texts)})"


def in_mathml(op: Op) -> str:
    """An operation as a template in MathML, with {0}, {1}, ... for its operands.

    >>> in_mathml(rules.tanh)
    '<mi>tanh</mi><mo>(</mo>{0}<mo>)</mo>'
    """
    operands = "<mo>,</mo>".join(f"{{{i}}}" for i in range(len(op.partials)))
    name = escape(op.name).replace("{", "").replace("}", "")
    return MATHML.get(op) or f"<mi>{name}</mi><mo>(</mo>{operands}<mo>)</mo>"


# ------------------------------------------------------------------------------------------------------------- numbers


def short(x: float) -> str:
    """A number with four significant digits, as in all pictures and explanations.

    >>> short(0.2256178), short(-3.0), short(0.0000010983)
    ('0.2256', '-3', '1.098e-06')
    """
    return f"{x:.4g}"


# --------------------------------------------------------------------------------------------------------------- names


class Names:
    """A name for each node of a graph: its label, or v1, v2, ... if it has none.

    A label that several nodes share is made unique with the numbers in the node's scope, or with an apostrophe.

    Arguments:
        order: the nodes in topological order; the last is the output.
        last: the name of the output if it has no label, and no other node has this one.
    """

    def __init__(self, order: Sequence[Node], last: str = "y") -> None:
        labels = {node: "".join(c if c.isprintable() else "·" for c in node.label) for node in order if node.label}
        times = Counter(labels.values())
        self.text: dict[Node, str] = {}
        end = labels.get(order[-1], "" if last in times else last)
        used = {label for label, n in times.items() if n == 1} | {end}
        unlabelled = (name for i in count(1) if (name := f"v{i}") not in used)
        for node, label in labels.items():
            name = label
            if times[label] > 1 and node is not order[-1]:
                place = re.findall(r"\d+", node.scope)
                name = f"{label}[{','.join(place)}]" if place else label
                while name in used:
                    name += "'"
                used.add(name)
            self.text[node] = name
        if end:
            self.text[order[-1]] = end
        self.text.update(zip([node for node in order if node not in self.text], unlabelled, strict=False))

    def __getitem__(self, node: Node) -> str:
        return self.text[node]

    def latex(self, node: Node) -> str:
        """The name in LaTeX, e.g. W_{1} for W1."""
        name = self.text[node]
        match = re.fullmatch(r"([^\W\d_])_?([^\W_]*)", name)
        if match:
            return f"{match[1]}_{{{match[2]}}}" if match[2] else match[1]
        escaped = re.sub(r"([#$%&_{}])", r"\\\1", name)
        safe = re.sub(r"\\(?![#$%&_{}])|[\^~]", " ", escaped)
        return rf"\text{{{safe}}}"


def label_variables(variables: Mapping[str, Any]) -> None:
    """Label Values with the names of the variables that hold them: ``label_variables(locals())``.

    Pictures and explanations then use these names.  Labels that are set stay.  A list ``x`` gives ``x[0]``, ``x[1]``
    and so on; variables whose name begins with an underscore are left out.

    Python does not tell a Value the name of its variable.  Libraries that find it look at the source of the line that
    runs, which takes longer than the operation, and fails in loops, in generated code and where there is no source.  So
    this function is called, once, before a picture.

    Arguments:
        variables: names and what they hold, such as ``locals()``; only Values, and lists and tuples of Values, count.

    Raises:
        TypeError: it is not a dictionary.

    >>> from autograd import Value
    >>> x, w = Value(2.0), Value(3.0)
    >>> z = x * w
    >>> label_variables({"x": x, "w": w, "z": z})
    >>> z
    Value(data=6.0, grad=-, label='z')
    """
    if not isinstance(variables, Mapping):
        raise TypeError(f"label_variables needs a dictionary such as locals(), not {describe(variables)}")
    for name, thing in list(variables.items()):
        held = {name: thing}
        if isinstance(thing, list | tuple):
            held = {f"{name}[{i}]": entry for i, entry in enumerate(thing)}
        for label, value in held.items():
            if hasattr(value, "_apply") and not value.label and not label.startswith("_"):
                value.label = label
