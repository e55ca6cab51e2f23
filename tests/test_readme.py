"""The README: its Python runs and prints what it says, its shell blocks are the two set-up commands first."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, animate, draw
from nn import MLP

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.S)
SHELL = re.findall(r"```sh\n(.*?)```", README, re.S)


def test_python_blocks_print_what_their_comments_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks run one after the other, as a reader would; each ``print(...)  # text`` must print the text."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "readme"}
    checked = 0
    for block in PYTHON:
        for statement in re.split(r"\n(?=\S)", block):
            printed: list[str] = []
            names["print"] = lambda *args, printed=printed: printed.append(" ".join(map(str, args)))
            exec(compile(statement, "README.md", "exec"), names)
            said = re.match(r"print\(.*\)\s+# (.*)", statement)
            if said:
                assert printed == [said[1].strip()], statement
                checked += 1
    assert checked >= 8


def test_the_source_shown_is_that_of_the_program() -> None:
    names: dict[str, Any] = {}
    block = next(block for block in PYTHON if "step.source" in block)
    exec("from autograd import Value\nfrom nn import MLP\n" + block.replace("print", "str"), names)
    (shown,) = re.findall(r"```text\n(.*?)```", README, re.S)
    assert shown in names["step"].source


def test_the_first_two_shell_blocks_are_single_commands() -> None:
    for block in SHELL[:2]:
        assert len(block.strip().splitlines()) == 1
    assert "python -m nn train iris" in SHELL[0]
    assert "pytest" in SHELL[1]


@pytest.mark.parametrize(
    "line", [line for block in SHELL[2:] for line in block.strip().splitlines() if line.startswith("python -m ")]
)
def test_other_commands_run(line: str, tmp_path: Path) -> None:
    """They run in the order of the README in one folder of their own, shorter where they train."""
    command = [sys.executable, *shlex.split(line)[1:]]
    if "train" in command:
        command += ["--epochs", "1", "--quiet"]
    if "predict" in command:
        train = [sys.executable, "-m", "nn", "train", "iris", "--epochs", "1", "--quiet"]
        subprocess.run(train, cwd=tmp_path, check=True, capture_output=True)
        command = [str(ROOT / part) if part.endswith(".csv") else part for part in command]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_pictures_in_the_readme_are_there() -> None:
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)|<img [^>]*src=\"([^\"]+)\"", README):
        assert (ROOT / (path[0] or path[1])).is_file(), path


def test_pictures_in_the_readme_are_what_the_library_draws() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    c = (a * b + 7.0).tanh() + a**2
    c.backward()
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    loss = (model([Value(1.0, "x1"), Value(-2.0, "x2")]) - 1.0) ** 2
    loss.label = "loss"
    loss.backward()
    c.label = "c"
    assert (ROOT / "notebooks" / "images" / "passes.svg").read_text("utf-8") == animate(c, seconds=0.9).svg
    c.label = ""
    for name, picture in [("graph", draw(c)), ("network", draw(loss, depth=3, flow=True))]:
        assert (ROOT / "notebooks" / "images" / f"{name}.svg").read_text("utf-8") == picture.svg
