"""The command ``python -m autograd``.

In: a command line, such as "x**2 + 3*x" x=2.  Out: the value, the gradients, and a picture.  Read main.py first;
expression.py parses and evaluates the expression.
"""
