"""Running a learner's code: it may print, raise any exception, or never end."""

from __future__ import annotations

import builtins
import ctypes
import io
import linecache
import os
import sys
import sysconfig
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn

MOST_PRINTED = 2_000  # characters that are kept of what the code prints
BROWSER = sys.platform == "emscripten"
SLOWER = 5.0 if BROWSER else 1.0  # how much slower Python is in a browser

_PACKAGE = str(Path(__file__).parents[1]) + os.sep
# Where Python's own files are.  In a browser they are in an archive, and the paths begin with two slashes.
_LIBRARY = (
    str(Path(os.__file__).parent),
    *(sysconfig.get_paths()[name].replace("//", "/") for name in ("stdlib", "platstdlib", "purelib", "platlib")),
)


class TimeIsOverError(BaseException):
    """Raised in code that has run for too long.  Not an Exception, so that ``except Exception`` lets it pass."""


@dataclass(frozen=True)
class Fault:
    """What went wrong while the code ran.

    Attributes:
        kind: "time", "recursion" or "exception".
        text: the exception in one line; how long the code ran, if its time is over.
        line: the line of the learner's code where it happened; empty if it is not known.
        number: the number of that line in its cell or file.
        asked: what was asked of the code.
        slow, deep: the mistake if its time is over, and if it calls itself too often; see ``asking``.
    """

    kind: str
    text: str
    line: str = ""
    number: int = 0
    asked: str = ""
    slow: str = ""
    deep: str = ""

    def __str__(self) -> str:
        return self.text + (f"\n  line {self.number}:  {self.line}" if self.line else "")


def run(code: Callable[[], Any], seconds: float = 10.0) -> tuple[Any, Fault | None, str]:
    """Call a function that calls a learner's code.

    Arguments:
        code: the function.
        seconds: how long it may run; five times as long in a browser.

    Returns:
        its result, what went wrong, and what it printed.
    """
    seconds *= SLOWER
    printed = _Printed()
    try:
        with redirect_stdout(printed), _no_questions():
            try:
                with _time_limit(seconds):
                    return code(), None, printed.text
            except TimeIsOverError as error:
                return None, _fault("time", f"it ran for {seconds:.0f} seconds and did not end", error), printed.text
    except RecursionError as error:
        return None, _fault("recursion", "RecursionError: a function called itself too often", error), printed.text
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        written = "".join(traceback.format_exception_only(type(error), error)[-1:]).strip()
        return None, _fault("exception", written, error), printed.text


@contextmanager
def asking(text: str, slow: str = "endless", deep: str = "calls itself") -> Iterator[None]:
    """Note what is asked of the learner's code, for the report of an exception that passes through.

    Arguments:
        text: what is asked, e.g. "c.backward()".
        slow: the mistake that was probably made if it does not end.
        deep: the mistake that was probably made if it reaches Python's limit of calls inside one another.
    """
    try:
        yield
    except BaseException as error:
        if not hasattr(error, "asked"):
            error.asked, error.slow, error.deep = text, slow, deep  # type: ignore[attr-defined]
        raise


def _fault(kind: str, text: str, error: BaseException) -> Fault:
    number, line = _place(error)
    usual = {"asked": "", "slow": "endless", "deep": "calls itself"}  # where the exception did not pass ``asking``
    return Fault(kind, text, line, number, **{name: getattr(error, name, usual[name]) for name in usual})


class _Printed(io.StringIO):
    """Keeps the beginning of what is printed; a loop that prints without end must not fill the memory."""

    def write(self, text: str) -> int:
        room = MOST_PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)

    @property
    def text(self) -> str:
        kept = self.getvalue()
        return kept + " ..." if len(kept) == MOST_PRINTED else kept


@contextmanager
def _no_questions() -> Iterator[None]:
    """Make ``input()`` an error, because nobody would see its question."""

    def refused(*_: object) -> NoReturn:
        raise EOFError("the check cannot answer input(); remove it from your code")

    before = builtins.input
    builtins.input = refused
    try:
        yield
    finally:
        builtins.input = before


def _is_learners(path: str) -> bool:
    """Whether a file is neither of this library nor of Python's."""
    return not path.startswith((_PACKAGE, *_LIBRARY, "<frozen"))


def _place(error: BaseException) -> tuple[int, str]:
    """The number and the text of the last line of the learner's code that an exception passed through."""
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        path = frame.f_code.co_filename
        if _is_learners(path):
            return number, linecache.getline(path, number, frame.f_globals).strip()
    return 0, ""


# ------------------------------------------------------------------------------------------------------ the time limit
#
# Code that never ends has to be interrupted from outside.  CPython lets another thread raise an exception in this one.
# In a browser there are no other threads; there, Python calls a function of ours on every jump and every call.


def _time_limit(seconds: float) -> Any:
    return _limit_by_events(seconds) if BROWSER and sys.version_info >= (3, 12) else _limit_by_thread(seconds)


@contextmanager
def _limit_by_thread(seconds: float) -> Iterator[None]:
    thread = ctypes.c_ulong(threading.get_ident())
    over, lock, sent = threading.Event(), threading.Lock(), threading.Event()

    def interrupt() -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(TimeIsOverError))

    def watch() -> None:
        left = seconds
        while not over.wait(left):
            with lock:  # the code may have ended in this moment
                if not over.is_set():
                    sent.set()
                    interrupt()
            left = 0.5  # once more, for code that catches everything (which, in Python 3.10, may go on)

    def settle() -> None:
        """End the watch, and catch an exception that is still on its way.

        Taking it back, with PyThreadState_SetAsyncExc(thread, None), would leave Python 3.11 looking for it at every
        jump, for ever.  So another one is sent, which replaces it, and that one is caught.
        """
        done = already = False
        while not done:
            try:
                already = over.is_set()
                with lock:
                    over.set()
                if sent.is_set():
                    interrupt()
                    while True:
                        pass
                done = True
            except TimeIsOverError:  # noqa: PERF203  it may come at any moment
                done = already

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        settle()


@contextmanager
def _limit_by_events(seconds: float) -> Iterator[None]:
    monitoring = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
    end = time.monotonic() + seconds
    tool = monitoring.DEBUGGER_ID
    events = monitoring.events.JUMP | monitoring.events.PY_START

    def look(code: CodeType, *_: object) -> None:
        if time.monotonic() > end and _is_learners(code.co_filename):
            raise TimeIsOverError

    monitoring.use_tool_id(tool, "the time limit of a check")
    for event in (monitoring.events.JUMP, monitoring.events.PY_START):
        monitoring.register_callback(tool, event, look)
    monitoring.set_events(tool, events)
    try:
        yield
    finally:
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)
