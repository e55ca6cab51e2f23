"""What of a notebook runs in a browser.

A browser has no other processes, and no JAX or scikit-learn.  Cells that need these, and those that need what they
make, are shown there with the outputs that are saved in the notebook; all others can be run.
"""

from __future__ import annotations

import ast
import copy
import re
from typing import Any

# What there is not, as it is called.
ABSENT = {"jax": "JAX", "dask": "Dask", "distributed": "Dask", "joblib": "scikit-learn", "sklearn": "scikit-learn"}
ABSENT |= {"torch": "PyTorch", "onnx": "ONNX"}


def runnable(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook with each cell that cannot run in a browser as text.

    Arguments:
        notebook: in Jupyter's format.
    """
    found = copy.deepcopy(notebook)
    lacking: dict[str, str] = {}  # the names that such cells make, each with what is missing
    for cell in found["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        reasons = sorted({reason for name in _used(tree) if (reason := ABSENT.get(name) or lacking.get(name))})
        made = _made(tree)
        if reasons:
            lacking |= dict.fromkeys(made, " and ".join(reasons))
            _show(cell, " and ".join(reasons))
        else:
            for name in made:
                lacking.pop(name, None)
    return found


def _used(tree: ast.Module) -> set[str]:
    """The names that a cell reads or imports, and its strings, such as the name of an engine."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                found |= {alias.name.partition(".")[0] for alias in names}
            case ast.ImportFrom(module=str(module)):
                found |= {module.partition(".")[0], "sklearn" if module == "nn.estimators" else ""}
            case ast.Name(name, ast.Load()) | ast.Constant(str(name)):
                found.add(name)
    return found


def _made(tree: ast.Module) -> set[str]:
    """The names that a cell binds."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(name, ast.Store()):
                found.add(name)
            case ast.FunctionDef(name) | ast.ClassDef(name):
                found.add(name)
            case ast.Import(names) | ast.ImportFrom(names=names):
                found |= {alias.asname or alias.name.partition(".")[0] for alias in names}
    return found


def _show(cell: dict[str, Any], reason: str) -> None:
    """Turn a cell of code into text: the code, and what it has printed and drawn."""
    parts = [f"*A browser has no {reason}; on a computer this cell prints what is below it.*"]
    parts.append(f"```python\n{''.join(cell['source'])}\n```")
    for output in cell.pop("outputs"):
        data = output.get("data", {})
        image = re.search(r'src="(data:image/svg\+xml;base64,[^"]+)"', "".join(data.get("text/html", "")))
        text = "".join(output.get("text", data.get("text/plain", "")))
        parts.append(f"![a picture]({image[1]})" if image else f"```text\n{text.rstrip()}\n```")
    cell.pop("execution_count")
    cell["cell_type"], cell["source"] = "markdown", "\n\n".join(parts)
