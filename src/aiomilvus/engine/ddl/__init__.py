"""Handlers of operations that define things: one module per topic of `model.operations`.

Each handler is a function of the database and the operation. `engine.handlers` has the table.
"""
