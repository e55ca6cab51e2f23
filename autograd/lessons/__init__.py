"""Exercises that check themselves.

In: answers, or the learner's own engine.  Out: what is right, what is wrong and why.  Read check.py first: one check
for each stage of the course (texts in syllabus.py).  engine_stages.py and network_stages.py compare the learner's
answers.py with ours on small graphs (recipes.py), run by sandbox.py; wrong_passes.py finds which of the known
mistakes.py leads to them, and report.py answers.  exercises.py asks questions.py, and quiz.py for gradients worked out
by hand, on pages (answers.js, exercises.js, quiz.js, quiz.css).
"""

from autograd.lessons.exercises import exercises
from autograd.lessons.quiz import quiz

__all__ = ["exercises", "quiz"]
