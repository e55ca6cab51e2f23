"""The command ``python -m autograd``: the value, gradients and picture of an expression."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence

from autograd.command.expression import FUNCTIONS, assignment, evaluate
from autograd.engine import Value, topological_order
from autograd.functional import GradientError, check_grads
from autograd.output.files import in_words
from autograd.picture.picture import draw, kind_of

EXAMPLES = f"""examples:
  python -m autograd "x**2 + 3*x" x=2
  python -m autograd "(x + y) * z" x=-2 y=5 z=-4 -o circuit.svg
  python -m autograd "tanh(x1*w1 + x2*w2 + b)" x1=2 x2=0 w1=-3 w2=1 b=6.8813735870195432 -o neuron.svg

functions:
  {" ".join(sorted(FUNCTIONS))}
"""
WORK = 2_000_000  # variables times nodes; central differences for these take about five seconds
OPTIONS = ("-h", "--help", "-o", "--output", "--partials")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m autograd",
        description="Evaluate an expression and its derivative with respect to every variable.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("expression", help="numbers, names, + - * / ** and functions")
    parser.add_argument("variables", nargs="*", metavar="NAME=NUMBER", help="a value for each name")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the graph to a .svg, .png, .pdf or .dot file")
    parser.add_argument("--partials", action="store_true", help="show the local derivatives in the picture")
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0].startswith("-") and not given[0].startswith("--") and given[0] not in OPTIONS:
        given[0] = f"({given[0]})"  # an expression that begins with a minus is not an option
    options = parser.parse_intermixed_args(given)
    try:
        run(options)
    except (ValueError, TypeError, ArithmeticError, OSError, ImportError, RuntimeError) as error:
        print(f"error: {in_words(error)}", file=sys.stderr)
        return 2
    return 0


def run(options: argparse.Namespace) -> None:
    """Evaluate the expression, print the table, and write the picture."""
    if options.output:
        kind_of(options.output)
    elif options.partials:
        raise ValueError("--partials needs a picture; add -o FILE")
    variables: dict[str, Value | float] = {}
    for text in options.variables:
        name, number = assignment(text)
        if name in variables:
            raise ValueError(f"{name!r} is given twice")
        variables[name] = Value(number, name)
    y = evaluate(options.expression, variables)
    if not isinstance(y, Value):
        y = Value(y)
    y.backward()
    print(f"value  {y.data!r}")
    inputs = [x for x in variables.values() if isinstance(x, Value)]
    if inputs:
        print_gradients(y, inputs)
    if options.output:
        path = draw(y, partials=options.partials).save(options.output)
        print(f"\nwrote {path}")


def print_gradients(y: Value, inputs: list[Value]) -> None:
    """A line for each variable: its value, its gradient, and the central difference."""
    nodes = topological_order(y)
    read = set(nodes)
    used = [x for x in inputs if x in read]
    checked = used[: max(1, WORK // len(nodes))]  # each evaluates the whole expression again
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the table shows the warnings
        try:
            rows = check_grads(y, nodes=checked).rows
        except GradientError as error:  # differences are inaccurate where a function is steep; show them anyway
            rows = error.report.rows
    report = {row.node: row for row in rows}
    width = max(8, *(len(x.label) for x in inputs))
    print(f"\n{'variable':<{width}}  {'value':>22}  {'gradient':>22}  {'central difference':>22}")
    for x in inputs:
        row = report.get(x)
        difference = f"{row.difference:>22.12g}" if row else f"{'-' if x in read else 0.0:>22}"
        note = f"  {row.note}" if row and row.note else ""
        if not row:
            note = "  not computed: the expression is long" if x in read else "  not in the expression"
        print(f"{x.label:<{width}}  {x.data:>22.15g}  {x.grad:>22.15g}  {difference}{note}")
