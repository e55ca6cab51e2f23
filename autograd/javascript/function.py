"""A graph as one JavaScript function."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from autograd.engine.checks import describe
from autograd.engine.value import Value
from autograd.javascript.writing import ATOM, RESERVED, Writer, helpers, number

FEW = 12  # so many inputs or parameters have names of their own; where there are more, they are x[0], x[1], ...


def to_javascript(
    outputs: Value | Iterable[Value], inputs: Iterable[Value], parameters: Iterable[Value] = (), name: str = "f"
) -> str:
    """A graph as a JavaScript function of the numbers of some leaves.

    The function takes an array with a number for each input and, if there are parameters, an array with a number for
    each of them.  It returns the number of the output, or an array with the number of each.  It needs no library.
    Other leaves are constants: they keep the numbers that they have now.

    Arguments:
        outputs: the Value, or the Values, to compute.
        inputs, parameters: leaves.
        name: the name of the function.

    Raises:
        TypeError: an argument is not a Value.
        NoJavaScriptError: an operation of your own has no array form; it is a TypeError.
        ValueError: an input or a parameter is not a leaf or is given twice, or the name is not one of a function.

    >>> x, w = Value(2.0, "x"), Value(3.0, "w")
    >>> print(to_javascript((w * x).tanh() + 1.0, inputs=[x], parameters=[w]))
    function f(inputs, parameters) {
      const [x] = inputs;
      const [w] = parameters;
      return Math.tanh(w * x) + 1;
    }
    """
    ends = _values([outputs] if isinstance(outputs, Value) else outputs, "an output")
    given = {"inputs": _values(inputs, "an input"), "parameters": _values(parameters, "a parameter")}
    return function(ends, given, {}, name, single=isinstance(outputs, Value))


def gradient_function(
    outputs: Sequence[Value], given: Mapping[str, list[Value]], constants: Mapping[Value, float], mean: bool
) -> str:
    """The value and the gradient of a loss over a batch, as a JavaScript function ``value_and_grad``.

    Arguments:
        outputs: the loss of one example, and its derivative by each parameter.
        given, constants: as for ``function``.
        mean: return the mean over the batch, else the sum.
    """
    one = function(outputs, given, constants, "of_example", single=False)
    size = " / batch.length" if mean else ""
    call = "of_example(inputs, parameters)" if given["parameters"] else "of_example(inputs)"
    return f"""{one}

function value_and_grad(batch, parameters) {{
  let value = 0;
  const gradient = parameters.map(() => 0);
  for (const inputs of batch) {{
    const found = {call};
    value += found[0];
    for (let i = 0; i < gradient.length; i += 1) gradient[i] += found[i + 1];
  }}
  return {{ value: value{size}, gradient: gradient.map((x) => x{size}) }};
}}"""


def function(
    outputs: Sequence[Value],
    given: Mapping[str, list[Value]],
    constants: Mapping[Value, float],
    name: str,
    single: bool,
) -> str:
    """The function, after those that it calls.

    Arguments:
        outputs: the nodes to compute.
        given: the leaves whose numbers are passed, by the names of the arrays: inputs, and parameters.
        constants: the numbers of other leaves, where they are not those that the leaves have now.
        name: the name of the function.
        single: return one number instead of an array.
    """
    if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) or name in RESERVED or name in helpers():
        raise ValueError(f"the name of a JavaScript function is letters, digits and _, not {name!r}")
    leaves = [leaf for part in given.values() for leaf in part]
    for leaf in leaves:
        if leaf.op is not None:
            raise ValueError(f"inputs and parameters are leaves, not the result of {leaf.op.name}")
    if len(set(leaves)) < len(leaves):
        raise ValueError("a leaf is given twice among the inputs and parameters")
    arrays = [array for array, part in given.items() if part or array == "inputs"]
    names: dict[Value, str] = {}
    head = []
    for array in arrays:
        labels = [leaf.label for leaf in given[array]]
        if 0 < len(labels) <= FEW and _are_names(labels, {*names.values(), name, *helpers(), *RESERVED}):
            names |= dict(zip(given[array], labels, strict=True))
            head.append(f"  const [{', '.join(labels)}] = {array};")
        else:
            names |= {leaf: f"{array}[{i}]" for i, leaf in enumerate(given[array])}
    writer = Writer({name, *names.values()})
    fixed = {leaf: number(x).at(ATOM) for leaf, x in constants.items()}
    lines, results = writer.statements(outputs, {**fixed, **names})
    end = results[0] if single else f"[{', '.join(results)}]"
    body = [f"function {name}({', '.join(arrays)}) {{", *head, *lines, f"  return {end};", "}"]
    return "\n".join([*writer.functions.values(), *body])


def _are_names(labels: Sequence[str], taken: set[str]) -> bool:
    """Whether all labels can be names of different constants."""
    return len(set(labels)) == len(labels) and all(
        re.fullmatch(r"[A-Za-z_]\w*", label, re.ASCII) and not re.fullmatch(r"t\d+", label) and label not in taken
        for label in labels
    )


def _values(given: Iterable[Value], what: str) -> list[Value]:
    found = list(given)
    for value in found:
        if not isinstance(value, Value):
            raise TypeError(f"{what} must be a Value, not {describe(value)}")
    return found
