"""The course "build your own engine": what each stage asks for, and how the learner's code is checked.

In: the learner's class and functions.  Out: a report.  Read syllabus.py first, the texts of the stages (texts.py);
then engine_stages.py, network_stages.py, formula_stages.py and further_stages.py, which compare the learner's
answers.py with ours on small graphs (recipes.py, twins.py), run by sandbox.py.  wrong_passes.py finds which of the
known mistakes.py leads to the learner's numbers, and report.py answers.
"""
