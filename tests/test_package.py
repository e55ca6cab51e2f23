"""The packages as a whole: what they import, what they name, and that their layers hold."""

from __future__ import annotations

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
for name in ("numpy", "graphviz", "PIL", "matplotlib", "tqdm"):
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
for action in (lambda: autograd.draw(y).to_dot(), lambda: autograd.draw(y).save("x.png"), lambda: history.plot()):
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
    program = (
        "import sys, autograd, nn; print([m for m in ('numpy', 'graphviz', 'PIL', 'matplotlib') if m in sys.modules])"
    )
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


@pytest.mark.parametrize("package", [autograd, nn])
def test_all_public_names_are_there_and_told(package: object) -> None:
    names = package.__all__
    assert len(names) == len(set(names))
    for name in names:
        thing = getattr(package, name)
        assert thing.__doc__ or isinstance(thing, dict | tuple), name


def test_no_derivative_outside_of_the_table() -> None:
    """Rows of the table are lambdas of z; no other file may have one."""
    for path in [*ROOT.glob("autograd/*.py"), *ROOT.glob("nn/*.py")]:
        if path.name != "rules.py":
            code = "\n".join(line for line in path.read_text().splitlines() if ">>>" not in line and '"""' not in line)
            assert "lambda z, " not in code.replace("(lambda z, x: ...,)", ""), path
