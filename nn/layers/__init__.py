"""Layers and networks: modules that turn the numbers of an example into other numbers.

In: one example, a list of numbers or Values.  Out: a list of Values.  Read dense.py first: neurons and layers; then
networks.py: layers in sequence, side by side, and around a shortcut.  dropout.py, normalization.py, embedding.py, and
recurrent.py for sequences, have further layers.
"""

from nn.layers.dense import ACTIVATIONS, Activation, Layer, Neuron
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.networks import MLP, Parallel, Residual, Sequential
from nn.layers.normalization import BatchNorm, LayerNorm
from nn.layers.recurrent import Cell, GRUCell, LSTMCell, Recurrent, RNNCell

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "Activation",
    "BatchNorm",
    "Cell",
    "Dropout",
    "Embedding",
    "GRUCell",
    "LSTMCell",
    "Layer",
    "LayerNorm",
    "Neuron",
    "Parallel",
    "RNNCell",
    "Recurrent",
    "Residual",
    "Sequential",
]
