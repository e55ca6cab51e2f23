"""Exercises that check themselves.

In: answers, or the learner's own engine.  Out: what is right, what is wrong and why.  Read quiz.py first: it asks for
gradients worked out by hand, on a page with quiz.js and quiz.css.
"""

from autograd.lessons.quiz import quiz

__all__ = ["quiz"]
