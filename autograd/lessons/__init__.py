"""Exercises that check themselves.

In: answers, or the learner's own engine.  Out: what is right, what is wrong and why.  Read check.py first: one check
for each stage of the course, which is in autograd/course/.  exercises.py asks questions.py, and quiz.py asks for
gradients worked out by hand, on pages (answers.js, exercises.js, quiz.js, quiz.css).
"""

from autograd.lessons.exercises import exercises
from autograd.lessons.quiz import quiz

__all__ = ["exercises", "quiz"]
