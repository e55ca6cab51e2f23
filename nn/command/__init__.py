"""The command ``python -m nn``.

``train``: in, a data set and options; out, a trained model with charts.  ``predict``: in, a saved model and a CSV file;
out, predictions.  ``export``: in, a saved model; out, an ONNX file.  Read main.py first, then train.py, predict.py and
export.py.
"""
