"""Data: examples and their targets.

In: a CSV file, or the name of a data set.  Out: rows of numbers, split, scaled and divided into mini-batches.  Read
dataset.py first; table.py reads CSV files, column by column (column.py), generated.py makes small data sets, scaling.py
standardizes columns.
"""

from nn.data.column import Column
from nn.data.dataset import Dataset, Examples, batches, train_test_split
from nn.data.generated import BY_NAME, blobs, circles, iris, moons, spiral, xor
from nn.data.scaling import Scaler, standardize
from nn.data.table import encoded, read_csv, read_table

__all__ = [
    "BY_NAME",
    "Column",
    "Dataset",
    "Examples",
    "Scaler",
    "batches",
    "blobs",
    "circles",
    "encoded",
    "iris",
    "moons",
    "read_csv",
    "read_table",
    "spiral",
    "standardize",
    "train_test_split",
    "xor",
]
