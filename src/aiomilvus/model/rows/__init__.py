"""From what an application holds to columns: dicts, columns, tables, vectors of any kind.

`rows.batch` is the way in for whole rows, `rows.vectors` and `rows.sparse` for query vectors.
The caller's objects are only read. What is checked here is what decides whether a value fits
its column at all (kind, range, shape); lengths, capacities, NaN and the rest of Milvus' rules
are the engine's.
"""
