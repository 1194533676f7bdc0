"""Predicate + source → which rows pass. `evaluator.evaluate` is the entrance.

One module for each family of values: `numbers`, `strings`, `json_values`, `arrays`. Each
answers for leaves only, with a `Verdict`; `evaluator` joins the answers.
"""
