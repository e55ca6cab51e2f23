"""Module: the base class of everything that has parameters."""

from __future__ import annotations

import functools
import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, ClassVar, SupportsFloat

from autograd import Value, assign, flatten, no_grad, scope
from autograd.engine.checks import finite
from autograd.output import notebook
from autograd.output.files import write_file
from nn.arrays import lists_of, maker, shape_of
from nn.rows import as_array_if_possible, outputs_of, rows_of, without_frame

_FEW = 16  # for at most this many examples, recording takes longer than calling the module
FORMAT = "scalar-backprop model 1"


class Module:
    """Anything with parameters: the leaf Values among its attributes, and the parameters of its inner Modules.

    A subclass sets its parameters and its inner modules as attributes, alone or in lists, tuples and dictionaries, and
    defines ``__call__``.  An inner module is named after the attribute that holds it, such as ``hidden`` or
    ``layers.0``.  The path of names is the scope of its parameters and of the nodes that it computes, so that
    pictures show each module as a box.

    Attributes:
        name: the name of the module in pictures; without a name it has no box.
        buffers: the names of attributes whose Values are saved, but not trained, such as running means.
        stack: the attribute that lists modules which are all alike, so that arrays of their numbers are stacked.
        array_names: the names of arrays of numbers, by attribute, where PyTorch calls them otherwise.
        needs_batch: whether in training the outputs for an example depend on the other examples of the batch.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.height = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.height
    >>> line = Line()
    >>> line(3.0).data, dict(line.named_parameters())["slope"].data, line.num_parameters
    (7.0, 2.0, 2)
    """

    name = ""
    buffers: tuple[str, ...] = ()
    stack = ""
    array_names: ClassVar[Mapping[str, str]] = {}
    needs_batch = False
    _placed = 0  # the value of _Changes.count when the scopes were last set

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__call__" in vars(cls):
            cls.__call__ = _in_scope(cls.__call__)  # type: ignore[method-assign]
        if "batch" in vars(cls):
            cls.batch = _in_scope(cls.batch)  # type: ignore[method-assign]

    def __setattr__(self, key: str, value: Any) -> None:
        super().__setattr__(key, value)
        if key == "name":
            _Changes.count += 1
            return
        for name, thing, _ in walk(value, key, inside=False):
            if isinstance(thing, Module):
                object.__setattr__(thing, "name", name)
            elif not isinstance(thing, Value) or thing.op is not None:
                continue
            _Changes.count += 1

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Each parameter once, with its name: the path of attributes, such as ``layers.0.neurons.3.weights.1``."""
        seen = {value for _, value in self.named_buffers()}
        for name, value in self._named_leaves():
            if value not in seen:
                seen.add(value)
                yield name, value

    def named_buffers(self) -> Iterator[tuple[str, Value]]:
        """Each Value that is saved but not trained, with its name."""
        kept = {
            value
            for _, module, _ in walk(self)
            if isinstance(module, Module)
            for attribute in module.buffers
            for _, value, _ in walk(getattr(module, attribute))
            if isinstance(value, Value)
        }
        if kept:
            yield from ((name, value) for name, value in self._named_leaves() if value in kept)

    def _named_leaves(self) -> Iterator[tuple[str, Value]]:
        for name, thing, _ in walk(self):
            if isinstance(thing, Value) and thing.op is None:
                yield name, thing

    def parameters(self) -> list[Value]:
        """All parameters, each once."""
        return [parameter for _, parameter in self.named_parameters()]

    @property
    def num_parameters(self) -> int:
        """The number of parameters."""
        return len(self.parameters())

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero; ``backward()`` adds to it."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def predict(self, X: Iterable[Any], engine: str = "program") -> Any:
        """The outputs for each example, as plain numbers and without a graph.

        Arguments:
            X: a sequence of examples, or an array or data frame with a row for each; the module takes one at a time.
            engine: "program" records one example and replays it for all as matrix code, which is faster.  A module that
                cannot be replayed, for example because it branches on a Value, is called for each example, as
                with "eager".  The check calls the module several times for some examples, so a module that keeps
                state between calls needs "eager".

        Returns:
            For each example a float, or a list of floats where the module gives several.  For an array or a
            data frame, an array of shape (n,) or (n, k).

        Raises:
            ValueError: the engine is neither of these, or it is "program" and the module keeps state between calls.
            TypeError: the module does not return numbers, alone or in lists.
        """
        if engine not in ("program", "eager"):
            raise ValueError(f"engine must be 'program' or 'eager', not {engine!r}")
        X = without_frame(X, "X")
        gives_arrays = hasattr(X, "dtype") and hasattr(X, "ndim")
        examples: Any = X if gives_arrays else without_frame(list(X), "X")
        if engine == "program" and len(examples) > _FEW:
            before = list(walk(self))
            try:
                found = self._replayed(examples)
                if not hasattr(found, "dtype"):
                    found = to_floats(found)  # which refuses dictionaries
                return as_array_if_possible(found) if gives_arrays else to_floats(found)
            except (ImportError, TypeError, ValueError, ArithmeticError) as error:
                # NumPy is missing, the module cannot be replayed, or an example is invalid: go one by one.
                if changed := _changed(before, list(walk(self))):
                    raise ValueError(
                        f"{type(self).__name__} changes its attribute {changed!r} when called, so it cannot be "
                        f"replayed; this check has already called it.  Use predict(X, engine='eager'): {error}"
                    ) from None
        with no_grad():
            outputs = [to_floats(self(x)) for x in examples]
        return as_array_if_possible(outputs) if gives_arrays else outputs

    def _replayed(self, examples: Any) -> Any:
        """The outputs from one recording, replayed as matrix code: an array of numbers or of lists, or else a list."""
        import numpy as np

        from autograd import ExampleProgram

        model = ExampleProgram(self, examples[0], examples[-1])
        rows = rows_of(examples, examples[0], "example")
        recording = model.recording
        recording.confirm(rows[recording.some(len(rows))].tolist())
        return outputs_of(np.array(model.program(rows.T)).T, recording.unflatten)

    # Subclasses define what a module computes for one example.
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"{type(self).__name__} does not define __call__, so it cannot be called")

    def batch(self, X: Sequence[Any]) -> list[Any]:
        """The outputs for the examples of a batch.

        A module whose outputs depend on the whole batch in training, and one that contains such a module, defines it.

        Raises:
            TypeError: it does not.
        """
        if mixes_examples(self):
            raise TypeError(
                f"{type(self).__name__} has a module that needs all examples of a batch at once, such as BatchNorm; so "
                "it must define batch(self, X), as Sequential does"
            )
        return [self(x) for x in X]

    def inner_modules(self) -> Iterator[tuple[str, Module]]:
        """The modules among the attributes, alone or in lists and dictionaries, with their names."""
        for name, thing, owner in walk(self):
            if isinstance(thing, Module) and owner is self:
                yield name, thing

    def _repr_html_(self) -> str:
        """A table of the inner modules and their parameters, for a notebook."""
        rows = [*self.inner_modules(), ("all", self)]
        head = ("module", "what it is", "parameters")
        return notebook.table(head, [(name, repr(part), f"{part.num_parameters:,}") for name, part in rows])

    def state_dict(self, arrays: str | None = None) -> dict[str, Any]:
        """The number of each parameter and of each buffer, by name.

        Arguments:
            arrays: "numpy", "jax" or "torch": arrays of this library in the place of numbers: one for each list of
                Values, and for each Layer a matrix ``weight`` and a vector ``bias``.  They have the names and shapes of
                PyTorch's ``state_dict``: a ``torch.nn.Module`` loads them that has Linear and similar layers under the
                same attributes.  JAX makes 32-bit floats of them, unless ``jax_enable_x64`` is set.

        Raises:
            ValueError: two parameters have the same name, such as those under keys 1 and "1" of a dictionary; or there
                is no such library.
            ImportError: the library is not installed; the message names the extra.

        >>> from nn import MLP
        >>> {name: array.shape for name, array in MLP(3, [4, 1]).state_dict("numpy").items()}
        {'layers.0.weight': (4, 3), 'layers.0.bias': (4,), 'layers.1.weight': (1, 4), 'layers.1.bias': (1,)}
        """
        found = self._by_name()
        if arrays is None:
            return {name: parameter.data for name, parameter in found.items()}
        make = maker(arrays)
        return {name: make(to_floats(values)) for name, values in self._arrays().items()}

    def _arrays(self) -> dict[str, Any]:
        """The parameters and buffers in nested lists, each of which is an array, or alone, by name.

        Raises:
            ValueError: a parameter is in none of them.
        """
        found = named_arrays(self)
        covered = {value for values in found.values() for value in flatten(values)[0]}
        if left := [name for name, value in self._by_name().items() if value not in covered]:
            raise ValueError(f"{left[0]} has no place in the arrays: two have the same name; rename an attribute")
        return found

    def _by_name(self) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name, value in (*self.named_parameters(), *self.named_buffers()):
            if name in found:
                raise ValueError(f"two parameters have the name {name!r}")
            found[name] = value
        return found

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load the parameter values from a ``state_dict()``; after an error none is changed.

        Arguments:
            state: numbers by name; or arrays of any library, as in ``state_dict(arrays=...)``, or in that of a PyTorch
                module with layers under the same attributes.

        Raises:
            ValueError: the names or the shapes are not exactly those of this module, or a number is not finite.
        """
        if not isinstance(state, Mapping):
            raise ValueError(f"a state must be a dictionary, as in state_dict(), not {state!r:.60}")
        own = self._by_name()
        if set(state) != set(own) and any(hasattr(x, "shape") for x in state.values()):
            state = self._from_arrays(state)
        _same_names(own, state)
        try:
            numbers = {name: finite(f"parameter {name!r}", lists_of(given)) for name, given in state.items()}
        except (TypeError, RuntimeError) as error:
            raise ValueError(str(error)) from None
        assign(own.values(), [numbers[name] for name in own])

    def _from_arrays(self, state: Mapping[str, Any]) -> dict[str, float]:
        """The number of each parameter by name, from arrays."""
        arrays = self._arrays()
        state = {name: x for name, x in state.items() if not name.endswith("num_batches_tracked")}  # PyTorch counts
        _same_names(arrays, state)
        name_of = {value: name for name, value in self._by_name().items()}
        found: dict[str, float] = {}
        for name, values in arrays.items():
            try:
                numbers = lists_of(state[name])
                flat = flatten(numbers)[0]
            except (TypeError, RuntimeError, NotImplementedError) as error:
                raise ValueError(f"{name} is not an array of numbers: {error}") from None
            if shape_of(numbers) != shape_of(values):
                raise ValueError(f"{name} has the shape {shape_of(values)}, not {shape_of(numbers)}")
            for value, number in zip(flatten(values)[0], flat, strict=True):
                if (own := name_of[value]) in found and found[own] != number:
                    raise ValueError(f"{name} gives {own} another number than an array before it")
                found[own] = number
        return found

    def save(self, path: str | os.PathLike[str], about: Mapping[str, Any] | None = None) -> Path:
        """Write the parameters to a JSON file at full precision; the file is written completely or not at all.

        Arguments:
            path: the file.
            about: other data to store in the file, of types that JSON supports.

        Raises:
            ValueError: a parameter is nan or infinite.
            OSError: the file cannot be written.
        """
        state = self.state_dict()
        bad = [f"{name} = {number}" for name, number in state.items() if not math.isfinite(number)]
        if bad:
            raise ValueError(
                f"not saved: {len(bad)} parameter(s) are not finite, the first is {bad[0]}; was the learning rate too "
                "large?"
            )
        content = {"format": FORMAT, "architecture": repr(self), "about": dict(about or {}), "parameters": state}
        return write_file(path, json.dumps(content, indent=1, allow_nan=False) + "\n")

    def load(self, path: str | os.PathLike[str]) -> None:
        """Load the parameter values from a file written by ``save()``; after an error none is changed.

        Raises:
            ValueError: it is not such a file, or its model has another architecture.
            OSError: the file cannot be read.
        """
        content = read_model(path)
        try:
            if content["architecture"] != repr(self):
                raise ValueError(f"it was saved from {content['architecture']}, but this is {self!r}")
            self.load_state_dict(content["parameters"])
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)}: {error}") from None

    def __repr__(self) -> str:
        count = self.num_parameters
        return f"{type(self).__name__}({count} parameter{'' if count == 1 else 's'})"


# --------------------------------------------------------------------------------------------- contents of a module

Found = tuple[str, object, "Module | None"]  # a name, the object of that name, and the module that holds it


def walk(thing: object, name: str = "", inside: bool = True) -> Iterator[Found]:
    """Yield an object and everything in its attributes and items; modules, lists, tuples and dictionaries only once.

    Arguments:
        thing: the object.
        name: its name, a prefix of the names of its contents.
        inside: whether to enter modules, and not only lists, tuples and dictionaries.
    """
    seen: set[int] = set()
    todo: list[Found] = [(name, thing, None)]
    while todo:  # not recursion, so that modules may be nested to any depth
        name, thing, owner = todo.pop()
        yield name, thing, owner
        if id(thing) in seen:
            continue
        if isinstance(thing, Module) and inside:
            parts, owner = [(key, part) for key, part in vars(thing).items() if key != "_placed"], thing
        elif isinstance(thing, list | tuple):
            parts = list(enumerate(thing))  # type: ignore[arg-type]
        elif isinstance(thing, dict):
            parts = list(thing.items())
        else:
            continue
        seen.add(id(thing))
        todo.extend(reversed([(f"{name}.{key}" if name else str(key), part, owner) for key, part in parts]))


def named_arrays(module: Module, path: str = "", around: tuple[Module, ...] = ()) -> dict[str, Any]:
    """The parameters and buffers of a module in nested lists, each of which is an array, or alone, by name.

    Arguments:
        module: the module.
        path: what its names begin with.
        around: the modules that it is in, which it may refer to.
    """
    around = *around, module
    found: dict[str, Any] = {}
    todo = [(key, part) for key, part in vars(module).items() if key != "_placed"]
    seen: set[int] = set()  # lists and dictionaries, one of which may contain itself
    for key, part in todo:
        name = f"{path}{module.array_names.get(key, key)}"
        if key == module.stack and (stacked := _stacked([named_arrays(one, path, around) for one in part])):
            found |= stacked
        elif id(part) in seen:
            continue
        elif isinstance(part, Module):
            found |= {} if part in around else named_arrays(part, f"{name}.", around)
        elif _is_array(part):
            found[name] = part
        elif isinstance(part, list | tuple):
            seen.add(id(part))
            todo += [(f"{key}.{i}", inner) for i, inner in enumerate(part)]
        elif isinstance(part, dict):
            seen.add(id(part))
            todo += [(f"{key}.{inner_key}", inner) for inner_key, inner in part.items()]
    return found


def _stacked(several: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The arrays of modules that are alike, stacked; none if they are not."""
    if not several or any(each.keys() != several[0].keys() for each in several):
        return {}
    found = {name: [each[name] for each in several] for name in several[0]}
    return found if all(map(_is_array, found.values())) else {}


def _is_array(part: Any) -> bool:
    """Whether it is a parameter, or nested lists of parameters of one length."""
    if isinstance(part, list | tuple):
        try:
            shape = shape_of(part)
        except (ValueError, RecursionError):
            return False
        return bool(part) and 0 not in shape and all(map(_is_array, part))
    return isinstance(part, Value) and part.op is None


def mixes_examples(module: Module) -> bool:
    """Whether in training the outputs for an example depend on the other examples of the batch."""
    return any(isinstance(thing, Module) and thing.needs_batch for _, thing, _ in walk(module))


def batch_of(block: Callable[[Any], Any], X: Sequence[Any]) -> list[Any]:
    """The outputs of a module or a function for the examples of a batch."""
    return block.batch(X) if isinstance(block, Module) else [block(x) for x in X]


class _Changes:
    """Counts how often a module or a parameter has been assigned to an attribute."""

    count = 1


def place(module: Module) -> None:
    """Set the scope of each parameter to the path of its module."""
    paths: dict[Module | None, str] = {None: ""}
    for _, thing, owner in walk(module):
        if isinstance(thing, Module) and thing not in paths:
            paths[thing] = "/".join(part for part in (paths[owner], thing.name) if part)
            object.__setattr__(thing, "_placed", _Changes.count)
        elif isinstance(thing, Value) and thing.op is None:
            thing.scope = paths[owner]


def _in_scope(call: Callable[..., Any]) -> Callable[..., Any]:
    """The ``__call__`` of a class, run inside the scope of the module's name."""

    @functools.wraps(call)
    def scoped(self: Module, *args: Any, **kwargs: Any) -> Any:
        if self._placed != _Changes.count:
            place(self)
        if not self.name or getattr(type(self), call.__name__) is not scoped:  # a subclass calls that of its base
            return call(self, *args, **kwargs)
        with scope(self.name):
            return call(self, *args, **kwargs)

    return scoped


# -------------------------------------------------------------------------------------------------------------- files


def read_model(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The content of a file written by ``Module.save()``: "architecture", "parameters" and "about".

    Raises:
        ValueError: it is not such a file.
        OSError: the file cannot be read.
    """

    def refuse(constant: str) -> float:
        raise ValueError(f"it holds {constant}, which is not a finite number")

    try:
        content = json.loads(Path(path).read_text("utf-8"), parse_constant=refuse)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError(f'it has no "format": "{FORMAT}"')
        if not isinstance(content.get("parameters"), dict) or not isinstance(content.get("about"), dict):
            raise ValueError('it has no "parameters" and "about"')
        if not isinstance(content.get("architecture"), str):
            raise ValueError('it has no "architecture"')
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{os.fspath(path)} is not a saved model: {error}") from None
    return content


def to_floats(output: Any) -> Any:
    """Values as numbers, alone or in lists of any depth."""
    if isinstance(output, list | tuple):
        return [to_floats(part) for part in output]
    if hasattr(output, "tolist"):  # an array
        return to_floats(output.tolist())
    if isinstance(output, str | bytes) or not isinstance(output, SupportsFloat):
        raise TypeError(f"an output of a module must be a number, a Value, or a list of them, not {output!r:.60}")
    return output.data if isinstance(output, Value) else float(output)


def _changed(before: list[Found], after: list[Found]) -> str:
    """The name of an attribute that has changed; empty if none has."""
    for (name, thing, _), (new_name, new, _) in zip_longest(before, after, fillvalue=("", None, None)):
        if name != new_name or thing is not new:
            return name or new_name
    return ""


def _same_names(own: Mapping[str, object], given: Mapping[str, object]) -> None:
    """If the names differ, raise an error that says how: first lists of different lengths, then single names."""
    if wrong := [name for name in given if not isinstance(name, str)]:
        raise ValueError(f"parameter names must be strings, as in state_dict(), not {wrong[0]!r}")
    ours, theirs = (Counter(_family(name) for name in names) for names in (own, given))
    complaints = [
        f"{family} has {count} entries in this model, but {theirs[family]} in the state"
        for family, count in ours.items()
        if family.endswith(".*") and family in theirs and theirs[family] != count
    ]
    missing = [name for name in own if name not in given and _family(name) not in theirs]
    extra = [name for name in given if name not in own and _family(name) not in ours]
    if missing:
        complaints.append(f"missing: {_listed(missing)}")
    if extra:
        complaints.append(f"not in this model: {_listed(extra)}")
    if not complaints and set(own) != set(given):
        complaints.append(f"names differ: {_listed(sorted(set(own) ^ set(given)))}")
    if complaints:
        raise ValueError("the parameters do not fit: " + "; ".join(complaints))


def _family(name: str) -> str:
    """``weights.*`` for an entry of a list such as ``weights.3``; other names unchanged."""
    head, _, last = name.rpartition(".")
    return f"{head}.*" if head and last.isdigit() else name


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
