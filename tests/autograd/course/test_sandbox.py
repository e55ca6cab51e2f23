"""A learner's code may print, raise anything, or never end: the answer is always a sentence."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from autograd.course import sandbox
from autograd.course.sandbox import asking, run
from autograd.lessons import check


def code(source: str) -> Callable[[], Any]:
    """The function ``f`` of a learner's source."""
    names: dict[str, Any] = {}
    exec(compile(source, "<cell>", "exec"), names)
    return names["f"]  # type: ignore[no-any-return]


LIMITS = ["_limit_by_thread", *(["_limit_by_events"] if sys.version_info >= (3, 12) else [])]
ENDLESS = {
    "a loop": "def f():\n    while True:\n        pass",
    "a loop over a list that grows": "def f():\n    found = [1]\n    for x in found:\n        found.append(x)",
    "calls": "def g():\n    return 1\ndef f():\n    while g():\n        g()",
    "a loop that catches exceptions": "def f():\n    while True:\n        try: 1 / 0\n        except Exception: pass",
    "a loop that prints": "def f():\n    while True:\n        print('again and again')",
}
if sys.version_info >= (3, 11):  # Python 3.10 looks for interrupts only inside of this ``try``
    ENDLESS["a loop that catches everything"] = "def f():\n    while True:\n        try: x = 1\n        except: y = 0"


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("name", ENDLESS)
def test_code_that_never_ends(limit: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_time_limit", getattr(sandbox, limit))
    start = time.monotonic()
    result, fault, printed = run(code(ENDLESS[name]), seconds=0.3)
    assert time.monotonic() - start < 5.0
    assert result is None
    assert fault is not None
    assert fault.kind == "time"
    assert fault.number > 0
    assert len(printed) <= sandbox.MOST_PRINTED + 4


@pytest.mark.parametrize("limit", LIMITS)
def test_the_limit_leaves_nothing_behind(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that ends in time, also in the moment when its time is over, is not interrupted later."""
    monkeypatch.setattr(sandbox, "_time_limit", getattr(sandbox, limit))
    for wait in (0.0, 0.0495, 0.05, 0.0505, 0.06):
        end = time.monotonic() + wait

        def busy(end: float = end) -> str:
            while time.monotonic() < end:
                pass
            return "done"

        run(busy, seconds=0.05)
        later = time.monotonic() + 0.1
        while time.monotonic() < later:
            pass


def test_python_is_as_before_after_an_interrupt() -> None:
    """A pending exception that is taken back leaves a flag in Python 3.11, with which a traced call never ends."""
    program = """
import sys, time
from autograd.course.sandbox import run

def endless():
    while True:
        pass

def traced(x):
    cell = lambda: x
    return cell()

def trace(frame, event, argument):
    frame.f_trace_opcodes = True
    return trace

print(run(endless, seconds=0.1)[1].kind)
sys.settrace(trace)
traced(1)
sys.settrace(None)
print("done")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["time", "done"], done.stderr


def test_in_another_thread() -> None:
    """Where marimo runs a cell."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(run(code(ENDLESS["a loop"]), seconds=0.2)[1]))
    thread.start()
    thread.join(timeout=10.0)
    assert found[0].kind == "time"


@pytest.mark.parametrize(
    ("source", "text", "line"),
    [
        ("def f():\n    return 1 / 0", "ZeroDivisionError: division by zero", 2),
        ("def f():\n    return missing", "NameError: name 'missing' is not defined", 2),
        ("import sys\ndef f():\n    sys.exit()", "SystemExit", 3),
        ("def f():\n    input('your name?')", "EOFError: the check cannot answer input(); remove it from your code", 2),
        ("import random\ndef f():\n    random.choice([])", "IndexError", 3),
        ("def f():\n    raise BaseException('odd')", "BaseException: odd", 2),
        ("def f():\n    f()", "RecursionError: a function called itself too often", 2),
    ],
)
def test_exceptions_name_the_line_of_the_learner(source: str, text: str, line: int) -> None:
    _, fault, _ = run(code(source))
    assert fault is not None
    assert fault.text.startswith(text)
    assert fault.number == line


def test_ctrl_c_is_not_an_answer() -> None:
    with pytest.raises(KeyboardInterrupt):
        run(code("def f():\n    raise KeyboardInterrupt"))


def test_prints_are_kept_and_stdout_comes_back() -> None:
    before = sys.stdout
    result, fault, printed = run(code("def f():\n    print('hello')\n    return 3"))
    assert (result, fault, printed) == (3, None, "hello\n")
    assert sys.stdout is before


def test_what_was_asked() -> None:
    def ask() -> None:
        with asking("outer"), asking("c.backward()", slow="every path"):
            raise ValueError

    _, fault, _ = run(ask)
    assert fault is not None
    assert (fault.asked, fault.slow) == ("c.backward()", "every path")


class Broken:
    """Whatever is asked of it raises."""

    def __init__(self, *_: object) -> None: ...
    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no {name} here")

    def __repr__(self) -> str:
        raise RuntimeError("no repr here")


class Odd:
    """Its numbers are texts, and it equals everything."""

    def __init__(self, data: float, args: Any = (), op: str = "") -> None:
        self.data, self.args, self.op, self.grad = f"{data}", args, op, None

    def __add__(self, other: Any) -> Odd:
        return Odd(0.0, [self, other], "<script>alert(1)</script>")

    __mul__ = __add__

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


ANYTHING = [None, 3, "MyValue", int, float, list, object(), Broken, Broken(), Odd, lambda x: x, ...]


@pytest.mark.parametrize("given", ANYTHING, ids=map(str, range(len(ANYTHING))))
def test_whatever_is_given_is_answered(given: Any) -> None:
    for number in range(1, 17):
        names = {9: 3, 10: 3, 11: 3, 12: 2, 13: 2, 14: 2, 15: 2, 16: 2}
        more = [[], []] if number == 10 else []
        report = getattr(check, f"stage{number}")(*[given] * names.get(number, 1), *more)
        assert not report
        assert str(report).startswith(f"Stage {number}, ")
        assert "<script>" not in report._repr_html_()
        assert "The check itself" not in str(report)
