"""What a learner's code returns: numbers, lists and functions, or a sentence about what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, NoReturn

from autograd.course.mistakes import mistake
from autograd.course.report import Finding, NotYet
from autograd.course.sandbox import asking
from autograd.engine.checks import text


def refuse(said: str, name: str = "") -> NoReturn:
    """End the check with a sentence, and perhaps a known mistake."""
    raise NotYet(Finding(said, mistake=mistake(name) if name else None))


def named(x: object) -> str:
    """What a learner returned, in words."""
    if x is ...:
        return "the three dots"
    if x is None:
        return "None"
    kind, written = type(x).__name__, text(x)
    return written if kind in written or not isinstance(x, Real | str) else f"{kind} {written}"


def count(n: int, what: str) -> str:
    """A number of things: 1 entry, 2 entries."""
    return f"{n} {what}" if n == 1 else f"{n} {what[:-1]}ies" if what.endswith("y") else f"{n} {what}s"


def unwritten(function: Any) -> bool:
    """Whether a function does nothing yet: its body is three dots, or pass."""
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return code is not None and code.co_code == _nothing_yet.__code__.co_code


def _nothing_yet() -> None: ...


def nothing(x: object) -> str:
    """The mistake if a function returned nothing."""
    return "not written" if x is ... else "no return" if x is None else ""


def number(x: Any, what: str) -> float:
    """A number of the learner's, as a float; ``what`` names it in the answer if it is not a number."""
    if isinstance(x, Real):
        return float(x)
    if nothing(x):
        refuse(f"{what} should be a number, not {named(x)}.", nothing(x))
    advice = "; take its number, .data" if hasattr(x, "data") else ""
    refuse(f"{what} should be a number, not {named(x)}{advice}.")


def listed(x: Any, what: str, length: int | None = None) -> list[Any]:
    """A list or tuple of the learner's."""
    if not isinstance(x, list | tuple):
        entries = "" if length is None else f" of {count(length, 'entry')}"
        refuse(f"{what} should be a list or a tuple{entries}, not {named(x)}.", nothing(x))
    if any(entry is ... for entry in x):
        refuse(f"{what} has the three dots in it.", "not written")
    if length is not None and len(x) != length:
        refuse(f"{what} should have {count(length, 'entry')}, not {len(x)}.")
    return list(x)


def attribute(thing: Any, name: str) -> Any:
    with asking(f".{name} of a {type(thing).__name__}"):
        return getattr(thing, name)


def gradients(nodes: Sequence[Any], names: Sequence[str]) -> list[float]:
    return [number(attribute(node, "grad"), f"{name}.grad") for node, name in zip(nodes, names, strict=True)]


def class_given(kind: Any, call: str) -> None:
    """Refuse everything but a class; ``call`` is how the check is called."""
    if not isinstance(kind, type):
        refuse(f"Give the class itself, without parentheses behind its name: `{call}`.")


def functions_given(functions: Sequence[Any], call: str) -> None:
    """Refuse everything but functions, and functions that do nothing yet."""
    if not all(callable(f) for f in functions):
        refuse(f"Give the functions themselves, without parentheses behind their names: `{call}`.")
    for f in functions:
        if unwritten(f):
            refuse(f"`{f.__name__}` does nothing yet.", "not written")


def method_given(kind: Any, name: str) -> None:
    """Refuse a class without a method, or with one that does nothing yet."""
    with asking(f"{kind.__name__}(1.0)"):
        method = getattr(kind(1.0), name, None)
    if method is None:
        refuse(f"`{kind.__name__}` has no method `{name}`.", "a method is missing")
    if unwritten(method):
        refuse(f"`{name}` does nothing yet.", "not written")


def outputs(answer: Any, length: int, what: str = "model(x)") -> list[Any]:
    """What a network returned, as a list; a single value counts as a list of one."""
    if nothing(answer):
        refuse(f"{what} returned {named(answer)}.", nothing(answer))
    return listed(answer if isinstance(answer, list | tuple) else [answer], what, length)


def numbers_of(values: Sequence[Any], what: str) -> list[float]:
    return [number(attribute(value, "data"), f"{what}[{i}].data") for i, value in enumerate(values)]
