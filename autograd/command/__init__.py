"""The command ``python -m autograd``.

In comes a line of text, such as "x**2 + 3*x" x=2; out come the value, the gradients, and a picture.  Read main.py
first; expression.py reads the formula.
"""
