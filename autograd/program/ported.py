"""A program as a pure function of another array library."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from autograd.engine.checks import describe
from autograd.program.libraries import LIBRARIES, Library
from autograd.program.plan import Objective, Plan
from autograd.program.source import source


class Ported:
    """A program as a pure function of arrays of another library; see ``Program.to``.

    Arguments:
        plan: the plan of the program.
        library: the library.
        objective: for a program with a gradient; None for others.
        single: whether there is a single output.

    Attributes:
        library: the library.
        source: the code of the function.
        function: the function ``f(inputs, parameters)`` that the code defines, where ``inputs`` has a row for each.

    Raises:
        MissingError: the library lacks an operation; the message names it.
        ImportError: the library is not installed; the message names the extra that installs it.
    """

    def __init__(self, plan: Plan, library: Library, objective: Objective | None, single: bool) -> None:
        self.library = library
        self._made_from = plan, library, objective, single
        self._inputs, self._parameters, self._single, self._objective = plan.inputs, plan.parameters, single, objective
        name = "program" if objective is None else "value_and_grad"
        self.source = source(plan, name, objective, library)
        names: dict[str, Any] = {}
        exec(compile(self.source, f"<{name} for {library.name}>", "exec"), names)
        self.function: Callable[..., Any] = names[name]
        self._xp = library.namespace()

    def __call__(self, parameters: Any, *inputs: Any) -> Any:
        """The outputs, or the loss and its gradient, as arrays of the library.

        Arguments:
            parameters: an array with a number for each parameter; an empty one if there are none.
            inputs: for each input an array of shape (B,); or for k inputs an array of shape (k, B).

        Returns:
            An array of shape (B,) for each output, in a list if there are several; for a program with a gradient
            (value, gradient), or (value, gradient, outputs).  An operation that is not defined for a number gives nan
            or infinity, and no error.

        Raises:
            TypeError: more or fewer inputs are given.
            ValueError: the number of parameters is wrong.
        """
        xp = self._xp
        for x in (parameters, *inputs):
            if not hasattr(x, "shape") or len(x.shape) > 2:
                raise TypeError(
                    f"this function takes arrays of {self.library.name}: the parameters, then inputs of the shapes "
                    f"(B,) or (k, B); not {describe(x)}"
                )
        if tuple(parameters.shape) != (self._parameters,):
            raise ValueError(
                f"there are {self._parameters} parameters, not an array of shape {tuple(parameters.shape)}"
            )
        rows = [x if x.ndim == 2 else x[None, ...] for x in inputs]
        count = sum(x.shape[0] for x in rows)
        if count != self._inputs:
            raise TypeError(f"this function takes {self._inputs} input(s) after the parameters, not {count}")
        given = () if not rows else (rows[0] if len(rows) == 1 else xp.concat(rows),)
        found = self.function(*given, parameters)
        if self._objective is not None:
            value, gradient, *others = found
            return (value, gradient, *(x if rows else x[:, None] for x in others))
        if not rows:
            found = found[:, None]  # as of a single sample
        return found[0, ...] if self._single else [found[i, ...] for i in range(found.shape[0])]

    def __reduce__(self) -> Any:
        return Ported, self._made_from

    def __repr__(self) -> str:
        return f"<a program for {self.library.name}: {self._inputs} inputs, {self._parameters} parameters>"


def library_of(given: str | ModuleType) -> Library:
    """The library of this name, or of a namespace that follows the array API standard.

    Raises:
        ValueError: there is no library of this name.
        TypeError: it is neither a name nor such a namespace.
    """
    if isinstance(given, str):
        if given not in LIBRARIES:
            raise ValueError(f"there is no library {given!r}; choose from {', '.join(LIBRARIES)}, or give a namespace")
        return LIBRARIES[given]
    if not isinstance(given, ModuleType) or not hasattr(given, "asarray") or not hasattr(given, "concat"):
        raise TypeError(
            f"expected the name of a library, or a module that follows the array API standard, not {describe(given)}"
        )
    return Library(given.__name__, given.__name__)
