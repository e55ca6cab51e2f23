"""The command ``python -m nn``.

``train`` takes a data set and options, and writes a trained model with charts.  ``predict`` takes a saved model and a
CSV file, and writes predictions.  Read main.py first, then train.py and predict.py.
"""
