"""What each operation does: one module per noun, as in `model.operations`.

Each handler is a function of the database and the operation; `handlers` has the table.
"""
