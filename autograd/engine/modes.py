"""What the result of an operation becomes: a node of the graph, a leaf, or an instruction of a program.

When Python computes ``x * y``, the new Value asks the current *mode*:

- a string, the usual mode: the Value becomes a node of the graph.  The string is its scope, the name of its module.
- ``NoGrad``: it becomes a leaf, without operation and arguments.
- ``Expression``: it becomes a node, but its number must not be read, because the graph will be *replayed*: computed
  again for other numbers.  A branch on a number would be replayed as it was first taken, so in this mode it is an
  error.  functional/tracing.py defines a similar mode, for functions that are recorded once and replayed.

The mode is a context variable, so each thread and each asyncio task has its own.
"""

from __future__ import annotations

import functools
import gc
import io
import operator
import sys
from collections.abc import Callable, Generator
from contextvars import ContextVar
from types import FrameType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
GENERATOR = 0x20 | 0x200  # inspect's CO_GENERATOR | CO_ASYNC_GENERATOR; importing it takes a third of our import time


class Mode:
    """A mode other than the usual one, in which results are nodes of the graph.

    Attributes:
        scope: the scope of new nodes.
        replays: whether the graph will be replayed, so that no number may be read now.
        plain_leaves: whether results are leaves and ``finish`` need not be called.
    """

    scope: str = ""
    replays: bool = False
    plain_leaves: bool = False

    def finish(self, z: Any, op: Any, args: tuple[Any, ...]) -> None:
        """Store the operation and the arguments in a new Value, which has its number already; or make it a leaf."""
        z.op, z.args, z.scope = op, args, self.scope

    def within(self, scope: str) -> Mode:
        """The mode inside a scope with this full name."""
        return self

    def without_grad(self) -> Mode:
        """The mode under ``no_grad()``."""
        return self

    def with_grad(self) -> str | Mode:
        """The mode inside ``enable_grad()``, where functions that differentiate record even under ``no_grad()``."""
        return self

    def refuse(self, what: str) -> None:
        """Raise an error if ``what`` is not part of the graph and so cannot be replayed."""


mode: ContextVar[Any] = ContextVar("mode", default="")  # a string, or a Mode
active_replays: list[Mode] = []  # the modes that record for replays, of all threads; usually there are none


class NoGrad(Mode):
    """The mode under ``no_grad()``: each result is a leaf.

    Arguments:
        scope: the outer scope.
        owner: the frame of the generator that opened the block, if one did.
    """

    def __init__(self, scope: str, owner: FrameType | None = None) -> None:
        self.scope = scope
        self.owner = owner
        self.plain_leaves = owner is None

    def finish(self, z: Any, op: Any, args: tuple[Any, ...]) -> None:
        if self.owner is not None and self.owner.f_back is None:  # suspended: its caller runs now
            raise RuntimeError(
                f"the generator {self.owner.f_code.co_name}() yields inside 'with no_grad():', which would switch "
                "off gradients for its caller too; end the block before each yield, or write @no_grad() above the "
                "generator"
            )
        z.op, z.args, z.scope = None, (), ""

    def with_grad(self) -> str:
        return self.scope


class Expression(Mode):
    """The mode while a partial of a user's operation builds a slope as a graph, which may be replayed."""

    replays = True

    def __init__(self, scope: str) -> None:
        self.scope = scope

    def within(self, scope: str) -> Mode:
        return Expression(scope)

    def refuse(self, what: str) -> None:
        raise TypeError(
            f"a partial of an operation must be an expression of its arguments, and cannot use {what}: the graph "
            "that it builds may be computed for other numbers; use maximum, minimum or where(step(x), a, b) instead"
        )


def call_in(inside: Mode, f: Callable[..., Any], *args: Any) -> Any:
    """f(*args), in a mode that replays."""
    active_replays.append(inside)
    try:
        with Block(lambda outside, opener: inside):
            return f(*args)
    finally:
        active_replays.remove(inside)


def as_expression(partial: Callable[..., Any], *args: Any) -> Any:
    """A user's partial, called on nodes; an error if it reads their numbers."""
    if replaying():
        return partial(*args)
    outside = mode.get()
    return call_in(Expression(outside if isinstance(outside, str) else outside.scope), partial, *args)


def replaying() -> bool:
    """Whether the graph that is being recorded will be replayed."""
    current = mode.get()
    return type(current) is not str and current.replays


def refuse_in_replays(what: str) -> None:
    """Raise an error if the graph being recorded will be replayed, because ``what`` would not be part of it."""
    current = mode.get()
    if type(current) is not str:
        current.refuse(what)


class Block(io.IOBase):
    """A ``with`` block in another mode; also a decorator for functions, generators and coroutines.

    The outer mode must be restored whatever happens, even after Ctrl-C.  Python checks for Ctrl-C at the
    first instruction of each function, so in

        class no_grad:
            def __exit__(self, *error):
                mode.set(self.outer)

    ``__exit__`` may end before it has done anything, and then gradients stay off forever.  A function written in C
    cannot be interrupted there.  So a Block is a file: the ``__exit__`` of files is written in C and calls ``close``,
    which here is made of C functions only.  It takes the outer mode from the list, sets it, and returns False, so that
    an error in the block is not swallowed.

    Arguments:
        change: a function from the outer mode and the frame that opens the block to the inner mode.
    """

    closed = True  # so close() is not called when this object is deleted

    def __init__(self, change: Callable[[str | Mode, FrameType], str | Mode]) -> None:
        self._change = change
        self._outside: list[str | Mode] = []
        # Each close() is one next(): pop the outer mode (object() never comes up, so there is no end), set it, and not_
        # makes False of the token that set returns.
        putting_back = map(mode.set, iter(self._outside.pop, object()))
        self.close = functools.partial(next, map(operator.not_, putting_back))  # type: ignore[method-assign]

    def __enter__(self) -> Block:
        outside = mode.get()
        inside = self._change(outside, sys._getframe(1))
        self._outside.append(outside)
        try:
            mode.set(inside)
        except BaseException:  # Ctrl-C, just after it was set
            self.close()
            raise
        return self

    def __call__(self, f: F) -> F:
        """f with each call in such a block; for a generator, each step in its own, so that it does not yield inside."""
        import inspect

        if inspect.isasyncgenfunction(f):
            raise TypeError(f"{f.__name__} is an async generator; write the 'with' in its body, between the yields")
        block = functools.partial(Block, self._change)

        @functools.wraps(f)
        def call(*args: Any, **kwargs: Any) -> Any:
            with block():
                return f(*args, **kwargs)

        @functools.wraps(f)
        def generate(*args: Any, **kwargs: Any) -> Any:
            return _stepped(f(*args, **kwargs), block)

        @functools.wraps(f)
        async def wait(*args: Any, **kwargs: Any) -> Any:
            with block():
                return await f(*args, **kwargs)

        if inspect.isgeneratorfunction(f):
            return generate  # type: ignore[return-value]
        return wait if inspect.iscoroutinefunction(f) else call  # type: ignore[return-value]


class gc_paused(io.IOBase):  # noqa: N801
    """A ``with`` block that pauses the cyclic garbage collector: a graph is many new objects, none of them garbage."""

    closed = True  # so close() is not called when this object is deleted; see Block

    def __enter__(self) -> gc_paused:
        # bool() does nothing, and is written in C.
        self.close = gc.enable if gc.isenabled() else bool  # type: ignore[method-assign, assignment]
        try:
            gc.disable()
        except BaseException:
            self.close()
            raise
        return self


def _stepped(generator: Generator[Any, Any, Any], block: Callable[[], Block]) -> Generator[Any, Any, Any]:
    """A generator each of whose steps runs inside its own block."""
    resume: Callable[[Any], Any] = generator.send
    given: Any = None
    while True:
        try:
            with block():
                found = resume(given)
        except StopIteration as end:
            return end.value
        try:
            resume, given = generator.send, (yield found)
        except BaseException as error:
            resume, given = generator.throw, error


def no_grad() -> Block:
    """A block in which results of operations are leaves, without a graph.  Also a decorator: ``@no_grad()``.

    Raises:
        RuntimeError: in an operation, while a generator that yielded inside the block is suspended.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y, y.args
    (Value(data=9.0, grad=-), ())
    """

    def change(outside: str | Mode, opener: FrameType) -> Mode:
        if not isinstance(outside, str):
            return outside.without_grad()
        while opener.f_globals.get("__name__") == "contextlib" and opener.f_back is not None:  # an ExitStack
            opener = opener.f_back
        # A generator may yield inside the block.  contextlib runs a generator up to its yield on purpose.
        yields = opener.f_code.co_flags & GENERATOR
        managed = opener.f_back is not None and opener.f_back.f_globals.get("__name__") == "contextlib"
        return NoGrad(outside, opener if yields and not managed else None)

    return Block(change)


def scope(name: str) -> Block:
    """A block whose new Values get this name as scope: pictures show them as one module.  Scopes nest: ``"a/b"``.

    Raises:
        ValueError: the name is empty.

    >>> from autograd import Value
    >>> with scope("hidden"), scope("neuron"):
    ...     Value(1.0).scope
    'hidden/neuron'
    """
    if not isinstance(name, str) or not name.strip("/"):
        raise ValueError(f"the name of a scope must be a non-empty string, not {name!r}")
    name = "/".join(part for part in name.split("/") if part)

    def change(outside: str | Mode, opener: FrameType) -> str | Mode:
        if isinstance(outside, str):
            return f"{outside}/{name}" if outside else name
        return outside.within(f"{outside.scope}/{name}" if outside.scope else name)

    return Block(change)


def enable_grad() -> Block:
    """A block in which operations are recorded even under an outer no_grad(), for functions that differentiate."""
    return Block(lambda outside, opener: outside if isinstance(outside, str) else outside.with_grad())
