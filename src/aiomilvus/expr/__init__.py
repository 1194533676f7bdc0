"""The filter language of Milvus: text → tokens → tree → bound to a schema → rows.

``parser.parse`` and ``bind.bind`` compile, ``evaluate.evaluate`` runs over a
``source.ColumnSource``; ``builder.col`` writes filters from Python. The modules are imported
by their names: `parser` and `builder` need no numeric library, `evaluate` needs numpy, and
RE2 and shapely are loaded by the first filter that uses them.
"""
