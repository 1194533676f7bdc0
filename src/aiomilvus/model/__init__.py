"""The vocabulary that every layer speaks: types, schemas, columns, operations and results.

Nothing here performs I/O. `types`, `schema` and `operations` import no numeric library, so
that importing a client stays cheap; `columns` and `batch` need numpy.
"""
