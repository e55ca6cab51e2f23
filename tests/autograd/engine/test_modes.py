"""no_grad and scope: put back whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from autograd import Value, grad, gradients, no_grad, record, scope


def run_async(coroutine: Any) -> Any:
    """Its result; in a thread of its own, since tests in a browser leave a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def is_recording() -> bool:
    return (Value(1.0) * 2.0).op is not None


def test_nested_blocks_and_errors() -> None:
    with no_grad():
        assert not is_recording()
        with scope("a"), no_grad():
            assert not is_recording()
        assert not is_recording()
        with pytest.raises(ZeroDivisionError), no_grad():
            Value(1.0) / 0.0
        assert not is_recording()
    assert is_recording()


def test_a_block_may_be_used_again_and_within_itself() -> None:
    block = no_grad()
    for _ in range(2):
        with block:
            with block:
                assert not is_recording()
            assert not is_recording()
        assert is_recording()


def test_blocks_in_an_exit_stack() -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(scope("outer"))
        stack.enter_context(no_grad())
        assert not is_recording()
    assert is_recording()
    assert Value(1.0).scope == ""


def test_functions_generators_and_coroutines_may_be_decorated() -> None:
    @no_grad()
    def square(x: Value) -> Value:
        """x^2"""
        return x * x

    @no_grad()
    def powers(x: Value) -> Iterator[Value]:
        y = x
        while True:
            y = y * x
            got = yield y
            if got is not None:
                return "the end"  # type: ignore[return-value]

    @no_grad()
    async def later(x: Value) -> Value:
        await asyncio.sleep(0.0)
        return x * x

    x = Value(3.0)
    assert square(x).op is None
    assert square.__doc__ == "x^2"
    steps: Any = powers(x)
    assert [next(steps).data, next(steps).data] == [9.0, 27.0]
    assert is_recording()  # between the steps
    with pytest.raises(StopIteration, match="the end"):
        steps.send(1)
    assert run_async(later(x)).op is None
    closed = powers(x)
    next(closed)
    closed.close()  # type: ignore[attr-defined]
    assert is_recording()


def test_an_asynchronous_generator_cannot_be_decorated() -> None:
    """It would run outside of the block, step by step, whoever asks for the next."""
    with pytest.raises(TypeError, match="outputs is an async generator; write the 'with' in its body"):

        @no_grad()
        async def outputs() -> AsyncIterator[Value]:
            yield Value(1.0)


def test_a_generator_that_yields_inside_is_refused() -> None:
    """Else it would switch off gradients for whoever called it."""

    def outputs(x: Value) -> Iterator[Value]:
        with no_grad():
            yield x * x
            yield x * x

    x = Value(3.0)
    steps = outputs(x)
    assert next(steps).op is None
    with pytest.raises(RuntimeError, match=r"generator outputs\(\) yields inside 'with no_grad\(\):'"):
        x * x
    assert next(steps).op is None  # in the generator itself it is as it should be
    steps.close()  # type: ignore[attr-defined]
    assert is_recording()


def test_a_generator_that_ends_the_block_first_is_fine() -> None:
    def outputs(x: Value) -> Iterator[Value]:
        for _ in range(2):
            with no_grad():
                y = x * x
            yield y

    assert [y.op for y in outputs(Value(2.0))] == [None, None]
    assert is_recording()


def test_contextlib_may_hold_it_over_its_yield() -> None:
    @contextlib.contextmanager
    def evaluation() -> Iterator[None]:
        with no_grad(), scope("evaluation"):
            yield

    with evaluation():
        assert not is_recording()
    assert is_recording()


def test_threads_and_tasks_have_their_own() -> None:
    found: list[bool] = []
    with no_grad():
        thread = threading.Thread(target=lambda: found.append(is_recording()))
        thread.start()
        thread.join()
    assert found == [True]

    async def task(off: bool) -> bool:
        with no_grad() if off else scope("on"):
            await asyncio.sleep(0.0)
            return is_recording()

    async def both() -> list[bool]:
        return await asyncio.gather(task(True), task(False))

    assert run_async(both()) == [False, True]


def test_derivatives_are_recorded_under_no_grad_and_while_recording() -> None:
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
    recording = record(lambda x: grad(lambda y: y * y * x)(x), (3.0,))
    assert gradients(recording.outputs[0], recording.inputs)[0].data == 12.0


# -------------------------------------------------------------------------------------------------------------- Ctrl-C


def in_a_process(program: str) -> str:
    """What a program prints, in a process of its own: an interrupt there cannot end in what belongs to the tests."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


INTERRUPTED = """
import gc, random, signal
from autograd import Value, no_grad, scope
from autograd.engine.modes import mode, gc_paused
from nn import Adam

def press(number, frame):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, press)

def interrupted(run, seconds):
    "Press Ctrl-C after a time; whether it came before the end."
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        run()
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        return False
    except KeyboardInterrupt:
        return True

rng = random.Random(1)
"""
needs_alarms = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarms")


@needs_alarms
def test_an_interrupt_leaves_no_block_open() -> None:
    """At random moments, most of which fall on the way into a block or out of it."""
    program = """
def run():
    for _ in range(1_000):
        with no_grad():
            pass
        with scope("a"), gc_paused():
            pass

found = set()
count = 0
for _ in range(2_000):
    count += interrupted(run, rng.uniform(1e-6, 8e-4))
    found.add((mode.get(), gc.isenabled()))
print(found, count > 1_000)
"""
    assert in_a_process(INTERRUPTED + program) == "{('', True)} True\n"


@needs_alarms
def test_an_interrupt_leaves_all_gradients_or_none() -> None:
    program = """
leaves = [Value(1.0) for _ in range(4_000)]
y = sum(leaves, Value(0.0))
wrong = count = 0
for _ in range(200):
    before = leaves[0].grad
    count += interrupted(y.backward, rng.uniform(1e-5, 8e-3))
    wrong += {leaf.grad for leaf in leaves} not in ({before}, {before + 1.0})
print(wrong, count > 20)
"""
    assert in_a_process(INTERRUPTED + program) == "0 True\n"


@needs_alarms
def test_an_interrupt_leaves_all_parameters_moved_or_none() -> None:
    program = """
leaves = [Value(1.0) for _ in range(2_000)]
for leaf in leaves:
    leaf.grad = 1.0
optimizer = Adam(leaves, lr=0.1)
wrong = count = 0
for _ in range(200):
    count += interrupted(optimizer.step, rng.uniform(1e-5, 8e-3))
    wrong += len({leaf.data for leaf in leaves}) != 1
print(wrong, count > 20)
"""
    assert in_a_process(INTERRUPTED + program) == "0 True\n"


# ---------------------------------------------------------------------------------------------------------------- fork


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="Windows has no fork")
def test_a_child_process_does_not_wait_for_a_thread_of_its_parent() -> None:
    """Forked while another thread is in backward(), whose lock no one would give back in the child."""
    program = """
        import os, signal, threading
        from autograd import Value

        leaf = Value(1.0)
        over = threading.Event()

        def work():
            y = sum([leaf * float(i) for i in range(300)], Value(0.0))
            while not over.is_set():
                y.backward()

        threading.Thread(target=work).start()
        ends = []
        for _ in range(100):
            child = os.fork()
            if child == 0:
                signal.alarm(5)
                x = Value(3.0)
                (x * x).backward()
                os._exit(0 if x.grad == 6.0 else 1)
            ends.append(os.waitpid(child, 0)[1])
        over.set()
        print(set(ends))
    """
    assert in_a_process(program) == "{0}\n"


def test_a_block_in_the_exit_stack_of_a_generator() -> None:
    def generator() -> Any:
        with contextlib.ExitStack() as stack:
            stack.enter_context(no_grad())
            yield

    x, suspended = Value(2.0), generator()
    next(suspended)
    with pytest.raises(RuntimeError, match="yield"):
        x * x
    suspended.close()
    assert (x * x).args == (x, x)
