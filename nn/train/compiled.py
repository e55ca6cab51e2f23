"""Training on JAX or PyTorch: a whole step is one function, which the library compiles, on a device of its own.

The function is put together from programs: the loss of a mini-batch with its gradient, and the rule of the optimizer.
Both are scalars that were recorded, so nothing is written here that is not written in the library already.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any, NamedTuple

import numpy as np

from autograd import Program
from autograd.engine.checks import describe
from nn.optim.replay import ReplayedRule
from nn.train.steps import Batch, Replayed, ReplayError, Steps, TrainingRows
from nn.train.vector import Array, Numbers, ParameterVector

COMPILE_AFTER = 20.0  # seconds of steps before PyTorch compiles them, which takes about as long
NOTHING: Array = np.zeros(0)
DTYPES = ("float64", "float32")


class Jax:
    """JAX, which compiles every function, in a fraction of a second.

    Arguments:
        device: such as "cpu", "gpu" or "gpu:1", or a ``jax.Device``; None for JAX's default.
        dtype: "float64" or "float32".

    Attributes:
        xp: the namespace of functions of arrays.

    Raises:
        ImportError: JAX is not installed; the message names the extra.
        ValueError: there is no such device.
    """

    name = "jax"

    def __init__(self, device: Any, dtype: str) -> None:
        self.xp = _imported("jax.numpy", self.name)
        import jax

        self._jax, self._dtype = jax, dtype
        self._device = self._found(device) if isinstance(device, str) else device
        if device is not None and not isinstance(self._device, jax.Device):
            raise ValueError(f"device must be a name such as 'gpu:1', or a jax.Device, not {describe(device)}")

    def _found(self, device: str) -> Any:
        kind, _, number = device.partition(":")
        try:
            return {str(i): one for i, one in enumerate(self._jax.devices(kind or "none"))}[number or "0"]
        except (RuntimeError, KeyError):
            there = ", ".join(f"{x.platform}:{x.id}" for x in self._jax.devices())
            raise ValueError(f"JAX has no device {device!r} here; it has {there}") from None

    def context(self) -> AbstractContextManager[Any]:
        """Where the functions are called: 64-bit floats must be switched on, and arrays of NumPy go to the device."""
        stack = ExitStack()
        stack.enter_context(self._jax.enable_x64(self._dtype == "float64"))
        stack.enter_context(self._jax.default_device(self._device))
        return stack

    def put(self, x: Any) -> Any:
        """An array that a compiled function takes to the device."""
        with np.errstate(over="ignore"):  # a step that is not finite is made again with 64 bits
            return np.asarray(x, self._dtype) if isinstance(x, np.ndarray) else x

    def get(self, x: Any) -> Array:
        """An array of 64-bit floats of NumPy."""
        return np.asarray(x, float)

    def indices(self, places: list[Any]) -> Any:
        """An array of indices, or of bools."""
        return self.xp.asarray(places)

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, compiled."""
        found: Callable[..., Any] = self._jax.jit(function)
        return found


class Torch:
    """PyTorch, which runs a function as it is for 20 seconds, and then compiles it, which takes about as long.

    So a short training does not wait for the compiler, and a long one takes at most twice as long as the better of the
    two.  Without a C++ compiler nothing is compiled on a processor.

    Arguments:
        device: such as "cpu", "cuda", "cuda:1" or "mps", or a ``torch.device``; None for PyTorch's default.
        dtype: "float64" or "float32".

    Attributes:
        xp: the namespace of functions of arrays.

    Raises:
        ImportError: PyTorch is not installed; the message names the extra.
        ValueError: there is no such device.
    """

    name = "torch"

    def __init__(self, device: Any, dtype: str) -> None:
        self.xp = _imported("array_api_compat.torch", self.name)
        import torch

        self._torch, self._dtype = torch, getattr(torch, dtype)
        try:
            probe = torch.zeros(1, dtype=self._dtype, device=device)
            probe.item()
            self._device = probe.device
        except (RuntimeError, AssertionError, TypeError) as error:
            raise ValueError(f"PyTorch cannot compute with {dtype} on the device {device!r}: {error}") from None
        self._can_compile = self._device.type != "cpu" or any(map(shutil.which, ("c++", "g++", "clang++", "cl")))

    def context(self) -> AbstractContextManager[Any]:
        """Where the functions are called: PyTorch is to record nothing."""
        found: AbstractContextManager[Any] = self._torch.no_grad()
        return found

    def put(self, x: Any) -> Any:
        """An array on the device."""
        return self._torch.as_tensor(x, dtype=self._dtype, device=self._device)

    def get(self, x: Any) -> Array:
        """An array of 64-bit floats of NumPy."""
        return np.asarray(x.detach().cpu() if hasattr(x, "detach") else x, float)

    def indices(self, places: list[Any]) -> Any:
        """An array of indices, or of bools."""
        return self.xp.asarray(places, device=self._device)

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, compiled after a while."""
        spent, found = 0.0, function

        def timed(*arguments: Any) -> Any:
            nonlocal spent, found
            if found is function and self._can_compile and spent >= COMPILE_AFTER:
                found = self._torch.compile(function)
            start = time.perf_counter()
            result = found(*arguments)
            spent += time.perf_counter() - start
            return result

        return timed


LIBRARIES: dict[str, type[Jax] | type[Torch]] = {library.name: library for library in (Jax, Torch)}


class Step(NamedTuple):
    """The functions of a step, compiled.

    Attributes:
        gradient: what the mini-batches give, with their gradient, and the parameters with what modules keep.
        update: the new parameters, and the new state of the optimizer; from the parameters, the same with what modules
            keep, the gradient, the state, and what the rule shares.
        both: one after the other, in one function.
    """

    gradient: Callable[..., Any]
    update: Callable[..., Any]
    both: Callable[..., Any]


class CompiledSteps(Steps):
    """Makes the steps of a training with another library.

    Arguments:
        vector: the numbers of the parameters, which stay on the device.
        library: the library, with the device and the type of numbers.

    Raises:
        TypeError: the rule of the optimizer cannot be replayed.
    """

    def __init__(self, vector: ParameterVector, library: Jax | Torch) -> None:
        super().__init__(vector)
        self.library = library
        self._steps: dict[Any, Step] = {}
        self._forwards: dict[Program, Callable[..., Any]] = {}
        self._made_for = self._rule()

    def _rule(self) -> ReplayedRule:
        if self.vector.rule is None:
            name = type(self.vector.optimizer).__name__
            raise TypeError(
                f"the rule of {name} cannot be recorded, so {self.library.name} cannot compile it; use engine='program'"
            )
        return self.vector.rule

    def make(self, batches: Sequence[Batch], rows: TrainingRows) -> list[Replayed]:
        library, vector, before = self.library, self.vector, self.vector.now
        rule, now = self._rule(), before
        inputs = [[library.put(x) for x in rows.inputs(batch.examples, batch.key)] for batch in batches]
        shares = library.put(np.array([batch.share for batch in batches]))
        step = self._step(rule, batches)
        with library.context():
            data = library.put(now.data)
            if vector.looks_only_at_the_step:  # and the step is one call
                shared = library.put(rule.shared(vector.rate(), now.steps + 1))
                state = [library.put(x) for x in now.state]
                losses, outputs, gradient, data, state, is_finite = step.both(data, inputs, shares, state, shared)
            else:  # a schedule of the user may look at the gradient, and change anything
                data, losses, outputs, gradient, is_finite = step.gradient(data, inputs, shares)
                if bool(is_finite):
                    vector.set(now._replace(gradient=gradient))
                    rate, now = vector.rate(), vector.now
                    rule = self._rule()
                    step = self._step(rule, batches)
                    shared = library.put(rule.shared(rate, now.steps + 1))
                    trained, gradient, *state = [library.put(x) for x in (now.data, now.gradient, *now.state)]
                    data, state, is_finite = step.update(trained, data, gradient, state, shared)
            if not bool(is_finite):
                vector.set(before)
                raise ReplayError
        found = [
            Replayed(float(loss), library.get(x) if batch.outputs else NOTHING)
            for batch, loss, x in zip(batches, losses, outputs, strict=True)
        ]
        vector.set(Numbers(data, gradient, state, now.steps + 1))
        return found

    def _step(self, rule: ReplayedRule, batches: Sequence[Batch]) -> Step:
        """The functions of a step for these programs."""
        if rule is not self._made_for:  # a callback has changed a hyperparameter
            self._steps.clear()
            self._made_for = rule
        key = tuple([(batch.program, *batch.kept) for batch in batches])
        if key not in self._steps:
            self._steps[key] = self._made_step(rule, batches)
        return self._steps[key]

    def _made_step(self, rule: ReplayedRule, batches: Sequence[Batch]) -> Step:
        xp, name, compiled = self.library.xp, self.library.name, self.library.compiled
        programs = {batch.program: batch.program.to(name) for batch in batches}
        functions = [programs[batch.program] for batch in batches]
        places = [_places(batch.kept, len(self.vector.values)) for batch in batches]
        is_kept = [any(i in batch.kept for batch in batches) for i in range(len(self.vector.values))]
        moved_by, limit, count = rule.program.to(name), rule.clip_norm, len(self.vector.optimizer.parameters)

        def finite(*arrays: Any) -> Any:
            each = [xp.reshape(xp.all(xp.isfinite(x)), (1,)) for x in arrays]
            return xp.all(xp.concat(each))

        def gradient(data: Any, inputs: Any, shares: Any) -> Any:
            losses, others, total = [], [], None
            for i, function in enumerate(functions):
                loss, slopes, outputs = function(data, *inputs[i])
                if places[i]:
                    kept = outputs[outputs.shape[0] - len(batches[i].kept) :, 0]
                    data = xp.take(xp.concat([data, kept]), self.library.indices(places[i]), axis=0)
                slopes = shares[i] * slopes
                total = slopes if total is None else total + slopes
                losses.append(loss)
                others.append(outputs)
            return data, losses, others, total, finite(*losses, total)

        def update(data: Any, kept: Any, slopes: Any, state: Any, shared: Any) -> Any:
            norm = slopes[0:0]
            if limit is not None:
                norm = xp.sqrt(xp.sum(slopes * slopes))
                slopes = slopes * xp.where(norm > limit, limit / norm, xp.ones_like(norm))
            found = moved_by(shared, data[:count], slopes, *state)
            moved, *state = found if isinstance(found, list) else [found]
            others = xp.where(self.library.indices(is_kept), kept, data) if any(is_kept) else data
            return xp.concat([moved, others[count:]]), state, finite(moved, norm, *state)

        def both(data: Any, inputs: Any, shares: Any, state: Any, shared: Any) -> Any:
            data, losses, outputs, slopes, is_finite = gradient(data, inputs, shares)
            data, state, is_moved = update(data, data, slopes, state, shared)
            return losses, outputs, slopes, data, state, xp.logical_and(is_finite, is_moved)

        return Step(compiled(gradient), compiled(update), compiled(both))

    def data(self) -> Array:
        return self.library.get(self.vector.now.data)

    def forward(self, program: Program, rows: Array) -> list[Array]:
        if program not in self._forwards:
            self._forwards[program] = self.library.compiled(program.to(self.library.name))
        library = self.library
        with library.context():
            found = self._forwards[program](library.put(self.vector.now.data), library.put(rows.T))
            outputs = [library.get(x) for x in found]
        if not all(np.isfinite(x).all() for x in outputs):
            raise ReplayError  # eager code may raise an error, or compute with more bits
        return outputs


def library_of(name: str, device: Any, dtype: str) -> Jax | Torch:
    """The library of this name, on a device.

    Raises:
        ValueError: there is no such device, or no such type of numbers.
        ImportError: the library is not installed; the message names the extra.
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be 'float64' or 'float32', not {describe(dtype)}")
    return LIBRARIES[name](device, dtype)


def _imported(module: str, extra: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f"engine={extra!r} needs more: pip install 'scalar-backprop[{extra}]'") from error


def _places(kept: Sequence[int], count: int) -> list[int]:
    """For each Value of a vector its place in the vector followed by what is kept; none if nothing is kept."""
    new = {place: count + i for i, place in enumerate(kept)}
    return [new.get(i, i) for i in range(count)] if kept else []
