"""The command ``python -m nn``.

``train``: in, a data set and options; out, a trained model with charts.  ``predict``: in, a saved model and a CSV file;
out, predictions.  Read main.py first, then train.py and predict.py.
"""
