"""Data: examples and their targets.

In: a CSV file, or the name of a data set.  Out: rows of numbers, split, scaled and divided into mini-batches.  Read
dataset.py first; table.py reads CSV files, generated.py makes small data sets, scaling.py standardizes columns.
"""

from nn.data.dataset import Dataset, Examples, batches, train_test_split
from nn.data.generated import BY_NAME, blobs, circles, iris, moons, spiral, xor
from nn.data.scaling import Scaler, standardize
from nn.data.table import read_csv, read_table, to_number

__all__ = [
    "BY_NAME",
    "Dataset",
    "Examples",
    "Scaler",
    "batches",
    "blobs",
    "circles",
    "iris",
    "moons",
    "read_csv",
    "read_table",
    "spiral",
    "standardize",
    "to_number",
    "train_test_split",
    "xor",
]
