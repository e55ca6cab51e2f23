"""The packages as a whole: what they import, what they name, and that their layers hold."""

from __future__ import annotations

import ast
import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
import nn

ROOT = Path(__file__).parent.parent


def run(program: str, *options: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", program], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_autograd_works_without_any_other_package() -> None:
    """As in Pyodide: neither NumPy nor graphviz nor Pillow can be imported, and pictures are drawn all the same."""
    program = """
import sys
for name in ("numpy", "graphviz", "PIL", "tqdm"):
    sys.modules[name] = None
import autograd, nn
x = autograd.Value(2.0, "x")
y = (x * 3.0).tanh() + x ** 2
y.backward()
assert autograd.hessian(lambda v: v[0] * v[1])([1.0, 2.0]) == [[0.0, 1.0], [1.0, 0.0]]
assert "<svg" in autograd.draw(y).svg and "<img" in autograd.draw(y)._repr_html_()
autograd.check_grads(y)
model = nn.MLP(2, [3, 1], seed=0)
history = nn.fit(model, [[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0], epochs=2, progress=True)
assert len(history) == 2
assert "<svg" in history.plot().svg
for action in (lambda: autograd.draw(y).to_dot(), lambda: autograd.draw(y).save("x.png"), lambda: history.plot().png()):
    try:
        action()
    except ImportError as error:
        assert "pip install" in str(error), error
    else:
        raise AssertionError("no error")
"""
    done = run(program)
    assert done.returncode == 0, done.stderr


def test_importing_loads_no_other_package() -> None:
    program = "import sys, autograd, nn; print([m for m in ('numpy', 'graphviz', 'PIL') if m in sys.modules])"
    assert run(program).stdout == "[]\n"


def test_importing_loads_no_room() -> None:
    program = "import sys, autograd; print([name for name in sys.modules if name.startswith('autograd.')])"
    assert run(program).stdout == "[]\n"


def test_files_of_the_other_autograd_in_our_folder(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "autograd", tmp_path / "autograd")
    (tmp_path / "autograd" / "tracer.py").write_text("")
    done = run("import autograd", cwd=tmp_path)
    assert done.returncode == 1
    assert "pip uninstall autograd scalar-backprop" in done.stderr


def test_imports_point_downwards() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


ROOMS = sorted(path.parent for package in ("autograd", "nn") for path in (ROOT / package).glob("*/__init__.py"))
ROOMS_OF_AUTOGRAD = [room.name for room in ROOMS if room.parent.name == "autograd"]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: f"{room.parent.name}/{room.name}")
def test_a_room_says_what_it_is_for(room: Path) -> None:
    """What comes in, what goes out, and which file to read first; and every file in it is named."""
    text = ast.get_docstring(ast.parse((room / "__init__.py").read_text()))
    assert text is not None
    assert len(text.splitlines()) <= 8
    for word in ("in", "out", "first"):
        assert re.search(rf"\b{word}\b", text, re.IGNORECASE), word
    for path in room.iterdir():
        if path.suffix in (".py", ".js", ".css") and path.stem != "__init__":
            assert path.name in text, path.name


@pytest.mark.parametrize("room", [room for room in ROOMS_OF_AUTOGRAD if room != "engine"])
def test_the_engine_works_with_any_other_room_closed(room: str) -> None:
    program = f"""
import sys
sys.modules["autograd.{room}"] = None
from autograd import Value, no_grad, relu
x = Value(2.0, "x")
y = relu(x * 3.0).tanh() + x ** 2
y.backward()
assert abs(x.grad - (4.0 + 3.0 * (1.0 - (y.data - 4.0) ** 2))) < 1e-12
with no_grad():
    assert (x * x).op is None
shown = y._repr_html_()
assert shown is None if {room!r} in ("picture", "output") else "<img" in shown
"""
    done = run(program)
    assert done.returncode == 0, done.stderr


def test_the_front_door_knows_what_each_room_offers() -> None:
    offered = {room: set(importlib.import_module(f"autograd.{room}").__all__) for room in autograd._NAMES}
    assert {room: set(names.split()) for room, names in autograd._NAMES.items()} == {
        **offered,
        "program": offered["program"] - {"GradientProgram", "Vectorized"},  # made by Program.value_and_grad, vectorize
    }


@pytest.mark.parametrize(
    "path", sorted((ROOT / "autograd").glob("*/*.py")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_no_room_comes_in_by_the_front_door(path: Path) -> None:
    """`from autograd import x` in a room would import upwards, where the contract in pyproject.toml does not see it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.module != "autograd", f"line {node.lineno}"


@pytest.mark.parametrize("package", [autograd, nn])
def test_all_public_names_are_there_and_told(package: object) -> None:
    names = package.__all__
    assert len(names) == len(set(names))
    for name in names:
        thing = getattr(package, name)
        assert thing.__doc__ or isinstance(thing, dict | tuple), name


def test_no_derivative_outside_of_the_table() -> None:
    """Rows of the table are lambdas of z; no other file may have one."""
    paths = [*ROOT.glob("autograd/**/*.py"), *ROOT.glob("nn/**/*.py")]
    assert len(paths) > 70
    for path in paths:
        if path != ROOT / "autograd" / "engine" / "rules.py":
            code = "\n".join(line for line in path.read_text().splitlines() if ">>>" not in line and '"""' not in line)
            assert "lambda z, " not in code.replace("(lambda z, x: ...,)", ""), path
