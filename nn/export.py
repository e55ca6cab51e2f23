"""Export of a model as an ONNX file, for runtimes without Python."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autograd import ExampleProgram, Program, flatten
from autograd.output.files import destination, write_file
from nn.module import Module


def export_onnx(
    model: Module,
    path: str | os.PathLike[str],
    example: Any = None,
    dtype: str = "float32",
    names: tuple[str, str] = ("x", "y"),
) -> Path:
    """Write a model as an ONNX file, which ONNX Runtime and others run with the same numbers.

    The input is an array of shape (N, n) with the n numbers of each example; (N,) if an example is a single number.
    The output has shape (N, k), or (N,) if the model returns a single number.  Each layer is a few nodes, and its
    weights are constants.  The model is exported as it predicts, not as it is in training: Dropout drops nothing.

    Arguments:
        model: the model.
        path: the file; it is written completely or not at all.
        example: an example that the model takes; None for a model with an attribute ``nin`` that takes a list.  Of an
            example with more structure, the input has all numbers in their order.
        dtype: "float32", or "float64", in which ONNX Runtime lacks some functions, such as that of gelu.
        names: the names of the input and of the output.

    Returns:
        The path.

    Raises:
        TypeError, ValueError: the model cannot be replayed; a parameter is not finite; an example is needed.
        autograd.MissingError: ONNX lacks an operation of the model; the message names it.
        ImportError: onnx is not installed; the message names the extra.
        OSError: the file cannot be written.

    Source: https://onnx.ai/onnx/intro/concepts.html
    """
    destination(path)
    if example is None:
        if not isinstance(nin := getattr(model, "nin", None), int):
            raise ValueError(f"{model!r} does not say how many numbers it takes: give an example of what it takes")
        example = [0.5 + i / nin for i in range(nin)]
    numbers, rebuild = flatten(example)
    other = rebuild(iter([x + 0.25 if isinstance(x, float) else x for x in numbers]))
    recording = ExampleProgram(model, example, other).recording
    single = not isinstance(recording.unflatten(iter([0.0] * len(recording.outputs))), list | tuple | dict)
    program = Program(recording.outputs[0] if single else recording.outputs, recording.inputs)
    made = program.to_onnx(dtype, names, repr(model), single_input=isinstance(example, int | float))
    return write_file(path, made.SerializeToString())
