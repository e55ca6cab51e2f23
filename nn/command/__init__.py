"""The command ``python -m nn``.

In come a data set and options, or a saved model and a CSV file; out come a trained model with its charts, or
predictions.  Read main.py first; then train.py and predict.py.
"""
